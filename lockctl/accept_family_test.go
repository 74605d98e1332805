package lockctl_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
)

// family is a recipe of mutexes.
type family struct {
	recipe lockctl.Recipe
	prefix string // of a name made by hand, up to the number
	data   string
}

// familyTable are the families of mutexes that are joined, with the names that the
// owner of a session would give.
func familyTable(session int64) []family {
	hex := strings.Repeat("0123456789abcdef", 2)
	return []family{
		{lockctl.CuratorMutex, handmade(1), "127.0.0.1"},
		{lockctl.GoZooKeeper, "_c_" + hex + "-lock-", ""},
		{lockctl.KazooLock, hex + "__lock__", "me"},
		{lockctl.WriteLock, fmt.Sprintf("x-%d-", session), "\x12\x34"},
		{lockctl.ZooLock, fmt.Sprintf("x-%016x-", uint64(session)), ""},
		{lockctl.Naive, "lock_id_", "1363852951.82"},
		{lockctl.PlainLock, "lock-", ""},
	}
}

// nameOf is what our names in a family look like.
var nameOf = map[lockctl.Recipe]string{
	lockctl.CuratorMutex: `^_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-\d{10}$`,
	lockctl.GoZooKeeper:  `^_c_([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})-lock-\d{10}$`,
	lockctl.KazooLock:    `^[0-9a-f]{32}__lock__\d{10}$`,
	lockctl.WriteLock:    `^x--?\d+-\d{10}$`,
	lockctl.ZooLock:      `^x-[0-9a-f]{16}-\d{10}$`,
	lockctl.Naive:        `^lock_id_\d{10}$`,
	lockctl.PlainLock:    `^lock-\d{10}$`,
}

// Others' contenders and ours exclude each other by the others' rule, in both orders.
// The real clients but this one are in internal/interop.
func TestAccept23Families(t *testing.T) {
	sc := onShared(t)
	for _, f := range familyTable(sc.conn.SessionID()) {
		t.Run(string(f.recipe), func(t *testing.T) {
			sc := sc.in(t)
			dir := sc.dir("lock-" + string(f.recipe))
			theirs := sc.contender(dir, f.prefix, f.data)
			p := sc.player()
			a := p.handle(dir, lockctl.LockOptions{}).start() // it joins what is there
			if before := a.await(lockctl.StepWatch).Before; before != theirs {
				t.Errorf("waits for %s, want %s", before, theirs)
			}
			a.waits()
			if k := recognised(t, sc.conn, dir).Contenders; len(k) != 2 || k[0].Node != theirs || k[0].Role != lockctl.Holder || k[1].Role != lockctl.Waiter {
				t.Errorf("by the rule of %s: %+v", f.recipe, k)
			}
			sc.remove(dir + "/" + theirs)
			l := a.granted()
			if !regexp.MustCompile(nameOf[f.recipe]).MatchString(l.Node()) {
				t.Errorf("joined as %s (%s)", l.Node(), l.Recipe())
			}
			theirs = sc.contender(dir, f.prefix, f.data)
			k := recognised(t, sc.conn, dir).Contenders
			if len(k) != 2 || k[0].Node != l.Node() || k[0].Role != lockctl.Holder || k[1].Node != theirs || k[1].Role != lockctl.Waiter {
				t.Errorf("by the rule of %s: %+v", f.recipe, k)
			}
			release(t, l)
			sc.holdsOnly(dir, theirs)
			if l, err := a.TryAcquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrBusy) {
				t.Errorf("trying while it holds: %s, %v", who(l), err)
			}
			a.settled()
			sc.holdsOnly(dir, theirs)

			dir = sc.dir("empty-lock-" + string(f.recipe)) // ours is the first
			l = p.handle(dir, lockctl.LockOptions{Recipe: f.recipe}).take()
			if !regexp.MustCompile(nameOf[f.recipe]).MatchString(l.Node()) {
				t.Errorf("in an empty directory: %s", l.Node())
			}
			if k := recognised(t, sc.conn, dir).Contenders; len(k) != 1 || k[0].Role != lockctl.Holder {
				t.Errorf("by the rule of %s: %+v", f.recipe, k)
			}
			release(t, l)
		})
	}
}

