package lockctl_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// handle is a Locker whose steps are kept.
type handle struct {
	*lockctl.Locker
	t *testing.T

	mu    sync.Mutex
	steps []lockctl.Step
	next  int           // the first that nobody waited for
	more  chan struct{} // closed at the next step
}

func (p *player) handle(path string, o lockctl.LockOptions) *handle {
	p.t.Helper()
	h := &handle{t: p.t, more: make(chan struct{})}
	o.Observe = h.observe
	k, err := lockctl.NewLocker(p.s, path, o)
	if err != nil {
		p.t.Fatal(err)
	}
	h.Locker = k
	return h
}

func (h *handle) observe(s lockctl.Step) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.steps = append(h.steps, s)
	close(h.more)
	h.more = make(chan struct{})
}

// await waits for a step of a kind behind those that were waited for before.
func (h *handle) await(kind lockctl.StepKind) lockctl.Step {
	h.t.Helper()
	late := time.After(patience)
	for {
		h.mu.Lock()
		for h.next < len(h.steps) {
			step := h.steps[h.next]
			h.next++
			if step.Kind == kind {
				h.mu.Unlock()
				return step
			}
		}
		more := h.more
		h.mu.Unlock()
		select {
		case <-more:
		case <-late:
			h.t.Fatalf("in vain: %s after %s", kind, h.told())
		}
	}
}

// count is how many steps of a kind there were.
func (h *handle) count(kind lockctl.StepKind) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, s := range h.steps {
		if s.Kind == kind {
			n++
		}
	}
	return n
}

// told is what happened, for a test that failed.
func (h *handle) told() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	for _, s := range h.steps {
		fmt.Fprintf(&b, " %s", s.Kind)
		if s.Before != "" {
			fmt.Fprintf(&b, "(%s)", s.Before)
		}
		if s.Why != "" {
			fmt.Fprintf(&b, "(%s)", s.Why)
		}
	}
	return b.String()
}

// take acquires a lock that is free, or soon is.
func (h *handle) take() *lockctl.Lease {
	h.t.Helper()
	a := h.start()
	return a.granted()
}

// take acquires a lock in the recipe that is there already.
func (p *player) take(path string) *lockctl.Lease {
	p.t.Helper()
	return p.handle(path, lockctl.LockOptions{}).take()
}

// attempt is an Acquire in the background.
type attempt struct {
	*handle
	cancel context.CancelFunc
	done   chan struct{}
	lease  *lockctl.Lease // these once done is closed
	err    error
}

// start begins to acquire, without a limit.
func (h *handle) start() *attempt {
	return h.startFor(context.Background())
}

// startFor begins to acquire for as long as a context lasts.
func (h *handle) startFor(lasting context.Context) *attempt {
	ctx, cancel := context.WithCancel(lasting)
	a := &attempt{handle: h, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(a.done)
		a.lease, a.err = h.Acquire(ctx)
	}()
	h.t.Cleanup(func() {
		cancel()
		<-a.done
	})
	return a
}

// queue begins to acquire and waits until it waits.
func (p *player) queue(path string, o lockctl.LockOptions) *attempt {
	p.t.Helper()
	a := p.handle(path, o).start()
	a.await(lockctl.StepWatch)
	return a
}

// ended waits for the end of Acquire.
func (a *attempt) ended() (*lockctl.Lease, error) {
	a.t.Helper()
	select {
	case <-a.done:
	case <-time.After(patience):
		a.t.Fatalf("in vain: Acquire returns;%s", a.told())
	}
	if (a.lease == nil) == (a.err == nil) {
		a.t.Fatalf("Acquire returned %s, %v", who(a.lease), a.err)
	}
	return a.lease, a.err
}

func (a *attempt) granted() *lockctl.Lease {
	a.t.Helper()
	lease, err := a.ended()
	if err != nil {
		a.t.Fatalf("Acquire: %v;%s", err, a.told())
	}
	return lease
}

// who is a lease that may be nil, for a message.
func who(l *lockctl.Lease) string {
	if l == nil {
		return "no lease"
	}
	return "a lease of " + l.Node()
}

// failed waits for Acquire to fail with one of the errors.
func (a *attempt) failed(want ...error) {
	a.t.Helper()
	lease, err := a.ended()
	if lease != nil {
		a.t.Fatalf("granted %s;%s", lease.Node(), a.told())
	}
	if !slices.ContainsFunc(want, func(w error) bool { return errors.Is(err, w) }) {
		a.t.Errorf("Acquire: %v, want %v;%s", err, want, a.told())
	}
}

// waits fails the test if Acquire has returned.
func (a *attempt) waits() {
	a.t.Helper()
	select {
	case <-a.done:
		a.t.Fatalf("Acquire returned %s, %v;%s", who(a.lease), a.err, a.told())
	default:
	}
}

// settled waits until nothing goes on behind an Acquire or Release that has returned.
func (h *handle) settled() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.Settled(ctx); err != nil {
		h.t.Fatalf("settling: %v;%s", err, h.told())
	}
}

// release gives a lock back.
func release(t *testing.T, l *lockctl.Lease) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.Release(ctx); err != nil {
		t.Fatalf("releasing %s: %v", l.Node(), err)
	}
}

// becomes waits until a lease is in a state.
func becomes(t *testing.T, l *lockctl.Lease, want lockctl.LeaseState) {
	t.Helper()
	until(t, fmt.Sprintf("the lease is %s", want), func() bool { return l.State() == want })
}

// lost waits until the holder is told of its loss.
func lost(t *testing.T, l *lockctl.Lease) {
	t.Helper()
	select {
	case <-l.Done():
	case <-time.After(patience):
		t.Fatalf("in vain: the lease is lost; it is %s", l.State())
	}
	if !errors.Is(l.Err(), lockctl.ErrLost) || l.State() != lockctl.LeaseLost {
		t.Errorf("lost: %v, %s", l.Err(), l.State())
	}
}

// lives fails the test if the lease has ended.
func lives(t *testing.T, l *lockctl.Lease) {
	t.Helper()
	select {
	case <-l.Done():
		t.Fatalf("the lease has ended: %v", l.Err())
	default:
	}
}

// sprung waits until a trap of a relay has sprung.
func sprung(t *testing.T, trap *zktest.Trap) {
	t.Helper()
	if !springs(trap) {
		t.Fatal("in vain: the request that the relay waits for")
	}
}

func springs(trap *zktest.Trap) bool {
	select {
	case <-trap.Sprung():
		return true
	case <-time.After(patience):
		return false
	}
}

// enters matches the creation of a contender in a directory.
func enters(dir string) func(zktest.Request) bool {
	return func(q zktest.Request) bool { return q.Creates() && strings.HasPrefix(q.Path, dir+"/") }
}

// deletes matches the deletion of a contender in a directory.
func deletes(dir string) func(zktest.Request) bool {
	return func(q zktest.Request) bool {
		return q.Op == zktest.OpDelete && strings.HasPrefix(q.Path, dir+"/")
	}
}

// through opens a session on the scene's server through a relay.
func (s *scene) through(timeout time.Duration) (*player, *zktest.Relay) {
	s.t.Helper()
	r := zktest.NewRelay(s.t, s.addr)
	return play(s.t, r.Addr(), timeout), r
}

// soon is a context for what must not take long.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// handmade is Curator's name of a contender, up to its number.
func handmade(i int) string { return fmt.Sprintf(protected, i) }
