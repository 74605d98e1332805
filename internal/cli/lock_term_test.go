//go:build !windows

package cli

import (
	"os/exec"
	"strings"
	"testing"

	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest"
)

// TestLockInTerminal uses it as a person does, from a shell that controls jobs.
func TestLockInTerminal(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	addr := zktest.Own(t)
	term := shellInTerminal(t, addr, bash)
	enter := func(line string) { term.Type(append(strings.Split(line, ""), "enter")...) }
	term.WaitForText("sh%")
	// It says that it is ready when it is in the foreground.
	enter(`zkdeck lock --session-timeout 40s /l -- sh -c 'until ps -o stat= -p $$ | grep -q +; do :; done; echo re""ady; read x; echo got $x'`)
	term.WaitForText("ready")
	term.Type("ctrl+z")
	term.WaitForText("zkdeck: stopped: /l is lost, and sh killed, unless", "Stopped  ")
	enter("echo she''ll")
	term.WaitForText("shell")
	enter("fg")
	term.WaitFor(func(s string) bool { return strings.Count(s, "zkdeck lock --session-timeout 40s") == 3 }, "the job in the foreground")
	enter("some words")
	term.WaitForText("got some words")
	// The key is for cat alone: a shell that starts a program may miss it, as dash does.
	enter(`zkdeck lock /l -- sh -c 'echo second; exec cat'; echo code $?`)
	term.WaitFor(func(s string) bool { return strings.Contains(s, "\nsecond") }, "the second command")
	enter("to and fro")
	term.WaitFor(func(s string) bool { return strings.Count(s, "\nto and fro") == 2 }, "what cat has read")
	term.Type("ctrl+c")
	term.WaitForText("code 130")
	// What is in a pipeline gets the terminal when it asks for it.
	enter(`zkdeck lock /l -- sh -c 'echo as""ks; read x < /dev/tty; echo locked $x' | cat; echo pi""pe`)
	term.WaitForText("asks")
	enter("words")
	term.WaitForText("locked words", "\npipe")
	enter(`zkdeck lock /l -- seq 5 | sh -c 'cat; echo re""st; read x < /dev/tty; echo typed $x'`)
	term.WaitForText("rest")
	enter("words")
	term.WaitForText("typed words")
	enter("exit")
	wantExit(t, term.Wait(), 0)
}

// shellInTerminal is a shell with zkdeck at hand.
func shellInTerminal(t *testing.T, addr, shell string) *screentest.Term {
	t.Helper()
	cmd := program(t, addr)
	cmd.Path, cmd.Args = shell, []string{shell, "--norc", "--noprofile", "-i"}
	cmd.Env = append(append(cmd.Env, screentest.Env()...), "PS1=sh% ", "HISTFILE=")
	term := screentest.New(t, 160, 40)
	term.StartCommand(cmd)
	return term
}
