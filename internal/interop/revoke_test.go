//go:build interop

package interop

import (
	"slices"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// TestExcludeRevoke has ours ask Curator for a lock, whose listener hears it and lets go,
// and Curator ask ours.
func TestExcludeRevoke(t *testing.T) {
	t.Parallel()
	addr := zktest.SharedReal(t)
	r := &rig{addr: addr, timeout: session, peers: map[string]*peers{
		"curator": curatorPeers(t, javaArgs(t, "CuratorPeers"), addr, session),
	}}
	s := r.scenery(t, family{name: "revocable", client: "curator", kind: "curator-revocable", recipe: lockctl.CuratorMutex})
	holder := s.theirs("holder", 0).hold()
	o, u := s.ours("ours", "")
	s.queue("holder=h ours=w>holder")
	first := s.look.locks(s.path, s.look.cluster())[0].Contenders[0]
	if err := lockctl.AskBack(t.Context(), u.s, first); err != nil {
		t.Fatal(err)
	}
	holder.gone("")
	o.hold()

	next := s.theirs("next", 0)
	s.queue("ours=h next=w>ours")
	next.revoke(s.path + "/" + u.lease.Node())
	word, _ := lockctl.RevokeWord(lockctl.CuratorMutex)
	for end := time.After(patience); u.lease.Asked() != word; {
		select {
		case <-u.lease.Changed():
		case <-u.lease.Done():
			t.Fatal(u.lease.Err())
		case <-time.After(10 * time.Millisecond): // another may have taken the signal
		case <-end:
			t.Fatalf("ours was asked %q, want %q", u.lease.Asked(), word)
		}
	}
	if !slices.ContainsFunc(u.taken(), func(s lockctl.Step) bool { return s.Kind == lockctl.StepRevoke && s.Why == word }) {
		t.Errorf("no step tells of it: %+v", u.taken())
	}
	next.waits()
	o.gives()
	next.hold()
	next.gives()
	s.empty()
	s.witness.alone(t, 0)
}
