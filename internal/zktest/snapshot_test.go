package zktest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/go-zookeeper/zk"
)

// Three servers that start with data have it, and go on from there.
func TestWithData(t *testing.T) {
	e := Start(t, 3, WithData(slices.Values([]Znode{
		{Path: "/", Counter: 70},
		{Path: "/a", Data: []byte("x"), Counter: 5},
		{Path: "/a/b"},
		{Path: "/a/c"},
		{Path: "/a/c/d", Data: []byte("deep")},
	})))
	conn := Connect(t, e.Server(2).Addr())
	kids, stat, err := conn.Children("/a")
	if err != nil || len(kids) != 2 || stat.Cversion != 2*5-2 || stat.Czxid != 2 {
		t.Errorf("/a has %q, %+v: %v", kids, stat, err)
	}
	if value, _, err := conn.Get("/a/c/d"); string(value) != "deep" {
		t.Errorf("/a/c/d has %q: %v", value, err)
	}
	if _, stat, _ := conn.Children("/"); stat.Cversion != 2*70-2 {
		t.Errorf("the root has %+v", stat)
	}
	if got := sequential(t, conn, "/a/n-"); got != "/a/n-0000000005" {
		t.Errorf("the next child is %s", got)
	}
	if _, _, err := conn.Get("/zookeeper/config"); err != nil {
		t.Errorf("the configuration: %v", err)
	}
	for _, s := range e.Servers() {
		s.Kill()
	}
	e.RestartAll()
	if !has(t, Connect(t, e.Addr()), "/a/n-0000000005") {
		t.Error("what was written is lost")
	}
}

// The end of a counter, as the server has it.
func TestNearEnd(t *testing.T) {
	conn := Connect(t, Start(t, 1, WithData(NearEnd("/locks/a"))).Addr())
	for n := 2147483644; n <= 2147483647; n++ {
		if got, want := sequential(t, conn, "/locks/a/x-"), fmt.Sprint("/locks/a/x-", n); got != want {
			t.Errorf("created %s, want %s", got, want)
		}
	}
	for range 3 {
		if got, err := conn.Create("/locks/a/x-", nil, zk.FlagSequence, zk.WorldACL(zk.PermAll)); !errors.Is(err, zk.ErrNodeExists) {
			t.Errorf("behind the end: %s, %v", got, err)
		}
	}
	for _, other := range []string{"y-", "z-"} {
		if got := sequential(t, conn, "/locks/a/"+other); got != "/locks/a/"+other+"2147483647" {
			t.Errorf("of another prefix: %s", got)
		}
	}
	// What is prepared together goes on counting.
	var ops []any
	for range 4 {
		ops = append(ops, &zk.CreateRequest{Path: "/locks/a/m-", Acl: zk.WorldACL(zk.PermAll), Flags: zk.FlagSequence})
	}
	made, err := conn.Multi(ops...)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"2147483647", "-2147483648", "-2147483647", "-2147483646"} {
		if got := made[i].String; got != "/locks/a/m-"+want {
			t.Errorf("%d in a transaction: %s", i, got)
		}
	}
	if got := sequential(t, conn, "/locks/a/n-"); got != "/locks/a/n-2147483647" {
		t.Errorf("after the transaction: %s", got)
	}
	// A new directory begins anew.
	kids, _, err := conn.Children("/locks/a")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range kids {
		if err := conn.Delete("/locks/a/"+name, -1); err != nil {
			t.Fatal(err)
		}
	}
	if got := sequential(t, conn, "/locks/a/o-"); got != "/locks/a/o-2147483647" {
		t.Errorf("in the empty directory: %s", got)
	}
	if err := conn.Delete("/locks/a/o-2147483647", -1); err != nil {
		t.Fatal(err)
	}
	if err := conn.Delete("/locks/a", -1); err != nil {
		t.Fatal(err)
	}
	create(t, conn, "/locks/a")
	if got := sequential(t, conn, "/locks/a/x-"); got != "/locks/a/x-0000000000" {
		t.Errorf("in a new directory: %s", got)
	}
}

func sequential(t *testing.T, conn *zk.Conn, prefix string) string {
	t.Helper()
	got, err := conn.Create(prefix, nil, zk.FlagSequence, zk.WorldACL(zk.PermAll))
	if err != nil {
		t.Fatalf("creating %s: %v", prefix, err)
	}
	return got
}
