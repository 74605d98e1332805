package lockctl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// grace is how long changes may be under way to us when the reply to a listing that was
// made after them has come.
const grace = 20 * time.Millisecond

// follow is a path of which changes are told.
type follow struct {
	path    string
	finds   bool // a root: what is created here may be a lock
	on      Following
	started bool
	partial string
	cancel  context.CancelFunc
	last    time.Time // of the last change

	seen, ours int // changes since the last tick, and those of locks
	busy       []load
	given      bool // given up: only the locks that were found are followed

	flushed int // the last flush that came
	ended   bool

	mu    sync.Mutex
	asked int // the last flush that was asked for
	done  int // the last that is under way
	stop  context.CancelFunc
}

// moves is what a follow tells at once.
type moves struct {
	f       *follow
	changes []Change
	flushed int // all that had happened when this was asked for has been told; 0: nothing
	err     error
}

// start begins to read what a follow tells.
func (b *Board) start(f *follow, on Following) {
	f.on, f.started, f.partial = on, true, on.Partial()
	f.last = b.now()
	ctx, cancel := context.WithCancel(b.ctx)
	f.cancel = cancel
	b.wg.Go(func() {
		defer on.Close()
		b.pump(ctx, f)
	})
}

// pump hands on what a follow tells, until it ends.
func (b *Board) pump(ctx context.Context, f *follow) {
	for {
		m := moves{f: f}
		wait, stop := context.WithCancel(ctx)
		f.waits(stop)
		m.changes, m.err = f.on.Next(wait)
		if m.err != nil && wait.Err() != nil && ctx.Err() == nil {
			// Stopped to see what waits: a last look, which does not wait.
			m.flushed = f.flushing()
			if m.changes, m.err = f.on.Next(wait); m.err != nil {
				m.changes, m.err = nil, nil
			}
		}
		stop()
		select {
		case b.moves <- m:
		case <-ctx.Done():
			return
		}
		if m.err != nil {
			return
		}
	}
}

// waits notes how the wait that begins is stopped, and stops it if that was asked for.
func (f *follow) waits(stop context.CancelFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stop = stop
	if f.asked > f.done {
		stop()
	}
}

func (f *follow) flushing() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = f.asked
	return f.done
}

// flush asks for all that has happened, and returns which [moves.flushed] will tell.
func (f *follow) flush() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.stop != nil {
		f.stop()
	}
	return f.asked
}

// take takes what a follow tells.
func (b *Board) take(m moves) {
	f := m.f
	if b.follows[f.path] != f || f.given {
		return
	}
	for i := range m.changes {
		c := &m.changes[i]
		if c.Lost > 0 && c.Kind != Missed {
			b.gap(f, f.last, c.At, fmt.Sprintf("%d changes came faster than they could be taken", c.Lost))
		}
		b.change(f, c)
		f.last = c.At
		if i%512 == 511 {
			b.turn()
			if b.follows[f.path] != f {
				return
			}
		}
	}
	if p := f.on.Partial(); p != f.partial {
		f.partial = p
		b.repartial(f)
	}
	f.flushed = max(f.flushed, m.flushed)
	if m.err != nil {
		b.unfollowed(f, m.err)
	}
}

// repartial has the locks of a follow judged anew: whether its changes come in order.
func (b *Board) repartial(f *follow) {
	for _, d := range b.dirs {
		if d.follow == f {
			b.soil(d)
		}
	}
	b.news()
}

// unfollowed notes that a follow has ended by itself.
func (b *Board) unfollowed(f *follow, err error) {
	b.log.Warn("a path is not followed any more", "path", f.path, "err", err)
	f.partial, f.ended = "changes are not told any more: "+err.Error(), true
	b.repartial(f)
}

// stop ends a follow; its directories have to be of another one.
func (b *Board) stop(f *follow) {
	if b.follows[f.path] == f {
		delete(b.follows, f.path)
	}
	f.ended = true // nobody waits for what it tells
	if f.cancel != nil {
		f.cancel()
	}
}

func (b *Board) closeFollows() {
	for _, f := range b.follows {
		b.stop(f)
	}
}

// under tells whether path is root or below it.
func under(root, path string) bool {
	return root == "/" || strings.HasPrefix(path, root) && (len(path) == len(root) || path[len(root)] == '/')
}

// followOf is the follow that tells of a path, nil if there is none.
func (b *Board) followOf(path string) *follow {
	if f := b.follows[path]; f != nil && f.started && !f.given {
		return f
	}
	for _, root := range b.search.roots {
		if f := b.follows[root]; f != nil && f.started && !f.given && under(root, path) {
			return f
		}
	}
	return nil
}

// caughtUp tells whether all changes have come that were made before a reply: when it is
// due, a flush is asked for, and has to come.
func (b *Board) caughtUp(f *follow, now, due time.Time, flush *int) bool {
	if f == nil || !f.started || f.ended || f.given {
		return true
	}
	if now.Before(due) {
		b.wakeAt(due)
		return false
	}
	if *flush == 0 {
		if !f.on.Live() { // Missed comes, and then all of this is old
			b.wakeAt(now.Add(100 * time.Millisecond))
			return false
		}
		*flush = f.flush()
	}
	return *flush <= f.flushed
}

// adoptDue makes live what has been listed, once the changes from before have come.
func (b *Board) adoptDue(now time.Time) {
	if len(b.settling) == 0 {
		return
	}
	var ready []*folder
	b.settling = slices.DeleteFunc(b.settling, func(d *folder) bool {
		if b.dirs[d.path] != d || d.reply == nil || d.state != listing {
			return true
		}
		if !b.caughtUp(d.follow, now, d.due, &d.flush) {
			return false
		}
		if q := d.queue; q != nil && q.state == listing && q.reply == nil && q.tries == 0 {
			return false // its queue comes first
		}
		ready = append(ready, d)
		return true
	})
	// Queues before the places that they are for.
	slices.SortStableFunc(ready, func(a, o *folder) int { return order(a) - order(o) })
	for _, d := range ready {
		b.adopt(d)
	}
}

func order(d *folder) int {
	if d.places != nil {
		return 0
	}
	return 1
}
