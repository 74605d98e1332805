package tui

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

func testStyles() *styles { return newStyles(colorprofile.ASCII, true, false) }

func plain(s string) string { return ansi.Strip(s) }

// press makes the message of a key from its name, as key bindings have it.
func press(name string) tea.KeyPressMsg {
	k := tea.KeyPressMsg{}
	for {
		switch {
		case strings.HasPrefix(name, "ctrl+"):
			k.Mod |= tea.ModCtrl
			name = name[5:]
		case strings.HasPrefix(name, "shift+"):
			k.Mod |= tea.ModShift
			name = name[6:]
		case strings.HasPrefix(name, "alt+"):
			k.Mod |= tea.ModAlt
			name = name[4:]
		default:
			codes := map[string]rune{
				"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "left": tea.KeyLeft, "right": tea.KeyRight,
				"up": tea.KeyUp, "down": tea.KeyDown, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
				"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
			}
			if code, ok := codes[name]; ok {
				k.Code = code
				return k
			}
			if name == "space" {
				name = " "
			}
			k.Code = []rune(name)[0]
			if k.Mod == 0 {
				k.Text = name
			}
			return k
		}
	}
}

// flatten runs what tea.Batch and tea.Sequence made of several commands.
func flatten(msg tea.Msg) []tea.Msg {
	if v := reflect.ValueOf(msg); v.IsValid() && v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
		var out []tea.Msg
		for i := range v.Len() {
			if cmd, _ := v.Index(i).Interface().(tea.Cmd); cmd != nil {
				out = append(out, flatten(cmd())...)
			}
		}
		return out
	}
	return []tea.Msg{msg}
}

const hostile = "a\x1b[2Jb\u202ec\u0085d\xffe 漢字 👩‍👩‍👧 e\u0301\u0301 \u200d \ttab\rcr ｆｕｌｌ \u0e33 end"

// zoo is a dialog of every kind and state, with hostile text wherever text can be.
func zoo(t *testing.T) map[string]dialog {
	t.Helper()
	path := "/" + hostile
	stat := zkview.Stat{Czxid: 1, Version: 3, MtimeMS: 1_700_000_000_000}
	out := map[string]dialog{
		"confirm": newConfirmDialog(1, hostile, hostile+" "+strings.Repeat("long ", 60), "Quit", nil),
		"help":    newHelpDialog(DefaultKeyMap(), ""),
		"create":  newCreateDialog(1, newFake(), path, zkview.Persistent, checkAny),
		"no":      newCreateDialog(1, newFake(), path, zkview.Ephemeral, checkAny),
		"edit":    newEditDialog(1, newFake(), path, []byte("{\n\t\"a\": 1,\r\n"+strings.ToValidUTF8(hostile, "")+"}"), stat, t.TempDir()),
		"hex":     newEditDialog(1, newFake(), path, []byte(hostile+"\x00"), stat, t.TempDir()),
		"big":     newEditDialog(1, newFake(), path, make([]byte, 1<<20), stat, t.TempDir()),
		"ops": newOpsDialog(1, func() []opsRow {
			var rows []opsRow
			for i := range 60 {
				rows = append(rows, opsRow{time.Unix(int64(i), 0).UTC(), "getData", path, "no such znode", i%3 == 0, int64(i), time.Duration(i) * time.Millisecond})
			}
			return rows
		}),
		"messages": newMessagesDialog(1, func() []message { return []message{{levelBad, hostile, time.Unix(0, 0).UTC()}} }),
	}
	conflicted := openEdit(1, newFake(), path, []byte("mine\n"+hostile), stat, t.TempDir())
	conflicted.update(savedMsg{
		outcome: saveConflict, theirs: []byte(hostile + "x"), theirStat: stat,
		rows: sideBySide([]byte("same\n"+strings.Repeat("long", 99)+"1\nx"), []byte("same\n"+strings.Repeat("long", 99)+"2\n"+hostile)),
	})
	out["conflict"] = conflicted
	gone := openEdit(1, newFake(), path, []byte("mine"), stat, t.TempDir())
	gone.update(savedMsg{outcome: saveGone})
	out["gone"] = gone
	f := newFake("/a", "/a/b", "/a/"+hostile)
	del, _ := newDeleteDialog(t.Context(), 1, f, []target{f.target("/a"), {path: path}}, map[string]bool{path: true})
	out["counting"] = del
	out["delete"] = deleteAsked(t, f, zkview.RemovalSummary{Targets: 1, Znodes: 3, Unread: 1, Example: path, Ephemerals: 1, Owners: map[int64]int64{5: 1}}, "/a")
	out["deleted"] = deleteDone(t, f, zkview.RemoveReport{Kept: 2, Unknown: 1, Notes: []zkview.Note{{Path: path, Err: zkview.ErrNoAuth}, {Path: path, Err: errors.New(hostile)}}}, path)
	for _, kind := range []transferKind{transferCopy, transferMove, transferRename, transferImport, transferExport} {
		d := newTransferDialog(t.Context(), 1, f, kind, path)
		d.note = strings.Repeat("What is wrong with it. ", 9)
		out[kind.verb()] = d
		out["failed "+kind.verb()] = transferred(t, f, kind, path)
	}
	out["compare"] = newCompareDialog(t.Context(), 1, f, path, nil)
	return out
}

