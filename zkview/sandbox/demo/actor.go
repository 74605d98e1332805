package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

// sessionTimeout is what the actors ask for. Their sessions need no pings.
const sessionTimeout = 30 * time.Second

// All durations of the story are in its seconds, see [Options.Pace].
const (
	beat       = 2.0  // how often an actor looks whether what it holds is still there
	maxBackOff = 30.0 // how long an actor waits at most before it tries again
)

// part is a process of the story before it has begun.
type part struct {
	host, ip string
	enters   span // how long after the start
	rests    span // between two sessions
	work     func(*visit) error
}

// span is between two durations, in seconds of the story.
type span struct{ from, to float64 }

// actor is a process of the story. It opens one session after the other.
type actor struct {
	part
	life *Life
	rng  *rand.Rand // of its goroutine alone
}

// visit is one session of an actor.
type visit struct {
	*actor
	client *sandbox.Client
	ctx    context.Context // of the life: this goroutine serves nothing else
}

// run plays until ctx ends. Whatever goes wrong ends a session and begins another
// one, later each time, whether a person took its nodes, or it expired, or the
// server answers nobody.
func (a *actor) run(ctx context.Context) {
	if a.pause(ctx, a.within(a.enters)) != nil {
		return
	}
	for failures := 0; ctx.Err() == nil; {
		began := time.Now()
		err := a.session(ctx)
		rest := a.within(a.rests)
		switch {
		case err == nil:
			failures = 0
		case time.Since(began) > a.seconds(maxBackOff):
			failures, rest = 1, a.backOff(1)
		default:
			failures++
			rest = a.backOff(failures)
		}
		if a.pause(ctx, rest) != nil {
			return
		}
	}
}

// session is one session from its beginning to its end.
func (a *actor) session(ctx context.Context) error {
	c, err := a.life.server.Open(fmt.Sprintf("%s:%d", a.ip, 32768+a.rng.IntN(28000)), sessionTimeout)
	if err != nil {
		return err
	}
	defer c.Close()
	return a.work(&visit{actor: a, client: c, ctx: ctx})
}

// backOff is how long to wait after so many failures in a row.
func (a *actor) backOff(failures int) time.Duration {
	return a.within(span{1, min(maxBackOff, float64(int(2)<<min(failures, 8)))})
}

// seconds is so many seconds of the story, never nothing: an actor that did not wait
// at all could spin.
func (a *actor) seconds(s float64) time.Duration {
	return max(time.Duration(s*float64(a.life.options.Pace)), 100*time.Microsecond)
}

// within is a duration by chance.
func (a *actor) within(s span) time.Duration {
	return a.seconds(s.from + a.rng.Float64()*(s.to-s.from))
}

// chance is true so often of a hundred times.
func (a *actor) chance(percent int) bool { return a.rng.IntN(100) < percent }

// pause waits. Its error is that of ctx.
func (a *actor) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait waits between two steps of a session.
func (v *visit) wait(s span) error { return v.pause(v.ctx, v.within(s)) }

// owns reports whether the znode is there and of this session.
func (v *visit) owns(path string, watch func()) (bool, error) {
	st, ok, err := v.Exists(path, watch)
	return ok && st.EphemeralOwner == v.client.Session(), err
}

// hold is what an actor does while it has an ephemeral znode: every so often, and
// when wake (nil: none) tells, it calls do (nil: nothing).
type hold struct {
	path  string
	wake  *signal
	every float64
	do    func() error
}

// during holds for d, or until the znode is gone, which it tells by false.
func (v *visit) during(d time.Duration, h hold) (bool, error) {
	end := time.NewTimer(d)
	defer end.Stop()
	if h.every == 0 {
		h.every = beat
	}
	if h.wake == nil {
		h.wake = newSignal()
	}
	gone := newSignal()
	for {
		// The watch tells at once that the node was deleted. It does not tell of the
		// session's end: for that the node is looked at with every beat.
		if ok, err := v.owns(h.path, gone.arm()); !ok || err != nil {
			return false, err
		}
		if h.do != nil {
			if err := h.do(); err != nil {
				return false, err
			}
		}
		again := time.NewTimer(v.seconds(h.every))
		select {
		case <-again.C:
		case <-gone.c:
		case <-h.wake.c:
		case <-end.C:
			again.Stop()
			return true, nil
		case <-v.ctx.Done():
			again.Stop()
			return false, v.ctx.Err()
		}
		again.Stop()
	}
}

// put creates a znode, and its parents where they are gone: as containers, or as
// the recipe has it, as persistent ones.
func (v *visit) put(path string, data []byte, mode, parents sandbox.CreateMode) (string, error) {
	for range 3 {
		made, err := v.Create(path, data, mode)
		if !errors.Is(err, wire.NoNode) {
			return made, err
		}
		if err := v.makeParents(path, parents); err != nil {
			return "", err
		}
	}
	return "", wire.NoNode // somebody deletes as fast as this one creates
}

// makeParents creates what is missing above path.
func (v *visit) makeParents(path string, mode sandbox.CreateMode) error {
	for i := 1; i < len(path); i++ {
		if path[i] != '/' {
			continue
		}
		if _, err := v.Create(path[:i], nil, mode); err != nil && !errors.Is(err, wire.NodeExists) {
			return err
		}
	}
	return nil
}

// drop deletes a znode that may be gone.
func (v *visit) drop(path string) error {
	if err := v.Delete(path, -1); err != nil && !errors.Is(err, wire.NoNode) {
		return err
	}
	return nil
}
