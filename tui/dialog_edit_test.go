package tui

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"zkdeck/zkview"
)

// editing opens the editor on a znode of f.
func editing(t *testing.T, f *fakeCluster, path string) *rig {
	t.Helper()
	n := f.nodes[path]
	return &rig{t: t, d: newEditDialog(1, f, path, bytes.Clone(n.data), n.stat, t.TempDir())}
}

func (f *fakeCluster) data(path string) string {
	if n := f.nodes[path]; n != nil {
		return string(n.data)
	}
	return "(none)"
}

func TestEditSavesWithTheVersionRead(t *testing.T) {
	f := newFake("/a")
	f.put("/a", "one\r\ntwo")
	r := editing(t, f, "/a")
	r.typeText("x")
	if r.d.unsaved() == "" {
		t.Error("a change is not known as unsaved")
	}
	r.press("ctrl+s")
	if !r.done || f.data("/a") != "xone\r\ntwo" || !strings.Contains(r.flashed(), "saved /a, version 2") {
		t.Errorf("done %v, %q, said %q", r.done, f.data("/a"), r.flashed())
	}
}

func TestEditSendsNothingUnchanged(t *testing.T) {
	f := newFake("/a")
	r := editing(t, f, "/a")
	r.press("ctrl+s")
	r.wantScreen("nothing was sent")
	if len(f.calls) > 0 || r.done {
		t.Errorf("calls %v", f.calls)
	}
	r.press("esc")
	if !r.done {
		t.Error("esc does not close an unchanged editor")
	}
}

func TestEditConflict(t *testing.T) {
	begin := func(t *testing.T) (*fakeCluster, *rig) {
		f := newFake("/a")
		r := editing(t, f, "/a")
		r.typeText("mine ")
		f.put("/a", "theirs")
		r.press("ctrl+s")
		r.wantScreen("Somebody changed it while you edited: version 1 now", "mine data of /a", "theirs", "[ Cancel ]")
		return f, r
	}
	t.Run("cancel", func(t *testing.T) {
		f, r := begin(t)
		r.press("enter")
		r.wantScreen("mine data of /a", "Not saved")
		if r.done || f.data("/a") != "theirs" {
			t.Error("cancelling did something")
		}
		r.press("ctrl+s")
		r.wantScreen("Somebody changed it")
	})
	t.Run("keep editing", func(t *testing.T) {
		f, r := begin(t)
		r.press("tab", "enter")
		r.typeText("more ")
		r.press("ctrl+s")
		if !r.done || f.data("/a") != "mine more data of /a" {
			t.Errorf("done %v, %q", r.done, f.data("/a"))
		}
	})
	t.Run("take theirs", func(t *testing.T) {
		f, r := begin(t)
		r.press("right", "right", "enter")
		r.wantScreen("Drop your text", "[ Back ]")
		r.press("tab", "enter")
		if !r.done || f.data("/a") != "theirs" {
			t.Errorf("done %v, %q", r.done, f.data("/a"))
		}
	})
	t.Run("overwrite", func(t *testing.T) {
		f, r := begin(t)
		r.press("right", "right", "right", "enter")
		r.wantScreen("Replace version 1 of /a")
		r.press("tab", "enter")
		if !r.done || f.data("/a") != "mine data of /a" {
			t.Errorf("done %v, %q", r.done, f.data("/a"))
		}
	})
	t.Run("overwrite, and a third one comes first", func(t *testing.T) {
		f, r := begin(t)
		r.press("right", "right", "right", "enter", "tab")
		f.put("/a", "third")
		r.press("enter")
		r.wantScreen("version 2 now", "third")
		if r.done || f.data("/a") != "third" {
			t.Errorf("done %v, %q", r.done, f.data("/a"))
		}
	})
}

func TestEditFindsOutARecreatedZnode(t *testing.T) {
	f := newFake("/a")
	r := editing(t, f, "/a")
	r.typeText("x")
	f.drop("/a")
	f.put("/a", "another life") // of the same version
	r.press("ctrl+s")
	r.wantScreen("Somebody changed it", "another life")
	if f.data("/a") != "another life" {
		t.Error("the new znode was overwritten")
	}
}

func TestEditOfAZnodeThatVanishes(t *testing.T) {
	f := newFake("/a")
	r := editing(t, f, "/a")
	r.typeText("x")
	f.drop("/a")
	r.press("ctrl+s")
	r.wantScreen("/a was deleted while you edited it", "[ Keep editing ]", "everyone")
	r.press("tab", "enter")
	if file := strings.TrimPrefix(r.flashed(), "kept in "); file == "" {
		t.Error("no draft was kept")
	} else if text, err := os.ReadFile(file); err != nil || string(text) != "xdata of /a" {
		t.Errorf("the draft holds %q, %v", text, err)
	}
	r.press("ctrl+s", "tab", "tab", "enter")
	if !r.done || f.data("/a") != "xdata of /a" {
		t.Errorf("done %v, %q", r.done, f.data("/a"))
	}
}

