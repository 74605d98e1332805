//go:build unix

package ensemble

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// writer creates znodes one after the other for as long as it is let, and remembers
// which it was told are there.
type writer struct {
	conn *zk.Conn
	stop context.CancelFunc
	done chan struct{}

	mu   sync.Mutex
	last time.Time
	gap  time.Duration
	made int
}

func newWriter(t *testing.T, addr string) *writer {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &writer{conn: zktest.Connect(t, addr), stop: stop, done: make(chan struct{}), last: time.Now()}
	go w.run(ctx)
	t.Cleanup(w.end)
	return w
}

func (w *writer) end() {
	w.stop()
	<-w.done
}

func (w *writer) run(ctx context.Context) {
	defer close(w.done)
	acl := zk.WorldACL(zk.PermAll)
	for n := 0; ctx.Err() == nil; {
		path := fmt.Sprintf("/write-%06d", n)
		_, err := w.conn.Create(path, nil, 0, acl)
		if err == nil || errors.Is(err, zk.ErrNodeExists) { // there, and the answer got lost
			n++
			w.mu.Lock()
			w.gap = max(w.gap, time.Since(w.last))
			w.last, w.made = time.Now(), n
			w.mu.Unlock()
		}
		_ = pause(ctx, 2*time.Millisecond)
	}
}

// count is how many writes there are.
func (w *writer) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.made
}

// longest waits for two more writes, and is the longest time between two since the
// last call.
func (w *writer) longest(t *testing.T) time.Duration {
	t.Helper()
	n := w.count()
	eventually(t, "clients write again", func() bool { return w.count() > n+1 })
	w.mu.Lock()
	defer w.mu.Unlock()
	gap := w.gap
	w.gap = 0
	return gap
}

// check looks for every write on a server.
func (w *writer) check(t *testing.T, m Member) {
	t.Helper()
	n := w.count()
	conn := zktest.Connect(t, m.Addr())
	if _, err := conn.Sync("/"); err != nil {
		t.Fatalf("server %d: %v", m.ID, err)
	}
	names, _, err := conn.Children("/")
	if err != nil {
		t.Fatalf("server %d: %v", m.ID, err)
	}
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	for i := range n {
		if name := fmt.Sprintf("write-%06d", i); !there[name] {
			t.Fatalf("server %d lacks /%s of %d committed writes", m.ID, name, n)
		}
	}
}
