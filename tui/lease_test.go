package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/lockctl"
)

// leaseScenes are panels in all their states.
func leaseScenes(d *fakeDesk) map[string]*leasePanel {
	l := newLocks(context.Background(), nil)
	held := oneHeld("/uk/lock", lockctl.CuratorMutex, "batch-1", "10.0.0.7:40112", time.Minute, 2)
	held.Contenders[2].Identity, held.Contenders[2].Address = "deploy", "10.0.0.9:4711"
	l.snap = &lockctl.Snapshot{Locks: []*lockctl.View{held}}
	now := func() time.Time { return lockStart }
	panel := func(lease *fakeLease, change func(*claim)) *leasePanel {
		return newLeasePanel(d.leaseDesk, l, now, "/uk/lock", d.still("/uk/lock", lease, change))
	}
	refused := func(err error) func(*claim) {
		return func(c *claim) { c.finish(claimRefused, fmt.Errorf("take /uk/lock: %w", err)) }
	}
	form := newLeasePanel(d.leaseDesk, l, now, "/uk/lock", nil)
	form.form.identity.set("deploy@laptop:4711")
	places := newLeasePanel(d.leaseDesk, l, now, "/none", nil)
	places.form.identity.set("deploy@laptop:4711")
	places.form.mode.at, places.form.focus = leaseOneOf, leaseSlots
	suspended, lost, asked, stuck := newFakeLease(), newFakeLease(), newFakeLease(), newFakeLease()
	suspended.state = lockctl.LeaseSuspended
	lost.lose("no server has answered for 10 s")
	asked.asked = "__REVOKE__"
	return map[string]*leasePanel{
		"form": form, "places": places,
		"waiting": panel(nil, queueing), "connecting": panel(nil, func(c *claim) {
			s := newFakeSession()
			s.status = lockctl.SessionStatus{Why: "10.0.0.3:2181 refused the connection"}
			c.session = s
		}),
		"held": panel(newFakeLease(), queueing), "suspended": panel(suspended, nil), "lost": panel(lost, nil), "asked": panel(asked, nil),
		"stuck": panel(stuck, func(c *claim) { c.err = fmt.Errorf("release /uk/lock: %w", lockctl.ErrDenied) }),
		"mixed": panel(nil, refused(fmt.Errorf("%w: there are curator-mutex (1), writelock (1)", lockctl.ErrMixed))),
		"busy":  panel(nil, refused(&lockctl.BusyError{Path: "/uk/lock", Holder: "batch-1 @ 10.0.0.7:40112", Waiting: 2})),
		"late":  panel(nil, refused(context.DeadlineExceeded)),
	}
}

func TestLeaseGoldens(t *testing.T) {
	d := newFakeDesk(t)
	for name, p := range leaseScenes(d) {
		for _, size := range [][2]int{{76, 20}, {40, 9}} {
			t.Run(fmt.Sprint(name, size[0]), func(t *testing.T) {
				lines, _ := p.render(testStyles(), size[0], size[1])
				golden.RequireEqual(t, strings.ReplaceAll(plain(strings.Join(lines, "\n")), lockStart.Format("15:04:"), "hh:mm:")+"\n")
			})
		}
	}
	list := newLeaseList(d.leaseDesk, DefaultKeyMap(), func() time.Time { return lockStart })
	for _, size := range [][2]int{{104, 16}, {50, 8}} {
		t.Run(fmt.Sprint("list", size[0]), func(t *testing.T) {
			lines, _ := list.render(testStyles(), size[0], size[1])
			golden.RequireEqual(t, plain(strings.Join(lines, "\n"))+"\n")
		})
	}
}

