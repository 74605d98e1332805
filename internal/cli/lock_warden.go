//go:build !windows

package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A command under a lock must be dead before another client can be granted the lock,
// also if this process cannot see to that: because it was killed, because it was
// stopped, because all of its threads wait for a disk. So a second one, the same
// program by another name, is the parent of the command. It is told until when the
// lock is held, it kills whatever descends from it when that time has come, or when the
// first process ends without a farewell, and it ends when the last descendant has.
// It is no member of the job: no key and no shell reaches it.

// wardenArg is the argument that makes this program the warden of a command. The next
// ones are the descriptors to read orders from and to write reports to, "terminal" or
// "", the command's file and its arguments from the zeroth.
const wardenArg = "__lock_warden"

// The orders to a warden, a word a line. Times are those of [upTime].
const (
	orderLease = "lease" // lease TERM KILL: end the command at these times, in nanoseconds
	orderPause = "pause" // the job is stopped: do not wake it up to end it
	orderGo    = "go"    // the job goes on
	orderTerm  = "term"
	orderKill  = "kill"
)

// What a warden reports, a word a line. It ends with the last process.
const (
	reportStarted  = "started"  // started PID
	reportFailed   = "failed"   // failed WHY: the command cannot be executed
	reportStopped  = "stopped"  // stopped SIGNAL
	reportExited   = "exited"   // exited CODE
	reportSignaled = "signaled" // signaled SIGNAL
	reportTermed   = "termed"   // the time to end the command had come
	reportKilled   = "killed"   // the time to kill it had come
	reportStubborn = "stubborn" // stubborn WHAT: what cannot be killed
)

const (
	// wardenTick is how exactly a warden keeps to times.
	wardenTick = 50 * time.Millisecond
	// stubbornAfter is how long killing may take before that is reported.
	stubbornAfter = 2 * time.Second
	// restGrace is how long what a command leaves behind may take to end by itself.
	restGrace = 3 * time.Second
)

// warden is the process that has a command under it.
type warden struct {
	pid     int // of the command, and of its group
	reports io.Writer
	deaths  chan death

	termAt, killAt time.Duration // 0: never
	restAt         time.Duration // when what is left over is killed; 0: the command lives
	paused, termed bool
	killing        bool
	stubbornAt     time.Duration // when to report who cannot be killed
	stubborn       bool          // that was reported
}

// death is how a process that descends from the warden has changed.
type death struct {
	pid    int
	status syscall.WaitStatus
	alone  bool // there is no other process
}

// standWarden is the warden process.
func standWarden(args []string) int {
	if len(args) < 5 {
		return exitUsage
	}
	in, out := passed(args[0]), passed(args[1])
	// What the system ties to the parent's life it ties to the thread that has forked.
	runtime.LockOSThread()
	// Caught and dropped, not ignored: that would be inherited.
	signal.Notify(make(chan os.Signal, 1), forwardable()...)
	_ = adoptOrphans()
	w := &warden{reports: out, deaths: make(chan death)}
	child, err := os.StartProcess(args[3], args[4:], &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}, Sys: lockedChild()})
	if err != nil {
		w.report(reportFailed, strings.ReplaceAll(err.Error(), "\n", " "))
		return exitFailed
	}
	w.pid = child.Pid
	if args[2] != "" {
		signal.Ignore(syscall.SIGTTOU)
		_ = unix.IoctlSetPointerInt(0, unix.TIOCSPGRP, w.pid)
	}
	w.report(reportStarted, w.pid)
	orders := make(chan string)
	go func() {
		defer close(orders)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			orders <- lines.Text()
		}
	}()
	go w.reap()
	w.run(orders)
	return exitOK
}

// passed is a descriptor that was inherited and goes no further.
func passed(number string) *os.File {
	fd, err := strconv.Atoi(number)
	if err != nil {
		fd = -1
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), "warden")
}

// reap waits for children until there are none; orphans are children too.
func (w *warden) reap() {
	defer close(w.deaths)
	var next death
	for {
		d := next
		if next = (death{}); d.pid == 0 {
			pid, err := wait4(&d.status, syscall.WUNTRACED)
			if err != nil {
				return
			}
			d.pid = pid
		}
		if d.pid == w.pid && !d.status.Stopped() {
			pid, err := wait4(&next.status, syscall.WUNTRACED|syscall.WNOHANG)
			next.pid, d.alone = pid, err != nil
		}
		w.deaths <- d
	}
}

func wait4(status *syscall.WaitStatus, options int) (int, error) {
	for {
		pid, err := syscall.Wait4(-1, status, options, nil)
		if err != syscall.EINTR {
			return max(0, pid), err
		}
	}
}

