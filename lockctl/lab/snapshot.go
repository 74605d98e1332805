package lab

import (
	"time"

	"zkdeck/lockctl"
)

// Snapshot is how the run stands. It asks nobody, and does not block.
func (r *Run) Snapshot() Snapshot {
	gate := r.gate.show()
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Snapshot{
		At: r.now(), Options: r.o, State: r.state(gate.paused), Dir: r.dir,
		Queue: r.queue(), Resource: r.store.Resource, Counters: r.counters(),
		Notes: r.notes[max(0, len(r.notes)-notesKept):len(r.notes):len(r.notes)],
		Next:  gate.next, Err: r.err,
	}
	s.Options.Paused, s.Options.Pace, s.Options.Workers = gate.paused, gate.pace, s.Counters.Workers
	s.Resource.Last = append([]Write(nil), s.Resource.Last...)
	if s.State == Ended {
		s.Next = ""
	}
	first := map[int]string{}
	for _, z := range s.Queue {
		if z.Holder && z.Worker != 0 {
			first[z.Worker] = z.Name
		}
	}
	s.Workers = make([]Worker, len(r.workers))
	for i, w := range r.workers {
		s.Workers[i] = r.showWorker(w, gate)
		name, ok := first[w.n]
		s.Workers[i].First = ok && (r.o.Recipe != Naive || name == s.Workers[i].Node) // or it knows nothing of that one
		if s.Server == "" && w.link == lockctl.SessionLive {
			s.Server = w.server
		}
	}
	return s
}

func (r *Run) showWorker(w *worker, gate gateState) Worker {
	z, _ := r.nodes.of(w.n, w.session)
	shown := Worker{
		N: w.n, State: w.state, Mode: w.mode, Frozen: w.frozen || w.waking, Node: z.Name, Token: z.Czxid,
		Session: w.session, Link: w.link, Until: r.shown(w.until()), Turns: w.turns, Since: r.shown(w.since),
	}
	if w.line != nil && w.state != Crashed && w.state != Gone {
		shown.Watches = w.line.showWatches(w.dir, time.Now(), gate.let, r.shown)
	}
	return shown
}

// state is how the run stands; r.mu is held.
func (r *Run) state(paused bool) State {
	switch {
	case r.over:
		return Ended
	case !r.started:
		return Starting
	case paused:
		return Paused
	default:
		return Running
	}
}

// shown is a time by the clock of the options.
func (r *Run) shown(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return r.now().Add(time.Until(at))
}

// queue are the znodes in the recipe's order; r.mu is held.
func (r *Run) queue() []Znode {
	return r.nodes.show(r.o, func(n int) bool {
		for _, w := range r.workers {
			if w.n == n {
				return true
			}
		}
		return false
	})
}

// counters are the counters now; r.mu is held.
func (r *Run) counters() Counters {
	active := r.active()
	c := Counters{
		Recipe: r.o.Recipe, Workers: len(active),
		HandoffMicros: r.counts.handed.micros(), LostUpdates: r.store.Lost,
		Wakeups: r.tally.wakeups.Load(), Requests: r.tally.requests.Load(),
		TwoHolders: r.counts.two, Stale: r.counts.stale, Nothing: r.counts.nothing,
	}
	if !r.counts.began.IsZero() {
		until := time.Now()
		if r.over {
			until = r.ended
		}
		c.Seconds = max(until.Sub(r.counts.began), 0).Seconds()
	}
	if r.counts.runs && r.counts.handoffs > 0 {
		c.Handoffs = r.counts.handoffs
		c.WakeupsPerHandoff = float64(c.Wakeups) / float64(c.Handoffs)
		c.RequestsPerHandoff = float64(c.Requests) / float64(c.Handoffs)
	}
	turns := make([]int, len(active))
	for i, w := range active {
		turns[i] = w.turns
	}
	c.Fairness = fairness(turns)
	return c
}
