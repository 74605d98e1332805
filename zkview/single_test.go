package zkview

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/wire"
)

// openOne opens a session of its own that is closed with the test.
func openOne(t *testing.T, cfg Config) *Single {
	t.Helper()
	return openOneTuned(t, cfg, testTuning)
}

func openOneTuned(t *testing.T, cfg Config, tune tuning) *Single {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(newTestLog(t), nil))
	}
	o, err := openSingle(cfg, tune)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return o
}

// tape reads the events of a Single for a test.
type tape struct {
	*SingleEvents
	t    *testing.T
	rest []Event
}

// openRecorded is openOne with a tape of all that is told, from the first connection.
func openRecorded(t *testing.T, cfg Config, tune tuning) (*Single, *tape) {
	t.Helper()
	tune, begin := heldBack(tune)
	o := openOneTuned(t, cfg, tune)
	q := &tape{SingleEvents: o.Events(), t: t}
	t.Cleanup(q.Close)
	begin()
	return o, q
}

// next is the next event in words.
func (q *tape) next() string {
	q.t.Helper()
	for len(q.rest) == 0 {
		var err error
		if q.rest, err = q.Next(testCtx(q.t)); err != nil {
			return err.Error()
		}
	}
	e := q.rest[0]
	q.rest = q.rest[1:]
	return strings.TrimSpace(fmt.Sprint(e.Kind, " ", e.Path))
}

func (q *tape) wants(events ...string) {
	q.t.Helper()
	for _, want := range events {
		if got := q.next(); got != want {
			q.t.Fatalf("event %q, want %q", got, want)
		}
	}
}

// realRoot is a znode of the test's own on the real server.
func realRoot(t *testing.T) (servers string, conn *zk.Conn, root string) {
	t.Helper()
	addr := zktest.SharedReal(t)
	root = zktest.RootOn(t, addr)
	return addr + root, zktest.Connect(t, addr), root
}

func TestSingleCalls(t *testing.T) {
	ctx := testCtx(t)
	servers, conn, root := realRoot(t)
	o, q := openRecorded(t, Config{Servers: servers, Auth: []Auth{{"digest", []byte("me:secret")}}}, testTuning)
	dir, stat, err := o.Create(ctx, "/dir", []byte("d"), CreateOptions{Kind: Container})
	if err != nil || dir != "/dir" || stat.Kind() != Persistent && stat.Kind() != Container {
		t.Fatalf("Create = %q, %+v, %v", dir, stat, err)
	}
	q.wants("resync")
	mine := []ACL{{PermAll, "auth", ""}}
	in, err := o.Enter(ctx, "/dir/lock-", []byte("me"), mine)
	if err != nil || in.Path != "/dir/lock-0000000000" || in.Err != nil {
		t.Fatalf("Enter = %+v, %v", in, err)
	}
	st := o.Status()
	if in.Stat.EphemeralOwner != st.SessionID || in.Stat.Czxid == 0 || in.Stat.DataLength != 2 {
		t.Errorf("Stat %+v of session 0x%x", in.Stat, st.SessionID)
	}
	if !slices.Equal(in.Names, []string{"lock-0000000000"}) || in.Dir.NumChildren != 1 || in.Dir.Pzxid != in.Stat.Czxid {
		t.Errorf("listed %q, %+v", in.Names, in.Dir)
	}
	_, _, err = conn.Get(root + in.Path)
	wantErr(t, err, zk.ErrNoAuth) // it has our ACL
	if abs := o.Absolute(in.Path); abs != root+in.Path {
		t.Errorf("Absolute = %q", abs)
	}
	data, again, err := o.Get(ctx, in.Path, true)
	if err != nil || string(data) != "me" || again != in.Stat {
		t.Errorf("Get = %q, %+v, %v", data, again, err)
	}
	changed, err := o.Set(ctx, in.Path, []byte("we"), 0)
	if err != nil || changed.Version != 1 {
		t.Errorf("Set = %+v, %v", changed, err)
	}
	q.wants("data changed /dir/lock-0000000000")
	_, err = o.Set(ctx, in.Path, nil, 0)
	wantErr(t, err, ErrBadVersion)
	wantErr(t, o.Delete(ctx, in.Path, 0), ErrBadVersion)
	wantErr(t, o.Delete(ctx, "/dir", -1), ErrNotEmpty)
	wantErr(t, o.Sync(ctx, "/dir"), nil)
	names, _, err := o.Children(ctx, "/dir", true)
	if err != nil || len(names) != 1 {
		t.Errorf("Children = %q, %v", names, err)
	}
	wantErr(t, o.Delete(ctx, in.Path, 1), nil)
	q.wants("children changed /dir")
	_, _, err = o.Get(ctx, in.Path, true)
	wantErr(t, err, ErrNoNode)
	_, err = o.Enter(ctx, "/no/lock-", nil, nil)
	wantErr(t, err, ErrNoNode)
	_, _, err = o.Create(ctx, "/dir", nil, CreateOptions{})
	wantErr(t, err, ErrNodeExists)
	_, _, err = o.Create(ctx, "/dir/../x", nil, CreateOptions{})
	wantErr(t, err, ErrBadPath)
	_, _, err = o.Create(ctx, "/ttl", nil, CreateOptions{Kind: TTL, TTL: time.Hour})
	wantErr(t, err, ErrBadArguments)
	found, err := o.ReadMany(ctx, []string{"/dir", "/none"}, 10)
	if err != nil || string(found[0].Data) != "d" || !errors.Is(found[1].Err, ErrNoNode) {
		t.Errorf("ReadMany = %+v, %v", found, err)
	}
	if st := o.Status(); st.State != Connected || st.Over || st.Generation != 1 || st.Proven.IsZero() {
		t.Errorf("Status %+v", st)
	}
}

