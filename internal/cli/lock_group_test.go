//go:build !windows

package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"zkdeck/internal/screentest"
)

// under is a program that runs a command under a lock.
type under struct {
	*exec.Cmd
	t     *testing.T
	lease string // the file that it stands in
	out   *bufio.Scanner
	in    io.WriteCloser
	said  strings.Builder
}

// underLock starts a command under a lease that stands in a file.
func underLock(t *testing.T, lease string, command ...string) *under {
	t.Helper()
	file := filepath.Join(t.TempDir(), "lease")
	u := &under{t: t, lease: file}
	u.stands(lease)
	path, err := exec.LookPath("underlock")
	if err != nil {
		t.Fatal(err)
	}
	u.Cmd = exec.Command(path, append([]string{file}, command...)...)
	u.Env = append(os.Environ(), "GORACE="+noPause)
	u.start()
	return u
}

func (u *under) start() {
	u.t.Helper()
	out, err := u.StdoutPipe()
	if err != nil {
		u.t.Fatal(err)
	}
	if u.in, err = u.StdinPipe(); err != nil {
		u.t.Fatal(err)
	}
	u.out, u.Stderr = bufio.NewScanner(out), &u.said
	if err := u.Start(); err != nil {
		u.t.Fatal(err)
	}
	stop := time.AfterFunc(screentest.Deadline, func() { _ = u.Process.Kill() })
	u.t.Cleanup(func() {
		stop.Stop()
		_ = u.Process.Kill()
		_ = u.Wait()
	})
}

// stands says how the lease stands.
func (u *under) stands(lease string) {
	u.t.Helper()
	next := u.lease + ".new"
	if err := os.WriteFile(next, []byte(lease), 0o600); err != nil {
		u.t.Fatal(err)
	}
	if err := os.Rename(next, u.lease); err != nil {
		u.t.Fatal(err)
	}
}

func (u *under) line() string {
	u.t.Helper()
	if !u.out.Scan() {
		u.t.Fatalf("no more lines; it says %q", u.said.String())
	}
	return u.out.Text()
}

func (u *under) wants(line string) {
	u.t.Helper()
	if got := u.line(); got != line {
		u.t.Fatalf("the command says %q, want %q", got, line)
	}
}

