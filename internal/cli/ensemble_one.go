package cli

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// oneTick is how often it is looked whether a server is up.
const oneTick = 50 * time.Millisecond

// telling are parts of the lines of a server's log that show what it goes through
// until it serves, with what to say about one that looks worse than it is.
var telling = []struct{ part, note string }{
	{"binding to port", ""},
	{"accepting connections now, my election bind port", ""},
	{"New election. My id", ""},
	{"Cannot open channel to", " (it is not up yet)"},
	{" - FOLLOWING - LEADER ELECTION TOOK", ""},
	{" - LEADING - LEADER ELECTION TOOK", ""},
	{" - OBSERVING", ""},
	{"Have quorum of supporters", ""},
	{"Synchronizing with Learner sid", ""},
	{"Getting a snapshot from leader", ""},
	{"Getting a diff from the leader", ""},
	{"Peer state changed: following - broadcast", ""},
	{"Started AdminServer", ""},
}

// looks is what a server logs that has begun to look for others.
const looks = "New election. My id"

// logPatience is how long a server that waits for others may keep its log back: one
// whose log says nothing is not waited for.
const logPatience = 2 * time.Second

// startOne starts a server as a tutorial does: it waits until the server is up, that
// is, serves or waits for others, and shows meanwhile what it logs of that.
func (j *ensembleJob) startOne(ctx context.Context, e *ensemble.Ensemble, id int) error {
	log := j.followLog(ctx, e, id)
	defer log.close()
	if err := patiently(ctx, func() error { return e.Start(ctx, id) }); err != nil {
		return err
	}
	tick := time.NewTicker(oneTick)
	defer tick.Stop()
	var waits time.Time // since when it waits for others
	for first := true; ; first = false {
		s, err := e.Status(ctx)
		if err != nil {
			return err
		}
		v, _ := serverOf(s, id)
		if first {
			j.say("server %d is started: pid %d, clients at %s:%d", id, v.Pid, ensemble.Host, v.Client)
		}
		if v.State == ensemble.Electing && votersUp(s) < s.Need && waits.IsZero() {
			waits = time.Now()
		}
		switch {
		case !runs(v):
			_, err := e.AwaitServing(ctx, nil) // says why
			return err
		case v.State.Serves():
			log.close()
			j.say("server %d is up: %s", id, rolesText(s))
			return nil
		case !waits.IsZero() && (log.looked() || time.Since(waits) > logPatience):
			log.close()
			j.say("server %d is up and waits for others: %s", id, quorumText(s))
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

func serverOf(s ensemble.Status, id int) (ensemble.ServerStatus, bool) {
	for _, v := range s.Servers {
		if v.ID == id {
			return v, true
		}
	}
	return ensemble.ServerStatus{}, false
}

// shownLog is the log of a server that is shown while it starts.
type shownLog struct {
	cancel context.CancelFunc
	ended  chan struct{}
	looks  atomic.Bool
}

// looked tells whether the server has begun to look for others.
func (l *shownLog) looked() bool { return l.looks.Load() }

// close ends it, and may be called twice.
func (l *shownLog) close() {
	l.cancel()
	<-l.ended
}

// followLog shows on standard error what a server logs from now on.
func (j *ensembleJob) followLog(ctx context.Context, e *ensemble.Ensemble, id int) *shownLog {
	ctx, cancel := context.WithCancel(ctx)
	log := &shownLog{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(log.ended)
		options := ensemble.LogOptions{IDs: []int{id}, Tail: -1, Follow: true}
		// Without a log there is nothing to show; why it does not start is told elsewhere.
		_ = e.Logs(ctx, options, func(l ensemble.LogLine) error {
			text := tellingText(l)
			if text == "" {
				return nil
			}
			text = fmt.Sprintf("  %d │ %s %s", l.Server, l.At.Format("15:04:05.000"), text)
			if j.errsIsTerminal {
				text = safetext.Truncate(text, j.width())
			}
			_, err := fmt.Fprintln(j.errs, text)
			if strings.Contains(l.Text, looks) {
				log.looks.Store(true)
			}
			return err
		})
	}()
	return log
}

// tellingText is an entry of a log on one line, safe to print, if it is to be shown,
// and "" if not.
func tellingText(l ensemble.LogLine) string {
	for _, t := range telling {
		if strings.Contains(l.First(), t.part) {
			return safetext.CleanLine(l.First()) + t.note
		}
	}
	return ""
}
