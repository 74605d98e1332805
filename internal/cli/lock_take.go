package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/internal/lockview"
	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// lockJob is one `zkdeck lock`.
type lockJob struct {
	*job
	o       lockFlags
	path    string
	options lockctl.LockOptions
	cfg     zkview.Config
	teller  *lockTeller
	// signals are those that end programs.
	signals chan os.Signal
}

// signalled is why a wait ends: a signal came.
type signalled struct{ sig os.Signal }

func (e *signalled) Error() string {
	if e.sig == os.Interrupt {
		return "interrupted"
	}
	return e.sig.String()
}

// code is how a shell says that a signal ended a program.
func (e *signalled) code() int {
	if n, ok := e.sig.(syscall.Signal); ok {
		return 128 + int(n)
	}
	return lockTrouble
}

// errWaited: the time of --wait is over.
var errWaited = errors.New("waited as long as --wait allows")

// lock is `zkdeck lock`.
func (f *flags) lock(cmd *cobra.Command, o lockFlags, path string, command []string) error {
	options, err := o.options(path)
	if err != nil {
		return err
	}
	return f.prepare(cmd, func(j *job, log *slog.Logger) error {
		if err := j.mayWrite(); err != nil {
			return &outcome{lockRefused, err}
		}
		file := ""
		if len(command) > 0 {
			var err error
			if file, err = executable(command[0]); err != nil {
				return err
			}
		}
		cfg, err := j.target.config(cmd.Context(), log, (*config.Auth).Secret)
		if err != nil {
			return err
		}
		cfg.Timeout = o.sessionTimeout
		l := &lockJob{job: j, o: o, path: path, options: options, cfg: cfg, signals: make(chan os.Signal, 8)}
		l.options.Logger = log
		// The context that ends with a signal is of no use: what is held is to be released.
		ctx := context.WithoutCancel(cmd.Context())
		if !hangupIgnored {
			signal.Notify(l.signals, syscall.SIGHUP)
		}
		signal.Notify(l.signals, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(l.signals)
		l.teller = newLockTeller(j, path, o.json)
		defer l.teller.close()
		l.options.Observe = l.teller.step
		return l.run(ctx, file, command)
	})
}

// run takes the lock, and holds it as long as is wanted.
func (l *lockJob) run(ctx context.Context, file string, command []string) error {
	session, lease, err := l.take(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = session.Close() }()
	l.teller.granted()
	if len(command) == 0 {
		err = l.hold(lease)
	} else {
		err = l.underLock(session, lease, file, command)
	}
	wait := session.Status().Timeout
	if lease.State() != lockctl.LeaseHeld {
		wait = min(wait, lostRelease)
	}
	l.release(ctx, lease, wait)
	return err
}

// lostRelease is how long a lock that is in doubt is tried to be released. It goes with
// the session.
const lostRelease = time.Second

// take waits for the lock. A session that ends while it waits is followed by another,
// as long as the wait is not over: who is told to wait for two hours does not give up
// because the servers were away for ten seconds.
func (l *lockJob) take(ctx context.Context) (lockctl.Session, *lockctl.Lease, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if l.o.waits {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, l.o.wait, errWaited)
		defer stop()
	}
	taken := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case sig := <-l.signals:
			cancel(&signalled{sig})
		case <-taken:
		}
	}()
	defer func() { close(taken); <-watched }()
	for again := false; ; again = true {
		session, lease, err := l.attempt(ctx, again)
		var by *signalled
		switch {
		case errors.As(context.Cause(ctx), &by):
			if lease != nil { // it was granted at the same moment
				l.release(context.WithoutCancel(ctx), lease, l.target.Timeout)
				_ = session.Close()
			}
			return nil, nil, &outcome{by.code(), fmt.Errorf("%s was not taken: %w", safetext.Clean(l.path), by)}
		case err == nil:
			return session, lease, nil
		case !l.requeues(ctx, err):
			return nil, nil, l.refused(ctx, err)
		}
		l.teller.say("queueing anew: %s", safetext.CleanLine(err.Error()))
	}
}

// errNeverLive: the session ended before any server has answered.
var errNeverLive = errors.New("no session was granted")

// requeues tells whether another session may have more luck.
func (l *lockJob) requeues(ctx context.Context, err error) bool {
	if l.o.nonblock || ctx.Err() != nil || errors.Is(err, errNeverLive) {
		return false
	}
	return errors.Is(err, lockctl.ErrEnded) || errors.Is(err, lockctl.ErrLost)
}

