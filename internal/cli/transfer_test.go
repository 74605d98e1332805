package cli

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/go-zookeeper/zk"
	"github.com/rogpeppe/go-internal/testscript"

	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest"
)

// TestWriteScripts runs the commands that write.
func TestWriteScripts(t *testing.T) {
	t.Parallel()
	addr := lively(t)
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "write"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "jsonlines": jsonLines,
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
}

// TestBetweenClusters copies, moves and compares with a second cluster.
func TestBetweenClusters(t *testing.T) {
	a, b := zktest.Own(t), zktest.Own(t)
	from, to := zktest.Connect(t, a), zktest.Connect(t, b)
	create(t, from, "/app", 0)
	create(t, from, "/app/x", 0)
	for _, args := range [][]string{
		{"cp", "/app", "/app", "--to-servers", b},
		{"diff", "/app", "/app", "--to-servers", b},
		{"mv", "/app", "/deep/er", "--to-servers", b},
	} {
		if out, err := program(t, a, args...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	for conn, want := range map[*zk.Conn][]string{to: {"/app/x", "/deep/er/x"}, from: {}} {
		for _, path := range []string{"/app/x", "/deep/er/x"} {
			there, _, err := conn.Exists(path)
			if err != nil || there != (len(want) > 0) {
				t.Errorf("%s: %t, %v", path, there, err)
			}
		}
	}
}

// TestRemovalAsks deletes on a terminal, where it asks first.
func TestRemovalAsks(t *testing.T) {
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	create(t, conn, "/app", 0)
	create(t, conn, "/app/x", 0)
	for _, c := range []struct {
		typed string
		code  int
		gone  bool
	}{{"yes\r", 1, false}, {"app\r", 0, true}} {
		term := screentest.New(t, 100, 30)
		term.StartCommand(program(t, addr, "rm", "-r", "/app"))
		term.WaitForText("This deletes 2 znodes. Type app to go on:")
		term.Type(c.typed)
		wantExit(t, term.Wait(), c.code)
		if there, _, err := conn.Exists("/app"); err != nil || there == c.gone {
			t.Errorf("typed %q: there %t, %v", c.typed, there, err)
		}
	}
}

// TestInterruptedExport sends SIGINT to an export that nobody reads: no file is left.
func TestInterruptedExport(t *testing.T) {
	t.Parallel()
	addr := zktest.Own(t)
	conn := zktest.Connect(t, addr)
	create(t, conn, "/app", 0)
	for i := range 40 {
		if _, err := conn.Create("/app/"+strconv.Itoa(i), make([]byte, 500_000), 0, zk.WorldACL(zk.PermAll)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := program(t, addr, "export", "/app")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 1000)
	if _, err := io.ReadFull(out, first); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(out)
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitFailed || !strings.Contains(errs.String(), "interrupted") || strings.Contains(string(rest), `{"end":`) {
		t.Errorf("%v: %s", err, errs.String())
	}

	dir := t.TempDir()
	cmd = program(t, addr, "export", "/none", "-o", filepath.Join(dir, "x"))
	if err := cmd.Run(); err == nil {
		t.Error("no error")
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left: %v", files)
	}
}
