package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/rogpeppe/go-internal/testscript"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/sandbox/demo"
)

// The beginnings of names, as Curator and kazoo make them.
const (
	curatorName = "_c_0123cdef-0123-4567-89ab-0123456789a%-lock-"
	kazooName   = "0123456789abcdef0123456789abcde%__lock__"
)

// queueUp makes a sequential ephemeral znode in dir and returns its path; the % in name
// is replaced by id, which makes it another client's.
func queueUp(t *testing.T, conn *zk.Conn, dir, name, id, data string) string {
	t.Helper()
	path, err := conn.Create(dir+"/"+strings.Replace(name, "%", id, 1), []byte(data), zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// contended fills a server with locks: one that is contended, two in a deadlock, one
// whose holder means harm, one that nobody may read; and a queue that is no lock.
func contended(t *testing.T, addr string) {
	t.Helper()
	one, two := zktest.Connect(t, addr), zktest.Connect(t, addr)
	hostile := "/uk/lock\u202e"
	for _, path := range []string{"/jobs", "/jobs/nightly", "/stock", "/stock/a", "/stock/b", "/queue", "/queue/a", "/guarded", "/guarded/lock", "/uk", hostile} {
		create(t, one, path, 0)
	}
	queueUp(t, zktest.Connect(t, addr), "/jobs/nightly", curatorName, "1", "10.0.0.7")
	queueUp(t, zktest.Connect(t, addr), "/jobs/nightly", curatorName, "2", "10.0.0.8")
	queueUp(t, one, "/stock/a", kazooName, "1", "w1")
	queueUp(t, two, "/stock/b", kazooName, "2", "w2")
	queueUp(t, two, "/stock/a", kazooName, "3", "w2")
	queueUp(t, one, "/stock/b", kazooName, "4", "w1")
	queueUp(t, one, hostile, "lock-", "", "evil\x1b]0;x\a")
	queueUp(t, one, "/guarded/lock", "lock-", "", "")
	if _, err := one.SetACL("/guarded/lock", []zk.ACL{{Perms: zk.PermAll, Scheme: "digest", ID: "nobody:x"}}, -1); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := one.Create("/queue/a/qn-", nil, zk.FlagSequence, zk.WorldACL(zk.PermAll)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLocksCommand(t *testing.T) {
	t.Parallel()
	addr := zktest.Own(t)
	contended(t, addr)
	t.Run("scripts", func(t *testing.T) { // which run in parallel, and end before the server does
		testscript.Run(t, testscript.Params{
			Dir: filepath.Join("testdata", "locks"),
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"exits": exits, "lock": nightly,
			},
			Setup: func(env *testscript.Env) error {
				env.Setenv("HOME", env.WorkDir)
				env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
				env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
				env.Setenv("ZKDECK_SERVERS", addr)
				env.Setenv("GORACE", noPause)
				return nil
			},
		})
	})
	t.Run("terminal", func(t *testing.T) {
		term, _ := inTerminal(t, "", []string{"ZKDECK_SERVERS=" + addr}, "locks", "--warnings")
		wantExit(t, term.Wait(), 0)
		for _, want := range []string{"STATE", "HELD ≤", "▲ suspicious  /stock/a  kazoo-lock", "Sessions wait for each other in a circle: w"} {
			if !strings.Contains(term.Screen(), want) {
				t.Errorf("%q is missing in:\n%s", want, term.Screen())
			}
		}
		term, _ = inTerminal(t, "", []string{"ZKDECK_SERVERS=" + addr}, "locks", "/uk")
		wantExit(t, term.Wait(), 0)
		if want := `● held   /uk/lock\u202e  plain-lock  evil\x1b]0;x\x07 @`; !strings.Contains(term.Screen(), want) {
			t.Errorf("%q is missing in:\n%s", want, term.Screen())
		}
	})
}

// nightly checks that stdout is the JSON of /jobs/nightly.
func nightly(ts *testscript.TestScript, _ bool, args []string) {
	var locks []map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &locks))
	var keys []string
	for key := range locks[0] {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if want := "contenders foreign grants holders kind limit nextSequence path recipe waiters warnings"; strings.Join(keys, " ") != want || len(locks) != 1 {
		ts.Fatalf("%d locks with %s, want %s", len(locks), keys, want)
	}
	for key, want := range map[string]string{
		"path": `"/jobs/nightly"`, "recipe": `"` + args[0] + `"`, "kind": `"mutex"`, "limit": "1", "holders": "1", "waiters": "1",
		"grants": "1", "nextSequence": "2", "warnings": "[]", "foreign": "[]",
	} {
		if got := string(locks[0][key]); got != want {
			ts.Fatalf("%s is %s, want %s", key, got, want)
		}
	}
	const first, second = "_c_0123cdef-0123-4567-89ab-0123456789a1-lock-0000000000", "_c_0123cdef-0123-4567-89ab-0123456789a2-lock-0000000001"
	re := regexp.MustCompile(`^\[\{"node":"` + first + `","path":"/jobs/nightly/` + first + `","role":"holder","mode":"exclusive","sequence":0,` +
		`"czxid":"0x[0-9a-f]+","session":"0x[0-9a-f]+","address":"127\.0\.0\.1:\d+","identity":"10\.0\.0\.7","queuedAt":"[-0-9]+T[:0-9]+\.\d{3}Z","waitsFor":null\},` +
		`\{"node":"` + second + `",.*"role":"waiter",.*"identity":"10\.0\.0\.8",.*"waitsFor":"` + first + `"\}\]$`)
	if got := string(locks[0]["contenders"]); !re.MatchString(got) {
		ts.Fatalf("the contenders are %s", got)
	}
}

// lockEvent is a line of `zkdeck locks --watch --json`.
type lockEvent struct {
	Type, Path, Recipe, Time, Node, Session, Address, Identity, Mode, Token, QueuedAt, Since, Why string
	Holders, Waiters, Waiting, Locks                                                              int
	AtLeast                                                                                       bool
}

// event reads lines until one is of a type and a lock.
func (w *watcher) event(kind, path string) lockEvent {
	w.t.Helper()
	for {
		var e lockEvent
		line := w.line(w.out)
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			w.t.Fatalf("%s: %v", line, err)
		}
		if _, err := time.Parse(time.RFC3339Nano, e.Time); err != nil {
			w.t.Fatalf("%s: %v", line, err)
		}
		if e.Type == kind && e.Path == path {
			return e
		}
	}
}

func TestLocksWatch(t *testing.T) {
	addr := zktest.Own(t)
	one, two := zktest.Connect(t, addr), zktest.Connect(t, addr)
	create(t, one, "/app", 0)
	create(t, one, "/app/lock", 0)
	first := queueUp(t, one, "/app/lock", curatorName, "1", "10.0.0.7")
	w := startProgram(t, "locks", "-s", addr, "/app", "--watch", "--json", "--readonly")
	if e := w.event("lock", "/app/lock"); e.Recipe != "curator-mutex" || e.Holders != 1 || e.Waiters != 0 {
		t.Errorf("it begins with %+v", e)
	}
	if e := w.event("ready", ""); e.Locks != 1 {
		t.Errorf("ready: %+v", e)
	}
	second := queueUp(t, two, "/app/lock", curatorName, "2", "10.0.0.8")
	e := w.event("queued", "/app/lock")
	if e.Node != filepath.Base(second) || e.Session != hex(two.SessionID()) || e.Identity != "10.0.0.8" || e.QueuedAt == "" || e.Mode != "exclusive" || e.Waiting != 1 {
		t.Errorf("%+v", e)
	}
	if err := one.Delete(first, -1); err != nil {
		t.Fatal(err)
	}
	if e := w.event("released", "/app/lock"); e.Node != filepath.Base(first) || e.Session != hex(one.SessionID()) || e.Since == "" || !e.AtLeast {
		t.Errorf("%+v", e)
	}
	if e := w.event("granted", "/app/lock"); e.Node != filepath.Base(second) || e.Session != hex(two.SessionID()) || !strings.HasPrefix(e.Token, "0x") || e.AtLeast {
		t.Errorf("%+v", e)
	}
	if err := two.Delete(second, -1); err != nil {
		t.Fatal(err)
	}
	if e := w.event("released", "/app/lock"); e.Node != filepath.Base(second) || e.AtLeast || e.Waiting != 0 {
		t.Errorf("%+v", e)
	}
	create(t, one, "/app/new-lock", 0)
	queueUp(t, one, "/app/new-lock", kazooName, "3", "w3")
	if e := w.event("found", "/app/new-lock"); e.Recipe != "kazoo-lock" {
		t.Errorf("%+v", e)
	}
	if e := w.event("granted", "/app/new-lock"); e.Identity != "w3" {
		t.Errorf("%+v", e)
	}
	if err := w.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	wantExit(t, w.Wait(), 0)
}

// TestLocksMissed sees that what happens without a connection is told as missed.
func TestLocksMissed(t *testing.T) {
	addr := zktest.Own(t)
	one, two := zktest.Connect(t, addr), zktest.Connect(t, addr)
	create(t, one, "/lock", 0)
	first := queueUp(t, one, "/lock", kazooName, "1", "w1")
	queueUp(t, two, "/lock", kazooName, "2", "w2")
	proxy := zktest.NewProxy(t, addr)
	w := startProgram(t, "locks", "-s", proxy.Addr(), "--timeout", "20s", "--watch", "--json")
	w.event("ready", "")
	proxy.Cut()
	w.says("no connection, nothing is told")
	if err := one.Delete(first, -1); err != nil {
		t.Fatal(err)
	}
	proxy.Heal()
	w.says("again")
	if e := w.event("missed", "/lock"); e.Since == "" || e.Why == "" || e.Node != "" {
		t.Errorf("%+v", e)
	}
	if e := w.event("granted", "/lock"); e.Identity != "w2" || !e.AtLeast {
		t.Errorf("%+v", e)
	}
}

// TestLocksLost sees that nothing hangs when the server does not answer.
func TestLocksLost(t *testing.T) {
	proxy := zktest.NewProxy(t, zktest.Own(t))
	proxy.Stall()
	cmd := program(t, proxy.Addr(), "locks", "--timeout", "1s")
	var said strings.Builder
	cmd.Stderr = &said
	wantExit(t, cmd.Run(), exitTrouble)
	if got := said.String(); !strings.Contains(got, "no connection to "+proxy.Addr()+" within 1s: ") {
		t.Errorf("it says %q", got)
	}
}

// silentServers is a source whose servers never say who is connected.
type silentServers struct{ lockctl.Source }

func (silentServers) Ask(ctx context.Context, _ bool) (lockctl.Answers, error) {
	<-ctx.Done()
	return lockctl.Answers{}, ctx.Err()
}

// TestLocksImpatient sees that what cannot be learned is not waited for for ever: neither
// while there is a connection, nor when there is none.
func TestLocksImpatient(t *testing.T) {
	t.Parallel()
	addr := zktest.Own(t)
	contended(t, addr)
	proxy := zktest.NewProxy(t, addr)
	session, err := zkview.Open(zkview.Config{Servers: proxy.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = session.Close() }()
	if err := session.Ready(t.Context()); err != nil { // which is not what it is impatient about
		t.Fatal(err)
	}
	b := lockctl.NewBoard(silentServers{lockview.New(session)}, lockctl.Options{})
	defer b.Close()
	b.Search("/")
	j := &job{session: session}
	j.target.Timeout = time.Second
	got := written(t, func(w *job) error {
		j.out, j.errs = w.out, w.errs
		return j.settle(t.Context(), b)
	})
	if !strings.Contains(got, "not all is known 1s after the search") {
		t.Errorf("it says %q", got)
	}
	proxy.Cut()
	for session.Status().State == zkview.Connected {
		<-session.Changed()
	}
	if err := j.settle(t.Context(), b); err == nil || !strings.Contains(err.Error(), "looking for locks: no connection to ") {
		t.Errorf("it ends with %v", err)
	}
}

// TestLocksRefusals sees what is told where the servers keep their clients to themselves.
func TestLocksRefusals(t *testing.T) {
	server := zktest.Start(t, 1, zktest.Config("4lw.commands.whitelist=srvr"))
	conn := zktest.Connect(t, server.Addr())
	create(t, conn, "/lock", 0)
	queueUp(t, conn, "/lock", kazooName, "1", "")
	cmd := program(t, server.Addr(), "locks", "--json")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	if !strings.Contains(string(out), `"address":null`) || !strings.Contains(string(out), `"session":"`+hex(conn.SessionID())+`"`) {
		t.Errorf("the lock is %s", out)
	}
	if got := said.String(); !strings.Contains(got, "zkdeck: ") || !strings.Contains(got, "4lw.commands.whitelist of "+server.Addr()) {
		t.Errorf("it says %q", got)
	}
}

// TestLocksWatchText watches as a person does, until the reader is gone.
func TestLocksWatchText(t *testing.T) {
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	create(t, conn, "/lock", 0)
	held := queueUp(t, conn, "/lock", "lock-", "", "evil\x1b]0;x\a")
	w := startProgram(t, "locks", "-s", addr, "--watch")
	for _, want := range []string{`lock     /lock  plain-lock  held by evil\\x1b\]0;x\\x07 @ 127\.0\.0\.1:\d+`, `ready    1 lock is followed`} {
		if line := w.line(w.out); !regexp.MustCompile(`^\d\d:\d\d:\d\d\.\d\d\d ` + want + `$`).MatchString(line) {
			t.Errorf("%q does not match %q", line, want)
		}
	}
	if err := conn.Delete(held, -1); err != nil {
		t.Fatal(err)
	}
	for released := regexp.MustCompile(`^\S+ released /lock  evil\\x1b\]0;x\\x07 @ 127\.0\.0\.1:\d+  held for at least \S+s$`); !released.MatchString(w.line(w.out)); {
	}
	if err := w.pipe.Close(); err != nil {
		t.Fatal(err)
	}
	queueUp(t, conn, "/lock", "lock-", "", "")
	wantExit(t, w.Wait(), 0)
}

// TestLocksOfSample sees that the locks of the sandbox's sample data are what they are.
func TestLocksOfSample(t *testing.T) {
	server, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	life, err := demo.Live(t.Context(), server, demo.Options{Pace: 50 * time.Millisecond, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer life.Close()
	w := startProgram(t, "locks", "-s", server.Addr(), "--watch", "--json")
	w.event("ready", "")
	seen := map[string]bool{}
	for len(seen) < 4 {
		var e lockEvent
		if err := json.Unmarshal([]byte(w.line(w.out)), &e); err != nil {
			t.Fatal(err)
		}
		switch e.Path + " " + e.Recipe {
		case "/locks/invoice-run curator-mutex", "/uk/lock naive", "/locks/nightly-report kazoo-lock", "/locks/deploy go-zookeeper":
			if e.Type == "granted" && strings.HasPrefix(e.Address, "10.") {
				seen[e.Path] = true
			}
		}
	}
	out, err := program(t, server.Addr(), "locks", "/kafka", "--json").Output()
	if err != nil || !strings.Contains(string(out), `"path":"/kafka/controller","recipe":"kafka-controller","kind":"exclusive node"`) {
		t.Errorf("%v: %s", err, out)
	}
}

// TestLocksLongQueue has every contender of a queue that no screen would read whole.
func TestLocksLongQueue(t *testing.T) {
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	create(t, conn, "/lock", 0)
	const long = 700
	for range long {
		queueUp(t, conn, "/lock", "lock-", "", "")
	}
	cmd := program(t, addr, "locks", "--json")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("%v: %s", err, said.String())
	}
	if n := strings.Count(string(out), `"session":"`+hex(conn.SessionID())+`"`); n != long {
		t.Errorf("%d of %d contenders have their session", n, long)
	}
}
