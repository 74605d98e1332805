package tui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// command types a line into the command bar.
func (s *screen) command(line string) {
	s.t.Helper()
	s.Type(":")
	s.WaitForText("complete")
	s.Type(line, "enter")
}

func TestScreenCopy(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/a", "/a/one", "/a/two", "/b", "/b/one")
	s := connect(t, root, 80, 24)
	s.goTo("/a")
	s.Type("C")
	s.WaitForText("─ Copy /a ─", "[fail]")
	s.Type("ctrl+u", "/new/place", "enter")
	s.WaitForText("Copy /a to /new/place: create 3 znodes.", "1 znode above it, missing, is", "created too.", "[ Cancel ]")
	c.wantNone("/new")
	s.Type("enter") // Cancel has the focus
	s.waitGone("─ Copy /a ─")
	c.wantNone("/new")

	s.command("copy /new/place")
	s.WaitForText("Copy /a to /new/place: create 3 znodes.")
	s.Type("tab", "tab", "enter")
	s.WaitForText("Copied /a to /new/place: 3 created.", "Go there")
	c.wantData("/new/place/two", "x")
	s.Type("tab", "enter")
	s.waitGone("─ Copy /a ─")
	s.WaitFor(func(string) bool { return strings.HasSuffix(s.lines()[1], "/new/place") }, "the copy to be selected")
	s.quit("q")
}

func TestScreenCopyWithConflicts(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/a", "/a/one", "/a/two", "/b")
	c.make("mine", "/b/one")
	s := connect(t, root, 100, 30)
	s.goTo("/a")
	s.command("copy /b")
	s.WaitForText("Nothing can be put at /b as it stands: 1 znode is there already and differs. Choose skip or", "conflict 1 · create 1 · same 1", "[ Cancel ]", "Change …")
	if strings.Contains(s.Screen(), "Copy 1 ") {
		t.Errorf("it offers to copy:\n%s", s.Screen())
	}
	s.waitRow("conflict", "/b/one", "its data differs")
	c.wantNone("/b/two")
	c.wantData("/b/one", "mine")

	s.Type("tab", "enter") // Change …, with the focus on the conflicts
	s.WaitForText("[fail]")
	s.Type("right", "enter")
	s.WaitForText("Copy /a to /b: create 1 znode, leave 1 that is there, alike, skip 1 that differs.")
	s.Type("tab", "enter")
	s.WaitForText("[skip]")
	s.Type("right", "enter")
	s.WaitForText("overwrite 1 that is there and differs")
	s.Type("tab", "tab", "enter")
	s.WaitForText("Copied /a to /b: 1 created, 1 overwritten, 1 there already, alike.")
	c.wantData("/b/one", "x")
	c.wantData("/b/two", "x")
	s.Type("esc")
	s.waitGone("─ Copy /a ─")
	s.command("copy /b")
	s.WaitForText("There is nothing to do: all 3 znodes are alike at /b already.", "[ Close ]")
	s.Type("esc")
	s.waitGone("─ Copy /a ─")
	s.command("messages")
	s.WaitForText("Copied /a to /b: 1 created, 1 overwritten")
	s.Type("esc")
	s.quit("q")
}

