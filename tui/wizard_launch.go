package tui

import (
	"context"
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"zkdeck/config/ensemble"
)

// launchStep is how far the writing and starting came.
type launchStep uint8

const (
	launchWriting launchStep = iota
	launchStarting
	launchServing // all that was wanted is so
	launchFailed
	launchRemoving
	launchRemoved
)

// launchProgress is what is known of it. Where it failed there is an err.
type launchProgress struct {
	step   launchStep
	made   wizardEnsemble // nil before it was written
	status ensemble.Status
	turn   int // the server whose turn it is, 0 where they start together
	err    error
}

// launchPage writes and starts an ensemble, and shows how that goes.
type launchPage struct {
	w     *wizard
	plan  *ensemble.Plan
	mode  string // how they start
	call  *launchCall
	last  launchProgress
	began time.Time // zero before the first drawing
	ended time.Time // zero while it goes on
	// served is when each server was first seen to serve.
	served map[int]time.Time
	asks   *wizardQuestion // what to do now; nil while there is nothing to choose
	pick   string
	why    string // of the question, empty where what stands above says it
}

// launchCall is a call of the page's; its outcome may be read when it has ended.
type launchCall struct {
	*longCall[launchProgress]
	outcome launchProgress
}

var _ wizardPage = (*launchPage)(nil)

// launch writes a plan and starts it.
func (w *wizard) launch(plan *ensemble.Plan) tea.Cmd {
	p := &launchPage{w: w, plan: plan, mode: w.a.start, served: map[int]time.Time{}}
	w.page = p
	return p.run(func(ctx context.Context, tell func(launchProgress)) launchProgress { return p.make(ctx, tell) })
}

// run makes a call of the page's, and has the seconds counted meanwhile.
func (p *launchPage) run(do func(ctx context.Context, tell func(launchProgress)) launchProgress) tea.Cmd {
	c := &launchCall{longCall: newLongCall[launchProgress](p.w.ctx)}
	p.call = c
	p.ended, p.asks = time.Time{}, nil
	cmd := c.run(
		func(ctx context.Context, tell func(launchProgress)) tea.Msg {
			c.outcome = do(ctx, tell)
			return launchedMsg{c, c.outcome, true}
		},
		func(l launchProgress) tea.Msg { return launchedMsg{c, l, false} },
		p.w.wrap(p),
	)
	return tea.Batch(cmd, p.tick())
}

// tick draws the seconds again.
func (p *launchPage) tick() tea.Cmd {
	call := p.call
	return p.w.deps.after(100*time.Millisecond, func(at time.Time) tea.Msg { return p.w.wrap(p)(launchTickMsg{call, at}) })
}

// make writes the files and starts the servers. It is called in a command.
func (p *launchPage) make(ctx context.Context, tell func(launchProgress)) launchProgress {
	made, err := p.w.deps.maker.Create(ctx, p.plan)
	if err != nil {
		return launchProgress{step: launchFailed, err: err}
	}
	if p.mode == startNot {
		return launchProgress{step: launchServing, made: made}
	}
	return p.start(ctx, made, tell)
}

// start starts the servers of what was written, and waits until all of them serve.
func (p *launchPage) start(ctx context.Context, made wizardEnsemble, tell func(launchProgress)) launchProgress {
	now := launchProgress{step: launchStarting, made: made}
	failed := func(err error) launchProgress {
		now.step, now.err = launchFailed, err
		return now
	}
	if p.mode == startInTurn {
		for _, m := range p.plan.Members {
			now.turn = m.ID
			if err := made.Start(ctx, m.ID); err != nil {
				return failed(err)
			}
			if err := p.awaitUp(ctx, made, &now, tell); err != nil {
				return failed(err)
			}
		}
		now.turn = 0
	} else if err := made.Start(ctx); err != nil {
		return failed(err)
	}
	status, err := made.AwaitServing(ctx, func(s ensemble.Status) {
		now.status = s
		tell(now)
	})
	if len(status.Servers) > 0 {
		now.status = status
	}
	if err != nil {
		return failed(err)
	}
	now.step = launchServing
	return now
}

