package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/screentest"
	"zkdeck/lockctl"
)

// fakeBoard is a board that a test moves.
type fakeBoard struct {
	mu               sync.Mutex
	snap             *lockctl.Snapshot
	changed          chan struct{}
	searched, looked [][]string
	opened           []string
	closed           bool
}

var _ lockBoard = (*fakeBoard)(nil)

func newFakeBoard(locks ...*lockctl.View) *fakeBoard {
	b := &fakeBoard{changed: make(chan struct{}, 1)}
	b.set(&lockctl.Snapshot{Locks: locks})
	return b
}

// set makes a snapshot the newest.
func (b *fakeBoard) set(s *lockctl.Snapshot) {
	slices.SortFunc(s.Locks, func(a, b *lockctl.View) int { return strings.Compare(a.Path, b.Path) })
	b.mu.Lock()
	b.snap = s
	b.mu.Unlock()
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

func (b *fakeBoard) Search(roots ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.searched = append(b.searched, roots)
}

func (b *fakeBoard) Look(paths ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looked = append(b.looked, paths)
}
func (b *fakeBoard) LookAgain(...string) {}

func (b *fakeBoard) Open(path string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opened = append(b.opened, path)
}
func (b *fakeBoard) Changed() <-chan struct{}    { return b.changed }
func (b *fakeBoard) Snapshot() *lockctl.Snapshot { b.mu.Lock(); defer b.mu.Unlock(); return b.snap }
func (b *fakeBoard) Close()                      { b.mu.Lock(); defer b.mu.Unlock(); b.closed = true }

// on has a screen show what this board says.
func (b *fakeBoard) on(s *setup) { s.board = b }

// noLocks has a screen find no locks.
func noLocks(s *setup) { newFakeBoard().on(s) }

// asked are what was searched and looked at so far.
func (b *fakeBoard) asked() (searched, looked [][]string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.searched), slices.Clone(b.looked)
}

// await waits until what was searched and looked at is so; that shows on no screen.
func (b *fakeBoard) await(t *testing.T, what string, cond func(searched, looked [][]string) bool) {
	t.Helper()
	deadline, tick := time.NewTimer(screentest.Deadline), time.NewTicker(5*time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for !cond(b.asked()) {
		select {
		case <-tick.C:
		case <-deadline.C:
			searched, looked := b.asked()
			t.Fatalf("in vain: %s; searched %q, looked at %q", what, searched, looked)
		}
	}
}

// lockStart is the time on the clock of these tests.
var lockStart = time.Unix(1_700_000_000, 0)

// party is a contender of a lock that a test makes up.
func party(role lockctl.Role, mode lockctl.Mode, session int64, identity, address string) lockctl.Contender {
	return lockctl.Contender{
		Node: fmt.Sprintf("n-%010d", session), Role: role, Mode: mode, Session: session,
		Identity: identity, Address: address, WaitsFor: lockctl.NobodyBefore,
	}
}

// oneHeld is a mutex that is held, with so many waiters.
func oneHeld(path string, recipe lockctl.Recipe, identity, address string, since time.Duration, waiters int) *lockctl.View {
	v := &lockctl.View{State: lockctl.Held, HeldSince: lockStart.Add(-since), AtLeast: true}
	v.Path, v.Recipe, v.Kind = path, recipe, lockctl.Mutex
	v.Contenders = append(v.Contenders, party(lockctl.Holder, lockctl.Exclusive, 1, identity, address))
	for i := range waiters {
		v.State = lockctl.Contended
		v.Contenders = append(v.Contenders, party(lockctl.Waiter, lockctl.Exclusive, int64(i+2), "", ""))
	}
	return v
}

// oneFree is a lock that nobody has.
func oneFree(path string) *lockctl.View {
	v := &lockctl.View{State: lockctl.Free}
	v.Path, v.Recipe, v.Kind = path, lockctl.CuratorMutex, lockctl.Mutex
	return v
}

// someLocks are locks in all states.
func someLocks() []*lockctl.View {
	naive := oneHeld("/uk/lock", lockctl.Naive, "", "10.0.0.5:51234", 4*time.Second, 3)
	naive.PerMinute = 31
	naive.Warnings = []lockctl.Warning{{Code: lockctl.WarnHerd, Text: "Every release wakes all 3 waiters."}}
	shared := oneHeld("/reports", lockctl.CuratorRWLock, "a", "10.0.0.8:1", time.Second, 1)
	shared.State, shared.PerMinute = lockctl.Shared, 12
	shared.Contenders[0].Mode = lockctl.Read
	shared.Contenders = slices.Insert(shared.Contenders, 1, party(lockctl.Holder, lockctl.Read, 99, "b", "10.0.0.9:1"))
	dead := oneHeld("/stock/a", lockctl.KazooLock, "w1", "10.0.0.9:3312", 340*time.Second, 1)
	dead.State = lockctl.Suspicious
	dead.Warnings = []lockctl.Warning{{Code: lockctl.WarnDeadlock, Text: "Sessions wait for each other."}}
	places := oneHeld("/places", lockctl.CuratorSemaphore, "", "10.0.0.1:1", time.Hour, 0)
	places.Limit, places.Contenders[0].Mode = 3, lockctl.Place
	return []*lockctl.View{
		oneHeld("/jobs/nightly", lockctl.CuratorMutex, "batch-1", "10.0.0.7:40112", 2*time.Hour+11*time.Minute+9*time.Second, 1),
		naive, shared, dead, places, oneFree("/deploy"),
	}
}

// someSnapshot is what a search has found.
func someSnapshot() *lockctl.Snapshot {
	s := &lockctl.Snapshot{Locks: someLocks()}
	s.Search = lockctl.Search{Roots: []string{"/"}, Running: true, Progress: lockctl.SearchProgress{Visited: 412_000, Queued: 88_000}}
	return s
}

// testLocks is the screen on a fake board, in front, with a search of / under way.
func testLocks() (*locksScreen, *fakeBoard, *fakeHost) {
	b, keys, host := newFakeBoard(), DefaultKeyMap(), &fakeHost{marks: map[string]bool{}}
	l := newLocks(context.Background(), func() lockBoard { return b })
	search := func(roots []string) tea.Cmd { return l.search(roots) }
	search([]string{"/"})
	l.take()
	return newLocksScreen(l, host, &keys, func() time.Time { return lockStart }, search, func() { host.said = append(host.said, "missing") }), b, host
}
