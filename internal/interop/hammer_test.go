//go:build interop

package interop

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// mix is who contends for one lock.
type mix struct {
	name   string
	path   string // below the test's
	recipe lockctl.Recipe
	slots  int
	theirs []string // kinds of their clients
	ours   []lockctl.Mode
}

// mixes are all families. kazoo's readers are not among them: before 2.9 a reader that is
// woken waits for the last writer, also where that waits for it (kazoo's issue 649).
var mixes = []mix{
	{"kazoo lock", "/lock", lockctl.KazooLock, 0, []string{"kazoo-lock", "kazoo-lock"}, []lockctl.Mode{"", ""}},
	{"kazoo read and write", "/rw", lockctl.KazooRWLock, 0, []string{"kazoo-write", "kazoo-write"}, []lockctl.Mode{lockctl.Write, lockctl.Read, lockctl.Read}},
	{"kazoo semaphore", "/places", lockctl.KazooSemaphore, 2, []string{"kazoo-semaphore", "kazoo-semaphore"}, []lockctl.Mode{"", ""}},
	{"naive", "/uk/lock", lockctl.Naive, 0, []string{"naive", "naive"}, []lockctl.Mode{"", ""}},
	{"curator mutex", "/mutex", lockctl.CuratorMutex, 0, []string{"curator-mutex", "curator-mutex", "go-zookeeper"}, []lockctl.Mode{"", ""}},
	{
		"curator read and write", "/rw", lockctl.CuratorRWLock, 0,
		[]string{"curator-read", "curator-read", "curator-write"},
		[]lockctl.Mode{lockctl.Write, lockctl.Read, lockctl.Read},
	},
	{"curator semaphore", "/places", lockctl.CuratorSemaphore, 2, []string{"curator-semaphore", "curator-semaphore"}, []lockctl.Mode{"", ""}},
	{"WriteLock and zoo_lock", "/written", lockctl.WriteLock, 0, []string{"writelock", "zoo_lock"}, []lockctl.Mode{"", ""}},
	{"plain lock", "/locks/plain", lockctl.PlainLock, 0, []string{"lock-", "lock-"}, []lockctl.Mode{"", ""}},
	{"the recipes' lock", "/guid", lockctl.RecipesLock, 0, []string{"guid-lock-", "guid-lock-"}, []lockctl.Mode{"", ""}},
	{"the recipes' read and write", "/guid-rw", lockctl.RecipesRWLock, 0, []string{"guid-read-", "guid-write-"}, []lockctl.Mode{lockctl.Write, lockctl.Read}},
	{"zk-ruby", "/_zklocking/orders", lockctl.ZKRuby, 0, []string{"ex", "sh"}, []lockctl.Mode{lockctl.Write, lockctl.Read}},
}

// TestExcludeContend has ours and theirs take one lock again and again, every so often
// only for a moment, and finds from their witness that they were never in it together.
func TestExcludeContend(t *testing.T) {
	length := contendLength(t)
	addr := zktest.SharedReal(t)
	r := newRig(t, addr, session, javaArgs(t, "CuratorPeers"))
	t.Run("families", func(t *testing.T) { // which run beside each other, and end before the programs
		for _, m := range mixes {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				r.mixed(t, m).hammered(length)
			})
		}
	})
}

// hammered has all contend, and judges what they did.
func (s *scenery) hammered(length time.Duration) {
	for _, p := range s.in {
		p.hold() // everybody gets it
	}
	time.Sleep(length) // how much there is to judge; nothing is waited for
	for _, p := range s.in {
		p.leave()
	}
	var figures []string
	for _, p := range s.in {
		p.gone("")
		figures = append(figures, fmt.Sprintf("%s held %d times", p.name, p.times.Load()))
		if n := p.fails.Load(); n > 0 {
			s.t.Errorf("%s had to begin anew %d times", p.name, n)
		}
	}
	s.t.Log(strings.Join(figures, ", "))
	for _, stay := range s.witness.alone(s.t, s.slots) {
		if stay.stood == "no" {
			s.t.Errorf("line %d: the znode of %s, %s, was gone while it held", stay.from, stay.name, stay.node)
		}
	}
	s.empty()
}

// mixed has all of a mix contend.
func (r *rig) mixed(t *testing.T, m mix) *scenery {
	t.Helper()
	s := r.scenery(t, family{name: m.name, path: m.path, slots: m.slots, recipe: m.recipe})
	const most = 30 * time.Millisecond
	for i, kind := range m.theirs {
		s.client = clients(kind)
		s.in = append(s.in, s.start(fmt.Sprintf("%s.%d", kind, i), wanted{kind, s.path, m.slots, most, true, s.witness}))
	}
	for i, mode := range m.ours {
		u := newOurs(r.addr, s.path, r.timeout, lockctl.LockOptions{Recipe: m.recipe, Mode: mode, Slots: m.slots})
		u.tries = true
		p := runAgain(t, fmt.Sprintf("ours.%d", i), u, s.witness, most)
		p.status = u.status
		s.in = append(s.in, p)
	}
	return s
}
