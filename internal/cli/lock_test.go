//go:build !windows

package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/rogpeppe/go-internal/testscript"

	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest"
)

// TestLockScripts runs `zkdeck lock` where it ends by itself.
func TestLockScripts(t *testing.T) {
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	for _, path := range []string{"/busy", "/late", "/mixed", "/guarded"} {
		create(t, conn, path, 0)
	}
	queueUp(t, conn, "/busy", curatorName, "1", "10.0.0.7")
	queueUp(t, conn, "/late", curatorName, "1", "10.0.0.7")
	queueUp(t, conn, "/mixed", curatorName, "1", "10.0.0.7")
	queueUp(t, conn, "/mixed", kazooName, "2", "w1")
	if _, err := conn.SetACL("/guarded", []zk.ACL{{Perms: zk.PermRead, Scheme: "world", ID: "anyone"}}, -1); err != nil {
		t.Fatal(err)
	}
	t.Run("scripts", func(t *testing.T) { // which run in parallel, and end before the server does
		testscript.Run(t, testscript.Params{
			Dir: filepath.Join("testdata", "lock"),
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"exits": exits, "events": lockEventsOf,
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
	for path, want := range map[string]int{"/busy": 1, "/late": 1, "/mixed": 2} {
		if names := children(t, conn, path); len(names) != want {
			t.Errorf("%s has %q", path, names)
		}
	}
}

// lockEventsOf checks that stderr is lines of JSON with these events, in this order,
// among others.
func lockEventsOf(ts *testscript.TestScript, _ bool, want []string) {
	for line := range strings.Lines(ts.ReadFile("stderr")) {
		var v struct{ Time, Event, Path, Token string }
		ts.Check(json.Unmarshal([]byte(line), &v))
		if _, err := time.Parse(time.RFC3339Nano, v.Time); err != nil || v.Path == "" {
			ts.Fatalf("%s: %v", line, err)
		}
		if v.Event == "granted" && v.Token == "" {
			ts.Fatalf("no token in %s", line)
		}
		if len(want) > 0 && v.Event == want[0] {
			want = want[1:]
		}
	}
	if len(want) > 0 {
		ts.Fatalf("no %q in %s", want, ts.ReadFile("stderr"))
	}
}

func children(t *testing.T, conn *zk.Conn, path string) []string {
	t.Helper()
	names, _, err := conn.Children(path)
	if err != nil && err != zk.ErrNoNode { //nolint:errorlint // go-zookeeper's own
		t.Fatal(err)
	}
	return names
}

// becomes waits until a lock has so many contenders.
func becomes(t *testing.T, conn *zk.Conn, path string, n int) []string {
	t.Helper()
	give := time.After(screentest.Deadline)
	for {
		names, _, changed, err := conn.ChildrenW(path)
		if err == zk.ErrNoNode { //nolint:errorlint // go-zookeeper's own
			var there bool
			if there, _, changed, err = conn.ExistsW(path); there {
				continue
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(names) == n {
			return names
		}
		select {
		case <-changed:
		case <-give:
			t.Fatalf("%s has %q, want %d", path, names, n)
		}
	}
}

// lockProgram starts zkdeck lock.
func lockProgram(t *testing.T, addr string, args ...string) *under {
	t.Helper()
	u := &under{Cmd: program(t, addr, append([]string{"lock"}, args...)...), t: t}
	u.start()
	return u
}

// TestLockWithoutCommand holds a lock without a command, until a signal comes.
func TestLockWithoutCommand(t *testing.T) {
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		u := lockProgram(t, addr, "/some/lock")
		line := u.line()
		found := regexp.MustCompile(`^acquired /some/lock (_c_[-0-9a-f]+-lock-\d{10}) (\d+)$`).FindStringSubmatch(line)
		if found == nil {
			t.Fatalf("it prints %q", line)
		}
		_, stat, err := conn.Get("/some/lock/" + found[1])
		if err != nil || strconv.FormatInt(stat.Czxid, 10) != found[2] {
			t.Errorf("the token is %s, and the znode has %+v, %v", found[2], stat, err)
		}
		u.send(sig)
		u.ends(exitOK)
		becomes(t, conn, "/some/lock", 0)
	}
	u := lockProgram(t, addr, "/some/lock")
	node := strings.Fields(u.line())[2]
	if err := conn.Delete("/some/lock/"+node, -1); err != nil {
		t.Fatal(err)
	}
	u.ends(lockLost)
	if got := u.said.String(); !strings.Contains(got, "is lost") {
		t.Errorf("it says %q", got)
	}
}

// TestLockInterruptedWait sees that an interrupt while it queues takes the znode away,
// and that the next in the queue comes when its turn is.
func TestLockInterruptedWait(t *testing.T) {
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	first := lockProgram(t, addr, "/lock")
	first.line()
	for sig, code := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143} {
		second := lockProgram(t, addr, "/lock", "--", "echo", "mine")
		becomes(t, conn, "/lock", 2)
		second.send(sig)
		second.ends(code)
		becomes(t, conn, "/lock", 1)
		if got := second.said.String(); !strings.Contains(got, "zkdeck: /lock was not taken: ") {
			t.Errorf("it says %q", got)
		}
	}
	second := lockProgram(t, addr, "/lock", "--", "echo", "mine")
	becomes(t, conn, "/lock", 2)
	first.send(os.Interrupt)
	second.wants("mine")
	second.ends(exitOK)
	becomes(t, conn, "/lock", 0)
}

// TestLockNested sees that the innermost lock is the one in the environment, which
// etcdctl lock has the wrong way round.
func TestLockNested(t *testing.T) {
	addr := zktest.Own(t)
	u := lockProgram(t, addr, "/outer", "--", "zkdeck", "lock", "/inner", "--", "sh", "-c", `echo "$ZKDECK_LOCK_PATH $ZKDECK_LOCK_NODE $ZKDECK_LOCK_TOKEN"`)
	if got := u.line(); !regexp.MustCompile(`^/inner _c_\S+-lock-0000000000 \d+$`).MatchString(got) {
		t.Errorf("the command has %q", got)
	}
	u.ends(exitOK)
}

// TestLockSecondInterrupt ends a command hard, and nothing is left.
func TestLockSecondInterrupt(t *testing.T) {
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	u := lockProgram(t, addr, "/lock", "--", "signals")
	u.wants("ready")
	u.send(os.Interrupt)
	u.wants("SIGINT")
	u.send(os.Interrupt)
	u.ends(130)
	becomes(t, conn, "/lock", 0)
}

// TestLockDeletedUnderCommand has an operator break the lock.
func TestLockDeletedUnderCommand(t *testing.T) {
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	u := lockProgram(t, addr, "/lock", "--", "sh", "-c", leftOver+"wait")
	pids := u.pids(4)
	if err := conn.Delete("/lock/"+becomes(t, conn, "/lock", 1)[0], -1); err != nil {
		t.Fatal(err)
	}
	u.ends(lockLost, pids...)
	becomes(t, conn, "/lock", 0)
}

// TestLockSilentServer has the server stop to answer: the command is dead before the
// lock can be granted to the next, who waits at a server that answers.
func TestLockSilentServer(t *testing.T) {
	t.Parallel()
	addr := zktest.Own(t)
	proxy := zktest.NewProxy(t, addr)
	conn := zktest.Connect(t, addr)
	u := lockProgram(t, proxy.Addr(), "--session-timeout", "12s", "/lock", "--", "sh", "-c", leftOver+"wait")
	pids := u.pids(4)
	next := lockProgram(t, addr, "/lock", "--", "sh", "-c", fmt.Sprintf("for p in %s; do kill -0 $p 2>/dev/null && echo lives; done; echo done", strings.Trim(fmt.Sprint(pids), "[]")))
	becomes(t, conn, "/lock", 2)
	proxy.Stall()
	next.wants("done")
	next.ends(exitOK)
	u.ends(lockLost, pids...)
	becomes(t, conn, "/lock", 0)
}

// TestLockStopped has zkdeck itself stopped for longer than its session lasts.
func TestLockStopped(t *testing.T) {
	t.Parallel()
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	u := lockProgram(t, addr, "--session-timeout", "12s", "/lock", "--", "sh", "-c", leftOver+"wait")
	pids := u.pids(4)
	next := lockProgram(t, addr, "/lock", "--", "sh", "-c", fmt.Sprintf("for p in %s; do kill -0 $p 2>/dev/null && echo lives; done; echo done", strings.Trim(fmt.Sprint(pids), "[]")))
	becomes(t, conn, "/lock", 2)
	u.send(syscall.SIGSTOP)
	next.wants("done")
	next.ends(exitOK)
	u.send(syscall.SIGCONT)
	u.ends(lockLost, pids...)
	becomes(t, conn, "/lock", 0)
}

// TestLockNewSession sees that a wait outlives its session: consul #2399 gave up after
// 20 minutes of the two hours that it was told to wait.
func TestLockNewSession(t *testing.T) {
	t.Parallel()
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	create(t, conn, "/lock", 0)
	first := queueUp(t, conn, "/lock", curatorName, "1", "10.0.0.7")
	proxy := zktest.NewProxy(t, addr)
	u := lockProgram(t, proxy.Addr(), "--session-timeout", "4s", "-w", "1h", "/lock", "--", "echo", "mine")
	becomes(t, conn, "/lock", 2)
	proxy.Stall()
	becomes(t, conn, "/lock", 1)
	proxy.Heal()
	becomes(t, conn, "/lock", 2)
	if err := conn.Delete(first, -1); err != nil {
		t.Fatal(err)
	}
	u.wants("mine")
	u.ends(exitOK)
	becomes(t, conn, "/lock", 0)
}

// TestLockOutlivesTerminal sees that what nohup starts is not ended by a hangup.
func TestLockOutlivesTerminal(t *testing.T) {
	addr := zktest.Own(t)
	u := &under{Cmd: program(t, addr), t: t}
	u.Args = []string{"nohup", u.Path, "lock", "/lock", "--", "sh", "-c", "echo ready; read x; echo $x"}
	path, err := exec.LookPath("nohup")
	if err != nil {
		t.Skip(err)
	}
	u.Path = path
	u.start()
	u.wants("ready")
	u.send(syscall.SIGHUP)
	if _, err := fmt.Fprintln(u.in, "lives"); err != nil {
		t.Fatal(err)
	}
	u.wants("lives")
	u.ends(exitOK)
}

// TestLockProgress sees what a person is told who waits.
func TestLockProgress(t *testing.T) {
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	create(t, conn, "/lock", 0)
	first := queueUp(t, conn, "/lock", curatorName, "1", "ops@db-7")
	term, _ := inTerminal(t, "", []string{"ZKDECK_SERVERS=" + addr}, "lock", "/lock", "--", "echo", "taken")
	term.WaitForText("waiting for /lock, ", "place 2 of 2, after ops@db-7 (_c_")
	if err := conn.Delete(first, -1); err != nil {
		t.Fatal(err)
	}
	wantExit(t, term.Wait(), exitOK)
	if s := term.Screen(); strings.Contains(s, "waiting") || !strings.Contains(s, "taken") {
		t.Errorf("it shows:\n%s", s)
	}
}