// go-zookeeper's own Lock waits for ours, and ours for it.
func TestAccept23GoZooKeeper(t *testing.T) {
	sc := onShared(t)
	dir, p := sc.dir("lock"), sc.player()
	theirs := zk.NewLock(sc.conn, dir, zk.WorldACL(zk.PermAll))
	if err := theirs.Lock(); err != nil {
		t.Fatal(err)
	}
	a := p.queue(dir, lockctl.LockOptions{})
	a.waits()
	if err := theirs.Unlock(); err != nil {
		t.Fatal(err)
	}
	l := a.granted()
	locked := make(chan error, 1)
	go func() { locked <- theirs.Lock() }()
	watched := func() bool {
		for _, s := range sc.watchers()[dir+"/"+l.Node()] {
			if s == sc.conn.SessionID() {
				return true
			}
		}
		return false
	}
	sc.until("go-zookeeper waits for ours", watched)
	select {
	case err := <-locked:
		t.Fatalf("go-zookeeper holds it too: %v", err)
	default:
	}
	release(t, l)
	if err := <-locked; err != nil {
		t.Fatal(err)
	}
	b := p.queue(dir, lockctl.LockOptions{})
	if err := theirs.Unlock(); err != nil {
		t.Fatal(err)
	}
	release(t, b.granted())
	sc.holdsOnly(dir)
}

// Where recipes meet that do not respect each other nobody can join both.
func TestAccept24Mixed(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	hex := strings.Repeat("0123456789abcdef", 2)
	first, second := sc.contender(dir, handmade(1), ""), sc.contender(dir, hex+"__lock__", "")
	p := sc.player()
	for name, take := range map[string]func(*handle) (*lockctl.Lease, error){
		"Acquire":    func(h *handle) (*lockctl.Lease, error) { return h.Acquire(soon(t)) },
		"TryAcquire": func(h *handle) (*lockctl.Lease, error) { return h.TryAcquire(soon(t)) },
	} {
		l, err := take(p.handle(dir, lockctl.LockOptions{}))
		if l != nil || !errors.Is(err, lockctl.ErrMixed) {
			t.Fatalf("%s: %s, %v", name, who(l), err)
		}
		for _, say := range []string{"curator", "kazoo", strings.ToLower(dir)} {
			if !strings.Contains(strings.ToLower(err.Error()), say) {
				t.Errorf("%s: %q does not speak of %s", name, err, say)
			}
		}
	}
	_, stat, err := sc.conn.Children(dir)
	if err != nil || statOf(stat).NextSequence() != 2 {
		t.Errorf("something was made: %v, %+v", err, stat)
	}
	sc.holdsOnly(dir, first, second)
	// One who asks for a recipe by name is refused too, and one who insists is let.
	if l, err := p.handle(dir, lockctl.LockOptions{Recipe: lockctl.KazooLock}).Acquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrMixed) {
		t.Errorf("by name: %s, %v", who(l), err)
	}
	a := p.queue(dir, lockctl.LockOptions{Recipe: lockctl.KazooLock, Force: true})
	sc.remove(dir + "/" + second)
	sc.remove(dir + "/" + first)
	release(t, a.granted())
	sc.holdsOnly(dir)
	// A queue of another recipe than the one that is asked for is such a meeting.
	one := sc.contender(dir, handmade(1), "")
	if l, err := p.handle(dir, lockctl.LockOptions{Recipe: lockctl.KazooLock}).Acquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrMixed) {
		t.Errorf("kazoo's behind Curator's: %s, %v", who(l), err)
	}
	sc.holdsOnly(dir, one)
}

