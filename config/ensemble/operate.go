package ensemble

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// NotRunningError says that servers that were named do not run.
type NotRunningError struct {
	Name string
	IDs  []int
}

func (e *NotRunningError) Error() string {
	var ids []string
	for _, id := range e.IDs {
		ids = append(ids, strconv.Itoa(id))
	}
	return fmt.Sprintf("server %s of the ensemble %s does not run; start it first", strings.Join(ids, ", "), e.Name)
}

const (
	// stopPatience is how long a server may take to end by itself, unless a test says
	// otherwise.
	stopPatience = 10 * time.Second
	// signalPatience is how long the kernel may take to do what a signal says; a
	// process that waits for a disk takes none before the disk has answered.
	signalPatience = 10 * time.Second
	waitEvery      = 5 * time.Millisecond
)

// Start starts servers, all of them if no id is given, and returns when their
// processes are there; [Ensemble.AwaitServing] waits until they serve. Those that
// run are left alone. What would keep them from serving is looked for first, and
// refused with a *PreflightError. If one cannot be started the others are.
func (e *Ensemble) Start(ctx context.Context, ids ...int) error {
	return e.locked(ctx, func() error { return e.startLocked(ctx, ids...) })
}

// Stop ends servers, all that run if no id is given, with SIGTERM, and with SIGKILL
// those that have not ended 10 seconds later; also paused ones. It returns when
// they are gone.
func (e *Ensemble) Stop(ctx context.Context, ids ...int) error {
	return e.locked(ctx, func() error { return e.stopLocked(ctx, "stop", ids...) })
}

// Kill ends servers, all that run if no id is given, with SIGKILL, as a power cut
// would. It returns when they are gone.
func (e *Ensemble) Kill(ctx context.Context, ids ...int) error {
	return e.locked(ctx, func() error { return e.killLocked(ctx, ids...) })
}

// Pause stops the processes of servers with SIGSTOP, all that run if no id is given:
// they keep their ports and answer nothing. It returns when they are stopped.
func (e *Ensemble) Pause(ctx context.Context, ids ...int) error {
	return e.locked(ctx, func() error {
		return e.eachRunning(ctx, ids, func(m Member, p process) error {
			e.ask(m.ID, p, "pause")
			return e.signal(ctx, m, signalStop, signalPatience, func(p process) bool { return p.Stopped || !p.Alive })
		})
	})
}

// Resume has paused servers go on, all that run if no id is given.
func (e *Ensemble) Resume(ctx context.Context, ids ...int) error {
	return e.locked(ctx, func() error {
		return e.eachRunning(ctx, ids, func(m Member, p process) error {
			e.ask(m.ID, p, "resume")
			return e.signal(ctx, m, signalCont, signalPatience, func(p process) bool { return !p.Stopped })
		})
	})
}

// Restart stops servers, all of them if no id is given, and starts them. Those that
// do not run are started.
func (e *Ensemble) Restart(ctx context.Context, ids ...int) error {
	return e.locked(ctx, func() error {
		if _, err := e.pick(ids); err != nil {
			return err
		}
		var not *NotRunningError
		if err := e.stopLocked(ctx, "restart", ids...); err != nil && !errors.As(err, &not) {
			return err
		}
		return e.startLocked(ctx, ids...)
	})
}

// stopLocked is Stop for whoever has the lock; word says in whose name.
func (e *Ensemble) stopLocked(ctx context.Context, word string, ids ...int) error {
	return e.eachRunning(ctx, ids, func(m Member, p process) error {
		e.ask(m.ID, p, word)
		gone := func(p process) bool { return !p.Alive }
		err := e.signal(ctx, m, signalTerm, 0, gone)
		if err == nil {
			// One that is paused takes the signal only when it goes on.
			err = e.signal(ctx, m, signalCont, e.store.patience, gone)
		}
		if !errors.Is(err, errSlow) {
			return err
		}
		e.store.Logger.Warn("a server does not end by itself: killing it", "ensemble", e.name, "server", m.ID)
		return e.signal(ctx, m, signalKill, signalPatience, gone)
	})
}

// killLocked is Kill for whoever has the lock.
func (e *Ensemble) killLocked(ctx context.Context, ids ...int) error {
	return e.eachRunning(ctx, ids, func(m Member, p process) error {
		e.ask(m.ID, p, "kill")
		return e.signal(ctx, m, signalKill, signalPatience, func(p process) bool { return !p.Alive })
	})
}

// pick returns the members with these ids, all if there are none.
func (e *Ensemble) pick(ids []int) ([]Member, error) {
	plan := e.Plan()
	if len(ids) == 0 {
		return plan.Members, nil
	}
	var members []Member
	seen := make(map[int]bool)
	for _, id := range ids {
		m, there := plan.Member(id)
		if !there {
			return nil, e.noServer(id)
		}
		if !seen[id] {
			members = append(members, m)
		}
		seen[id] = true
	}
	return members, nil
}

// eachRunning does something to all those that run among the servers with these
// ids, at the same time. The error is a *NotRunningError if it is nothing but that
// some that were named do not run.
func (e *Ensemble) eachRunning(ctx context.Context, ids []int, do func(Member, process) error) error {
	members, err := e.pick(ids)
	if err != nil {
		return err
	}
	down, err := e.settled(ctx, members)
	if err != nil {
		return err
	}
	var running []Member
	processes := make(map[int]process)
	var not []int
	for _, m := range members {
		p, err := e.process(m.ID)
		if err != nil {
			return err
		}
		if slices.Contains(down, m) || !p.Alive {
			not = append(not, m.ID)
			continue
		}
		running, processes[m.ID] = append(running, m), p
	}
	if err := together(running, func(m Member) error { return do(m, processes[m.ID]) }); err != nil {
		return err
	}
	if len(ids) > 0 && len(not) > 0 {
		return &NotRunningError{Name: e.name, IDs: not}
	}
	return nil
}

// together does something to all members at the same time, and joins the errors.
func together(members []Member, do func(Member) error) error {
	errs := make([]error, len(members))
	var wg sync.WaitGroup
	for i, m := range members {
		wg.Go(func() { errs[i] = do(m) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// errSlow says that what a signal was to bring about has not come about in time.
var errSlow = errors.New("it takes too long")

// signal sends a signal to a server and waits until what it was sent for is so. The
// process is held before it is checked to be ours, so that nobody else can get the
// signal. With a patience of 0 it does not wait.
func (e *Ensemble) signal(ctx context.Context, m Member, sig os.Signal, patience time.Duration, done func(process) bool) error {
	failed := func(err error) error {
		return fmt.Errorf("sending %v to server %d of the ensemble %s: %w", sig, m.ID, e.name, err)
	}
	p, err := e.process(m.ID)
	if err != nil || !p.Alive {
		return err
	}
	held, err := os.FindProcess(p.Pid)
	if err != nil {
		return failed(err)
	}
	defer func() { _ = held.Release() }()
	if p, err = e.process(m.ID); err != nil || !p.Alive || p.Pid != held.Pid {
		return err
	}
	if err := held.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return failed(err)
	}
	if patience == 0 {
		return nil
	}
	deadline := time.Now().Add(patience)
	for {
		p, err := e.process(m.ID)
		if err != nil || done(p) {
			return err
		}
		if !time.Now().Before(deadline) {
			return failed(errSlow)
		}
		select {
		case <-ctx.Done():
			return failed(ctx.Err())
		case <-time.After(waitEvery):
		}
	}
}
