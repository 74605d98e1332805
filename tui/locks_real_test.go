package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/sandbox/demo"
)

// queue makes a contender of a lock, as a library names it, which watches the one
// before it, if that is not empty. It returns its path.
func (c *client) queue(dir, prefix, data, before string) string {
	c.t.Helper()
	if before != "" {
		there, _, _, err := c.ExistsW(c.root + before)
		c.must(err)
		if !there {
			c.t.Fatalf("%s is not there", before)
		}
	}
	path, err := c.Create(c.root+dir+"/"+prefix, []byte(data), zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
	c.must(err)
	return path[len(c.root):]
}

// ephemeral makes an ephemeral znode.
func (c *client) ephemeral(path, data string) {
	c.t.Helper()
	_, err := c.Create(c.root+path, []byte(data), zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
	c.must(err)
}

// Names as libraries make them.
const (
	kazooName = "00000000000000000000000000000%03d__lock__"
	readName  = "_c_00000000-0000-0000-0000-000000000%03d-__READ__"
	writeName = "_c_00000000-0000-0000-0000-000000000%03d-__WRIT__"
	mutexName = "_c_00000000-0000-0000-0000-000000000%03d-lock-"
)

// TestScreenLocksOfClients has clients hold, wait, share, block each other and meet in
// one directory, before and while one looks.
func TestScreenLocksOfClients(t *testing.T) {
	t.Parallel()
	root, addr := zktest.Root(t), zktest.Shared(t)
	a, b, c, d := other(t, addr, root), other(t, addr, root), other(t, addr, root), other(t, addr, root)
	a.make("", "/uk", "/uk/lock", "/price", "/stock", "/stock/a", "/stock/b", "/mixed-lock", "/late-lock")
	before := ""
	for i, who := range []*client{a, b, c, d} {
		before = who.queue("/uk/lock", "lock_id_", fmt.Sprint("1700000000.", i), before)
	}
	a.queue("/price", fmt.Sprintf(readName, 1), "10.0.0.1", "")
	reader := b.queue("/price", fmt.Sprintf(readName, 2), "10.0.0.2", "")
	c.queue("/price", fmt.Sprintf(writeName, 3), "10.0.0.3", reader)
	first := a.queue("/stock/a", fmt.Sprintf(kazooName, 1), "w1", "")
	second := b.queue("/stock/b", fmt.Sprintf(kazooName, 2), "w2", "")
	b.queue("/stock/a", fmt.Sprintf(kazooName, 3), "w2", first)
	a.queue("/stock/b", fmt.Sprintf(kazooName, 4), "w1", second)
	c.queue("/mixed-lock", fmt.Sprintf(mutexName, 1), "x", "")
	d.queue("/mixed-lock", fmt.Sprintf(kazooName, 2), "y", "")

	s := connect(t, root, 140, 30)
	s.Type("2")
	s.lockLine("/uk/lock", "● contended", "naive", " 3 ", "herd")
	s.lockLine("/price", "● contended", "curator-rwlock", "2 readers", " 1 ")
	s.lockLine("/stock/a", "▲ suspicious", "kazoo-lock", "w1", "deadlock")
	s.lockLine("/stock/b", "▲ suspicious", "kazoo-lock", "w2", "deadlock")
	s.lockLine("/mixed-lock", "▲ suspicious", "mixed")
	s.WaitForText("searched at", "▲ 3 suspicious")
	s.order("/mixed-lock", "/stock/a", "/stock/b", "/uk/lock")

	late := c.queue("/late-lock", fmt.Sprintf(mutexName, 9), "late", "")
	s.lockLine("/late-lock", "● held", "curator-mutex", "late")
	c.drop(late)
	s.lockLine("/late-lock", "○ free")
	s.Type("/", "deadlock", "enter")
	s.WaitForText("2 rows")
	s.Type("j", "enter")
	s.WaitForText("esc all locks", "w2")
	s.Type("esc", "esc")
	s.lockLine("/late-lock", "○ free")
	s.waitPlace("/stock/b")
	s.Type("t")
	s.WaitForText("Value  Stat  ACL")
	s.waitRow(" b ", "▲ w2", "+1 waiting")
	s.waitRow(" price ", "● 2 readers", "+1 waiting")
	s.waitRow(" late-lock ", "○ free")
	s.goTo("/uk/lock")
	s.waitRow(" lock ", "●", "+3")
	s.quit("q")
}

// In the tree locks show though nobody asked for a search.
func TestScreenTreeShowsLocks(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	a := other(t, zktest.Shared(t), root)
	b := other(t, zktest.Shared(t), root)
	a.make("", "/apps", "/apps/orders-lock", "/apps/plain", "/apps/plain/child")
	s := connect(t, root, 140, 30)
	s.goTo("/apps/plain")
	s.waitRow("plain ", " 1 ")
	held := a.queue("/apps/orders-lock", fmt.Sprintf(mutexName, 1), "worker-7", "")
	s.waitRow("orders-lock", "● worker-7")
	b.queue("/apps/orders-lock", fmt.Sprintf(mutexName, 2), "worker-8", held)
	s.waitRow("orders-lock", "● worker-7", "+1")
	a.drop(held)
	s.waitRow("orders-lock", "● worker-8")
	a.ephemeral("/apps/leader", "me")
	s.waitRow("leader", "● me")
	s.quit("q")
}

// Without a connection the table stays as it was and says so; back again, it is what
// it is then.
func TestScreenLocksOffline(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	a := other(t, zktest.Shared(t), root)
	a.make("", "/lock")
	held := a.queue("/lock", fmt.Sprintf(mutexName, 1), "w1", "")
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 120, 24)
	s.WaitForText("connected")
	s.Type("2")
	s.lockLine("/lock", "● held", "w1")
	p.Cut()
	s.WaitForText("suspended", "as of ")
	s.lockLine("/lock", "● held", "w1")
	a.drop(held)
	a.queue("/lock", fmt.Sprintf(mutexName, 2), "w2", "")
	s.Type("enter")
	s.WaitForText("esc all locks")
	s.Type("esc", "1", "2")
	p.Heal()
	s.lockLine("/lock", "● held", "w2")
	s.waitGone(" old", "suspended", "as of")
	s.quit("q")
}

// TestScreenLocksOfTheDemo looks at programs that contend by the recipes of many
// libraries.
func TestScreenLocksOfTheDemo(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	if err := demo.Fill(t.Context(), server); err != nil {
		t.Fatal(err)
	}
	life, err := demo.Live(t.Context(), server, demo.Options{Pace: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(life.Close)
	s := openScreen(t, server.Addr(), 160, 40)
	s.WaitForText("connected")
	s.Type("2")
	for path, recipe := range map[string]string{
		"/locks/invoice-run": "curator-mutex", "/locks/price-list": "curator-rwlock", "/locks/nightly-report": "kazoo-lock",
		"/locks/deploy": "go-zookeeper", "/locks/reindex": "writelock", "/locks/db-connections": "curator-semaphore",
		"/uk/lock": "naive", "/election/billing": "curator-latch", "/kafka/controller": "kafka-controller",
	} {
		s.lockLine(path, recipe)
	}
	s.WaitForText("searched at")
	s.Type("/", "/locks/invoice", "enter")
	s.WaitForText("1 row")
	s.Type("enter")
	s.WaitForText("curator-mutex", "number", "esc all locks")
	s.Type("esc", "esc", "q")
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
}

// TestScreenOpenedLocks opens a lock with a holder and three waiters, one with readers
// and a writer, one of a deadlock, and one of two recipes.
func TestScreenOpenedLocks(t *testing.T) {
	t.Parallel()
	root, addr := zktest.Root(t), zktest.Shared(t)
	a, b, c, d := other(t, addr, root), other(t, addr, root), other(t, addr, root), other(t, addr, root)
	a.make("", "/jobs-lock", "/price", "/stock", "/stock/a", "/stock/b", "/mixed-lock")
	before := ""
	for i, who := range []*client{a, b, c, d} {
		before = who.queue("/jobs-lock", fmt.Sprintf(mutexName, i), fmt.Sprint("worker-", i), before)
	}
	a.queue("/price", fmt.Sprintf(readName, 1), "10.0.0.1", "")
	reader := b.queue("/price", fmt.Sprintf(readName, 2), "10.0.0.2", "")
	c.queue("/price", fmt.Sprintf(writeName, 3), "10.0.0.3", reader)
	first := a.queue("/stock/a", fmt.Sprintf(kazooName, 1), "w1", "")
	second := b.queue("/stock/b", fmt.Sprintf(kazooName, 2), "w2", "")
	b.queue("/stock/a", fmt.Sprintf(kazooName, 3), "w2", first)
	a.queue("/stock/b", fmt.Sprintf(kazooName, 4), "w1", second)
	c.queue("/mixed-lock", fmt.Sprintf(mutexName, 1), "x", "")
	d.queue("/mixed-lock", fmt.Sprintf(kazooName, 2), "y", "")

	s := connect(t, root, 140, 30)
	s.Type("2")
	open := func(path string) {
		t.Helper()
		s.Type("/", path, "enter")
		s.WaitForText("1 row")
		s.Type("enter")
		s.WaitForText("esc all locks", path)
	}
	back := func() {
		t.Helper()
		s.Type("esc")
		s.WaitForText("no filter")
		s.Type("esc")
		s.WaitForText("5 locks")
		s.waitGone("no filter")
	}
	s.WaitForText("5 locks")
	open("/jobs-lock")
	s.WaitForText("● contended", "3 waiting", "next number 4 = queued so far")
	s.waitRow("● 0000000000", "worker-0", "held")
	s.waitRow("├ 0000000001", "worker-1", "0000000000")
	s.waitRow("└ 0000000003", "worker-3", "0000000002")
	back()
	open("/price")
	s.WaitForText("2 holders, 1 waiting")
	s.waitRow("● 0000000000", "read", "10.0.0.1")
	s.waitRow("● 0000000001", "read", "10.0.0.2")
	s.waitRow("└", "0000000002", "write", "10.0.0.3")
	back()
	open("/stock/a")
	s.WaitForText("▲ suspicious", "Deadlock of 2 sessions")
	s.waitRow("● 0000000000", "w1")
	s.waitRow("waits in /stock/a for")
	s.waitRow("waits in /stock/b for")
	back()
	open("/mixed-lock")
	s.WaitForText("▲ suspicious", "Recipes are mixed here")
	s.waitRow("● 0000000000", "x")
	s.waitRow("● 0000000001", "y")
	s.quit("q")
}
