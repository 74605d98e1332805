package tui

import (
	"context"
	"errors"
	"sync"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// leaseWant is what a person chose for an acquisition.
type leaseWant struct {
	mode     lockctl.Mode
	slots    int
	recipe   lockctl.Recipe // "": the one that is queued there
	identity string
	wait     time.Duration // at most; 0: without limit
	timeout  time.Duration // of the session
	try      bool          // do not wait
	force    bool
}

// claimState is how a claim stands.
type claimState uint8

const (
	claimWaiting    claimState = iota // nothing is held yet
	claimCancelling                   // the wait was given up, and the znode goes
	claimHeld
	claimSuspended
	claimReleasing
	// From here on it has ended.
	claimReleased
	claimCancelled
	claimRefused // it was not granted
	claimLost
)

// active tells that a znode of the claim is there, or may be.
func (s claimState) active() bool { return s < claimReleased }

// maxSteps bounds the steps that a claim remembers.
const maxSteps = 400

// settleTime bounds the wait for the deletion of the znode of a claim that was given
// up or refused.
const settleTime = 5 * time.Second

// claim is a lock that we wait for, hold or had.
type claim struct {
	id   int
	path string
	want leaseWant
	desk *leaseDesk

	wait   context.Context // ends when the wait is given up
	giveUp context.CancelFunc
	letGo  chan struct{} // a value when it is to be released
	done   chan struct{} // closed when nothing of it is left

	mu      sync.Mutex
	begun   time.Time
	steps   []lockctl.Step
	dropped int       // steps before those
	seen    claimView // what the steps say
	session lockctl.Session
	lease   heldLease
	leaving bool
	end     claimState // when over
	over    bool
	err     error     // why it was not granted, or lost, or could not be released
	ended   time.Time // when over

	// Of the model alone.
	told   claimState // what was said of it last
	asked  string     // the revoke word that was said
	failed string     // why it could not be released, as it was said
	lostAt time.Time  // since when it is lost, or suspended
}

func newClaim(d *leaseDesk, id int, path string, want leaseWant) *claim {
	c := &claim{
		id: id, path: path, want: want, desk: d, begun: time.Now(),
		letGo: make(chan struct{}, 1), done: make(chan struct{}),
	}
	c.wait, c.giveUp = context.WithCancel(d.hard)
	return c
}

// claimView is how a claim stands at one moment.
type claimView struct {
	state   claimState
	begun   time.Time
	session lockctl.SessionStatus
	err     error
	ended   time.Time

	// Of what waits: where it stands in the queue, and the name of the znode before it.
	position, of int
	before       string
	node         string // the name of our znode, "" while there is none

	// Of what was granted.
	granted, deadline time.Time
	token             int64
	recipe            lockctl.Recipe
	mode              lockctl.Mode
	dir               string
	asked             string
}

// look tells how the claim stands. It does not block.
func (c *claim) look() claimView {
	c.mu.Lock()
	v, l, leaving, over := c.seen, c.lease, c.leaving, c.over
	v.begun, v.err, v.ended, v.state = c.begun, c.err, c.ended, c.end
	session := c.session
	c.mu.Unlock() // a step may be told while the lease is asked
	if session != nil {
		v.session = session.Status()
	}
	if l != nil {
		v.granted, v.deadline, v.token, v.asked = l.Granted(), l.Deadline(), l.Token(), l.Asked()
		v.recipe, v.mode, v.dir, v.node = l.Recipe(), l.Mode(), l.Dir(), l.Node()
	}
	if !over {
		v.state = stateOf(l, leaving)
	}
	if v.state == claimLost && v.err == nil && l != nil {
		v.err = l.Err()
	}
	return v
}

// stateOf is the state of a claim that is not over.
func stateOf(l heldLease, leaving bool) claimState {
	if l == nil {
		if leaving {
			return claimCancelling
		}
		return claimWaiting
	}
	switch s := l.State(); {
	case s == lockctl.LeaseLost:
		return claimLost
	case leaving:
		return claimReleasing
	case s == lockctl.LeaseSuspended:
		return claimSuspended
	}
	return claimHeld
}

// learn takes what a step says of where we stand.
func (v *claimView) learn(s *lockctl.Step) {
	if s.Node != "" {
		v.node = lastPart(s.Node)
	}
	switch s.Kind {
	case lockctl.StepList:
		v.position, v.of, v.before = s.Position, s.Of, lastPart(s.Before)
	case lockctl.StepWatch:
		v.before = lastPart(s.Before)
	case lockctl.StepRequeue, lockctl.StepGranted:
		v.position, v.of, v.before = 0, 0, ""
	}
}

// log is a copy of the steps, and how many came before them.
func (c *claim) log() ([]lockctl.Step, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]lockctl.Step(nil), c.steps...), c.dropped
}

