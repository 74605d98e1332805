package tui

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"zkdeck/lockctl"
)

// fakeLease is a lease that a test moves.
type fakeLease struct {
	mu                sync.Mutex
	state             lockctl.LeaseState
	granted, deadline time.Time
	asked             string
	err, refuses      error // refuses: what Release fails with
	hangs             bool  // Release waits for the end of its context
	changed, done     chan struct{}
}

var _ heldLease = (*fakeLease)(nil)

func newFakeLease() *fakeLease {
	return &fakeLease{
		state: lockctl.LeaseHeld, granted: lockStart.Add(-72 * time.Second), deadline: lockStart.Add(8500 * time.Millisecond),
		changed: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

func (l *fakeLease) Node() string              { return "_c_5d3b1c1e-lock-0000000033" }
func (l *fakeLease) Dir() string               { return "/uk/lock" }
func (l *fakeLease) Recipe() lockctl.Recipe    { return lockctl.CuratorMutex }
func (l *fakeLease) Mode() lockctl.Mode        { return lockctl.Exclusive }
func (l *fakeLease) Token() int64              { return 0x2f0a1 }
func (l *fakeLease) Session() int64            { return 0x100000000000b }
func (l *fakeLease) Granted() time.Time        { return l.granted }
func (l *fakeLease) Deadline() time.Time       { return l.deadline }
func (l *fakeLease) Changed() <-chan struct{}  { return l.changed }
func (l *fakeLease) Done() <-chan struct{}     { return l.done }
func (l *fakeLease) Asked() string             { l.mu.Lock(); defer l.mu.Unlock(); return l.asked }
func (l *fakeLease) Err() error                { l.mu.Lock(); defer l.mu.Unlock(); return l.err }
func (l *fakeLease) State() lockctl.LeaseState { l.mu.Lock(); defer l.mu.Unlock(); return l.state }

// set changes it and tells.
func (l *fakeLease) set(change func(l *fakeLease)) {
	l.mu.Lock()
	change(l)
	l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// lose loses it.
func (l *fakeLease) lose(why string) {
	l.set(func(l *fakeLease) {
		l.state, l.err = lockctl.LeaseLost, fmt.Errorf("/uk/lock: %w: %s", lockctl.ErrLost, why)
	})
	close(l.done)
}

func (l *fakeLease) Release(ctx context.Context) error {
	l.mu.Lock()
	hangs, refuses := l.hangs, l.refuses
	l.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return fmt.Errorf("release /uk/lock: %w", ctx.Err())
	}
	if refuses != nil {
		return refuses
	}
	l.set(func(l *fakeLease) { l.state, l.err = lockctl.LeaseReleased, lockctl.ErrNotHeld })
	return nil
}

// fakeOutcome is what a fakeTaker's acquisition leads to.
type fakeOutcome struct {
	lease *fakeLease
	err   error
}

// fakeTaker acquires when a test says so.
type fakeTaker struct {
	o       lockctl.LockOptions
	outcome chan fakeOutcome
	tried   bool
}

func (k *fakeTaker) Acquire(ctx context.Context) (heldLease, error) {
	k.o.Observe(lockctl.Step{At: lockStart, Kind: lockctl.StepLook, Of: 3})
	select {
	case out := <-k.outcome:
		if out.err != nil {
			return nil, out.err
		}
		return out.lease, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("take /uk/lock: %w", ctx.Err())
	}
}

func (k *fakeTaker) TryAcquire(ctx context.Context) (heldLease, error) {
	k.tried = true
	return k.Acquire(ctx)
}

func (k *fakeTaker) Settled(context.Context) error { return nil }

// fakeSession has a status, and no more.
type fakeSession struct {
	lockctl.Session
	status lockctl.SessionStatus
	closed chan struct{}
	once   sync.Once
}

func (s *fakeSession) Status() lockctl.SessionStatus { return s.status }

func (s *fakeSession) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func newFakeSession() *fakeSession {
	return &fakeSession{closed: make(chan struct{}), status: lockctl.SessionStatus{
		State: lockctl.SessionLive, ID: 0x100000000000b, Timeout: 10 * time.Second, Server: "10.0.0.3:2181",
	}}
}

// fakeDesk takes locks as a test says.
type fakeDesk struct {
	*leaseDesk
	t       *testing.T
	session *fakeSession
	taker   *fakeTaker
}

func newFakeDesk(t *testing.T) *fakeDesk {
	d := &fakeDesk{leaseDesk: newLeaseDesk(Options{}), t: t, session: newFakeSession(), taker: &fakeTaker{outcome: make(chan fakeOutcome, 1)}}
	d.open = func(time.Duration) (lockctl.Session, error) { return d.session, nil }
	d.take = func(_ lockctl.Session, path string, o lockctl.LockOptions) (leaseTaker, error) {
		if path == "bad" {
			return nil, errors.New("lock bad: a path begins with /")
		}
		d.taker.o = o
		return d.taker, nil
	}
	t.Cleanup(func() { d.closer()() })
	return d
}

// until waits for news until a claim stands so.
func (d *fakeDesk) until(c *claim, state claimState) claimView {
	d.t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for {
		if v := c.look(); v.state == state {
			return v
		}
		select {
		case <-d.changed:
		case <-deadline.C:
			d.t.Fatalf("it is %s, not %s", c.look().state.word(), state.word())
		}
	}
}

// still is a claim that stands as a test says and does not move.
func (d *fakeDesk) still(path string, lease *fakeLease, change func(*claim)) *claim {
	d.lastID++
	c := newClaim(d.leaseDesk, d.lastID, path, leaseWant{timeout: 10 * time.Second, wait: 30 * time.Second})
	c.begun, c.session = lockStart.Add(-12*time.Second), d.session
	if lease != nil {
		c.lease = lease
	}
	if change != nil {
		change(c)
	}
	close(c.done)
	d.claims = append(d.claims, c)
	return c
}

// queueing are the steps of a claim that waits.
func queueing(c *claim) {
	at := lockStart.Add(-12 * time.Second)
	for _, s := range []lockctl.Step{
		{Kind: lockctl.StepLook, Of: 3},
		{Kind: lockctl.StepCreate, Node: "_c_5d3b1c1e-lock-0000000033"},
		{Kind: lockctl.StepList, Node: "_c_5d3b1c1e-lock-0000000033", Position: 3, Of: 4, Before: "n-0000000003"},
		{Kind: lockctl.StepWatch, Node: "_c_5d3b1c1e-lock-0000000033", Position: 3, Of: 4, Before: "n-0000000003"},
	} {
		at = at.Add(1300 * time.Microsecond)
		s.At = at
		c.step(s)
	}
}
