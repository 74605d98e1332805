package lockctl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

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
	slices.SortFunc(found, func(a, b Node) int { return cmp.Compare(a.Stat.Czxid, b.Stat.Czxid) })
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
