package tui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// open opens what was chosen on the start screen, aside; with lab the lock lab is in
// front then.
func (a *app) open(c Choice, lab bool) tea.Cmd {
	a.lastGen++
	gen := a.lastGen
	ctx, cancel := context.WithCancel(a.ctx)
	a.start.begun(&opening{gen: gen, choice: c, lab: lab, cancel: cancel})
	held, call := &a.held, a.opts.Begin.Open
	return func() tea.Msg {
		defer cancel()
		one, err := held.open(ctx, call, c)
		return openedMsg{gen, one, err}
	}
}

// openedCame takes the end of an opening: what was called off meanwhile is closed,
// a failure is said, and anything else takes the screen.
func (a *app) openedCame(msg openedMsg) tea.Cmd {
	if a.start == nil || a.start.opening == nil || a.start.opening.gen != msg.gen {
		if msg.opened != nil {
			a.held.drop(msg.opened, nil)
		}
		return nil
	}
	if msg.err != nil {
		a.start.failed(msg.err)
		return nil
	}
	was := a.start.opening
	if was.choice.Kind == ChoiceServers {
		a.opts.Begin = a.opts.Begin.used(was.choice.Text)
	}
	if was.lab {
		a.opts.Lab = &LabStart{}
	}
	return a.show(msg.opened, was.typed)
}

// show gives the screen to what was opened, with what was typed meanwhile, and lets
// go of the session before.
func (a *app) show(one *holding, typed []tea.KeyPressMsg) tea.Cmd {
	var notes []string
	if old := a.main; old != nil {
		a.history, a.dark = old.command.history, old.dark
		old.saveDrafts()
		notes = slices.Clone(old.farewell)
		a.held.drop(old.opened, old.end)
	}
	o := a.opts
	o.Session, o.Title, o.Start, o.Sandbox, o.History = one.Session, one.Title, one.Start, one.Sandbox, a.history
	if o.Theme = "light"; a.dark { // what the terminal said is known by now
		o.Theme = "dark"
	}
	a.main, a.start, a.alone = a.newRunning(one, o), nil, nil
	a.opts.Lab = nil // of the first session alone
	m := a.main.model
	m.profile = a.profile
	m.restyle()
	for _, line := range notes {
		m.say(levelWarn, line)
	}
	cmds := []tea.Cmd{a.owned(m.Init()), a.tellMain(a.size)}
	for _, k := range typed {
		cmds = append(cmds, a.tellMain(k))
	}
	return tea.Batch(cmds...)
}

// end ends the model, whose session is closed by whoever closes the holding, and
// returns what is to be said of it.
func (r *running) end() []string {
	r.close()
	r.cancel()
	return r.farewell
}

// end ends everything, after the program has ended, and returns what is to be said
// on stderr.
func (a *app) end() []string {
	a.stop()
	lines := []string(nil)
	if a.main != nil {
		lines = a.main.end()
	}
	if a.board != nil {
		lines = append(lines, a.board.desk.leftRunning()...)
		a.board.close()
	}
	a.held.end(a.opts.waits(endGrace))
	return append(a.held.said(), lines...)
}

// used is b after servers were opened: they are the most recent.
func (b *Begin) used(servers string) *Begin {
	next := *b
	next.Recent = append([]string{servers}, slices.DeleteFunc(slices.Clone(b.Recent), func(r string) bool { return r == servers })...)
	return &next
}

// places are the arguments that complete `:connect`.
func (b *Begin) places() []string {
	var out []string
	for _, p := range b.Profiles {
		out = append(out, p.Name)
	}
	return append(append(out, b.Recent...), "sandbox")
}

// choose is what the argument of `:connect` means: a profile, the sandbox, or a
// connect string.
func (b *Begin) choose(arg string) (Choice, error) {
	for _, p := range b.Profiles {
		if p.Name == arg {
			return Choice{ChoiceProfile, arg}, nil
		}
	}
	if arg == "sandbox" {
		return Choice{Kind: ChoiceSandbox}, nil
	}
	_, err := zkview.ParseServers(arg)
	return Choice{ChoiceServers, arg}, err
}

// connect puts the start screen over the session; with arg it opens that.
func (a *app) connect(arg string) tea.Cmd {
	a.start = newStartScreen(a.opts.Begin, a.main.header.name, a.board != nil)
	if arg == "" {
		return nil
	}
	c, err := a.opts.Begin.choose(arg)
	a.start.pick(c)
	if err != nil {
		a.start.failed(err)
		return nil
	}
	return a.open(c, false)
}

// startInput hands what is typed and clicked to the start screen, and does what
// comes of it.
func (a *app) startInput(msg tea.Msg) tea.Cmd {
	defer logPanic(a.opts.Logger)
	s := a.start
	act, cmd := s.update(msg)
	switch act {
	case startQuits:
		return a.quit()
	case startEnds:
		return a.forceQuit()
	case startEnsembles:
		a.showAlone()
	case startLeaves:
		if a.main != nil {
			a.start = nil
		}
	case startOpens:
		return a.open(s.chosen, s.lab)
	}
	return cmd
}

// openFailure is what the start screen says of an error of Open.
func openFailure(err error) string {
	if errors.Is(err, context.DeadlineExceeded) && strings.HasPrefix(err.Error(), "context ") {
		return "Nothing answered in time"
	}
	return err.Error()
}
