package tui

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/lockctl/lab"
)

// The fields of the form, in the order of tab.
const (
	setupLeft = iota
	setupRight
	setupWorkers
	setupHold
	setupThink
	setupPace
	setupSlots
	setupPersistent
	setupBelieves
	setupButtons
	setupFields
)

// noLane is the recipe of a second lane that is not there.
const noLane = "none"

// labMaxTime bounds the times of the form.
const labMaxTime = time.Hour

// labSetup is the form of what the runs are like.
type labSetup struct {
	was         []lab.Options
	focus       int
	left, right choice
	boxes       map[int]*textBox
	persistent,
	believes bool
	row  buttons
	note string
}

var _ dialog = (*labSetup)(nil)

// newLabSetup makes the form of the lanes as they are.
func newLabSetup(d *labDesk) *labSetup {
	was := d.wants()
	f := &labSetup{was: was, persistent: was[0].Persistent, believes: was[0].Believes}
	f.row = buttons{labels: []string{"Cancel", "Start"}, at: 1, danger: -1}
	f.left = choice{options: recipeNames(), at: max(slices.Index(lab.Recipes(), was[0].Recipe), 0)}
	f.right = choice{options: append([]string{noLane}, recipeNames()...)}
	if len(was) > 1 {
		f.right.at = max(slices.Index(lab.Recipes(), was[1].Recipe)+1, 0)
	}
	o := was[0]
	f.boxes = map[int]*textBox{
		setupWorkers: newTextBox(false, strconv.Itoa(o.Workers)), setupHold: newTextBox(false, o.Hold.String()),
		setupThink: newTextBox(false, o.Think.String()), setupPace: newTextBox(false, o.Pace.String()),
		setupSlots: newTextBox(false, strconv.Itoa(o.Slots)),
	}
	for _, b := range f.boxes {
		b.limit = 32
		b.toEnd()
	}
	return f
}

func (f *labSetup) title() string   { return "The lab" }
func (f *labSetup) danger() bool    { return false }
func (f *labSetup) unsaved() string { return "" }

// has tells that a lane has the recipe.
func (f *labSetup) has(r lab.Recipe) bool {
	return f.left.options[f.left.at] == string(r) || f.right.options[f.right.at] == string(r)
}

// shows tells whether a field means anything for the recipes that are chosen.
func (f *labSetup) shows(field int) bool {
	switch field {
	case setupSlots:
		return f.has(lab.Semaphore)
	case setupPersistent:
		return f.has(lab.Single)
	case setupBelieves:
		return f.has(lab.Naive)
	}
	return true
}

func (f *labSetup) turn(by int) {
	for {
		f.focus = (f.focus + by + setupFields) % setupFields
		if f.shows(f.focus) {
			return
		}
	}
}

func (f *labSetup) update(msg tea.Msg) (tea.Cmd, bool) {
	k, isKey := msg.(tea.KeyPressMsg)
	switch {
	case !isKey:
		f.edit(msg)
	case key.Matches(k, dkeys.Cancel):
		return nil, true
	case key.Matches(k, dkeys.Next, dkeys.Down):
		f.turn(1)
	case key.Matches(k, dkeys.Prev, dkeys.Up):
		f.turn(-1)
	case key.Matches(k, dkeys.Accept):
		if f.focus == setupButtons && f.row.at == 0 {
			return nil, true
		}
		lanes := f.submit()
		if lanes == nil {
			return nil, false
		}
		return tell(labSetMsg{lanes}), true
	case f.edit(k):
	case f.focus == setupLeft:
		f.left.update(k)
	case f.focus == setupRight:
		f.right.update(k)
	case f.focus == setupPersistent && key.Matches(k, dkeys.Toggle):
		f.persistent = !f.persistent
	case f.focus == setupBelieves && key.Matches(k, dkeys.Toggle):
		f.believes = !f.believes
	case f.focus == setupButtons:
		f.row.update(k)
	}
	return nil, false
}

// edit hands what is typed to the field with the focus.
func (f *labSetup) edit(msg tea.Msg) bool {
	b := f.boxes[f.focus]
	if b == nil {
		return false
	}
	used, err := b.update(msg)
	if used {
		f.note = ""
	}
	if err != nil {
		f.note = err.Error()
	}
	return used
}