// An entry at the root of the session, whatever its chroot.
func TestSingleEntersTheRoot(t *testing.T) {
	servers, _, _ := realRoot(t)
	o := openOne(t, Config{Servers: servers})
	in, err := o.Enter(testCtx(t), "/n-", nil, nil)
	if err != nil || in.Path != "/n-0000000000" || len(in.Names) != 1 {
		t.Errorf("Enter = %+v, %v", in, err)
	}
}

func TestSingleReadOnly(t *testing.T) {
	ctx := testCtx(t)
	servers, _, _ := realRoot(t)
	o := openOne(t, Config{Servers: servers, ReadOnly: true})
	_, err := o.Enter(ctx, "/n-", nil, nil)
	wantErr(t, err, ErrReadOnly)
	_, _, err = o.Create(ctx, "/n", nil, CreateOptions{})
	wantErr(t, err, ErrReadOnly)
	_, err = o.Set(ctx, "/", nil, -1)
	wantErr(t, err, ErrReadOnly)
	wantErr(t, o.Delete(ctx, "/n", -1), ErrReadOnly)
	if names, _, err := o.Children(ctx, "/", false); err != nil || len(names) != 0 {
		t.Errorf("Children = %q, %v", names, err)
	}
}

// A closed session has ended: its ephemerals are gone at once, whoever waits is told.
func TestSingleClose(t *testing.T) {
	ctx := testCtx(t)
	servers, conn, root := realRoot(t)
	o, q := openRecorded(t, Config{Servers: servers, Timeout: time.Minute}, testTuning)
	in, err := o.Enter(ctx, "/n-", nil, nil)
	wantErr(t, err, nil)
	id := o.Status().SessionID
	checkClose(t, o)
	goes(t, func() bool {
		there, _, err := conn.Exists(root + in.Path)
		return !there && err == nil
	})
	q.wants("resync", "session over", ErrSessionOver.Error(), ErrSessionOver.Error())
	select {
	case <-q.Ready():
	default:
		t.Error("the queue is not ready, though Next would return")
	}
	_, err = o.Enter(ctx, "/n-", nil, nil)
	wantErr(t, err, ErrSessionOver)
	_, err = o.ReadMany(ctx, []string{"/"}, 0)
	wantErr(t, err, ErrSessionOver)
	if _, err := o.Events().Next(ctx); !errors.Is(err, ErrSessionOver) {
		t.Errorf("events after the end: %v", err)
	}
	if st := o.Status(); !st.Over || st.SessionID != id || st.Why == "" {
		t.Errorf("Status %+v", st)
	}
	wantErr(t, o.Close(), nil)
}