// pids reads as many numbers of processes.
func (u *under) pids(n int) []int {
	u.t.Helper()
	var pids []int
	for range n {
		pid, err := strconv.Atoi(u.line())
		if err != nil {
			u.t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

func (u *under) send(sig os.Signal) {
	u.t.Helper()
	if err := u.Process.Signal(sig); err != nil {
		u.t.Fatal(err)
	}
}

// ends waits for the end, of which nothing but the exit code must be left.
func (u *under) ends(code int, pids ...int) {
	u.t.Helper()
	for u.out.Scan() {
	}
	if wantExit(u.t, u.Wait(), code); u.t.Failed() {
		u.t.Logf("it says %q", u.said.String())
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			u.t.Errorf("process %d lives: %v", pid, err)
		}
	}
}

// gone waits until processes are no more.
func gone(t *testing.T, pids ...int) {
	t.Helper()
	give := time.Now().Add(screentest.Deadline)
	for _, pid := range pids {
		for running(pid) {
			if time.Now().After(give) {
				t.Fatalf("process %d lives", pid)
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// running tells whether a process is there, and not only its remains, for which whoever
// adopted it may take its time.
func running(pid int) bool {
	state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && !strings.HasPrefix(string(state), "Z")
}

// signalsMain is a program that says which signals it gets, until its input ends.
func signalsMain() int {
	got := make(chan os.Signal, 64)
	signal.Notify(got, forwardable()...)
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	fmt.Println("ready")
	for {
		select {
		case sig := <-got:
			if sig != syscall.SIGCONT {
				fmt.Println(unix.SignalName(sig.(syscall.Signal)))
			}
		case <-ended:
			return 9
		}
	}
}

// TestUnderLock runs commands as they are to run. That the exit code of the command is
// ours, and that a signal has one, is where consul lock and old etcdctl have 0 and 1.
func TestUnderLock(t *testing.T) {
	u := underLock(t, "1m held", "sh", "-c", "read x; echo got $x; exit 7")
	if _, err := io.WriteString(u.in, "something\n"); err != nil { // etcdctl lock passes no input on
		t.Fatal(err)
	}
	u.wants("got something")
	u.ends(7)
	underLock(t, "1m held", "true").ends(0)
	underLock(t, "1m held", "sh", "-c", "kill -9 $$").ends(137)
	underLock(t, "1m held", "sh", "-c", "kill $$").ends(143)

	u = underLock(t, "1m held", "sh", "-c", "echo $$; read x")
	pid := u.pids(1)[0]
	if group, err := syscall.Getpgid(pid); group != pid || err != nil {
		t.Errorf("process %d is in the group %d, %v", pid, group, err)
	}
	if err := u.in.Close(); err != nil {
		t.Fatal(err)
	}
	u.ends(1, pid)
}

// TestUnderLockNoExec sees what becomes of a file that is found, and is no program.
func TestUnderLockNoExec(t *testing.T) {
	file := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(file, []byte("\x00\x01"), 0o700); err != nil {
		t.Fatal(err)
	}
	u := underLock(t, "1m held", file)
	u.ends(lockNoExec)
	if got := u.said.String(); !strings.Contains(got, "cannot be executed") {
		t.Errorf("it says %q", got)
	}
}

// TestUnderLockSignals sees that every signal gets to the command: consul #797, #4643,
// #3754, #2489 and #1210.
func TestUnderLockSignals(t *testing.T) {
	u := underLock(t, "1m held", "signals")
	u.wants("ready")
	for _, sig := range []syscall.Signal{
		syscall.SIGHUP, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGWINCH, syscall.SIGTSTP, syscall.SIGINT,
	} {
		u.send(sig)
		u.wants(unix.SignalName(sig))
	}
	if err := u.in.Close(); err != nil {
		t.Fatal(err)
	}
	u.ends(9)
}

// TestUnderLockGroupSignals sees that they get to the children of a shell too, which
// waits for these: consul #2022.
func TestUnderLockGroupSignals(t *testing.T) {
	u := underLock(t, "1m held", "sh", "-c", `echo $$; sh -c 'echo $$; sleep 1000'; echo "the shell goes on"`)
	pids := u.pids(2)
	u.send(syscall.SIGTERM)
	u.ends(143, pids...)
}

// TestUnderLockInterrupt sees that a second interrupt ends what ignores the first.
func TestUnderLockInterrupt(t *testing.T) {
	u := underLock(t, "1m held", "signals")
	u.wants("ready")
	u.send(os.Interrupt)
	u.wants("SIGINT")
	u.send(os.Interrupt)
	u.ends(130)
}

// TestEarlyInterrupt sees that an interrupt from before the command was started asks it
// to end, as one that comes later does.
func TestEarlyInterrupt(t *testing.T) {
	cmd := exec.Command("cat")
	cmd.SysProcAttr = ownGroup()
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	_, orders, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = orders.Close() }()
	g := &lockedGroup{lockedRun: &lockedRun{}, orders: orders}
	g.signal(syscall.SIGINT)
	if err := g.report(fmt.Sprintf("%s %d", reportStarted, cmd.Process.Pid)); err != nil {
		t.Fatal(err)
	}
	if g.forcefully || g.ints != 1 {
		t.Fatalf("killed: %v, after %d interrupts", g.forcefully, g.ints)
	}
	_ = cmd.Wait()
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGINT {
		t.Errorf("it ended by %v", cmd.ProcessState)
	}
}

// leftOver is a shell command that leaves processes behind: one in its group, one of
// a session of its own, and one that ignores what asks it to end. They say their numbers.
const leftOver = `echo $$; sleep 1000 & echo $!; setsid sleep 1000 & echo $!; (trap "" TERM HUP; sh -c 'echo $$; exec sleep 1000') & `

// TestUnderLockRest sees that background children do not outlive the command, nor the
// lock: flock's are known for it.
func TestUnderLockRest(t *testing.T) {
	u := underLock(t, "1m held", "sh", "-c", leftOver+"read x; exit 3")
	pids := u.pids(4)
	if err := u.in.Close(); err != nil {
		t.Fatal(err)
	}
	if !orphansAdopted {
		pids = append(pids[:2], pids[3])
	}
	u.ends(3, pids...)
}

// TestUnderLockLost sees that the command is killed at once when the lock is gone, and
// not 90 s later: consul #9788.
func TestUnderLockLost(t *testing.T) {
	u := underLock(t, "1h held", "sh", "-c", leftOver+"wait")
	pids := u.pids(4)
	u.stands("1h lost")
	u.ends(lockLost, pids...)
}

// TestUnderLockMute sees that the command is asked to end, and then killed, when no
// server answers. It has seconds to say that it was asked.
func TestUnderLockMute(t *testing.T) {
	t.Parallel()
	u := underLock(t, "20s held 10s", "signals")
	u.wants("ready")
	u.stands("20s mute")
	u.wants("SIGTERM")
	u.ends(lockLost)
}

// TestUnderLockStopped has the process that holds the lock stopped for longer than the
// session lasts. The command must not live on.
func TestUnderLockStopped(t *testing.T) {
	t.Parallel()
	u := underLock(t, "20s held 8s", "sh", "-c", leftOver+"wait")
	pids := u.pids(4)
	u.send(syscall.SIGSTOP)
	gone(t, pids...)
	u.send(syscall.SIGCONT)
	u.ends(lockLost, pids...)
}

// TestUnderLockKilled has it killed, for which nobody can be prepared: zk-flock leaves
// the command behind then.
func TestUnderLockKilled(t *testing.T) {
	u := underLock(t, "1h held", "sh", "-c", leftOver+"wait")
	pids := u.pids(4)
	u.send(os.Kill)
	gone(t, pids...)
}

// TestUnderLockNoWarden has the warden killed.
func TestUnderLockNoWarden(t *testing.T) {
	if !orphansAdopted {
		t.Skip("here nobody knows what the command has started")
	}
	u := underLock(t, "1h held", "sh", "-c", "echo $PPID; "+leftOver+"wait")
	pids := u.pids(5)
	if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	u.ends(137, pids...)
	if got := u.said.String(); !strings.Contains(got, "watches over the command") {
		t.Errorf("it says %q", got)
	}
}
