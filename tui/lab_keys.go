package tui

import (
	"fmt"
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// labPaces are how long a request may be held, from the fastest.
var labPaces = []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, labSlow, time.Second, 3 * time.Second}

func (s *labScene) key(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	if cmd, taken := s.lessonKey(msg); taken {
		return cmd, true
	}
	k := s.keys
	switch {
	case key.Matches(msg, k.LabBefore):
		s.move(-1)
	case key.Matches(msg, k.LabAfter):
		s.move(1)
	case key.Matches(msg, k.Top):
		s.move(-lab.MaxWorkers)
	case key.Matches(msg, k.Bottom):
		s.move(lab.MaxWorkers)
	case key.Matches(msg, k.LabOther):
		s.lane = (s.lane + 1) % max(len(s.seats), 1)
	case key.Matches(msg, k.LabNotes):
		s.listNotes()
	case key.Matches(msg, k.LabWhere):
		return s.turnWhere(), true
	case key.Matches(msg, k.EndScreen):
		s.say(levelInfo, "The lab has ended: nothing runs any more")
		return tell(leaveScreenMsg{shut: true}), true
	default:
		if s.workerKey(msg) {
			return nil, true
		}
		if s.paceKey(msg) {
			return nil, true
		}
		return s.setupKey(msg)
	}
	return nil, true
}

// paceKey takes the keys that mean how the runs go on.
func (s *labScene) paceKey(msg tea.KeyPressMsg) bool {
	k := s.keys
	switch {
	case key.Matches(msg, k.LabRun):
		s.pause(!s.paused)
	case key.Matches(msg, k.LabStep):
		s.pause(true)
		s.each(labRun.Step)
	case key.Matches(msg, k.LabSlower):
		s.pace(1)
	case key.Matches(msg, k.LabFaster):
		s.pace(-1)
	case key.Matches(msg, k.LabReset):
		s.each(labRun.Reset)
		s.say(levelInfo, "Counted from zero")
	default:
		return false
	}
	s.see()
	return true
}

// workerKey takes the keys that mean a worker: the selected one of the lane in front,
// or one more or less in all lanes.
func (s *labScene) workerKey(msg tea.KeyPressMsg) bool {
	k := s.keys
	switch {
	case key.Matches(msg, k.LabAdd):
		s.try(func(r labRun) error { _, err := r.Add(); return err })
	case key.Matches(msg, k.LabLess):
		s.try(func(r labRun) error { return r.SetWorkers(r.Snapshot().Options.Workers - 1) })
	case key.Matches(msg, k.LabKill):
		s.withWorker(labRun.Kill)
	case key.Matches(msg, k.LabCrash):
		s.withWorker(labRun.Crash)
	case key.Matches(msg, k.LabFreeze):
		if w, ok := s.worker(); ok && w.Frozen {
			s.withWorker(labRun.Thaw)
		} else {
			s.withWorker(labRun.Freeze)
		}
	case key.Matches(msg, k.LabTry):
		s.withWorker(labRun.Try)
	default:
		return false
	}
	s.see()
	return true
}

// setupKey takes the keys that mean what the runs are like.
func (s *labScene) setupKey(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	k, seat := s.keys, s.seat()
	switch {
	case seat == nil:
		return nil, false
	case key.Matches(msg, k.LabRecipe):
		return s.turnRecipe(seat, 1), true
	case key.Matches(msg, k.LabRecipeBack):
		return s.turnRecipe(seat, -1), true
	case key.Matches(msg, k.LabFence):
		return s.turnFence(seat), true
	case key.Matches(msg, k.LabLanes):
		return s.turnLanes(), true
	case key.Matches(msg, k.LabAgain):
		s.say(levelInfo, "Begun anew")
		return s.begin(s.wants()), true
	case key.Matches(msg, k.LabSetup):
		s.push(newLabSetup(s.labDesk))
	case key.Matches(msg, k.LabLessons):
		return s.listLessons(), true
	default:
		return nil, false
	}
	return nil, true
}

// each does something in all lanes that have a run.
func (d *labDesk) each(do func(labRun)) {
	for _, s := range d.seats {
		if s.run != nil {
			do(s.run)
		}
	}
}

// try does something in all lanes, and says what could not be done.
func (s *labScene) try(do func(labRun) error) {
	s.each(func(r labRun) {
		if err := do(r); err != nil {
			s.say(levelWarn, safetext.CleanLine(err.Error()))
		}
	})
	s.settleWants()
}

