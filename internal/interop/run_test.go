//go:build interop

package interop

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"zkdeck/lockctl"
)

// taker takes a lock in this process: lockctl's, go-zookeeper's or one by hand.
type taker interface {
	// connect begins a session; the last one, if any, was closed.
	connect(ctx context.Context) (session int64, err error)
	// take waits for the lock as long as ctx lasts.
	take(ctx context.Context) (grant, error)
	// give lets go; it tells whether the znode was there until then.
	give() (stood bool, err error)
	mode() string
	close()
}

// grant is a lock that was granted.
type grant struct {
	node  string
	token int64            // 0: it has none
	doubt <-chan struct{}  // closed when it does not say any more that it is held; nil: it never says so
	until func() time.Time // until when it is certain that nobody else has it; nil: that is not known
}

// run has a taker take a lock and keep it until told.
func run(t *testing.T, name string, k taker, w *witness) *party {
	p := newParty(t, name)
	ctx, leave := context.WithCancel(t.Context())
	p.leave = leave
	ended := make(chan struct{})
	t.Cleanup(func() {
		leave()
		<-ended
	})
	go func() {
		defer close(ended)
		defer k.close()
		why := once(ctx, p, k, w)
		p.tell(peerEvent{Is: "over", Why: why})
	}()
	return p
}

func once(ctx context.Context, p *party, k taker, w *witness) string {
	var err error
	if p.session, err = k.connect(ctx); err != nil {
		return err.Error()
	}
	close(p.ready)
	g, err := k.take(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return "gave up"
	case err != nil:
		return err.Error()
	}
	w.enter(p.name, k.mode(), g)
	p.tell(peerEvent{Is: "holds"})
	<-ctx.Done()
	w.write("leave %s", p.name)
	if _, err := k.give(); err != nil {
		return err.Error()
	}
	return ""
}

// runAgain has a taker take a lock again and again, every so often for at most so long,
// until told.
func runAgain(t *testing.T, name string, k taker, w *witness, most time.Duration) *party {
	p := newParty(t, name)
	stop := make(chan struct{})
	p.leave = sync.OnceFunc(func() { close(stop) })
	ended := make(chan struct{})
	t.Cleanup(func() {
		p.leave()
		<-ended
	})
	go func() {
		defer close(ended)
		defer func() { k.close() }()
		h := hammer{p: p, k: k, w: w, most: most, random: rand.New(rand.NewPCG(7, uint64(len(name))))}
		for ctx := t.Context(); ctx.Err() == nil; {
			err := h.blows(ctx, stop)
			if err == nil {
				break
			}
			p.fails.Add(1)
			t.Logf("%s begins anew: %v", name, err)
			k.close()
		}
		p.tell(peerEvent{Is: "over"})
	}()
	return p
}

// hammer takes a lock again and again.
type hammer struct {
	p      *party
	k      taker
	w      *witness
	most   time.Duration
	random *rand.Rand
}

// blows is one session's, until it fails or is told to stop.
func (h hammer) blows(ctx context.Context, stop <-chan struct{}) error {
	id, err := h.k.connect(ctx)
	if err != nil {
		return err
	}
	if h.p.session == 0 {
		h.p.session = id
		close(h.p.ready)
	}
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		if err := h.blow(ctx); err != nil {
			return err
		}
		time.Sleep(time.Duration(h.random.IntN(4_000)) * time.Microsecond) // so that it is not always the same order
	}
}

func (h hammer) blow(ctx context.Context) error {
	if h.most > 0 && h.random.IntN(5) == 0 {
		brief, cancel := context.WithTimeout(ctx, h.most)
		defer cancel()
		ctx = brief
	}
	g, err := h.k.take(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, lockctl.ErrBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	h.w.enter(h.p.name, h.k.mode(), g)
	h.p.tell(peerEvent{Is: "holds"})
	if u, ok := h.k.(*ours); ok {
		u.first(ctx, h.p.t, g)
	}
	select {
	case <-g.doubt:
	case <-time.After(time.Duration(1_000+h.random.IntN(7_000)) * time.Microsecond):
	}
	h.w.write("leave %s", h.p.name)
	if g.until != nil {
		h.w.write("until %s %d", h.p.name, g.until().UnixNano())
	}
	stood, err := h.k.give()
	h.w.write("stood %s %s", h.p.name, map[bool]string{true: "yes", false: "no"}[stood])
	return err
}