// transferred is the dialog after a transfer that went wrong in every way.
func transferred(t *testing.T, f *fakeCluster, kind transferKind, path string) dialog {
	t.Helper()
	d := newTransferDialog(t.Context(), 1, f, kind, path)
	d.start(transferRunning, nil)
	d.job.report = zkview.TransferReport{Created: 1234567, Failed: 2, Unknown: 3, Kept: 4, Notes: []zkview.Note{{Path: path, Err: errors.New(hostile)}}}
	d.job.exported = zkview.ExportReport{Unread: 1, Notes: d.job.report.Notes}
	if kind != transferExport {
		d.job.err = errors.New(hostile)
	}
	d.ended()
	if d.phase != transferReport {
		t.Errorf("%s: phase %d", kind.verb(), d.phase)
	}
	return d
}

func TestDialogsFillExactlyTheirRoom(t *testing.T) {
	for name, d := range zoo(t) {
		for _, size := range [][2]int{{18, 1}, {34, 6}, {34, 3}, {60, 12}, {76, 20}, {120, 40}, {196, 56}} {
			for _, st := range []*styles{testStyles(), newStyles(colorprofile.TrueColor, true, true)} {
				check(t, fmt.Sprintf("%s at %v", name, size), d, st, size[0], size[1])
			}
		}
		// typing hostile text must not change that
		d.update(tea.PasteMsg{Content: strings.ToValidUTF8(hostile, "?")})
		for range 9 {
			check(t, name+" after a paste", d, testStyles(), 34, 6)
			d.update(press("tab"))
			d.update(tea.PasteMsg{Content: strings.ToValidUTF8(hostile, "?")})
		}
	}
}

func check(t *testing.T, what string, d dialog, st *styles, w, h int) {
	t.Helper()
	lines, cursor := d.render(st, w, h)
	if len(lines) != h {
		t.Errorf("%s: %d lines of %d", what, len(lines), h)
	}
	for i, l := range lines {
		if got := ansi.StringWidth(l); got != w {
			t.Errorf("%s: line %d takes %d cells of %d: %q", what, i, got, w, l)
		}
		if strings.ContainsAny(strings.ReplaceAll(plain(l), "\x1b", "!"), "\x1b\r\n\t\u202e\u0085") || !isSafeLine(plain(l)) {
			t.Errorf("%s: line %d is not safe: %q", what, i, l)
		}
	}
	if cursor != nil && (cursor.X < 0 || cursor.X >= w || cursor.Y < 0 || cursor.Y >= h) {
		t.Errorf("%s: the cursor is outside, at %d, %d", what, cursor.X, cursor.Y)
	}
	if pw, _ := d.prefer(w, h); pw > w {
		t.Errorf("%s: it would like %d cells of %d", what, pw, w)
	}
}

func isSafeLine(s string) bool { return safetext.CleanLine(s) == s }

func TestDialogGoldens(t *testing.T) {
	dialogs := zooPlain(t)
	for _, name := range []string{"confirm", "help", "create", "edit", "conflict", "delete", "report", "ops"} {
		for _, size := range [][2]int{{36, 6}, {76, 18}, {140, 50}} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				d := dialogs[name]
				w, h := d.prefer(size[0], size[1])
				w, h = min(max(w, 20), size[0]), min(max(h, 1), size[1])
				lines, _ := d.render(testStyles(), w-2, h)
				text := strings.Join(testStyles().box(d.title(), lines, w, d.danger()), "\n")
				golden.RequireEqual(t, plain(text)+"\n")
			})
		}
	}
}

// zooPlain are dialogs as people will most often see them.
func zooPlain(t *testing.T) map[string]dialog {
	f := newFake("/app", "/app/config", "/app/workers", "/app/workers/w1", "/app/workers/w2")
	stat := zkview.Stat{Czxid: 2, Version: 3}
	create := rig{t: t, d: newCreateDialog(1, f, "/app", zkview.Persistent, checkAny)}
	create.typeText("job-")
	create.press("tab", "right", "tab", "space")
	edit := newEditDialog(1, f, "/app/config", []byte("{\n  \"rack\": \"b\",\n  \"version\": 5\n}\n"), stat, "")
	conflict := openEdit(1, f, "/app/config", []byte("{\n  \"rack\": \"b\"\n}\n"), stat, "")
	theirs := []byte("{\n  \"rack\": \"c\",\n  \"zone\": 2\n}\n")
	conflict.update(savedMsg{
		outcome: saveConflict, theirs: theirs, theirStat: zkview.Stat{Version: 4},
		rows: sideBySide([]byte("{\n  \"rack\": \"a\"\n}\n"), theirs),
	})
	// The clock of the conflict is local; the golden holds no time of day.
	conflict.conflict.stat.MtimeMS = time.Date(2024, 1, 1, 12, 0, 0, 0, time.Local).UnixMilli()
	del := deleteAsked(t, f, zkview.RemovalSummary{Targets: 1, Znodes: 5}, "/app", "/app/workers/w1")
	report := deleteDone(t, f, zkview.RemoveReport{Deleted: 1, Kept: 3, Notes: []zkview.Note{{Path: "/a/b", Err: zkview.ErrNoAuth}}}, "/a")
	return map[string]dialog{
		"confirm": newConfirmDialog(1, "Quit", "/app/config has changes that are not saved. Quit all the same?", "Quit", nil),
		"help":    &helpDialog{groups: []keyGroup{dkeys.group(), dkeys.group()}, search: newTextBox(false, "")}, "create": create.d, "edit": edit, "conflict": conflict,
		"delete": del, "report": report,
		"ops": newOpsDialog(1, func() []opsRow {
			at := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
			return []opsRow{
				{at, "getData", "/app/config", "ok", false, 0x2f0a1, 1200 * time.Microsecond},
				{at.Add(time.Second), "setData", "/app/config", "the znode was changed by somebody else", true, 0x2f0a2, 900 * time.Microsecond},
			}
		}),
	}
}

