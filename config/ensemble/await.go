package ensemble

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// FailedError says that servers that were started will not serve.
type FailedError struct {
	// Status is what the ensemble looks like.
	Status Status
	// Server is the id of the server that failed, 0 where it is too few of them.
	Server int
	// Line is the line of its log that explains it, as it stands there: clean it before
	// a terminal sees it. Why says what happened, Mend what to do about it.
	Line, Why, Mend string
}

func (e *FailedError) Error() string {
	who := "the ensemble " + e.Status.Name
	if e.Server != 0 {
		who = fmt.Sprintf("server %d of %s", e.Server, e.Status.Name)
	}
	text := who + " does not serve: " + e.Why
	if e.Mend != "" {
		text += "; " + e.Mend
	}
	return text
}

// justNow is how much earlier than the newest start a server was started together
// with it.
const justNow = 30 * time.Second

// mutePatience is how long a server that was started may answer nothing before it counts
// as one that hangs: on a busy machine one that starts is silent for seconds.
const mutePatience = 10 * time.Second

// AwaitServing waits until every server that was started serves, and tells each, if
// that is not nil, what it sees meanwhile, whenever that changes. Those are the
// servers that run, and those that were started with them and have ended by
// themselves. It blocks until then, until ctx ends, or until a server has ended or a
// quorum has become impossible, which is a *FailedError with the reason. A paused
// server is not waited for.
func (e *Ensemble) AwaitServing(ctx context.Context, each func(Status)) (Status, error) {
	y := newEye(e)
	var last Status
	for {
		st, servers, err := y.both(ctx)
		if err != nil {
			return last, err
		}
		if each != nil && (last.Quorum != st.Quorum || !slices.Equal(last.Servers, st.Servers)) {
			each(st)
		}
		last = st
		done, err := served(&st, servers)
		if done || err != nil {
			return st, err
		}
		select {
		case <-ctx.Done():
			return st, fmt.Errorf("waiting for the ensemble %s to serve: %w", st.Name, ctx.Err())
		case <-time.After(lookFast):
		}
	}
}

// served reports whether all that were started serve, or why they never will.
func served(st *Status, servers []sighting) (bool, error) {
	var newest time.Time
	for _, s := range servers {
		if s.Started.After(newest) {
			newest = s.Started
		}
	}
	done, some := true, false
	for _, s := range servers {
		x := s.Exit
		switch {
		case s.hopeless:
			return false, &FailedError{Status: *st, Server: s.ID, Why: s.Trouble}
		case s.Pid != 0:
			some = true
			done = done && (s.Paused || s.State.Serves() || s.State == ReadOnly)
		case x != nil && !x.ByUs && newest.Sub(s.Started) <= justNow:
			return false, &FailedError{Status: *st, Server: s.ID, Line: x.Line, Why: ending(x), Mend: x.Mend}
		}
	}
	if !some {
		return false, fmt.Errorf("waiting for the ensemble %s to serve: none of its servers runs: %w", st.Name, errNoneRuns)
	}
	able := able(servers)
	for _, s := range servers {
		if !s.Observer && s.State == Hung && !s.Paused && s.mute < mutePatience {
			able++
		}
	}
	if !st.Quorum && able < st.Need {
		return false, &FailedError{
			Status: *st, Why: "there is no quorum: " + needs(st.Need, st.Voters, able), Mend: "start more of its servers, or resume those that are paused",
		}
	}
	return done && st.Quorum, nil
}

var errNoneRuns = errors.New("start them first")

// ending says how a process ended in a sentence that begins with "it".
func ending(x *Exit) string {
	if x.Signal != "" || x.Code < 0 {
		return x.Why
	}
	return fmt.Sprintf("it exited with code %d: %s", x.Code, x.Why)
}
