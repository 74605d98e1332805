//go:build interop

package interop

import (
	"context"
	"os/exec"
	"testing"
)

// TestKazoo runs the recipes of Python's kazoo.
func TestKazoo(t *testing.T) {
	python := kazoo(t)
	same(t, "\ndone\n", func(ctx context.Context, addr string) (string, error) {
		out, err := exec.CommandContext(ctx, python, "testdata/kazoo_recipes.py", addr).CombinedOutput()
		return string(out), err
	})
}

// kazoo is a Python that knows kazoo: Debian's package serves Debian's Python, which
// need not be the first on PATH.
func kazoo(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import kazoo").Run() == nil {
			return python
		}
	}
	t.Fatal("no python3 has kazoo: `make interop` installs it on Debian and Ubuntu (package python3-kazoo); elsewhere pip install kazoo")
	return ""
}