// deleteAsked is the dialog that asks about paths of f, of which sum was counted.
func deleteAsked(t *testing.T, f *fakeCluster, sum zkview.RemovalSummary, paths ...string) dialog {
	t.Helper()
	var targets []target
	for _, p := range paths {
		targets = append(targets, f.target(p))
	}
	made, _ := newDeleteDialog(t.Context(), 1, f, targets, nil)
	d := made.(*deleteDialog)
	d.sum = sum
	d.confirm()
	return d
}

// deleteDone is the dialog after a deletion of path.
func deleteDone(t *testing.T, f *fakeCluster, report zkview.RemoveReport, path string) dialog {
	t.Helper()
	made, _ := newDeleteDialog(t.Context(), 1, f, []target{{path: path, stat: zkview.Stat{Czxid: 1}}}, nil)
	d := made.(*deleteDialog)
	d.apply()
	d.job.report, d.job.applied = report, true
	d.ended()
	return d
}

func TestHelpSearch(t *testing.T) {
	r := rig{t: t, d: newHelpDialog(DefaultKeyMap(), "")}
	r.typeText("delete")
	r.wantScreen("mark for delete", "Do")
	if strings.Contains(r.screen(100, 40), "half a screen") {
		t.Error("what does not match is still shown")
	}
	r.typeText("q")
	if r.done {
		t.Error("q closed the help while something was typed")
	}
	r.wantScreen("no key does that")
	r.press("esc")
	if r.done {
		t.Error("esc did not clear the search first")
	}
	r.press("q")
	if !r.done {
		t.Error("q does not close the help")
	}
	keys := DefaultKeyMap()
	keys.readOnly()
	if strings.Contains(rigScreen(newHelpDialog(keys, "")), "create a znode") {
		t.Error("a disabled key is in the help")
	}
}

// The help of a screen begins with that screen's keys.
func TestHelpBeginsWhereOneIs(t *testing.T) {
	for title, first := range map[string]string{
		"": "Move", locksTitle: "Locks", ensemblesTitle: "Ensembles", labTitle: "Lab", findTitle: "Find and Size", sizeTitle: "Find and Size",
		"Activity 1,200/s": "Activity", compareTitle: "Compare",
	} {
		d := newHelpDialog(DefaultKeyMap(), title).(*helpDialog)
		if got := d.rows()[0].head; got != first {
			t.Errorf("on %q it begins with %s", title, got)
		}
		if len(d.groups) != len(newHelpDialog(DefaultKeyMap(), "").(*helpDialog).groups) {
			t.Errorf("on %q keys are missing", title)
		}
	}
}

func rigScreen(d dialog) string {
	lines, _ := d.render(testStyles(), 100, 60)
	return strings.Join(lines, "\n")
}

func TestLogFollowsAndFilters(t *testing.T) {
	var rows []opsRow
	add := func(n int) {
		for range n {
			rows = append(rows, opsRow{Op: "exists", Path: fmt.Sprintf("/n%d", len(rows)), Result: "ok"})
		}
	}
	add(100)
	r := rig{t: t, d: newOpsDialog(1, func() []opsRow { return rows })}
	has := func(want string, yes bool) {
		t.Helper()
		if strings.Contains(r.screen(100, 12), want) != yes {
			t.Errorf("%q shown is not %v:\n%s", want, yes, r.screen(100, 12))
		}
	}
	has("/n99 ", true)
	add(1)
	has("/n100 ", true)
	r.press("k")
	add(1)
	has("/n101 ", false)
	r.press("G")
	has("/n101 ", true)
	r.press("/")
	r.typeText("n7")
	has("/n77 ", true)
	has("/n101 ", false)
	r.press("enter", "esc")
	if r.done {
		t.Error("esc closed the log instead of clearing the filter")
	}
	has("/n101 ", true)
	r.press("q")
	if !r.done {
		t.Error("q does not close the log")
	}
}

// checkAny stands for zkview's rules of paths.
func checkAny(path string) error {
	if strings.Contains(path, "//") || strings.HasSuffix(path, "/") {
		return zkview.ErrBadPath
	}
	return nil
}
