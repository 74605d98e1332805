//go:build !windows

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"zkdeck/internal/zktest"
)

// TestInterruptedInput sees that an interrupt ends a command that waits for a pipe
// which says nothing.
func TestInterruptedInput(t *testing.T) {
	addr := zktest.Own(t)
	for want, args := range map[string][]string{
		"zkdeck: interrupted; nothing was changed\n": {"import", "PIPE", "--to", "/never"},
		"zkdeck: interrupted\n":                      {"diff", "file:PIPE", "/zookeeper"},
	} {
		pipe := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		args[1] = strings.Replace(args[1], "PIPE", pipe, 1)
		cmd := program(t, addr, args...)
		var said strings.Builder
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		in, err := os.OpenFile(pipe, os.O_WRONLY, 0) // when the command has opened it
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || said.String() != want {
			t.Errorf("%q ended with %v and says %q, want %q", args, err, said.String(), want)
		}
		_ = in.Close()
	}
}
