package tui

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

const (
	// labPace is the least time between two looks at runs while the lab is in front:
	// what happens at full speed repaints at most ten times a second. labCalm is that
	// while something else is in front.
	labPace = 100 * time.Millisecond
	labCalm = time.Second
	// labFade is how often marks that fade and times that run down are drawn anew while
	// nothing happens.
	labFade = 250 * time.Millisecond
	// labSlow is how long each request is held where nobody has said: slow enough to
	// follow with a finger.
	labSlow = 250 * time.Millisecond
)

// LabStart opens the program with the lock lab in front.
type LabStart struct {
	// Lanes are the runs side by side, one or two; none is naive beside fair, slowly.
	// Open, Now and Logger in them do not count.
	Lanes []lab.Options
	// Here runs them on the servers of the session; else they have a sandbox of their
	// own. It does not count where the session is read-only.
	Here bool
	// Lesson is the name of a lesson to begin with, empty for none.
	Lesson string
}

// labRun is what the program asks of a [lab.Run]. Nothing but Close blocks.
type labRun interface {
	Changed() <-chan struct{}
	Snapshot() lab.Snapshot
	Pause()
	Resume()
	Step()
	SetPace(d time.Duration)
	SetTimes(hold, think time.Duration)
	SetWorkers(n int) error
	Add() (int, error)
	Kill(n int) error
	Crash(n int) error
	Freeze(n int) error
	Thaw(n int) error
	Try(n int) error
	Reset()
	Close() error
}

// labSeat is one lane: what is wanted of it, and the run that there is.
type labSeat struct {
	want lab.Options
	run  labRun       // nil while there is none
	snap lab.Snapshot // as it was seen last
	why  string       // why there is none; safe
	busy bool         // a run is being started
	anew bool         // what is wanted has changed meanwhile
	sel  int          // the number of the selected worker, 0 for none yet
	ends context.CancelFunc
}

// labDesk are the runs of the lock lab. They live as long as the session: the lab can
// be on its servers. Its methods are for Update, but for those that say otherwise.
type labDesk struct {
	ctx     context.Context // ends with the session's model
	start   func(ctx context.Context, o lab.Options) (labRun, error)
	changed chan struct{} // news of any run
	box     labBox
	cluster labPlace
	lessons string // the folder of a person's lessons, empty for none
	readOnly,
	here bool // the runs are on the servers of the session
	now func() time.Time
	say func(l level, text string)

	seats  []*labSeat // one or two; none before the lab is opened
	lane   int        // the one that the keys of a worker mean
	paused bool
	began  bool // the lab was opened, and was not ended since
	asked  bool // the wait for news has begun
	front  bool
	course *labCourse // the lesson that is given, nil for none

	open struct {
		sync.Mutex
		calls sync.WaitGroup
		runs  map[labRun]bool
		ended bool
	}
}

// labStartedMsg tells how the start of a lane's run has ended.
type labStartedMsg struct {
	seat *labSeat
	run  labRun
	err  error
}

// labChangedMsg tells that there is news of a run.
type labChangedMsg struct{}

// newLabDesk makes the desk of a session.
func newLabDesk(m *model) *labDesk {
	d := &labDesk{
		ctx: m.ctx, changed: make(chan struct{}, 1), cluster: labCluster(m.opts.Session, safetext.Clean(m.opts.Title)),
		lessons: m.opts.Lessons, now: m.now, say: m.say,
	}
	d.start = startLabRun
	d.open.runs = map[labRun]bool{}
	return d
}