// withWorker does something with the selected worker.
func (s *labScene) withWorker(do func(r labRun, n int) error) {
	seat := s.seat()
	w, ok := s.worker()
	if !ok || seat.run == nil {
		s.say(levelInfo, "No worker is there yet")
		return
	}
	if err := do(seat.run, w.N); err != nil {
		s.say(levelWarn, safetext.CleanLine(err.Error()))
	}
}

// pause holds all requests, or lets them go on.
func (d *labDesk) pause(on bool) {
	d.paused = on
	if on {
		d.each(labRun.Pause)
	} else {
		d.each(labRun.Resume)
	}
}

// pace makes the runs slower by steps.
func (s *labScene) pace(by int) {
	seat := s.seat()
	if seat == nil {
		return
	}
	at := len(labPaces) - 1
	for i, p := range labPaces {
		if seat.want.Pace <= p {
			at = i
			break
		}
	}
	p := labPaces[max(min(at+by, len(labPaces)-1), 0)]
	for _, seat := range s.seats {
		seat.want.Pace = p
	}
	s.each(func(r labRun) { r.SetPace(p) })
	text := fmt.Sprintf("Each request is held for %s", p)
	if p == 0 {
		text = "Full speed: no request is held"
	}
	s.say(levelInfo, text)
}

// wants are what is wanted of the lanes.
func (d *labDesk) wants() []lab.Options {
	var out []lab.Options
	for _, s := range d.seats {
		out = append(out, s.want)
	}
	return out
}

// settleWants takes the number of workers that the runs have as what is wanted.
func (d *labDesk) settleWants() {
	for _, s := range d.seats {
		if s.run != nil {
			s.want.Workers = s.run.Snapshot().Options.Workers
		}
	}
}

// turnRecipe starts the lane in front with another recipe.
func (d *labDesk) turnRecipe(s *labSeat, by int) tea.Cmd {
	all := lab.Recipes()
	s.want.Recipe = all[(slices.Index(all, s.want.Recipe)+by+len(all))%len(all)]
	return d.launch(s)
}

// turnFence starts the lane in front with a resource that takes every write, or that
// refuses late ones.
func (s *labScene) turnFence(seat *labSeat) tea.Cmd {
	seat.want.Unfenced = !seat.want.Unfenced
	text := "The resource refuses a write whose token is older than one that it has seen"
	if seat.want.Unfenced {
		text = "The resource takes every write, whatever its token"
	}
	s.say(levelInfo, text)
	return s.launch(seat)
}

// turnLanes puts a second run beside the first, or takes the one away that is not in
// front.
func (d *labDesk) turnLanes() tea.Cmd {
	if len(d.seats) == 2 {
		gone := d.seats[1-d.lane]
		d.seats = []*labSeat{d.seats[d.lane]}
		d.lane = 0
		return d.end(gone)
	}
	o := d.seats[0].want
	if o.Recipe = lab.Fair; d.seats[0].want.Recipe == lab.Fair {
		o.Recipe = lab.Naive
	}
	s := &labSeat{want: o}
	d.seats = append(d.seats, s)
	return d.launch(s)
}

// turnWhere moves the runs to the servers of the session, after a question, or back to
// a sandbox of their own.
func (s *labScene) turnWhere() tea.Cmd {
	switch {
	case s.here:
		s.say(levelInfo, "The lab is on a sandbox of its own again")
		return s.moveTo(false)
	case s.readOnly:
		s.say(levelWarn, "This session is read-only: the lab stays on its own sandbox")
		return nil
	}
	n := 0
	for _, o := range s.wants() {
		n += o.Workers
	}
	text := fmt.Sprintf("Run the lab on %s? It opens %s there, one a worker and one to look on, and creates and deletes znodes below %s. "+
		"When it ends it deletes what it has made.", s.cluster.name, plural(n+len(s.seats), "session", "sessions"), lab.DefaultBase)
	s.push(newConfirmDialog(0, "Where the lab runs", text, "Run it there", tell(labMoveMsg{true})))
	return nil
}

// moveTo starts the runs anew, on the servers of the session or on a sandbox.
func (d *labDesk) moveTo(here bool) tea.Cmd {
	d.here = here
	return d.begin(d.wants())
}