// Readers hold together, a writer alone, and who came first is served first.
func TestAccept26ReadersWriters(t *testing.T) {
	sc := onShared(t)
	for _, recipe := range []lockctl.Recipe{"", lockctl.CuratorRWLock, lockctl.KazooRWLock, lockctl.ZKRuby} {
		t.Run("recipe "+string(recipe), func(t *testing.T) {
			sc := sc.in(t)
			dir := sc.dir("lock" + string(recipe))
			read := lockctl.LockOptions{Recipe: recipe, Mode: lockctl.Read}
			write := lockctl.LockOptions{Recipe: recipe, Mode: lockctl.Write}
			w1 := sc.player().handle(dir, write).take()
			if w1.Mode() != lockctl.Write {
				t.Errorf("mode %s", w1.Mode())
			}
			if recipe != lockctl.KazooRWLock { // whose write lock looks like kazoo's Lock, which waits for no reader
				read.Recipe, write.Recipe = "", "" // who comes later joins what is there
			}
			r2, r3 := sc.player().queue(dir, read), sc.player().queue(dir, read)
			w4 := sc.player().queue(dir, write)
			r5 := sc.player().queue(dir, read)
			release(t, w1)
			l2, l3 := r2.granted(), r3.granted() // together
			becomes(t, l2, lockctl.LeaseHeld)
			if l3.Mode() != lockctl.Read {
				t.Errorf("mode %s", l3.Mode())
			}
			w4.waits()
			r5.waits() // behind a writer that waits
			if recipe != lockctl.ZKRuby {
				k := recognised(t, sc.conn, dir).Contenders
				if len(k) != 4 || k[3].WaitsFor != 2 {
					t.Errorf("the last reader waits for the writer before it: %+v", k)
				} else if w := sc.watchers()[dir+"/"+k[2].Node]; len(w) == 0 {
					t.Errorf("nobody watches the writer %s", k[2].Node)
				}
			}
			release(t, l2)
			w4.waits()
			release(t, l3)
			l4 := w4.granted()
			r5.waits()
			late := sc.player().handle(dir, read)
			if l, err := late.TryAcquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrBusy) {
				t.Errorf("trying to read: %s, %v", who(l), err)
			}
			late.settled()
			release(t, l4)
			l5 := r5.granted()
			l6, err := late.TryAcquire(soon(t))
			if err != nil {
				t.Fatalf("trying to read beside a reader: %v", err)
			}
			writer := sc.player().handle(dir, write)
			if l, err := writer.TryAcquire(soon(t)); l != nil || !errors.Is(err, lockctl.ErrBusy) {
				t.Errorf("trying to write beside readers: %s, %v", who(l), err)
			}
			writer.settled()
			release(t, l5)
			release(t, l6)
			sc.holdsOnly(dir)
		})
	}
	t.Run("W1 R2 W3", func(t *testing.T) { // kazoo #649: the three waited for each other
		sc := sc.in(t)
		for _, recipe := range []lockctl.Recipe{lockctl.CuratorRWLock, lockctl.KazooRWLock} {
			dir := sc.dir("three-" + string(recipe))
			w1 := sc.player().handle(dir, lockctl.LockOptions{Recipe: recipe, Mode: lockctl.Write}).take()
			r2 := sc.player().queue(dir, lockctl.LockOptions{Recipe: recipe, Mode: lockctl.Read})
			w3 := sc.player().queue(dir, lockctl.LockOptions{Recipe: recipe, Mode: lockctl.Write})
			release(t, w1)
			l := r2.granted()
			w3.waits()
			release(t, l)
			release(t, w3.granted())
			sc.holdsOnly(dir)
		}
	})
	t.Run("a reader watches the closest write before it", func(t *testing.T) {
		sc := sc.in(t)
		dir := sc.dir("closest")
		id := func(i int, what string) string { return strings.TrimSuffix(handmade(i), "lock-") + what }
		first := sc.contender(dir, id(1, "__WRIT__"), "")
		second := sc.contender(dir, id(2, "__WRIT__"), "")
		a := sc.player().handle(dir, lockctl.LockOptions{Mode: lockctl.Read}).start()
		before := a.await(lockctl.StepWatch).Before
		// Curator itself watches the first; either is right if the other is looked at next.
		if before != first && before != second {
			t.Errorf("waits for %s", before)
		}
		if before == first {
			first, second = second, first
		}
		sc.remove(dir + "/" + second)
		if before := a.await(lockctl.StepWatch).Before; before != first {
			t.Errorf("waits for %s, want %s", before, first)
		}
		a.waits()
		sc.remove(dir + "/" + first)
		release(t, a.granted())
	})
	// That a READ with the number of its session's WRIT is shown as held is TestOwnWrite.
}
