package lockctl_test

import (
	"context"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// waiter takes a lock in a goroutine and tells its steps.
type waiter struct {
	steps  chan lockctl.Step
	leases chan *lockctl.Lease
	cancel context.CancelFunc
}

// waitFor has a session of its own queue for a lock, and returns when it watches so many.
func waitFor(t *testing.T, addr, dir string, watches int) *waiter {
	t.Helper()
	s, err := lockview.OpenSession(zkview.Config{Servers: addr, Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	w := &waiter{make(chan lockctl.Step, 1000), make(chan *lockctl.Lease, 1), cancel}
	k, err := lockctl.NewLocker(s, dir, lockctl.LockOptions{Eager: true, Observe: func(step lockctl.Step) { w.steps <- step }})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		l, _ := k.Acquire(ctx)
		w.leases <- l
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	spy := zktest.Connect(t, addr)
	for len(w.leases) == 0 {
		names, _, err := spy.Children(dir)
		if err != nil {
			t.Fatal(err)
		}
		held := 0
		for _, n := range names {
			for _, session := range watchers(t, addr, dir+"/"+n) {
				if session == s.Status().ID {
					held++
				}
			}
		}
		if held == watches {
			break
		}
	}
	return w
}

// until reads steps up to one of a kind.
func (w *waiter) until(t *testing.T, kind lockctl.StepKind) []lockctl.Step {
	t.Helper()
	var all []lockctl.Step
	late := time.After(time.Minute)
	for {
		select {
		case s := <-w.steps:
			if all = append(all, s); s.Kind == kind {
				return all
			}
		case <-late:
			t.Fatalf("no %s after %+v", kind, all)
		}
	}
}

func kindsOf(steps []lockctl.Step) (kinds []lockctl.StepKind) {
	for _, s := range steps {
		kinds = append(kinds, s.Kind)
	}
	return kinds
}

// Who came as the last of four lists the queue when the one before it gets the lock, and
// takes the lock without a listing when that one releases it. Nobody else hears of it.
func TestTheLastOfManyTakesTheLockOnTheEvent(t *testing.T) {
	addr := zktest.SharedReal(t)
	dir := zktest.RootOn(t, addr)
	var all []*waiter
	for i, watches := range []int{1, 2, 3, 3} { // its own, the one before, the one before that
		all = append(all, waitFor(t, addr, dir, watches))
		kind := lockctl.StepWatch
		if i == 0 {
			kind = lockctl.StepGranted
		}
		all[i].until(t, kind)
	}
	last := all[3]
	release := func(w *waiter) {
		t.Helper()
		if l := <-w.leases; l == nil || l.Release(t.Context()) != nil {
			t.Fatal("not released")
		}
	}
	release(all[0])
	all[1].until(t, lockctl.StepGranted)
	all[2].until(t, lockctl.StepList)
	if n := len(last.steps); n != 0 {
		t.Errorf("the last was told %+v", <-last.steps)
	}
	release(all[1])
	if steps := all[2].until(t, lockctl.StepGranted); !slices.Equal(kindsOf(steps), []lockctl.StepKind{lockctl.StepWake, lockctl.StepGranted}) {
		t.Errorf("the third: %v", kindsOf(steps))
	}
	if steps := last.until(t, lockctl.StepList); len(steps) != 1 || steps[0].Position != 2 || steps[0].Of != 2 {
		t.Errorf("the last: %+v", steps)
	}
	release(all[2])
	if steps := last.until(t, lockctl.StepGranted); !slices.Equal(kindsOf(steps), []lockctl.StepKind{lockctl.StepWake, lockctl.StepGranted}) {
		t.Errorf("the last: %v", kindsOf(steps))
	}
	release(last)
}

// The one before the one before gives up: nothing is granted, and the order stays.
func TestTheSecondBeforeGivesUp(t *testing.T) {
	addr := zktest.SharedReal(t)
	dir := zktest.RootOn(t, addr)
	var all []*waiter
	for _, watches := range []int{1, 2, 3, 3} {
		all = append(all, waitFor(t, addr, dir, watches))
	}
	all[1].cancel()
	if l := <-all[1].leases; l != nil {
		t.Fatal("granted")
	}
	steps := all[3].until(t, lockctl.StepList)
	for steps[len(steps)-1].Of != 3 {
		steps = append(steps, all[3].until(t, lockctl.StepList)...)
	}
	if s := steps[len(steps)-1]; s.Position != 3 {
		t.Errorf("%+v", s)
	}
	for _, i := range []int{0, 2, 3} {
		all[i].until(t, lockctl.StepGranted)
		if l := <-all[i].leases; l.Release(t.Context()) != nil {
			t.Fatal("not released")
		}
	}
}

// watchers are the sessions with a data watch on a path, as the server says.
func watchers(t *testing.T, addr, path string) (sessions []int64) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "wchp")
	text, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	at := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		id, is := strings.CutPrefix(line, "\t0x")
		if !is {
			at = line
			continue
		}
		if session, err := strconv.ParseUint(id, 16, 64); err == nil && at == path {
			sessions = append(sessions, int64(session))
		}
	}
	return sessions
}
