//go:build !windows

package cli

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/screentest"
)

// TestDownloadInterrupted presses Ctrl-C in a download, and starts it again.
func TestDownloadInterrupted(t *testing.T) {
	m := newMirror(true)
	defer m.Close()
	home := t.TempDir()
	path, err := exec.LookPath("zkdeck")
	if err != nil {
		t.Fatal(err)
	}
	download := func() *exec.Cmd {
		cmd := exec.Command(path, "ensemble", "download", "3.8.6")
		cmd.Env = append(os.Environ(), mirrorEnv(m, home)...)
		return cmd
	}
	cmd := download()
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	part := filepath.Join(home, "data", "zkdeck", "zookeeper", "apache-zookeeper-3.8.6-bin.tar.gz.part")
	said := bufio.NewReader(errs)
	for line := ""; !strings.Contains(line, "downloading"); {
		if line, err = said.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	half := int64(len(m.archive("3.8.6")) / 2)
	has := func(n int64) bool {
		info, err := os.Stat(part)
		return err == nil && info.Size() == n
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(screentest.Deadline); !has(half); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("the part never had %d bytes", half)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(said)
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("it ended with %v", err)
	}
	for _, want := range []string{"interrupted: 0.2 of 0.4 MB are kept", "zkdeck ensemble download 3.8.6 goes on from there"} {
		if !strings.Contains(string(rest), want) {
			t.Errorf("it said %q, not %q", rest, want)
		}
	}
	again := download()
	var out bytes.Buffer
	again.Stdout = &out
	if err := again.Run(); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(out.String()); got != strings.TrimSuffix(part, ".tar.gz.part") {
		t.Errorf("it is in %q", got)
	}
	if _, err := os.Stat(part); err == nil {
		t.Error("the part is still there")
	}
}

// TestDownloadOnTerminal is the line that changes.
func TestDownloadOnTerminal(t *testing.T) {
	m := newMirror(true)
	defer m.Close()
	term, _ := inTerminal(t, "", mirrorEnv(m, t.TempDir()), "ensemble", "download", "3.9.5")
	term.WaitForText("downloading ZooKeeper 3.9.5 from 127.0.0.1", " of 40", "] ", " %  ")
	term.Type("ctrl+c")
	term.WaitForText("interrupted: ")
	if strings.Contains(term.Screen(), "downloading") {
		t.Errorf("the line of progress is still there:\n%s", term.Screen())
	}
	_ = term.Wait()
}
