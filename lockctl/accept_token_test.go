package lockctl_test

import (
	"strings"
	"sync"
	"testing"

	"zkdeck/lockctl"
)

// Fencing tokens grow with every grant, also where sequence numbers do not.
func TestAccept20Tokens(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	var mu sync.Mutex
	var tokens []int64
	inside := 0
	grants := func(n int) {
		t.Helper()
		var all sync.WaitGroup
		for range 2 {
			h := sc.player().handle(dir, lockctl.LockOptions{})
			all.Go(func() {
				for range n / 2 {
					l, err := h.Acquire(soon(t))
					if err != nil {
						t.Errorf("acquiring: %v", err)
						return
					}
					mu.Lock()
					inside++
					if inside != 1 {
						t.Errorf("%d hold", inside)
					}
					tokens = append(tokens, l.Token())
					mu.Unlock()
					mu.Lock()
					inside--
					mu.Unlock()
					if err := l.Release(soon(t)); err != nil {
						t.Errorf("releasing: %v", err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	grants(100)
	sc.remove(dir)
	create(t, sc.conn, dir, 0)
	l := sc.player().take(dir)
	if !strings.HasSuffix(l.Node(), "0000000000") {
		t.Errorf("%s is the first in a new directory", l.Node())
	}
	tokens = append(tokens, l.Token())
	release(t, l)
	grants(10)
	if len(tokens) != 111 {
		t.Fatalf("%d grants", len(tokens))
	}
	for i := range tokens[1:] {
		if tokens[i] >= tokens[i+1] {
			t.Errorf("token %d after %d", tokens[i+1], tokens[i])
		}
	}
}

// A clean end frees the lock at once, without the timeout of the session.
func TestAccept38CleanClose(t *testing.T) {
	sc := onShared(t)
	dir, p := sc.dir("lock"), sc.player()
	l := p.take(dir)
	next := sc.player().queue(dir, lockctl.LockOptions{})
	if err := p.s.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	lost(t, l)
	other := next.granted()
	if d := other.Granted().Sub(l.Granted()); d >= enduring {
		t.Errorf("freed after %v", d)
	}
	sc.holdsOnly(dir, other.Node())
	release(t, other)
	sc.holdsOnly(dir)
}
