package zktest

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
)

// guardianScript reads who was started ("add PID") and who has ended ("del PID").
// Its input ends when the test binary does, even by SIGKILL; then it kills whoever
// is left, waits until they are gone, and removes the folder of the run.
const guardianScript = `
trap '' HUP INT TERM
pids=' '
while read -r op pid; do
	case $op in
	add) pids="$pids$pid " ;;
	del) case $pids in *" $pid "*) pids="${pids%%" $pid "*} ${pids#*" $pid "}" ;; esac ;;
	esac
done
n=0
for pid in $pids; do
	kill -KILL "$pid"
done
for pid in $pids; do
	while kill -0 "$pid" && [ $n -lt 50 ]; do n=$((n + 1)); sleep 0.1; done
done
rm -rf -- "$1"
`

// serverScript makes a process known to the guardian, on descriptor 3, before it
// becomes a server, so that there is no moment in which it could be orphaned. The
// server must not inherit the descriptor: it would keep the pipe open.
const serverScript = `echo "add $$" >&3 && exec 3>&- && exec "$@"`

// guardian is the process that ends servers when this one dies, and the folder
// that all servers of this process live under.
type guardian struct {
	dir  string
	cmd  *exec.Cmd
	pipe *os.File
}

var (
	guardianMu  sync.Mutex
	theGuardian *guardian
)

// guard returns the guardian of this process and starts it if there is none.
func guard() (*guardian, error) {
	guardianMu.Lock()
	defer guardianMu.Unlock()
	if theGuardian != nil {
		return theGuardian, nil
	}
	dir, err := os.MkdirTemp("", "zktest-")
	if err != nil {
		return nil, fmt.Errorf("starting the guardian: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting the guardian: %w", err)
	}
	defer r.Close()
	cmd := exec.Command("sh", "-c", guardianScript, "zktest-guardian", dir)
	cmd.Stdin = r
	cmd.Dir = "/"
	ownSession(cmd)
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("starting the guardian: %w", err)
	}
	theGuardian = &guardian{dir: dir, cmd: cmd, pipe: w}
	return theGuardian, nil
}

// dismissGuardian ends the guardian and what it still guards, and waits for it.
func dismissGuardian() {
	guardianMu.Lock()
	defer guardianMu.Unlock()
	if theGuardian == nil {
		return
	}
	theGuardian.pipe.Close()
	_ = theGuardian.cmd.Wait() // its exit status is rm's, which nobody can act on
	theGuardian = nil
}

// command prepares a command that the guardian will know of.
func (g *guardian) command(argv ...string) *exec.Cmd {
	cmd := exec.Command("sh", append([]string{"-c", serverScript, "zktest-server"}, argv...)...)
	cmd.ExtraFiles = []*os.File{g.pipe}
	ownSession(cmd)
	return cmd
}

// forget tells that pid has ended and been waited for.
func (g *guardian) forget(pid int) {
	// A guardian that was killed reads no more; the test can go on without it.
	_, _ = fmt.Fprintf(g.pipe, "del %d\n", pid)
}
