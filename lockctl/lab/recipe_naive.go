package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"zkdeck/lockctl"
)

// naivePrefix is what the names of Naive begin with.
const naivePrefix = "lock_id_"

// naive is a contender that does what the tutorial's class does, its faults included:
//
//   - Each waiter, and each that ever waited, watches the children of the directory: every
//     change of it is told to all, and all list it again.
//   - acquire returns nothing after a wait, which who asks "if lock.acquire()" takes for no.
//   - try leaves its znode in the queue.
//   - A watch outlives the release. When the directory is empty then, it sets the event
//     for which the next acquire waits: that one returns at once, while another holds.
//
// It looks for no znode of which it did not get to hear, and never learns that its
// session is over.
type naive struct {
	s   seat
	set chan struct{} // the event: holds a value while it is set
	end chan struct{} // closed when the session is over

	mu     sync.Mutex
	node   string // "" while it has none
	stat   lockctl.Stat
	listed bool   // a watch was left
	by     string // the znode that was first when the event was set; "": the directory was empty

	telling sync.Mutex // the watches run beside the calls
}

// newNaive makes the contender, and starts what runs its watches. That ends with the
// session: nothing less ends it in the original.
func newNaive(s seat) *naive {
	k := &naive{s: s, set: make(chan struct{}, 1), end: make(chan struct{})}
	ev := s.session.Events()
	go func() {
		defer close(k.end)
		defer ev.Close()
		k.listen(ev)
	}()
	return k
}

// listen runs the watch each time that it fires.
func (k *naive) listen(ev lockctl.SessionEvents) {
	for {
		events, err := ev.Next(context.Background())
		if err != nil {
			return
		}
		for _, e := range events {
			switch {
			case e.Kind == lockctl.SessionOver:
				return
			case e.Kind == lockctl.ChildrenChanged && e.Path == k.s.dir:
				k.tell(lockctl.Step{Kind: lockctl.StepWake, Why: whyChildren})
			case e.Kind == lockctl.ConnectionMade && k.watched(): // its watch is gone with the last connection
			default:
				continue
			}
			if err := k.fired(); err != nil && !errors.Is(err, lockctl.ErrEnded) && k.s.options.Logger != nil {
				k.s.options.Logger.Warn("a watch of the naive recipe could not list", "worker", k.s.worker, "err", err)
			}
		}
	}
}

// fired lists again, which leaves the next watch, and sets the event when there is
// nobody before it.
func (k *naive) fired() error {
	names, _, err := k.look(context.Background())
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case len(names) == 0:
		k.by = ""
	case names[0] == k.node: // which it may have released since
		k.by = k.node
	default:
		return nil
	}
	k.raise()
	return nil
}

// raise sets the event.
func (k *naive) raise() {
	select {
	case k.set <- struct{}{}:
	default:
	}
}

// look lists the children, sorted as text, and leaves a watch on them.
func (k *naive) look(ctx context.Context) (names []string, own string, err error) {
	names, _, err = k.s.session.List(ctx, k.s.dir, true)
	if err != nil {
		return nil, "", fmt.Errorf("list %s: %w", k.s.dir, err)
	}
	slices.Sort(names)
	k.mu.Lock()
	own, k.listed = k.node, true
	k.mu.Unlock()
	step := lockctl.Step{Kind: lockctl.StepList, Node: own, Position: slices.Index(names, own) + 1, Of: len(names)}
	if step.Position > 1 {
		step.Before = names[0] // all wait for the first
	}
	k.tell(step)
	return names, own, nil
}

func (k *naive) watched() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.listed
}

// queue makes the znode, unless one is left from before, and looks whether it is first.
func (k *naive) queue(ctx context.Context) (g grant, first bool, err error) {
	if k.node == "" { // the watches only read it
		now := strconv.FormatFloat(float64(k.s.now().UnixMilli())/1000, 'f', 2, 64) // str(time.time())
		node, stat, err := k.s.create(ctx, naivePrefix, now, lockctl.EphemeralSequentialNode)
		if err != nil {
			return grant{}, false, err
		}
		k.mu.Lock()
		k.node, k.stat = node, stat
		k.mu.Unlock()
		k.tell(lockctl.Step{Kind: lockctl.StepCreate, Node: node, Token: stat.Czxid})
	}
	names, own, err := k.look(ctx)
	return grant{node: own, token: k.stat.Czxid}, len(names) > 0 && names[0] == own, err
}

func (k *naive) acquire(ctx context.Context) (grant, error) {
	g, first, err := k.queue(ctx)
	if err != nil {
		return grant{}, err
	}
	granted := lockctl.Step{Kind: lockctl.StepGranted, Node: g.node, Token: g.token}
	if first {
		k.tell(granted)
		return g, nil
	}
	k.tell(lockctl.Step{Kind: lockctl.StepWatch, Node: g.node, Why: whyParent})
	select {
	case <-k.set:
		k.raise() // it stays set until the release
	case <-k.end:
		return grant{}, fmt.Errorf("wait in %s: %w", k.s.dir, lockctl.ErrEnded)
	case <-ctx.Done():
		return grant{}, context.Cause(ctx)
	}
	k.mu.Lock()
	g.nothing, g.stale = true, k.by != g.node
	k.mu.Unlock()
	granted.Why = whyNothing
	if g.stale {
		granted.Why = whyStale
	}
	k.tell(granted)
	return g, nil
}

func (k *naive) try(ctx context.Context) (grant, bool, error) {
	g, first, err := k.queue(ctx)
	if err != nil {
		return grant{}, false, err
	}
	if first {
		k.tell(lockctl.Step{Kind: lockctl.StepGranted, Node: g.node, Token: g.token})
	} else {
		k.tell(lockctl.Step{Kind: lockctl.StepCancelled, Node: g.node, Why: whyLeft})
	}
	return g, first, nil
}

// release asks whether the znode exists, deletes it, and clears the event. The watch
// stays.
func (k *naive) release(ctx context.Context) error {
	node := k.node
	if node == "" {
		return nil
	}
	path := k.s.dir + "/" + node
	_, _, err := k.s.session.Get(ctx, path, false)
	if err == nil {
		err = k.s.session.Delete(ctx, path, -1)
	}
	if err != nil && !errors.Is(err, lockctl.ErrGone) {
		return fmt.Errorf("delete %s: %w", path, err)
	}
	k.mu.Lock()
	k.node = ""
	select {
	case <-k.set:
	default:
	}
	k.mu.Unlock()
	k.tell(lockctl.Step{Kind: lockctl.StepReleased, Node: node})
	return nil
}

// settled waits for the watches to end, as they do with the session.
func (k *naive) settled(ctx context.Context) error {
	select {
	case <-k.end:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (k *naive) tell(s lockctl.Step) {
	k.telling.Lock()
	defer k.telling.Unlock()
	k.s.tell(s)
}
