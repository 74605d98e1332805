package lockctl

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// keeper watches over a lease from when it is granted until it is lost or released. One
// goroutine owns it. What it is told of connections only has it look at the session's
// status, which counts them.
type keeper struct {
	l    *Lease
	t    *ticket
	ev   SessionEvents
	told LeaseState // what Observe was told last

	looking bool // at our own znode, in another goroutine
	blind   bool // our own ACL does not let us watch it
	looked  chan looked
	again   time.Time // not before, after a failure
}

// looked is what came of looking at our own znode.
type looked struct {
	ownNode
	doubts uint64 // of the lease when it began
	err    error
}

// keep runs until the lease has ended, and has what is left of a lost one deleted.
func (kp *keeper) keep(rest []SessionEvent) {
	ctx, cancel := context.WithCancel(context.Background())
	timer := time.NewTimer(time.Hour)
	kp.takeAll(rest)
	kp.again = time.Now().Add(unseenFirst)
	for kp.judge(ctx) {
		timer.Reset(kp.next())
		select {
		case <-kp.l.done:
		case <-kp.ev.Ready():
			events, err := kp.ev.Next(endedContext)
			if errors.Is(err, ErrEnded) {
				kp.l.lose("the session has ended", ErrEnded)
			}
			kp.takeAll(events)
		case m := <-kp.looked:
			kp.seen(m)
		case <-kp.l.poke:
		case <-timer.C:
		}
	}
	timer.Stop()
	kp.ev.Close()
	cancel()
	if kp.looking {
		<-kp.looked
	}
	if kp.l.leaveToKeeper() {
		kp.l.k.discard(kp.t)
	}
}

// unseenFirst is how long a lease lives before our znode is first looked at, to be told
// when it goes: a lock that is released sooner does without. Who has waited for the lock
// is told already.
const unseenFirst = 10 * time.Millisecond

// next is how long nothing can change by time alone, and nothing is due.
func (kp *keeper) next() time.Duration {
	wait := kp.l.next()
	if due := time.Until(kp.again); due > 0 {
		wait = min(wait, due)
	}
	return wait
}

func (kp *keeper) takeAll(events []SessionEvent) {
	for _, e := range events {
		kp.take(e)
	}
}

func (kp *keeper) take(e SessionEvent) {
	l := kp.l
	switch e.Kind {
	case SessionOver:
		l.lose("the session has ended", ErrEnded)
	case NodeDeleted:
		if e.Path == kp.t.path() {
			l.lose("our znode was deleted by somebody else", ErrGone)
		}
	case NodeWritten:
		if e.Path == kp.t.path() {
			l.unwatch()
		}
	}
}

// judge tells of what has changed, and whether there is anything left to keep.
func (kp *keeper) judge(ctx context.Context) bool {
	l, st := kp.l, kp.l.k.s.Status()
	state, why := l.judge(st, l.k.o.Now())
	switch state {
	case LeaseReleased:
		return false
	case LeaseReleasing:
		return true
	case LeaseLost:
		l.k.tell(Step{Kind: StepLost, Node: l.node, Token: l.token, Why: why})
		return false
	case LeaseSuspended:
		if kp.told == LeaseHeld {
			l.doubt()
			l.tell(Step{Kind: StepSuspended, Until: st.Proven.Add(st.Timeout), Why: why})
		}
	case LeaseHeld:
		if kp.told == LeaseSuspended {
			l.tell(Step{Kind: StepResumed})
		}
	}
	if kp.told != state {
		kp.told = state
		l.signal()
	}
	if st.State == SessionLive {
		kp.look(ctx, st.Connection)
	}
	return true
}

// look looks at our own znode if that is in doubt, in a goroutine, as a call waits for a
// connection. When the session may have ended, sync makes the server as new as the
// leader is: one that lags may show us a znode that is deleted, and another holder
// granted, for some time.
func (kp *keeper) look(ctx context.Context, at uint64) {
	unseen, unwatched, doubts := kp.l.unchecked(at)
	if kp.looking || !unseen && (!unwatched || kp.blind) || time.Now().Before(kp.again) {
		return
	}
	kp.looking = true
	go func() {
		m := looked{doubts: doubts}
		m.err = kp.l.k.persist(ctx, func() error {
			if unseen {
				if err := kp.l.k.s.Sync(ctx, kp.t.dir); err != nil {
					return err
				}
			}
			var err error
			m.ownNode, err = kp.t.look(ctx)
			return err
		})
		kp.looked <- m // it has room for one
	}()
}

// seen takes in what came of a look.
func (kp *keeper) seen(m looked) {
	l := kp.l
	kp.looking = false
	switch {
	case errors.Is(m.err, ErrGone):
		l.lose("our znode was deleted by somebody else", ErrGone)
	case errors.Is(m.err, ErrEnded):
		l.lose("the session has ended", ErrEnded)
	case errors.Is(m.err, ErrDenied):
		// That there is such a znode is looked at before its ACL is (FinalRequestProcessor,
		// getData), and a name of ours is nobody else's. We are not told when it goes.
		kp.blind = true
		l.confirm(l.k.s.Status(), m.at, m.doubts)
	case m.err == nil:
		l.confirm(l.k.s.Status(), m.at, m.doubts)
		if l.ask(m.asked) && m.asked != "" {
			l.tell(Step{Kind: StepRevoke, Why: m.asked})
		}
	default:
		l.k.o.Logger.Warn("our znode could not be looked at", "path", kp.t.path(), "err", m.err)
		kp.again = time.Now().Add(time.Second)
	}
}

// tell tells Observe of a step of a lease that lives.
func (l *Lease) tell(s Step) {
	s.Node, s.Token = l.node, l.token
	l.k.tellIf(s, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.final == ""
	})
}

// next is how long nothing can change by time alone. A sixth of the session's timeout
// is how long the sleep of a machine may go unseen.
func (l *Lease) next() time.Duration {
	st := l.k.s.Status()
	silent := l.k.o.Now().Sub(st.Proven)
	wait := st.Timeout / 6
	for _, at := range []time.Duration{st.Timeout * 2 / 3, st.Timeout} {
		if at > silent {
			wait = min(wait, at-silent)
		}
	}
	return max(wait, time.Millisecond)
}

// judge is how the lease stands at a moment, and why.
func (l *Lease) judge(st SessionStatus, now time.Time) (LeaseState, string) {
	silent := now.Sub(st.Proven)
	switch {
	case st.State == SessionEnded:
		l.lose("the session has ended: "+clean(st.Why), ErrEnded)
	case st.ID != l.session:
		l.lose("the session is another", ErrEnded)
	case silent >= st.Timeout:
		l.lose(fmt.Sprintf("no server has answered for %s, and the session may have ended", shortly(silent)), nil)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.final != "":
		return l.final, l.why
	case l.releasing:
		return LeaseReleasing, "it is being released"
	case st.State != SessionLive:
		return LeaseSuspended, "the connection is lost"
	case st.Connection != l.connection:
		return LeaseSuspended, "the connection is another, and our znode is looked for"
	}
	if why := doubtful(st, now); why != "" {
		return LeaseSuspended, why
	}
	if l.unseen {
		return LeaseSuspended, "our znode is looked for"
	}
	return LeaseHeld, ""
}
