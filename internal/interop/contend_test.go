//go:build interop

package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// contend is how long clients contend in each of the tests, without ZKDECK_CONTEND.
const contend = 5 * time.Second

// contended are the locks that clients contend for.
var contended = []string{
	"/contend/kazoo", "/contend/naive", "/contend/places", "/contend/curator", "/contend/rw", "/contend/curator-places",
}

// marker is a lock that is taken when all others have been.
const marker = "/contend/marker"

// TestContend has kazoo, Curator and a naive lock contend, and holds what
// `zkdeck locks --watch --json` tells to what they say they did.
func TestContend(t *testing.T) {
	length := contendLength(t)
	bin := built(t)
	java := javaArgs(t, "CuratorContend")
	t.Run("whole", func(t *testing.T) {
		c := newContest(t, bin, java)
		c.begin()
		time.Sleep(length) // how much there is to compare; nothing is waited for
		c.end()
		c.compare()
	})
	for name, sever := range map[string]func(*zktest.Proxy){"cut": (*zktest.Proxy).Cut, "silence": (*zktest.Proxy).Stall} {
		t.Run(name, func(t *testing.T) {
			c := newContest(t, bin, java)
			c.begin()
			time.Sleep(length / 2)
			sever(c.proxy)
			c.deck.until("the loss of the connection", func([]event) bool {
				return strings.Contains(c.deck.errs.String(), "no connection")
			})
			c.more(20)
			c.proxy.Heal()
			c.deck.until("the gap of each lock", func(all []event) bool {
				known := gaps(all)
				return !slices.ContainsFunc(contended, func(path string) bool { return len(known[path]) == 0 })
			})
			time.Sleep(length / 2)
			c.end()
			c.compare()
		})
	}
}

// contendLength is how long clients contend.
func contendLength(t *testing.T) time.Duration {
	t.Helper()
	s := os.Getenv("ZKDECK_CONTEND")
	if s == "" {
		return contend
	}
	length, err := time.ParseDuration(s)
	if err != nil {
		t.Fatalf("ZKDECK_CONTEND: %v", err)
	}
	return length
}

// built is a zkdeck as it is built from this tree.
func built(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "zkdeck")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "zkdeck").CombinedOutput(); err != nil {
		t.Fatalf("building zkdeck: %v\n%s", err, out)
	}
	return bin
}

// contest is clients that contend and a zkdeck that looks on.
type contest struct {
	t       *testing.T
	conn    *zk.Conn
	proxy   *zktest.Proxy // in front of zkdeck
	deck    *feed[event]
	clients []*feed[acquisition]
}

func newContest(t *testing.T, bin string, java []string) *contest {
	addr := zktest.Start(t, 1, zktest.TickTime(2*time.Second)).Addr()
	c := &contest{t: t, conn: zktest.Connect(t, addr), proxy: zktest.NewProxy(t, addr)}
	if _, err := c.conn.Create("/contend", nil, 0, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	c.deck = startFeed[event](t, bin, "locks", "/contend", "--watch", "--json", "-s", c.proxy.Addr(), "--timeout", "6s")
	c.clients = []*feed[acquisition]{
		startFeed[acquisition](t, kazoo(t), "testdata/kazoo_contend.py", addr, "7"),
		startFeed[acquisition](t, javaProgram(t), slices.Concat(java, []string{addr, "7"})...),
	}
	c.deck.until("the first search", func(all []event) bool {
		return slices.ContainsFunc(all, func(e event) bool { return e.Type == "ready" })
	})
	for _, f := range c.clients {
		f.until("all connections", func(all []acquisition) bool { return len(all) > 0 })
	}
	return c
}

// begin has all begin, and waits until zkdeck has told of somebody who has held each lock.
func (c *contest) begin() {
	c.t.Helper()
	for _, f := range c.clients {
		f.say("begin")
	}
	for _, path := range contended {
		c.deck.until("a grant of "+path, func(all []event) bool {
			return slices.ContainsFunc(c.acquisitions(), func(a acquisition) bool {
				return a.Path == path && a.Got != nil && toldOf(all, "granted", path, a.Node)
			})
		})
	}
}

// toldOf tells whether zkdeck has told that something has happened to a znode.
func toldOf(all []event, what, path, node string) bool {
	return slices.ContainsFunc(all, func(e event) bool { return e.Type == what && e.Path == path && e.Node == node })
}

// more waits until each program has told of so many acquisitions more.
func (c *contest) more(n int) {
	c.t.Helper()
	for _, f := range c.clients {
		now := len(f.all())
		f.until("more acquisitions", func(all []acquisition) bool { return len(all) >= now+n })
	}
}

// end lets all clients end, and zkdeck when it has told all it is going to tell.
func (c *contest) end() {
	c.t.Helper()
	for _, f := range c.clients {
		f.say("end")
	}
	for _, f := range c.clients {
		f.ended()
	}
	l := zk.NewLock(c.conn, marker, zk.WorldACL(zk.PermAll))
	if err := l.Lock(); err != nil {
		c.t.Fatal(err)
	}
	// It is not known as a lock before there is somebody in it.
	c.deck.until("the marker", func(all []event) bool {
		return slices.ContainsFunc(all, func(e event) bool { return e.Type == "granted" && e.Path == marker })
	})
	if err := l.Unlock(); err != nil {
		c.t.Fatal(err)
	}
	last := map[string]string{marker: ""} // and of each lock the znode that was the last to be released
	until := map[string]int64{}
	for _, a := range c.acquisitions() {
		if a.Got != nil && a.Left > until[a.Path] {
			until[a.Path], last[a.Path] = a.Left, a.Node
		}
	}
	c.deck.until("the last releases", func(all []event) bool {
		open := len(last)
		for path, node := range last {
			if slices.ContainsFunc(all, func(e event) bool {
				return e.Type == "released" && e.Path == path && (node == "" || e.Node == node)
			}) {
				open--
			}
		}
		return open == 0
	})
	if err := c.deck.cmd.Process.Signal(syscall.SIGINT); err != nil {
		c.t.Fatal(err)
	}
	c.deck.ended()
}

// compare compares what zkdeck told with what the clients said.
func (c *contest) compare() {
	c.t.Helper()
	m := compare(c.deck.all(), c.acquisitions())
	for _, n := range m.notes {
		c.t.Log(n)
	}
	for i, w := range m.wrong {
		if i == 20 {
			c.t.Errorf("and %d more", len(m.wrong)-i)
			break
		}
		c.t.Error(w)
	}
	for _, path := range contended {
		if m.seen[path] == 0 {
			c.t.Errorf("nothing was seen of %s", path)
		}
	}
}

// acquisitions is what the clients have said.
func (c *contest) acquisitions() []acquisition {
	var all []acquisition
	for _, f := range c.clients {
		all = append(all, f.all()[1:]...)
	}
	return all
}
