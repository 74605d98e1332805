package zkview

import (
	"bytes"
	"errors"
	"sync"
)

// The subtree is read at the start, so that a first change has a value before it, up
// to so many znodes and bytes.
const (
	firstPaths = 500
	firstBytes = 4 << 20
)

// errEnough ends a walk that has read as much as it may.
var errEnough = errors.New("that is enough")

// run takes the changes until the Activity ends.
func (a *Activity) run() {
	f, err := a.s.Follow(a.ctx, a.path)
	if err != nil {
		if a.ctx.Err() != nil {
			err = ErrClosed
		}
		a.end(err)
		close(a.begun)
		return
	}
	defer f.Close()
	a.mu.Lock()
	a.follow = f
	a.mu.Unlock()
	close(a.begun)
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(a.readFirst)
	all.Go(a.readChanged)
	for a.room() {
		changes, err := f.Next(a.ctx)
		if err != nil {
			if a.ctx.Err() != nil {
				break
			}
			a.end(err)
			a.cancel()
			return
		}
		a.mu.Lock()
		for _, c := range changes {
			a.take(c)
		}
		a.mu.Unlock()
	}
	a.end(ErrClosed)
}

// take makes an Action of a change; a.mu is held.
func (a *Activity) take(c Change) {
	a.status.Total++
	a.status.Lost += uint64(c.Lost)
	x := Action{Change: c}
	if c.Kind == Resync {
		a.status.Total--
		a.gap.open(a, a.add(x), c)
		return
	}
	a.gap.seen(c.Path)
	if c.Path == a.path {
		a.status.Missing = c.Kind == Deleted
	}
	k := a.known.byPath[c.Path]
	switch {
	case c.Kind == Deleted:
		a.overtaken(a.reads.drop(c.Path))
		x.Settled = true
		if k != nil {
			x.Stat, x.HasStat, x.Before, x.HasBefore = k.stat, true, k.value, k.hasValue
			a.known.drop(k)
		}
		a.add(x)
		return
	case k != nil && c.Kind == DataChanged:
		x.Before, x.HasBefore = k.value, k.hasValue
	}
	a.addAndRead(x)
}

// addAndRead tells a new Action and has its znode read; a.mu is held.
func (a *Activity) addAndRead(x Action) {
	x.Seq = a.seq + 1
	old, was, ok := a.reads.put(x)
	a.overtaken(old, was)
	x.Settled = !ok
	a.add(x)
	signal(a.work)
}

// overtaken tells of an Action that will not be read after, if there was one; a.mu is
// held.
func (a *Activity) overtaken(x Action, was bool) {
	if was {
		x.Settled = true
		a.revise(x)
	}
}

// readFirst reads a small subtree, so that values are known before they change.
func (a *Activity) readFirst() {
	paths, size := 0, 0
	_, err := a.s.Walk(a.ctx, a.path, WalkOptions{Stat: true, Data: true}, func(batch []Znode) error {
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, z := range batch {
			if paths++; paths > firstPaths || size > firstBytes {
				return errEnough
			}
			size += len(z.Data)
			if z.Err != nil || a.known.byPath[z.Path] != nil {
				continue
			}
			value, _ := held(bytes.Clone(z.Data)) // the batch is ours only until we return
			a.known.put(z.Path, z.Stat, value, true)
		}
		return nil
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status.Reading = false
	if errors.Is(err, ErrNoNode) {
		a.status.Missing = a.status.Total == 0
	}
}

// held is as much of a value as an Action carries. It is a copy where it is less: the
// rest must not stay in memory.
func held(data []byte) (value []byte, cut bool) {
	if len(data) <= HeldAction {
		return data, false
	}
	return append([]byte(nil), data[:HeldAction]...), true
}
