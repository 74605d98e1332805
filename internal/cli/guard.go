package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// Bubble Tea restores the terminal after a panic in its own goroutines. After one
// in any other, after a fatal error of the runtime, and after a kill by the
// system for want of memory, this process can do nothing any more. So a second
// one, the same program by another name, waits at the end of a pipe: what comes
// without a farewell, or ends without one, is a crash. It reports what came and
// puts the terminal back.

// guardArg is the argument that makes this program the guard of another.
const guardArg = "__guard_terminal"

// guardState is the environment variable with the terminal's state as it was,
// guardReport the one with the path of the crash report.
const (
	guardState  = "ZKDECK_GUARD_STATE"
	guardReport = "ZKDECK_GUARD_REPORT"
)

// farewell tells the guard that all is well. No crash begins so.
const farewell = "\x00"

// guardDelay is how long after the start the guard is started: the first frame
// comes first. Without a delay, as in tests, it is started before the screen.
var guardDelay = time.Second

// guard is the guard process as seen from the one that it guards.
type guard struct {
	timer *time.Timer

	mu    sync.Mutex
	done  bool
	cmd   *exec.Cmd
	pipe  *os.File
	state []byte
}

// guardTerminal has a guard process started soon. Call it before anything has
// changed the terminal, and release when the terminal is restored; not by defer,
// as a panic runs those before it is reported.
func guardTerminal(report string, onError func(error)) *guard {
	g := &guard{}
	state, err := term.GetState(os.Stdout.Fd())
	if err == nil {
		g.state, err = json.Marshal(state)
	}
	if err != nil {
		onError(fmt.Errorf("reading the state of the terminal: %w", err))
		return g
	}
	start := func() {
		if err := g.start(report); err != nil {
			onError(fmt.Errorf("starting the guard of the terminal: %w", err))
		}
	}
	if guardDelay == 0 {
		start()
	} else {
		g.timer = time.AfterFunc(guardDelay, start)
	}
	return g
}

func (g *guard) start(report string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.done {
		return nil
	}
	path, err := os.Executable()
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	cmd := &exec.Cmd{
		Path: path, Args: []string{os.Args[0], guardArg},
		Env:   append(os.Environ(), guardState+"="+string(g.state), guardReport+"="+report),
		Stdin: r, Stdout: os.Stdout, Stderr: os.Stderr,
		SysProcAttr: ownGroup(),
	}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, w.Close())
	}
	g.cmd, g.pipe = cmd, w
	if err := debug.SetCrashOutput(w, debug.CrashOptions{}); err != nil {
		// The guard still sees that we end, if not why.
		return fmt.Errorf("naming the guard for crash reports: %w", err)
	}
	return nil
}

// release tells the guard that the terminal is restored, and waits until it is
// gone.
func (g *guard) release() {
	if g.timer != nil {
		g.timer.Stop()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done = true
	if g.cmd == nil {
		return
	}
	_, _ = io.WriteString(g.pipe, farewell)
	_ = debug.SetCrashOutput(nil, debug.CrashOptions{}) // closes the runtime's copy
	_ = g.pipe.Close()
	_ = g.cmd.Wait()
	g.cmd = nil
}

// standGuard is the guard process: it reads standard input until the end.
func standGuard() int {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(stopSignals()...)
	buf := make([]byte, 32<<10)
	n, err := os.Stdin.Read(buf)
	if n > 0 && strings.HasPrefix(string(buf[:n]), farewell) {
		return exitOK
	}
	restoreTerminal()
	path := os.Getenv(guardReport)
	if n == 0 {
		fmt.Fprint(os.Stderr, "zkdeck was killed.\r\n")
		return exitFailed
	}
	report, openErr := openReport(path)
	if openErr != nil {
		fmt.Fprintf(os.Stderr, "zkdeck crashed, and cannot report it: %v\r\n", openErr)
		return exitFailed
	}
	defer func() { _ = report.Close() }()
	for n > 0 || err == nil {
		_, _ = report.Write(buf[:n])
		n, err = os.Stdin.Read(buf)
	}
	fmt.Fprintf(os.Stderr, "\r\nzkdeck crashed; %s says where.\r\n", path)
	return exitFailed
}

// restoreTerminal puts back what a screen changes: first the modes that the
// terminal itself holds, on both of its screens, then the line discipline.
func restoreTerminal() {
	_, _ = io.WriteString(os.Stdout, ansi.PopKittyKeyboard(1)+
		ansi.ResetModeSynchronizedOutput+ansi.ResetModeUnicodeCore+
		ansi.ResetModeMouseNormal+ansi.ResetModeMouseButtonEvent+ansi.ResetModeMouseAnyEvent+ansi.ResetModeMouseExtSgr+
		ansi.ResetModeFocusEvent+ansi.ResetModeBracketedPaste+ansi.ResetModifyOtherKeys+
		ansi.ResetModeAltScreenSaveCursor+ansi.SetModeTextCursorEnable+ansi.ResetStyle)
	var state term.State
	if err := json.Unmarshal([]byte(os.Getenv(guardState)), &state); err != nil {
		return
	}
	_ = term.Restore(os.Stdout.Fd(), &state)
}