// An expired session is over and stays so: what waits fails, and nothing connects.
func TestSingleExpires(t *testing.T) {
	ctx := testCtx(t)
	addr := zktest.SharedReal(t)
	relay := zktest.NewRelay(t, addr)
	o, q := openRecorded(t, Config{Servers: relay.Addr() + zktest.RootOn(t, addr), Timeout: 30 * time.Second}, testTuning)
	in, err := o.Enter(ctx, "/n-", nil, nil)
	wantErr(t, err, nil)
	if _, _, err := o.Get(ctx, in.Path, true); err != nil {
		t.Fatal(err)
	}
	st := o.Status()
	relay.Cut()
	q.wants("resync", "connection lost")
	if s := o.Status().State; s != Suspended {
		t.Errorf("state %v", s)
	}
	calls := make(chan error, 2)
	go func() {
		_, _, err := o.Get(ctx, in.Path, false)
		calls <- err
	}()
	go func() {
		_, err := o.Enter(ctx, "/n-", nil, nil)
		calls <- err
	}()
	eventually(t, "both wait", waiting(2, "zkview.singleCall"))
	relay.Expire()
	relay.Heal()
	q.wants("session over", ErrSessionOver.Error())
	for range 2 {
		wantErr(t, <-calls, ErrSessionOver)
	}
	now := o.Status()
	if !now.Over || now.SessionID != st.SessionID || now.Generation != 1 || !strings.Contains(now.Why, "expired") {
		t.Errorf("Status %+v", now)
	}
	if now.Proven.Before(st.Proven) {
		t.Error("what was proven was forgotten")
	}
	wantErr(t, o.Delete(ctx, in.Path, -1), ErrSessionOver)
}

// A server that says so ends the session, on the same connection.
func TestSingleIsTold(t *testing.T) {
	ctx := testCtx(t)
	servers, _, _ := realRoot(t)
	o, q := openRecorded(t, Config{Servers: servers}, testTuning)
	wantErr(t, o.Sync(ctx, "/"), nil)
	expire(t, o.s)
	q.wants("resync", "connection lost", "session over", ErrSessionOver.Error())
	_, err := o.Set(ctx, "/", nil, -1)
	wantErr(t, err, ErrSessionOver)
}

// A connection that is cut or stalls: the session lives on, watches do not.
func TestSingleReconnects(t *testing.T) {
	for _, how := range []string{"cut", "stall", "paused server"} {
		t.Run(how, func(t *testing.T) {
			ctx := testCtx(t)
			ens := zktest.Start(t, 1)
			proxy := zktest.NewProxy(t, ens.Addr())
			o, q := openRecorded(t, Config{Servers: proxy.Addr(), Timeout: 4 * time.Second}, testTuning)
			in, err := o.Enter(ctx, "/n-", nil, nil)
			wantErr(t, err, nil)
			if _, _, err := o.Get(ctx, in.Path, true); err != nil {
				t.Fatal(err)
			}
			id := o.Status().SessionID
			q.wants("resync")
			switch how {
			case "cut":
				proxy.Cut()
			case "stall":
				proxy.Stall()
			default:
				ens.Server(0).Pause()
			}
			q.wants("connection lost")
			proven := o.Status().Proven
			if how == "paused server" {
				ens.Server(0).Resume()
			}
			proxy.Heal()
			switch got := q.next(); got {
			case "session over": // it took longer than the session lives
				return
			case "resync":
			default:
				t.Fatalf("event %q", got)
			}
			st := o.Status()
			if st.SessionID != id || !st.Proven.After(proven) || st.Generation != 2 {
				t.Errorf("Status %+v", st)
			}
			// Nobody has asked for a watch on this connection.
			if _, err := o.Set(ctx, in.Path, []byte("x"), 0); err != nil {
				t.Fatal(err)
			}
			if _, _, err := o.Get(ctx, in.Path, true); err != nil {
				t.Fatal(err)
			}
			wantErr(t, o.Delete(ctx, in.Path, -1), nil)
			q.wants("deleted " + in.Path)
		})
	}
}