// What is wrong stands first, whatever the width, and takes exactly the line.
func TestLeaseAlarm(t *testing.T) {
	st := testStyles()
	d := newFakeDesk(t)
	if line := d.alarm(st, 80, "k", lockStart); line != "" {
		t.Errorf("an alarm for nothing: %q", line)
	}
	lease := newFakeLease()
	c := d.still("/a/very/long/path/of/a/lock/that/has/no/room/on/eighty/columns", lease, nil)
	for state, want := range map[lockctl.LeaseState]string{
		lockctl.LeaseHeld: "", lockctl.LeaseSuspended: "SUSPENDED: it is lost in 9 s unless the servers answer", lockctl.LeaseLost: "LOST",
	} {
		lease.state = state
		c.lostAt = lockStart.Add(-3 * time.Second)
		for _, width := range []int{40, 60, 80, 120, 200} {
			line := plain(d.alarm(st, width, "ctrl-l", lockStart))
			if n := len([]rune(line)); n != width && want != "" {
				t.Errorf("%s: it is %d wide, not %d: %q", state, n, width, line)
			}
			if head, _, _ := strings.Cut(want, ":"); width >= 60 && !strings.Contains(line, head) || width >= 120 && !strings.Contains(line, want) {
				t.Errorf("%s: at %d it says %q", state, width, line)
			}
		}
	}
	lease.state = lockctl.LeaseLost
	if line := plain(d.alarm(st, 200, "ctrl-l", lockStart)); !strings.Contains(line, "LOST since 3 s: another may hold it; stop what relies on it") {
		t.Errorf("it says %q", line)
	}
	d.still("/other", newFakeLease(), func(c *claim) { c.lease.(*fakeLease).state = lockctl.LeaseSuspended })
	if line := plain(d.alarm(st, 200, "ctrl-l", lockStart)); !strings.Contains(line, "(and 1 more)") {
		t.Errorf("of two it says %q", line)
	}
}

// The tray says how many stand how, in as many words as there is room for.
func TestLeaseTray(t *testing.T) {
	d := newFakeDesk(t)
	text := func(room int) string {
		out := ""
		for _, s := range d.tray(testStyles(), room) {
			out += s.text
		}
		return strings.TrimSpace(out)
	}
	want := func(room int, want string) {
		t.Helper()
		if got := text(room); got != want {
			t.Errorf("in %d cells it says %q, want %q", room, got, want)
		}
	}
	want(40, "")
	d.still("/a", newFakeLease(), nil)
	want(40, "1 lease held ◆")
	d.still("/b", newFakeLease(), nil)
	want(40, "2 leases held ◆")
	d.still("/c", nil, queueing)
	want(40, "1 waits ◌  2 held ◆")
	lost := newFakeLease()
	lost.lose("x")
	d.still("/d", lost, nil)
	want(40, "1 LOST ▲  1 waits ◌  2 held ◆")
	want(20, "1 ▲  1 ◌  2 ◆")
	want(5, "")
	if got := d.ending(); got != "You hold the leases on /a and /b, and wait for /c." {
		t.Errorf("it says %q", got)
	}
}

// A claim goes from the wait to the lease to its release, and its session is closed.
func TestLeaseIsReleased(t *testing.T) {
	d := newFakeDesk(t)
	c := d.begin("/uk/lock", leaseWant{timeout: time.Second, identity: "me"})
	d.until(c, claimWaiting)
	d.taker.outcome <- fakeOutcome{lease: newFakeLease()}
	if v := d.until(c, claimHeld); v.token != 0x2f0a1 {
		t.Errorf("%+v", v)
	}
	if d.taker.o.Identity != "me" || d.at("/uk/lock") != c || d.at("/other") != nil {
		t.Errorf("%+v", d.taker.o)
	}
	c.leave()
	c.leave()
	d.until(c, claimReleased)
	<-c.done
	<-d.session.closed
	if text := c.farewell(); text != "" {
		t.Errorf("it says %q at the end", text)
	}
}

