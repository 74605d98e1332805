package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zkdeck/lockctl"
)

// worker is one that contends. One goroutine of its own takes the turns, another is told
// of its session. Run.mu guards what changes.
type worker struct {
	run    *Run
	n      int
	mode   lockctl.Mode
	ctx    context.Context
	cancel context.CancelFunc

	state  WorkerState
	since  time.Time
	frozen bool
	// waking: it is thawed, and does what it was about to do before it hears of anything.
	waking  bool
	awake   chan struct{} // closed when it is neither frozen nor waking; nil: it is not
	ending  ending
	line    *line  // of its session; nil before the first
	dir     string // of the run, as the server knows it
	session int64
	link    lockctl.SessionState
	timeout time.Duration
	server  string
	turns   int
	turn    *turn          // while it has one
	try     bool           // at its next turn
	held    []lockctl.Step // told while it was frozen
	parting parting
}

// ending is how a worker was told to end.
type ending uint8

const (
	killed ending = iota + 1
	crashed
)

// parting is what a worker had when it crashed or was frozen.
type parting struct {
	node      string
	ephemeral bool
}

// settleLimit is how long what a contender has going on may go on after its session.
const settleLimit = time.Second

// stepsHeld is how many steps of a frozen worker are told when it wakes up.
const stepsHeld = 20

// writerEach is of how many workers of ReadWrite one writes.
const writerEach = 3

// add starts a worker; r.mu is held.
func (r *Run) add() *worker {
	r.last++
	w := &worker{run: r, n: r.last, state: Connecting, since: time.Now()}
	if r.o.Recipe == ReadWrite {
		w.mode = lockctl.Read
		if w.n%writerEach == 1 {
			w.mode = lockctl.Write
		}
	}
	w.ctx, w.cancel = context.WithCancel(r.ctx)
	r.workers = append(r.workers, w)
	r.work.Go(w.live)
	return w
}

// live is all that the worker does: one session after the other, until it is ended.
func (w *worker) live() {
	defer w.cancel()
	for w.serve() {
	}
	r := w.run
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gate.freeze(w.n, false)
	if w.ending != crashed {
		w.link = lockctl.SessionEnded
		r.setState(w, Gone)
		r.prune()
	}
	r.mayBegin()
}

// serve has one session, and takes turns on it as long as it lives. It tells whether there
// is to be another.
func (w *worker) serve() (again bool) {
	r := w.run
	l := newLine(r.dir, &r.tally, r.signal, func(path string) { r.sawDeleted(w, path) })
	s, err := r.open(l.dial)
	if err != nil {
		r.fail(fmt.Errorf("open a session for worker %d: %w", w.n, err))
		return false
	}
	ctx, cancel := context.WithCancelCause(w.ctx)
	t := &tap{Session: s, w: w, line: l, over: make(chan struct{})}
	a := &attendant{w: w, s: s, t: t, ev: s.Events(), up: make(chan struct{}), cancel: cancel}
	w.begin(l, s)
	attended := make(chan struct{})
	go func() {
		defer close(attended)
		a.attend(ctx)
	}()
	c := w.contender(ctx, t, a.up)
	if c != nil {
		again = w.takeTurns(ctx, c)
	}
	cancel(nil)
	<-attended
	if c, ok := c.(interface{ settled(context.Context) error }); ok {
		limited, done := context.WithTimeout(context.Background(), settleLimit)
		_ = c.settled(limited) // all that it asks fails by now
		done()
	}
	l.cut()
	return (again || c == nil) && w.ctx.Err() == nil
}

// begin takes in a new session.
func (w *worker) begin(l *line, s lockctl.Session) {
	r := w.run
	r.mu.Lock()
	defer r.mu.Unlock()
	w.line, w.dir, w.session, w.link, w.turn = l, s.Absolute(r.dir), 0, lockctl.SessionConnecting, nil
	r.setState(w, Connecting)
	if w.frozen {
		l.freeze()
	}
	if w.ending == crashed {
		l.cut()
	}
}

// contender is who takes the turns, once all may begin; nil when ctx ends before.
func (w *worker) contender(ctx context.Context, t *tap, up <-chan struct{}) contender {
	r := w.run
	for _, c := range []<-chan struct{}{up, r.begun} {
		select {
		case <-c:
		case <-ctx.Done():
			return nil
		}
	}
	r.mu.Lock()
	o := r.o
	r.mu.Unlock()
	o.Now = time.Now // locks go by the time that passes
	c, err := newContender(seat{worker: w.n, session: t, dir: r.dir, mode: w.mode, options: o, step: w.step})
	if err != nil {
		r.fail(err)
		return nil
	}
	return c
}

// step takes in a step of the recipe. One that is frozen tells of nothing before it is awake.
func (w *worker) step(s lockctl.Step) {
	r := w.run
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case w.ending != 0:
		return // what the lab did to it was said
	case w.frozen || w.waking:
		if len(w.held) < stepsHeld {
			w.held = append(w.held, s)
		}
		return
	}
	r.tell(w, s)
}

// tell adds a step to the commentary; r.mu is held.
func (r *Run) tell(w *worker, s lockctl.Step) {
	switch {
	case s.Kind == lockctl.StepSuspended, s.Kind == lockctl.StepResumed:
		return // the attendant tells it, of those who wait too
	case s.Kind == lockctl.StepReleased:
		return // the tap has, when the deletion left
	}
	if n, ok := noteOf(w.n, s, func(node string) int { return r.nodes.whose[node] }); ok {
		r.say(n)
	}
}