// attempt takes the lock with a session of its own, which is closed where that fails.
func (l *lockJob) attempt(ctx context.Context, again bool) (lockctl.Session, *lockctl.Lease, error) {
	session, err := lockview.OpenSession(l.cfg)
	if err != nil {
		return nil, nil, usage(err)
	}
	lease, err := l.acquire(ctx, session, again)
	if err != nil {
		_ = session.Close() // and with it goes what is left of our znodes
		return nil, nil, err
	}
	return session, lease, nil
}

func (l *lockJob) acquire(ctx context.Context, session lockctl.Session, again bool) (*lockctl.Lease, error) {
	if err := l.live(ctx, session, again); err != nil {
		return nil, err
	}
	l.teller.with(session)
	k, err := lockctl.NewLocker(session, l.path, l.options)
	if err != nil {
		return nil, usage(err)
	}
	take := k.Acquire
	if l.o.nonblock {
		take = k.TryAcquire
	}
	lease, err := take(ctx)
	if err != nil {
		settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.target.Timeout)
		defer cancel()
		_ = k.Settled(settle)
	}
	return lease, err
}

// live waits until a session was granted: for the first one as long as --timeout says,
// afterwards as long as the wait lasts.
func (l *lockJob) live(ctx context.Context, session lockctl.Session, again bool) error {
	if !again {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.target.Timeout)
		defer cancel()
	}
	events := session.Events()
	defer events.Close()
	for {
		st := session.Status()
		switch st.State {
		case lockctl.SessionLive, lockctl.SessionSuspended:
			return nil
		case lockctl.SessionEnded:
			return fmt.Errorf("connecting to %s: %s: %w", l.target.Servers, safetext.CleanLine(st.Why), errNeverLive)
		}
		l.teller.connecting(cmp.Or(safetext.CleanLine(st.Why), "no answer"))
		wait, cancel := context.WithTimeout(ctx, connectingAfter)
		_, err := events.Next(wait)
		cancel()
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("no connection to %s within %s: %s", l.target.Servers, l.patience(), cmp.Or(safetext.CleanLine(session.Status().Why), "no answer"))
		case err != nil && !errors.Is(err, context.DeadlineExceeded) && session.Status().State == lockctl.SessionConnecting:
			return fmt.Errorf("connecting to %s: %w", l.target.Servers, err)
		}
	}
}

// patience is how long is waited for the first connection.
func (l *lockJob) patience() time.Duration {
	if l.o.waits {
		return min(l.o.wait, l.target.Timeout)
	}
	return l.target.Timeout
}

// refused is how an attempt ends that has failed for good.
func (l *lockJob) refused(ctx context.Context, err error) error {
	var wrong *usageError
	var busy *lockctl.BusyError
	code := lockTrouble
	for _, e := range []error{
		lockctl.ErrMixed, lockctl.ErrForeign, lockctl.ErrExhausted, lockctl.ErrSlots, lockctl.ErrDenied, lockctl.ErrReadOnly,
	} {
		if errors.Is(err, e) {
			code = lockRefused
		}
	}
	switch {
	case errors.As(err, &wrong):
		return err
	case errors.As(err, &busy):
		code, err = l.o.conflict, busy
	case errors.Is(err, lockctl.ErrBusy):
		code = l.o.conflict
	case code == lockTrouble && errors.Is(context.Cause(ctx), errWaited) && l.teller.queued():
		code, err = l.o.conflict, fmt.Errorf("%s was not free within %s%s", safetext.Clean(l.path), l.o.wait, l.teller.place())
	}
	return &outcome{code, err}
}

// hold prints what was taken, and holds it until a signal comes or it is lost.
func (l *lockJob) hold(lease *lockctl.Lease) error {
	_, err := fmt.Fprintf(l.out, "acquired %s %s %d\n", l.name(lease.Path()), l.name(nodeBelow(lease)), lease.Token())
	if err == nil {
		err = l.out.Flush()
	}
	if err != nil {
		return &outcome{lockNoWrite, fmt.Errorf("writing the output: %w", err)}
	}
	select {
	case <-l.signals:
		return nil
	case <-lease.Done():
		return &outcome{lockLost, lease.Err()}
	}
}

// nodeBelow is our znode below the lock's path.
func nodeBelow(lease *lockctl.Lease) string {
	return (lease.Dir() + "/" + lease.Node())[len(lease.Path())+1:]
}

// release gives the lock back. Where that fails it goes with the session, which is
// closed next.
func (l *lockJob) release(ctx context.Context, lease *lockctl.Lease, wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := lease.Release(ctx)
	if err != nil && !errors.Is(err, lockctl.ErrNotHeld) && !errors.Is(err, lockctl.ErrLost) {
		l.teller.say("%s is not released: no server answers; it goes with our session, whose timeout is %s", safetext.Clean(l.path), l.o.sessionTimeout)
	}
}
