//go:build unix

package lockctl_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
	"golang.org/x/sys/unix"

	"zkdeck/internal/lockview"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// asWorker is the environment variable that makes this test binary a process that takes
// one lock again and again: servers, timeout, the lock and the directory of guarded
// writes.
const asWorker = "LOCKCTL_TEST_WORKER"

func init() {
	what := strings.Fields(os.Getenv(asWorker))
	if len(what) == 0 {
		return
	}
	if err := work(what, os.Stdin, os.Stdout); err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// clock is a time that processes of one machine share and that nobody sets, in ns.
func clock() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return ts.Nano()
}

// worker is the process. It says, a line each:
//
//	long TOKEN            it is about to hold the lock for long
//	held TOKEN NODE AT    the lease said, after AT was taken, that it is held
//	left TOKEN AT         it claims nothing any more
//	stale TOKEN           a guarded write has succeeded although the lock was released
type worker struct {
	servers string
	timeout time.Duration
	path    string
	writes  chan guarded

	mu  sync.Mutex
	out io.Writer
}

// guarded is a write to be done under a guard.
type guarded struct {
	guard *zk.CheckVersionRequest
	token int64
	stale bool // the lock has been released
}

func (w *worker) say(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(w.out, format+"\n", args...)
}

// work takes the lock until its input ends.
func work(what []string, in io.Reader, out io.Writer) error {
	timeout, err := time.ParseDuration(what[1])
	if err != nil {
		return err
	}
	w := &worker{servers: what[0], timeout: timeout, path: what[2], writes: make(chan guarded, 1), out: out}
	conn, _, err := zk.Connect(strings.Split(what[0], ","), timeout, zk.WithLogger(quiet{}))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, bufio.NewReader(in))
		cancel()
	}()
	go w.write(conn, what[3]) // for as long as the process lives: the library has no contexts
	for ctx.Err() == nil {
		if err := w.session(ctx); err != nil {
			return err
		}
	}
	return nil
}

// session takes the lock again and again on one session.
func (w *worker) session(ctx context.Context) error {
	s, err := lockview.OpenSession(zkview.Config{Servers: w.servers, Timeout: w.timeout})
	if err != nil {
		return err
	}
	defer s.Close()
	k, err := lockctl.NewLocker(s, w.path, lockctl.LockOptions{Identity: fmt.Sprint("worker ", os.Getpid())})
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		l, err := k.Acquire(ctx)
		switch {
		case err == nil:
			w.hold(ctx, l)
		case ctx.Err() != nil, errors.Is(err, lockctl.ErrEnded):
			return nil
		default:
			return err
		}
	}
	return nil
}

// hold claims the lock for some time, and gives it back.
func (w *worker) hold(ctx context.Context, l *lockctl.Lease) {
	span := time.Duration(rand.IntN(20)) * time.Millisecond
	if rand.IntN(10) == 0 {
		span = w.timeout / 2
		w.say("long %d", l.Token())
	}
	over := time.NewTimer(span)
	defer over.Stop()
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	for held := true; held; {
		w.sample(l)
		select {
		case w.writes <- guarded{guard: l.Guard(), token: l.Token()}:
		default: // one is under way
		}
		select {
		case <-beat.C:
		case <-over.C:
			held = false
		case <-l.Done():
			held = false
		case <-ctx.Done():
			held = false
		}
	}
	w.sample(l) // also where this process was stopped
	w.say("left %d %d", l.Token(), clock())
	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*w.timeout)
	defer cancel()
	if l.Release(release) == nil {
		select {
		case w.writes <- guarded{l.Guard(), l.Token(), true}:
		case <-release.Done():
		}
	}
}

// sample asks the lease again and again for half a millisecond whether it is held, and
// says when it said so last: a process that is stopped is stopped most likely here, and
// asks first of all when it goes on.
func (w *worker) sample(l *lockctl.Lease) {
	last := int64(0)
	for began := clock(); ; {
		at := clock()
		if l.State() == lockctl.LeaseHeld {
			last = at
		}
		if at-began > int64(500*time.Microsecond) {
			break
		}
	}
	if last > 0 {
		w.say("held %d %s %d", l.Token(), l.Node(), last)
	}
}

// write makes the guarded writes: each leaves a znode with the token, in the order in
// which ZooKeeper did them.
func (w *worker) write(conn *zk.Conn, dir string) {
	for g := range w.writes {
		_, err := conn.Multi(g.guard, &zk.CreateRequest{
			Path: fmt.Sprintf("%s/%016x-", dir, g.token), Acl: zk.WorldACL(zk.PermAll), Flags: zk.FlagSequence,
		})
		if g.stale && err == nil {
			w.say("stale %d", g.token)
		}
	}
}
