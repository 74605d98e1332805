package lockctl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const labTimeout = 6 * time.Second

// hand is a handle on a session of its own, with what it told and what it sent.
type hand struct {
	*Locker
	t *testing.T
	s *labSession

	mu    sync.Mutex
	steps []Step
	asked []string
}

// inLab runs a test in a bubble, with a lab that loses nothing by itself.
func inLab(t *testing.T, test func(t *testing.T, b *lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newLab(1)
		defer b.close()
		test(t, b)
	})
}

func (b *lab) hand(t *testing.T, o LockOptions) *hand { return b.handOn(t, b.open(labTimeout), o) }

func (b *lab) handOn(t *testing.T, s *labSession, o LockOptions) *hand {
	t.Helper()
	h := &hand{t: t, s: s}
	o.Observe = func(s Step) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.steps = append(h.steps, s)
	}
	b.do(func() {
		s.sent = func(op, _ string) { h.asked = append(h.asked, op) }
	})
	var err error
	if h.Locker, err = NewLocker(s, "/locks/a", o); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hand) take() *Lease {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Hour)
	defer cancel()
	l, err := h.Acquire(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	return l
}

// queue acquires in the background, and returns when that waits.
func (h *hand) queue(ctx context.Context) <-chan any {
	got := make(chan any, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		l, err := h.Acquire(ctx)
		if err != nil {
			got <- err
		} else {
			got <- l
		}
	}()
	h.idle()
	return got
}

// idle waits until nothing is under way any more.
func (h *hand) idle() { time.Sleep(200 * time.Millisecond) }

// told are the kinds of steps since the last call.
func (h *hand) told() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var kinds []string
	for _, s := range h.steps {
		kinds = append(kinds, string(s.Kind))
	}
	h.steps = nil
	return strings.Join(kinds, " ")
}

// sent are the requests since the last call.
func (h *hand) sent() string {
	var all []string
	h.s.lab.do(func() { all, h.asked = h.asked, nil })
	return strings.Join(slices.DeleteFunc(all, func(op string) bool { return op == "" }), " ")
}

func (h *hand) say(what, got, want string) {
	h.t.Helper()
	if got != want {
		h.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// A lock that nobody else wants costs one wait, and its release another.
func TestTakeAlone(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		h := b.hand(t, LockOptions{})
		l := h.take()
		h.say("steps", h.told(), "look create list granted")
		if l.State() != LeaseHeld || l.Err() != nil || l.Token() == 0 || !b.has(join(l.Dir(), l.Node())) {
			t.Errorf("%s, %v", l.State(), l.Err())
		}
		if err := l.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.sent()
		l = h.take()
		if err := l.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.say("requests", h.sent(), "enter delete")
		if l.State() != LeaseReleased || !errors.Is(l.Err(), ErrNotHeld) {
			t.Errorf("%s, %v", l.State(), l.Err())
		}
		if err := l.Release(t.Context()); !errors.Is(err, ErrNotHeld) {
			t.Errorf("released twice: %v", err)
		}
	})
}

// A waiter is let in by the event itself, and asks nothing.
func TestTakeByTheEvent(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		first, h := b.hand(t, LockOptions{}), b.hand(t, LockOptions{})
		l := first.take()
		got := h.queue(t.Context())
		h.say("requests", h.sent(), "list enter watch watch")
		if err := l.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		second := (<-got).(*Lease)
		h.say("requests after the event", h.sent(), "")
		h.say("steps", h.told(), "look create list watch wake granted")
		h.idle()
		h.say("requests of the lease", h.sent(), "")
		b.do(func() { _ = b.remove(join(second.Dir(), second.Node()), -1) })
		<-second.Done()
		if !errors.Is(second.Err(), ErrLost) {
			t.Error(second.Err())
		}
	})
}

// Where the connection was another meanwhile, where the value of the own znode changed,
// or where the one before was not first, the queue is listed again.
func TestTakeListsAgain(t *testing.T) {
	for name, disturb := range map[string]func(b *lab, h *hand, before *Lease){
		"reconnected": func(_ *lab, h *hand, _ *Lease) { h.s.cut(0); h.idle(); time.Sleep(labTimeout / 4) },
		"cut, and told late": func(_ *lab, h *hand, l *Lease) {
			h.s.cut(time.Second)
			if err := l.Release(h.t.Context()); err != nil {
				h.t.Error(err)
			}
		},
		"the value of the one before": func(b *lab, h *hand, l *Lease) {
			b.do(func() { _, _ = b.set(join(l.Dir(), l.Node()), []byte("unlock"), -1) })
			h.idle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			inLab(t, func(t *testing.T, b *lab) {
				first, h := b.hand(t, LockOptions{}), b.hand(t, LockOptions{})
				l := first.take()
				got := h.queue(t.Context())
				h.sent()
				disturb(b, h, l)
				if l.Err() == nil {
					select {
					case v := <-got:
						t.Fatalf("let in: %v", v)
					default:
					}
					_ = l.Release(t.Context())
				}
				if _, ok := (<-got).(*Lease); !ok {
					t.Fatal("not granted")
				}
				if sent := h.sent(); !strings.Contains(sent, "list") {
					t.Errorf("asked %q", sent)
				}
			})
		})
	}
}