// leave gives the wait up, or releases what is held. It does not block and may be
// called again.
func (c *claim) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving || c.over {
		return
	}
	c.leaving, c.err = true, nil
	select {
	case c.letGo <- struct{}{}:
	default:
	}
	c.giveUp()
}

// step takes a step of the recipe.
func (c *claim) step(s lockctl.Step) {
	c.mu.Lock()
	if len(c.steps) == maxSteps {
		n := maxSteps / 4
		c.steps = append(c.steps[:0], c.steps[n:]...)
		c.dropped += n
	}
	c.steps = append(c.steps, s)
	c.seen.learn(&s)
	c.mu.Unlock()
	c.desk.tell()
}

// finish notes the end.
func (c *claim) finish(end claimState, err error) {
	c.mu.Lock()
	c.over, c.end, c.err, c.ended = true, end, err, time.Now()
	c.mu.Unlock()
	c.desk.tell()
}

// options are those of lockctl.
func (c *claim) options() lockctl.LockOptions {
	return lockctl.LockOptions{
		Recipe: c.want.recipe, Mode: c.want.mode, Slots: c.want.slots, Identity: c.want.identity,
		Force: c.want.force, Observe: c.step,
	}
}

// run is all that becomes of the claim, from the session's beginning to its end.
func (c *claim) run() {
	defer close(c.done)
	defer c.giveUp()
	s, err := c.desk.open(c.want.timeout)
	if err != nil {
		c.finish(claimRefused, err)
		return
	}
	defer func() { _ = s.Close() }() // it has no error to tell
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
	k, err := c.desk.take(s, c.path, c.options())
	if err != nil {
		c.finish(claimRefused, err)
		return
	}
	l, err := c.acquire(k)
	if err != nil {
		c.refused(k, err)
		return
	}
	c.mu.Lock()
	c.lease = l
	c.mu.Unlock()
	c.desk.tell()
	c.hold(l)
}

// acquire waits for the lock as long as it may.
func (c *claim) acquire(k leaseTaker) (heldLease, error) {
	ctx := c.wait
	if c.want.try {
		return k.TryAcquire(ctx)
	}
	if c.want.wait > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.want.wait)
		defer cancel()
	}
	return k.Acquire(ctx)
}

// refused waits until the znode is gone and notes why there is no lease.
func (c *claim) refused(k leaseTaker, err error) {
	ctx, cancel := context.WithTimeout(c.desk.hard, settleTime)
	defer cancel()
	c.desk.tell()
	left := k.Settled(ctx)
	if c.wait.Err() != nil && errors.Is(err, context.Canceled) {
		c.finish(claimCancelled, left)
		return
	}
	c.finish(claimRefused, err)
}

// hold waits for the end of a lease.
func (c *claim) hold(l heldLease) {
	for {
		select {
		case <-l.Changed():
			c.desk.tell()
		case <-l.Done():
			c.finish(claimLost, l.Err())
			return
		case <-c.letGo:
			if c.release(l) {
				return
			}
		}
	}
}

// release gives a lease back. It returns false if that failed and the lease is held
// still.
func (c *claim) release(l heldLease) (over bool) {
	err := l.Release(c.desk.hard)
	switch {
	case err == nil:
		c.finish(claimReleased, nil)
	case l.State() == lockctl.LeaseLost:
		c.finish(claimLost, l.Err())
	case c.desk.hard.Err() != nil: // the program ends
		c.finish(claimReleased, err)
	default:
		c.mu.Lock()
		c.leaving, c.err = false, err
		c.mu.Unlock()
		c.desk.tell()
		return false
	}
	return true
}

// farewell says what may be left of the claim after the program has ended, "" if
// nothing is.
func (c *claim) farewell() string {
	v := c.look()
	within := c.want.timeout
	if t := v.session.Timeout; t > 0 {
		within = t
	}
	by := "The servers delete its znode within " + seconds(within) + ", when its session times out"
	switch name := safetext.Clean(c.path); {
	case v.state == claimReleased && v.err != nil:
		return "The lease on " + name + " could not be released in time: " + reason(v.err) + ". " + by
	case v.state == claimReleasing, v.state == claimHeld, v.state == claimSuspended:
		return "The lease on " + name + " was not released in time. " + by
	case v.state == claimCancelled && v.err != nil, v.state == claimCancelling && v.node != "":
		return "The wait for " + name + " was not taken back in time. " + by
	}
	return ""
}
