package lockctl

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// view is what a waiter is told of by the connection that it has.
type view struct {
	before string // the path that it waits for; "" while nothing is watched
	second string // the path of who is before that; "" while it is not watched
	own    bool   // our own znode was seen, and a watch left on it
	blind  bool   // our own ACL does not let us watch it
	at     uint64 // the connection on which own was set
	asked  string // the revoke word that was seen in our znode

	rest []SessionEvent // told after what let us in
}

// news is what an event means to a waiter.
type news uint8

const (
	newsNothing news = iota
	newsLook         // list again
	newsFirst        // what we wait for is gone, and nothing else has happened
	newsAhead        // who was before what we wait for is gone
	newsGone         // our own znode is gone
	newsOver         // the session is
)

// wait waits until what we wait for has changed, and tells whether that alone makes the
// lock ours. It does when all of this holds:
//
//  1. In the listing that [format.place] judged, ours stood behind one contender P that
//     held, and P's leaving was all that it took (place.Next).
//  2. On the connection of that listing our own znode was seen under our session, and a
//     watch left on it; and P was seen, and a watch left on it.
//  3. On that connection P was told to be deleted, and before that neither a loss of the
//     connection nor, since they were watched, anything else about P or our own znode.
//  4. The session lives by our own clock.
//
// Then we are first and hold, as a new listing would say:
//   - Nobody has come before us since the listing: a znode made later gets a later number,
//     the counter of the directory only ever rising (PrepRequestProcessor: the parent's
//     cversion) as long as it is not at its end, near which nobody queues but by force,
//     and then this is not done. The directory itself cannot have been made anew while
//     our znode is in it. Recipes whose contenders may copy a number have no place.Next.
//   - P is gone, and does not come back: it would have a later number. It was there at the
//     listing, so that it went after it.
//   - Our own znode was there when P went. A connection gets its events in the order of
//     the transactions, each before any reply that shows what it tells (ZooKeeper
//     Programmer's Guide, "What ZooKeeper Guarantees about Watches"; WatchManager is
//     called by DataTree.processTxn), so that its deletion before P's would have been
//     told before P's. It may be gone by now as it may be after a listing: that is told.
//   - Our session had not ended before P went: its end deletes our znode.
//
// In all other cases the queue is listed again.
//
// So that it holds for who has come as the last of many, the queue is listed once more
// when P is about to get the lock, and not when P has released it: see [attempt.watchSecond].
func (a *attempt) wait(ctx context.Context) (granted bool, err error) {
	a.before = ""
	a.forgetSecond()
	if err := a.settle(a.poll()); err != nil {
		return false, err
	}
	before, err := a.watch(ctx)
	if err != nil || before == "" {
		return false, err
	}
	a.before = before
	ahead := false
	for {
		if err := a.watchOwn(ctx); err != nil {
			return false, err
		}
		if look, err := a.watchSecond(ctx); err != nil || look {
			return false, err
		}
		var events []SessionEvent
		if ahead {
			events = a.hear(ctx)
		} else if events, err = a.ev.Next(ctx); err != nil {
			return false, err
		}
		if ahead && len(events) == 0 {
			ahead = false
			if look, err := a.again(ctx); err != nil || look {
				return false, err
			}
		}
		for i, e := range events {
			switch t := a.take(e); t {
			case newsAhead:
				ahead = true
			case newsFirst:
				a.before = ""
				a.wake(e)
				if a.k.sure(a.at) {
					a.rest = events[i+1:]
					return true, nil
				}
				return false, a.settle(events[i+1:])
			case newsLook:
				a.wake(e)
				return false, a.settle(events[i+1:])
			case newsNothing:
			default:
				return false, t.err()
			}
		}
	}
}

// watch has us told of the contender that we wait for, and returns the path that we are
// told of; "" if the queue has changed since it was listed.
func (a *attempt) watch(ctx context.Context) (string, error) {
	k, path := a.k, join(a.t.dir, a.p.Watch)
	step := Step{Kind: StepWatch, Node: a.t.node, Position: a.p.Position, Of: a.p.Of, Before: a.p.Watch}
	err := k.persist(ctx, func() error {
		_, _, err := k.s.Get(ctx, path, true)
		return err
	})
	switch {
	case errors.Is(err, ErrDenied):
		// Its ACL does not let us read it, and so not watch it: a watch of exists would be
		// left, and not fire (CVE-2024-23944: NIOServerCnxn.process asks for READ). Nothing
		// is left but to be told of every change of the queue.
		l, err := k.list(ctx, a.t.dir, true)
		if err != nil {
			return "", err
		}
		if now := a.t.format.place(l.names, a.t.node); now.Position == 0 || now.Watch != a.p.Watch {
			return "", nil
		}
		path, step.Why = a.t.dir, "the whole queue, as that znode may not be read"
	case errors.Is(err, ErrGone): // between the listing and now
		return "", nil
	case err != nil:
		return "", fmt.Errorf("watch %s: %w", clean(path), err)
	}
	k.tell(step)
	return path, nil
}

