package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"zkdeck/config/ensemble"
)

// operation is what `zkdeck ensemble start` and the like do to servers.
type operation struct {
	name, short, long, example string
	// done is what has become of a server, as in "server 2 is stopped".
	done string
	do   func(e *ensemble.Ensemble, ctx context.Context, ids ...int) error
	// means tells of a server as it was before whether it is done to that one, and idle
	// what to say if it is done to none.
	means func(before ensemble.ServerStatus) bool
	idle  string
	// serves tells that the servers are to serve afterwards, which is waited for.
	serves bool
	// ends tells that they are to be gone afterwards; if the leader was among them,
	// another one is awaited.
	ends bool
}

func ensembleStartCommand(f *flags) *cobra.Command {
	return operationCommand(f, operation{
		name: "start", short: "Start servers of an ensemble that do not run", done: "started",
		long: "Start servers of an ensemble, all of them without an ID, and wait until they serve, where enough run\n" +
			"for a quorum. Servers that run are left alone.",
		example: "zkdeck ensemble start demo\nzkdeck ensemble start demo 2",
		do:      (*ensemble.Ensemble).Start, serves: true, means: isIdle, idle: "every server runs already",
	})
}

func ensembleStopCommand(f *flags) *cobra.Command {
	return operationCommand(f, operation{
		name: "stop", short: "Stop servers of an ensemble", done: "stopped",
		long:    "Stop servers of an ensemble, all of them without an ID: with SIGTERM, and with SIGKILL if that does not\nend one within ten seconds. Their data stays.",
		example: "zkdeck ensemble stop demo\nzkdeck ensemble stop demo 1 2\nzkdeck ensemble stop demo leader",
		do:      (*ensemble.Ensemble).Stop, ends: true, means: runs, idle: "no server ran",
	})
}

func ensembleKillCommand(f *flags) *cobra.Command {
	return operationCommand(f, operation{
		name: "kill", short: "Kill servers of an ensemble, as a crash would", done: "killed",
		long:    "Kill servers of an ensemble with SIGKILL, all of them without an ID: what becomes of clients and of the\nensemble when a machine crashes. Their data stays.",
		example: "zkdeck ensemble kill demo leader\nzkdeck ensemble kill demo 1 2",
		do:      (*ensemble.Ensemble).Kill, ends: true, means: runs, idle: "no server ran",
	})
}

func ensemblePauseCommand(f *flags) *cobra.Command {
	return operationCommand(f, operation{
		name: "pause", short: "Pause servers of an ensemble, as a long stop of the world would", done: "paused",
		long: "Pause servers of an ensemble with SIGSTOP, all of them without an ID: they keep their connections and\n" +
			"answer nothing, as after a long garbage collection or on a machine that hangs. The others notice after\n" +
			"syncLimit ticks. zkdeck ensemble resume has them go on.",
		example: "zkdeck ensemble pause demo leader\nzkdeck ensemble resume demo all",
		do:      (*ensemble.Ensemble).Pause, means: runs, idle: "no server runs",
	})
}

func ensembleResumeCommand(f *flags) *cobra.Command {
	return operationCommand(f, operation{
		name: "resume", short: "Have paused servers of an ensemble go on", done: "resumed",
		long:    "Have paused servers of an ensemble go on, all of them without an ID.",
		example: "zkdeck ensemble resume demo\nzkdeck ensemble resume demo 3",
		do:      (*ensemble.Ensemble).Resume, means: isPaused, idle: "no server was paused",
	})
}

func ensembleRestartCommand(f *flags) *cobra.Command {
	return operationCommand(f, operation{
		name: "restart", short: "Stop servers of an ensemble and start them again", done: "restarted",
		long:    "Stop servers of an ensemble and start them again, all of them without an ID, and wait until they serve.",
		example: "zkdeck ensemble restart demo\nzkdeck ensemble restart demo leader",
		do:      (*ensemble.Ensemble).Restart, serves: true, means: anyServer,
	})
}

func isIdle(s ensemble.ServerStatus) bool   { return !runs(s) }
func isPaused(s ensemble.ServerStatus) bool { return s.Paused }
func anyServer(ensemble.ServerStatus) bool  { return true }

