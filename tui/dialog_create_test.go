package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

func creating(t *testing.T, f *fakeCluster, parent string) *rig {
	t.Helper()
	return &rig{t: t, d: newCreateDialog(1, f, parent, zkview.Persistent, checkAny)}
}

func TestCreate(t *testing.T) {
	f := newFake("/a")
	r := creating(t, f, "/a")
	r.press("enter")
	r.wantScreen("Type a name first")
	r.typeText("b")
	r.wantScreen("path /a/b")
	r.press("tab", "tab", "tab", "tab")
	r.typeText("line 1")
	r.press("enter")
	r.typeText("line 2")
	r.press("ctrl+s")
	if !r.done || f.data("/a/b") != "line 1\nline 2" {
		t.Errorf("done %v, %q", r.done, f.data("/a/b"))
	}
	if len(r.said) != 3 || r.said[1] != (jumpMsg{"/a/b"}) {
		t.Errorf("said %v", r.said)
	}
}

func TestCreateAtTheRoot(t *testing.T) {
	f := newFake()
	r := creating(t, f, "/")
	r.typeText("top")
	r.press("enter")
	if !r.done || f.nodes["/top"] == nil {
		t.Errorf("left: %v", f.paths())
	}
}

func TestCreateChecksTheNameAsItIsTyped(t *testing.T) {
	r := creating(t, newFake("/a"), "/a")
	r.typeText("b/c")
	r.wantScreen("A name has no /", "make parents")
	r.press("enter")
	if r.done {
		t.Error("a bad name was sent")
	}
	r.press("tab", "tab", "tab", "space")
	r.wantScreen("path /a/b/c")
	r.press("ctrl+s")
	if f := r.d.(*createDialog).c.(*fakeCluster); !r.done || f.nodes["/a/b/c"] == nil {
		t.Errorf("left: %v", f.paths())
	}
	if w, ok := r.said[0].(wroteMsg); !ok || len(w.paths) != 3 {
		t.Errorf("what is read again: %v", r.said[0])
	}
	r = creating(t, newFake("/a"), "/a")
	r.typeText("/b")
	r.wantScreen("Begin with a name")
	r.send(press("ctrl+u"))
	r.typeText("b/")
	r.wantScreen("A name has no /")
}

func TestCreateSequentialNeedsNoName(t *testing.T) {
	f := newFake("/a")
	r := creating(t, f, "/a")
	r.press("tab", "tab", "space")
	r.wantScreen("/a/0000000042 or so")
	r.press("ctrl+s")
	if !r.done || len(f.paths()) != 3 {
		t.Errorf("left: %v", f.paths())
	}
	r = creating(t, f, "/a")
	r.press("tab", "right", "right", "tab", "space")
	r.wantScreen("no sequential containers")
}

func TestCreateTTL(t *testing.T) {
	f := newFake("/a")
	r := creating(t, f, "/a")
	r.typeText("t")
	r.press("tab", "left", "tab", "ctrl+u")
	r.typeText("soon")
	r.press("enter")
	r.wantScreen("a duration like 90s")
	r.press("ctrl+u")
	r.typeText("90s")
	r.press("enter")
	if !r.done {
		t.Errorf("not done:\n%s", r.screen(80, 20))
	}
	for text, want := range map[string]time.Duration{"1ms": time.Millisecond, "1h 30m": 90 * time.Minute, "0s": 0, "-1s": 0, "1us": 0, "1.5ms": 0, "999999h": 0, "": 0} {
		if got, err := parseTTL(text); got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestCreateUnderAnEphemeral(t *testing.T) {
	r := rig{t: t, d: newCreateDialog(1, newFake(), "/e", zkview.Ephemeral, checkAny)}
	r.wantScreen("/e is ephemeral, and an ephemeral znode cannot have children.", "[ Close ]")
	r.press("enter")
	if !r.done {
		t.Error("it does not close")
	}
}

func TestCreateKeepsTheFormWhateverFails(t *testing.T) {
	for err, want := range map[error]string{
		zkview.ErrNoAuth: "not allowed", zkview.ErrNodeExists: "exists already", zkview.ErrNotSent: "not connected",
		zkview.ErrNoNode: "make parents", zkview.ErrSessionExpired: "is not there now",
	} {
		f := newFake("/a")
		f.hook = func(op, _ string) error {
			if op == "create" {
				return err
			}
			return nil
		}
		r := creating(t, f, "/a")
		r.typeText("b")
		r.press("enter")
		r.wantScreen(want, "path /a/b")
		if r.done {
			t.Errorf("%v closed the form", err)
		}
	}
	f := newFake("/a")
	f.after = func(string, string) error { return zkview.ErrUnknownOutcome }
	r := creating(t, f, "/a")
	r.typeText("b")
	r.press("enter")
	r.wantScreen("is there now", "probably carried out")
}

func TestCreateAsksBeforeAValueIsLost(t *testing.T) {
	r := creating(t, newFake("/a"), "/a")
	r.press("tab", "tab", "tab", "tab")
	r.send(tea.PasteMsg{Content: "value"})
	r.press("esc")
	r.wantScreen("Discard the value")
	r.press("enter")
	r.wantScreen("value")
	if r.d.unsaved() == "" {
		t.Error("not known as unsaved")
	}
	r.send(tea.PasteMsg{Content: strings.Repeat("x", 1<<20)})
	r.wantScreen("nothing was inserted")
	r.press("esc", "tab", "enter")
	if !r.done {
		t.Error("Discard does not close")
	}
}

func TestParseACL(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "[{cdrwa world anyone}]",
		"world:anyone:r":                       "[{r world anyone}]",
		" world:anyone:cdrwa , ip:10.0.0.1:rw": "[{cdrwa world anyone} {rw ip 10.0.0.1}]",
		"digest:u:hash=:adcwr":                 "[{cdrwa digest u:hash=}]",
		"ip:fe80::1/64:r":                      "[{r ip fe80::1/64}]",
		"x509:CN=a,O=b:r":                      "[{r x509 CN=a,O=b}]",
		"auth::cdrwa":                          "[{cdrwa auth }]",
	} {
		got, err := parseACL(text)
		if s := strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(stringOf(got), "  ", " "), "\n", "")); err != nil || s != want {
			t.Errorf("%q: %s, %v", text, s, err)
		}
	}
	for text, want := range map[string]string{
		"world": "scheme:id:permissions", "world:r": "scheme:id:permissions", "world:anyone:": "allows nothing", "world:anyone:x": "letters of cdrwa",
		"world:all:r": "anyone", "digest:user:r": "user:hash", "ip::r": "missing", ":a:r": "scheme is missing", "a\x1b": `\x1b`,
	} {
		if _, err := parseACL(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func stringOf(acl []zkview.ACL) string {
	var out []string
	for _, a := range acl {
		out = append(out, "{"+a.Perms.String()+" "+a.Scheme+" "+a.ID+"}")
	}
	return "[" + strings.Join(out, " ") + "]"
}