func TestEditKeepsTheTextWhateverFails(t *testing.T) {
	for _, err := range []error{
		zkview.ErrNotSent, zkview.ErrNoAuth, zkview.ErrTooBig, zkview.ErrReadOnly, zkview.ErrQuotaExceeded, zkview.ErrClosed,
		zkview.ErrSessionExpired, zkview.ErrUnknownOutcome,
	} {
		f := newFake("/a")
		r := editing(t, f, "/a")
		r.typeText("x")
		f.hook = func(op, _ string) error {
			if op == "exists" {
				return nil
			}
			return err
		}
		r.press("ctrl+s")
		if r.done || !strings.Contains(r.screen(80, 20), "xdata of /a") {
			t.Errorf("%v lost the text:\n%s", err, r.screen(80, 20))
		}
		if errors.Is(err, zkview.ErrUnknownOutcome) {
			r.wantScreen("could not be read")
		} else {
			r.wantScreen("Not saved", "still here")
		}
		f.hook = nil
		r.press("ctrl+s")
		if !r.done || f.data("/a") != "xdata of /a" {
			t.Errorf("after %v it cannot be saved: %q", err, f.data("/a"))
		}
	}
}

func TestEditReadsAgainAfterAnUnknownOutcome(t *testing.T) {
	t.Run("it had arrived", func(t *testing.T) {
		f := newFake("/a")
		r := editing(t, f, "/a")
		r.typeText("x")
		f.after = func(string, string) error { return zkview.ErrUnknownOutcome }
		r.press("ctrl+s")
		if !r.done || !strings.Contains(r.flashed(), "the answer was lost, but the value has arrived") {
			t.Errorf("done %v, said %q", r.done, r.flashed())
		}
	})
	t.Run("it had not", func(t *testing.T) {
		f := newFake("/a")
		r := editing(t, f, "/a")
		r.typeText("x")
		f.hook = func(op, _ string) error {
			if op == "setData" {
				return zkview.ErrSessionExpired
			}
			return nil
		}
		r.press("ctrl+s")
		r.wantScreen("still the old one", "xdata of /a")
	})
}

func TestEditAsksBeforeDiscarding(t *testing.T) {
	r := editing(t, newFake("/a"), "/a")
	r.typeText("x")
	r.press("esc")
	r.wantScreen("Discard your changes to /a?", "[ Keep editing ]")
	r.press("enter")
	r.wantScreen("xdata of /a")
	r.press("esc", "tab", "enter")
	if !r.done {
		t.Error("Discard does not close")
	}
	r = editing(t, newFake("/a"), "/a")
	r.typeText("x")
	r.press("backspace", "esc")
	if !r.done {
		t.Error("a change taken back is asked about")
	}
}

func TestEditBinaryAsHex(t *testing.T) {
	f := newFake("/a")
	f.put("/a", "\x00\x01\xffabc")
	r := editing(t, f, "/a")
	r.wantScreen("00000000: 00 01 ff 61 62 63", "|...abc|", "This is binary")
	r.press("ctrl+home", "home")
	for range len("00000000: ") {
		r.press("right")
	}
	r.typeText("zz ")
	r.press("ctrl+s")
	r.wantScreen("Not saved: line 1: zz is no sequence of pairs of hex digits")
	r.press("backspace", "backspace", "backspace")
	r.typeText("fe ")
	r.press("ctrl+s")
	if !r.done || f.data("/a") != "\xfe\x00\x01\xffabc" {
		t.Errorf("done %v, %q", r.done, f.data("/a"))
	}
}

func TestCodec(t *testing.T) {
	for data, hex := range map[string]bool{
		"": false, "text\n": false, "\ttab\r\n": false, "\x1b[1m": false, "\ufeffbom": false,
		"\xff\xfeh\x00": true, "h\x00i\x00": true, "caf\xe9 au lait": true, "\x01": true, "\xff": true,
	} {
		if c := codecFor([]byte(data)); c.hex != hex {
			t.Errorf("%q is edited as hex: %v", data, c.hex)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		c := codecFor(data)
		if got, err := c.decode(c.encode(data)); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%q became %q, %v", data, got, err)
		}
		if c = (codec{hex: true}); len(c.encode(data)) > c.size(data) {
			t.Fatalf("%d bytes of text, foretold %d", len(c.encode(data)), c.size(data))
		}
		if got, err := c.decode(c.encode(data)); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%q became %q, %v", data, got, err)
		}
		text := rapid.String().Draw(t, "text")
		_, _ = c.decode(text) // must not panic
		sideBySide(data, []byte(text))
	})
}

func TestDiffShowsWhereLongLinesDiffer(t *testing.T) {
	long := strings.Repeat("same ", 100)
	rows := sideBySide([]byte(long+"mine"), []byte(long+"theirs"))
	left, right := rows[0].halves(40)
	if !strings.Contains(left, "mine") || !strings.Contains(right, "theirs") {
		t.Errorf("%q %q", left, right)
	}
}

func TestDraftsArePrivate(t *testing.T) {
	r := editing(t, newFake("/a"), "/a")
	d := r.d.(drafter)
	if file, err := d.saveDraft(t.TempDir()); file != "" || err != nil {
		t.Errorf("an unchanged value made a draft: %q, %v", file, err)
	}
	r.typeText("x")
	file, err := d.saveDraft(t.TempDir() + "/new")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}
