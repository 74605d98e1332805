//go:build !windows

package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"zkdeck/lockctl"
)

// lockedGroup is a command under a lock as seen from the process that holds the lock.
// Its methods are called from one goroutine.
type lockedGroup struct {
	*lockedRun
	warden  int // its pid
	orders  *os.File
	reports <-chan string
	tty     *jobTerminal

	group int // of the command; 0: not started, or ended
	// before are signals that came before the command was started.
	before []syscall.Signal
	told   time.Time // the deadline that the warden was told last

	ints       int
	status     *int // how the command ended; nil: not yet, or nobody saw it
	end        lockedEnd
	forcefully bool // a second interrupt, or the lease's end, has killed it
	byKey      bool // an interrupt from the terminal has ended it
}

// run executes the command and returns when nothing of it lives any more.
func (r *lockedRun) run() (lockedEnd, error) {
	g := &lockedGroup{lockedRun: r}
	signal.Notify(g.signals, forwardable()...)
	defer signal.Stop(g.signals)
	g.tty = openJobTerminal()
	defer g.tty.close()
	if err := adoptOrphans(); err != nil {
		r.warn("should this process's helper be killed, what the command has started may outlive it: %v", err)
	}
	if err := g.start(); err != nil {
		return lockedEnd{}, fmt.Errorf("starting %s under the lock: %w", r.args[0], err)
	}
	err := g.attend()
	_ = g.orders.Close()
	g.reapWarden()
	g.tty.takeBack(g.forcefully || g.end.code > 128)
	g.passInterrupt()
	return g.end, err
}

// start starts the warden, which starts the command.
func (g *lockedGroup) start() error {
	theirIn, orders, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = theirIn.Close() }()
	reports, theirOut, err := os.Pipe()
	if err != nil {
		return errors.Join(err, orders.Close())
	}
	defer func() { _ = theirOut.Close() }()
	// They keep their numbers, so that no descriptor that was passed on to us is hidden.
	in, out := inheritable(theirIn), inheritable(theirOut)
	terminal := ""
	if g.tty.give() {
		terminal = "terminal"
	}
	args := append([]string{g.guard[1], wardenArg, in, out, terminal, g.file}, g.args...)
	warden, err := os.StartProcess(g.guard[0], args, &os.ProcAttr{
		Env: g.env, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}, Sys: ownGroup(),
	})
	if err != nil {
		return errors.Join(err, orders.Close(), reports.Close())
	}
	g.warden, g.orders = warden.Pid, orders
	// From here on the terminal is taken back from the background.
	signal.Ignore(syscall.SIGTTOU)
	lines := make(chan string)
	g.reports = lines
	go func() {
		defer close(lines)
		defer func() { _ = reports.Close() }()
		for words := bufio.NewScanner(reports); words.Scan(); {
			lines <- words.Text()
		}
	}()
	return nil
}

// inheritable lets the next process have a descriptor, and returns its number.
func inheritable(f *os.File) string {
	fd := f.Fd()
	_, _ = unix.FcntlInt(fd, unix.F_SETFD, 0)
	return strconv.Itoa(int(fd))
}

// attend looks after the command until the warden has nobody left.
func (g *lockedGroup) attend() error {
	tick := time.NewTicker(min(max(g.timeout/40, 10*time.Millisecond), 250*time.Millisecond))
	defer tick.Stop()
	done := g.lease.Done()
	var failed error
	for {
		g.tellLease()
		select {
		case line, ok := <-g.reports:
			if !ok {
				return errors.Join(failed, g.ended(failed != nil))
			}
			if err := g.report(line); err != nil {
				failed = err
			}
		case sig := <-g.signals:
			g.signal(sig.(syscall.Signal))
		case <-tick.C:
		case <-g.lease.Changed():
		case <-done:
			done = nil
		}
	}
}