// operationCommand is the command of an operation.
func operationCommand(f *flags, op operation) *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use: op.name + " NAME [ID…]", Short: op.short,
		Long:              op.long + "\n\nID is the number of a server, " + wordLeader + " for whichever leads, or " + wordAll + ".",
		Example:           op.example,
		Args:              ensembleArgs(0, -1, "the id of a server"),
		ValidArgsFunction: completeEnsemble([]string{wordLeader, wordAll}),
	}
	run := f.ensembles(func(ctx context.Context, j *ensembleJob, args []string) error {
		words, err := parseServers(args[1:])
		if err != nil {
			return err
		}
		e, err := j.store.Open(args[0])
		if err != nil {
			return err
		}
		if op.serves {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeoutCause(ctx, timeout, errNotServing)
			defer cancel()
		}
		return j.operate(ctx, e, op, words)
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if op.serves && timeout <= 0 {
			return usage(fmt.Errorf("--timeout %s: must be more than nothing", timeout))
		}
		return run(cmd, args)
	}
	if op.serves {
		registerServing(cmd, &timeout)
	}
	return cmd
}

// operate does something to servers of an ensemble and says what has come of it.
func (j *ensembleJob) operate(ctx context.Context, e *ensemble.Ensemble, op operation, words serverWords) error {
	ids, err := words.resolve(ctx, e)
	if err != nil {
		return err
	}
	before, err := e.Status(ctx)
	if err != nil {
		return err
	}
	leader, led := before.Leader()
	began := time.Now()
	err = op.do(e, ctx, ids...)
	var not *ensemble.NotRunningError
	if op.ends && errors.As(err, &not) { // which is what was asked for
		err = nil
	}
	if err != nil {
		return j.operateError(ctx, e, err)
	}
	touched := op.touched(before, ids)
	if len(touched) > 0 {
		j.say("%s %s", areText(touched), op.done)
	} else {
		j.say("%s", op.idle)
	}
	switch {
	case op.serves:
		return j.awaitStarted(ctx, e, len(touched) > 0 || !before.Quorum, began)
	case op.ends && led && leader.State == ensemble.Leader && slices.Contains(touched, leader.ID):
		return j.awaitLeader(ctx, e, before, touched, began)
	}
	s, err := e.Status(ctx)
	if err == nil {
		j.say("%s", quorumText(s))
	}
	return err
}

// touched are the servers to which an operation means something: those that did not
// run are started, and what does not run is not stopped.
func (op operation) touched(before ensemble.Status, ids []int) []int {
	var touched []int
	for _, v := range before.Servers {
		if (len(ids) == 0 || slices.Contains(ids, v.ID)) && op.means(v) {
			touched = append(touched, v.ID)
		}
	}
	return touched
}

// operateError says what an error of an operation means to a person.
func (j *ensembleJob) operateError(ctx context.Context, e *ensemble.Ensemble, err error) error {
	if ctx.Err() != nil && context.Cause(ctx) == nil {
		return fmt.Errorf("interrupted; zkdeck ensemble status %s shows what runs", e.Name())
	}
	return failure(ctx, e, err)
}

// awaitStarted waits until those serve that run, if they are enough for a quorum.
func (j *ensembleJob) awaitStarted(ctx context.Context, e *ensemble.Ensemble, waited bool, began time.Time) error {
	s, err := e.Status(ctx)
	if err != nil {
		return err
	}
	if votersUp(s) < s.Need {
		j.say("%s; zkdeck ensemble start %s starts the others", quorumText(s), e.Name())
		return nil
	}
	s, err = e.AwaitServing(ctx, func(s ensemble.Status) { j.electing(s, began) })
	j.endProgress()
	if err != nil {
		return j.operateError(ctx, e, err)
	}
	j.sayServes(s, waited, began)
	return nil
}

// electionTime is how long a new leader is awaited at most.
const electionTime = 10 * time.Second

// electionTick is how often it is looked for one.
const electionTick = 10 * time.Millisecond

// awaitLeader says who leads instead of the leader that is gone, if enough are left.
func (j *ensembleJob) awaitLeader(ctx context.Context, e *ensemble.Ensemble, before ensemble.Status, gone []int, began time.Time) error {
	left := 0
	for _, v := range before.Servers {
		if runs(v) && !v.Observer && !slices.Contains(gone, v.ID) {
			left++
		}
	}
	ctx, cancel := context.WithTimeout(ctx, electionTime)
	defer cancel()
	tick := time.NewTicker(electionTick)
	defer tick.Stop()
	for {
		s, err := e.Status(ctx)
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		leader, ok := s.Leader()
		switch {
		case left < before.Need:
			j.say("%s", quorumText(s))
			return nil
		case ok && s.Quorum && !slices.Contains(gone, leader.ID):
			j.say("server %d leads now, %.2f s later; %s", leader.ID, time.Since(began).Seconds(), quorumText(s))
			return nil
		}
		select {
		case <-ctx.Done():
			j.say("nobody leads yet; zkdeck ensemble status %s shows more", e.Name())
			return nil
		case <-tick.C:
		}
	}
}
