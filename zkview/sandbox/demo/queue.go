package demo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

// A queue as in ZooKeeper's recipes: persistent sequential znodes queue-N, of which a
// consumer takes the lowest by deleting it.
const (
	queueDir  = "/jobs" // at the top, where a closed tree shows that its number changes
	queueFull = 15
)

func job(r *rand.Rand) []byte {
	return fmt.Appendf(nil, `{"image":%d,"size":"%dx%[2]d"}`, 45000+r.IntN(5000), 64<<r.IntN(4))
}

// queueCast is a producer and two consumers.
func queueCast() []part {
	all := []part{{host: "upload-1", ip: "10.90.0.2", enters: span{1, 3}, rests: span{5, 10}, work: produce}}
	for i := range 2 {
		all = append(all, part{
			host: fmt.Sprintf("thumbnailer-%d", i+1), ip: fmt.Sprintf("10.90.0.%d", 11+i),
			enters: span{4, 10}, rests: span{5, 10}, work: consume,
		})
	}
	return all
}

func produce(v *visit) error {
	for {
		names, err := v.Children(queueDir, nil)
		if err != nil && !errors.Is(err, wire.NoNode) {
			return err
		}
		if len(names) < queueFull {
			if _, err := v.put(queueDir+"/queue-", job(v.rng), sandbox.Persistent|sandbox.Sequential, sandbox.Persistent); err != nil {
				return err
			}
		}
		if err := v.wait(span{14, 30}); err != nil {
			return err
		}
	}
}

func consume(v *visit) error {
	filled := newSignal()
	for {
		taken, err := takeJob(v, filled)
		if err != nil {
			return err
		}
		if taken {
			if err := v.wait(span{28, 60}); err != nil {
				return err
			}
			continue
		}
		// The watch does not tell of the session's end: every so often this asks again.
		again := time.NewTimer(v.seconds(beat))
		select {
		case <-filled.c:
		case <-again.C:
		case <-v.ctx.Done():
		}
		again.Stop()
		if err := v.ctx.Err(); err != nil {
			return err
		}
	}
}

// takeJob takes the first job. False is that there is none, and that filled will
// tell of the next.
func takeJob(v *visit, filled *signal) (bool, error) {
	watch := filled.arm()
	names, err := v.Children(queueDir, watch)
	if errors.Is(err, wire.NoNode) { // which left no watch
		_, there, err := v.Exists(queueDir, watch)
		if there { // made in between
			filled.fire()
		}
		return false, err
	}
	if err != nil {
		return false, err
	}
	slices.Sort(names)
	for _, n := range names {
		if !strings.HasPrefix(n, "queue-") {
			continue
		}
		switch err := v.Delete(queueDir+"/"+n, -1); {
		case err == nil:
			return true, nil
		case errors.Is(err, wire.NoNode), errors.Is(err, wire.NotEmpty), errors.Is(err, wire.NoAuth):
			// the other consumer was faster, or a person has made it theirs
		default:
			return false, err
		}
	}
	return false, nil
}
