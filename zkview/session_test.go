package zkview

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

func TestSessionReadsAndWrites(t *testing.T) {
	ctx := testCtx(t)
	root := zktest.Root(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	path, err := s.Create(ctx, "/a", []byte("one"), CreateOptions{})
	if err != nil || path != "/a" {
		t.Fatalf("Create = %q, %v", path, err)
	}
	stat, err := s.Set(ctx, "/a", []byte("two!"), 0)
	if err != nil || stat.Version != 1 || stat.DataLength != 4 {
		t.Fatalf("Set = %+v, %v", stat, err)
	}
	data, got, err := s.Get(ctx, "/a")
	if err != nil || string(data) != "two!" || got != stat {
		t.Fatalf("Get = %q, %+v, %v; want two!, %+v", data, got, err, stat)
	}
	_, err = s.Set(ctx, "/a", nil, 0)
	wantErr(t, err, ErrBadVersion)
	if want := "setData /a: the znode was changed by somebody else"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	_, err = s.Create(ctx, "/a", nil, CreateOptions{})
	wantErr(t, err, ErrNodeExists)
	_, err = s.Stat(ctx, "/gone")
	wantErr(t, err, ErrNoNode)
	if err := s.EnsureParents(ctx, "/x/y/z/leaf", nil); err != nil {
		t.Fatal(err)
	}
	wantErr(t, s.Delete(ctx, "/x/y", -1), ErrNotEmpty)
	names, stat, err := s.Children(ctx, "/")
	slices.Sort(names)
	if err != nil || !slices.Equal(names, []string{"a", "x"}) || stat.NumChildren != 2 {
		t.Fatalf("Children = %q, %+v, %v", names, stat, err)
	}
	if err := s.Sync(ctx, "/"); err != nil {
		t.Fatal(err)
	}
	acl, _, err := s.ACL(ctx, "/a")
	if err != nil || !slices.Equal(acl, OpenACL()) {
		t.Fatalf("ACL = %v, %v", acl, err)
	}
	_, err = s.SetACL(ctx, "/a", []ACL{{PermRead, "world", "anyone"}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Set(ctx, "/a", nil, -1)
	wantErr(t, err, ErrNoAuth)

	err = s.DeleteMany(ctx, []PathVersion{{"/x/y/z", -1}, {"/x/y", 7}, {"/x", -1}})
	wantErr(t, err, ErrBadVersion)
	if want := "multi /x/y: "; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %q, want the path that prevented it: %q", err, want)
	}
	if err := s.DeleteMany(ctx, []PathVersion{{"/x/y/z", 0}, {"/x/y", 0}, {"/x", 0}}); err != nil {
		t.Fatal(err)
	}
	_, err = s.Stat(ctx, "/x")
	wantErr(t, err, ErrNoNode)
}

func TestCreateKinds(t *testing.T) {
	ctx := testCtx(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + zktest.Root(t)})
	for i, c := range []struct {
		o     CreateOptions
		path  string
		match string
	}{
		{CreateOptions{}, "/n0", "/n0"},
		{CreateOptions{Kind: Ephemeral}, "/n1", "/n1"},
		{CreateOptions{Kind: Container}, "/n2", "/n2"},
		{CreateOptions{Kind: TTL, TTL: time.Hour}, "/n3", "/n3"},
		{CreateOptions{Sequential: true}, "/n4-", "/n4-0000000004"},
		{CreateOptions{Kind: Ephemeral, Sequential: true}, "/", "/0000000005"},
		{CreateOptions{Kind: TTL, TTL: time.Hour, Sequential: true}, "/n6-", "/n6-0000000006"},
	} {
		path, err := s.Create(ctx, c.path, nil, c.o)
		if err != nil || path != c.match {
			t.Errorf("%d: Create = %q, %v; want %q", i, path, err, c.match)
			continue
		}
		stat, err := s.Stat(ctx, path)
		// Servers hide the kind of containers and TTL znodes (DataNode.copyStat).
		if err != nil || (stat.Kind() == Ephemeral) != (c.o.Kind == Ephemeral) {
			t.Errorf("%d: kind %v, %v; want %v", i, stat.Kind(), err, c.o.Kind)
		}
	}
	for _, o := range []CreateOptions{
		{Kind: Container, Sequential: true}, {Kind: TTL}, {TTL: time.Second}, {Kind: TTL, TTL: 1 << 62},
	} {
		_, err := s.Create(ctx, "/bad", nil, o)
		wantErr(t, err, ErrBadArguments)
	}
	_, err := s.Create(ctx, "/bad/../x", nil, CreateOptions{})
	wantErr(t, err, ErrBadPath)
	_, err = s.Create(ctx, "/\U0001f600", nil, CreateOptions{})
	wantErr(t, err, ErrBadPath)
}

func TestStatusOfALiveSession(t *testing.T) {
	addr := zktest.Shared(t)
	s := openTest(t, Config{Servers: addr, Timeout: 4 * time.Second})
	connected(t, s)
	eventually(t, "mode and version", func() bool { st := s.Status(); return st.Mode != "" && st.Version != "" })
	must(s.Stat(testCtx(t), "/"))
	st := s.Status()
	if st.Server != addr || st.Mode != "standalone" || !strings.HasPrefix(st.Version, "3.") || st.SessionID == 0 ||
		st.Timeout != 4*time.Second || st.Why != "" || st.Generation != 1 || st.BytesIn == 0 || st.RTT == 0 || st.Servers != 1 {
		t.Errorf("Status = %+v", st)
	}
}

func TestChrootOfEvents(t *testing.T) {
	ctx := testCtx(t)
	root := zktest.Root(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + root})
	other := openTest(t, Config{Servers: zktest.Shared(t)})
	sub := listen(t, s)
	must(s.WatchStat(ctx, "/"))
	_, err := s.WatchStat(ctx, "/new")
	wantErr(t, err, ErrNoNode)
	must(other.Create(ctx, root+"/new", nil, CreateOptions{}))
	sub.await("created", isEvent(Created, "/new"))
	must(other.Set(ctx, root, []byte("x"), -1))
	sub.await("changed", isEvent(DataChanged, "/"))

	_, err = s.Stat(ctx, "/nowhere")
	if want := "exists /nowhere: no such znode"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	eventually(t, "operations with relative paths", func() bool {
		for _, e := range s.Ops().Since(0) {
			if e.Op == "exists" && e.Path == "/nowhere" && e.Result == "no such znode" && e.Zxid > 0 && e.Took > 0 {
				return true
			}
		}
		return false
	})
	for _, e := range s.Ops().Since(0) {
		if strings.Contains(e.Path, root) || e.Op == "ping" {
			t.Errorf("the log has %+v", e)
		}
	}
}

