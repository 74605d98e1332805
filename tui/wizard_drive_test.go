package tui

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// drivenWizard is a wizard whose commands are run to their ends one after the other,
// so that what it shows after a key is the same in every run.
type drivenWizard struct {
	*wizardHost
	t testing.TB
}

// drive makes one on a screen of this size.
func drive(t testing.TB, maker wizardMaker, width, height int) *drivenWizard {
	t.Helper()
	h := &wizardHost{st: testStyles(), now: func() time.Time { return lockStart.Add(1300 * time.Millisecond) }}
	h.size = tea.WindowSizeMsg{Width: width, Height: height}
	d := &drivenWizard{h, t}
	w, cmd := newWizard(h.deps(context.Background(), maker, func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }), 1)
	t.Cleanup(w.close)
	h.w = w
	d.run(cmd)
	return d
}

// run runs a command, and what comes of it.
func (d *drivenWizard) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.run(c)
		}
	default:
		_, next := d.Update(msg)
		d.run(next)
	}
}

// press presses keys by their names.
func (d *drivenWizard) press(keys ...string) {
	for _, k := range keys {
		_, cmd := d.Update(press(k))
		d.run(cmd)
	}
}

// paste pastes a text.
func (d *drivenWizard) paste(text string) {
	_, cmd := d.Update(tea.PasteMsg{Content: text})
	d.run(cmd)
}

// screen is what there is to see.
func (d *drivenWizard) screen() string { return plain(d.View().Content) }

// want fails the test unless all of these are on the screen.
func (d *drivenWizard) want(texts ...string) {
	d.t.Helper()
	flat := strings.Join(strings.Fields(d.screen()), " ")
	for _, text := range texts {
		if !strings.Contains(flat, text) {
			d.t.Errorf("%q is not on the screen:\n%s", text, d.screen())
		}
	}
}

// wantNot fails the test if one of these is on the screen.
func (d *drivenWizard) wantNot(texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if strings.Contains(d.screen(), text) {
			d.t.Errorf("%q is on the screen:\n%s", text, d.screen())
		}
	}
}

// enter presses enter n times.
func (d *drivenWizard) enter(n int) {
	for range n {
		d.press("enter")
	}
}

// to asks a step.
func (d *drivenWizard) to(id stepID) {
	for i, s := range d.w.steps {
		if s.id == id {
			d.w.asks.show(i)
		}
	}
}

// answer types an answer over the one that stands there.
func (d *drivenWizard) answer(text string) {
	d.press("ctrl+e", "ctrl+u")
	for _, r := range text {
		d.press(string(r))
	}
	d.press("enter")
}
