package cli

import (
	"context"
	"strings"
	"testing"
	"time"

	"zkdeck/zkview"
)

// TestConnecting sees that a person is told what a command waits for, and that it is
// gone from the screen afterwards.
func TestConnecting(t *testing.T) {
	t.Parallel()
	term, _ := inTerminal(t, "", nil, "ls", "-s", "127.0.0.1:1", "--timeout", "8s")
	term.WaitForText("connecting to 127.0.0.1:1, gives up after 8s: connection refused")
	wantExit(t, term.Wait(), exitTrouble)
	screen := term.Screen()
	if strings.Contains(screen, "connecting") || !strings.Contains(screen, "zkdeck: no connection to 127.0.0.1:1 within 8s") {
		t.Errorf("at the end it shows\n%s", screen)
	}
}

func TestDumbTerminal(t *testing.T) {
	t.Parallel()
	term, _ := inTerminal(t, "", []string{"TERM=dumb"}, "ls", "-s", "127.0.0.1:1", "--timeout", "2s")
	wantExit(t, term.Wait(), exitTrouble)
	if screen := term.Screen(); strings.Contains(screen, "connecting") || strings.Count(strings.TrimSpace(screen), "\n") > 1 {
		t.Errorf("it shows\n%s", screen)
	}
}

// TestPatience sees that what reads before anything is written ends when there is no
// connection for longer than --timeout, and not because of one that came back.
func TestPatience(t *testing.T) {
	j := &job{}
	j.target.Servers, j.target.Timeout = "zk-1:2181", time.Nanosecond
	ctx, progress, cancel := j.patientTransfer(t.Context())
	defer cancel()
	waiting := zkview.TransferProgress{Waiting: "connection refused"}
	progress(waiting)
	progress(zkview.TransferProgress{})
	progress(waiting)
	if ctx.Err() != nil {
		t.Fatalf("it ended early: %v", context.Cause(ctx))
	}
	for ctx.Err() == nil {
		progress(waiting)
	}
	if got, want := context.Cause(ctx).Error(), "no connection to zk-1:2181 for 1ns: connection refused"; got != want {
		t.Errorf("it ended with %q, want %q", got, want)
	}
}
