package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// workersQueue is a mutex of Curator with a holder and waiters.
func workersQueue(waiters int) *queued {
	q := newQueued("/jobs/nightly").at(31)
	for i := range waiters + 1 {
		q.add(fmt.Sprintf("_c_%08d-1111-2222-3333-444444444444-lock-", i)+"%010d", 0x100000000000001+int64(i)*0x10, time.Duration(60-i)*time.Second, fmt.Sprintf("worker-%d", i))
	}
	return q
}

// What a person is asked before a lock is broken, of every kind.
func TestBreakGoldens(t *testing.T) {
	dead := func(h *fakeHands) {
		h.answers.Cluster.Sessions, h.answers.Cluster.Addresses = map[int64]bool{7: true}, nil
	}
	listening := func(h *fakeHands) {
		h.answers.Cluster.Watches["/jobs/nightly/_c_00000000-1111-2222-3333-444444444444-lock-0000000031"] = []int64{0x100000000000001}
	}
	silent := func(h *fakeHands) {
		h.answers = lockctl.Answers{Refusals: []string{"wchp is not in 4lw.commands.whitelist of 127.0.0.1:2182"}}
	}
	workers := func(testing.TB) *lockctl.Snapshot { return snapshotOf(seen(workersQueue(3).view(t), 20, 6, 40)) }
	for name, c := range map[string]struct {
		snap   func(testing.TB) *lockctl.Snapshot
		at     int
		change []func(*fakeHands)
	}{
		"holder":    {workers, 0, nil},
		"waiter":    {workers, 1, nil},
		"listens":   {workers, 0, []func(*fakeHands){listening}},
		"zombie":    {workers, 0, []func(*fakeHands){dead}},
		"silent":    {workers, 0, []func(*fakeHands){silent}},
		"naive":     {contendedQueue, 0, nil},
		"ours":      {contendedQueue, 2, nil},
		"reader":    {readersQueue, 0, nil},
		"writer":    {readersQueue, 2, nil},
		"place":     {semaphoreQueue, 1, nil},
		"in line":   {semaphoreQueue, 3, nil},
		"mixed":     {mixedQueue, 1, nil},
		"go waiter": {func(t testing.TB) *lockctl.Snapshot { return longQueue(t, 4, 4) }, 1, nil},
		"lease": {func(t testing.TB) *lockctl.Snapshot {
			q := newQueued("/shedlock").add("nightly", 0, time.Hour, queueNow.Add(192*time.Second).UTC().Format("2006-01-02T15:04:05.000Z"))
			return snapshotOf(seen(q.view(t), 60))
		}, 0, nil},
		"persistent": {func(t testing.TB) *lockctl.Snapshot {
			return snapshotOf(newQueued("/stock/a").add(strings.Repeat("a", 32)+"__lock__%010d", 0, time.Hour, "w1").view(t))
		}, 0, nil},
		"controller": {func(t testing.TB) *lockctl.Snapshot {
			return snapshotOf(newQueued("/kafka").add("controller", 0x100000000000061, time.Hour, `{"version":1,"brokerid":2,"timestamp":"1"}`).add("controller_epoch", 0, time.Hour, "3").view(t))
		}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			golden.RequireEqual(t, drawDialog(acting(t, actBreak, c.snap(t), c.at, c.change...).d))
		})
	}
}

