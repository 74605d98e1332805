package lockctl

import (
	"errors"
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
	// LeaseReleasing: Release was called, and the server may have deleted our znode by now
	// and granted the lock to another.
	LeaseReleasing LeaseState = "releasing"
	LeaseLost      LeaseState = "lost"
	LeaseReleased  LeaseState = "released"
)

// Lease is a lock that was granted, until it is released or lost. All methods may be
// called from anywhere.
type Lease struct {
	k       *Locker
	t       *ticket // whoever has set releasing or final deletes it
	dir     string
	node    string
	token   int64
	session int64
	granted time.Time

	changed chan struct{}
	done    chan struct{}
	poke    chan struct{} // has the keeper look at the clock

	mu         sync.Mutex
	final      LeaseState // "" while it lives
	why        string     // of final
	err        error
	asked      string
	releasing  bool
	connection uint64 // on which our znode was seen last
	unseen     bool   // since when it was seen the session may have ended
	unwatched  bool   // it is not told when our znode changes
	doubts     uint64 // counts what has set unseen or unwatched
}

// grant makes the lease of a lock that is ours, as was seen on a connection.
func (a *attempt) grant(at uint64) *Lease {
	k, t := a.k, a.t
	l := &Lease{
		k: k, t: t, dir: t.dir, node: t.node, token: t.stat.Czxid,
		session: k.s.Status().ID, granted: k.o.Now(), connection: at,
		asked: a.asked, unwatched: !a.own || a.at != at,
		changed: make(chan struct{}, 1), done: make(chan struct{}), poke: make(chan struct{}, 1),
	}
	k.hold(l)
	k.tell(Step{Kind: StepGranted, Node: l.node, Token: l.token, Position: 1, Of: a.p.Of})
	keeper := &keeper{l: l, t: t, ev: a.ev, told: LeaseHeld, blind: a.blind, looked: make(chan looked, 1)}
	rest := a.rest
	k.start(func() { keeper.keep(rest) })
	return l
}

// Path is the lock, as it was asked for.
func (l *Lease) Path() string { return l.k.path }

// Dir is the directory of our znode.
func (l *Lease) Dir() string { return l.dir }

// Node is the name of our znode.
func (l *Lease) Node() string { return l.node }

// Recipe is whose names and rule are used.
func (l *Lease) Recipe() Recipe { return l.t.format.recipe }

// Mode is what was taken.
func (l *Lease) Mode() Mode { return l.t.format.mode }

// Token is the fencing token, our znode's czxid: it grows with every grant, also when
// the directory is deleted and made again, which sequence numbers do not.
func (l *Lease) Token() int64 { return l.token }

// Session is the id of the session.
func (l *Lease) Session() int64 { return l.session }

// Granted is when the lock was granted.
func (l *Lease) Granted() time.Time { return l.granted }

// State is how the lease stands, by the clock of this very call: it is never held when
// [Lease.Deadline] is over, also where this process was stopped meanwhile. It does not
// block.
func (l *Lease) State() LeaseState {
	state, _ := l.judge(l.k.s.Status(), l.k.o.Now())
	if state != LeaseHeld {
		signal(l.poke)
	}
	return state
}

// Deadline is until when nobody else can be granted the lock while our znode is not
// deleted, by what the servers have answered so far. It moves on while they answer. Of a
// lease that is lost or released it says nothing.
//
// It is what [SessionStatus.Proven] says, and the session's timeout: what the leader knows,
// not what a follower answers by itself. It leans on clocks that run alike, and on a leader
// that asks its followers each half tick, as ZooKeeper's do. Where more than that is at
// stake put [Lease.Guard] into each write, or check [Lease.Token].
func (l *Lease) Deadline() time.Time {
	st := l.k.s.Status()
	return st.Proven.Add(st.Timeout)
}

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

// Guard is an operation to put into a multi, which then fails with NoNode once the lock
// is gone, whatever this process believes.
func (l *Lease) Guard() *zk.CheckVersionRequest {
	return &zk.CheckVersionRequest{Path: l.k.s.Absolute(join(l.dir, l.node)), Version: -1}
}

// lose ends the lease, unless it has ended. That our znode is gone is no loss once we
// delete it ourselves.
func (l *Lease) lose(why string, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.final != "" || l.releasing && errors.Is(cause, ErrGone) {
		return
	}
	err := fmt.Errorf("%s: %w: %s", clean(l.k.path), ErrLost, why)
	if cause != nil {
		err = fmt.Errorf("%w (%w)", err, cause)
	}
	l.finish(LeaseLost, why, err)
}

// finish ends the lease; l.mu is held.
func (l *Lease) finish(s LeaseState, why string, err error) {
	l.final, l.why, l.err = s, why, err
	close(l.done)
	l.signal()
}

func (l *Lease) signal() { signal(l.changed) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// leaveToKeeper tells whether a lease that was lost has a znode that nobody deletes yet;
// who asks does it.
func (l *Lease) leaveToKeeper() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.releasing {
		return false
	}
	l.releasing = true
	return l.final == LeaseLost
}

// doubt has our znode looked for.
func (l *Lease) doubt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unseen, l.doubts = true, l.doubts+1
}

// unwatch has our znode looked at, to be told again of what happens to it.
func (l *Lease) unwatch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unwatched, l.doubts = true, l.doubts+1
}

// unchecked tells what is to be looked at on a connection, as of which doubt. Watches go
// with the connection that they were left on.
func (l *Lease) unchecked(at uint64) (unseen, unwatched bool, doubts uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.unseen || at != l.connection, l.unwatched, l.doubts
}

// confirm takes that our znode was seen on a connection, and a watch left, unless
// something has happened since that doubt.
func (l *Lease) confirm(st SessionStatus, at, doubts uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if st.State == SessionLive && st.Connection == at && l.doubts == doubts {
		l.connection, l.unseen, l.unwatched = at, false, false
	}
}

// ask takes the revoke word that is in our znode, and tells whether it is another.
func (l *Lease) ask(word string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked == word {
		return false
	}
	l.asked = word
	l.signal()
	return true
}
