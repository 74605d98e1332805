//go:build interop

package interop

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/sandbox"
)

func TestMain(m *testing.M) { zktest.Main(m) }

// patience is how long a client may take. It only ends what hangs.
const patience = 90 * time.Second

// same runs a client against a fresh real server and against a fresh sandbox, at the
// same time, and compares what it said. last is what it says when it came to its end.
func same(t *testing.T, last string, run func(ctx context.Context, addr string) (string, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	ours := make(chan string, 1)
	go func() { ours <- said(ctx, s.Addr(), run) }()
	theirs := said(ctx, zktest.Start(t, 1, zktest.TickTime(2*time.Second)).Addr(), run)
	if got := <-ours; got != theirs {
		t.Errorf("the sandbox is not like the real server:\n%s", udiff.Unified("real", "sandbox", theirs, got))
	}
	if !strings.Contains(theirs, last) {
		t.Errorf("the client did not come to its end, %q, with the real server:\n%s", last, theirs)
	}
	t.Logf("%d lines compared", strings.Count(theirs, "\n"))
}

func said(ctx context.Context, addr string, run func(context.Context, string) (string, error)) string {
	out, err := run(ctx, addr)
	if err != nil {
		out += fmt.Sprintf("\n%v\n", err)
	}
	return out
}

// installed is the path of a file that a package brings, or the end of the test.
func installed(t *testing.T, path, debian string) string {
	t.Helper()
	found, err := filepath.Glob(path)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s is not there: `make interop` installs it on Debian and Ubuntu (package %s); elsewhere it needs a container of those", path, debian)
	}
	return found[0]
}

// program is the path of an executable, or the end of the test.
func program(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v: `make interop` installs it on Debian and Ubuntu (package %s)", err, debian)
	}
	return path
}

// javaFlags make a short-lived JVM start fast.
var javaFlags = []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"}

// classPath joins the jars, which Debian keeps in one folder; their manifests name
// those that they need.
func classPath(t *testing.T, jars map[string]string, more ...string) string {
	t.Helper()
	for name, debian := range jars {
		more = append(more, installed(t, "/usr/share/java/"+name+".jar", debian))
	}
	return strings.Join(more, string(filepath.ListSeparator))
}
