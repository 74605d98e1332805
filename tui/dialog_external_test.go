package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// edited is what the model gets when text was written in an editor that was opened
// on the znode at path.
func edited(t *testing.T, f *fakeCluster, path, text string, during func()) (tea.Msg, string) {
	t.Helper()
	n := f.nodes[path]
	e := externalEdit{path: path, data: n.data, stat: n.stat, drafts: t.TempDir(), codec: codecFor(n.data)}
	file, err := writeDraft(e.drafts, path, e.extension(), []byte(e.encode(n.data)))
	if err != nil {
		t.Fatal(err)
	}
	e.file = file
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if during != nil {
		during()
	}
	return editorClosedMsg{externalEdit: e}.finish(f)(), file
}

func said(msg tea.Msg) string {
	var out []string
	for _, m := range flatten(msg) {
		if fl, ok := m.(flashMsg); ok {
			out = append(out, fl.text)
		}
	}
	return strings.Join(out, "\n")
}

func exists(file string) bool { _, err := os.Stat(file); return err == nil }

func TestEditorSaves(t *testing.T) {
	f := newFake("/a")
	f.put("/a", "one")
	msg, file := edited(t, f, "/a", "two\n", nil)
	if f.data("/a") != "two" || exists(file) || !strings.Contains(said(msg), "saved /a, version 2; the newline that the editor put at the end was left out") {
		t.Errorf("%q, said %q", f.data("/a"), said(msg))
	}
	f.put("/a", "one\n")
	edited(t, f, "/a", "two\n\n", nil)
	if f.data("/a") != "two\n\n" {
		t.Errorf("a newline was taken from a value that has one: %q", f.data("/a"))
	}
	f.put("/a", "one\r\ntwo")
	edited(t, f, "/a", "one\r\nthree\r\n", nil)
	if f.data("/a") != "one\r\nthree" {
		t.Errorf("got %q", f.data("/a"))
	}
	f.put("/a", "\x00\x01")
	edited(t, f, "/a", "00000000: 00 01 02\n", nil)
	if f.data("/a") != "\x00\x01\x02" {
		t.Errorf("got %q", f.data("/a"))
	}
}

func TestEditorUnchanged(t *testing.T) {
	f := newFake("/a")
	f.put("/a", "one")
	for _, text := range []string{"one", "one\n"} {
		msg, file := edited(t, f, "/a", text, nil)
		if exists(file) || !strings.Contains(said(msg), "nothing changed in /a") {
			t.Errorf("said %q, file left: %v", said(msg), exists(file))
		}
	}
	if len(f.calls) > 0 {
		t.Errorf("calls %v", f.calls)
	}
}

func TestEditorConflict(t *testing.T) {
	f := newFake("/a")
	msg, file := edited(t, f, "/a", "mine", func() { f.put("/a", "theirs") })
	m, ok := msg.(editedElsewhereMsg)
	if !ok || !exists(file) {
		t.Fatalf("got %#v", msg)
	}
	r := rig{t: t, d: m.dialog(1, f)}
	r.wantScreen("Somebody changed it", "mine", "theirs")
	r.press("right", "right", "right", "enter", "tab", "enter")
	if !r.done || f.data("/a") != "mine" || exists(file) {
		t.Errorf("done %v, %q, the file is left: %v", r.done, f.data("/a"), exists(file))
	}

	msg, _ = edited(t, f, "/a", "mine\x00", func() { f.drop("/a") })
	r = rig{t: t, d: msg.(editedElsewhereMsg).dialog(1, f)}
	r.wantScreen("was deleted while you edited it")
	r.press("tab", "tab", "enter")
	if !r.done || f.data("/a") != "mine\x00" {
		t.Errorf("done %v, %q", r.done, f.data("/a"))
	}
}

func TestEditorFailures(t *testing.T) {
	f := newFake("/a")
	f.hook = func(string, string) error { return zkview.ErrNotSent }
	msg, file := edited(t, f, "/a", "mine", nil)
	if !exists(file) || !strings.Contains(said(msg), "not connected") || !strings.Contains(said(msg), file) {
		t.Errorf("said %q", said(msg))
	}
	f.put("/a", "\x00")
	msg, file = edited(t, f, "/a", "no hex", nil)
	if !exists(file) || !strings.Contains(said(msg), "not saved: line 1") {
		t.Errorf("said %q", said(msg))
	}
	m := editorClosedMsg{externalEdit: externalEdit{path: "/a", file: "/x/y"}, err: os.ErrPermission}
	if text := said(m.finish(f)()); !strings.Contains(text, "the editor failed") || !strings.Contains(text, "/x/y") {
		t.Errorf("said %q", text)
	}
}

// TestEditorCommand runs $EDITOR with arguments and a file name as the shell does.
func TestEditorCommand(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VISUAL", "sed -i -e 's/x/y z/'")
	cmd, err := editorCommand(file)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if text, _ := os.ReadFile(file); string(text) != "y z" {
		t.Errorf("got %q", text)
	}
	t.Setenv("VISUAL", "")
	t.Setenv("EDITOR", "")
	t.Setenv("PATH", dir)
	if _, err := editorCommand(file); err == nil || !strings.Contains(err.Error(), "EDITOR") {
		t.Errorf("got %v", err)
	}
	if msg, ok := editExternally("/a", nil, zkview.Stat{}, dir)().(flashMsg); !ok || msg.level != levelBad {
		t.Errorf("got %#v", msg)
	}
}

func TestExtension(t *testing.T) {
	for _, c := range [][3]string{
		{"/a", `{"a":1}`, ".json"},
		{"/a", "<?xml ?>", ".xml"},
		{"/a", "text", ".txt"},
		{"/a.yaml", "x", ".yaml"},
		{"/a", "\x00", ".hex"},
		{"/a.exe", "x", ".txt"},
	} {
		e := externalEdit{path: c[0], data: []byte(c[1]), codec: codecFor([]byte(c[1]))}
		if got := e.extension(); got != c[2] {
			t.Errorf("%q %q: %s", c[0], c[1], got)
		}
	}
}