// The reply to the creation is lost: there is one znode, of ours, and it is kept.
func TestTakeRecovers(t *testing.T) {
	for _, r := range []Recipe{CuratorMutex, Naive, WriteLock} {
		t.Run(string(r), func(t *testing.T) {
			inLab(t, func(t *testing.T, b *lab) {
				h := b.hand(t, LockOptions{Recipe: r})
				times := 0
				h.s.lose = func(op, _ string) (bool, bool) {
					if op == "enter" {
						times++
					}
					return false, op == "enter" && times == 1
				}
				other := b.handOn(t, h.s, LockOptions{Recipe: r}) // of the same session
				l := h.take()
				if n := b.names("/locks/a"); len(n) != 1 || n[0] != l.Node() {
					t.Errorf("%q, kept %s", n, l.Node())
				}
				got := other.queue(t.Context())
				if err := l.Release(t.Context()); err != nil {
					t.Fatal(err)
				}
				if l := (<-got).(*Lease); l.Release(t.Context()) != nil || len(b.names("/locks/a")) != 0 {
					t.Error(l.Err(), b.names("/locks/a"))
				}
			})
		})
	}
}

// Who waits and whose znode is deleted queues anew.
func TestTakeRequeues(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		first, h := b.hand(t, LockOptions{}), b.hand(t, LockOptions{})
		l := first.take()
		got := h.queue(t.Context())
		h.told()
		for _, n := range b.names("/locks/a") {
			if n != l.Node() {
				b.do(func() { _ = b.remove("/locks/a/"+n, -1) })
			}
		}
		h.idle()
		h.say("steps", h.told(), "requeue look create list watch")
		_ = l.Release(t.Context())
		if l := (<-got).(*Lease); !b.has(join(l.Dir(), l.Node())) {
			t.Error("held without a znode")
		}
	})
}

// A handle that knows a family queues at once, and takes its znode back where another
// family has come meanwhile.
func TestTakeOtherFamily(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		h := b.hand(t, LockOptions{})
		if err := h.take().Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.do(func() { _, _, _ = b.create("/locks/a/"+hex32(1)+"__lock__", nil, 7, true) })
		h.told()
		within, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got := h.queue(within)
		h.say("steps", h.told(), "create look requeue look create list watch")
		b.do(func() { b.write(labTxn{kind: "close", owner: 7}) })
		if l := (<-got).(*Lease); l.Recipe() != KazooLock {
			t.Errorf("taken as %s", l.Recipe())
		}
	})
}

// What must not be written is refused before anything is sent.
func TestTakeReadOnly(t *testing.T) {
	inLab(t, func(t *testing.T, b *lab) {
		s := b.open(labTimeout)
		k, err := NewLocker(readOnly{s}, "/locks/a", LockOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, take := range []func(context.Context) (*Lease, error){k.Acquire, k.TryAcquire} {
			if l, err := take(t.Context()); l != nil || !errors.Is(err, ErrReadOnly) {
				t.Errorf("%v, %v", l, err)
			}
		}
	})
}

type readOnly struct{ *labSession }

func (r readOnly) Status() SessionStatus {
	st := r.labSession.Status()
	st.ReadOnly = true
	return st
}

func (r readOnly) List(context.Context, string, bool) ([]string, Stat, error) {
	panic("something was asked")
}

// A machine that slept, or a server that is silent, puts a lock in doubt.
func TestTakeSilence(t *testing.T) {
	for _, test := range []struct {
		silent, wall time.Duration
		doubt        bool
	}{
		{0, 0, false},
		{3 * time.Second, 3 * time.Second, false},
		{4 * time.Second, 4 * time.Second, true},
		{time.Second, 2400 * time.Millisecond, false},
		{time.Second, 3 * time.Second, true},
		{time.Second, time.Hour, true},
		{time.Second, -time.Hour, false}, // a clock that was set back
	} {
		if why := silence(labTimeout, test.silent, test.wall); (why != "") != test.doubt {
			t.Errorf("%v: %q", test, why)
		}
	}
}