// until is when the servers end the session at the earliest, zero where there is none or
// it is told to go on; r.mu is held.
func (w *worker) until() time.Time {
	sent := time.Time{}
	if w.line != nil {
		sent = w.line.sentLast()
	}
	alone := w.state == Crashed || w.frozen || w.link == lockctl.SessionSuspended
	if !alone || w.session == 0 || sent.IsZero() || w.link == lockctl.SessionEnded {
		return time.Time{}
	}
	return sent.Add(w.timeout)
}

// left is how long the servers keep the session at least; r.mu is held.
func (w *worker) left() time.Duration {
	until := w.until()
	if until.IsZero() {
		return -w.timeout
	}
	return time.Until(until)
}

// part notes what a worker has that does nothing more; r.mu is held.
func (w *worker) part() {
	z, ok := w.run.nodes.of(w.n, w.session)
	w.parting = parting{node: z.Name, ephemeral: ok && z.Owner != 0}
}

// attendant is told of a worker's session, and closes it at the end.
type attendant struct {
	w      *worker
	s      lockctl.Session
	t      *tap
	ev     lockctl.SessionEvents
	up     chan struct{} // closed once there is a session
	isUp   bool
	cancel context.CancelCauseFunc // of what works on the session
}

// attend runs until the session is over or ctx ends, and closes it.
func (a *attendant) attend(ctx context.Context) {
	defer a.ev.Close()
	if a.s.Status().State == lockctl.SessionLive {
		a.made()
	}
	over := false
	for !over {
		events, err := a.ev.Next(ctx)
		if err != nil {
			break
		}
		if !a.w.stirs(ctx) {
			break
		}
		for _, e := range events {
			switch e.Kind {
			case lockctl.ConnectionMade:
				a.made()
			case lockctl.ConnectionLost:
				a.lost()
			case lockctl.SessionOver:
				over = true
			default:
				a.fired(e)
			}
		}
	}
	close(a.t.over)
	live := a.s.Status().State == lockctl.SessionLive
	_ = a.s.Close()
	if over {
		a.over()
	} else {
		a.closed(live)
	}
	a.cancel(lockctl.ErrEnded)
}

// stirs waits while the worker is frozen, which hears of nothing; false when ctx ends.
func (w *worker) stirs(ctx context.Context) bool {
	w.run.mu.Lock()
	awake := w.awake
	w.run.mu.Unlock()
	if awake != nil {
		select {
		case <-awake:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// made takes in that there is a connection.
func (a *attendant) made() {
	w, r, st := a.w, a.w.run, a.s.Status()
	if st.State != lockctl.SessionLive {
		return // lost again: that follows
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.isUp && w.link == lockctl.SessionSuspended {
		r.say(resumedNote(w.n, st.Server, w.nodeName()))
	}
	w.session, w.timeout, w.server, w.link = st.ID, st.Timeout, st.Server, lockctl.SessionLive
	r.nodes.sessions[st.ID] = w.n
	r.signal()
	if a.isUp {
		return
	}
	a.isUp = true
	close(a.up)
	if r.firstUp.IsZero() {
		r.firstUp = time.Now()
	}
	r.setState(w, Thinking)
	r.mayBegin()
}

// lost takes in that there is none.
func (a *attendant) lost() {
	w, r := a.w, a.w.run
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.link == lockctl.SessionLive && w.ending == 0 {
		w.link = lockctl.SessionSuspended
		if w.left() > 0 { // one that was frozen for long hears of the rest at once
			r.say(suspendedNote(w.n, r.shown(w.until())))
		}
	}
}

// fired counts a wake-up where the line cannot read what passes.
func (a *attendant) fired(e lockctl.SessionEvent) {
	l := a.t.line
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opaque && !l.owns(a.s.Absolute(e.Path)) {
		l.tally.wakeups.Add(1)
	}
}

// over takes in that the servers have ended the session.
func (a *attendant) over() {
	w, r := a.w, a.w.run
	r.mu.Lock()
	defer r.mu.Unlock()
	r.nodes.ended(w.session)
	switch {
	case w.ending != 0:
		return
	case w.link != lockctl.SessionEnded:
		w.link = lockctl.SessionEnded
		r.say(overNote(w.n))
		return
	}
	r.say(endedNote(w.n)) // it was frozen meanwhile
}

// closed takes in that the session was closed from this side.
func (a *attendant) closed(live bool) {
	w, r := a.w, a.w.run
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.ending == crashed {
		return
	}
	if live {
		r.nodes.ended(w.session)
	}
	r.signal()
}

// nodeName is the worker's znode, "" where it has none; r.mu is held.
func (w *worker) nodeName() string {
	z, _ := w.run.nodes.of(w.n, w.session)
	return z.Name
}

// hopeless tells of errors that do not pass.
func hopeless(err error) bool {
	for _, e := range []error{
		lockctl.ErrReadOnly, lockctl.ErrDenied, lockctl.ErrForeign, lockctl.ErrMixed, lockctl.ErrExhausted, lockctl.ErrSlots,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
