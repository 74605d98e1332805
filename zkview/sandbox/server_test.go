package sandbox

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/zkview/wire"
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

// Addresses are written as Java writes them: ACLs of the scheme ip compare them.
func TestJavaAddress(t *testing.T) {
	for address, want := range map[string][2]string{
		"127.0.0.1:2181":          {"127.0.0.1", "127.0.0.1:2181"},
		"[::ffff:10.0.0.1]:4711":  {"10.0.0.1", "10.0.0.1:4711"},
		"[::1]:2181":              {"0:0:0:0:0:0:0:1", "[0:0:0:0:0:0:0:1]:2181"},
		"[fe80::ab:0:c%eth0]:999": {"fe80:0:0:0:0:ab:0:c", "[fe80:0:0:0:0:ab:0:c]:999"},
	} {
		a := netip.MustParseAddrPort(address)
		if got := [2]string{javaHost(a.Addr()), javaAddress(a)}; got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

// The superuser is known by two names, and no ACL stops it.
func TestSuperuser(t *testing.T) {
	s := start(t, Options{Superuser: Digest("super:secret")})
	inside := within(t, s)
	if _, err := inside.Create("/closed", nil, Persistent, wire.ACL{Perms: 1, Scheme: "ip", ID: "10.9.9.9"}); err != nil {
		t.Fatal(err)
	}
	c := dialSession(t, s)
	if a := c.ask(wire.OpGetData, pathWatch("/closed", false)); a.code != wire.NoAuth {
		t.Errorf("read by anybody: %v", a.code)
	}
	if a := c.ask(wire.OpAuth, func(e *wire.Encoder) {
		e.Int(0)
		e.Ustring("digest")
		e.Buffer([]byte("super:secret"))
	}); a.code != 0 {
		t.Fatal(a.code)
	}
	if a := c.ask(wire.OpGetData, pathWatch("/closed", false)); a.code != 0 {
		t.Errorf("read by the superuser: %v", a.code)
	}
	d := wire.NewDecoder(c.ask(wire.OpWhoAmI, nil).body)
	var got []wire.Identity
	for range d.Vector(8) {
		got = append(got, wire.Identity{Scheme: d.Ustring(), ID: d.Ustring()})
	}
	if len(got) != 3 || got[0] != (wire.Identity{Scheme: "ip", ID: "127.0.0.1"}) || got[1].ID != "super" || got[2].Scheme != "super" {
		t.Errorf("whoAmI: %+v", got)
	}
}
