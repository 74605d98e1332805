package screentest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/creack/pty"
)

// program is what runs in a terminal.
type program interface {
	resize(w, h int) error
	quit() // asks it to end
	kill() // ends it
}

// Env is the environment that a program started by [Term.Start] sees: a terminal
// of many colours and no editor or multiplexer around it.
func Env() []string {
	return []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8"}
}

// Start runs a Bubble Tea model in the terminal and returns at once. Options come
// after the harness's own (input, output, size, environment, true colour, no
// signal handler) and may override the last three.
//
// A program that a model runs by tea.Exec gets a pipe for its input, not a
// terminal; test that with [Term.StartCommand].
func (t *Term) Start(model tea.Model, opts ...tea.ProgramOption) {
	t.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.t.Fatalf("making the program's input: %v", err)
	}
	// A renderer whose output is no tty writes a bare newline for "down, and to
	// the first column", as a tty in cooked mode would translate it.
	if _, err := t.emu.WriteString("\x1b[20h"); err != nil {
		t.t.Fatalf("preparing the emulator: %v", err)
	}
	p := tea.NewProgram(model, append([]tea.ProgramOption{
		tea.WithInput(r),
		tea.WithOutput(writerFunc(t.arrive)),
		tea.WithWindowSize(t.emu.Width(), t.emu.Height()),
		tea.WithoutSignalHandler(),
		tea.WithEnvironment(Env()),
		tea.WithColorProfile(colorprofile.TrueColor),
		tea.WithFilter(t.sizeSeen),
	}, opts...)...)
	t.begin(teaProgram{p, t}, w, func() { _ = w.Close() })
	go func() {
		_, err := p.Run()
		_ = r.Close()
		t.end(err)
	}()
}

// StartCommand runs a command in a pseudo-terminal of this terminal's size and
// returns when it was started. Its environment is cmd.Env, or [Env] after this
// process's own; the command's standard files must be unset.
func (t *Term) StartCommand(cmd *exec.Cmd) {
	t.t.Helper()
	if cmd.Env == nil {
		cmd.Env = append(os.Environ(), Env()...)
	}
	w, h := t.emu.Width(), t.emu.Height()
	t.started = time.Now()
	f, err := pty.StartWithSize(cmd, winsize(w, h))
	if err != nil {
		t.t.Fatalf("starting %s in a pseudo-terminal: %v", strings.Join(cmd.Args, " "), err)
	}
	t.begin(ptyProgram{cmd, f}, f, func() { _ = f.Close() })
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := f.Read(buf)
			if n > 0 {
				_, _ = t.arrive(buf[:n])
			}
			if err != nil { // EIO once the last process has closed its side
				break
			}
		}
		t.end(cmd.Wait())
	}()
}

// begin notes the program as running and connects its input.
func (t *Term) begin(p program, input io.Writer, closeInput func()) {
	t.t.Helper()
	if t.program != nil {
		t.t.Fatal("a program was started in this terminal before")
	}
	if t.started.IsZero() {
		t.started = time.Now()
	}
	t.program, t.toProg, t.closeInput = p, input, closeInput
	t.replies.Add(1)
	go t.pump()
	t.t.Cleanup(func() {
		_ = t.Quit()
		t.stopPump()
	})
}

// end notes how the program ended.
func (t *Term) end(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended, t.err = true, err
	t.wake()
}

// Resize changes the terminal's size and tells the program, which for a command
// is a SIGWINCH. It does not wait until the program has drawn anew. A model gets the
// size after the keys typed before it, and has got it when Resize returns; a command
// may get it earlier or later.
func (t *Term) Resize(w, h int) {
	t.t.Helper()
	t.mu.Lock()
	t.emu.Resize(w, h)
	t.mu.Unlock()
	if err := t.program.resize(w, h); err != nil {
		t.t.Fatalf("resizing to %dx%d: %v", w, h, err)
	}
}

// Quit asks the program to end (a tea.QuitMsg, or SIGTERM for a command), waits
// for it and returns its error. If it has ended already, that is its error. A
// program that does not end within [Deadline] is killed, and the test fails.
func (t *Term) Quit() error {
	t.t.Helper()
	t.mu.Lock()
	ended := t.ended
	t.mu.Unlock()
	if !ended {
		t.program.quit()
	}
	return t.Wait()
}

// Wait blocks until the program has ended and returns its error. A program that
// does not end within [Deadline] is killed, and the test fails.
func (t *Term) Wait() error {
	t.t.Helper()
	timeout := time.NewTimer(Deadline)
	defer timeout.Stop()
	for {
		t.mu.Lock()
		changed, ended, err := t.changed, t.ended, t.err
		t.mu.Unlock()
		if ended {
			return err
		}
		select {
		case <-changed:
		case <-timeout.C:
			t.t.Errorf("the program did not end within %s; the screen is:\n%s", Deadline, frame(t.Screen()))
			t.program.kill()
			timeout.Reset(Deadline)
		}
	}
}

// Send delivers a message to the model started by [Term.Start].
func (t *Term) Send(msg tea.Msg) {
	t.t.Helper()
	p, ok := t.program.(teaProgram)
	if !ok {
		t.t.Fatal("Send: the program is not a model in this process")
	}
	p.p.Send(msg)
}

// Signal sends a signal to the command started by [Term.StartCommand].
func (t *Term) Signal(sig os.Signal) {
	t.t.Helper()
	p, ok := t.program.(ptyProgram)
	if !ok {
		t.t.Fatal("Signal: the program is not a command")
	}
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.t.Fatalf("sending %v: %v", sig, err)
	}
}

type teaProgram struct {
	p *tea.Program
	t *Term
}

// resize reports the size as a terminal answers the question for it (CSI 18 t): a
// message would overtake the keys that are still on their way.
func (p teaProgram) resize(w, h int) error {
	p.t.SendBytes(fmt.Sprintf("\x1b[8;%d;%dt", h, w))
	want := tea.WindowSizeMsg{Width: w, Height: h}
	p.t.WaitFor(func(string) bool {
		p.t.mu.Lock()
		defer p.t.mu.Unlock()
		return p.t.size == want
	}, fmt.Sprintf("the program to take the size %dx%d", w, h))
	return nil
}

// sizeSeen notes the sizes among the messages that the program takes.
func (t *Term) sizeSeen(_ tea.Model, msg tea.Msg) tea.Msg {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.size = size
		t.wake()
	}
	return msg
}
func (p teaProgram) quit() { p.p.Quit() }
func (p teaProgram) kill() { p.p.Kill() }

type ptyProgram struct {
	cmd *exec.Cmd
	pty *os.File
}

func (p ptyProgram) resize(w, h int) error { return pty.Setsize(p.pty, winsize(w, h)) }
func (p ptyProgram) quit()                 { _ = p.cmd.Process.Signal(syscall.SIGTERM) }
func (p ptyProgram) kill()                 { _ = p.cmd.Process.Kill() }

func winsize(w, h int) *pty.Winsize { return &pty.Winsize{Cols: uint16(w), Rows: uint16(h)} }

// writerFunc is a function that serves as an io.Writer.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// isClosed reports whether a write failed because the program is gone: its end
// of a pipe, or the pseudo-terminal's other side.
func isClosed(err error) bool {
	return errors.Is(err, fs.ErrClosed) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.EIO)
}
