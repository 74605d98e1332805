package tui

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// labTitle is the word of the screen in line 2.
const labTitle = "Lab"

// labScene is screen 7: one or two runs of the lock lab.
type labScene struct {
	*labDesk
	keys *KeyMap
	push func(d dialog)
	open func(ask func(context.Context) tea.Msg) tea.Cmd // leads to a dialog
	look labLook
}

var (
	_ scene  = (*labScene)(nil)
	_ labRun = (*lab.Run)(nil)
)

func (s *labScene) title() string { return labTitle }

// place is where the znodes of the lane in front are.
func (s *labScene) place() string {
	if seat := s.seat(); seat != nil {
		return safetext.Clean(seat.snap.Dir)
	}
	return ""
}

// where says where the runs are.
func (d *labDesk) where() string {
	if d.here {
		return "on " + d.cluster.name
	}
	return "on a sandbox of its own"
}

func (s *labScene) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		s.say(levelInfo, "Pasted text goes nowhere here")
	case tea.MouseWheelMsg:
		by := 1
		if msg.Button == tea.MouseWheelUp {
			by = -1
		}
		s.move(by)
	case tea.MouseClickMsg:
		if lane, worker, ok := s.look.at(msg.X, msg.Y); ok && msg.Button == tea.MouseLeft && lane < len(s.seats) {
			s.lane, s.seats[lane].sel = lane, worker
		}
	}
	return nil
}

// move selects the worker by places later in the line of the lane in front.
func (d *labDesk) move(by int) {
	s := d.seat()
	if s == nil || len(s.snap.Workers) == 0 {
		return
	}
	line := s.line()
	at := max(slices.Index(line, s.sel), 0)
	s.sel = line[max(min(at+by, len(line)-1), 0)]
}

// line are the numbers of the workers as they stand in line, and then of the others.
func (s *labSeat) line() []int {
	var line []int
	for _, spot := range labSpots(&s.snap) {
		if spot.worker != nil && !slices.Contains(line, spot.worker.N) {
			line = append(line, spot.worker.N)
		}
	}
	for _, w := range s.snap.Workers {
		if !slices.Contains(line, w.N) {
			line = append(line, w.N)
		}
	}
	return line
}

// worker is the selected worker of the lane in front.
func (d *labDesk) worker() (lab.Worker, bool) {
	s := d.seat()
	if s == nil {
		return lab.Worker{}, false
	}
	return s.worker()
}

// worker is the selected worker, which is the first one as long as nobody chooses.
func (s *labSeat) worker() (lab.Worker, bool) {
	if len(s.snap.Workers) == 0 {
		return lab.Worker{}, false
	}
	i := slices.IndexFunc(s.snap.Workers, func(w lab.Worker) bool { return w.N == s.sel })
	if i < 0 {
		i = 0
		s.sel = s.snap.Workers[0].N
	}
	return s.snap.Workers[i], true
}

func (s *labScene) render(st *styles, width, height int, now time.Time) ([]string, *tea.Cursor) {
	l := &s.look
	l.lanes = l.lanes[:0]
	for _, seat := range s.seats {
		why := seat.why
		if seat.run == nil && why == "" {
			why = "starting " + st.ellipsis
		}
		seat.worker()
		l.lanes = append(l.lanes, labLane{snap: seat.shown(), why: why})
	}
	l.front, l.sel, l.where, l.lesson = s.lane, 0, s.where(), nil
	if seat := s.seat(); seat != nil {
		l.sel = seat.sel
	}
	if s.course != nil {
		l.lesson = s.course.pane(s.keys)
	}
	return l.render(st, width, height, now), nil
}

// shown is what is drawn of a lane: before there is a run, what it is going to be.
func (s *labSeat) shown() lab.Snapshot {
	snap := s.snap
	if s.run == nil {
		snap.Options = s.want
	}
	return snap
}

// nextChange is how long what is drawn stays true while nothing happens: marks fade and
// times run down.
func (s *labScene) nextChange(now time.Time) time.Duration {
	next := time.Duration(0)
	sooner := func(d time.Duration) {
		if next == 0 || d < next {
			next = d
		}
	}
	for _, seat := range s.seats {
		if seat.run != nil && seat.snap.State != lab.Ended {
			sooner(time.Second)
		}
		for _, w := range seat.snap.Workers {
			if w.Until.After(now) {
				sooner(labFade)
			}
			for _, watch := range w.Watches {
				if !watch.Fired.IsZero() && now.Sub(watch.Fired) < labLit {
					sooner(labFade)
				}
			}
		}
	}
	return next
}

// close ends the runs.
func (s *labScene) close() { s.stop() }

func (s *labScene) hints() []hint {
	k := s.keys
	run := hint{k.LabRun, "pause"}
	if s.paused {
		run.word = "start"
	}
	if c := s.course; c != nil {
		next := hint{k.LessonNext, "next"}
		if c.last() {
			next.word = "end"
		}
		return []hint{next, {k.LessonPrev, "back"}, {k.LessonPage, "read"}, run, {k.LabCrash, "crash"}, {k.LabFreeze, s.freezeWord()}, {key: k.Back, word: "end the lesson"}}
	}
	hints := []hint{run}
	if s.paused {
		hints = append(hints, hint{k.LabStep, "one request"})
	} else {
		hints = append(hints, hint{k.LabSlower, ""}, hint{k.LabFaster, "pace"})
	}
	return append(hints, hint{k.LabCrash, "crash"}, hint{k.LabFreeze, s.freezeWord()}, hint{k.LabRecipe, "recipe"}, hint{k.LabLessons, "lessons"})
}

// freezeWord is what the key does with the selected worker.
func (d *labDesk) freezeWord() string {
	if w, ok := d.worker(); ok && w.Frozen {
		return "thaw"
	}
	return "freeze"
}