// startLabRun starts a run of package lab.
func startLabRun(ctx context.Context, o lab.Options) (labRun, error) {
	r, err := lab.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// tell signals news; anybody may call it.
func (d *labDesk) tell() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// seat is the lane that the keys of a worker mean, nil before the lab is opened.
func (d *labDesk) seat() *labSeat {
	if len(d.seats) == 0 {
		return nil
	}
	d.lane = min(d.lane, len(d.seats)-1)
	return d.seats[d.lane]
}

// begin lays the lanes out as wanted and starts them.
func (d *labDesk) begin(lanes []lab.Options) tea.Cmd {
	var cmds []tea.Cmd
	for len(d.seats) > len(lanes) {
		last := len(d.seats) - 1
		cmds = append(cmds, d.end(d.seats[last]))
		d.seats = d.seats[:last]
	}
	for i, o := range lanes {
		if i == len(d.seats) {
			d.seats = append(d.seats, &labSeat{})
		}
		d.seats[i].want = o
	}
	d.began = true
	for _, s := range d.seats {
		cmds = append(cmds, d.launch(s))
	}
	return tea.Batch(cmds...)
}

// set makes the lanes what is wanted: number, times and pace of a run change while it
// goes on, anything else starts it anew.
func (d *labDesk) set(lanes []lab.Options) tea.Cmd {
	if len(lanes) != len(d.seats) {
		return d.begin(lanes)
	}
	var cmds []tea.Cmd
	for i, o := range lanes {
		s := d.seats[i]
		was := s.want
		same := was.Recipe == o.Recipe && was.Slots == o.Slots && was.Persistent == o.Persistent && was.Believes == o.Believes
		s.want = o
		if !same || s.run == nil || s.snap.State == lab.Ended {
			cmds = append(cmds, d.launch(s))
			continue
		}
		s.run.SetTimes(o.Hold, o.Think)
		s.run.SetPace(o.Pace)
		if err := s.run.SetWorkers(o.Workers); err != nil {
			d.say(levelWarn, safetext.CleanLine(err.Error()))
		}
	}
	d.see()
	return tea.Batch(cmds...)
}

// launch starts the run of a lane, in the place of the one that it has. One start is
// under way at a time: what is wanted by its end counts.
func (d *labDesk) launch(s *labSeat) tea.Cmd {
	if s.busy {
		s.anew = true
		return nil
	}
	s.busy, s.anew, s.why = true, false, ""
	old, o := d.take(s), d.complete(s)
	here := d.here
	return d.call(func() tea.Msg {
		if old != nil {
			d.shut(old) // first, as both may be in one directory
		}
		place := &d.cluster
		if !here {
			var err error
			if place, err = d.box.place(); err != nil {
				return labStartedMsg{seat: s, err: err}
			}
		}
		o.Open = place.open
		// The run ends by Close alone, which deletes what it has made.
		run, err := d.start(context.WithoutCancel(d.ctx), o)
		if err == nil && !d.keep(run) {
			return nil
		}
		return labStartedMsg{s, run, err}
	})
}

// complete is what is wanted of a lane, as it is started: paused if the others are,
// and below a path of its own if another of that recipe is beside it.
func (d *labDesk) complete(s *labSeat) lab.Options {
	o := s.want
	o.Paused = d.paused
	if o.Base == "" && len(d.seats) > 1 && s == d.seats[1] && d.seats[0].want.Recipe == o.Recipe {
		o.Base = lab.DefaultBase + "/right"
	}
	return o
}

// take takes the run from a lane.
func (d *labDesk) take(s *labSeat) labRun {
	run := s.run
	if s.ends != nil {
		s.ends()
	}
	s.run, s.ends, s.snap = nil, nil, lab.Snapshot{}
	return run
}

// started takes the end of a start.
func (d *labDesk) started(msg labStartedMsg) tea.Cmd {
	s := msg.seat
	s.busy = false
	if !d.has(s) {
		return d.closeAside(msg.run)
	}
	if s.anew {
		s.run = msg.run
		return d.launch(s)
	}
	if msg.err != nil {
		s.why = upper(sentence(safetext.CleanLine(bare(msg.err).Error())))
		return nil
	}
	s.run = msg.run
	if d.paused {
		s.run.Pause()
	} else {
		s.run.Resume()
	}
	var ctx context.Context
	ctx, s.ends = context.WithCancel(d.ctx)
	d.aside(func() { d.listen(ctx, msg.run) })
	s.snap = s.run.Snapshot()
	if d.asked {
		return nil
	}
	d.asked = true
	return d.await(0)
}

// has tells whether a lane is one that is there still.
func (d *labDesk) has(s *labSeat) bool {
	for _, have := range d.seats {
		if have == s {
			return true
		}
	}
	return false
}

// listen passes on that there is news of a run, until ctx ends.
func (d *labDesk) listen(ctx context.Context, r labRun) {
	for {
		select {
		case _, more := <-r.Changed():
			if !more {
				return
			}
			d.tell()
		case <-ctx.Done():
			return
		}
	}
}

// await waits for news, at the earliest after rest.
func (d *labDesk) await(rest time.Duration) tea.Cmd {
	ctx, changed := d.ctx, d.changed
	return func() tea.Msg {
		pause := time.NewTimer(rest)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-changed:
			return labChangedMsg{}
		case <-ctx.Done():
			return nil
		}
	}
}

