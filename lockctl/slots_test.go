package lockctl_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// takers are sessions of one test, and the znodes as a plain client sees them.
type takers struct {
	t    *testing.T
	ctx  context.Context
	addr string
	root string
	conn *zk.Conn
}

func newTakers(t *testing.T) *takers {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	addr := zktest.Shared(t)
	return &takers{t: t, ctx: ctx, addr: addr, root: zktest.Root(t), conn: zktest.Connect(t, addr)}
}

func (k *takers) session() lockctl.Session {
	k.t.Helper()
	s, err := lockview.OpenSession(zkview.Config{Servers: k.addr, Timeout: enduring})
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = s.Close() })
	return s
}

// locker is a handle on a session of its own.
func (k *takers) locker(path string, o lockctl.LockOptions) *lockctl.Locker {
	k.t.Helper()
	l, err := lockctl.NewLocker(k.session(), path, o)
	if err != nil {
		k.t.Fatal(err)
	}
	return l
}

func (k *takers) acquire(l *lockctl.Locker) *lockctl.Lease {
	k.t.Helper()
	lease, err := l.Acquire(k.ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	return lease
}

// children are the names in a directory; none if there is none.
func (k *takers) children(path string) []string {
	k.t.Helper()
	names, _, err := k.conn.Children(path)
	if err != nil && !errors.Is(err, zk.ErrNoNode) {
		k.t.Fatal(err)
	}
	return names
}

// until waits for a condition of the znodes.
func (k *takers) until(what string, is func() bool) {
	k.t.Helper()
	for !is() {
		if k.ctx.Err() != nil {
			k.t.Fatalf("it does not come to that: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// empties waits until a directory has no children. Whoever gets a place of a semaphore
// leaves the queue for it, and does not wait for long until it has.
func (k *takers) empties(path string) {
	k.t.Helper()
	k.until(path+" is empty", func() bool { return len(k.children(path)) == 0 })
}

// steps keeps what Observe is told.
type steps struct {
	mu  sync.Mutex
	all []lockctl.Step
}

func (s *steps) observe(st lockctl.Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, st)
}

func (s *steps) count(k lockctl.StepKind) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, st := range s.all {
		if st.Kind == k {
			n++
		}
	}
	return n
}

// semaphores are the recipes, and where each has its queue and its places.
var semaphores = map[lockctl.Recipe][2]string{
	lockctl.CuratorSemaphore: {"/locks", "/leases"},
	lockctl.KazooSemaphore:   {"-__lock__", ""},
}

// eachSemaphore runs a test with each recipe.
func eachSemaphore(t *testing.T, test func(t *testing.T, r lockctl.Recipe, queue, places string)) {
	for r, dirs := range semaphores {
		t.Run(string(r), func(t *testing.T) { test(t, r, dirs[0], dirs[1]) })
	}
}

// Test 27: exactly N hold, and one that leaves lets one in.
func TestSlotsExactlyN(t *testing.T) { eachSemaphore(t, testSlotsExactlyN) }

func testSlotsExactlyN(t *testing.T, r lockctl.Recipe, queue, places string) {
	k := newTakers(t)
	const slots, clients = 3, 8
	path := k.root + "/sem"
	var (
		mu      sync.Mutex
		in, top int
		wg      sync.WaitGroup
	)
	for i := range clients {
		l := k.locker(path, lockctl.LockOptions{Recipe: r, Slots: slots, Identity: fmt.Sprint("client ", i)})
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 5 {
				lease, err := l.Acquire(k.ctx)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				in++
				top = max(top, in)
				mu.Unlock()
				if lease.Recipe() != r || lease.Dir() != path+places || lease.Token() == 0 {
					t.Errorf("%s in %s, token %d", lease.Recipe(), lease.Dir(), lease.Token())
				}
				k.until("all places are taken, or few are left", func() bool {
					mu.Lock()
					defer mu.Unlock()
					return top == slots
				})
				mu.Lock()
				in--
				mu.Unlock()
				if err := lease.Release(k.ctx); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	if top != slots {
		t.Errorf("%d held together, want %d", top, slots)
	}
	if left := k.children(path + places); len(left) > 0 {
		t.Errorf("%s: %v is left", places, left)
	}
	k.empties(path + queue)
}

// Only the first of the queue watches the places, and a place that is left lets that one
// in and no other.
func TestSlotsLeavingWakesOne(t *testing.T) {
	k := newTakers(t)
	path := k.root + "/sem"
	first := k.acquire(k.locker(path, lockctl.LockOptions{Slots: 2}))
	second := k.acquire(k.locker(path, lockctl.LockOptions{Slots: 2}))
	k.empties(path + "/locks")
	leases := make(chan *lockctl.Lease, 3)
	seen := make([]*steps, 3)
	for i := range seen {
		seen[i] = &steps{}
		l := k.locker(path, lockctl.LockOptions{Slots: 2, Observe: seen[i].observe})
		go func() {
			lease, err := l.Acquire(k.ctx)
			if err != nil {
				t.Error(err)
			}
			leases <- lease
		}()
		k.until("one more queues", func() bool { return len(k.children(path+"/locks")) == i+1 })
	}
	k.until("the first watches the places", func() bool { return len(k.children(path+"/leases")) == 3 })
	if err := first.Release(k.ctx); err != nil {
		t.Fatal(err)
	}
	third := <-leases
	k.until("the next is first", func() bool { return len(k.children(path+"/locks")) == 2 && len(k.children(path+"/leases")) == 3 })
	if third.State() != lockctl.LeaseHeld || second.State() != lockctl.LeaseHeld {
		t.Errorf("%s and %s", third.State(), second.State())
	}
	if n := seen[2].count(lockctl.StepGranted) + seen[1].count(lockctl.StepGranted); n != 0 {
		t.Errorf("%d more were let in", n)
	}
	for range 2 {
		if err := third.Release(k.ctx); err != nil {
			t.Fatal(err)
		}
		third = <-leases
	}
	if err := third.Release(k.ctx); err != nil {
		t.Fatal(err)
	}
	if err := second.Release(k.ctx); err != nil {
		t.Fatal(err)
	}
}

// Who only tries is told who has the places, and leaves nothing.
func TestSlotsTry(t *testing.T) { eachSemaphore(t, testSlotsTry) }

func testSlotsTry(t *testing.T, r lockctl.Recipe, queue, places string) {
	k := newTakers(t)
	path := k.root + "/sem"
	one := k.acquire(k.locker(path, lockctl.LockOptions{Recipe: r, Slots: 1, Identity: "one"}))
	k.empties(path + queue)
	try := k.locker(path, lockctl.LockOptions{Slots: 1})
	_, err := try.TryAcquire(k.ctx)
	var busy *lockctl.BusyError
	if !errors.As(err, &busy) || busy.Holder != "one" || busy.Node != one.Node() || busy.Session != one.Session() {
		t.Fatalf("%v", err)
	}
	if left := k.children(path + queue); len(left) > 0 || len(k.children(path+places)) != 1 {
		t.Errorf("%v is left", left)
	}
	if err := one.Release(k.ctx); err != nil {
		t.Fatal(err)
	}
	two, err := try.TryAcquire(k.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := two.Release(k.ctx); err != nil {
		t.Fatal(err)
	}
}

// A wait that is given up leaves neither a place nor a znode in the queue, be it the
// first there or not.
func TestSlotsGivenUp(t *testing.T) {
	k := newTakers(t)
	path := k.root + "/sem"
	holder := k.acquire(k.locker(path, lockctl.LockOptions{Slots: 1}))
	k.empties(path + "/locks")
	why := errors.New("enough")
	for waiters := 1; waiters <= 2; waiters++ {
		ctx, cancel := context.WithCancelCause(k.ctx)
		errs := make(chan error, waiters)
		var all []*lockctl.Locker
		for i := range waiters {
			l := k.locker(path, lockctl.LockOptions{Slots: 1})
			all = append(all, l)
			go func() {
				_, err := l.Acquire(ctx)
				errs <- err
			}()
			k.until("it queues", func() bool { return len(k.children(path+"/locks")) == i+1 && len(k.children(path+"/leases")) == 2 })
		}
		cancel(why)
		for _, l := range all {
			if err := <-errs; !errors.Is(err, why) {
				t.Errorf("%v", err)
			}
			if err := l.Settled(k.ctx); err != nil {
				t.Error(err)
			}
		}
		if n, m := len(k.children(path+"/locks")), len(k.children(path+"/leases")); n != 0 || m != 1 {
			t.Errorf("%d in the queue, %d places", n, m)
		}
	}
	if err := holder.Release(k.ctx); err != nil {
		t.Fatal(err)
	}
}

// Whoever waits for a place and has its znode deleted, in the mutex or among the places,
// queues anew.
func TestSlotsRequeue(t *testing.T) {
	for _, which := range []string{"/locks", "/leases"} {
		t.Run(strings.Trim(which, "/"), func(t *testing.T) {
			k := newTakers(t)
			path := k.root + "/sem"
			holder := k.acquire(k.locker(path, lockctl.LockOptions{Slots: 1}))
			k.empties(path + "/locks")
			seen := &steps{}
			waiter := k.locker(path, lockctl.LockOptions{Slots: 1, Observe: seen.observe})
			got := make(chan *lockctl.Lease, 1)
			go func() {
				l, err := waiter.Acquire(k.ctx)
				if err != nil {
					t.Error(err)
				}
				got <- l
			}()
			k.until("it waits for the places", func() bool { return seen.count(lockctl.StepWatch) >= 1 })
			for _, n := range k.children(path + which) {
				if n != holder.Node() {
					if err := k.conn.Delete(path+which+"/"+n, -1); err != nil {
						t.Fatal(err)
					}
				}
			}
			k.until("it queues anew", func() bool {
				return seen.count(lockctl.StepRequeue) >= 1 && len(k.children(path+"/locks")) == 1 && len(k.children(path+"/leases")) == 2
			})
			if err := holder.Release(k.ctx); err != nil {
				t.Fatal(err)
			}
			l := <-got
			if l == nil || l.State() != lockctl.LeaseHeld {
				t.Fatal("not held")
			}
			if err := l.Release(k.ctx); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// kazoo's keeps its number of places in its directory: another is refused, and who does
// not say the recipe gets it.
func TestSlotsOfKazoo(t *testing.T) {
	k := newTakers(t)
	path := k.root + "/a/sem"
	lease := k.acquire(k.locker(path, lockctl.LockOptions{Recipe: lockctl.KazooSemaphore, Slots: 2}))
	if data, _, err := k.conn.Get(path); err != nil || string(data) != "2" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := k.locker(path, lockctl.LockOptions{Slots: 3}).Acquire(k.ctx); !errors.Is(err, lockctl.ErrSlots) {
		t.Errorf("%v", err)
	}
	other := k.acquire(k.locker(path, lockctl.LockOptions{Slots: 2}))
	if other.Recipe() != lockctl.KazooSemaphore {
		t.Errorf("%s", other.Recipe())
	}
	seen := &steps{}
	waiter := k.locker(path, lockctl.LockOptions{Slots: 2, Observe: seen.observe})
	got := make(chan *lockctl.Lease, 1)
	go func() {
		l, err := waiter.Acquire(k.ctx)
		if err != nil {
			t.Error(err)
		}
		got <- l
	}()
	k.until("it waits", func() bool { return seen.count(lockctl.StepWatch) >= 1 })
	if n := len(k.children(path)); n != 2 {
		t.Errorf("%d places are taken", n)
	}
	if err := other.Release(k.ctx); err != nil {
		t.Fatal(err)
	}
	for _, l := range []*lockctl.Lease{<-got, lease} {
		if err := l.Release(k.ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.locker(path, lockctl.LockOptions{Recipe: lockctl.KazooSemaphore, Slots: 3}).Acquire(k.ctx); !errors.Is(err, lockctl.ErrSlots) {
		t.Errorf("when nobody is there: %v", err)
	}
}

// A semaphore and a mutex do not meet at one path.
func TestSlotsAndMutexRefuseEachOther(t *testing.T) {
	k := newTakers(t)
	sem, mutex := k.root+"/sem", k.root+"/mutex"
	k.acquire(k.locker(sem, lockctl.LockOptions{Slots: 1}))
	k.acquire(k.locker(mutex, lockctl.LockOptions{}))
	if _, err := k.locker(sem, lockctl.LockOptions{}).Acquire(k.ctx); !errors.Is(err, lockctl.ErrMixed) {
		t.Errorf("a mutex at a semaphore: %v", err)
	}
	if _, err := k.locker(mutex, lockctl.LockOptions{Slots: 2}).Acquire(k.ctx); !errors.Is(err, lockctl.ErrMixed) {
		t.Errorf("a semaphore at a mutex: %v", err)
	}
	if _, err := k.locker(sem+"/leases", lockctl.LockOptions{}).Acquire(k.ctx); !errors.Is(err, lockctl.ErrForeign) {
		t.Errorf("a mutex among places: %v", err)
	}
}
