package tui

import (
	"context"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/lockview"
	"zkdeck/lockctl"
)

const (
	// leasesPace is the least time between two looks at our leases.
	leasesPace = 33 * time.Millisecond
	// leaseGrace is how long the end of the program waits for znodes to be deleted, and
	// leaseClose for sessions to be closed then.
	leaseGrace = 2 * time.Second
	leaseClose = time.Second
	// defaultLeaseTimeout is the session timeout that is asked for unless a person
	// chooses another.
	defaultLeaseTimeout = 10 * time.Second
)

// heldLease is what the program asks of a lockctl.Lease. Nothing but Release blocks.
type heldLease interface {
	Node() string
	Dir() string
	Recipe() lockctl.Recipe
	Mode() lockctl.Mode
	Token() int64
	Session() int64
	Granted() time.Time
	State() lockctl.LeaseState
	Deadline() time.Time
	Changed() <-chan struct{}
	Asked() string
	Done() <-chan struct{}
	Err() error
	Release(ctx context.Context) error
}

// leaseTaker is what the program asks of a lockctl.Locker. The calls block until ctx
// ends.
type leaseTaker interface {
	Acquire(ctx context.Context) (heldLease, error)
	TryAcquire(ctx context.Context) (heldLease, error)
	Settled(ctx context.Context) error
}

// locker is lockctl's own.
type locker struct{ *lockctl.Locker }

func (k locker) Acquire(ctx context.Context) (heldLease, error) {
	l, err := k.Locker.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (k locker) TryAcquire(ctx context.Context) (heldLease, error) {
	l, err := k.Locker.TryAcquire(ctx)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// leaseDesk keeps the locks that a person takes: each is a claim with a session of its
// own, which goes on whatever screen is in front and whatever becomes of the session
// that browses. Its fields belong to whoever runs the model; a claim's goroutine uses
// those above claims alone, which do not change.
type leaseDesk struct {
	open    func(timeout time.Duration) (lockctl.Session, error)
	take    func(s lockctl.Session, path string, o lockctl.LockOptions) (leaseTaker, error)
	changed chan struct{} // news of any claim
	hard    context.Context
	endHard context.CancelFunc // ends releases that take too long

	grace time.Duration // see leaseGrace

	claims []*claim       // under way, and those that ended and were not taken note of
	past   []*claim       // others of which something may be left
	ours   map[int64]bool // the sessions of all, those that have ended too
	lastID int
	asked  bool // the wait for news has begun
	ended  bool // no more are taken
}

// newLeaseDesk makes the desk of a session.
func newLeaseDesk(o Options) *leaseDesk {
	d := &leaseDesk{changed: make(chan struct{}, 1), ours: map[int64]bool{}, grace: o.waits(leaseGrace)}
	d.hard, d.endHard = context.WithCancel(context.Background())
	d.open = func(timeout time.Duration) (lockctl.Session, error) {
		cfg := o.Session.Config()
		cfg.Timeout = timeout
		return lockview.OpenSession(cfg)
	}
	d.take = func(s lockctl.Session, path string, lo lockctl.LockOptions) (leaseTaker, error) {
		lo.Logger = o.Logger
		k, err := lockctl.NewLocker(s, path, lo)
		if err != nil {
			return nil, err
		}
		return locker{k}, nil
	}
	return d
}

// leasesChangedMsg tells that there is news of a claim.
type leasesChangedMsg struct{}

// tell signals news.
func (d *leaseDesk) tell() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// begin takes a lock, or queues for it, aside.
func (d *leaseDesk) begin(path string, want leaseWant) *claim {
	d.lastID++
	c := newClaim(d, d.lastID, path, want)
	d.claims = append(d.claims, c)
	go c.run()
	return c
}

// await waits for news, at the earliest after rest.
func (d *leaseDesk) await(ctx context.Context, rest time.Duration) tea.Cmd {
	d.asked = true
	return func() tea.Msg {
		pause := time.NewTimer(rest)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-d.changed:
			return leasesChangedMsg{}
		case <-ctx.Done():
			return nil
		}
	}
}

// at is the claim for a lock that is under way or lost and not taken note of, the
// newest of several; nil if there is none.
func (d *leaseDesk) at(path string) *claim {
	for _, c := range slices.Backward(d.claims) {
		if c.path == path && c.look().state != claimRefused {
			return c
		}
	}
	return nil
}

// drop takes a claim off the list; what it still has to do goes on.
func (d *leaseDesk) drop(c *claim) {
	if i := slices.Index(d.claims, c); i >= 0 {
		d.claims = slices.Delete(slices.Clone(d.claims), i, i+1)
		d.past = append(d.past, c)
	}
}

// active are the claims whose znode is there, or may be.
func (d *leaseDesk) active() []*claim {
	var out []*claim
	for _, c := range d.claims {
		if c.look().state.active() {
			out = append(out, c)
		}
	}
	return out
}

// learn notes the sessions of the claims, and forgets the claims of which nothing is
// left. It returns true if there are other sessions than before.
func (d *leaseDesk) learn() bool {
	n := len(d.ours)
	for _, c := range d.claims {
		if id := c.look().session.ID; id != 0 {
			d.ours[id] = true
		}
	}
	d.past = slices.DeleteFunc(d.past, func(c *claim) bool {
		select {
		case <-c.done:
			return true
		default:
			return false
		}
	})
	return len(d.ours) != n
}

// closer returns what releases everything, cancels what waits and closes the sessions.
// That blocks for some seconds at most, and returns what is to be said of it. No
// claim begins from now on. It may be called again, also while another runs.
func (d *leaseDesk) closer() func() []string {
	d.ended = true
	all := slices.Concat(d.past, d.claims)
	return func() []string {
		var done sync.WaitGroup
		for _, c := range all {
			c.leave()
			done.Go(func() { <-c.done })
		}
		ended := make(chan struct{})
		go func() {
			done.Wait()
			close(ended)
		}()
		if !doneWithin(ended, d.grace) {
			d.endHard()
			doneWithin(ended, leaseClose)
		}
		d.endHard()
		var lines []string
		for _, c := range all {
			if text := c.farewell(); text != "" {
				lines = append(lines, text)
			}
		}
		return lines
	}
}

// doneWithin tells whether ended is closed in time.
func doneWithin(ended <-chan struct{}, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-ended:
		return true
	case <-timer.C:
		return false
	}
}
