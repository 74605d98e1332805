//go:build !windows

package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"zkdeck/internal/screentest"
)

// ending runs a command to its end, and looks at what it prints and at what it says on
// standard error.
func ending(code int, out, says string) func(*readmeHost, string) {
	return func(h *readmeHost, command string) {
		h.Helper()
		cmd := h.command(command)
		var printed, said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &printed, &said
		wantExit(h.T, cmd.Run(), code)
		if !regexp.MustCompile(out).Match(printed.Bytes()) || !regexp.MustCompile(says).Match(said.Bytes()) || h.Failed() {
			h.Fatalf("%s\nprints %q, and says %q", command, printed.Bytes(), said.Bytes())
		}
	}
}

// sooner runs a command of the lab that counts for so many seconds, or for as many as
// it does if nothing is said, for a moment only.
func sooner(seconds string, run func(*readmeHost, string)) func(*readmeHost, string) {
	return func(h *readmeHost, command string) {
		h.Helper()
		run(h, strings.TrimSuffix(command, " --seconds "+seconds)+" --seconds 0.1")
	}
}

// saying runs a command until it prints a line, while services come and go, and
// interrupts it.
func saying(out string) func(*readmeHost, string) {
	return func(h *readmeHost, command string) {
		h.Helper()
		cmd := h.command("exec " + command)
		printed, err := cmd.StdoutPipe()
		if err != nil {
			h.Fatal(err)
		}
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			h.Fatal(err)
		}
		seen := make(chan error, 1)
		go func() {
			lines, want := bufio.NewScanner(printed), regexp.MustCompile(out)
			lines.Buffer(nil, 1<<20)
			for lines.Scan() {
				if want.Match(lines.Bytes()) {
					seen <- nil
					for lines.Scan() { // nobody else reads it
					}
					return
				}
			}
			seen <- fmt.Errorf("it ended without: %w", lines.Err())
		}()
		defer func() { _ = cmd.Process.Kill() }()
		for news, give := time.NewTicker(50*time.Millisecond), time.After(screentest.Deadline); ; {
			select {
			case err := <-seen:
				if err != nil {
					h.Fatalf("%s\n%v; it says %q", command, err, said.Bytes())
				}
				_ = cmd.Process.Signal(os.Interrupt)
				wantExit(h.T, cmd.Wait(), 0)
				return
			case <-news.C:
				if _, err := h.conn.Set("/services", nil, -1); err != nil {
					h.Fatal(err)
				}
			case <-give:
				h.Fatalf("%s\ndid not print %s", command, out)
			}
		}
	}
}

// showing runs a command in a terminal until its screen has all texts, and quits.
func showing(texts ...string) func(*readmeHost, string) {
	return func(h *readmeHost, command string) {
		h.Helper()
		term := screentest.New(h.T, 120, 30)
		term.StartCommand(h.command(command))
		term.WaitForText(texts...)
		term.Type("ctrl+c")
		wantExit(h.T, term.Wait(), 0)
	}
}

// asking runs a command in a terminal, answers what it asks, and looks for what it says then.
func asking(question, answer, says string) func(*readmeHost, string) {
	return func(h *readmeHost, command string) {
		h.Helper()
		term := screentest.New(h.T, 120, 30)
		term.StartCommand(h.command(command))
		term.WaitForText(question)
		term.Type(answer, "enter")
		wantExit(h.T, term.Wait(), 0)
		if !strings.Contains(strings.ReplaceAll(term.Screen(), "\n", ""), says) {
			h.Errorf("%s\nsays\n%s", command, term.Screen())
		}
	}
}

// isTarget sees that make knows what it is asked for; to run it would be to run this.
func isTarget(h *readmeHost, command string) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		h.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^` + strings.TrimPrefix(command, "make ") + `:`).Match(makefile) {
		h.Errorf("the Makefile has no target for %s", command)
	}
}
