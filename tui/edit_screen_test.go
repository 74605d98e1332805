package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/zkview"
)

func TestScreenEditSaves(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("old", "/doc")
	s := connect(t, root, 100, 30)
	s.goTo("/doc")
	s.Type("e")
	s.WaitForText("Edit /doc", "old")
	s.Type("ctrl+s")
	s.WaitForText("Nothing has changed")
	s.Type("new ", "ctrl+s")
	s.WaitForText("Saved /doc, version 1")
	s.WaitForText("new old", "v1")
	c.wantData("/doc", "new old")
	s.quit("q")
}

func TestScreenEditConflict(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("first\nsame\n", "/doc")
	s := connect(t, root, 120, 36)
	s.goTo("/doc")
	s.Type("e")
	s.WaitForText("Edit /doc")
	s.Type("mine ")
	c.set("/doc", "theirs\nsame\n")
	s.Type("ctrl+s")
	s.WaitForText("Somebody changed it while you edited", "version 1", "mine first", "theirs", "Overwrite theirs")
	s.waitRow("mine first", "theirs") // beside each other
	s.waitRow("same", "same")
	c.wantData("/doc", "theirs\nsame\n")
	s.Type("enter") // Cancel has the focus
	s.WaitForText("Not saved", "mine first")
	s.waitGone("Overwrite theirs")

	s.Type("ctrl+s")
	s.WaitForText("Overwrite theirs")
	s.Type("tab", "tab", "tab", "enter")
	s.WaitForText("Replace version 1 of /doc")
	c.set("/doc", "theirs again\n") // in that very moment
	s.Type("tab", "enter")
	s.WaitForText("version 2 now", "theirs again", "mine first")
	c.wantData("/doc", "theirs again\n")
	s.Type("tab", "enter") // keep editing mine, on top of theirs
	s.WaitForText("Your text goes on top of version 2")
	s.Type("ctrl+s")
	s.WaitForText("Saved /doc, version 3")
	c.wantData("/doc", "mine first\nsame\n")
	s.quit("q")
}

func TestScreenEditWhatWasDeleted(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("old", "/doc", "/rest")
	s := connect(t, root, 120, 36)
	s.goTo("/doc")
	s.Type("e")
	s.WaitForText("Edit /doc")
	s.Type("typed ")
	c.drop("/doc")
	s.Type("ctrl+s")
	s.WaitForText("/doc was deleted while you edited it", "Create it again", "Copy the text")
	s.Type("tab", "enter")
	s.WaitFor(func(string) bool { return s.Clipboard() == "typed old" }, "the clipboard")
	s.waitGone("Create it again")
	s.Type("ctrl+s")
	s.WaitForText("Create it again")
	s.Type("tab", "tab", "enter")
	s.WaitForText("created again")
	c.wantData("/doc", "typed old")
	s.quit("q")
}

// expire keeps s from its servers until its session is gone. Its session has a
// timeout of a second, the least that the servers grant.
func (s *screen) expire(p *zktest.Proxy, c *client) {
	s.t.Helper()
	_, err := s.sess.Create(s.t.Context(), "/of-this-session", nil, zkview.CreateOptions{Kind: zkview.Ephemeral})
	c.must(err)
	p.Cut()
	s.WaitForText("suspended")
	c.gone("/of-this-session")
}

func brief(s *setup) { s.cfg.Timeout = time.Second }

func TestScreenEditOverAnExpiredSession(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("old", "/doc")
	p := zktest.NewProxy(t, zktest.Shared(t))
	s := openScreen(t, p.Addr()+root, 120, 36, brief)
	s.WaitForText("connected")
	s.goTo("/doc")
	s.WaitForText("old")
	s.Type("e")
	s.WaitForText("Edit /doc")
	s.Type("typed before ")
	s.expire(p, c)
	s.Type("and while ")
	s.WaitForText("typed before and while old")
	s.Type("ctrl+s") // waits; the version guards it in whatever session it is sent
	s.WaitForText("saving over version 0")
	p.Heal()
	s.WaitForText("● connected", "Saved /doc, version 1")
	c.wantData("/doc", "typed before and while old")

	s.Type("e")
	s.WaitForText("Edit /doc")
	s.Type("again ")
	s.expire(p, c)
	p.Heal()
	s.WaitForText("● connected", "again typed before")
	s.Type("ctrl+s")
	s.WaitForText("Saved /doc, version 2")
	c.wantData("/doc", "again typed before and while old")
	s.waitGone("of-this-session")
	s.quit("q")
}

func TestScreenQuitKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("old", "/doc")
	s := connect(t, root, 100, 30)
	s.goTo("/doc")
	s.Type("e")
	s.WaitForText("Edit /doc")
	s.Type("not saved ")
	s.WaitForText("not saved old")
	s.quit("ctrl+c")
	files, err := filepath.Glob(filepath.Join(s.drafts, "*doc*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("drafts %q, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || string(text) != "not saved old" {
		t.Errorf("the draft is %q, %v", text, err)
	}
	if !strings.Contains(filepath.Base(files[0]), "doc") {
		t.Errorf("the draft is called %s", files[0])
	}
	c.wantData("/doc", "old")
}
