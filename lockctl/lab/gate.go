package lab

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// errShut is why nothing passes any more.
var errShut = errors.New("the lab has ended")

// request is what waits at the gate, in words that people read.
type request struct {
	worker int
	words  func() string
}

// gate is where each request of a worker waits before it leaves: while the lab is paused
// for a step, with a pace for its turn, and while its worker is frozen. Open and at full
// speed it costs a mutex.
type gate struct {
	changed func()

	mu     sync.Mutex
	paused bool
	pace   time.Duration
	shut   bool
	frozen map[int]bool // workers whose requests stay
	// round counts the requests that were let go: those that came in the same round have
	// come together, and of them the lowest worker's goes first.
	round   uint64
	waiting []*pass // in the order in which they go
	// let is when the last one was let go, of a gate that is paused.
	let   time.Time
	timer *time.Timer
	armed uint64 // counts timers: one that is late does nothing
}

// pass is one request that waits.
type pass struct {
	request
	round uint64
	out   chan struct{} // closed when it may go
}

func newGate(paused bool, pace time.Duration, changed func()) *gate {
	return &gate{paused: paused, pace: pace, changed: changed, frozen: map[int]bool{}}
}

// wait waits until the request may leave. It fails when ctx or over ends, or the gate is
// shut. skip lets it go at once, as one that does not wait for its turn; nil is never.
func (g *gate) wait(ctx context.Context, r request, over, skip <-chan struct{}) error {
	g.mu.Lock()
	switch {
	case g.shut:
		g.mu.Unlock()
		return errShut
	case !g.paused && g.pace == 0 && !g.frozen[r.worker]:
		g.mu.Unlock()
		return nil
	}
	p := &pass{request: r, round: g.round, out: make(chan struct{})}
	i, _ := slices.BinarySearchFunc(g.waiting, p, func(a, b *pass) int {
		if a.round < b.round || a.round == b.round && a.worker <= b.worker {
			return -1
		}
		return 1
	})
	g.waiting = slices.Insert(g.waiting, i, p)
	g.flow()
	g.mu.Unlock()
	g.changed()
	var err error
	select {
	case <-p.out:
	case <-skip:
	case <-over:
		err = errShut
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.waiting, p); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
		g.flow()
	}
	if err == nil && g.shut {
		err = errShut
	}
	return err
}

// next is who goes next, -1 where nobody can; g.mu is held.
func (g *gate) next() int {
	return slices.IndexFunc(g.waiting, func(p *pass) bool { return !g.frozen[p.worker] })
}

// flow lets go who may, and sets the timer for who may later; g.mu is held.
func (g *gate) flow() {
	i := g.next()
	switch {
	case i < 0 || g.paused:
		g.disarm()
	case g.pace == 0:
		for ; i >= 0; i = g.next() {
			g.letGo(i)
		}
	case g.timer == nil:
		g.armed++
		armed := g.armed
		g.timer = time.AfterFunc(g.pace, func() { g.due(armed) })
	}
}

// due lets one go whose time has come.
func (g *gate) due(armed uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.armed != armed || g.timer == nil {
		return
	}
	g.timer = nil
	if i := g.next(); i >= 0 && !g.paused {
		g.letGo(i)
	}
	g.flow()
	g.changed()
}

func (g *gate) disarm() {
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
}

func (g *gate) letGo(i int) {
	close(g.waiting[i].out)
	g.waiting = slices.Delete(g.waiting, i, i+1)
	g.round++
	g.let = time.Now()
}

// set changes how it lets go.
func (g *gate) set(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
	g.disarm()
	g.flow()
}

func (g *gate) pause(paused bool) {
	g.set(func() {
		if paused {
			g.halt()
		}
		g.paused = paused
	})
}

// halt pauses it; g.mu is held.
func (g *gate) halt() {
	if !g.paused && g.pace == 0 {
		g.let = time.Now() // nothing that went before was held up
	}
	g.paused = true
}

func (g *gate) setPace(pace time.Duration) { g.set(func() { g.pace = pace }) }
func (g *gate) freeze(worker int, yes bool) {
	g.set(func() {
		if yes {
			g.frozen[worker] = true
		} else {
			delete(g.frozen, worker)
		}
	})
}

// step lets one request go, if one waits.
func (g *gate) step() {
	g.set(func() {
		g.halt()
		if i := g.next(); i >= 0 {
			g.letGo(i)
		}
	})
}

// close ends all waits. Nothing passes from then on.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	g.disarm()
	for _, p := range g.waiting {
		close(p.out)
	}
	g.waiting = nil
}

// gateState is how a gate stands.
type gateState struct {
	paused bool
	pace   time.Duration
	// let is when it let the last one go, now if it is not paused.
	let  time.Time
	next string // what goes next, "" where nothing waits
}

func (g *gate) show() gateState {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := gateState{paused: g.paused, pace: g.pace, let: g.let}
	if !g.paused {
		s.let = time.Now()
	}
	if i := g.next(); i >= 0 {
		s.next = g.waiting[i].words()
	}
	return s
}
