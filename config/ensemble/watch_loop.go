package ensemble

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// lookout is what the one goroutine of a Watcher owns.
type lookout struct {
	*Watcher
	teller teller

	plan    Plan
	planned time.Time // when the plan's file was written
	seen    map[int]sighting
	looking map[int]context.CancelFunc // servers that somebody looks at just now
	missing int                        // of them, those of the newest round
	round   int
	results chan result
	wg      sync.WaitGroup

	since time.Time // when something was different last
}

// result is a sighting on its way to the owner, and the round that asked for it.
type result struct {
	sighting
	round int
}

func newLookout(w *Watcher) *lookout {
	return &lookout{
		Watcher: w, plan: w.of.Plan(), seen: map[int]sighting{}, looking: map[int]context.CancelFunc{},
		results: make(chan result), since: time.Now(),
	}
}

// run looks until ctx ends. Each server is looked at by a goroutine of its own, so
// that one that hangs delays nothing of the others: what these show is told without
// it, and it is asked again when its second is over.
func (l *lookout) run(ctx context.Context) {
	defer close(l.done)
	defer close(l.changed)
	defer l.wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // before the wait

	next, late := time.NewTimer(0), time.NewTimer(time.Hour)
	glance := time.NewTicker(glanceTime)
	defer next.Stop()
	defer late.Stop()
	defer glance.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			l.look(ctx)
			late.Reset(straggler)
			next.Reset(l.pause())
		case <-l.poke:
			l.since = time.Now()
			for _, callOff := range l.looking {
				callOff() // one that hangs may have been paused by whoever pokes, and so on
			}
			next.Reset(0)
		case <-glance.C:
			if !l.calm.Load() && l.somebodyGone() {
				next.Reset(0)
			}
		case r := <-l.results:
			l.take(r.sighting)
			if r.round == l.round && l.missing > 0 {
				l.missing--
			}
			if l.missing == 0 {
				late.Stop()
				l.show()
				next.Reset(l.pause())
			}
		case <-late.C:
			l.missing = 0
			l.show()
		}
	}
}

// look begins a round: it looks at every server that is not being looked at.
func (l *lookout) look(ctx context.Context) {
	l.readPlan()
	l.round++
	l.missing = 0
	plan, round := l.plan, l.round
	for _, m := range plan.Members {
		if l.looking[m.ID] != nil {
			continue
		}
		one, cancel := context.WithCancel(ctx)
		l.looking[m.ID] = cancel
		l.missing++
		l.wg.Go(func() {
			r := result{l.eye.look(one, &plan, m), round}
			select {
			case l.results <- r:
			case <-ctx.Done():
			}
		})
	}
}

// take keeps what a look saw, and what earlier ones noticed and nobody was told.
func (l *lookout) take(s sighting) {
	l.looking[s.ID]()
	delete(l.looking, s.ID)
	was, seen := l.seen[s.ID]
	notices := append(was.notices, s.notices...)
	if s.void {
		if !seen {
			return
		}
		s = was
	}
	s.notices = notices
	l.seen[s.ID] = s
}

// readPlan takes the plan as it is now, read again if its file is another one.
func (l *lookout) readPlan() {
	if l.reload != nil {
		info, err := os.Stat(filepath.Join(l.plan.Dir, planFile))
		if err == nil && !info.ModTime().Equal(l.planned) { // if it is gone, the servers tell
			l.planned = info.ModTime()
			if err := l.reload(); err != nil {
				l.logger.Warn("the plan of an ensemble cannot be read any more", "ensemble", l.plan.Name, "error", err)
			}
		}
	}
	l.plan = l.of.Plan()
}

// show makes the status of what was seen, and events of what has changed.
func (l *lookout) show() {
	now := time.Now()
	var servers []sighting
	all := true
	for _, m := range l.plan.Members {
		s, ok := l.seen[m.ID]
		if !ok { // it does not answer, and what it does will be known in a second
			s, all = blank(&l.plan, m), false
			s.State = Starting
		}
		servers = append(servers, s)
	}
	st, servers := judge(&l.plan, servers, now)
	is := view{Status: st, plan: l.plan, servers: map[int]sighting{}}
	for i, m := range l.plan.Members {
		if _, ok := l.seen[m.ID]; ok {
			is.servers[m.ID] = servers[i]
		}
	}
	if was := l.teller.was; was == nil || differs(was, &is) {
		l.since = now
	}
	var events []Event
	if all || l.teller.was != nil {
		events = l.teller.tell(is)
		for id, s := range l.seen {
			s.notices = nil
			l.seen[id] = s
		}
	}
	l.publish(st, events)
}

// differs reports whether something happened that more may follow.
func differs(a, b *view) bool {
	if a.Quorum != b.Quorum || len(a.servers) != len(b.servers) {
		return true
	}
	for id, s := range b.servers {
		if o := a.servers[id]; o.State != s.State || o.Pid != s.Pid || o.Paused != s.Paused {
			return true
		}
	}
	return false
}

// pause is how long to wait until the next round.
func (l *lookout) pause() time.Duration {
	since := time.Since(l.since)
	switch {
	case l.calm.Load():
		return lookCalm
	case since < settling:
		return lookFast
	case since < waiting && l.unsettled():
		return lookSoon
	}
	return lookIdle
}

// unsettled reports whether something is on its way: a server that starts, or a
// leader where there are enough for one.
func (l *lookout) unsettled() bool {
	var servers []sighting
	for _, m := range l.plan.Members {
		s := l.seen[m.ID]
		if s.State == Starting {
			return true
		}
		servers = append(servers, s)
	}
	st, _ := judge(&l.plan, servers, time.Time{})
	return !st.Quorum && able(servers) >= st.Need
}

// somebodyGone reports whether a process that was there is no more. It costs next to
// nothing, so that the end of a server is seen soon though looks are rare.
func (l *lookout) somebodyGone() bool {
	for _, s := range l.seen {
		if s.Pid != 0 && !there(s.Pid) {
			return true
		}
	}
	return false
}