// tellLease tells the warden until when the lease is held. Nothing but a lease that is
// held moves that on; one that was lost leaves no time but for the signal that asks.
func (g *lockedGroup) tellLease() {
	switch deadline := g.lease.Deadline(); g.lease.State() {
	case lockctl.LeaseHeld:
		if !deadline.Equal(g.told) {
			g.told = deadline
			g.orderLease(g.termAt(), g.killAt())
		}
	case lockctl.LeaseLost, lockctl.LeaseReleased:
		if !g.end.lost && g.status == nil {
			g.end.lost = true
			now := time.Now()
			g.orderLease(now, now.Add(wardenTick)) // others may have it already
		}
	}
	if time.Since(g.killAt()) > 2*wardenTick && g.group != 0 {
		// The warden has had its time: somebody may have stopped it.
		g.end.lost, g.forcefully = true, true
		_ = syscall.Kill(-g.group, syscall.SIGKILL)
		_ = syscall.Kill(g.warden, syscall.SIGCONT)
	}
}

func (g *lockedGroup) orderLease(term, kill time.Time) {
	now, up := time.Now(), upTime()
	// A time of 0 would be none.
	g.order(orderLease, int64(max(1, up+term.Sub(now))), int64(max(1, up+kill.Sub(now))))
}

func (g *lockedGroup) order(words ...any) {
	_ = g.orders.SetWriteDeadline(time.Now().Add(time.Second)) // should somebody have stopped the warden
	_, _ = fmt.Fprintln(g.orders, words...)
}

// report takes in what the warden reports.
func (g *lockedGroup) report(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	n, _ := strconv.Atoi(rest)
	switch word {
	case reportFailed:
		return fmt.Errorf("%s %w: %s", g.args[0], errNotExecuted, rest)
	case reportStarted:
		g.group = n
		for _, sig := range g.before {
			g.forward(sig)
		}
	case reportStopped:
		g.stopped(syscall.Signal(n))
	case reportExited:
		g.died(n)
	case reportSignaled:
		g.byKey = n == int(syscall.SIGINT) && g.ints == 0 && g.tty.inForeground(g.group)
		g.died(128 + n)
	case reportTermed:
		g.end.lost = g.end.lost || g.status == nil
	case reportKilled:
		g.end.lost = g.end.lost || g.status == nil
		g.forcefully = true
	case reportStubborn:
		g.warn("%s", rest)
	}
	return nil
}

func (g *lockedGroup) died(code int) {
	g.status, g.group = &code, 0
}

// signal forwards a signal to the command and its group.
func (g *lockedGroup) signal(sig syscall.Signal) {
	if sig == syscall.SIGINT {
		g.ints++
	}
	switch {
	case g.ints > 1 && !g.forcefully:
		g.forcefully = true
		g.order(orderKill)
	case g.status != nil: // what is left over is told to end already
		if sig == syscall.SIGINT || sig == syscall.SIGTERM {
			g.order(orderKill)
		}
	case g.group == 0:
		g.before = append(g.before, sig)
	default:
		g.forward(sig)
	}
}

func (g *lockedGroup) forward(sig syscall.Signal) {
	if sig == syscall.SIGCONT {
		g.goOn()
		return
	}
	_ = syscall.Kill(-g.group, sig)
}

// ended is called when the warden is gone, which it should only be when nobody is left.
func (g *lockedGroup) ended(failed bool) error {
	switch {
	case failed:
		return nil
	case g.status != nil:
		g.end.code = *g.status
		if g.ints > 1 {
			g.end.code = 128 + int(syscall.SIGINT)
		}
		return nil
	}
	g.end.code = 128 + int(syscall.SIGKILL)
	g.forcefully = true
	for group := g.group; ; {
		if group != 0 {
			_ = syscall.Kill(-group, syscall.SIGKILL)
		}
		for _, pid := range descendants(os.Getpid()) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		var status syscall.WaitStatus
		if pid, err := wait4(&status, syscall.WNOHANG); err != nil && (group == 0 || !groupLives(group)) {
			break
		} else if pid == 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
	g.warden = 0
	return errors.New("somebody has ended the process that watches over the command, so the command was killed")
}

// reapWarden waits until the warden is off the system's list.
func (g *lockedGroup) reapWarden() {
	for g.warden != 0 {
		if _, err := syscall.Wait4(g.warden, nil, 0, nil); err != syscall.EINTR {
			return
		}
	}
}
