package tui

import (
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// theirs makes a contender of Curator's in a directory and returns its path.
func (c *client) theirs(dir string) string {
	c.t.Helper()
	return c.queue(dir, "_c_00000000-0000-0000-0000-000000000001-lock-", "batch-1", "")
}

// lock opens the panel at a path by the command bar.
func (s *screen) lock(path string) {
	s.t.Helper()
	s.Type(":")
	s.WaitForText("esc close")
	s.Type("lock "+path, "enter")
	s.WaitForText("─ Lock "+path+" ─", "recipe")
}

// take takes the lock at a path and waits until it is held.
func (s *screen) take(path string) {
	s.t.Helper()
	s.lock(path)
	s.Type("enter")
	s.WaitForText("◆ held", "granted", "[ Hide ]")
}

// only waits until a directory has so many children and returns one of them.
func (c *client) only(dir string, n int) string {
	c.t.Helper()
	var names []string
	c.await("the children of "+dir, func() bool {
		var err error
		names, _, err = c.Children(c.root + dir)
		c.must(err)
		return len(names) == n
	})
	if n == 0 {
		return ""
	}
	return dir + "/" + names[0]
}

// A lock is taken, shows as ours everywhere, and is released; while it is held the
// program asks before it ends.
func TestScreenLeaseHeld(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/apps", "/apps/job-lock")
	s := connect(t, root, 120, 36)
	s.goTo("/apps/job-lock")
	s.Type("L")
	s.WaitForText("─ Lock /apps/job-lock ─", "[exclusive]", "without limit")
	s.Type("enter")
	s.WaitForText("◆ held", "curator-mutex", "token", "0x", "guard", "create", "granted", "1 lease held ◆")
	c.only("/apps/job-lock", 1)
	s.Type("esc")
	s.waitGone("─ Lock ")
	s.waitRow(" job-lock ", "● you")
	s.Type("2")
	s.lockLine("/apps/job-lock", "● held", "curator-mutex", "you")
	s.WaitForText("1 lease held ◆")
	s.Type("enter")
	s.WaitForText("esc all locks", "you  ")
	s.Type("L")
	s.WaitForText("◆ held", "[ Hide ]")
	s.Type("esc")
	s.waitGone("─ Lock ")

	s.Type("q")
	s.WaitForText("You hold the lease on /apps/job-lock.", "[ Stay ]")
	s.Type("enter")
	s.waitGone("[ Stay ]")
	s.Type("ctrl+l")
	s.WaitForText("─ Leases ─", "/apps/job-lock", "held")
	s.Type("x")
	s.WaitForText("Release /apps/job-lock?", "[ Keep it ]")
	s.Type("tab", "enter")
	s.WaitForText("We hold nothing")
	c.only("/apps/job-lock", 0)
	s.Type("esc")
	s.waitGone("─ Leases ─", "held ◆")
	s.quit("q")
}

// A wait goes on while the panel is closed, and leads to the lease.
func TestScreenLeaseQueues(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/uk", "/uk/lock")
	first := c.theirs("/uk/lock")
	s := connect(t, root, 120, 36)
	s.lock("/uk/lock")
	s.WaitForText("Held: batch-1", "curator-mutex")
	s.Type("enter")
	s.WaitForText("◌ waiting", "2 of 2, 1 before us", "waits for batch-1", "which holds it", "watch", "1 waits ◌")
	s.Type("esc")
	s.waitGone("─ Lock ")
	s.Type("ctrl+l")
	s.WaitForText("─ Leases ─", "/uk/lock", "waiting", "2 of 2")
	s.Type("esc")
	s.waitGone("─ Leases ─")
	c.drop(first)
	s.WaitForText("1 lease held ◆")
	s.Type(":release", "enter")
	s.waitGone("held ◆")
	c.only("/uk/lock", 0)

	// Another is not waited for, or only so long, or the wait is given up.
	first = c.theirs("/uk/lock")
	s.lock("/uk/lock")
	s.Type("shift+tab", "right", "enter")
	s.WaitForText("⊘ not granted", "batch-1", "holds it", "Acquire queues")
	s.Type("tab", "tab", "enter")
	s.WaitForText("◌ waiting", "2 of 2")
	s.Type("tab", "enter")
	s.WaitForText("○ cancelled", "[ Close ]")
	c.only("/uk/lock", 1)
	s.Type("tab", "enter")
	s.WaitForText("recipe")
	s.Type("tab", "tab", "tab", "1ms", "enter")
	s.WaitForText("⊘ not granted", "which was the limit")
	s.Type("esc")
	s.waitGone("─ Lock ")
	c.only("/uk/lock", 1)
	c.drop(first)
	s.quit("q")
}

// Recipes that do not respect each other are refused in words; forcing asks.
func TestScreenLeaseRefused(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/mix")
	c.theirs("/mix")
	c.queue("/mix", "x-72057594037927936-", "", "")
	s := connect(t, root, 120, 36)
	s.lock("/mix")
	s.Type("enter")
	s.WaitForText("⊘ not granted", "Recipes meet here", "Force…")
	c.only("/mix", 2)
	s.Type("tab", "tab", "enter")
	s.WaitForText("Two clients may then hold it", "[ Cancel ]")
	s.Type("tab", "enter")
	s.WaitForText("◌ waiting", "session")
	c.only("/mix", 3)
	s.Type("ctrl+c")
	s.WaitForText("You wait for /mix.", "[ Stay ]")
	s.quit("ctrl+c")
	c.only("/mix", 2)
}

// A lease whose znode somebody deletes is lost, and that is said across the screen
// until it is noted.
func TestScreenLeaseLost(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/l")
	for _, width := range []int{80, 120} {
		s := connect(t, root, width, 24)
		s.take("/l")
		c.drop(c.only("/l", 1))
		s.WaitForText("▲ LOST", "Understood", "1 LOST ▲")
		s.Type("esc")
		s.waitGone("─ Lock ")
		s.waitRow("▲ ", "/l is LOST", "another may hold it", "ctrl-l")
		s.Type("?")
		s.WaitForText("─ Keys ─", "/l is LOST")
		s.Type("esc")
		s.waitGone("─ Keys ─")
		s.Type("2")
		s.WaitForText("/l is LOST", "searched at")
		s.Type("ctrl+l")
		s.WaitForText("─ Leases ─", "LOST", "x understood")
		s.Type("x")
		s.waitGone("LOST")
		s.Type("esc")
		s.waitGone("─ Leases ─")
		s.quit("q")
	}
}

// Whoever is asked for a lease is told so.
func TestScreenLeaseAskedBack(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/l")
	s := connect(t, root, 100, 30)
	s.take("/l")
	c.set(c.only("/l", 1), "__REVOKE__")
	s.WaitForText("Somebody asks for it back (__REVOKE__)", "1 asked back !")
	s.Type("tab", "enter")
	s.WaitForText("○ released")
	c.only("/l", 0)
	s.Type("esc")
	s.waitGone("─ Lock ", "asked back")
	s.quit("q")
}

// The end of the program releases everything, whether one answers or it is told to end.
func TestScreenLeaseEnds(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"q", "ctrl+c", "a signal"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			root := zktest.Root(t)
			c := other(t, zktest.Shared(t), root)
			c.make("", "/l", "/m")
			c.theirs("/m")
			s := connect(t, root, 100, 30, patient)
			s.take("/l")
			s.Type("esc")
			s.waitGone("─ Lock ")
			s.lock("/m")
			s.Type("enter")
			s.WaitForText("◌ waiting", "2 of 2")
			s.Type("esc")
			s.WaitForText("1 waits ◌  1 held ◆")
			if how == "a signal" {
				s.Send(leaveMsg{})
			} else {
				s.Type(how)
				s.WaitForText("You hold the lease on /l, and wait for /m.", "[ Stay ]")
				s.Type("tab")
				s.WaitForText("[ Release and quit ]")
				s.Type("enter")
			}
			if err := s.Wait(); err != nil {
				t.Error(err)
			}
			s.close()
			c.only("/l", 0)
			c.only("/m", 1)
			if s.model.farewell != nil {
				t.Errorf("it says %q", s.model.farewell)
			}
		})
	}
}