// The answer to a write that was sent is lost: nobody knows.
func TestSingleLostAnswer(t *testing.T) {
	ctx := testCtx(t)
	addr := zktest.SharedReal(t)
	root := zktest.RootOn(t, addr)
	p := (&frameProxy{upstream: addr}).start(t)
	o, q := openRecorded(t, Config{Servers: p.addr + root, Timeout: 30 * time.Second}, testTuning)
	q.wants("resync")
	eventually(t, "its version is known", o.tellsStat)
	created := func(op wire.OpCode) bool { return op == wire.OpCreate || op == wire.OpCreate2 }
	calls := map[string]func() error{
		"enter":  func() error { _, err := o.Enter(ctx, "/n-", nil, nil); return err },
		"delete": func() error { return o.Delete(ctx, "/none", -1) },
	}
	ops := map[string]func(wire.OpCode) bool{ // the session asks things of its own meanwhile
		"enter":  created,
		"delete": func(op wire.OpCode) bool { return op == wire.OpDelete },
	}
	for name, call := range calls {
		p.stall()
		got := make(chan error, 1)
		sent := p.count(ops[name])
		go func() { got <- call() }()
		eventually(t, name+" is sent", func() bool { return p.count(ops[name]) > sent })
		p.heal()
		err := <-got
		if !errors.Is(err, ErrUnknownOutcome) || errors.Is(err, ErrNotSent) || errors.Is(err, ErrSessionOver) {
			t.Errorf("%s: %v", name, err)
		}
		q.wants("connection lost", "resync")
	}
	// A context that ends while the answer is awaited leaves it open as well; before,
	// nothing was sent.
	before := p.count(created)
	p.stall()
	short, cancel := context.WithCancel(ctx)
	got := make(chan error, 1)
	go func() { got <- calls["enter"]() }()
	go func() {
		_, err := o.Enter(short, "/n-", nil, nil)
		got <- err
	}()
	eventually(t, "both are sent", func() bool { return p.count(created) == before+2 })
	cancel()
	err := <-got
	wantErr(t, err, ErrUnknownOutcome)
	wantErr(t, err, context.Canceled)
	p.heal()
	wantErr(t, <-got, ErrUnknownOutcome)
	_, err = o.Enter(short, "/n-", nil, nil)
	wantErr(t, err, ErrNotSent)
	wantErr(t, err, context.Canceled)
}

// The server that it is on dies: the session moves to another, in which what was
// created is there, and what was proven is never later than now.
func TestSingleFailsOver(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 3)
	o, q := openRecorded(t, Config{Servers: ens.Addr(), Timeout: 20 * time.Second}, testTuning)
	in, err := o.Enter(ctx, "/n-", nil, nil)
	wantErr(t, err, nil)
	if _, _, err := o.Get(ctx, in.Path, true); err != nil {
		t.Fatal(err)
	}
	before := o.Status()
	for _, server := range ens.Servers() {
		if server.Addr() == before.Server {
			server.Kill()
		}
	}
	q.wants("resync", "connection lost", "resync")
	now := o.Status()
	if now.SessionID != before.SessionID || now.Server == before.Server || !now.Proven.After(before.Proven) || now.Proven.After(time.Now()) {
		t.Errorf("moved from %+v to %+v", before, now)
	}
	wantErr(t, o.Sync(ctx, "/"), nil)
	_, stat, err := o.Get(ctx, in.Path, true)
	if err != nil || stat != in.Stat {
		t.Errorf("Get = %+v, %v", stat, err)
	}
	wantErr(t, o.Delete(ctx, in.Path, 0), nil)
	q.wants("deleted " + in.Path)
}
