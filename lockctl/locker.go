package lockctl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

// What taking and keeping a lock fails with, wrapped, beside what a [Session] fails
// with: test with errors.Is.
var (
	// ErrBusy: others hold the lock; the error is a [*BusyError].
	ErrBusy = errors.New("others hold the lock")
	// ErrHeldAlready: this handle holds the lock, or waits for it.
	ErrHeldAlready = errors.New("this handle holds the lock or waits for it")
	// ErrNotHeld: the lease was released or lost before.
	ErrNotHeld = errors.New("the lock is not held any more")
	// ErrLost: the lock was lost while it was held: others may hold it.
	ErrLost = errors.New("the lock is lost")
	// ErrMixed: recipes meet in the directory that do not respect each other.
	ErrMixed = errors.New("recipes meet here that do not respect each other")
	// ErrForeign: what is in the directory is no lock that can be joined.
	ErrForeign = errors.New("this is no lock that can be joined")
	// ErrExhausted: the directory's counter is at its end, or so near that queues break.
	ErrExhausted = errors.New("the sequence numbers of the directory are used up")
	// ErrSlots: others take the semaphore to have another number of places.
	ErrSlots = errors.New("others count another number of places")
)

// LockOptions say how a lock is taken. The zero value takes a mutex, in the recipe that
// is queued there already.
type LockOptions struct {
	// Recipe is whose names and rule are used; "" is the one that is queued there, and in
	// an empty directory the one that most clients respect: [CuratorMutex],
	// [CuratorRWLock] for a Read or Write, [CuratorSemaphore] for Slots.
	Recipe Recipe
	Mode   Mode // "" or Exclusive; Read or Write of a read-write lock
	Slots  int  // above 0: one of so many places
	// Identity is what others see of us, where the recipe leaves the value free.
	Identity string
	// Force joins a directory that is mixed, unknown or near its counter's end, where
	// nothing promises that there is one holder.
	Force bool
	// Eager has each of us watch, while it waits for the one before it, the one before that
	// too, so as to have listed the queue again when its turn comes: it then takes the lock
	// on the event also in a long queue, a round trip earlier. The price is that each release
	// is told to two sessions and not to one, of which the second only reads.
	Eager bool
	ACL   []zk.ACL // of our znodes and of parents that are made; nil: open to all
	// Observe, if not nil, is called with each step as it happens, never by two at once.
	// It must not block, and must not call the Locker or the Lease.
	Observe func(Step)
	Now     func() time.Time // nil: time.Now
	Logger  *slog.Logger     // nil: none
}

// BusyError says who holds a lock that was not waited for. It is an [ErrBusy].
type BusyError struct {
	Path    string
	Holder  string // who it says to be, safe to print; "" where it says nothing
	Node    string // its znode
	Session int64  // its owner; 0: not known
	Waiting int    // how many wait
}

func (e *BusyError) Error() string {
	who := ""
	if e.Holder != "" {
		who = " by " + e.Holder
	}
	return fmt.Sprintf("%s is held%s (%s), %d waiting", clean(e.Path), who, clean(e.Node), e.Waiting)
}

// Is makes it an [ErrBusy].
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// Locker takes one lock on one session, again and again. It is one handle: while it
// holds the lock or waits for it, Acquire and TryAcquire fail with [ErrHeldAlready].
// Several on one session exclude each other like any others.
type Locker struct {
	s    Session
	path string
	o    LockOptions

	mu     sync.Mutex
	busy   bool
	free   chan struct{} // closed when busy ends
	lease  *Lease        // while busy; nil: it waits
	format *format       // of the last lease; nil: there was none
	clear  chan struct{} // closed when our last znode is gone; nil: it is
	jobs   int
	idle   chan struct{} // closed when jobs is 0

	telling sync.Mutex // held while Observe is called
}

// NewLocker makes a handle for the lock at path. It sends nothing. It fails where the
// path is none, and where the options ask for what no recipe has or what cannot be
// taken; the error says which can.
func NewLocker(s Session, path string, o LockOptions) (*Locker, error) {
	if path == "/" || !strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") {
		return nil, fmt.Errorf("lock %s: it is a path that begins with / and does not end so", clean(path))
	}
	if _, err := formatFor(o.Recipe, o.Mode, o.Slots); err != nil {
		return nil, fmt.Errorf("lock %s: %w", clean(path), err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ACL == nil {
		o.ACL = zk.WorldACL(zk.PermAll)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Locker{s: s, path: path, o: o}, nil
}

// Acquire takes the lock, and waits for it as long as ctx lasts, which is one limit for
// all of it. When it fails, no znode of ours is left, or its deletion goes on in the
// background, with a context of its own: see [Locker.Settled]. It never returns nil and
// nil. It fails with [ErrEnded] when the session ends; with a session that lives it may
// be called again, also after a loss.
func (k *Locker) Acquire(ctx context.Context) (*Lease, error) { return k.acquire(ctx, false) }

// TryAcquire takes the lock if nobody holds it or is before us, and fails with a
// [*BusyError] otherwise. It leaves no znode then, as Acquire.
func (k *Locker) TryAcquire(ctx context.Context) (*Lease, error) { return k.acquire(ctx, true) }

// Acquire takes a lock with a [Locker] that is used once.
func Acquire(ctx context.Context, s Session, path string, o LockOptions) (*Lease, error) {
	k, err := NewLocker(s, path, o)
	if err != nil {
		return nil, err
	}
	return k.Acquire(ctx)
}

// TryAcquire takes a lock without waiting with a [Locker] that is used once.
func TryAcquire(ctx context.Context, s Session, path string, o LockOptions) (*Lease, error) {
	k, err := NewLocker(s, path, o)
	if err != nil {
		return nil, err
	}
	return k.TryAcquire(ctx)
}
