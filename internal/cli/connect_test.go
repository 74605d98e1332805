package cli

import (
	"strings"
	"testing"
)

// TestConnecting sees that a person is told what a command waits for, and that it is
// gone from the screen afterwards.
func TestConnecting(t *testing.T) {
	term, _ := inTerminal(t, "", nil, "ls", "-s", "127.0.0.1:1", "--timeout", "3s")
	term.WaitForText("connecting to 127.0.0.1:1, gives up after 3s: connection refused")
	wantExit(t, term.Wait(), exitTrouble)
	screen := term.Screen()
	if strings.Contains(screen, "connecting") || !strings.Contains(screen, "zkdeck: no connection to 127.0.0.1:1 within 3s") {
		t.Errorf("at the end it shows\n%s", screen)
	}
}

func TestDumbTerminal(t *testing.T) {
	term, _ := inTerminal(t, "", []string{"TERM=dumb"}, "ls", "-s", "127.0.0.1:1", "--timeout", "2s")
	wantExit(t, term.Wait(), exitTrouble)
	if screen := term.Screen(); strings.Contains(screen, "connecting") || strings.Count(strings.TrimSpace(screen), "\n") > 1 {
		t.Errorf("it shows\n%s", screen)
	}
}
