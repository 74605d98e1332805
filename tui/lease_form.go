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

	"zkdeck/lockctl"
)

// The fields of the form, in the order of tab.
const (
	leaseMode = iota
	leaseSlots
	leaseRecipe
	leaseIdentity
	leaseWait
	leaseTimeout
	leaseButtons
	leaseFields
)

// What one may be in a lock, in the order of the field.
const (
	leaseExclusive = iota
	leaseShared
	leaseOneOf
)

// leaseRecipes are the recipes on offer for each of them; the one that is queued there
// comes before all.
var leaseRecipes = [...][]lockctl.Recipe{
	leaseExclusive: {
		lockctl.CuratorMutex, lockctl.CuratorRWLock, lockctl.GoZooKeeper, lockctl.KazooLock, lockctl.KazooRWLock, lockctl.WriteLock,
		lockctl.ZooLock, lockctl.RecipesLock, lockctl.RecipesRWLock, lockctl.PlainLock, lockctl.PlainRWLock, lockctl.Naive, lockctl.ZKRuby,
	},
	leaseShared: {lockctl.CuratorRWLock, lockctl.KazooRWLock, lockctl.RecipesRWLock, lockctl.PlainRWLock, lockctl.ZKRuby},
	leaseOneOf:  {lockctl.CuratorSemaphore},
}

// autoRecipe is the recipe that is queued there.
const autoRecipe = "auto"

// The buttons of the form.
const (
	leaseCancelButton = iota
	leaseAcquireButton
	leaseTryButton
)

// maxSlots is the most places that a semaphore may have here.
const maxSlots = 1_000_000

// leaseForm is what a person chooses before a lock is taken.
type leaseForm struct {
	focus                          int
	mode, recipe                   choice
	slots, identity, wait, timeout *textBox
	row                            buttons
	note                           string // what is wrong with what was typed
}

func newLeaseForm() *leaseForm {
	f := &leaseForm{
		mode:  choice{options: []string{"exclusive", "shared", "one of N"}},
		slots: newTextBox(false, "2"), identity: newTextBox(false, ownIdentity()),
		wait: newTextBox(false, ""), timeout: newTextBox(false, defaultLeaseTimeout.String()),
		row: buttons{labels: []string{"Cancel", "Acquire", "Try"}, at: leaseAcquireButton, danger: -1},
	}
	f.wait.hint = "without limit"
	f.identity.hint = "nothing"
	for _, b := range []*textBox{f.slots, f.identity, f.wait, f.timeout} {
		b.limit = 1 << 10
		b.toEnd()
	}
	f.recipes()
	return f
}

// recipes offers those of the mode, and keeps the one that was chosen if it is one.
func (f *leaseForm) recipes() {
	was := ""
	if len(f.recipe.options) > 0 {
		was = f.recipe.options[f.recipe.at]
	}
	options := []string{autoRecipe}
	for _, r := range leaseRecipes[f.mode.at] {
		options = append(options, string(r))
	}
	f.recipe = choice{options: options, at: max(slices.Index(options, was), 0)}
}

// box is the text field with the focus, nil if it is none.
func (f *leaseForm) box() *textBox {
	return map[int]*textBox{leaseSlots: f.slots, leaseIdentity: f.identity, leaseWait: f.wait, leaseTimeout: f.timeout}[f.focus]
}

// update takes what is typed; with a want the lock is to be taken, with done nothing is.
func (f *leaseForm) update(msg tea.Msg) (want *leaseWant, done bool) {
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
		if f.focus == leaseButtons && f.row.at == leaseCancelButton {
			return nil, true
		}
		return f.submit(), false
	case f.edit(k):
	case f.focus == leaseMode && f.mode.update(k):
		f.recipes()
		f.note = ""
	case f.focus == leaseRecipe:
		f.recipe.update(k)
	case f.focus == leaseButtons:
		f.row.update(k)
	}
	return nil, false
}

