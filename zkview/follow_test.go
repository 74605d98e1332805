package zkview

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"zkdeck/internal/zktest"
)

// following reads a Follow for a test.
type following struct {
	*Follow
	t    *testing.T
	rest []Change
}

func startFollow(t *testing.T, s *Session, path string) *following {
	t.Helper()
	f, err := s.Follow(testCtx(t), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return &following{Follow: f, t: t}
}

// next is the next change.
func (f *following) next() Change {
	f.t.Helper()
	if len(f.rest) == 0 {
		var err error
		if f.rest, err = f.Next(testCtx(f.t)); err != nil {
			f.t.Fatalf("no change: %v", err)
		}
	}
	c := f.rest[0]
	f.rest = f.rest[1:]
	return c
}

// want checks that the next changes are these, as "created /a".
func (f *following) want(want ...string) {
	f.t.Helper()
	for _, w := range want {
		c := f.next()
		if got := fmt.Sprint(c.Kind, " ", c.Path); got != w {
			f.t.Fatalf("the next change is %q, want %q", got, w)
		}
		if c.At.IsZero() || c.Lost != 0 {
			f.t.Errorf("%+v", c)
		}
	}
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// life creates, changes, deletes and creates again a znode and a child.
func life(t *testing.T, s *Session, path string) {
	t.Helper()
	ctx := testCtx(t)
	must(s.Create(ctx, path, nil, CreateOptions{}))
	must(s.Set(ctx, path, []byte("1"), -1))
	must(s.Create(ctx, path+"/kid", nil, CreateOptions{}))
	must(s.Set(ctx, path+"/kid", []byte("2"), -1))
	do(t, s.Delete(ctx, path+"/kid", -1))
	do(t, s.Delete(ctx, path, -1))
	must(s.Create(ctx, path, nil, CreateOptions{}))
}

func lifeOf(path string) []string {
	return []string{
		"created " + path, "data changed " + path, "created " + path + "/kid", "data changed " + path + "/kid",
		"deleted " + path + "/kid", "deleted " + path, "created " + path,
	}
}

func TestFollowTellsAllInOrder(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	s := openTest(t, Config{Servers: addr + root})
	other := openTest(t, Config{Servers: addr + root})
	all := startFollow(t, s, "/")
	missing := startFollow(t, s, "/a/b") // which does not exist
	if p := all.Partial(); p != "" || missing.Path() != "/a/b" {
		t.Errorf("Partial %q, Path %q", p, missing.Path())
	}
	life(t, other, "/a")
	all.want(lifeOf("/a")...)
	life(t, other, "/a/b")
	all.want(lifeOf("/a/b")...)
	missing.want(lifeOf("/a/b")...)
	must(other.Create(testCtx(t), "/a/beside", nil, CreateOptions{}))
	all.want("created /a/beside")
	must(other.Set(testCtx(t), "/a/b", nil, -1))
	missing.want("data changed /a/b")
	// A hostile name, and one beyond what a path can be asked for.
	for _, name := range []string{"/a/\u202e evil \u2028", "/a/..x", "/a/日本", "/a/%00"} {
		must(other.Create(testCtx(t), name, nil, CreateOptions{}))
		all.want("data changed /a/b", "created "+name)
		must(other.Set(testCtx(t), "/a/b", nil, -1))
	}
}

func TestFollowRefuses(t *testing.T) {
	s := openTest(t, Config{Servers: "127.0.0.1:1"})
	_, err := s.Follow(context.Background(), "no path")
	wantErr(t, err, ErrBadPath)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = s.Follow(ctx, "/")
	wantErr(t, err, ErrNotSent)
	wantErr(t, err, context.Canceled)
	var op *OpError
	if !errors.As(err, &op) || op.Op != "addWatch" || op.Path != "/" {
		t.Errorf("%#v", err)
	}
}