func TestScreenMoveAndRename(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/a", "/a/one", "/a/one/deep", "/other")
	s := connect(t, root, 100, 30)
	s.goTo("/a")
	s.Type("M")
	s.WaitForText("─ Move /a ─")
	s.Type("/one/in", "enter")
	s.WaitForText("/a/one/in lies within /a: a subtree does not go into itself.")
	s.Type("ctrl+u", "enter")
	s.WaitForText("Type the path where it goes first.")
	s.Type("/other/", "enter")
	s.WaitForText("Move /a to /other/a: create 3 znodes. Then /a and what is below it", "what somebody changed meanwhile stays.")
	s.Type("tab", "tab", "enter")
	s.WaitForText("Moved /a to /other/a: 3 created; of the source 3 deleted.")
	c.wantNone("/a")
	c.wantData("/other/a/one/deep", "x")
	s.Type("tab", "enter")
	s.WaitFor(func(string) bool { return strings.HasSuffix(s.lines()[1], "/other/a") }, "the moved one to be selected")

	s.Type("R")
	s.WaitForText("─ Rename /other/a ─")
	s.Type("enter")
	s.WaitForText("Type another name")
	s.Type("b/c", "enter")
	s.WaitForText("Type a name without /")
	s.Type("backspace", "backspace", "enter")
	s.WaitForText("Rename /other/a to /other/ab: create 3 znodes.")
	s.Type("tab", "tab", "enter")
	s.WaitForText("Renamed /other/a to /other/ab: 3 created; of the source 3 deleted.")
	c.wantNone("/other/a")
	c.wantData("/other/ab/one/deep", "x")
	s.Type("esc")
	s.waitGone("─ Rename")

	c.make("x", "/other/taken")
	s.goTo("/other/ab")
	s.command("rename taken")
	s.WaitForText("/other/taken is there already; choose another name")
	s.Type("esc")
	s.waitGone("─ Rename")
	s.goTo("/")
	s.Type("M")
	s.WaitForText("The root / cannot go into itself")
	s.quit("q")
}

func TestScreenMoveOfABigSubtreeAsksForItsName(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", 150))
	s := connect(t, root, 80, 24)
	s.goTo("/wide")
	s.command("move /elsewhere")
	s.WaitForText("create 151 znodes", "Type wide to move all of it:")
	s.Type("tab", "tab", "enter")
	s.WaitForText("To move all this, type wide first.")
	s.Type("wide", "enter")
	s.WaitForText("Moved /wide to /elsewhere: 151 created; of the source 151 deleted.")
	c.wantNone("/wide")
	s.Type("esc")
	s.quit("q")
}

func TestScreenExportImportCompare(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/a", "/a/one")
	c.make("\xff\x00", "/a/bin")
	dir := t.TempDir()
	file := filepath.Join(dir, "a.jsonl")
	s := connect(t, root, 120, 30)
	s.goTo("/a")
	s.command("export " + file)
	s.WaitForText("Exported 3 znodes, 4 B of data, from /a to ")
	s.Type("esc")
	s.waitGone("─ Export")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	s.command("export " + file)
	s.WaitForText("is there already", "Replace it by the export?", "[ Cancel ]")
	s.Type("tab", "enter")
	s.WaitForText("Exported 3 znodes", "[ Close ]")
	s.Type("esc")
	s.waitGone("─ Export")
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("left in the folder: %v", names)
	}

	c.make("x", "/here")
	s.goTo("/here")
	s.command("import " + file)
	s.WaitForText("to /here/a: create 3 znodes.")
	s.Type("tab", "tab", "enter")
	s.WaitForText("to /here/a: 3", "created.", "[ Close ]")
	c.wantData("/here/a/bin", "\xff\x00")
	s.Type("esc")
	s.waitGone("─ Import")

	s.goTo("/a")
	s.command("compare /here/a")
	s.WaitForText("/a and /here/a are alike: 3 znodes.")
	s.command("compare " + file)
	s.WaitForText("9 Compare", "are alike: 3 znodes.", "a.jsonl")
	c.set("/here/a/one", "y")
	c.make("x", "/here/a/extra")
	c.drop("/here/a/bin")
	s.Type("esc")
	s.command("compare /here/a")
	s.WaitForText("+1 -1 ~1", "1 alike")
	s.waitRow("- bin", "2 B")
	s.waitRow("+ extra", "1 B")
	s.waitRow("~ one", "value 1 B → 1 B")
	s.Type("G", "enter")
	s.WaitForText("- x", "+ y")
	s.Type("esc")
	s.WaitForText("~ one")
	s.Type("k", "<") // extra: only on the right
	s.WaitForText("/a/extra does not exist: it is only on the right")
	s.Type(">")
	s.WaitFor(func(string) bool { return strings.HasSuffix(s.lines()[1], "/here/a/extra") }, "the znode on the right")
	s.Type("9")
	s.WaitForText("+1 -1 ~1")
	c.drop("/here/a/extra")
	s.Type("r")
	s.WaitForText("-1 ~1")
	s.waitGone("extra", "reading")
	s.Type("h", "h") // the root closes
	s.waitGone("~ one")
	s.Type("enter")
	s.WaitForText("~ one")
	s.Type("esc")
	s.waitGone("9 Compare")
	s.quit("q")
}

