package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// ensembleVerb is something that is done to servers, in the words of sentences.
type ensembleVerb struct{ doing, done string }

var (
	verbStart   = ensembleVerb{"starting", "started"}
	verbStop    = ensembleVerb{"stopping", "stopped"}
	verbKill    = ensembleVerb{"being killed", "killed"}
	verbPause   = ensembleVerb{"being paused", "paused"}
	verbResume  = ensembleVerb{"being resumed", "resumed"}
	verbRestart = ensembleVerb{"restarting", "restarted"}
	verbWipe    = ensembleVerb{"being wiped", "wiped"}
	verbRemove  = ensembleVerb{"shrinking", "shrunk"}
	verbAdd     = ensembleVerb{"growing", "grown"}
	verbDown    = ensembleVerb{"being taken down", "taken down"}
)

// ensembleOp is something that is being done to an ensemble.
type ensembleOp struct {
	seat     *ensembleSeat
	verb     ensembleVerb
	deletes  bool  // the whole ensemble
	ids      []int // none: all servers
	began    time.Time
	progress string
	call     *longCall[string]
}

// ensembleDoneMsg tells the end of an operation, ensembleProgressMsg how far it is.
type (
	ensembleDoneMsg struct {
		op  *ensembleOp
		err error
	}
	ensembleProgressMsg struct {
		op   *ensembleOp
		text string
	}
)

// what names what an operation is done to: "server 2", or "the ensemble demo".
func (o *ensembleOp) what() string {
	if len(o.ids) == 1 {
		return fmt.Sprintf("server %d", o.ids[0])
	}
	return "the ensemble " + o.seat.clean()
}

// touches tells whether an operation has to do with a server.
func (o *ensembleOp) touches(id int) bool { return len(o.ids) == 0 || slices.Contains(o.ids, id) }

// busy is the operation under way that has to do with these servers, nil for none.
func (s *ensembleSeat) busy(ids ...int) *ensembleOp {
	for _, o := range s.ops {
		if len(ids) == 0 || slices.ContainsFunc(ids, o.touches) {
			return o
		}
	}
	return nil
}

// next waits for the next progress of an operation.
func (o *ensembleOp) next() tea.Cmd {
	return o.call.next(func(text string) tea.Msg { return ensembleMsg{ensembleProgressMsg{o, text}} })
}

// begin does something to servers, unless something is being done to them.
func (d *ensembleDesk) begin(s *ensembleSeat, v ensembleVerb, ids []int, do func(ctx context.Context, progress func(string)) error) tea.Cmd {
	if s.unit == nil {
		d.say(levelWarn, "The ensemble "+s.clean()+" is gone, or cannot be opened any more")
		return nil
	}
	if o := s.busy(ids...); o != nil {
		d.say(levelInfo, fmt.Sprintf("%s is still %s", o.what(), o.verb.doing))
		return nil
	}
	o := &ensembleOp{seat: s, verb: v, ids: ids, began: d.now(), call: newLongCall[string](d.ctx)}
	s.ops = append(s.ops, o)
	watcher := s.watcher
	run := d.call(func(context.Context) tea.Msg {
		if watcher != nil {
			watcher.Poke() // it looks more often while something changes
		}
		err := do(o.call.ctx, o.call.tell)
		if watcher != nil {
			watcher.Poke()
		}
		return ensembleDoneMsg{o, err}
	})
	return tea.Batch(func() tea.Msg {
		defer o.call.abandon() // nobody waits for its progress any more
		return run()
	}, o.next())
}

// done takes the end of an operation. What succeeded shows by itself, as an event.
func (d *ensembleDesk) done(msg ensembleDoneMsg) tea.Cmd {
	o := msg.op
	s := o.seat
	s.ops = slices.DeleteFunc(s.ops, func(other *ensembleOp) bool { return other == o })
	if msg.err != nil && !errors.Is(msg.err, context.Canceled) {
		d.failed(o, msg.err)
	}
	s.deleted = o.deletes && msg.err == nil
	switch o.verb {
	case verbAdd, verbRemove, verbDown:
		return d.relist()
	}
	return nil
}

