package ensemble

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// subject is what can be looked at: an Ensemble.
type subject interface {
	Plan() Plan
	process(id int) (process, error)
}

// Status looks at every server once, all at the same time: at its process, its client
// port and the end of its log. It takes a few milliseconds, and a second when a
// server hangs. The error is ctx's; what is wrong with a server stands in its status.
func (e *Ensemble) Status(ctx context.Context) (Status, error) {
	st, _, err := newEye(e).both(ctx)
	return st, err
}

// eye looks at servers, and remembers of each what a look need not find out again.
// Two servers may be looked at at once, one not twice.
type eye struct {
	of subject

	mu   sync.Mutex
	seen map[int]*memory
}

// memory is what is remembered of a server.
type memory struct {
	pid      int
	answered bool      // this process has told its mode once
	deaf     time.Time // since when nothing listens on its port, though it has read its database
	silent   time.Time // since when it answers nothing
	ending   time.Time // since when it has ended, and nobody knows how
	log      logEnd
	exit     *Exit // of the process pid
}

func newEye(of subject) *eye { return &eye{of: of, seen: map[int]*memory{}} }

// both looks at all servers, and returns what that makes and what it was made of.
func (y *eye) both(ctx context.Context) (Status, []sighting, error) {
	plan := y.of.Plan()
	servers := make([]sighting, len(plan.Members))
	var wg sync.WaitGroup
	for i, m := range plan.Members {
		wg.Go(func() { servers[i] = y.look(ctx, &plan, m) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Status{}, nil, fmt.Errorf("looking at the ensemble %s: %w", plan.Name, err)
	}
	st, servers := judge(&plan, servers, time.Now())
	return st, servers, nil
}

// sighting is what one look at a server saw.
type sighting struct {
	ServerStatus
	asked string // what was asked of its process last
	empty bool   // there is no database in its data folder
	zxid  int64
	// void tells that the look found out nothing: it was called off before the server had
	// said anything, or that has just ended, and how is not known yet.
	void bool
	// mute is for how long it has answered nothing.
	mute time.Duration
	// hopeless tells that Trouble will not pass by itself.
	hopeless bool
	// notices are what its log says of clients that were turned away since the last look.
	notices []diagnosis
	// grave tells that Trouble is news, and not what somebody has asked for or waits for.
	grave bool
}

// blank is what is known of a server before anybody looks.
func blank(plan *Plan, m Member) sighting {
	return sighting{ServerStatus: ServerStatus{
		ID: m.ID, State: Exited, Observer: m.Observer, Dir: plan.ServerDir(m.ID),
		Client: m.Client, Quorum: m.Quorum, Election: m.Election, Admin: m.Admin,
	}}
}

// look looks at one server. It blocks for a second at most.
func (y *eye) look(ctx context.Context, plan *Plan, m Member) sighting {
	s, known := y.process(plan, m)
	if s.Pid == 0 || s.Paused || s.void {
		return s
	}
	said, err := inquire(ctx, m.Addr())
	if ctx.Err() != nil {
		s.void = true
		return s
	}
	if err != nil {
		// It may have ended or been paused while it was asked.
		now, _ := y.process(plan, m)
		if now.notices = append(s.notices, now.notices...); now.Pid != s.Pid || now.Paused || now.void {
			return now
		}
		s.notices = now.notices
	}
	s.hear(said, err, known, len(plan.Members) > 1)
	return s
}

// process looks at the process and at the log of a server. One that is there is
// starting, until it has said more.
func (y *eye) process(plan *Plan, m Member) (sighting, *memory) {
	s := blank(plan, m)
	proc, err := y.of.process(m.ID)
	if err != nil {
		s.Trouble = err.Error()
	}
	known := y.remember(m.ID, proc.Pid)
	if proc.Asked != nil {
		s.asked = proc.Asked.Word
	}
	s.Started = proc.Started
	known.log.read(plan.LogFile(m.ID))
	s.LastLog, s.notices = known.log.word, known.log.notices()
	if !proc.Alive {
		if proc.Ever && (known.exit == nil || proc.End != nil && known.exit.Code != proc.End.Code) {
			known.exit = exitOf(&proc, known.log.all)
		}
		s.Exit = known.exit
		_, err := os.Stat(filepath.Join(plan.DataDir(m.ID), "version-2"))
		s.empty = errors.Is(err, os.ErrNotExist)
		return s, known
	}
	known.exit = nil
	switch {
	case !proc.Ending:
		known.ending = time.Time{}
	case known.ending.IsZero():
		known.ending = time.Now()
	}
	s.void = proc.Ending && time.Since(known.ending) < endPatience
	s.State, s.Pid, s.RSS, s.Paused = Starting, proc.Pid, proc.RSS, proc.Stopped
	if s.Paused {
		s.State, s.Trouble = Hung, "it is paused (SIGSTOP): it does nothing until it is resumed"
	}
	return s, known
}

// remember returns what is remembered of the server's process.
func (y *eye) remember(id, pid int) *memory {
	y.mu.Lock()
	defer y.mu.Unlock()
	known := y.seen[id]
	if known == nil {
		known = &memory{}
		y.seen[id] = known
	}
	if known.pid != pid {
		log := known.log
		log.restart()
		*known = memory{pid: pid, log: log}
	}
	return known
}

// inquire asks a server for its state.
func inquire(ctx context.Context, addr string) (answer, error) {
	text, err := ask(ctx, addr, "srvr")
	if err != nil {
		return answer{}, err
	}
	return parseAnswer(text)
}

// bootTime is how long a server that answers nothing is taken for one that reads its
// database, where its log does not tell.
const bootTime = time.Minute

// hear makes a state of what a server has said, or of how it did not.
func (s *sighting) hear(said answer, err error, known *memory, ensemble bool) {
	age := time.Since(s.Started)
	switch {
	case !errors.Is(err, errSilent):
		known.silent = time.Time{}
	case known.silent.IsZero():
		known.silent = time.Now().Add(-askWithin)
	}
	if !known.silent.IsZero() {
		s.mute = time.Since(known.silent)
	}
	switch {
	case err == nil:
		known.answered, known.deaf = true, time.Time{}
		s.State, s.Version, s.zxid = said.mode, said.version, said.zxid
		s.Zxid, s.Epoch = fmt.Sprintf("0x%x", uint64(said.zxid)), int64(uint64(said.zxid)>>32)
		s.Conns = max(said.conns-1, 0) // ours is one
		if said.mode == ReadOnly {
			s.Trouble = "it has no quorum, and serves reads to clients that accept that"
		} else if d := known.log.lasts; d.ok {
			s.grave = true
			s.Trouble = d.why + "; " + d.mend
		}
		return
	case errors.Is(err, errNotServing) && ensemble:
		s.State = Electing
	case errors.Is(err, errSilent) && (known.answered || known.log.ready || age > bootTime):
		s.State, s.grave = Hung, true
		s.Trouble = "it takes connections and answers nothing"
	case errors.Is(err, errOther):
		s.State, s.hopeless = Starting, true
		s.Trouble = fmt.Sprintf("what listens on its client port %d is no ZooKeeper server; see what it is, or give the server another port", s.Client)
	default:
		s.State = Starting
		if known.log.ready && ensemble {
			s.State = Electing // it hangs up while it changes its role
		}
		if errors.Is(err, errRefused) && s.isDeaf(known) {
			s.hopeless = true
			s.Trouble = fmt.Sprintf("nothing listens on its client port %d; does its zoo.cfg set clientPort?", s.Client)
		}
	}
	if d := known.log.stalls; d.ok && time.Since(d.entry.At) < stallTime {
		s.grave = true
		s.Trouble = d.why + "; " + d.mend
	}
}

// isDeaf reports whether a server that nothing listens for will never be heard: it
// has read its database, before which it binds its port, and does not end.
func (s *sighting) isDeaf(known *memory) bool {
	const closing = 5 * time.Second
	switch {
	case known.deaf.IsZero() && known.log.ready:
		known.deaf = time.Now()
	case known.deaf.IsZero():
		return time.Since(s.Started) > bootTime
	}
	return time.Since(known.deaf) > closing || time.Since(s.Started) > bootTime
}

// stallTime is how long a line of the log explains why a server does not serve: the
// longest pause between two elections is a minute.
const stallTime = 90 * time.Second

// endsIt reports whether what was asked of a process ends it.
func endsIt(a *asked) bool { return a != nil && a.Word != "pause" && a.Word != "resume" }

// exitOf says how a process ended, with the log of its last start.
func exitOf(proc *process, log []LogLine) *Exit {
	x := &Exit{Code: -1}
	if proc.End != nil {
		x.Code, x.Signal, x.At = proc.End.Code, proc.End.Signal, proc.End.At
	}
	if x.ByUs = endsIt(proc.Asked); x.ByUs {
		x.Why, x.Mend = "it was stopped on request", "start it again"
		if proc.Asked.Word == "kill" {
			x.Why = "it was killed on request"
		}
		return x
	}
	x.Line, x.Why, x.Mend = explain(log, x.Code, x.Signal)
	return x
}
