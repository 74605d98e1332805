package zktest

import (
	"errors"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

func sprung(t *testing.T, trap *Trap) {
	t.Helper()
	select {
	case <-trap.Sprung():
	case <-time.After(startTimeout):
		t.Fatal("the request was not seen")
	}
}

// The relay breaks the network at a request, and tells what was asked.
func TestRelay(t *testing.T) {
	root, direct := Root(t), Connect(t, Shared(t))
	r := NewRelay(t, Shared(t))
	conn := Connect(t, r.Addr())
	creates := func(q Request) bool { return q.Creates() }
	create := func(path string) chan error {
		done := make(chan error, 1)
		go func() {
			_, err := conn.Create(root+path, nil, zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
			done <- err
		}()
		return done
	}
	children := func() int {
		t.Helper()
		names, _, err := direct.Children(root)
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	held := r.Trap(HoldRequest, creates)
	done := create("/a")
	sprung(t, held)
	if n := children(); n != 0 {
		t.Errorf("the server got a request that is held: %d", n)
	}
	held.Release()
	if err := <-done; err != nil || children() != 1 {
		t.Errorf("released: %v, %d", err, children())
	}
	held = r.Trap(HoldReply, creates)
	done = create("/b")
	sprung(t, held)
	if n := children(); n != 2 {
		t.Errorf("the reply is held, not the request: %d", n)
	}
	held.Release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	for i, test := range []struct {
		fault Fault
		want  int
	}{{LoseRequest, 2}, {LoseReply, 3}, {LoseReplies, 5}} {
		trap := r.Trap(test.fault, creates)
		done := create("/c")
		sprung(t, trap)
		if err := <-done; !errors.Is(err, zk.ErrConnectionClosed) || children() != test.want {
			t.Errorf("fault %d: %v, %d children; want %d", i, err, children(), test.want)
		}
		r.Heal()
		// What is asked before the client tries to come back fails at once.
		if err := poll("waiting for the session", func() (bool, error) { return conn.State() == zk.StateHasSession, nil }); err != nil {
			t.Fatal(err)
		}
		if _, _, err := conn.Exists(root); err != nil {
			t.Errorf("healed: %v", err)
		}
	}
	r.Stall()
	asked := make(chan error, 1)
	go func() {
		_, _, _, err := conn.GetW(root)
		asked <- err
	}()
	select {
	case err := <-asked:
		t.Errorf("stalled, but an answer came: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	r.Heal()
	if err := <-asked; err != nil {
		t.Errorf("healed of a stall: %v", err)
	}
	all := r.Requests()
	if last := all[len(all)-1]; last.Op != OpGetData && last.Op != 11 || last.Session != conn.SessionID() {
		t.Errorf("the last request is %+v", last)
	}
	watched := false
	for _, q := range all {
		watched = watched || q.Op == OpGetData && q.Path == root && q.Watch
	}
	if !watched {
		t.Errorf("the watch is not told: %+v", all)
	}
	was := conn.SessionID()
	r.Expire()
	if n := children(); n != 0 {
		t.Errorf("the session has expired and left %d", n)
	}
	for conn.SessionID() == was || conn.SessionID() == 0 {
		_, _, _ = conn.Exists(root) // until the client has another session
	}
}

// The servers that tests take turns with serve at the beginning of each turn.
func TestSharedEnsemble(t *testing.T) {
	var first *Ensemble
	t.Run("one", func(t *testing.T) {
		first = SharedEnsemble(t)
		first.Server(0).Kill()
	})
	t.Run("two", func(t *testing.T) {
		e := SharedEnsemble(t)
		if e != first || e.Server(0).Mode() == "" {
			t.Errorf("%p is not %p, or server 1 does not serve", e, first)
		}
		if answer := Ask(t, e.Server(0).Addr(), "ruok"); answer != "imok" {
			t.Errorf("ruok: %q", answer)
		}
	})
}
