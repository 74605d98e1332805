package lockctl

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
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
	rand.Read(b[:]) // it never fails
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
