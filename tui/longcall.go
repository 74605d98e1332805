package tui

import (
	"context"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"
)

// longCall is a call that may take minutes, made in a command. While it runs, it
// tells how far it has come; who is slow to listen hears the newest only.
type longCall[P any] struct {
	ctx    context.Context
	stop   context.CancelFunc
	newest chan P        // at most one
	ended  chan struct{} // closed when the call has returned, or never will be made
	begun  atomic.Bool   // it was made, or given up before
}

// newLongCall makes a call that ends with parent, or by stop.
func newLongCall[P any](parent context.Context) *longCall[P] {
	ctx, stop := context.WithCancel(parent)
	return &longCall[P]{ctx: ctx, stop: stop, newest: make(chan P, 1), ended: make(chan struct{})}
}

// run returns the commands that make the call and wait for its first progress.
// What do and progress return goes to whom wrap addresses it.
func (c *longCall[P]) run(do func(ctx context.Context, tell func(P)) tea.Msg, progress func(P) tea.Msg, wrap func(tea.Msg) tea.Msg) tea.Cmd {
	call := func() tea.Msg {
		if c.begun.Swap(true) {
			return nil
		}
		defer close(c.ended)
		return wrap(do(c.ctx, c.tell))
	}
	return tea.Batch(call, c.next(func(p P) tea.Msg { return wrap(progress(p)) }))
}

// abandon stops the call, also if its command has not been run yet: then it never
// is.
func (c *longCall[P]) abandon() {
	c.stop()
	if !c.begun.Swap(true) {
		close(c.ended)
	}
}

// next returns the command that waits for the next progress; after the end of the
// call it yields nothing.
func (c *longCall[P]) next(msg func(P) tea.Msg) tea.Cmd {
	return func() tea.Msg {
		select {
		case p := <-c.newest:
			return msg(p)
		case <-c.ended:
			return nil
		}
	}
}

// tell is for the goroutine of the call alone.
func (c *longCall[P]) tell(p P) {
	select {
	case <-c.newest:
	default:
	}
	c.newest <- p
}