// run is the warden's life until nobody is left.
func (w *warden) run(orders <-chan string) {
	deaths := w.deaths
	tick := time.NewTicker(wardenTick)
	defer tick.Stop()
	for deaths != nil || groupLives(w.pid) {
		select {
		case line, ok := <-orders:
			if !ok { // whoever holds the lock is dead
				orders, w.killing = nil, true
			}
			w.obey(line)
		case d, ok := <-deaths:
			if !ok {
				deaths = nil
			}
			w.saw(d)
		case <-tick.C:
		}
		w.enforce(upTime())
	}
}

func (w *warden) obey(line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case orderLease:
		var term, kill int64
		if n, err := fmt.Sscan(rest, &term, &kill); n == 2 && err == nil {
			w.termAt, w.killAt = time.Duration(term), time.Duration(kill)
		}
	case orderPause:
		w.paused = true
	case orderGo:
		w.paused = false
	case orderTerm:
		w.signal(syscall.SIGTERM)
		w.signal(syscall.SIGCONT)
	case orderKill:
		w.killing = true
	}
}

// saw takes note of a child's end.
func (w *warden) saw(d death) {
	if d.pid != w.pid {
		return
	}
	switch {
	case d.status.Stopped():
		w.report(reportStopped, int(d.status.StopSignal()))
		return
	case d.status.Signaled():
		w.report(reportSignaled, int(d.status.Signal()))
	case d.status.Exited():
		w.report(reportExited, d.status.ExitStatus())
	}
	w.restAt = upTime() + restGrace
	if !d.alone || groupLives(w.pid) {
		w.signal(syscall.SIGTERM)
		w.signal(syscall.SIGCONT)
	}
}

// enforce does what is due.
func (w *warden) enforce(now time.Duration) {
	due := func(at time.Duration) bool { return at != 0 && now >= at }
	if due(w.killAt) && !w.killing {
		w.killing = true
		w.report(reportKilled)
	}
	if due(w.restAt) {
		w.killing = true
	}
	switch {
	case w.killing:
		w.kill(now)
	case due(w.termAt) && !w.termed && !w.paused:
		w.termed = true
		w.report(reportTermed)
		w.signal(syscall.SIGTERM)
		w.signal(syscall.SIGCONT)
	}
}

// kill kills who is left. It is called again and again, as somebody may have forked
// meanwhile, and reports who cannot be killed, such as what sudo has started.
func (w *warden) kill(now time.Duration) {
	immune := w.signal(syscall.SIGKILL)
	switch {
	case w.stubbornAt == 0:
		w.stubbornAt = now + stubbornAfter
	case now >= w.stubbornAt && !w.stubborn && immune != 0:
		w.stubborn = true
		w.report(reportStubborn, fmt.Sprintf("process %d, which the command has started, is not ours to kill; the lock stays until it ends, or is lost", immune))
	}
}

// signal sends a signal to the command's group and to all else that descends from us,
// and returns one that may not be sent any, if there is any.
func (w *warden) signal(sig syscall.Signal) (immune int) {
	_ = syscall.Kill(-w.pid, sig)
	for _, pid := range descendants(os.Getpid()) {
		if group, err := syscall.Getpgid(pid); err == nil && group == w.pid && syscall.Kill(pid, 0) == nil {
			continue
		}
		if errors.Is(syscall.Kill(pid, sig), syscall.EPERM) {
			immune = pid
		}
	}
	return immune
}

// report tells the process that holds the lock; if it is no more, nobody minds.
func (w *warden) report(words ...any) { _, _ = fmt.Fprintln(w.reports, words...) }

// groupLives tells whether a process group has members, where orphans are not our
// children and so do not tell of themselves.
func groupLives(group int) bool {
	return !orphansAdopted && syscall.Kill(-group, 0) == nil
}

// forwarded are the names of the signals that go on to a command. Not those that this
// process brings upon itself, such as SIGSEGV and SIGPIPE, those that are about its own
// children or its own use of the terminal, and SIGURG, which is the Go runtime's.
var forwarded = []string{
	"SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF",
	"SIGCONT", "SIGTSTP", "SIGWINCH", "SIGIO", "SIGINFO", "SIGPWR", "SIGSTKFLT",
}

// forwardable are the signals that go on to a command, unless whoever started us had
// them ignored, as nohup does.
func forwardable() []os.Signal {
	var all []os.Signal
	for _, name := range forwarded {
		if sig := unix.SignalNum(name); sig != 0 && !signal.Ignored(sig) {
			all = append(all, sig)
		}
	}
	for sig := realTimeFirst; sig <= realTimeLast; sig++ {
		all = append(all, sig)
	}
	return all
}