// look takes what the runs say now, goes on with the lesson, and waits for what they
// say next.
func (d *labDesk) look() tea.Cmd {
	d.see()
	d.follow()
	if d.front {
		return d.await(labPace)
	}
	return d.await(labCalm)
}

// see takes what the runs say now.
func (d *labDesk) see() {
	for _, s := range d.seats {
		if s.run != nil {
			s.snap = s.run.Snapshot()
		}
	}
}

// call makes a command of a call that may block; close waits for it.
func (d *labDesk) call(do func() tea.Msg) tea.Cmd {
	return func() tea.Msg {
		if !d.enter() {
			return nil
		}
		defer d.open.calls.Done()
		return do()
	}
}

// aside runs do in a goroutine for which close waits.
func (d *labDesk) aside(do func()) {
	if d.enter() {
		go func() {
			defer d.open.calls.Done()
			do()
		}()
	}
}

// enter begins a call, unless the end has come.
func (d *labDesk) enter() bool {
	d.open.Lock()
	defer d.open.Unlock()
	if !d.open.ended {
		d.open.calls.Add(1)
	}
	return !d.open.ended
}

// keep notes a run as one to close; after the end it closes it at once.
func (d *labDesk) keep(r labRun) bool {
	d.open.Lock()
	late := d.open.ended
	if !late {
		d.open.runs[r] = true
	}
	d.open.Unlock()
	if late {
		_ = r.Close() // nobody is there to be told
	}
	return !late
}

// shut closes a run. It blocks.
func (d *labDesk) shut(r labRun) {
	_ = r.Close() // what it could not delete goes with its sessions
	d.open.Lock()
	defer d.open.Unlock()
	delete(d.open.runs, r)
}

// closeAside closes a run aside; nil is none.
func (d *labDesk) closeAside(r labRun) tea.Cmd {
	if r == nil {
		return nil
	}
	return d.call(func() tea.Msg {
		d.shut(r)
		return nil
	})
}

// end takes the run from a lane and closes it aside.
func (d *labDesk) end(s *labSeat) tea.Cmd { return d.closeAside(d.take(s)) }

// stop ends all runs aside; begin starts others.
func (d *labDesk) stop() {
	for _, s := range d.seats {
		if run := d.take(s); run != nil {
			d.aside(func() { d.shut(run) })
		}
	}
	d.seats, d.began, d.paused, d.lane, d.course = nil, false, false, 0, nil
}

// close ends everything and waits for that, for as long as the runs' Close takes.
func (d *labDesk) close() {
	d.stop()
	d.open.Lock()
	d.open.ended = true
	runs := d.open.runs
	d.open.runs = nil
	d.open.Unlock()
	var all sync.WaitGroup
	for r := range runs {
		all.Go(func() { _ = r.Close() }) // twice does no harm
	}
	all.Wait()
	d.open.calls.Wait()
	d.box.close()
}
