package lockctl

import (
	"context"
	"sync"
)

// handles is what the handles of one session in this process know of each other. Where
// the names of a recipe prove nothing, a znode of our session may be another handle's:
// they are told apart by who made which.
type handles struct {
	refs  int
	turn  chan struct{} // held while such a znode is made, or looked for
	mu    sync.Mutex
	nodes map[string]bool // paths of znodes that have a handle
}

var sessions struct {
	mu sync.Mutex
	of map[Session]*handles
}

// handlesOf has the handles of a session counted in; leave counts them out.
func handlesOf(s Session) *handles {
	sessions.mu.Lock()
	defer sessions.mu.Unlock()
	h := sessions.of[s]
	if h == nil {
		h = &handles{turn: make(chan struct{}, 1), nodes: map[string]bool{}}
		if sessions.of == nil {
			sessions.of = map[Session]*handles{}
		}
		sessions.of[s] = h
	}
	h.refs++
	return h
}

func (h *handles) leave(s Session) {
	sessions.mu.Lock()
	defer sessions.mu.Unlock()
	if h.refs--; h.refs == 0 {
		delete(sessions.of, s)
	}
}

// take waits until no other handle makes a znode whose name proves nothing.
func (h *handles) take(ctx context.Context) error {
	select {
	case h.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *handles) give() { <-h.turn }

// known tells whether a znode has a handle.
func (h *handles) known(path string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.nodes[path]
}

func (h *handles) own(path string, is bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if is {
		h.nodes[path] = true
	} else {
		delete(h.nodes, path)
	}
}
