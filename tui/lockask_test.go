package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/lockctl"
)

// listeningHolder has the holder of workersQueue watch its own znode.
func listeningHolder(h *fakeHands) {
	h.answers.Cluster.Watches["/jobs/nightly/_c_00000000-1111-2222-3333-444444444444-lock-0000000031"] = []int64{0x100000000000001}
}

// What a person is asked before a holder is, by who listens.
func TestAskGoldens(t *testing.T) {
	workers := func(testing.TB) *lockctl.Snapshot { return snapshotOf(seen(workersQueue(3).view(t), 20, 6, 40)) }
	for name, c := range map[string]struct {
		snap   func(testing.TB) *lockctl.Snapshot
		change func(*fakeHands)
	}{
		"listens": {workers, listeningHolder},
		"deaf":    {workers, func(*fakeHands) {}},
		"unknown": {workers, func(h *fakeHands) {
			h.answers = lockctl.Answers{Refusals: []string{"wchp is not in 4lw.commands.whitelist of 127.0.0.1:2182"}}
		}},
		"nobody listens": {contendedQueue, func(*fakeHands) {}},
		"persistent": {func(t testing.TB) *lockctl.Snapshot {
			return snapshotOf(newQueued("/stock/a").add(strings.Repeat("a", 32)+"__lock__%010d", 0, time.Hour, "w1").view(t))
		}, func(*fakeHands) {}},
	} {
		t.Run(name, func(t *testing.T) {
			golden.RequireEqual(t, drawDialog(acting(t, actAskBack, c.snap(t), 0, c.change).d))
		})
	}
}

// After the word was written, the dialog shows how the holder takes it.
func TestAskAndSee(t *testing.T) {
	r := acting(t, actAskBack, snapshotOf(workersQueue(2).view(t)), 0, listeningHolder)
	r.wantScreen("Ask worker-0 (0000000031) to give /jobs/nightly back?", "__REVOKE__ is written into its znode", "(version 0)", "It listens", "[ Cancel ]")
	r.press("A", "y")
	if len(r.h.asked) > 0 {
		t.Fatal("a letter asked")
	}
	r.press("tab", "enter")
	if len(r.h.asked) != 1 || r.h.asked[0].Node != "_c_00000000-1111-2222-3333-444444444444-lock-0000000031" || r.h.asked[0].Stat.Czxid != 0x200000001 {
		t.Fatalf("asked %+v", r.h.asked)
	}
	r.wantScreen("At 12:00:00 __REVOKE__ was written into the znode of worker-0 (0000000031).", "The queue does not show that yet", "It listens", "[ Close ]")
	if !strings.Contains(r.flashed(), "asked worker-0 (0000000031) for /jobs/nightly") {
		t.Errorf("said %q", r.flashed())
	}
	if len(r.h.records) != 1 || r.h.records[0].op != "ask back" || r.h.records[0].result != "wrote __REVOKE__" || r.h.records[0].czxid != 0x200000001 {
		t.Errorf("recorded %+v", r.h.records)
	}
	wrote := func(data string, version int32) *lockctl.Snapshot {
		q := workersQueue(2)
		q.dir.Children[0].Data, q.dir.Children[0].Stat.Version = []byte(data), version
		return snapshotOf(q.view(t))
	}
	r.snap = wrote("__REVOKE__", 1)
	r.wantScreen("The word stands there, and it has not let go so far.", "of worker-0 (0000000031)")
	r.snap = wrote("worker-0", 2)
	r.wantScreen("The word does not stand there any more")
	r.at = r.at.Add(3 * time.Second)
	r.snap = without(t, workersQueue(2), 0)
	r.wantScreen("It let go at 12:00:03, 3 s later.", "Now worker-1 (0000000032) holds the lock.")
	r.at = r.at.Add(time.Minute)
	r.wantScreen("It let go at 12:00:03")
	r.press("tab", "enter") // there is one button
	if !r.done {
		t.Error("it does not close")
	}
}

// Where nobody listens, or it did not help, the way leads to breaking.
func TestAskLeadsToBreaking(t *testing.T) {
	breaks := func(r *actRig) {
		t.Helper()
		r.press("enter")
		for _, m := range r.said {
			if act, ok := m.(lockActMsg); ok && act.act == actBreak && r.done && strings.HasPrefix(act.path, act.lock+"/") {
				return
			}
		}
		t.Errorf("done %v, and no dialog to break it: %+v", r.done, r.said)
	}
	r := acting(t, actAskBack, contendedQueue(t), 0)
	r.wantScreen("cannot be asked: clients of naive do not know", "[ Close ]", "Break it …")
	r.press("tab")
	breaks(r)
	r = acting(t, actAskBack, snapshotOf(workersQueue(2).view(t)), 0)
	r.press("tab", "enter", "tab")
	breaks(r)
	r = acting(t, actAskBack, snapshotOf(workersQueue(2).view(t)), 0)
	r.press("shift+tab")
	breaks(r)

	r = acting(t, actAskBack, snapshotOf(workersQueue(2).view(t)), 0)
	r.press("shift+tab")
	r.snap = without(t, workersQueue(2), 0) // just then
	r.press("enter")
	r.wantScreen("worker-0 (0000000031) has let go by itself", "Now worker-1")
	if r.done {
		t.Error("it closed though the key meant something else")
	}
	r.press("enter")
	if !r.done || len(r.h.asked) > 0 {
		t.Error("it does not close")
	}
}

func TestAskOutcomes(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{lockctl.ErrGone, "had let go already: nothing was written"},
		{lockctl.ErrReplaced, "another znode has this name"},
		{lockctl.ErrChanged, "somebody else has written there since"},
		{fmt.Errorf("x: %w", lockctl.ErrDenied), "the ACL of its znode does not let us"},
		{lockctl.ErrUnknown, "It is not known whether the word was written"},
		{lockctl.ErrReadOnly, "Nothing was written. read-only"},
	} {
		r := acting(t, actAskBack, snapshotOf(workersQueue(2).view(t)), 0, func(h *fakeHands) { h.err = c.err })
		r.press("tab", "enter")
		r.wantScreen(c.says)
		if !strings.Contains(r.flashed(), "was not asked") || len(r.h.records) != 1 || r.h.records[0].err == nil {
			t.Errorf("%v: said %q, recorded %+v", c.err, r.flashed(), r.h.records)
		}
		r.press("esc")
		if !r.done {
			t.Errorf("%v: it does not close", c.err)
		}
	}
	q := workersQueue(1)
	q.dir.Children[0].Data, q.dir.Children[0].Stat.Version = []byte("__REVOKE__"), 1
	r := acting(t, actAskBack, snapshotOf(q.view(t)), 0)
	r.wantScreen("It has been asked already: the word stands there since 2026-03-01 11:59:00.")
}