// awaitUp waits until the server whose turn it is looks for a leader or serves. One
// that has ended by itself is an error: those after it are not begun then.
func (p *launchPage) awaitUp(ctx context.Context, made wizardEnsemble, now *launchProgress, tell func(launchProgress)) error {
	for {
		s, err := made.Status(ctx)
		if err != nil {
			return err
		}
		now.status = s
		tell(*now)
		for _, v := range s.Servers {
			switch x := v.Exit; {
			case v.ID != now.turn:
			case x != nil && !x.ByUs:
				return &ensemble.FailedError{Status: s, Server: v.ID, Line: x.Line, Why: x.Why, Mend: x.Mend}
			case v.State != ensemble.Starting && v.State != ensemble.Exited:
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// takeBack stops all servers and deletes the folder, after the call that ends now.
func (p *launchPage) takeBack() tea.Cmd {
	before, made := p.call, p.last.made
	before.abandon()
	p.last.step, p.last.err = launchRemoving, nil
	return p.run(func(ctx context.Context, _ func(launchProgress)) launchProgress {
		<-before.ended
		if before.outcome.made != nil {
			made = before.outcome.made
		}
		if made != nil {
			if err := made.Down(ctx); err != nil {
				return launchProgress{step: launchFailed, made: made, err: err}
			}
		}
		return launchProgress{step: launchRemoved}
	})
}

func (p *launchPage) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case launchTickMsg:
		if m.call == p.call && p.ended.IsZero() {
			return p.tick()
		}
	case launchedMsg:
		if m.call == p.call && p.ended.IsZero() { // what was told last may come after the end
			return p.came(m)
		}
	case serverLogMsg:
		p.w.page = newLogPage(p.w, p, m)
	}
	return nil
}

// came takes how far the call came.
func (p *launchPage) came(m launchedMsg) tea.Cmd {
	if m.progress.made == nil {
		m.progress.made = p.last.made
	}
	if len(m.progress.status.Servers) == 0 {
		m.progress.status = p.last.status
	}
	p.last = m.progress
	for _, s := range p.last.status.Servers {
		if at := p.last.status.At; s.State.Serves() && p.served[s.ID].IsZero() {
			p.served[s.ID] = at
		}
	}
	if !m.done {
		return p.call.next(func(l launchProgress) tea.Msg { return p.w.wrap(p)(launchedMsg{m.call, l, false}) })
	}
	p.ended = p.last.status.At
	if p.ended.IsZero() {
		p.ended = p.began
	}
	switch p.last.step {
	case launchFailed:
		p.choose()
	case launchRemoved:
		return p.removed()
	case launchServing:
		if p.mode == startNot {
			return p.finish(false)
		}
	}
	return nil
}

// finish leaves the wizard for the board.
func (p *launchPage) finish(started bool) tea.Cmd {
	return tell(p.w.deps.finished(p.plan.Name, started))
}

// The choices when something went wrong, or was called off.
const (
	launchGoOn  = "go on"
	launchRetry = "retry"
	launchBack  = "back"
	launchLog   = "log"
	launchKeep  = "keep"
	launchDrop  = "drop"
)

// choose asks what to do about a failure.
func (p *launchPage) choose() {
	var options []huh.Option[string]
	add := func(value, text string) { options = append(options, huh.NewOption(text, value)) }
	made := p.last.made != nil
	if made {
		add(launchRetry, "try to start them once more")
		if s := p.culprit(); s != 0 {
			add(launchLog, fmt.Sprintf("see the log of server %d", s))
		}
		add(launchBack, "remove what was written, and back to the questions")
		add(launchKeep, "keep it as it is, and go to the board")
		add(launchDrop, "remove it, and leave")
	} else {
		add(launchBack, "back to the questions")
		add(launchDrop, "leave")
	}
	p.why, p.pick = "", options[0].Value
	p.asks = pickQuestion(&p.pick, options, nil)
}

// interrupt asks what to do with what is under way.
func (p *launchPage) interrupt() {
	p.why, p.pick = "They are still starting. What now?", launchGoOn
	p.asks = pickQuestion(&p.pick, []huh.Option[string]{
		huh.NewOption("go on waiting", launchGoOn),
		huh.NewOption("let them start, and go to the board", launchKeep),
		huh.NewOption("stop them, remove what was written, and back to the questions", launchBack),
	}, nil)
}

func (p *launchPage) typing() bool { return false }

func (p *launchPage) key(k tea.KeyPressMsg) tea.Cmd {
	running := p.ended.IsZero()
	switch {
	case p.asks != nil && running && key.Matches(k, dkeys.Cancel):
		p.asks = nil
	case p.asks != nil && p.asks.press(k):
		return p.chosen()
	case p.asks != nil:
	case running && p.last.step <= launchStarting && key.Matches(k, dkeys.Cancel):
		p.interrupt()
	case running:
	case p.last.step == launchServing && key.Matches(k, dkeys.Accept, dkeys.Cancel):
		return p.finish(true)
	case p.last.step == launchServing && key.Matches(k, wizardKeys.Copy):
		return p.w.deps.copyText("connect string", p.plan.Connect())
	}
	return nil
}

// chosen does what was chosen.
func (p *launchPage) chosen() tea.Cmd {
	p.asks = nil
	made := p.last.made
	switch p.pick {
	case launchRetry:
		p.last.step, p.last.err = launchStarting, nil
		p.began, p.served = time.Time{}, map[int]time.Time{}
		return p.run(func(ctx context.Context, tell func(launchProgress)) launchProgress { return p.start(ctx, made, tell) })
	case launchLog:
		p.choose() // for when it is left
		id := p.culprit()
		return func() tea.Msg {
			lines, err := made.Log(p.w.ctx, id)
			return p.w.wrap(p)(serverLogMsg{lines, err})
		}
	case launchKeep:
		return p.finish(true)
	case launchBack, launchDrop:
		return p.takeBack()
	}
	return nil
}

// removed leads on when nothing is left of it.
func (p *launchPage) removed() tea.Cmd {
	if p.pick == launchDrop {
		return p.w.cancel()
	}
	p.w.ask()
	return nil
}

// culprit is the server that is to blame, or else the first that does not serve; 0 for
// none.
func (p *launchPage) culprit() int {
	for _, s := range p.last.status.Servers {
		if s.Exit != nil && !s.Exit.ByUs {
			return s.ID
		}
	}
	for _, s := range p.last.status.Servers {
		if !s.State.Serves() {
			return s.ID
		}
	}
	return 0
}
