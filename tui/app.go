package tui

import (
	"context"
	"reflect"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// app is the tea.Model around the start screen and the model of the session that is
// open. Both live in one program, so that choosing one does not leave the alternate
// screen, and what is typed meanwhile is not lost.
type app struct {
	opts Options
	ctx  context.Context // ends when the program does
	stop context.CancelFunc
	held holdings

	start   *startScreen   // in front; nil while the session has the screen
	alone   *aloneBoard    // over the start screen
	board   *ensembleBoard // nil where there are no ensembles
	main    *running       // nil before the first session
	lastGen int            // of running sessions and of openings alike

	size    tea.WindowSizeMsg
	profile colorprofile.Profile
	dark    bool
	st      *styles
	history []string
}

// running is a session on screen.
type running struct {
	*model
	gen    int
	cancel context.CancelFunc // ends the model's context
	opened *holding
}

// ownedMsg is a message of a running session's own commands. It is dropped when
// that session has given way to another.
type ownedMsg struct {
	gen int
	msg tea.Msg
}

func newApp(ctx context.Context, o Options) *app {
	a := &app{opts: o, profile: colorprofile.TrueColor, dark: o.Theme != "light", history: o.History}
	a.ctx, a.stop = context.WithCancel(ctx)
	if o.Profile != nil {
		a.profile = *o.Profile
	}
	a.restyle()
	if o.ensembles == nil && o.Ensembles != nil {
		o.ensembles = newRealEnsembles(o.Ensembles, o.Logger)
	}
	if o.ensembles != nil {
		a.board = newEnsembleBoard(newEnsembleDesk(a.ctx, o.ensembles, a.now))
		a.opts.board, o.board = a.board, a.board
	}
	if o.Session == nil {
		a.start = newStartScreen(o.Begin, "", a.board != nil)
		return a
	}
	one := &holding{Opened: Opened{Session: o.Session, Title: o.Title, Start: o.Start, Sandbox: o.Sandbox}}
	a.held.add(one)
	a.main = a.newRunning(one, o)
	a.opts.Lab = nil
	return a
}

// newRunning makes the model of a session.
func (a *app) newRunning(one *holding, o Options) *running {
	a.lastGen++
	ctx, cancel := context.WithCancel(a.ctx)
	return &running{model: newModel(ctx, o), gen: a.lastGen, cancel: cancel, opened: one}
}

// restyle makes the inks of the start screen anew.
func (a *app) restyle() { a.st = newStyles(a.profile, a.dark, a.opts.ASCII) }

// now is the time on screen.
func (a *app) now() time.Time {
	if a.opts.Now != nil {
		return a.opts.Now()
	}
	return time.Now()
}

// Init starts what is on the screen.
func (a *app) Init() tea.Cmd {
	switch {
	case a.main != nil:
		return a.owned(a.main.Init())
	case a.opts.Theme == "auto" || a.opts.Theme == "":
		return tea.RequestBackgroundColor
	}
	return nil
}

// Update hands a message to whom it is for: what is typed and clicked to the screen
// in front, the rest to the session that asked for it.
func (a *app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := a.take(msg)
	return a, tea.Batch(cmd, a.followEnsembles())
}

func (a *app) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case ownedMsg:
		return a.ownCame(msg)
	case openedMsg:
		return a.openedCame(msg)
	case ensembleMsg:
		return a.ensemblesCame(msg.msg)
	case wizardMsg:
		return a.ensemblesCame(msg)
	case tea.WindowSizeMsg:
		resized := a.size != tea.WindowSizeMsg{} && a.size != msg
		a.size = msg
		if resized && a.main == nil {
			return wholeScreen
		}
	case tea.ColorProfileMsg:
		if a.opts.Profile == nil {
			a.profile = msg.Profile
		}
		a.restyle()
	case tea.BackgroundColorMsg:
		a.dark = msg.IsDark()
		a.restyle()
	case leaveMsg, tea.InterruptMsg:
		return a.quitNow()
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseMsg:
		switch {
		case a.alone != nil:
			return a.aloneInput(msg)
		case a.start != nil:
			return a.startInput(msg)
		}
	}
	return a.tellMain(msg)
}

// tellMain hands a message to the running session, if there is one.
func (a *app) tellMain(msg tea.Msg) tea.Cmd {
	if a.main == nil {
		return nil
	}
	_, cmd := a.main.Update(msg)
	return a.owned(cmd)
}

// ownCame takes what the running session's commands found out.
func (a *app) ownCame(msg ownedMsg) tea.Cmd {
	switch ours := msg.msg.(type) { // whichever session they come from
	case ensembleMsg:
		return a.ensemblesCame(ours.msg)
	case wizardMsg:
		return a.ensemblesCame(ours)
	}
	if a.main == nil || msg.gen != a.main.gen {
		return nil
	}
	if c, ok := msg.msg.(connectMsg); ok {
		return a.connect(c.arg)
	}
	return a.tellMain(msg.msg)
}

// quitNow ends the program at once; what was typed and not saved goes to a draft.
func (a *app) quitNow() tea.Cmd {
	if a.main != nil {
		return a.tellMain(leaveMsg{})
	}
	return tea.Quit
}

// owned marks what a command of the running session yields as that session's. What
// is Bubble Tea's own passes as it is.
func (a *app) owned(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return ownedBy(a.main.gen, cmd)
}

var (
	cmdType  = reflect.TypeFor[tea.Cmd]()
	ourTypes = reflect.TypeFor[ownedMsg]().PkgPath()
)

func ownedBy(gen int, cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		msg := cmd()
		t := reflect.TypeOf(msg)
		switch {
		case t == nil:
			return nil
		case t.Kind() == reflect.Slice && t.Elem() == cmdType: // of tea.Batch, and of tea.Sequence, which has no name
			v := reflect.ValueOf(msg)
			all := reflect.MakeSlice(t, v.Len(), v.Len())
			for i := range v.Len() {
				if c, _ := v.Index(i).Interface().(tea.Cmd); c != nil {
					all.Index(i).Set(reflect.ValueOf(ownedBy(gen, c)))
				}
			}
			return all.Interface()
		case t.PkgPath() == ourTypes:
			return ownedMsg{gen, msg}
		}
		return msg
	}
}

// View draws the screen in front.
func (a *app) View() tea.View {
	if a.start == nil {
		return a.main.View()
	}
	defer logPanic(a.opts.Logger)
	return a.startView()
}