// edit hands what is typed to the field with the focus.
func (f *leaseForm) edit(msg tea.Msg) bool {
	b := f.box()
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

// turn moves the focus, past the places where there are none.
func (f *leaseForm) turn(by int) {
	f.focus = (f.focus + by + leaseFields) % leaseFields
	if f.focus == leaseSlots && f.mode.at != leaseOneOf {
		f.focus += by
	}
}

// submit reads the form; nil if there is something to correct.
func (f *leaseForm) submit() *leaseWant {
	w := leaseWant{identity: f.identity.text(), try: f.focus == leaseButtons && f.row.at == leaseTryButton}
	wrong := func(field int, note string) *leaseWant {
		f.focus, f.note = field, note
		return nil
	}
	if r := f.recipe.options[f.recipe.at]; r != autoRecipe {
		w.recipe = lockctl.Recipe(r)
	}
	var err error
	switch f.mode.at {
	case leaseShared:
		w.mode = lockctl.Read
	case leaseOneOf:
		if w.slots, err = strconv.Atoi(strings.TrimSpace(f.slots.text())); err != nil || w.slots < 1 || w.slots > maxSlots {
			return wrong(leaseSlots, "The number of places is a whole number from 1, the same for all who take part.")
		}
	default:
		if slices.Contains(leaseRecipes[leaseShared], w.recipe) {
			w.mode = lockctl.Write
		}
	}
	if w.wait, err = parseLeaseTime(f.wait.text()); err != nil {
		return wrong(leaseWait, "How long to wait at most "+err.Error()+"; nothing is without limit.")
	}
	if w.timeout, err = parseLeaseTime(f.timeout.text()); err != nil {
		return wrong(leaseTimeout, "The session timeout "+err.Error()+".")
	}
	if w.timeout == 0 {
		w.timeout = defaultLeaseTimeout
	}
	if w.timeout < time.Second || w.timeout > time.Hour {
		return wrong(leaseTimeout, "The session timeout is between 1s and 1h; the servers allow 2 to 20 of their ticks.")
	}
	return &w
}

// parseLeaseTime reads a time above nothing; an empty text is 0.
func parseLeaseTime(text string) (time.Duration, error) {
	text = strings.ReplaceAll(text, " ", "")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		if n, bare := strconv.ParseUint(text, 10, 31); bare == nil { // seconds, as people write them
			d, err = time.Duration(n)*time.Second, nil
		}
	}
	switch {
	case err != nil:
		return 0, errors.New("is a duration like 500ms, 30s or 5m")
	case d <= 0:
		return 0, fmt.Errorf("is more than nothing, not %s", d)
	}
	return d, nil
}

// what says in a sentence what the fields mean that need one.
func (f *leaseForm) what() string {
	switch f.focus {
	case leaseMode, leaseSlots:
		return [...]string{
			"exclusive: nobody else holds it meanwhile.",
			"shared: a read lock; readers hold it together, writers wait for all of them.",
			"one of N: a place of a semaphore; the number is in the clients, and all must use the same.",
		}[f.mode.at]
	case leaseRecipe:
		if f.recipe.at == 0 {
			return "auto: joins whatever library's queue is there, and refuses one that cannot be joined."
		}
		return f.recipe.options[f.recipe.at] + ": its names and its rule; clients of libraries that do not know them do not respect the lock."
	case leaseIdentity:
		return "What others see of us where the recipe leaves the value free."
	case leaseWait:
		return "One limit for all of it: connecting, queueing, waiting. Then our znode is deleted."
	case leaseTimeout:
		return "How long our znode outlives this program if it crashes or is cut off, and how soon the lease is lost then."
	}
	switch f.row.at {
	case leaseAcquireButton:
		return "Acquire: queues, and waits in the background until it is our turn."
	case leaseTryButton:
		return "Try: takes it if it is free, and else says who holds it."
	}
	return ""
}

// draw appends the fields.
func (f *leaseForm) draw(p *page) {
	p.choice("mode", &f.mode, f.focus == leaseMode)
	if f.mode.at == leaseOneOf {
		p.field("places", f.slots, f.focus == leaseSlots)
	}
	p.choice("recipe", &f.recipe, f.focus == leaseRecipe)
	p.field("identity", f.identity, f.focus == leaseIdentity)
	p.field("wait", f.wait, f.focus == leaseWait)
	p.field("timeout", f.timeout, f.focus == leaseTimeout)
	if f.focus == leaseButtons {
		p.from, p.to = len(p.lines), len(p.lines)
	}
	p.blank()
	p.say(p.st.dim, f.what())
}

// keys are what the footer shows.
func (f *leaseForm) keys() []key.Binding {
	k := []key.Binding{named(dkeys.Next, "next field"), named(dkeys.Accept, "acquire"), dkeys.Cancel}
	switch f.focus {
	case leaseMode, leaseRecipe:
		k = append(k, named(dkeys.Right, "another"))
	case leaseButtons:
		k[1] = dkeys.Accept
	}
	return k
}
