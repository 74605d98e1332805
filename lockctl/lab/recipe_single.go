package lab

import (
	"context"
	"errors"
	"fmt"

	"zkdeck/lockctl"
)

// singleNode is the znode of Single.
const singleNode = "lock"

// single is a contender for one znode: who creates it has the lock, and all others watch
// it. Its deletion is told to all of them, all of them try again, and chance decides.
// Many programs elect a leader so (Kafka's /controller, Hadoop's ActiveStandbyElector).
type single struct {
	s    seat
	ev   lockctl.SessionEvents
	path string
	kind lockctl.NodeKind
	// made: the znode is ours, as far as we know.
	made bool
}

func newSingle(s seat) *single {
	k := &single{s: s, ev: s.session.Events(), path: s.dir + "/" + singleNode, kind: lockctl.EphemeralNode}
	if s.options.Persistent {
		k.kind = lockctl.PersistentNode
	}
	return k
}

func (k *single) acquire(ctx context.Context) (grant, error) {
	for doubt := false; ; {
		g, err := k.create(ctx)
		switch {
		case err == nil:
			return g, nil
		case errors.Is(err, lockctl.ErrUnknown) && ctx.Err() == nil:
			k.s.tell(lockctl.Step{Kind: lockctl.StepRecover, Why: err.Error()})
			doubt = true
			continue
		case !errors.Is(err, lockctl.ErrExists):
			return grant{}, err
		}
		k.drain()
		data, stat, err := k.s.session.Get(ctx, k.path, true)
		switch {
		case errors.Is(err, lockctl.ErrGone): // between the two
			continue
		case err != nil:
			return grant{}, fmt.Errorf("watch %s: %w", k.path, err)
		case doubt && k.ours(data, stat):
			return k.granted(stat), nil
		}
		k.s.tell(lockctl.Step{Kind: lockctl.StepWatch, Before: singleNode, Why: whyAll})
		if err := k.wait(ctx); err != nil {
			return grant{}, err
		}
	}
}

// drain forgets what was told of watches from before.
func (k *single) drain() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _ = k.ev.Next(ctx) // of the session's end every call tells
}

// ours tells whether a creation of which no answer came was done.
func (k *single) ours(data []byte, stat lockctl.Stat) bool {
	if k.kind == lockctl.EphemeralNode {
		return stat.EphemeralOwner == k.s.session.Status().ID
	}
	return stat.EphemeralOwner == 0 && string(data) == k.s.signature()
}

// wait waits until the znode has changed, or may have.
func (k *single) wait(ctx context.Context) error {
	for {
		events, err := k.ev.Next(ctx)
		if err != nil {
			return fmt.Errorf("wait for %s: %w", k.path, err)
		}
		for _, e := range events {
			switch e.Kind {
			case lockctl.NodeDeleted, lockctl.NodeWritten:
				k.s.tell(lockctl.Step{Kind: lockctl.StepWake, Before: singleNode, Why: whyGone})
				return nil
			case lockctl.ConnectionMade: // its watches are gone
				return nil
			case lockctl.SessionOver:
				return fmt.Errorf("wait for %s: %w", k.path, lockctl.ErrEnded)
			default:
			}
		}
	}
}

func (k *single) try(ctx context.Context) (grant, bool, error) {
	g, err := k.create(ctx)
	if errors.Is(err, lockctl.ErrExists) {
		k.s.tell(lockctl.Step{Kind: lockctl.StepCancelled, Before: singleNode, Why: whyBusy})
		return grant{}, false, nil
	}
	return g, err == nil, err
}

func (k *single) create(ctx context.Context) (grant, error) {
	_, stat, err := k.s.create(ctx, singleNode, k.s.signature(), k.kind)
	if err != nil {
		return grant{}, err
	}
	return k.granted(stat), nil
}

func (k *single) granted(stat lockctl.Stat) grant {
	k.made = true
	k.s.tell(lockctl.Step{Kind: lockctl.StepCreate, Node: singleNode, Token: stat.Czxid})
	k.s.tell(lockctl.Step{Kind: lockctl.StepGranted, Node: singleNode, Token: stat.Czxid})
	return grant{node: singleNode, token: stat.Czxid}
}

func (k *single) release(ctx context.Context) error {
	if !k.made {
		return nil
	}
	err := k.s.session.Delete(ctx, k.path, -1)
	if err != nil && !errors.Is(err, lockctl.ErrGone) {
		return fmt.Errorf("delete %s: %w", k.path, err)
	}
	k.made = false
	k.s.tell(lockctl.Step{Kind: lockctl.StepReleased, Node: singleNode})
	return nil
}
