package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// lockTeller tells on standard error what happens to a lock: as lines of JSON, or to a
// person on a terminal in a line that it writes over. What is reported to it is told by
// a goroutine of its own, as whoever reports must not be held up by who does not read.
type lockTeller struct {
	j    *job
	path string
	json bool

	ended chan struct{}
	some  chan struct{}
	// wait ends when nobody needs to know any more who is before us.
	wait    context.Context //nolint:containedctx // it ends with the wait
	waited  context.CancelFunc
	looking sync.WaitGroup

	mu      sync.Mutex // of what follows
	steps   []lockctl.Step
	session lockctl.Session
	began   time.Time
	waiting bool // there may be a line to write over
	shown   bool // there is one
	closed  bool
	last    lockctl.Step // that had a position
	behind  string       // who Before says to be
	why     string       // why there is no connection

	telling sync.Mutex // held while something is written
}

func newLockTeller(j *job, path string, asJSON bool) *lockTeller {
	t := &lockTeller{
		j: j, path: path, json: asJSON, began: time.Now(), waiting: !asJSON && j.overwrites,
		ended: make(chan struct{}), some: make(chan struct{}, 1),
	}
	t.wait, t.waited = context.WithCancel(context.Background())
	go t.run()
	return t
}

// step takes in what has happened. It is given to [lockctl.LockOptions].
func (t *lockTeller) step(s lockctl.Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps = append(t.steps, s)
	if s.Position > 0 {
		t.last = s
	}
	t.wake()
}

func (t *lockTeller) wake() {
	select {
	case t.some <- struct{}{}:
	default:
	}
}

// with says which session may be asked about znodes.
func (t *lockTeller) with(s lockctl.Session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.session, t.why = s, ""
}

// connecting says why there is no connection yet.
func (t *lockTeller) connecting(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.why = why
}

// queued tells whether we have had a place in the queue, and place which.
func (t *lockTeller) queued() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last.Position > 0
}

func (t *lockTeller) place() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last.Position == 0 {
		return ""
	}
	return fmt.Sprintf(": place %d of %d", t.last.Position, t.last.Of)
}

// granted ends the line of progress: standard error is the command's from now on.
func (t *lockTeller) granted() {
	t.waited()
	t.mu.Lock()
	t.waiting = false
	t.mu.Unlock()
	t.telling.Lock()
	defer t.telling.Unlock()
	t.erase()
}

// say writes a line.
func (t *lockTeller) say(format string, args ...any) {
	t.telling.Lock()
	defer t.telling.Unlock()
	t.erase()
	_, _ = fmt.Fprintf(t.j.errs, "zkdeck: "+format+"\n", args...)
}

// close returns when all is told.
func (t *lockTeller) close() {
	t.mu.Lock()
	t.closed, t.waiting = true, false
	t.wake()
	t.mu.Unlock()
	t.waited()
	<-t.ended
	t.looking.Wait()
}

// run tells steps as they come, and how long the wait has been each second.
func (t *lockTeller) run() {
	defer close(t.ended)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-t.some:
		case <-tick.C:
		}
		t.mu.Lock()
		steps, closed := t.steps, t.closed
		t.steps = nil
		t.mu.Unlock()
		for _, s := range steps {
			t.tell(s)
		}
		t.progress()
		if closed {
			t.telling.Lock()
			defer t.telling.Unlock()
			t.erase()
			return
		}
	}
}

// stepJSON is a step for programs. The token is decimal, as it is in the environment.
type stepJSON struct {
	Time     string `json:"time"`
	Event    string `json:"event"`
	Path     string `json:"path"`
	Node     string `json:"node,omitempty"`
	Position int    `json:"position,omitempty"`
	Of       int    `json:"of,omitempty"`
	Before   string `json:"before,omitempty"`
	Token    string `json:"token,omitempty"`
	Until    string `json:"until,omitempty"`
	Why      string `json:"why,omitempty"`
}

