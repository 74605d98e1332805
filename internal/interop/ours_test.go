//go:build interop

package interop

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"zkdeck/internal/lockview"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// ours is lockctl's.
type ours struct {
	addr, path string
	timeout    time.Duration
	o          lockctl.LockOptions
	tries      bool // every so often it does not wait at all

	s      lockctl.Session
	locker *lockctl.Locker
	lease  *lockctl.Lease

	mu    sync.Mutex
	steps []lockctl.Step
}

// newOurs is one of ours, that takes the lock at path.
func newOurs(addr, path string, timeout time.Duration, o lockctl.LockOptions) *ours {
	u := &ours{addr: addr, path: path, timeout: timeout, o: o}
	u.o.Observe = func(s lockctl.Step) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.steps = append(u.steps, s)
	}
	return u
}

func (u *ours) connect(ctx context.Context) (int64, error) {
	s, err := lockview.OpenSession(zkview.Config{Servers: u.addr, Timeout: u.timeout})
	if err != nil {
		return 0, err
	}
	u.mu.Lock()
	u.s = s
	u.mu.Unlock()
	events := s.Events()
	defer events.Close()
	for s.Status().State != lockctl.SessionLive {
		if _, err := events.Next(ctx); err != nil {
			return 0, err
		}
	}
	u.locker, err = lockctl.NewLocker(s, u.path, u.o)
	return s.Status().ID, err
}

func (u *ours) take(ctx context.Context) (grant, error) {
	acquire := u.locker.Acquire
	if u.tries && rand.IntN(8) == 0 {
		acquire = u.locker.TryAcquire
	}
	l, err := acquire(ctx)
	if err != nil {
		return grant{}, errors.Join(err, u.settled()) // its znode may be there still
	}
	u.lease = l
	doubt := make(chan struct{})
	go func() {
		defer close(doubt)
		for l.State() == lockctl.LeaseHeld {
			select {
			case <-l.Changed():
			case <-l.Done():
			}
		}
	}()
	return grant{l.Node(), l.Token(), doubt, l.Deadline}, nil
}

// first fails the test if somebody is queued before who holds alone. Whoever was there
// when the lock was granted, and has not gone since, is in any later listing.
func (u *ours) first(ctx context.Context, t *testing.T, g grant) {
	if u.mode() != string(lockctl.Exclusive) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	names, _, err := u.s.List(ctx, u.lease.Dir(), false)
	if err != nil || u.lease.State() != lockctl.LeaseHeld {
		return // it does not hold any more, or does not know
	}
	for _, n := range names {
		if n != g.node && sequence(n) < sequence(g.node) {
			t.Errorf("%s holds, and %s is queued before it", g.node, n)
		}
	}
}

func (u *ours) give() (bool, error) {
	err := u.lease.Release(context.Background())
	if err == nil {
		err = u.settled()
	}
	return err == nil, err
}

// settled waits for what goes on by itself: a place of a semaphore is had before its queue is
// left for certain.
func (u *ours) settled() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return u.locker.Settled(ctx)
}

func (u *ours) mode() string {
	switch {
	case u.o.Slots > 0:
		return string(lockctl.Place)
	case u.o.Mode == "":
		return string(lockctl.Exclusive)
	}
	return string(u.o.Mode)
}

func (u *ours) close() {
	if u.s != nil {
		_ = u.s.Close()
	}
}

// status is how its session stands, and the last steps that it took.
func (u *ours) status() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.s == nil {
		return "no session"
	}
	st := u.s.Status()
	text := fmt.Sprintf("session 0x%x state %d %s since %s proven %s, steps:", uint64(st.ID), st.State, st.Why, st.Since, st.Proven)
	for _, s := range u.steps[max(0, len(u.steps)-6):] {
		text += fmt.Sprintf("\n\t%s %s %s %s %s", s.At.Format(exact), s.Kind, s.Node, s.Before, s.Why)
	}
	return text
}

// taken are the steps that it took.
func (u *ours) taken() []lockctl.Step {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.steps)
}

// watched is the znode that it said last to wait for.
func (u *ours) watched() string {
	before := ""
	for _, s := range u.taken() {
		if s.Kind == lockctl.StepWatch {
			before = s.Before
		}
	}
	return before
}