func TestLeaseWaitIsGivenUp(t *testing.T) {
	d := newFakeDesk(t)
	c := d.begin("/uk/lock", leaseWant{timeout: time.Second})
	c.leave()
	d.until(c, claimCancelled)
	<-d.session.closed
	c = d.begin("/uk/lock", leaseWant{timeout: time.Second, wait: time.Millisecond})
	if v := d.until(c, claimRefused); !errors.Is(v.err, context.DeadlineExceeded) {
		t.Errorf("it fails with %v", v.err)
	}
	c = d.begin("bad", leaseWant{timeout: time.Second})
	d.until(c, claimRefused)
}

// What cannot be released is held still, and says so; the next attempt may succeed.
func TestLeaseReleaseFails(t *testing.T) {
	d := newFakeDesk(t)
	lease := newFakeLease()
	lease.refuses = fmt.Errorf("release /uk/lock: %w", lockctl.ErrDenied)
	d.taker.outcome <- fakeOutcome{lease: lease}
	c := d.begin("/uk/lock", leaseWant{timeout: time.Second})
	d.until(c, claimHeld)
	c.leave()
	for v := c.look(); v.state != claimHeld || v.err == nil; v = c.look() {
		<-d.changed
	}
	lease.set(func(l *fakeLease) { l.refuses = nil })
	c.leave()
	d.until(c, claimReleased)
}

func TestLeaseIsLost(t *testing.T) {
	d := newFakeDesk(t)
	lease := newFakeLease()
	d.taker.outcome <- fakeOutcome{lease: lease}
	c := d.begin("/uk/lock", leaseWant{timeout: time.Second})
	d.until(c, claimHeld)
	lease.set(func(l *fakeLease) { l.state = lockctl.LeaseSuspended })
	d.until(c, claimSuspended)
	lease.lose("the session has expired")
	v := d.until(c, claimLost)
	<-c.done
	if text := meaning(c.path, v, lockStart); text != "Another may hold /uk/lock: stop what relies on it. The session has expired." {
		t.Errorf("it says %q", text)
	}
	if len(d.active()) != 0 || d.at("/uk/lock") != c {
		t.Error("it is active, or gone from the list")
	}
	d.drop(c)
	if d.at("/uk/lock") != nil {
		t.Error("it is on the list still")
	}
}

// The end of the program waits for a release that hangs, but not for ever, and says
// what is left.
func TestLeaseReleaseHangsAtTheEnd(t *testing.T) {
	d := newFakeDesk(t)
	lease := newFakeLease()
	lease.hangs = true
	d.taker.outcome <- fakeOutcome{lease: lease}
	c := d.begin("/uk/lock", leaseWant{timeout: time.Second})
	d.until(c, claimHeld)
	lines := d.closer()()
	if len(lines) != 1 || !strings.Contains(lines[0], "/uk/lock could not be released in time") || !strings.Contains(lines[0], "within 10 s") {
		t.Errorf("it says %q", lines)
	}
	<-d.session.closed
}