// tell tells one step: all to a program, to a person what is trouble.
func (t *lockTeller) tell(s lockctl.Step) {
	if t.json {
		v := stepJSON{
			Time: stamp(s.At), Event: string(s.Kind), Path: s.Path, Node: s.Node,
			Position: s.Position, Of: s.Of, Before: s.Before, Why: s.Why,
		}
		if s.Token != 0 {
			v.Token = strconv.FormatInt(s.Token, 10)
		}
		if !s.Until.IsZero() {
			v.Until = stamp(s.Until)
		}
		t.telling.Lock()
		defer t.telling.Unlock()
		e := json.NewEncoder(t.j.errs)
		e.SetEscapeHTML(false)
		_ = e.Encode(v)
		return
	}
	name := safetext.Clean(t.path)
	switch s.Kind {
	case lockctl.StepSuspended:
		t.say("%s is in doubt, and lost at %s unless a server answers: %s", name, s.Until.Format("15:04:05"), safetext.CleanLine(s.Why))
	case lockctl.StepResumed:
		t.say("%s is held still", name)
	case lockctl.StepRevoke:
		t.say("somebody asks for %s: %s", name, safetext.CleanLine(s.Why))
	case lockctl.StepRequeue:
		t.say("queueing anew for %s: %s", name, safetext.CleanLine(s.Why))
	case lockctl.StepWatch, lockctl.StepList:
		t.look(s)
	}
}

// look finds out who it is that we wait for, to tell a person.
func (t *lockTeller) look(s lockctl.Step) {
	t.mu.Lock()
	session, waiting := t.session, t.waiting
	t.behind = ""
	t.mu.Unlock()
	if !waiting || s.Before == "" || session == nil {
		return
	}
	t.looking.Go(func() { t.name(session, s.Before) }) // a server may be slow
}

// name finds out who a contender says to be.
func (t *lockTeller) name(session lockctl.Session, node string) {
	data, _, err := session.Get(t.wait, t.path+"/"+node, false)
	if err != nil {
		return // it may just have gone
	}
	if _, err := strconv.ParseFloat(string(data), 64); err == nil || len(data) > 200 || !safetext.IsSafe(string(data)) {
		return // a time, or no name
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last.Before == node {
		t.behind = string(data)
		t.wake()
	}
}

// progress shows a person how the wait stands.
func (t *lockTeller) progress() {
	t.telling.Lock()
	defer t.telling.Unlock()
	t.mu.Lock()
	text, waiting := t.waits(), t.waiting
	t.mu.Unlock()
	if !waiting || text == "" {
		return
	}
	width := 80
	if file, ok := t.j.errs.(*os.File); ok {
		if w, _, err := term.GetSize(file.Fd()); err == nil && w > 0 {
			width = w
		}
	}
	t.shown = true
	_, _ = fmt.Fprint(t.j.errs, "\r"+safetext.Truncate(text, width-1)+ansi.EraseLineRight)
}

// waits says in words what is waited for, and "" where there is nothing to say.
func (t *lockTeller) waits() string {
	since := time.Since(t.began).Round(time.Second)
	switch {
	case t.why != "":
		return fmt.Sprintf("connecting to %s: %s", t.j.target.Servers, t.why)
	case t.last.Position > 1 || t.last.Before != "":
		before := safetext.Clean(t.last.Before)
		if t.behind != "" {
			before = t.behind + " (" + before + ")"
		}
		return fmt.Sprintf("waiting for %s, %s: place %d of %d, after %s", safetext.Clean(t.path), since, t.last.Position, t.last.Of, before)
	case since < connectingAfter:
		return ""
	}
	return fmt.Sprintf("waiting for %s, %s", safetext.Clean(t.path), since)
}

// erase takes the line away that was written over.
func (t *lockTeller) erase() {
	if t.shown {
		t.shown = false
		_, _ = fmt.Fprint(t.j.errs, "\r"+ansi.EraseLineRight)
	}
}
