package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// wardenArg is the argument that would make this program the warden of a command.
const wardenArg = "__lock_warden"

// standWarden is for systems with process groups.
func standWarden([]string) int { return exitUsage }

// run executes the command and returns when it has ended. It shares our console, so it
// gets interrupts itself.
func (r *lockedRun) run() (lockedEnd, error) {
	cmd := &exec.Cmd{Path: r.file, Args: r.args, Env: r.env, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if err := cmd.Start(); err != nil {
		return lockedEnd{}, fmt.Errorf("%s %w: %w", r.args[0], errNotExecuted, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var end lockedEnd
	done := r.lease.Done()
	for ints := 0; ; {
		late := time.NewTimer(max(time.Until(r.killAt()), 100*time.Millisecond))
		select {
		case err := <-ended:
			late.Stop()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				return end, err
			}
			end.code = cmd.ProcessState.ExitCode()
			if ints > 1 {
				end.code = 130
			}
			return end, nil
		case <-r.signals:
			if ints++; ints > 1 {
				_ = cmd.Process.Kill()
			}
		case <-done:
			done, end.lost = nil, true
			_ = cmd.Process.Kill()
		case <-late.C:
			if !time.Now().Before(r.killAt()) {
				end.lost = true
				_ = cmd.Process.Kill()
			}
		}
		late.Stop()
	}
}
