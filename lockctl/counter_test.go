package lockctl_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview/sandbox"
)

// worn runs a test on servers whose /locks/a has a counter that is near its end: a real
// one, whose data says so, and the sandbox.
func worn(t *testing.T, test func(t *testing.T, addr string)) {
	t.Run("real", func(t *testing.T) {
		test(t, zktest.Start(t, 1, zktest.WithData(zktest.NearEnd("/locks/a"))).Addr())
	})
	t.Run("sandbox", func(t *testing.T) {
		server, err := sandbox.Start(sandbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
		conn := zktest.Connect(t, server.Addr())
		for _, path := range []string{"/locks", "/locks/a"} {
			create(t, conn, path, 0)
		}
		if !server.SetCounter("/locks/a", math.MaxInt32-3) {
			t.Fatal("there is no /locks/a")
		}
		test(t, server.Addr())
	})
}

// create creates a znode and returns its path.
func create(t *testing.T, conn *zk.Conn, path string, flags int32) string {
	t.Helper()
	made, err := conn.Create(path, nil, flags, zk.WorldACL(zk.PermAll))
	if err != nil {
		t.Fatalf("creating %s: %v", path, err)
	}
	return made
}

func remove(t *testing.T, conn *zk.Conn, path string) {
	t.Helper()
	if err := conn.Delete(path, -1); err != nil {
		t.Fatalf("deleting %s: %v", path, err)
	}
}

// listed is a directory as a server lists it.
func listed(t *testing.T, conn *zk.Conn, path string) lockctl.Directory {
	t.Helper()
	names, stat, err := conn.Children(path)
	if err != nil {
		t.Fatalf("listing %s: %v", path, err)
	}
	d := lockctl.Directory{Path: path, Stat: statOf(stat)}
	for _, n := range names {
		data, stat, err := conn.Get(path + "/" + n)
		if err != nil {
			t.Fatalf("reading %s/%s: %v", path, n, err)
		}
		d.Children = append(d.Children, lockctl.Node{Name: n, Stat: statOf(stat), Data: data})
	}
	return d
}

func statOf(s *zk.Stat) lockctl.Stat {
	return lockctl.Stat{
		Czxid: s.Czxid, Mzxid: s.Mzxid, Ctime: s.Ctime, Mtime: s.Mtime, Version: s.Version, Cversion: s.Cversion,
		EphemeralOwner: s.EphemeralOwner, DataLength: s.DataLength, NumChildren: s.NumChildren,
	}
}

// recognised is the one lock of a directory.
func recognised(t *testing.T, conn *zk.Conn, path string) lockctl.Lock {
	t.Helper()
	locks := lockctl.Recognise(listed(t, conn, path), lockctl.Cluster{})
	if len(locks) != 1 {
		t.Fatalf("%s is %+v", path, locks)
	}
	return locks[0]
}

func warnings(l lockctl.Lock) string {
	var codes []string
	for _, w := range l.Warnings {
		codes = append(codes, string(w.Code))
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// roles are the numbers of the contenders in order, each with its role.
func roles(l lockctl.Lock) string {
	var all []string
	for _, k := range l.Contenders {
		all = append(all, fmt.Sprint(k.Sequence, " ", k.Role))
	}
	return strings.Join(all, ", ")
}

const protected = "_c_%08x-1111-4222-8333-0123456789ab-lock-"

// go-zookeeper's Locks all hold at the end of the counter, and that is what is shown.
func TestLocksAtTheEnd(t *testing.T) {
	worn(t, func(t *testing.T, addr string) {
		conn := zktest.Connect(t, addr)
		if l := listed(t, conn, "/locks/a"); l.Stat.NextSequence() != math.MaxInt32-3 {
			t.Fatalf("the counter stands at %d", l.Stat.NextSequence())
		}
		first := zk.NewLock(conn, "/locks/a", zk.WorldACL(zk.PermAll))
		for n := math.MaxInt32 - 3; n < math.MaxInt32; n++ {
			if err := first.Lock(); err != nil {
				t.Fatal(err)
			}
			l := recognised(t, conn, "/locks/a")
			if got, want := roles(l), fmt.Sprint(n, " holder"); got != want || warnings(l) != "counter-near-end" {
				t.Errorf("%s, %s; want %s", got, warnings(l), want)
			}
			if err := first.Unlock(); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 { // none of them waits
			if err := zk.NewLock(zktest.Connect(t, addr), "/locks/a", zk.WorldACL(zk.PermAll)).Lock(); err != nil {
				t.Fatal(err)
			}
		}
		l := recognised(t, conn, "/locks/a")
		const all = "2147483647 holder, 2147483647 holder, 2147483647 holder"
		if roles(l) != all || l.Recipe != lockctl.GoZooKeeper || warnings(l) != "counter-near-end equal-sequence" {
			t.Errorf("%s: %s, %s", l.Recipe, roles(l), warnings(l))
		}
		for i := range l.Contenders[1:] {
			if l.Contenders[i].Stat.Czxid >= l.Contenders[i+1].Stat.Czxid {
				t.Errorf("equal numbers are not in the order of their creation: %+v", l.Contenders)
			}
		}
	})
}

// Behind the end a prefix that is there cannot be had again, another one gets the same
// number, and which of two Curators holds nobody can say.
func TestEqualNumbers(t *testing.T) {
	worn(t, func(t *testing.T, addr string) {
		conn := zktest.Connect(t, addr)
		for n := math.MaxInt32 - 3; n <= math.MaxInt32; n++ {
			made := create(t, conn, "/locks/a/"+fmt.Sprintf(protected, 1), zk.FlagEphemeral|zk.FlagSequence)
			if want := fmt.Sprintf("/locks/a/"+protected+"%d", 1, n); made != want {
				t.Fatalf("created %s, want %s", made, want)
			}
			if n < math.MaxInt32 {
				remove(t, conn, made)
			}
		}
		_, err := conn.Create("/locks/a/"+fmt.Sprintf(protected, 1), nil, zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
		if !errors.Is(err, zk.ErrNodeExists) {
			t.Errorf("the same again: %v", err)
		}
		create(t, conn, "/locks/a/"+fmt.Sprintf(protected, 2), zk.FlagEphemeral|zk.FlagSequence)
		l := recognised(t, conn, "/locks/a")
		if roles(l) != "2147483647 holder, 2147483647 unknown" || warnings(l) != "counter-near-end equal-sequence" || l.NextSequence != math.MaxInt32 {
			t.Errorf("%s, %s, next %d", roles(l), warnings(l), l.NextSequence)
		}
	})
}

// What is prepared in one batch goes on below zero, and the order is that of a ring.
func TestBelowZero(t *testing.T) {
	worn(t, func(t *testing.T, addr string) {
		conn := zktest.Connect(t, addr)
		var ops []any
		for i := range 7 {
			path := "/locks/a/" + fmt.Sprintf(protected, i)
			ops = append(ops, &zk.CreateRequest{Path: path, Acl: zk.WorldACL(zk.PermAll), Flags: zk.FlagEphemeral | zk.FlagSequence})
		}
		made, err := conn.Multi(ops...)
		if err != nil {
			t.Fatal(err)
		}
		l := recognised(t, conn, "/locks/a")
		const want = "2147483644 holder, 2147483645 waiter, 2147483646 waiter, 2147483647 waiter, -2147483648 unknown, -2147483647 unknown, -2147483646 unknown"
		if roles(l) != want || warnings(l) != "counter-near-end negative-sequence" || l.NextSequence != math.MaxInt32 {
			t.Errorf("%s, %s, next %d", roles(l), warnings(l), l.NextSequence)
		}
		// The old ones gone, those below zero are the first, and the next is behind them.
		for _, m := range made[:4] {
			remove(t, conn, m.String)
		}
		create(t, conn, "/locks/a/"+fmt.Sprintf(protected, 9), zk.FlagEphemeral|zk.FlagSequence)
		l = recognised(t, conn, "/locks/a")
		if got := roles(l); got != "-2147483648 holder, -2147483647 unknown, -2147483646 unknown, 2147483647 waiter" || warnings(l) != "counter-near-end negative-sequence" {
			t.Errorf("%s, %s", got, warnings(l))
		}
	})
}

// A server that takes many creates at once prepares them before it applies them.
func TestPipelinedBelowZero(t *testing.T) {
	conn := zktest.Connect(t, zktest.Start(t, 1, zktest.WithData(zktest.NearEnd("/locks/a"))).Addr())
	for n, end := 0, time.Now().Add(time.Minute); time.Now().Before(end); {
		const together = 64
		paths := make(chan string, together)
		for range together {
			n++
			path := "/locks/a/" + fmt.Sprintf(protected, n)
			go func() {
				made, err := conn.Create(path, nil, zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
				if err != nil {
					t.Error(err)
				}
				paths <- made
			}()
		}
		below := false
		for range together {
			below = strings.Contains(<-paths, "--214748364") || below
		}
		if below {
			break
		}
	}
	l := recognised(t, conn, "/locks/a")
	if got := warnings(l); got != "counter-near-end equal-sequence negative-sequence" && got != "counter-near-end negative-sequence" {
		t.Errorf("%s: %s", got, roles(l))
	}
	if l.Contenders[0].Sequence != math.MaxInt32-3 || l.Holders() != 1 {
		t.Errorf("%s", roles(l))
	}
}

// The number that the Stat of the parent promises is that of the next child, whatever
// happens to the others.
func TestNextSequenceIsTheNextName(t *testing.T) {
	worn(t, func(t *testing.T, addr string) {
		conn := zktest.Connect(t, addr)
		create(t, conn, "/life", 0)
		next := func(dir, want string) string {
			t.Helper()
			promised := listed(t, conn, dir).Stat.NextSequence()
			made := create(t, conn, dir+"/x-", zk.FlagEphemeral|zk.FlagSequence)
			if made != fmt.Sprintf("%s/x-%010d", dir, promised) || !strings.HasSuffix(made, want) {
				t.Errorf("promised %d, got %s, want %s", promised, made, want)
			}
			return made
		}
		next("/life", "0")
		create(t, conn, "/life/plain", 0) // counts as well
		second := next("/life", "2")
		if _, err := conn.Create("/life/plain", nil, 0, zk.WorldACL(zk.PermAll)); !errors.Is(err, zk.ErrNodeExists) {
			t.Error(err)
		}
		remove(t, conn, second)
		remove(t, conn, "/life/plain")
		next("/life", "3")
		_, err := conn.Multi( // is undone, with its numbers
			&zk.CreateRequest{Path: "/life/y-", Acl: zk.WorldACL(zk.PermAll), Flags: zk.FlagSequence},
			&zk.CheckVersionRequest{Path: "/life", Version: 77})
		if err == nil {
			t.Error("a transaction succeeds that must not")
		}
		next("/life", "4")
		for _, k := range listed(t, conn, "/life").Children {
			remove(t, conn, "/life/"+k.Name)
		}
		next("/life", "5")
		remove(t, conn, "/life/x-0000000005")
		remove(t, conn, "/life")
		create(t, conn, "/life", 0)
		next("/life", "0000000000")

		for _, want := range []string{"2147483644", "2147483645", "2147483646", "2147483647", "2147483647"} {
			remove(t, conn, next("/locks/a", want))
		}
		remove(t, conn, "/locks/a")
		create(t, conn, "/locks/a", 0)
		next("/locks/a", "0000000000")
	})
}
