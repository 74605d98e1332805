package cli

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// watcher is a command that runs and prints what happens.
type watcher struct {
	*exec.Cmd
	t         *testing.T
	out, errs *bufio.Scanner
	pipe      io.Closer // of out
}

func startWatch(t *testing.T, args ...string) *watcher {
	t.Helper()
	return startProgram(t, append([]string{"watch"}, args...)...)
}

func startProgram(t *testing.T, args ...string) *watcher {
	t.Helper()
	path, err := exec.LookPath("zkdeck") // testscript.Main has put it in PATH
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	w := &watcher{Cmd: exec.Command(path, args...), t: t}
	w.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_STATE_HOME="+home, "GORACE="+noPause, "TZ=UTC")
	out, err := w.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs, err := w.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.out, w.errs, w.pipe = bufio.NewScanner(out), bufio.NewScanner(errs), out
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(time.Minute, func() { _ = w.Process.Kill() })
	t.Cleanup(func() {
		stop.Stop()
		_ = w.Process.Kill()
		_ = w.Wait()
	})
	return w
}

func (w *watcher) line(from *bufio.Scanner) string {
	w.t.Helper()
	if !from.Scan() {
		w.t.Fatalf("no more lines: %v", from.Err())
	}
	return from.Text()
}

// says reads a line of standard error that contains a text.
func (w *watcher) says(want string) {
	w.t.Helper()
	if line := w.line(w.errs); !strings.Contains(line, want) {
		w.t.Fatalf("it says %q, want %q", line, want)
	}
}

// json reads a line of standard output.
func (w *watcher) json() (v struct {
	At, Kind, Path, Owner, Mzxid, Text, Since, Note string
	Size, Version                                   *int32
	Missed                                          bool
},
) {
	w.t.Helper()
	line := w.line(w.out)
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		w.t.Fatalf("%s: %v", line, err)
	}
	if at, err := time.Parse(time.RFC3339Nano, v.At); err != nil || time.Since(at) > time.Hour {
		w.t.Errorf("at %q: %v", v.At, err)
	}
	return v
}

func TestWatchCommand(t *testing.T) {
	addr := zktest.Own(t)
	t.Run("json", func(t *testing.T) { watchAsJSON(t, addr) })
	t.Run("text", func(t *testing.T) { watchAsText(t, addr) })
	t.Run("closed pipe", func(t *testing.T) {
		conn := zktest.Connect(t, addr)
		w := startWatch(t, "-s", addr, "/")
		w.says("every change of the whole cluster")
		if err := w.pipe.Close(); err != nil {
			t.Fatal(err)
		}
		create(t, conn, "/any", 0)
		wantExit(t, w.Wait(), 0)
	})
	t.Run("usage", func(t *testing.T) {
		for want, args := range map[string][]string{
			"a path is missing":  {},
			"did you mean /a/b?": {"a/b"},
			"--count -1":         {"/a", "--count", "-1"},
		} {
			w := startWatch(t, args...)
			w.says(want)
			w.says("--help")
			wantExit(t, w.Wait(), 2)
		}
		w := startWatch(t, "-s", "127.0.0.1:1", "--timeout", "100ms", "/a")
		w.says("no connection to 127.0.0.1:1")
		wantExit(t, w.Wait(), 1)
	})
}

func create(t *testing.T, conn *zk.Conn, path string, flags int32) {
	t.Helper()
	if _, err := conn.Create(path, []byte("value\n2"), flags, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
}

func set(t *testing.T, conn *zk.Conn, path, data string) {
	t.Helper()
	if _, err := conn.Set(path, []byte(data), -1); err != nil {
		t.Fatal(err)
	}
}

func watchAsJSON(t *testing.T, addr string) {
	conn := zktest.Connect(t, addr)
	proxy := zktest.NewProxy(t, addr)
	w := startWatch(t, "-s", proxy.Addr(), "--timeout", "20s", "/app", "--json", "--values", "--readonly")
	w.says("there is no /app yet")
	create(t, conn, "/app", 0)
	if v := w.json(); v.Kind != "created" || v.Path != "/app" || *v.Size != 7 || *v.Version != 0 || v.Text != "value\n2" || v.Owner != "" {
		t.Errorf("%+v", v)
	}
	create(t, conn, "/app/e", zk.FlagEphemeral)
	if v := w.json(); v.Kind != "created" || v.Path != "/app/e" || v.Owner != hex(conn.SessionID()) || v.Mzxid == "" {
		t.Errorf("%+v", v)
	}
	set(t, conn, "/app", "two")
	if v := w.json(); v.Kind != "changed" || *v.Version != 1 || v.Text != "two" {
		t.Errorf("%+v", v)
	}
	proxy.Cut()
	w.says("no connection, nothing is told")
	set(t, conn, "/app", "three")
	if err := conn.Delete("/app/e", -1); err != nil {
		t.Fatal(err)
	}
	create(t, conn, "/app/n", 0)
	proxy.Heal()
	w.says("again")
	if v := w.json(); v.Kind != "resync" || v.Path != "/app" || v.Since == "" {
		t.Errorf("%+v", v)
	}
	seen := map[string]bool{}
	for range 4 {
		v := w.json()
		if v.Kind == "reread" {
			if !strings.Contains(v.Note, "1 created, 1 changed and 1 deleted ones were missed") {
				t.Errorf("%+v", v)
			}
			continue
		}
		if !v.Missed {
			t.Errorf("%+v", v)
		}
		seen[v.Kind+" "+v.Path+" "+v.Text] = true
	}
	for _, want := range []string{"changed /app three", "deleted /app/e ", "created /app/n value\n2"} {
		if !seen[want] {
			t.Errorf("%q was not found out: %v", want, seen)
		}
	}
	if err := w.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	wantExit(t, w.Wait(), 0)
}

func watchAsText(t *testing.T, addr string) {
	conn := zktest.Connect(t, addr)
	w := startWatch(t, "-s", addr, "/text", "--values", "--count", "4")
	w.says("there is no /text yet")
	lines := func(want ...string) {
		t.Helper()
		for _, re := range want {
			if line := w.line(w.out); !regexp.MustCompile(`^\d\d:\d\d:\d\d\.\d\d\d ` + re + `$`).MatchString(line) {
				t.Errorf("%q does not match %q", line, re)
			}
		}
	}
	create(t, conn, "/text", 0)
	lines(`created /text  7 B v0  value\\n2`)
	create(t, conn, "/text/e", zk.FlagEphemeral)
	lines(`created /text/e  7 B v0 0x[0-9a-f]+  value\\n2`)
	set(t, conn, "/text", "\x1b[31m")
	lines(`changed /text  5 B v1  \S*\[31m`)
	if err := conn.Delete("/text/e", -1); err != nil {
		t.Fatal(err)
	}
	lines(`deleted /text/e  7 B v0 0x[0-9a-f]+`)
	wantExit(t, w.Wait(), 0)
}
