package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/zktest"
	"zkdeck/zkview"
)

func TestScreenServerKilledPausedReplaced(t *testing.T) {
	t.Parallel()
	ens := zktest.Start(t, 1)
	server := ens.Server(0)
	s := openScreen(t, ens.Addr(), 120, 24, func(s *setup) { s.cfg.Timeout = 6 * time.Second })
	s.WaitForText("connected")
	c := other(t, ens.Addr(), "")
	c.make("one", "/a")
	s.goTo("/a")
	s.WaitForText("one", "v0")

	server.Pause()
	s.WaitForText("◐ suspended")
	s.waitRow("a ", "3 B") // what was known stays
	server.Resume()
	s.WaitForText("● connected")
	c.set("/a", "two!")
	s.WaitForText("two!", "v1")

	server.Kill()
	s.WaitForText("◐ suspended", "efused by "+ens.Addr())
	s.waitRow("a ", "4 B")
	s.Type("e")
	s.WaitForText("Not connected")
	server.Restart()
	s.WaitForText("● connected")
	c.set("/a", "three")
	s.WaitForText("three", "v2")

	server.Kill()
	s.WaitForText("◐ suspended")
	server.Wipe()
	server.Restart()
	s.WaitForText("● connected")
	s.waitGone(" a ")
	s.waitRow("▸ zookeeper", "2")
	s.Type(":messages", "enter") // the line itself may be gone by the time that the server is up
	s.WaitForText(": the database was replaced by an older one")
	s.Type("esc")
	s.waitGone("─ Messages ─")
	server.Kill()
	s.WaitForText("◐ suspended")
	s.quit("q")
}

func TestScreenChangesWhileCutAreShown(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("old", "/changes", "/goes", "/stays")
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 120, 24, func(s *setup) { s.cfg.Timeout = 20 * time.Second })
	s.WaitForText("connected")
	s.goTo("/changes")
	s.WaitForText("old", "v0")
	p.Cut()
	s.WaitForText("◐ suspended", "session lives")
	c.set("/changes", "new value")
	c.drop("/goes")
	c.make("x", "/comes")
	p.Heal()
	s.WaitForText("● connected", "the session lived on")
	s.WaitForText("new value", "v1", "comes")
	s.waitGone(" goes ")
	s.waitRow("changes", "9 B")
	s.quit("q")
}

func TestScreenExpiredSessionIsTold(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 120, 24, brief)
	s.WaitForText("connected")
	s.expire(p, c)
	s.WaitForText("session is likely gone")
	c.make("x", "/new")
	p.Heal()
	s.WaitForText("● connected", "New session with", "new ")
	s.waitGone("of-this-session")
	c.set("/new", "y!") // watches of the new session
	s.waitRow("new ", "2 B")
	s.quit("q")
}

func TestScreenTooManyConnections(t *testing.T) {
	t.Parallel()
	ens := zktest.Start(t, 1, zktest.Config("maxClientCnxns=1"))
	zktest.Connect(t, ens.Addr())
	s := openScreen(t, ens.Addr(), 120, 24)
	s.WaitForText("◌ connecting", "closed the connection before answering: maxClientCnxns may be reached")
	s.quit("q")
}

// A listing that was asked for before a znode was there does not keep from it whoever
// jumps there.
func TestJumpOvertakesAListing(t *testing.T) {
	t.Parallel()
	m := looking(t, session(t, "/v", "/v/a"))
	m.goTo("/v/a")
	cmd := m.unlisted(zkview.News{Kind: zkview.ListingNews, Path: "/v", Err: zkview.ErrNoNode})
	if cmd == nil {
		t.Fatalf("it is given up: %v", m.said.past)
	}
	m.Update(cmd())
	if m.pending != "/v/a" && m.tree.sel != "/v/a" {
		t.Errorf("waiting for %q, and selected is %s", m.pending, m.tree.sel)
	}
	if err := m.sess.Delete(t.Context(), "/v/a", -1); err != nil {
		t.Fatal(err)
	}
	m.pending = "/v/a"
	m.Update(m.unlisted(zkview.News{Kind: zkview.ListingNews, Path: "/v", Err: zkview.ErrNoNode})())
	if past := m.said.past; len(past) == 0 || past[len(past)-1].text != "No znode /v/a; the nearest is /v" {
		t.Errorf("said %v", past)
	}
}

// What came of a request is said after what became of the connection that it went over.
func TestAnswerOvertakesTheConnection(t *testing.T) {
	t.Parallel()
	m := looking(t, session(t, "/a"))
	m.takeStatus(m.sess.Status())
	m.header.status.State = zkview.Suspended
	m.Update(flashMsg{levelGood, "saved /a, version 1"})
	m.Update(statusChangedMsg{})
	if past := m.said.past; len(past) != 2 || past[1].text != "Saved /a, version 1" || m.header.status.State != zkview.Connected {
		t.Errorf("said %v, and it is %v", past, m.header.status.State)
	}
}

// looking is the model of a session without a program.
func looking(t *testing.T, sess *zkview.Session) *model {
	t.Helper()
	m := newModel(t.Context(), Options{Session: sess, Title: "x"})
	t.Cleanup(func() { m.close() })
	m.Update(tea.WindowSizeMsg{Width: 100, Height: 24})
	return m
}
