package ensemble

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// rollEvery is how often servers are looked at in the course of a change.
	rollEvery = 40 * time.Millisecond
	// electionPatience is how long an election may take before those that do not know
	// the new list are started again instead.
	electionPatience = 15 * time.Second
	// maxSteps ends a change that goes round in circles, because somebody else undoes
	// what it does. One of 18 servers takes some 40.
	maxSteps = 100
)

// rollout is a change of members that is being made, by whoever has the lock.
type rollout struct {
	*Ensemble
	tell func(string)
}

// roll does one step of the change in the plan after the other, until it is settled
// or, where nothing runs, written. What it has done by then stays when it fails, and
// the next call goes on.
func (r rollout) roll(ctx context.Context) error {
	for range maxSteps {
		v, err := r.awaitLeader(ctx)
		if err != nil {
			return err
		}
		switch s := v.next(); s.do {
		case stepSettled:
			return r.finish()
		case stepCold:
			return r.chill(v)
		case stepRestart:
			r.tellRestart(v, s.ids)
			if err := r.restart(ctx, s.ids); err != nil {
				return err
			}
		case stepAwait:
			if err := r.awaitServers(ctx, s.ids); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("the change of %s does not come to an end: does somebody else start and stop its servers?", r.Name())
}

// outlook looks at all servers, and at what the plan says of a change.
func (r rollout) outlook(ctx context.Context) (outlook, error) {
	st, err := r.Status(ctx)
	if err != nil {
		return outlook{}, err
	}
	plan := r.Plan()
	v := outlook{change: plan.Change, voters: plan.voterIDs(), nodes: map[int]node{}}
	for _, s := range st.Servers {
		if s.Observer {
			v.observers = append(v.observers, s.ID)
		}
		v.nodes[s.ID] = node{
			running: s.Pid != 0, paused: s.Paused, serving: s.State.Serves(),
			leads: s.State == Leader || s.State == Standalone,
		}
	}
	if v.change == nil {
		return v, nil
	}
	for _, s := range st.Servers {
		n := v.nodes[s.ID]
		i := slices.IndexFunc(v.change.Old, func(o OldProcess) bool { return o.ID == s.ID })
		if i >= 0 {
			o := v.change.Old[i]
			n.old = n.running && s.Pid == o.Pid && s.Started.Equal(o.Started)
			n.missing = !n.running && !r.stoppedOnRequest(s.ID)
		}
		if list := r.knows(ctx, s); list != nil {
			n.old = !slices.Equal(list, v.voters)
		}
		v.nodes[s.ID] = n
	}
	return v, nil
}

// stoppedOnRequest reports whether somebody wanted a server to stop, and to stay so.
func (e *Ensemble) stoppedOnRequest(id int) bool {
	p, err := e.process(id)
	return err == nil && p.Asked != nil && slices.Contains([]string{"stop", "kill", "down"}, p.Asked.Word)
}

// knows is the list of voters that a server tells when it is asked for its
// configuration, nil where it tells none, as does a standalone one.
func (e *Ensemble) knows(ctx context.Context, s ServerStatus) []int {
	if !s.State.Serves() {
		return nil
	}
	text, err := ask(ctx, Member{Client: s.Client}.Addr(), "conf")
	if err != nil {
		return nil
	}
	return votersOf(text)
}

// votersOf reads the ids of the voters from the answer to conf, whose last lines are
// as "server.2=127.0.0.1:2889:3889:participant".
func votersOf(conf string) []int {
	var ids []int
	for line := range strings.Lines(conf) {
		rest, is := strings.CutPrefix(strings.TrimSpace(line), "server.")
		number, value, _ := strings.Cut(rest, "=")
		id, err := strconv.Atoi(number)
		value, _, _ = strings.Cut(value, ";")
		if is && err == nil && !strings.HasSuffix(value, ":observer") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// voterIDs are the ids of the voters.
func (p *Plan) voterIDs() []int {
	var ids []int
	for _, m := range p.Members {
		if !m.Observer {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// awaitLeader looks at all servers, and waits for an election that may be under way.
func (r rollout) awaitLeader(ctx context.Context) (outlook, error) {
	deadline := time.Now().Add(electionPatience)
	for {
		v, err := r.outlook(ctx)
		if err != nil || v.leader() != 0 || !v.worthWaiting() || time.Now().After(deadline) {
			return v, err
		}
		if err := pause(ctx, rollEvery); err != nil {
			return v, err
		}
	}
}

// pause waits for a while, or until ctx ends, which is its error.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// tellRestart says what a restart is for.
func (r rollout) tellRestart(v outlook, ids []int) {
	joins := v.joining()
	var again []int
	for _, id := range ids {
		switch {
		case id == joins:
			r.tell(fmt.Sprintf("server %d starts, and is brought up to date", id))
		default:
			again = append(again, id)
		}
	}
	switch {
	case len(again) == 1 && v.change.Alone:
		r.tell(fmt.Sprintf("server %d, which ran alone, starts again with the new list", again[0]))
	case len(again) == 1 && v.leader() == again[0]:
		r.tell(fmt.Sprintf("server %d, the leader, starts again with the new list", again[0]))
	case len(again) == 1:
		r.tell(fmt.Sprintf("server %d starts again with the new list", again[0]))
	case len(again) > 1:
		r.tell(fmt.Sprintf("servers %s start again with the new list, together: none of them can be spared", idList(again)))
	}
}

// restart stops servers that run, starts them all and waits until they serve. Nobody
// is stopped if one that is to be started with them cannot be.
func (r rollout) restart(ctx context.Context, ids []int) error {
	plan := r.Plan()
	var down []Member
	for _, id := range ids {
		m, _ := plan.Member(id)
		if p, err := r.process(id); err == nil && !p.Alive {
			down = append(down, m)
		}
	}
	if err := asError(r.store.preflight(ctx, &plan, down)); err != nil {
		return err
	}
	var not *NotRunningError
	if err := r.stopLocked(ctx, "restart", ids...); err != nil && !errors.As(err, &not) {
		return err
	}
	if err := r.startLocked(ctx, ids...); err != nil {
		return err
	}
	return r.awaitServers(ctx, ids)
}

// awaitServers waits until servers serve. It gives up when one of them ends, with a
// *FailedError, or after the time that the ensemble allows for a new follower.
func (r rollout) awaitServers(ctx context.Context, ids []int) error {
	plan := r.Plan()
	ctx, cancel := context.WithTimeout(ctx, max(time.Minute, 2*time.Duration(plan.InitLimit)*plan.Tick))
	defer cancel()
	for {
		st, err := r.Status(ctx)
		if err != nil {
			return fmt.Errorf("waiting for server %s of %s to serve: %w", idList(ids), r.Name(), err)
		}
		var slow []ServerStatus
		for _, s := range st.Servers {
			switch {
			case !slices.Contains(ids, s.ID) || s.State.Serves() || s.Paused:
			case s.Pid == 0:
				return endedEarly(st, s)
			default:
				slow = append(slow, s)
			}
		}
		if len(slow) == 0 {
			return nil
		}
		if err := pause(ctx, rollEvery); err != nil {
			return &FailedError{Status: st, Server: slow[0].ID, Line: slow[0].LastLog, Why: whySlow(slow[0]), Mend: "see its log"}
		}
	}
}

// endedEarly says why a server has ended that was to serve.
func endedEarly(st Status, s ServerStatus) error {
	f := &FailedError{Status: st, Server: s.ID, Why: "it has ended", Mend: "see its log"}
	if x := s.Exit; x != nil {
		f.Line, f.Why = x.Line, ending(x)
		if x.Mend != "" {
			f.Mend = x.Mend
		}
	}
	return f
}

// whySlow says why a server that runs does not serve, as far as that is known.
func whySlow(s ServerStatus) string {
	if s.Trouble != "" {
		return s.Trouble
	}
	return fmt.Sprintf("it is %s still", s.State)
}
