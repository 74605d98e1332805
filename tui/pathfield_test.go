package tui

import (
	"os"
	"path/filepath"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// fill runs what a path field asks for.
func fill(t *testing.T, f *pathField) {
	t.Helper()
	if cmd := f.ask(t.Context(), func(m tea.Msg) tea.Msg { return m }); cmd != nil {
		f.came(cmd().(namesMsg))
	}
}

func TestPathFieldCompletesZnodes(t *testing.T) {
	f := newZnodeField(newFake("/app", "/apple", "/apple/pie", "/b"), "/a")
	fill(t, f)
	right := func(want string) {
		t.Helper()
		if _, err := f.update(press("right")); err != nil || f.text() != want {
			t.Errorf("completed to %q, %v; want %q", f.text(), err, want)
		}
		fill(t, f)
	}
	right("/app")
	right("/apple")
	right("/apple")
	f.set("/apple/")
	fill(t, f)
	right("/apple/pie")
	f.set("/none/")
	fill(t, f)
	right("/none/")
	f.set("")
	fill(t, f)
	right("")
	f.set("/ap")
	fill(t, f)
	for _, k := range []string{"left", "right"} {
		if _, err := f.update(press(k)); err != nil || f.text() != "/ap" {
			t.Errorf("%s within the text made it %q, %v", k, f.text(), err)
		}
	}
}

func TestPathFieldCompletesFiles(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := os.MkdirAll(filepath.Join(home, "exports", "old"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".hidden", "exports/a.jsonl"} {
		if err := os.WriteFile(filepath.Join(home, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := newFileField("~/")
	fill(t, f)
	for _, want := range []string{"~/exports/", "~/exports/a.jsonl"} {
		if _, err := f.update(press("right")); err != nil || f.text() != want {
			t.Errorf("completed to %q, %v; want %q", f.text(), err, want)
		}
		fill(t, f)
	}
	if got := expandHome(f.text()); got != filepath.Join(home, "exports/a.jsonl") {
		t.Errorf("%q", got)
	}
	if expandHome("~x") != "~x" || expandHome("/~/") != "/~/" {
		t.Error("not every ~ is the home folder")
	}
}

func TestExportName(t *testing.T) {
	for path, want := range map[string]string{
		"/": "znodes.jsonl", "/kafka/brokers": "kafka-brokers.jsonl", "/..": "znodes.jsonl", "/a/\u202e b": "a---b.jsonl", "/漢字": "znodes.jsonl",
	} {
		if got := exportName(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
