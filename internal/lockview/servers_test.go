package lockview_test

import (
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// Half of the servers do not answer: what the others say is used, what is missing is
// said, and nobody is called a ghost or a zombie for it.
func TestHalfTheServersAreSilent(t *testing.T) {
	ens := zktest.Start(t, 5)
	leader := ens.Leader()
	var live, silent []*zktest.Server
	for _, s := range ens.Servers() {
		if s != leader && len(silent) < 2 {
			silent = append(silent, s)
		} else {
			live = append(live, s)
		}
	}
	near := zktest.Connect(t, live[0].Addr())
	far := zktest.Connect(t, live[1].Addr())
	lost := zktest.Connect(t, silent[0].Addr())
	create(t, near, "/a", "", plain)
	create(t, near, "/a/"+id(1), "near", contending)
	if _, err := far.Sync("/a"); err != nil {
		t.Fatal(err)
	}
	create(t, far, "/a/"+id(2), "far", contending)
	if _, err := lost.Sync("/a"); err != nil {
		t.Fatal(err)
	}
	create(t, lost, "/a/"+id(3), "lost", contending)
	silent[0].Pause()
	silent[1].Kill()
	r := look(t, setup{Config: zkview.Config{Servers: ens.Addr(), Pin: live[0].Addr(), Timeout: 30 * time.Second}, roots: []string{"/"}, ask: true})
	r.board.Open("/a")
	began := time.Now()
	s := r.until("the others' answers", func(s *lockctl.Snapshot) bool {
		v := s.At("/a")
		return v != nil && len(v.Contenders) >= 2 && v.Contenders[0].Address != "" && v.Contenders[1].Address != "" && !s.Answers.At.IsZero()
	})
	t.Logf("answered after %v: %q", time.Since(began), s.Answers.Refusals)
	if s.Answers.Servers != 5 {
		t.Errorf("%d servers were asked", s.Answers.Servers)
	}
	for _, server := range silent {
		if !strings.Contains(strings.Join(s.Answers.Refusals, "\n"), server.Addr()) {
			t.Errorf("nothing is said of %s: %q", server.Addr(), s.Answers.Refusals)
		}
	}
	for _, w := range s.At("/a").Warnings {
		if w.Code == lockctl.WarnGhost || w.Code == lockctl.WarnNoConnection || w.Code == lockctl.WarnZombie {
			t.Errorf("%s: %s", w.Code, w.Text)
		}
	}
	// A hand-off is seen meanwhile.
	remove(t, near, "/a/"+id(1)+"0000000000")
	r.until("the next one holds", func(s *lockctl.Snapshot) bool {
		v := s.At("/a")
		return v.Contenders[0].Sequence == 1 && v.Contenders[0].Role == lockctl.Holder
	})
	silent[0].Resume()
}