// The rule of who is next is that of the recogniser.
func TestAfterIsWhatTheRecogniserSays(t *testing.T) {
	rw := func(kinds string) *queued {
		q := newQueued("/reports")
		for i, k := range kinds {
			name := map[rune]string{'r': "__READ__", 'w': "__WRIT__"}[k]
			q.add(fmt.Sprintf("_c_%08d-1111-2222-3333-444444444444-%s", i, name)+"%010d", int64(i+1), time.Minute, "")
		}
		return q
	}
	kazoo := func(kinds string) *queued {
		q := newQueued("/stock")
		for i, k := range kinds {
			name := map[rune]string{'r': "__rlock__", 'w': "__lock__"}[k]
			q.add(fmt.Sprintf("%032x%s", i, name)+"%010d", int64(i+1), time.Minute, "")
		}
		return q
	}
	naive := func() *queued {
		q := newQueued("/uk/lock")
		for i := range 4 {
			q.add("lock_id_%010d", int64(i+1), time.Minute, "")
		}
		return q
	}
	cases := map[string]func() *queued{
		"mutex": func() *queued { return workersQueue(4) }, "alone": func() *queued { return workersQueue(0) }, "naive": naive,
	}
	for _, kinds := range []string{"r", "w", "rr", "rw", "wr", "ww", "rrwr", "wrrw", "rwrr", "wwrr", "rwwr", "wrwr"} {
		cases["curator "+kinds] = func() *queued { return rw(kinds) }
		cases["kazoo "+kinds] = func() *queued { return kazoo(kinds) }
	}
	for name, fresh := range cases {
		for gone := range fresh().view(t).Contenders {
			v := fresh().view(t)
			a := after(v, gone)
			var got, want []string
			for _, i := range append(slices.Clone(a.next), a.still...) {
				got = append(got, v.Contenders[i].Node)
			}
			then := without(t, fresh(), gone).Locks[0]
			for _, c := range then.Contenders {
				if c.Role == lockctl.Holder {
					want = append(want, c.Node)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) || a.why != "" || a.rest != len(v.Contenders)-1-len(want) {
				t.Errorf("%s without %d: %q hold then, want %q; %d wait, %q", name, gone, got, want, a.rest, a.why)
			}
		}
	}
}

func TestBreakAsksForTheName(t *testing.T) {
	r := acting(t, actBreak, snapshotOf(workersQueue(2).view(t)), 0)
	r.press("B", "y", "enter") // Cancel has the focus
	if !r.done || len(r.h.broke) > 0 {
		t.Fatalf("enter on Cancel: done %v, broke %x", r.done, r.h.broke)
	}
	r = acting(t, actBreak, snapshotOf(workersQueue(2).view(t)), 0)
	r.press("tab", "enter")
	r.wantScreen("type nightly first")
	r.typeText("nightl")
	r.press("enter")
	r.wantScreen("type nightly first")
	if len(r.h.broke) > 0 || r.done {
		t.Fatal("it was broken without its name")
	}
	r.typeText("y")
	r.press("enter")
	if len(r.h.broke) != 1 || r.h.broke[0] != 0x200000001 || r.done {
		t.Fatalf("broke %x, done %v", r.h.broke, r.done)
	}
	r.wantScreen("the znode of worker-0 (0000000031) was deleted", "The queue does not show that yet")
	if len(r.h.records) != 1 {
		t.Fatalf("recorded %+v", r.h.records)
	}
	e := r.h.records[0]
	if e.lock != "/jobs/nightly" || e.czxid != 0x200000001 || e.session != 0x100000000000001 || e.identity != "worker-0" || e.result != "deleted" ||
		e.err != nil || !e.at.Equal(queueNow) || !strings.HasSuffix(e.path, "lock-0000000031") || e.op != "break lock" {
		t.Errorf("recorded %+v", e)
	}
	if !strings.Contains(r.flashed(), "broke /jobs/nightly: the znode of worker-0 (0000000031) is deleted") {
		t.Errorf("said %q", r.flashed())
	}
	r.snap = without(t, workersQueue(2), 0)
	r.wantScreen("Now worker-1 (0000000032) holds the lock.", "[ Close ]")
	r.press("enter")
	if !r.done {
		t.Error("it does not close")
	}
}

// Whatever comes of it is said, and only a znode with the czxid that was shown goes.
func TestBreakOutcomes(t *testing.T) {
	other := lockctl.Stat{Czxid: 0x300000007, EphemeralOwner: 0xabc}
	for _, c := range []struct {
		err  error
		says string
		flat string
	}{
		{lockctl.ErrGone, "was gone already: nothing was deleted", "had let go of /jobs/nightly already"},
		{lockctl.ErrReplaced, "Nothing was deleted: another znode has this name by now session 0xabc token 0x300000007; you looked at 0x200000001", "was not broken"},
		{lockctl.ErrChanged, "Nothing was deleted: the znode was written to", "was not broken"},
		{fmt.Errorf("x: %w", lockctl.ErrDenied), "an ACL does not let us", "was not broken"},
		{lockctl.ErrReadOnly, "Nothing was deleted. read-only: nothing is written.", "was not broken"},
		{fmt.Errorf("%w", zkview.ErrNotSent), "Nothing was deleted. not connected; nothing was sent.", "was not broken"},
		{lockctl.ErrUnknown, "It is not known whether the znode was deleted", "not known whether it was deleted"},
	} {
		r := acting(t, actBreak, snapshotOf(workersQueue(2).view(t)), 0, func(h *fakeHands) { h.err, h.stat = c.err, other })
		r.confirm("nightly")
		text := strings.Join(strings.Fields(strings.ReplaceAll(plain(r.screen(200, 40)), ", that of somebody who came later.", "")), " ")
		if !strings.Contains(text, c.says) {
			t.Errorf("%v: the dialog says %q, want %q", c.err, text, c.says)
		}
		if !strings.Contains(r.flashed(), c.flat) {
			t.Errorf("%v: the line says %q", c.err, r.flashed())
		}
		if len(r.h.records) != 1 || !errors.Is(r.h.records[0].err, c.err) || r.h.records[0].result == "deleted" {
			t.Errorf("%v: recorded %+v", c.err, r.h.records)
		}
		r.press("esc")
		if !r.done {
			t.Errorf("%v: it does not close", c.err)
		}
	}
}

// While the dialog is open the queue goes on.
func TestBreakFollowsTheQueue(t *testing.T) {
	r := acting(t, actBreak, snapshotOf(workersQueue(2).view(t)), 1)
	r.wantScreen("who waits for /jobs/nightly", "waiter worker-1", "As before worker-0 (0000000031) holds the lock")
	if !strings.Contains(r.d.title(), "Remove a waiter") {
		t.Errorf("the title is %q", r.d.title())
	}
	r.snap = without(t, workersQueue(2), 0)
	r.wantScreen("holder worker-1", "Then worker-2 (0000000033) is the first in the queue")
	r.confirm("nightly")
	r.wantScreen("It is the holder by now")
	if len(r.h.broke) > 0 {
		t.Fatal("a holder was deleted that was shown as a waiter")
	}
	r.press("enter")
	if len(r.h.broke) != 1 {
		t.Fatal("it was not deleted at the second time")
	}

	r = acting(t, actBreak, snapshotOf(workersQueue(2).view(t)), 0)
	r.typeText("nightly")
	r.press("tab")
	r.snap = without(t, workersQueue(2), 0)
	r.press("enter")
	r.wantScreen("is gone from the queue by itself: there is nothing to break any more.", "Now worker-1 (0000000032) holds the lock.")
	if len(r.h.broke) > 0 || r.done {
		t.Fatalf("broke %x, done %v", r.h.broke, r.done)
	}
	r.press("x", "enter")
	if !r.done {
		t.Error("it does not close")
	}

	r = acting(t, actBreak, snapshotOf(workersQueue(2).view(t)), 0)
	again := workersQueue(2)
	again.dir.Children[0].Stat.Czxid += 0x100
	r.snap = snapshotOf(again.view(t))
	r.wantScreen("Another znode of this name is there by now", "Nothing was deleted")
	old := workersQueue(2)
	old.dir.Children[0].Stat.Czxid -= 0x100 // a view from before what was read
	r = acting(t, actBreak, snapshotOf(workersQueue(2).view(t)), 0)
	r.snap = snapshotOf(old.view(t))
	r.wantScreen("who holds /jobs/nightly")
	r.snap = &lockctl.Snapshot{} // not listed any more
	r.wantScreen("who holds /jobs/nightly")
}

// Waiting for the answer can be ended, and quitting meanwhile asks.
func TestBreakWaits(t *testing.T) {
	r := acting(t, actBreak, snapshotOf(workersQueue(0).view(t)), 0, func(h *fakeHands) {
		h.block = func(ctx context.Context) { <-ctx.Done() }
		h.err = lockctl.ErrUnknown
	})
	r.typeText("nightly")
	r.press("tab")
	cmd := r.send(press("enter"))
	r.wantScreen("Deleting the znode of worker-0", "esc stops waiting")
	if r.d.unsaved() == "" {
		t.Error("quitting would not ask")
	}
	r.press("enter", "x")
	r.press("esc")
	r.run(cmd)
	r.wantScreen("It is not known whether the znode was deleted")
	if len(r.h.broke) != 1 || r.d.unsaved() != "" {
		t.Errorf("broke %x", r.h.broke)
	}
}

func TestWordToType(t *testing.T) {
	for lock, want := range map[string]string{
		"/uk/lock": "lock", "/": "0x5", "/a/" + strings.Repeat("x", longestWord+1): "0x5", "/a/ b": `\x20b`,
		"/evil\u202e": `evil\u202e`, "/größe": "größe", "/a b": "a b",
	} {
		if got := wordFor(&lockTarget{lock: lock, stat: lockctl.Stat{Czxid: 5}}); got != want {
			t.Errorf("of %q it is %q, want %q", lock, got, want)
		}
	}
}

// Identities and names that mean harm, or are very long, are shown safely, on exactly
// as much room as there is.
func TestActDialogsOfHostileData(t *testing.T) {
	long := strings.Repeat("long\x1b[31m\u202eسلام ", 700)
	q := newQueued("/evil\u202e\x1b]0;x\x07" + strings.Repeat("/deep", 2000))
	name := func(i int) string {
		return fmt.Sprintf("_c_0000000%d-1111-2222-3333-444444444444-lock-", i) + "%010d"
	}
	q.add(name(1), 1, time.Hour, "\x1b]0;pwned\x07\x1b[2J\u202eשלום "+long).add(name(2), 2, time.Minute, long).add(name(3), 3, time.Minute, "\xff\xfe")
	for _, act := range []lockAct{actBreak, actAskBack} {
		for at := range 2 {
			r := acting(t, act, snapshotOf(q.view(t)), at, func(h *fakeHands) {
				h.answers.Cluster.Addresses[1] = "10.0.0.1\x1b[2J:1"
				h.answers.Refusals = []string{"wchp \x1b[2J"}
			})
			for _, size := range [][2]int{{18, 1}, {20, 3}, {36, 6}, {74, 18}, {200, 50}} {
				w, h := r.d.prefer(size[0], size[1])
				if w > max(size[0], 20) || h > size[1] {
					t.Errorf("it wants %dx%d of %v", w, h, size)
				}
				lines, _ := r.d.render(testStyles(), size[0], size[1])
				if why := frameTrouble(strings.Join(lines, "\n"), size[0], size[1], false, false); why != "" {
					t.Errorf("act %d of %d at %v: %s", act, at, size, why)
				}
				if title := r.d.title(); strings.ContainsAny(title, "\x1b\u202e\x07") || len(title) > 200 {
					t.Errorf("the title is %q", title)
				}
			}
			r.send(tea.PasteMsg{Content: "\xff\x1b[2J" + strings.Repeat("x", inlineLimit)})
			r.confirm("x")
		}
	}
}