func TestMissingChrootSaysSo(t *testing.T) {
	ctx := testCtx(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + "/not/there"})
	_, _, err := s.Get(ctx, "/")
	wantErr(t, err, ErrNoNode)
	_, err = s.Create(ctx, "/child", nil, CreateOptions{})
	wantErr(t, err, ErrNoNode)
}

func TestReadOnlyRefusesBeforeTheLibrary(t *testing.T) {
	ctx := testCtx(t)
	root := zktest.Root(t)
	s := openTest(t, Config{Servers: zktest.Shared(t), ReadOnly: true})
	must(s.Stat(ctx, root))
	for name, write := range map[string]func() error{
		"create": func() error { _, err := s.Create(ctx, root+"/x", nil, CreateOptions{}); return err },
		"set":    func() error { _, err := s.Set(ctx, root, nil, -1); return err },
		"delete": func() error { return s.Delete(ctx, root, -1) },
		"setACL": func() error { _, err := s.SetACL(ctx, root, OpenACL(), -1); return err },
		"multi":  func() error { return s.DeleteMany(ctx, []PathVersion{{root, -1}}) },
		"parents": func() error {
			return s.EnsureParents(ctx, root+"/p/q", nil)
		},
	} {
		if err := write(); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v, want ErrReadOnly", name, err)
		}
	}
	for _, e := range s.Ops().Since(0) {
		if e.Op != "exists" {
			t.Errorf("%s was sent", e.Op)
		}
	}
}

func TestTooBigIsRefusedBeforeSending(t *testing.T) {
	ctx := testCtx(t)
	s := openTest(t, Config{Servers: zktest.Shared(t) + zktest.Root(t)})
	_, err := s.Create(ctx, "/big", make([]byte, maxFrame), CreateOptions{})
	wantErr(t, err, ErrTooBig)
	must(s.Create(ctx, "/big", make([]byte, maxFrame-200), CreateOptions{}))
	_, err = s.Set(ctx, "/big", make([]byte, 1_100_000), -1)
	wantErr(t, err, ErrTooBig)
	many := make([]PathVersion, 20_000)
	for i := range many {
		many[i] = PathVersion{fmt.Sprintf("/%050d", i), -1}
	}
	wantErr(t, s.DeleteMany(ctx, many), ErrTooBig)
	if g := s.Status().Generation; g != 1 {
		t.Errorf("generation %d: a write cost the connection", g)
	}
}
