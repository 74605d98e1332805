package peers

import (
	"sync"

	"github.com/go-zookeeper/zk"
)

// OneByOne walks the tree below root by go-zookeeper, one request a znode from so
// many callers, and returns the number of znodes.
func OneByOne(conn *zk.Conn, root string, callers int) (int, error) {
	w := &walk{queue: []string{root}}
	w.more = sync.NewCond(&w.mu)
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for path, ok := w.next(); ok; path, ok = w.next() {
				names, _, err := conn.Children(path)
				w.done(path, names, err)
			}
		})
	}
	all.Wait()
	return w.seen, w.err
}

// walk is what the callers share.
type walk struct {
	mu    sync.Mutex
	more  *sync.Cond
	queue []string
	busy  int
	seen  int
	err   error
}

// next waits for a path to ask for; it is false when there will be none.
func (w *walk) next() (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 && w.busy > 0 {
		w.more.Wait()
	}
	if len(w.queue) == 0 {
		return "", false
	}
	path := w.queue[len(w.queue)-1]
	w.queue = w.queue[:len(w.queue)-1]
	w.busy++
	return path, true
}

// done takes in the children of a path.
func (w *walk) done(path string, names []string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	w.seen++
	if err != nil {
		w.err = err
	}
	for _, n := range names {
		w.queue = append(w.queue, path+"/"+n)
	}
	if len(names) > 0 || w.busy == 0 {
		w.more.Broadcast()
	}
}
