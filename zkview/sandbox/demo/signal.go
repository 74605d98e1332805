package demo

import "sync/atomic"

// signal receives what one watch has to tell: that something happened, once.
type signal struct {
	c     chan struct{}
	armed atomic.Bool
}

func newSignal() *signal { return &signal{c: make(chan struct{}, 1)} }

// arm returns what to hand to a request that leaves its watch in any case (exists),
// nil while the one before has not fired: the server holds one at a time.
func (s *signal) arm() func() {
	if s.armed.Swap(true) {
		return nil
	}
	return s.fire
}

// fire never blocks: a server calls it with its lock held.
func (s *signal) fire() {
	s.armed.Store(false)
	select {
	case s.c <- struct{}{}:
	default:
	}
}