// failed says why an operation was not done: what takes more than a line in a dialog.
func (d *ensembleDesk) failed(o *ensembleOp, err error) {
	head := fmt.Sprintf("%s was not %s", upper(o.what()), o.verb.done)
	if page := troubles(err); len(page) > 0 {
		d.notes = append(d.notes, ensembleNote{dialog: newTextDialog(head, page)})
		d.say(levelBad, head)
		return
	}
	d.say(levelBad, head+": "+safetext.CleanLine(err.Error()))
}

// ask opens a dialog in front.
func (d *ensembleDesk) ask(q dialog) { d.notes = append(d.notes, ensembleNote{dialog: q}) }

// clean is the ensemble's name in a sentence.
func (s *ensembleSeat) clean() string { return safetext.Clean(s.name) }

// start starts servers, all that do not run if none is given.
func (d *ensembleDesk) start(s *ensembleSeat, ids ...int) tea.Cmd {
	unit := s.unit
	return d.begin(s, verbStart, ids, func(ctx context.Context, _ func(string)) error { return unit.Start(ctx, ids...) })
}

// stop stops servers, all if none is given.
func (d *ensembleDesk) stop(s *ensembleSeat, ids ...int) tea.Cmd {
	unit := s.unit
	return d.begin(s, verbStop, ids, func(ctx context.Context, _ func(string)) error { return unit.Stop(ctx, ids...) })
}

// kill kills a server.
func (d *ensembleDesk) kill(s *ensembleSeat, id int) tea.Cmd {
	unit := s.unit
	return d.begin(s, verbKill, []int{id}, func(ctx context.Context, _ func(string)) error { return unit.Kill(ctx, id) })
}

// killLeader kills the server that leads now.
func (d *ensembleDesk) killLeader(s *ensembleSeat) tea.Cmd {
	leader, ok := s.status.Leader()
	if !ok {
		d.say(levelInfo, "The ensemble "+s.clean()+" has no leader now")
		return nil
	}
	return d.kill(s, leader.ID)
}

// pause stops the process of a server as it stands, or lets it go on.
func (d *ensembleDesk) pause(s *ensembleSeat, id int, resume bool) tea.Cmd {
	unit := s.unit
	if resume {
		return d.begin(s, verbResume, []int{id}, func(ctx context.Context, _ func(string)) error { return unit.Resume(ctx, id) })
	}
	return d.begin(s, verbPause, []int{id}, func(ctx context.Context, _ func(string)) error { return unit.Pause(ctx, id) })
}

// restart stops and starts a server.
func (d *ensembleDesk) restart(s *ensembleSeat, id int) tea.Cmd {
	unit := s.unit
	return d.begin(s, verbRestart, []int{id}, func(ctx context.Context, _ func(string)) error { return unit.Restart(ctx, id) })
}

// wipe deletes the data of a server.
func (d *ensembleDesk) wipe(s *ensembleSeat, id int) tea.Cmd {
	unit := s.unit
	return d.begin(s, verbWipe, []int{id}, func(ctx context.Context, _ func(string)) error { return unit.Wipe(ctx, id) })
}

// grow adds a server.
func (d *ensembleDesk) grow(s *ensembleSeat, observer bool) tea.Cmd {
	unit := s.unit
	return d.begin(s, verbAdd, nil, func(ctx context.Context, progress func(string)) error {
		_, err := unit.add(ctx, observer, progress)
		return err
	})
}

// remove takes a server out of the ensemble.
func (d *ensembleDesk) remove(s *ensembleSeat, id int) tea.Cmd {
	unit := s.unit
	return d.begin(s, verbRemove, nil, func(ctx context.Context, progress func(string)) error { return unit.Remove(ctx, id, progress) })
}

// down takes an ensemble down; with purge its folder goes too.
func (d *ensembleDesk) down(s *ensembleSeat, purge bool) tea.Cmd {
	unit := s.unit
	cmd := d.begin(s, verbDown, nil, func(ctx context.Context, _ func(string)) error { return unit.Down(ctx, purge) })
	if cmd != nil {
		s.ops[len(s.ops)-1].deletes = purge || s.plan.Temp
	}
	return cmd
}

// seatNames lists the ensembles in words, as in "demo and lab".
func seatNames(seats []*ensembleSeat) string {
	var names []string
	for _, s := range seats {
		names = append(names, s.name)
	}
	return strings.TrimSpace(leaseNames(names))
}
