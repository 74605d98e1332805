package lockctl

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ticket is a znode of ours in a queue, from before it is made until it is known to be
// gone. It belongs to one goroutine at a time.
type ticket struct {
	k      *Locker
	dir    string
	format format
	guid   string
	others *handles // nil where the names alone prove whose they are

	node string // "" while there is none that we know of
	stat Stat
	// doubt: a znode of ours may be there, or one more than node, a creation having been
	// sent of which no answer came.
	doubt bool
	// deleted: a deletion of node was sent of which no answer came.
	deleted bool
}

// newTicket makes nothing yet. What is made goes with [ticket.remove].
func (k *Locker) newTicket(dir string, f format) *ticket {
	t := &ticket{k: k, dir: dir, format: f, guid: newGUID()}
	if !f.unique() {
		t.others = handlesOf(k.s)
	}
	return t
}

// newGUID is a random UUID of version 4, as Curator's are (java.util.UUID.randomUUID).
func newGUID() string {
	var b [16]byte
	rand.Read(b[:]) //nolint:errcheck // it never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (t *ticket) path() string { return join(t.dir, t.node) }

// roll is the children of a directory and its Stat.
type roll struct {
	names []string
	dir   Stat
	// at counts the connection on which it was asked for: if the session is on that one
	// still, no later state of another server was seen.
	at uint64
}

// enter makes the znode, with the directory if that is missing, and lists the queue. It
// fails with [ErrExhausted] when the counter stands still. On failure a znode may be
// left: remove it.
func (t *ticket) enter(ctx context.Context) (roll, error) {
	if t.others != nil {
		if err := t.others.take(ctx); err != nil {
			return roll{}, err
		}
		defer t.others.give()
	}
	for pause := (pause{}); ; {
		at := t.k.s.Status().Connection
		data := t.format.data(t.k.o.Identity, t.k.o.Now())
		e, err := t.k.s.Enter(ctx, join(t.dir, t.format.prefix(t.guid, t.k.s.Status().ID)), data, t.k.o.ACL)
		switch {
		case err == nil:
			t.keep(e.Node, e.Stat)
			l := roll{names: e.Names, dir: e.Dir, at: at}
			if e.Err != nil || !slices.Contains(e.Names, e.Node) {
				return t.k.list(ctx, t.dir, false)
			}
			return l, nil
		case errors.Is(err, ErrGone):
			if err := t.k.makeDir(ctx, t.dir); err != nil {
				return roll{}, err
			}
		case errors.Is(err, ErrExists):
			// A sequential create finds its name taken only when the counter stands still at
			// 2147483647 (ZOOKEEPER-3249: since 3.6.0 it is only raised when larger).
			return roll{}, fmt.Errorf("make a znode in %s: %w: no more numbers are given; delete the directory when it is empty", clean(t.dir), ErrExhausted)
		case ctx.Err() != nil:
			t.doubt = t.doubt || mayBeDone(err)
			return roll{}, err
		case errors.Is(err, ErrNotSent):
			if err := pause.wait(ctx); err != nil {
				return roll{}, err
			}
		case errors.Is(err, ErrUnknown):
			t.doubt = true
			if err := t.recover(ctx, err); err != nil {
				return roll{}, err
			}
			if t.node != "" {
				return t.k.list(ctx, t.dir, false)
			}
		default:
			t.doubt = t.doubt || mayBeDone(err)
			return roll{}, fmt.Errorf("make a znode in %s: %w", clean(t.dir), err)
		}
	}
}

// keep takes a znode that was made, or found again.
func (t *ticket) keep(node string, st Stat) {
	t.node, t.stat = node, st
	if t.others != nil {
		t.others.own(t.path(), true)
	}
	t.k.tell(Step{Kind: StepCreate, Node: node, Token: st.Czxid})
}

// recover looks for what a creation has made of which no answer came. The first of
// ours is adopted and others are deleted, which are of earlier such creations.
//
// Nothing that was sent before can still be done afterwards: our connection was lost,
// and a new one is only made when the session was moved to it. From then on the leader
// refuses what the old server passes on (PrepRequestProcessor, checkSession:
// SessionMovedException), and where it is the same server it has closed the old
// connection first (ZooKeeperServer.processConnectRequest). sync makes the new server
// as new as the leader is, else it might not have the znode yet.
func (t *ticket) recover(ctx context.Context, why error) error {
	t.k.tell(Step{Kind: StepRecover, Node: t.node, Why: clean(why.Error())})
	found, err := t.find(ctx)
	if err != nil {
		return err
	}
	for i, n := range found {
		if i == 0 {
			t.keep(n.Name, n.Stat)
			continue
		}
		if err := t.delete(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// find is our znodes in the directory that have no handle yet, the first in the queue
// first. A znode is ours only if our session owns it: one of the same GUID may be of an
// earlier session, whose end the server has yet to learn of (CURATOR-644, -696).
func (t *ticket) find(ctx context.Context) ([]Node, error) {
	var names []string
	err := t.k.persist(ctx, func() error {
		if err := t.k.s.Sync(ctx, t.dir); err != nil {
			return err
		}
		var err error
		names, _, err = t.k.s.List(ctx, t.dir, false)
		return err
	})
	if errors.Is(err, ErrGone) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for our znode in %s: %w", clean(t.dir), err)
	}
	return t.ours(ctx, names)
}

// ours picks our znodes out of a listing, but for the one that we know of.
func (t *ticket) ours(ctx context.Context, names []string) ([]Node, error) {
	session := t.k.s.Status().ID
	var found []Node
	for _, name := range names {
		if name == t.node || !t.format.ours(name, t.guid, session) || t.others != nil && t.others.known(join(t.dir, name)) {
			continue
		}
		var st Stat
		err := t.k.persist(ctx, func() (err error) {
			_, st, err = t.k.s.Get(ctx, join(t.dir, name), false)
			return err
		})
		switch {
		case errors.Is(err, ErrGone), errors.Is(err, ErrDenied): // what is ours we can read
		case err != nil:
			return nil, fmt.Errorf("look at %s: %w", clean(join(t.dir, name)), err)
		case st.EphemeralOwner == session:
			found = append(found, Node{Name: name, Stat: st})
		}
	}
	slices.SortFunc(found, func(a, b Node) int { return int(min(max(a.Stat.Czxid-b.Stat.Czxid, -1), 1)) })
	return found, nil
}

// single deletes what a creation has made after all that was taken for failed, and tells
// whether there was any: a queue with two of ours in it waits for itself.
func (t *ticket) single(ctx context.Context, names []string) (bool, error) {
	if !t.doubt || !t.format.unique() {
		return false, nil
	}
	found, err := t.ours(ctx, names)
	if err != nil {
		return false, err
	}
	for _, n := range found {
		if err := t.delete(ctx, n); err != nil {
			return false, err
		}
	}
	return len(found) > 0, nil
}

// remove deletes all that is or may be there of us. It goes on until that is gone, ctx
// ends or the session has, which takes its ephemerals with it.
func (t *ticket) remove(ctx context.Context) error {
	err := t.clear(ctx)
	if err == nil || errors.Is(err, ErrEnded) {
		t.forget()
		return nil
	}
	return err
}

func (t *ticket) clear(ctx context.Context) error {
	if t.node != "" {
		if err := t.delete(ctx, Node{Name: t.node, Stat: t.stat}); err != nil {
			return err
		}
	}
	return t.sweep(ctx)
}

// sweep deletes what may be there of us beside the znode that we know of.
func (t *ticket) sweep(ctx context.Context) error {
	if !t.doubt {
		return nil
	}
	if t.others != nil {
		if err := t.others.take(ctx); err != nil {
			return err
		}
		defer t.others.give()
	}
	found, err := t.find(ctx)
	if err != nil {
		return err
	}
	for _, n := range found {
		if err := t.delete(ctx, n); err != nil {
			return err
		}
	}
	t.doubt = false
	return nil
}

// forget has the ticket known to nobody any more. It may be called again.
func (t *ticket) forget() {
	if t.others == nil {
		return
	}
	if t.node != "" {
		t.others.own(t.path(), false)
	}
	t.others.leave(t.k.s)
	t.others = nil
}

// delete deletes a znode of ours until it is gone.
func (t *ticket) delete(ctx context.Context, n Node) error {
	_, err := t.deleteOnce(ctx, n)
	return err
}

// deleteOnce is delete, and tells whether the znode was there when nothing had been sent
// yet that could have deleted it.
func (t *ticket) deleteOnce(ctx context.Context, n Node) (there bool, err error) {
	path := join(t.dir, n.Name)
	for {
		err = t.k.persist(ctx, func() error {
			version := int32(-1)
			if !t.format.unique() {
				// The name may be another's by now, the directory having been made anew.
				_, st, err := t.k.s.Get(ctx, path, false)
				if err != nil {
					return err
				}
				if st.Czxid != n.Stat.Czxid {
					return fmt.Errorf("%w: another has its name", ErrGone)
				}
				version = st.Version
			}
			err := t.k.s.Delete(ctx, path, version)
			t.deleted = t.deleted || n.Name == t.node && mayBeDone(err)
			return err
		})
		if !errors.Is(err, ErrChanged) { // somebody wrote a revoke word meanwhile
			break
		}
	}
	switch {
	case errors.Is(err, ErrGone):
		return t.deleted && n.Name == t.node, nil
	case err != nil:
		return true, fmt.Errorf("delete %s: %w", clean(path), err)
	}
	return true, nil
}

// mayBeDone tells whether what failed so may have been done all the same.
func mayBeDone(err error) bool {
	for _, not := range []error{nil, ErrNotSent, ErrGone, ErrExists, ErrDenied, ErrChanged, ErrReadOnly, ErrEnded} {
		if errors.Is(err, not) {
			return false
		}
	}
	return true
}

// persist asks until there is an answer: as long as only the connection fails. What it
// asks must do no harm when it is done twice.
func (k *Locker) persist(ctx context.Context, ask func() error) error {
	for pause := (pause{}); ; {
		err := ask()
		if ctx.Err() != nil || !errors.Is(err, ErrNotSent) && !errors.Is(err, ErrUnknown) {
			return err
		}
		if err := pause.wait(ctx); err != nil {
			return err
		}
	}
}

// list lists the queue; with watch its next change is told.
func (k *Locker) list(ctx context.Context, dir string, watch bool) (roll, error) {
	var l roll
	err := k.persist(ctx, func() (err error) {
		l.at = k.s.Status().Connection
		l.names, l.dir, err = k.s.List(ctx, dir, watch)
		return err
	})
	if err != nil {
		return roll{}, fmt.Errorf("list %s: %w", clean(dir), err)
	}
	return l, nil
}

// makeDir makes a directory and what is missing above it: containers, which go by
// themselves when nobody queues any more.
func (k *Locker) makeDir(ctx context.Context, path string) error {
	err := k.persist(ctx, func() error {
		_, _, err := k.s.Create(ctx, path, nil, k.o.ACL, ContainerNode)
		if errors.Is(err, ErrExists) {
			return nil
		}
		return err
	})
	if !errors.Is(err, ErrGone) {
		if err != nil {
			return fmt.Errorf("make %s: %w", clean(path), err)
		}
		return nil
	}
	parent, _ := split(path)
	if path == "/" || parent == "/" {
		return fmt.Errorf("make %s: the root of the session is missing, its chroot: %w", clean(path), err)
	}
	if err := k.makeDir(ctx, parent); err != nil {
		return err
	}
	return k.makeDir(ctx, path) // a container may have gone again meanwhile
}

// pause waits between tries that fail at once: a session's calls wait for a connection
// themselves.
type pause struct{ last time.Duration }

func (p *pause) wait(ctx context.Context) error {
	if p.last == 0 {
		p.last = time.Millisecond
		return ctx.Err()
	}
	p.last = min(2*p.last, 500*time.Millisecond)
	timer := time.NewTimer(p.last)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
