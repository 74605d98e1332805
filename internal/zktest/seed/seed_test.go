package seed_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

func TestMain(m *testing.M) { zktest.Main(m) }

func TestLife(t *testing.T) {
	conn := zktest.Connect(t, zktest.Shared(t))
	root := zktest.Root(t)
	began := time.Now()
	if err := seed.Life(t.Context(), conn, root); err != nil {
		t.Fatal(err)
	}
	paths := walk(t, conn, root)
	t.Logf("%d znodes in %v", len(paths), time.Since(began))
	if len(paths) < 400 {
		t.Errorf("%d znodes, want some 500", len(paths))
	}

	names, _, err := conn.Children(root + "/hostile/names")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range seed.HostileNames {
		if !slices.Contains(names, want) {
			t.Errorf("no znode named %+q", want)
		}
	}
	_, stat, err := conn.Get(root + "/hostile/values/900KB.bin")
	if err != nil || stat.DataLength != 900_000 {
		t.Errorf("the big value: %v, %+v", err, stat)
	}
	_, stat, err = conn.Get(root + "/kafka/controller")
	if err != nil || stat.EphemeralOwner != conn.SessionID() {
		t.Errorf("the controller: %v, %+v", err, stat)
	}
	if err := seed.Life(t.Context(), conn, root); !errors.Is(err, zk.ErrNodeExists) || !strings.Contains(err.Error(), root+"/kafka") {
		t.Errorf("seeding twice: %v", err)
	}
}

func TestGuarded(t *testing.T) {
	conn := zktest.Connect(t, zktest.Shared(t))
	root := zktest.Root(t)
	if err := seed.Life(t.Context(), conn, root); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"secret", "dark", "nobody", "by-address"} {
		if _, _, err := conn.Get(root + "/guarded/" + path); !errors.Is(err, zk.ErrNoAuth) {
			t.Errorf("reading %s: %v", path, err)
		}
	}
	if _, _, err := conn.Get(root + "/guarded/dark/known-by-name"); err != nil {
		t.Errorf("reading what is known by name: %v", err)
	}
	if err := conn.AddAuth("digest", []byte(seed.User+":"+seed.Password)); err != nil {
		t.Fatal(err)
	}
	if got, _, err := conn.Get(root + "/guarded/secret"); err != nil || string(got) != "only for the keeper" {
		t.Errorf("reading as the keeper: %q, %v", got, err)
	}
}

func TestWide(t *testing.T) {
	conn := zktest.Connect(t, zktest.Shared(t))
	path := zktest.Root(t) + "/a/queue"
	const n = 12_345
	if err := seed.Wide(t.Context(), conn, path, n); err != nil {
		t.Fatal(err)
	}
	names, _, err := conn.Children(path)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if len(names) != n || names[0] != seed.WideName(0) || names[n-1] != seed.WideName(n-1) {
		t.Errorf("%d children, %s to %s", len(names), names[0], names[len(names)-1])
	}
	if err := seed.Wide(t.Context(), conn, path, n); !errors.Is(err, zk.ErrNodeExists) {
		t.Errorf("a second time: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := seed.Wide(ctx, conn, path+"/more", n); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// BenchmarkWide creates as many children as the largest parent of our budgets.
func BenchmarkWide(b *testing.B) {
	const n = 312_763
	conn := zktest.Connect(b, zktest.Shared(b))
	for b.Loop() {
		if err := seed.Wide(b.Context(), conn, zktest.Root(b), n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "znodes/s")
}

// walk lists all that can be listed below path.
func walk(t *testing.T, conn *zk.Conn, path string) []string {
	t.Helper()
	names, _, err := conn.Children(path)
	if err != nil && !errors.Is(err, zk.ErrNoAuth) {
		t.Fatalf("listing %q: %v", path, err)
	}
	found := []string{path}
	for _, name := range names {
		found = append(found, walk(t, conn, path+"/"+name)...)
	}
	return found
}

func TestDeep(t *testing.T) {
	conn := zktest.Connect(t, zktest.Shared(t))
	root := zktest.Root(t)
	if err := seed.Deep(t.Context(), conn, root+"/deep", 3, 2, 4); err != nil {
		t.Fatal(err)
	}
	paths := walk(t, conn, root+"/deep")
	if len(paths) != 1+3+6+24 || !slices.Contains(paths, root+"/deep/node-00002/node-00001/node-00003") {
		t.Errorf("%d znodes: %q", len(paths), paths)
	}
}