func (t news) err() error {
	switch t {
	case newsGone:
		return errGone
	case newsOver:
		return ErrEnded
	default:
		return nil
	}
}

// take takes in an event.
func (a *attempt) take(e SessionEvent) news {
	switch e.Kind {
	case SessionOver:
		return newsOver
	case ConnectionLost:
		a.own, a.before, a.second = false, "", ""
		return newsNothing // until there is one again
	case ConnectionMade:
		a.own, a.before, a.second = false, "", ""
		return newsLook
	case NodeDeleted, NodeWritten, ChildrenChanged:
		switch {
		case e.Path == a.t.path() && e.Kind == NodeDeleted:
			return newsGone
		case e.Path == a.t.path():
			a.own = false
		case a.second != "" && e.Path == a.second:
			a.second = ""
			if e.Kind == NodeDeleted {
				a.p.Second = "" // until the queue is listed
				return newsAhead
			}
		case a.before == "" || e.Path != a.before:
		case e.Kind == NodeDeleted && a.own && a.p.Next && !a.k.o.Force:
			return newsFirst
		default: // what was written may be a revoke word
			return newsLook
		}
	}
	return newsNothing
}

// settle takes in events that cannot let us in.
func (a *attempt) settle(events []SessionEvent) error {
	for _, e := range events {
		if t := a.take(e); t.err() != nil {
			return t.err()
		}
	}
	return nil
}

// poll is the events that wait.
func (a *attempt) poll() []SessionEvent {
	events, err := a.ev.Next(endedContext)
	if err != nil {
		return nil // of the end every call tells
	}
	return events
}

// endedContext has Next return at once.
var endedContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (a *attempt) wake(e SessionEvent) {
	why := "it is gone"
	switch e.Kind {
	case NodeWritten:
		why = "it was written to"
	case ChildrenChanged:
		why = "the queue has changed"
	case ConnectionMade:
		why = "there is another connection"
	}
	a.k.tell(Step{Kind: StepWake, Node: a.t.node, Before: a.p.Watch, Why: why})
}

// watchOwn has us told when our own znode is deleted or written to, unless we are
// already. It is not in anybody's way: what we wait for is watched before.
func (a *attempt) watchOwn(ctx context.Context) error {
	if a.own || a.blind || a.before == "" {
		return nil
	}
	var seen ownNode
	err := a.k.persist(ctx, func() (err error) {
		seen, err = a.t.look(ctx)
		return err
	})
	switch {
	case errors.Is(err, ErrDenied):
		a.blind = true
	case errors.Is(err, ErrGone):
		return errGone
	case err != nil:
		return err
	default:
		a.own, a.at = true, seen.at
		a.heed(seen)
	}
	return nil
}

// heed tells of a revoke word.
func (a *attempt) heed(seen ownNode) {
	if seen.asked != a.asked {
		a.asked = seen.asked
		if a.asked != "" {
			a.k.tell(Step{Kind: StepRevoke, Node: a.t.node, Why: a.asked})
		}
	}
}

// ownNode is our own znode as it was seen.
type ownNode struct {
	asked string // the revoke word that is in it
	at    uint64 // the connection
}

// look looks at our own znode, and leaves a watch. It fails with [ErrGone] also where
// another has its name.
func (t *ticket) look(ctx context.Context) (ownNode, error) {
	seen := ownNode{at: t.k.s.Status().Connection}
	data, st, err := t.k.s.Get(ctx, t.path(), true)
	switch {
	case err != nil:
		return seen, fmt.Errorf("look at %s: %w", clean(t.path()), err)
	case st.EphemeralOwner != t.k.s.Status().ID || st.Czxid != t.stat.Czxid:
		return seen, fmt.Errorf("look at %s: it is another's: %w", clean(t.path()), ErrGone)
	}
	if word, ok := RevokeWord(t.format.recipe); ok && string(data) == word {
		seen.asked = word
	}
	return seen, nil
}

// sure tells whether what was asked for on a connection is proof that the lock is ours
// now: the session lives on it, and what it was told is not old.
func (k *Locker) sure(at uint64) bool {
	st := k.s.Status()
	return st.State == SessionLive && st.Connection == at && doubtful(st, k.o.Now()) == ""
}

// doubtful says why a session that is connected may have ended, "" if it has not by far:
// a third of its time is left.
func doubtful(st SessionStatus, now time.Time) string {
	return silence(st.Timeout, now.Sub(st.Proven), now.Round(0).Sub(st.Proven.Round(0)))
}

// silence is [doubtful] of how long the session was not proven to live, by the clock
// that Go measures with and by the wall clock. The former stands still while the machine
// sleeps (CLOCK_MONOTONIC), and the servers' does not.
func silence(timeout, silent, wall time.Duration) string {
	switch ahead := wall - silent; {
	case silent >= timeout*2/3:
		return "the server has not answered for " + shortly(silent)
	case ahead > timeout/4:
		return "this machine has slept for " + shortly(ahead) + ", or its clock was set"
	}
	return ""
}

func shortly(d time.Duration) string { return d.Round(100 * time.Millisecond).String() }
