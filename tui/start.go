package tui

import (
	"context"
	"image"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// maxRecent is how many recent connect strings have a row of their own; the field
// goes back to all of them.
const maxRecent = 9

// maxServers bounds the text of the field.
const maxServers = 4096

// startRow is something that can be chosen. The second row is the field: a connect
// string that is not chosen but typed.
type startRow struct {
	choice    Choice
	servers   string // of a profile
	readOnly  bool
	ensembles bool // it leads to the board, and is no choice
	lab       bool // the sandbox, with the lab in front
}

// leads tells that a row is not one of the list of what was used or written down.
func (r *startRow) leads() bool { return r.ensembles || r.lab }

// fieldRow is the place of the field among the rows.
const fieldRow = 1

// opening is a call of Begin.Open that is under way.
type opening struct {
	gen    int
	choice Choice
	lab    bool // with the lab in front
	cancel context.CancelFunc
	typed  []tea.KeyPressMsg // meanwhile, for the session
}

// startScreen lists what can be opened. It is in front while nothing is, and over a
// session that is to give way to another.
type startScreen struct {
	begin *Begin
	keys  KeyMap
	over  string // the title of the session below, empty for none
	rows  []startRow
	list  pickList

	field    *textBox
	typing   bool
	walked   int    // the recent connect string in the field, from 1; 0: what was typed
	unwalked string // what was typed before walking

	opening *opening
	chosen  Choice
	lab     bool    // with the lab in front
	said    message // empty: nothing
	dialogs dialogs

	top  int   // the first line of the body that is visible
	hits []int // the row on each visible line of the body, -1 for none
	body image.Rectangle
}

// startAct is what comes of a key or a click.
type startAct uint8

const (
	startStays     startAct = iota
	startOpens              // what is in chosen
	startLeaves             // back to the session below
	startEnsembles          // the board
	startQuits
	startEnds // at once
)

// newStartScreen makes the screen over the session with the title over, empty for
// none. With ensembles it leads to those too.
func newStartScreen(b *Begin, over string, ensembles bool) *startScreen {
	s := &startScreen{begin: b, keys: DefaultKeyMap(), over: over, field: newTextBox(false, "")}
	s.field.limit, s.field.hint = maxServers, "host:port,host:port/chroot"
	s.rows = []startRow{{choice: Choice{Kind: ChoiceSandbox}}, {choice: Choice{Kind: ChoiceServers}}}
	if ensembles {
		s.rows = append(s.rows, startRow{ensembles: true})
	} else {
		s.keys.noEnsembles()
	}
	s.rows = append(s.rows, startRow{lab: true})
	for _, p := range b.Profiles {
		s.rows = append(s.rows, startRow{choice: Choice{ChoiceProfile, p.Name}, servers: p.Servers, readOnly: p.ReadOnly})
	}
	for _, r := range b.Recent[:min(len(b.Recent), maxRecent)] {
		s.rows = append(s.rows, startRow{choice: Choice{ChoiceServers, r}})
	}
	s.list.n = len(s.rows)
	if over != "" { // who has a session asks for servers, and loses no sandbox by enter
		s.list.sel(fieldRow)
	}
	return s
}

// pick selects what c is; servers without a row go to the field.
func (s *startScreen) pick(c Choice) {
	for i, r := range s.rows {
		if i != fieldRow && !r.leads() && r.choice == c {
			s.list.sel(i)
			return
		}
	}
	s.typeAt(c.Text)
}

// typeAt puts the cursor into the field, behind text if there is any.
func (s *startScreen) typeAt(text string) {
	s.list.sel(fieldRow)
	s.typing = true
	if text != "" {
		s.field.set(text)
		s.field.toEnd()
	}
}

// say shows a sentence above the footer.
func (s *startScreen) say(l level, text string) {
	s.said = message{level: l, text: safetext.CleanLine(upper(text))}
}

// begun shows that something is being opened.
func (s *startScreen) begun(o *opening) { s.opening, s.said = o, message{} }

// failed says why it was not.
func (s *startScreen) failed(err error) {
	s.opening = nil
	s.say(levelWarn, openFailure(err))
}
