package tui

import (
	"testing"
	"time"

	"zkdeck/internal/zktest"
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
