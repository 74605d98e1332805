package tui

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
)

// relistEvery is how often one looks which ensembles there are while the board is in
// front: others make and delete them too.
const relistEvery = 2 * time.Second

// ensembleMsg is a message for the ensembles. They belong to the program and not to a
// session: whichever session's command it comes from, it reaches them.
type ensembleMsg struct{ msg tea.Msg }

// ensemblesListedMsg tells which ensembles there are.
type ensemblesListedMsg struct {
	listed  []ensembleListed
	orphans []string
	err     error
}

// ensembleLookMsg is what the watcher of a seat saw.
type ensembleLookMsg struct {
	seat    *ensembleSeat
	watcher ensembleWatcher
	status  ensemble.Status
	events  []ensemble.Event
}

// relistMsg tells that it is time to look which ensembles there are.
type relistMsg struct{ gen int }

// ensembleSeat is an ensemble on the board, with the watcher of its servers.
type ensembleSeat struct {
	name    string
	plan    ensemble.Plan
	unit    ensembleUnit // nil where err tells why it cannot be opened
	err     error
	watcher ensembleWatcher

	status ensemble.Status // At is zero before the first look
	events []ensemble.Event
	served bool // there was a quorum since all servers were down
	ops    []*ensembleOp

	sel  int // the id of the selected server
	list pickList
	held bool // a person has chosen it

	deleted bool // by us
}

// ensembleNote is something that is to be said, or asked, in front.
type ensembleNote struct {
	level  level
	text   string
	dialog dialog
}

// ensembleDesk are the ensembles on this machine. It lives as long as the program, and
// all sessions and the start screen show the same one. Its methods are for Update.
type ensembleDesk struct {
	ctx   context.Context // ends with the program
	store ensembleStore
	now   func() time.Time

	seats   []*ensembleSeat // by name
	orphans []string
	err     error
	listed  bool // that was read at least once
	listing bool
	again   bool // it was asked for meanwhile
	front   bool // the board is in front
	begun   bool // it ever was
	leaving bool // all servers are being stopped, to quit
	stopped bool // they were
	listGen int

	notes []ensembleNote
	calls struct {
		sync.WaitGroup
		mu    sync.Mutex
		ended bool
	}
}

func newEnsembleDesk(ctx context.Context, s ensembleStore, now func() time.Time) *ensembleDesk {
	return &ensembleDesk{ctx: ctx, store: s, now: now}
}

// say notes a sentence for whoever is in front.
func (d *ensembleDesk) say(l level, text string) {
	d.notes = append(d.notes, ensembleNote{level: l, text: text})
}

// call makes a command of a call that may block; close waits for it.
func (d *ensembleDesk) call(do func(ctx context.Context) tea.Msg) tea.Cmd {
	return func() tea.Msg {
		d.calls.mu.Lock()
		if d.calls.ended {
			d.calls.mu.Unlock()
			return nil
		}
		d.calls.Add(1)
		d.calls.mu.Unlock()
		defer d.calls.Done()
		msg := do(d.ctx)
		if msg == nil {
			return nil
		}
		return ensembleMsg{msg}
	}
}

// after sends what tell makes when wait has passed.
func (d *ensembleDesk) after(wait time.Duration, tell func(time.Time) tea.Msg) tea.Cmd {
	return d.call(func(ctx context.Context) tea.Msg {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case at := <-timer.C:
			return tell(at)
		case <-ctx.Done():
			return nil
		}
	})
}

// show tells whether the board is in front: then it is lively, else calm.
func (d *ensembleDesk) show(front bool) tea.Cmd {
	if d.front == front {
		return nil
	}
	d.front = front
	for _, s := range d.seats {
		if s.watcher != nil {
			s.watcher.Calm(!front)
		}
	}
	d.listGen++
	if !front {
		return nil
	}
	d.begun = true
	return d.relist()
}

// relist reads which ensembles there are.
func (d *ensembleDesk) relist() tea.Cmd {
	if d.listing {
		d.again = true
		return nil
	}
	d.listing, d.again = true, false
	store := d.store
	return d.call(func(ctx context.Context) tea.Msg {
		listed, err := store.list(ctx)
		orphans, orphanErr := store.orphans(ctx)
		return ensemblesListedMsg{listed, orphans, cmp.Or(err, orphanErr)}
	})
}

// update takes a message for the ensembles themselves; others it leaves alone.
func (d *ensembleDesk) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case ensemblesListedMsg:
		return d.take(msg)
	case relistMsg:
		if msg.gen == d.listGen {
			return d.relist()
		}
	case ensembleLookMsg:
		return d.look(msg)
	case ensembleDoneMsg:
		return d.done(msg)
	case ensembleProgressMsg:
		msg.op.progress = msg.text
		return msg.op.next()
	}
	return nil
}