// A lease is held while the session that browses is cut off, and its servers are
// reached again.
func TestScreenLeaseOutlivesTheBrowser(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/l")
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 120, 30, func(s *setup) { s.cfg.Timeout = 20 * time.Second })
	s.WaitForText("connected")
	s.lock("/l")
	s.Type("shift+tab", "shift+tab", "ctrl+u", "40s", "enter") // the timeout: it is not to be lost
	s.WaitForText("◆ held", "granted", "[ Hide ]")
	s.Type("esc")
	s.waitGone("─ Lock ")
	p.Cut()
	s.WaitForText("suspended", "SUSPENDED")
	p.Heal()
	s.WaitForText("● connected", "1 lease held ◆")
	s.waitGone("SUSPENDED")
	s.Type(":release /l", "enter")
	s.waitGone("held ◆")
	c.only("/l", 0)
	s.quit("q")
}

func TestScreenLeaseReadOnly(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/l")
	s := connect(t, root, 120, 90, func(s *setup) { s.cfg.ReadOnly = true })
	s.goTo("/l")
	for _, keys := range [][]string{{"L"}, {":", "lock /l", "enter"}} {
		s.Type(keys...)
		s.WaitForText("This session is read-only: taking a lock")
		s.Type("esc")
		s.waitGone("This session is read-only")
	}
	s.Type("?")
	s.WaitForText("─ Keys ─", "copy the path")
	if keys, _, _ := strings.Cut(s.Screen(), "In dialogs"); strings.Contains(keys, "take a lock") || strings.Contains(keys, "leases that we hold") {
		t.Errorf("the help has it:\n%s", s.Screen())
	}
	s.Type("esc")
	s.waitGone("─ Keys ─")
	s.quit("q")
	c.only("/l", 0)
}