func TestScreenCompareMarked(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/a", "/a/one", "/b", "/b/two")
	s := connect(t, root, 40, 10, func(s *setup) { s.cfg.ReadOnly = true })
	s.goTo("/a")
	s.Type("space", "space")
	s.WaitForText("2 marked")
	s.Type("D")
	s.waitRow("- one")
	s.waitRow("+ two")
	s.Type("esc")
	s.waitGone("9 Compare")
	s.Type("space", "up", "space", "up", "space") // one mark is left at most
	s.goTo("/a")
	s.Type("D")
	s.WaitForText("─ Compare /a ─")
	s.Type("b", "enter")
	s.waitRow("+ two")
	s.quit("q")
}

func TestScreenImportOfWhatIsNotWhole(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/a", "/a/one", "/a/two")
	file := filepath.Join(t.TempDir(), "a.jsonl")
	s := connect(t, root, 120, 30)
	s.goTo("/a")
	s.command("export " + file)
	s.WaitForText("Exported 3 znodes", "[ Close ]")
	s.Type("esc")
	s.waitGone("─ Export")
	text, err := os.ReadFile(file)
	c.must(err)
	for name, test := range map[string]struct{ text, says string }{
		"cut":     {string(text[:len(text)/2]), "in the middle of a line"},
		"edited":  {strings.Replace(string(text), `"x"`, `"y"`, 1), "changed after"},
		"other":   {"PNG\x1b[2J\n", "this is not an export"},
		"nothing": {"", "it is empty"},
	} {
		bad := filepath.Join(t.TempDir(), name)
		c.must(os.WriteFile(bad, []byte(test.text), 0o600))
		s.command("import " + bad)
		s.WaitForText("─ Import into /a ─", test.says, "Preview")
		s.Type("esc")
		s.waitGone("─ Import")
	}
	s.command("import " + filepath.Join(t.TempDir(), "none"))
	s.WaitForText("cannot be read: no such")
	s.Type("esc")
	s.waitGone("─ Import")
	c.wantNone("/a/a")
	s.quit("q")
}

// midway holds back the reply to the nth request of a kind, and all behind it.
func midway(r *zktest.Relay, n int, op int32) *zktest.Trap {
	return r.Trap(zktest.HoldReply, func(q zktest.Request) bool {
		if q.Op == op {
			n--
		}
		return n == 0
	})
}

// longLived has the session outlive what a test holds back.
func longLived(s *setup) { s.cfg.Timeout = 40 * time.Second }