// submit reads the form; nil if there is something to correct.
func (f *labSetup) submit() []lab.Options {
	o := lab.Options{Persistent: f.persistent, Believes: f.believes}
	for _, field := range []int{setupWorkers, setupHold, setupThink, setupPace, setupSlots} {
		text := strings.TrimSpace(f.boxes[field].text())
		var err error
		switch field {
		case setupWorkers:
			o.Workers, err = parseCount(text, lab.MaxWorkers)
		case setupSlots:
			o.Slots, err = parseCount(text, lab.MaxWorkers)
		case setupHold:
			o.Hold, err = parseLabTime(text)
		case setupThink:
			o.Think, err = parseLabTime(text)
		case setupPace:
			o.Pace, err = parseLabTime(text)
		}
		if err != nil {
			f.focus, f.note = field, upper(err.Error())
			return nil
		}
	}
	lanes := []lab.Options{f.lane(0, f.left.options[f.left.at], o)}
	if f.right.at > 0 {
		lanes = append(lanes, f.lane(1, f.right.options[f.right.at], o))
	}
	return lanes
}

// lane is what a lane is to be like: what the form does not ask for stays.
func (f *labSetup) lane(i int, recipe string, o lab.Options) lab.Options {
	was := f.was[min(i, len(f.was)-1)]
	o.Recipe, o.Unfenced, o.Base = lab.Recipe(recipe), was.Unfenced, was.Base
	return o
}

// parseCount reads a whole number from 1 to most.
func parseCount(text string, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("a whole number from 1 to %d is wanted", most)
	}
	return n, nil
}

// parseLabTime reads a time, which may be nothing at all.
func parseLabTime(text string) (time.Duration, error) {
	if text == "" || text == "0" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > labMaxTime {
		return 0, errors.New("a time is wanted, such as 300ms or 2s, and 0 for none")
	}
	return d, nil
}

// what says in a sentence what the field with the focus means.
func (f *labSetup) what() string {
	switch f.focus {
	case setupLeft:
		return recipeAbout(f.left.options[f.left.at])
	case setupRight:
		return recipeAbout(f.right.options[f.right.at])
	case setupWorkers:
		return fmt.Sprintf("How many contend for the lock, each with a session of its own: 1 to %d.", lab.MaxWorkers)
	case setupHold:
		return "How long a worker works under the lock."
	case setupThink:
		return "How long a worker does something else before it asks for the lock again."
	case setupPace:
		return "How long each request is held before it leaves, one at a time: slow motion. 0 is full speed."
	case setupSlots:
		return "How many hold the semaphore at a time."
	case setupPersistent:
		return "The one znode that all try to create stays when its session ends: a crash locks all others out for good."
	case setupBelieves:
		return "Workers go by what acquire returns, which after a wait is nothing: they take the lock for refused and leave their znode behind."
	}
	return "What has changed begins anew; times, pace and number change while it runs."
}

// recipeAbout says in a line what a recipe is.
func recipeAbout(name string) string {
	if name == noLane {
		return "One run alone."
	}
	return upper(sentence(lab.Recipe(name).About()))
}

func (f *labSetup) prefer(maxW, _ int) (w, h int) { return min(maxW, 78), 15 }

func (f *labSetup) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	p := page{st: st, width: width}
	for field := range setupButtons {
		on := field == f.focus
		if !f.shows(field) {
			continue
		}
		switch field {
		case setupLeft:
			p.choice("left", &f.left, on)
		case setupRight:
			p.choice("right", &f.right, on)
		case setupPersistent:
			p.toggle("znode", "persistent", f.persistent, on)
		case setupBelieves:
			p.toggle("acquire", "workers believe what it returns", f.believes, on)
		default:
			name := map[int]string{setupWorkers: "workers", setupHold: "hold", setupThink: "think", setupPace: "pace", setupSlots: "places"}[field]
			p.field(name, f.boxes[field], on)
		}
	}
	if f.focus == setupButtons {
		p.from, p.to = len(p.lines), len(p.lines)
	}
	p.blank()
	p.say(st.dim, f.what())
	return p.fitNote(height, f.note, levelBad, f.row.spans(st, width, f.focus == setupButtons))
}

func (f *labSetup) keys() []key.Binding {
	k := []key.Binding{named(dkeys.Next, "next field"), named(dkeys.Accept, "start"), dkeys.Cancel}
	switch f.focus {
	case setupLeft, setupRight:
		k = append(k, named(dkeys.Right, "another"))
	case setupPersistent, setupBelieves:
		k = append(k, dkeys.Toggle)
	case setupButtons:
		k[1] = dkeys.Accept
	}
	return k
}