// Opening another session asks where leases are held, and releases them once the other
// is there; over the start screen they are not forgotten.
func TestScreenLeaseAndConnect(t *testing.T) {
	t.Parallel()
	one, two := zktest.Root(t), zktest.Root(t)
	c := other(t, zktest.Shared(t), one)
	c.make("", "/l")
	other(t, zktest.Shared(t), two).make("x", "/in-two")
	o := newOpener(zktest.Shared(t) + one)
	s := runningApp(t, o)
	s.Type(":lock /l", "enter")
	s.WaitForText("─ Lock /l ─", "recipe")
	s.Type("enter")
	s.WaitForText("◆ held", "[ Hide ]")
	s.Type("esc")
	s.waitGone("─ Lock ")
	s.Type(":connect", "enter")
	s.WaitForText("You hold the lease on /l.", "[ Stay ]")
	s.Type("tab")
	s.WaitForText("[ Go on ]")
	s.Type("enter")
	s.WaitForText("Recent", "1 lease held ◆")
	s.Type("q")
	s.WaitForText("You hold the lease on /l.", "[ Stay ]")
	s.Type("esc")
	s.waitGone("[ Stay ]")
	c.only("/l", 1)
	o.servers = zktest.Shared(t) + two
	s.Type(":connect zk-7:2181/two", "enter")
	s.WaitForText("[ Stay ]")
	s.Type("tab")
	s.WaitForText("[ Go on ]")
	s.Type("enter")
	s.WaitForText("in-two")
	s.waitGone("held ◆")
	c.only("/l", 0)
	s.quit("q")
	o.wantClosed(t, 2)
}