func TestScreenTransferIsStopped(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", 2500))
	p := zktest.NewProxy(t, zktest.Shared(t))
	relay := zktest.NewRelay(t, p.Addr())
	s := openScreen(t, relay.Addr()+root, 100, 30, longLived)
	s.WaitForText("connected")
	s.goTo("/wide")
	s.Type("C")
	s.WaitForText("─ Copy /wide ─")
	s.Type("esc")
	s.waitGone("─ Copy /wide ─")

	p.Stall()
	s.command("copy /to")
	s.WaitForText("esc stops; nothing is changed yet")
	s.Type("esc")
	s.WaitForText("Stopped; nothing was changed.", "Preview")
	p.Heal()
	s.Type("enter")
	s.WaitForText("Copy /wide to /to: create 2,501 znodes.")

	second := midway(relay, 2, zktest.OpMulti) // of three
	s.Type("tab", "tab", "enter")
	s.WaitForText("Writing: ", "esc stops after the transaction that is under way")
	<-second.Sprung()
	s.Type("esc")
	s.WaitForText("stopping …")
	second.Release()
	s.WaitForText("You stopped the copying of /wide to /to:", "not attempted", "Planning again goes on where this stopped.", "Plan again")
	names, _, err := c.Children(root + "/to")
	c.must(err)
	if len(names) == 0 || len(names) == 2500 {
		t.Errorf("%d were copied, want some", len(names))
	}
	s.Type("tab", "enter")
	s.WaitForText("that are there, alike")
	s.Type("tab", "tab", "enter")
	s.WaitForText("Copied /wide to /to: ")
	if names, _, err = c.Children(root + "/to"); err != nil || len(names) != 2500 {
		t.Errorf("%d, %v", len(names), err)
	}
	s.Type("esc")
	s.quit("q")
}

func TestScreenServerIsCutOffWhileCopying(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", 2500))
	r := zktest.NewRelay(t, zktest.Shared(t))
	s := openScreen(t, r.Addr()+root, 100, 30, longLived)
	s.WaitForText("connected")
	s.goTo("/wide")
	s.command("copy /to")
	s.WaitForText("create 2,501 znodes")
	second := midway(r, 2, zktest.OpMulti) // of three
	s.Type("tab", "tab", "enter")
	s.WaitForText("Writing: ")
	<-second.Sprung()
	s.Type("q", "esc") // q is no key of a dialog; esc stops
	s.WaitForText("stopping …")
	r.Cut()
	s.WaitForText("suspended")
	s.WaitForText("You stopped the copying of /wide to /to:", "Planning again goes on where this stopped.")
	r.Heal()
	s.WaitForText("● connected")
	s.Type("tab", "enter")
	s.WaitForText("Copy /wide to /to:", "Change …")
	s.Type("tab", "tab", "enter")
	s.WaitForText("Copied /wide to /to: ")
	if names, _, err := c.Children(root + "/to"); err != nil || len(names) != 2500 {
		t.Errorf("%d, %v", len(names), err)
	}
	s.Type("esc")
	s.quit("q")
}

func TestScreenQuitWhileCopying(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", 2500))
	r := zktest.NewRelay(t, zktest.Shared(t))
	s := openScreen(t, r.Addr()+root, 100, 30, longLived, patient)
	s.WaitForText("connected")
	s.goTo("/wide")
	s.command("copy /to")
	s.WaitForText("create 2,501 znodes")
	second := midway(r, 2, zktest.OpMulti) // of three
	s.Type("tab", "tab", "enter")
	s.WaitForText("Writing: ")
	<-second.Sprung()
	s.Type("ctrl+c")
	if err := s.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	context.AfterFunc(s.model.ctx, second.Release) // when the copying is to end
	s.close()
	if got := strings.Join(s.model.farewell, "\n"); !strings.Contains(got, "You stopped the copying of /wide to /to:") {
		t.Errorf("said at the end: %q", got)
	}
}

func TestScreenTransferOfHostileNames(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("\x1b[2J", "/a", "/a/\u202eevil\u202c]0;x", "/a/漢字 \u200d e\u0301", "/a/"+strings.Repeat("long", 60))
	for _, size := range [][2]int{{100, 30}, {40, 10}} {
		s := connect(t, root, size[0], size[1])
		s.goTo("/a")
		s.command("copy /b")
		s.WaitForText("Copy /a to /b: create 4", "[ Cancel ]")
		s.Type("down", "down", "down", "esc")
		s.waitGone("─ Copy")
		s.command("compare /")
		s.WaitForText("9 Compare")
		s.waitGone("reading")
		s.Type("G", "l", "G", "g", "esc")
		s.waitGone("9 Compare")
		s.quit("q")
	}
}
