package sandbox

import (
	"errors"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

// start starts a server that ends with the test.
func start(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// connect opens a session of go-zookeeper and waits for it.
func connect(t testing.TB, s *Server) *zk.Conn {
	t.Helper()
	conn, events, err := zk.Connect([]string{s.Addr()}, 10*time.Second, zk.WithLogger(quiet{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	for e := range events {
		if e.State == zk.StateHasSession {
			return conn
		}
	}
	t.Fatal("no session")
	return nil
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

func TestGoZookeeper(t *testing.T) {
	s := start(t, Options{})
	conn := connect(t, s)
	all := zk.WorldACL(zk.PermAll)
	path, err := conn.Create("/a-", []byte("one"), zk.FlagSequence, all)
	if err != nil || path != "/a-0000000000" {
		t.Fatalf("created %q: %v", path, err)
	}
	data, stat, watch, err := conn.GetW(path)
	if err != nil || string(data) != "one" || stat.DataLength != 3 {
		t.Fatalf("read %q %+v: %v", data, stat, err)
	}
	if _, err := conn.Set(path, []byte("two"), 7); !errors.Is(err, zk.ErrBadVersion) {
		t.Errorf("set with a wrong version: %v", err)
	}
	if stat, err = conn.Set(path, []byte("two"), 0); err != nil || stat.Version != 1 {
		t.Errorf("set: %+v %v", stat, err)
	}
	if e := <-watch; e.Type != zk.EventNodeDataChanged || e.Path != path {
		t.Errorf("event %+v", e)
	}
	if _, err := conn.Create("/b/c", nil, 0, all); !errors.Is(err, zk.ErrNoNode) {
		t.Errorf("created without a parent: %v", err)
	}
	res, err := conn.Multi(
		&zk.CreateRequest{Path: "/b", Acl: all},
		&zk.SetDataRequest{Path: path, Data: []byte("three"), Version: -1},
		&zk.CheckVersionRequest{Path: path, Version: 2},
		&zk.DeleteRequest{Path: path, Version: -1},
	)
	if err != nil || len(res) != 4 || res[0].String != "/b" || res[1].Stat.Version != 2 {
		t.Errorf("multi: %+v %v", res, err)
	}
	if res, err = conn.Multi(&zk.CreateRequest{Path: "/c", Acl: all}, &zk.DeleteRequest{Path: "/no"}); !errors.Is(err, zk.ErrNoNode) {
		t.Errorf("multi that fails: %+v %v", res, err)
	}
	children, _, err := conn.Children("/")
	if err != nil || len(children) != 2 {
		t.Errorf("children %q: %v", children, err)
	}
	if ok, _, err := conn.Exists("/c"); ok || err != nil {
		t.Errorf("a failed multi left something: %v %v", ok, err)
	}
	if err := conn.AddAuth("digest", []byte("user:password")); err != nil {
		t.Error(err)
	}
	if _, err := conn.Create("/d", nil, zk.FlagEphemeral, zk.AuthACL(zk.PermAll)); err != nil {
		t.Error(err)
	}
	if acl, _, err := conn.GetACL("/d"); err != nil || len(acl) != 1 || acl[0].ID[:5] != "user:" {
		t.Errorf("ACL %+v: %v", acl, err)
	}
	if path, err := conn.Sync("/"); err != nil || path != "/" {
		t.Errorf("sync %q: %v", path, err)
	}
}
