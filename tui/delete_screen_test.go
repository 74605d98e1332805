package tui

import (
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

func TestScreenDeleteCancelIsDefault(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/leaf", "/tree", "/tree/a", "/tree/a/b", "/tree/c")
	s := connect(t, root, 100, 30)

	s.goTo("/leaf")
	s.Type("d")
	s.WaitForText("Delete /leaf? It has no children.")
	s.Type("enter")
	s.waitGone("Delete /leaf?")
	s.Type("d")
	s.WaitForText("Delete /leaf?")
	s.Type("esc")
	s.waitGone("Delete /leaf?")
	c.wantData("/leaf", "x")
	s.Type("d")
	s.WaitForText("Delete /leaf?")
	s.Type("tab", "enter")
	s.WaitForText("Deleted /leaf")
	c.wantNone("/leaf")

	s.goTo("/tree")
	s.Type("d")
	s.WaitForText("Delete /tree and the 3 znodes below it?", "Type tree to delete all of it")
	s.Type("tab", "enter")
	s.WaitForText("To delete all this, type tree first.")
	s.Type("tre", "enter")
	s.WaitForText("type tree first.")
	c.wantData("/tree/a/b", "x")
	s.Type("e", "enter")
	s.WaitForText("Deleted 4 znodes")
	c.wantNone("/tree")
	s.quit("q")
}

func TestScreenDeleteMarkedThatAreHidden(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/apple", "/banana", "/cherry")
	s := connect(t, root, 120, 30)
	s.goTo("/apple")
	s.Type("space")
	s.waitRow("◆", "apple")
	s.goTo("/cherry")
	s.Type("space")
	s.WaitForText("◆ 2 marked")
	s.Type("/", "banana", "enter")
	s.waitGone("apple", "cherry")
	s.Type("d")
	s.WaitForText("Delete 2 znodes", "Delete these 2 znodes?")
	s.waitRow("/apple", "not visible in the tree")
	s.waitRow("/cherry", "not visible in the tree")
	s.Type("tab", "enter")
	s.WaitForText("Deleted 2 znodes")
	s.waitGone("marked")
	c.wantNone("/apple")
	c.wantNone("/cherry")
	c.wantData("/banana", "x")
	s.quit("q")
}

func TestScreenDeleteStoppedHalfWay(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", 4000))
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 100, 30, longLived)
	s.WaitForText("connected")
	s.goTo("/wide")
	s.Type("d")
	s.WaitForText("Delete /wide and the 4,000 znodes below it?")
	p.Latency(heldBack)
	s.Type("wide", "tab", "enter")
	s.WaitForText("Deleting: ", "esc stops after this batch")
	left := func() int {
		names, _, err := c.Children(root + "/wide")
		c.must(err)
		return len(names)
	}
	c.await("a batch to be deleted", func() bool { return left() < 4000 })
	s.Type("esc")
	s.WaitForText("stopping after this batch")
	p.Heal()
	s.WaitForText("You stopped it.", "znodes remain.", "Go on deleting")
	if n := left(); n == 0 || n == 4000 {
		t.Errorf("%d are left, want some", n)
	}
	s.Type("tab", "enter")
	s.WaitForText("Deleted 4,001 znodes")
	c.wantNone("/wide")
	s.quit("q")
}

func TestScreenDeleteWhatMayNotBeOrIsGone(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	_, err := c.Create(root+"/keep", nil, 0, zk.WorldACL(zk.PermRead|zk.PermCreate))
	c.must(err)
	c.make("x", "/keep/stays", "/vanishes")
	s := connect(t, root, 120, 30)
	s.goTo("/keep/stays")
	s.Type("d")
	s.WaitForText("Delete /keep/stays?")
	s.Type("tab", "enter")
	s.WaitForText("Deleted 0 znodes; 1 znode remains.", "The ACL of /keep does not let us delete /keep/stays.")
	s.Type("enter")
	s.waitGone("The ACL of")
	c.wantData("/keep/stays", "x")

	s.goTo("/vanishes")
	s.Type("d")
	s.WaitForText("Delete /vanishes?")
	c.drop("/vanishes")
	s.Type("tab", "enter")
	s.WaitForText("had been deleted by somebody else")

	s.goTo("/")
	s.Type("d")
	s.WaitFor(func(screen string) bool { return strings.Contains(screen, "─ Delete ─") }, "the refusal")
	s.Type("enter")
	s.waitGone("─ Delete ─")
	s.quit("q")
}