func TestLeaseForm(t *testing.T) {
	for name, test := range map[string]struct {
		change func(f *leaseForm)
		note   string
		want   func(w leaseWant) bool
	}{
		"as it is":      {nil, "", func(w leaseWant) bool { return w == leaseWant{identity: ownIdentity(), timeout: 10 * time.Second} }},
		"shared":        {func(f *leaseForm) { f.mode.at = leaseShared; f.recipes() }, "", func(w leaseWant) bool { return w.mode == lockctl.Read }},
		"write":         {func(f *leaseForm) { f.recipe.at = 2 }, "", func(w leaseWant) bool { return w.mode == lockctl.Write && w.recipe == lockctl.CuratorRWLock }},
		"mutex":         {func(f *leaseForm) { f.recipe.at = 1 }, "", func(w leaseWant) bool { return w.mode == "" && w.recipe == lockctl.CuratorMutex }},
		"places":        {func(f *leaseForm) { f.mode.at = leaseOneOf; f.slots.set(" 5 ") }, "", func(w leaseWant) bool { return w.slots == 5 }},
		"no places":     {func(f *leaseForm) { f.mode.at = leaseOneOf; f.slots.set("0") }, "whole number", nil},
		"wait":          {func(f *leaseForm) { f.wait.set("1m30s") }, "", func(w leaseWant) bool { return w.wait == 90*time.Second }},
		"wait seconds":  {func(f *leaseForm) { f.wait.set("90") }, "", func(w leaseWant) bool { return w.wait == 90*time.Second }},
		"bad wait":      {func(f *leaseForm) { f.wait.set("soon") }, "How long to wait", nil},
		"short timeout": {func(f *leaseForm) { f.timeout.set("10ms") }, "between 1s and 1h", nil},
		"bad timeout":   {func(f *leaseForm) { f.timeout.set("-5s") }, "more than nothing", nil},
		"no timeout":    {func(f *leaseForm) { f.timeout.set("") }, "", func(w leaseWant) bool { return w.timeout == 10*time.Second }},
	} {
		t.Run(name, func(t *testing.T) {
			f := newLeaseForm()
			if test.change != nil {
				test.change(f)
			}
			w, done := f.update(press("enter"))
			switch {
			case done:
				t.Error("it closes")
			case test.want == nil && (w != nil || !strings.Contains(f.note, test.note)):
				t.Errorf("%+v, %q", w, f.note)
			case test.want != nil && (w == nil || !test.want(*w)):
				t.Errorf("%+v, %q", w, f.note)
			}
		})
	}
}

// The buttons of the panel do what they say, and the focus does not turn one into
// another.
func TestLeasePanelButtons(t *testing.T) {
	d := newFakeDesk(t)
	l := newLocks(context.Background(), nil)
	c := d.begin("/uk/lock", leaseWant{timeout: time.Second})
	p := newLeasePanel(d.leaseDesk, l, time.Now, "/uk/lock", c)
	r := &rig{t: t, d: p}
	r.press("tab", "enter") // Cancel the wait
	d.until(c, claimCancelled)
	r.wantScreen("cancelled", "[ Close ]", "Again…")
	r.press("tab", "enter")
	r.wantScreen("mode", "[exclusive]")
	r.press("enter")
	if len(r.said) != 1 || r.said[0].(takeLeaseMsg).path != "/uk/lock" {
		t.Fatalf("%+v", r.said)
	}
	c = d.still("/uk/lock", nil, func(c *claim) { c.finish(claimRefused, lockctl.ErrMixed) })
	p.show(c)
	r.wantScreen("Force…")
	r.press("tab", "tab", "enter")
	r.wantScreen("Two clients may then hold it", "[ Cancel ]")
	r.press("tab", "enter")
	if msg, ok := r.said[1].(takeLeaseMsg); !ok || !msg.want.force {
		t.Errorf("%+v", r.said[1])
	}
	r.press("esc")
	if !r.done {
		t.Error("esc does not close it")
	}
}

// The list asks before anything is given up.
func TestLeaseListAsks(t *testing.T) {
	d := newFakeDesk(t)
	lease := newFakeLease()
	d.taker.outcome <- fakeOutcome{lease: lease}
	c := d.begin("/uk/lock", leaseWant{timeout: time.Second})
	d.until(c, claimHeld)
	r := &rig{t: t, d: newLeaseList(d.leaseDesk, DefaultKeyMap(), time.Now)}
	r.press("x")
	r.wantScreen("Release /uk/lock?", "[ Keep it ]")
	r.press("enter")
	if c.look().state != claimHeld {
		t.Error("it was released unasked")
	}
	r.press("x", "tab", "enter")
	d.until(c, claimReleased)
	r.press("x")
	r.wantScreen("We hold nothing and wait for nothing")
	lost := newFakeLease()
	lost.lose("x")
	d.still("/d", lost, nil)
	r.press("t")
	if msg, ok := r.said[len(r.said)-1].(showInTreeMsg); !ok || msg.path != "/d" || !r.done {
		t.Errorf("%+v", r.said)
	}
}
