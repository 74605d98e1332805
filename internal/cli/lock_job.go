//go:build !windows

package cli

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// Job control. The command has a group of its own, so the terminal takes it for a job
// apart from ours: what is typed is for the group in the foreground alone. A command
// whose input is the terminal gets the foreground at once; one that has other input, or
// is part of a pipeline, when it asks for it, for which the system stops it. Keys that
// stop a job stop us with it, so that the shell has the terminal; when the shell has us
// go on, the command does.

// jobTerminal is the controlling terminal; nil: there is none.
type jobTerminal struct {
	file   *os.File
	before *term.State // how its lines were edited before
	group  int         // ours
	// wanted: the command is to be in the foreground when we are; given: it is.
	wanted, given bool
}

func openJobTerminal() *jobTerminal {
	file, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	t := &jobTerminal{file: file, group: syscall.Getpgrp()}
	if t.ours() {
		t.before, _ = term.GetState(file.Fd())
	}
	return t
}

func (t *jobTerminal) close() {
	if t != nil {
		_ = t.file.Close()
	}
}

// inForeground tells whether a group has the terminal.
func (t *jobTerminal) inForeground(group int) bool {
	if t == nil || group == 0 {
		return false
	}
	now, err := unix.IoctlGetInt(int(t.file.Fd()), unix.TIOCGPGRP)
	return err == nil && now == group
}

// ours tells whether our group has it.
func (t *jobTerminal) ours() bool { return t != nil && t.inForeground(t.group) }

func (t *jobTerminal) set(group int) {
	_ = unix.IoctlSetPointerInt(int(t.file.Fd()), unix.TIOCSPGRP, group)
}

// give tells whether a command is to have the terminal from the start: if we have it,
// its input is that terminal, and its output goes to no pipe, at whose other end
// somebody of our group may want the terminal.
func (t *jobTerminal) give() bool {
	if !t.ours() {
		return false
	}
	if _, err := unix.IoctlGetInt(0, unix.TIOCGPGRP); err != nil { // another terminal, or none
		return false
	}
	out, err := os.Stdout.Stat()
	t.wanted = err != nil || out.Mode()&os.ModeNamedPipe == 0
	t.given = t.wanted
	return t.given
}

// takeBack gives the terminal to our group again. After a command that could not put
// it in order before it died, that is done here.
func (t *jobTerminal) takeBack(killed bool) {
	if t == nil || !t.given {
		return
	}
	t.given = false
	t.set(t.group)
	if killed && t.before != nil {
		_ = term.Restore(t.file.Fd(), t.before)
	}
}

// stopped is called when the command was stopped.
func (g *lockedGroup) stopped(sig syscall.Signal) {
	asks := sig == syscall.SIGTTIN || sig == syscall.SIGTTOU
	switch has := g.tty.inForeground(g.group); {
	case asks && (has || g.tty.ours()):
		g.tty.wanted, g.tty.given = true, true
		g.tty.set(g.group)
		_ = syscall.Kill(-g.group, syscall.SIGCONT)
	case sig == syscall.SIGSTOP && !has:
		// No key did this: whoever it was will have it go on as well.
	default:
		g.suspend()
	}
}

// suspend stops this process, and what else the shell has started with it, as the key
// did with the command.
func (g *lockedGroup) suspend() {
	g.order(orderPause)
	if until := time.Until(g.killAt()).Round(time.Second); until > 0 && !jobless() {
		g.warn("stopped: %s is lost, and %s killed, unless it goes on within %s", g.path, g.args[0], until)
	}
	g.tty.takeBack(true)
	if !jobless() {
		goesOn := make(chan os.Signal, 1)
		signal.Notify(goesOn, syscall.SIGCONT)
		// It would not stop us: having once been caught it is never left to the system again.
		signal.Ignore(syscall.SIGTSTP)
		_ = syscall.Kill(0, syscall.SIGTSTP)
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		<-goesOn
		signal.Stop(goesOn)
		signal.Notify(g.signals, syscall.SIGTSTP)
	}
	g.goOn()
}

// jobless tells whether nobody is there who would have us go on, as a shell does with
// jobs: no ancestor of ours, in another group of this session. The system does not let
// keys stop such a group.
func jobless() bool {
	group := syscall.Getpgrp()
	session, err := unix.Getsid(0)
	for parent := os.Getppid(); err == nil; {
		theirs, err := unix.Getsid(parent)
		if err != nil || theirs != session {
			return true
		}
		if of, err := syscall.Getpgid(parent); err != nil || of != group {
			return err != nil
		}
		next, ok := parentOf(parent)
		if !ok {
			return group == session
		}
		parent = next
	}
	return true
}

// goOn has the command go on, unless its time has come meanwhile.
func (g *lockedGroup) goOn() {
	if !time.Now().Before(g.killAt()) {
		g.end.lost = true
		g.order(orderKill)
		return
	}
	if g.tty.ours() && g.tty.wanted {
		g.tty.given = true
		g.tty.set(g.group)
	}
	g.order(orderGo)
	_ = syscall.Kill(-g.group, syscall.SIGCONT)
}

// passInterrupt has the rest of our job, such as a script, know of the key that has
// ended the command, which had the terminal for itself.
func (g *lockedGroup) passInterrupt() {
	if !g.byKey {
		return
	}
	_ = syscall.Kill(0, syscall.SIGINT)
	// We get it too, and should it come when we do not catch it any more, we would end by it.
	for give := time.After(time.Second); ; {
		select {
		case sig := <-g.signals:
			if sig == syscall.SIGINT {
				return
			}
		case <-give:
			return
		}
	}
}