// take makes the seats those of the ensembles that there are.
func (d *ensembleDesk) take(msg ensemblesListedMsg) tea.Cmd {
	d.listing = false
	d.listGen++
	gen := d.listGen
	var cmds []tea.Cmd
	if d.again {
		cmds = append(cmds, d.relist())
	} else if d.front {
		cmds = append(cmds, d.after(relistEvery, func(time.Time) tea.Msg { return relistMsg{gen} }))
	}
	d.err, d.orphans = msg.err, msg.orphans
	if d.err != nil {
		return tea.Batch(cmds...) // what was there before is shown on
	}
	was := d.seats
	d.seats = make([]*ensembleSeat, 0, len(msg.listed))
	for _, l := range msg.listed {
		i := slices.IndexFunc(was, func(s *ensembleSeat) bool { return s.name == l.name })
		if i < 0 {
			was = append(was, &ensembleSeat{name: l.name})
			i = len(was) - 1
		}
		s := was[i]
		s.plan, s.err = l.plan, l.err
		cmds = append(cmds, d.attend(s, l.unit))
		d.seats = append(d.seats, s)
	}
	for _, s := range was {
		if !slices.Contains(d.seats, s) {
			d.leave(s)
			text := "The ensemble " + s.clean() + " is gone"
			if s.deleted || slices.ContainsFunc(s.ops, func(o *ensembleOp) bool { return o.deletes }) {
				text = "The ensemble " + s.clean() + " is deleted, with its folder"
			}
			d.say(levelInfo, text)
		}
	}
	d.listed = true
	return tea.Batch(cmds...)
}

// attend watches the servers of a seat, or watches them no more.
func (d *ensembleDesk) attend(s *ensembleSeat, unit ensembleUnit) tea.Cmd {
	switch {
	case unit == nil:
		d.leave(s)
	case s.unit != unit: // a new one, or another of the same name
		d.leave(s)
		s.status, s.events, s.served = ensemble.Status{}, nil, false
		s.unit, s.watcher = unit, unit.watch()
		s.watcher.Calm(!d.front)
		return d.await(s, s.watcher)
	}
	return nil
}

// leave ends the watcher of a seat.
func (d *ensembleDesk) leave(s *ensembleSeat) {
	if s.watcher != nil {
		d.calls.Go(s.watcher.Close)
	}
	s.unit, s.watcher = nil, nil
}

// await waits until the watcher of a seat sees something new.
func (d *ensembleDesk) await(s *ensembleSeat, w ensembleWatcher) tea.Cmd {
	return d.call(func(ctx context.Context) tea.Msg {
		select {
		case _, more := <-w.Changed():
			if !more {
				return nil
			}
			return ensembleLookMsg{s, w, w.Status(), w.Events()}
		case <-ctx.Done():
			return nil
		}
	})
}

// look takes what a watcher saw, and waits on.
func (d *ensembleDesk) look(msg ensembleLookMsg) tea.Cmd {
	s := msg.seat
	if s.watcher != msg.watcher {
		return nil
	}
	s.status, s.events = msg.status, msg.events
	switch {
	case s.status.Quorum:
		s.served = true
	case s.running() == 0:
		s.served = false
	}
	return d.await(s, s.watcher)
}

// seat returns the one with this name.
func (d *ensembleDesk) seat(name string) *ensembleSeat {
	for _, s := range d.seats {
		if s.name == name {
			return s
		}
	}
	return nil
}

// names are those of all ensembles.
func (d *ensembleDesk) names() []string {
	var out []string
	for _, s := range d.seats {
		out = append(out, s.name)
	}
	return out
}

// alive are the seats of which servers run, as far as one has looked.
func (d *ensembleDesk) alive() []*ensembleSeat {
	var out []*ensembleSeat
	for _, s := range d.seats {
		if s.running() > 0 {
			out = append(out, s)
		}
	}
	return out
}

// close ends all watchers and waits for calls under way, but not for ever. The servers
// run on.
func (d *ensembleDesk) close() {
	d.calls.mu.Lock()
	d.calls.ended = true
	d.calls.mu.Unlock()
	for _, s := range d.seats {
		d.leave(s)
	}
	done := make(chan struct{})
	go func() {
		d.calls.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(endGrace):
	}
}

// running is how many servers have a process.
func (s *ensembleSeat) running() int {
	n := 0
	for _, v := range s.status.Servers {
		n += boolInt(v.State != ensemble.Exited)
	}
	return n
}

// server is what is known of the server with this id.
func (s *ensembleSeat) server(id int) (ensemble.ServerStatus, bool) {
	for _, v := range s.status.Servers {
		if v.ID == id {
			return v, true
		}
	}
	return ensemble.ServerStatus{}, false
}

// servers are what is known of all, before the first look from the plan alone.
func (s *ensembleSeat) servers() []ensemble.ServerStatus {
	if !s.status.At.IsZero() {
		return s.status.Servers
	}
	var out []ensemble.ServerStatus
	for _, m := range s.plan.Members {
		out = append(out, ensemble.ServerStatus{ID: m.ID, Observer: m.Observer, Client: m.Client, Quorum: m.Quorum, Election: m.Election, Admin: m.Admin})
	}
	return out
}
