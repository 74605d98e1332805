package tui

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/lockctl"
)

// copied is a host that tells what was copied.
type copied struct {
	fakeHost
	text string
}

func (h *copied) copyText(_, text string) tea.Cmd { h.text = text; return nil }

// dialogOf is the dialog that a command opens.
func dialogOf(t *testing.T, cmd tea.Cmd) dialog {
	t.Helper()
	if cmd == nil {
		t.Fatal("no dialog opens")
	}
	open, ok := cmd().(pushDialogMsg)
	if !ok {
		t.Fatal("no dialog opens")
	}
	d, _ := open.make(1)
	return d
}

// drawDialog draws a dialog as wide as it likes on a screen of 80x24.
func drawDialog(d dialog) string {
	w, h := d.prefer(76, 20)
	lines, _ := d.render(testStyles(), w-2, h)
	var b strings.Builder
	b.WriteString(d.title() + "\n")
	for _, l := range lines {
		b.WriteString(strings.TrimRight(plain(l), " ") + "\n")
	}
	return b.String()
}

func TestQueueKeys(t *testing.T) {
	keys := DefaultKeyMap()
	h := &copied{}
	snap := contendedQueue(t)
	q := newLockQueue(h, "/uk/lock", func(id int64) bool { return id == oursID })
	do := func(name string) tea.Cmd {
		t.Helper()
		cmd, taken := q.key(press(name), &keys)
		if !taken {
			t.Errorf("%s means nothing here", name)
		}
		return cmd
	}
	if _, taken := q.key(press("down"), &keys); taken || q.hints(&keys) != nil || q.here() != "/uk/lock" {
		t.Error("before anything is known it takes keys")
	}
	if rows := q.render(testStyles(), 80, 18, queueNow); len(rows) != 18 || !strings.Contains(plain(rows[1]), "looking") {
		t.Errorf("nothing is known yet, and it shows\n%s", plain(strings.Join(rows, "\n")))
	}
	q.show(snap)
	q.render(testStyles(), 80, 18, queueNow)
	do("down")
	do("down")
	do("y")
	if want := "/uk/lock/lock_id_0000000033"; h.text != want || q.here() != want || q.place() != want {
		t.Errorf("copied %q, here is %q, the place %q", h.text, q.here(), q.place())
	}
	do("t")
	if h.went != "/uk/lock/lock_id_0000000033" {
		t.Errorf("in the tree it shows %q", h.went)
	}
	golden.RequireEqual(t, drawDialog(dialogOf(t, do("enter")))+drawDialog(dialogOf(t, do("w"))))
	for _, want := range []string{"10 min", "10 s", "60 s"} {
		do("z")
		if text := drawQueue(q, testStyles(), 80, 24); !regexp.MustCompile(" last " + want + `\s`).MatchString(text) {
			t.Errorf("not the last %s:\n%s", want, text)
		}
	}
	var words []string
	for _, h := range q.hints(&keys) {
		words = append(words, h.word)
	}
	if want := []string{"warnings", "its value", "ask back", "break", "10 min", "pause", "export", "copy path"}; !slices.Equal(words, want) {
		t.Errorf("the footer has %q", words)
	}
	if _, taken := q.key(press("esc"), &keys); taken {
		t.Error("esc is the screen's")
	}
}

func TestQueueMouse(t *testing.T) {
	q, h := queueOf(mixedQueue(t))
	q.render(testStyles(), 120, 30, queueNow)
	click := func(y int) tea.Cmd {
		return q.mouse(tea.MouseClickMsg{X: 5, Y: q.body.first + y, Button: tea.MouseLeft})
	}
	if cmd := click(2); cmd != nil || q.list.at != 2 {
		t.Errorf("a click selects row %d", q.list.at)
	}
	if d := dialogOf(t, click(2)); !strings.Contains(d.title(), "lock-0000000001") {
		t.Errorf("a second click opens %q", d.title())
	}
	click(6)
	click(6)
	if h.went != "/shared/lock/config" {
		t.Errorf("a click on a foreign child leads to %q", h.went)
	}
	q.mouse(tea.MouseWheelMsg{X: 5, Y: 5, Button: tea.MouseWheelUp})
	if q.list.at != 3 {
		t.Errorf("the wheel selects row %d", q.list.at)
	}
	first := q.body.first
	for _, msg := range []tea.MouseMsg{
		tea.MouseClickMsg{X: 5, Y: 0, Button: tea.MouseLeft},
		tea.MouseClickMsg{X: 5, Y: 29, Button: tea.MouseLeft},
		tea.MouseClickMsg{X: 119, Y: first, Button: tea.MouseLeft},
		tea.MouseClickMsg{X: 5, Y: first, Button: tea.MouseRight},
		tea.MouseClickMsg{X: 5, Y: first + 12, Button: tea.MouseLeft},
	} {
		if cmd := q.mouse(msg); cmd != nil || q.list.at != 3 {
			t.Errorf("%v means something", msg)
		}
	}
}

// What an opened lock looks like where it is told about more than a queue.
func TestQueueOddGoldens(t *testing.T) {
	lease := func() *lockctl.Snapshot {
		q := newQueued("/shedlock")
		q.add("nightly", 0, time.Hour, queueNow.Add(192*time.Second).UTC().Format("2006-01-02T15:04:05.000Z"))
		return snapshotOf(seen(q.view(t), 60))
	}
	single := func() *lockctl.Snapshot {
		q := newQueued("/service")
		q.add("leader", 0x100000000000061, 90*time.Minute, "node-1")
		q.cluster.Watches = map[string][]int64{"/service/leader": {0x100000000000062, oursID}}
		s := snapshotOf(seen(q.view(t), 90*60))
		s.Answers.Cluster.Addresses = map[int64]string{0x100000000000062: "10.0.0.66:40062"}
		return s
	}
	free := func() *lockctl.Snapshot {
		v := &lockctl.View{Lock: lockctl.Lock{Path: "/deploy", Recipe: lockctl.CuratorMutex, Kind: lockctl.Mutex, NextSequence: 12}, State: lockctl.Free, Timeline: lockctl.NewTimeline(10)}
		v.Timeline.Begin(queueNow.Add(-20*time.Second), nil, 0)
		return snapshotOf(v)
	}
	denied := func() *lockctl.Snapshot {
		s := contendedQueue(t)
		s.Locks[0].Denied, s.Locks[0].Stale = "its ACL does not let us list it", queueNow.Add(-12*time.Second)
		return s
	}
	unread := func() *lockctl.Snapshot { return longQueue(t, 5, 2) }
	for name, make := range map[string]func() *lockctl.Snapshot{"lease": lease, "single": single, "free": free, "denied": denied, "unread": unread} {
		t.Run(name, func(t *testing.T) {
			q, _ := queueOf(make())
			golden.RequireEqual(t, drawQueue(q, testStyles(), 80, 24))
		})
	}
	t.Run("gone", func(t *testing.T) {
		q, _ := queueOf(contendedQueue(t))
		q.show(&lockctl.Snapshot{})
		golden.RequireEqual(t, drawQueue(q, testStyles(), 80, 24))
	})
	t.Run("ascii", func(t *testing.T) {
		q, _ := queueOf(readersQueue(t))
		text := asciiFold(drawQueue(q, newStyles(colorprofile.ASCII, true, true), 120, 24))
		for _, r := range text {
			if r > '~' {
				t.Errorf("%q is not ASCII", r)
			}
		}
		golden.RequireEqual(t, text)
	})
	t.Run("NO_COLOR", func(t *testing.T) { // the attributes that are left say who holds and what is selected
		q, _ := queueOf(contendedQueue(t))
		keys := DefaultKeyMap()
		q.render(testStyles(), 80, 18, queueNow)
		q.key(press("down"), &keys)
		golden.RequireEqual(t, strings.ReplaceAll(strings.Join(q.render(testStyles(), 80, 18, queueNow), "\n"), "\x1b", "␛")+"\n")
	})
}

// Whatever is in a cluster, and however big the screen: exactly its cells, and no
// bytes that a terminal obeys.
func TestQueueFitsAnySize(t *testing.T) {
	st := newStyles(colorprofile.TrueColor, true, false)
	keys := DefaultKeyMap()
	nasty := func() *lockctl.Snapshot {
		s := semaphoreQueue(t)
		v := s.Locks[0]
		v.Path, v.Denied = "/"+hostile, hostile
		for i := range v.Contenders {
			c := &v.Contenders[i]
			c.Node, c.Address, c.Identity = hostile+c.Node, hostile, hostile
			c.Sequential = i%2 == 0
			c.Data = []byte(hostile)
		}
		v.Foreign = []lockctl.Foreign{{Node: hostile, Effect: hostile}}
		v.Standbys = []int64{1, -1, oursID}
		v.Warnings = []lockctl.Warning{{Text: hostile}, {Text: strings.Repeat(hostile+" ", 20)}}
		v.Timeline = lockctl.NewTimeline(10)
		v.Timeline.Set(queueNow.Add(-time.Minute), []lockctl.Party{{ID: 1, Node: hostile, Identity: hostile, Address: hostile}}, 1)
		s.Answers.Cluster.Addresses = map[int64]string{1: hostile}
		s.Deadlocks = []lockctl.Deadlock{{Chain: []lockctl.Wait{{Lock: v.Path, Identity: hostile}, {Holds: hostile, Address: hostile}}}}
		return s
	}
	for name, snap := range map[string]*lockctl.Snapshot{
		"nasty": nasty(), "waiters": contendedQueue(t), "mixed": mixedQueue(t), "deadlock": deadlockQueue(t), "long": longQueue(t, 300, 7), "readers": readersQueue(t),
	} {
		q, _ := queueOf(snap)
		for width := 38; width < 230; width += 17 {
			for height := 1; height < 60; height += 5 {
				q.key(press([]string{"down", "G", "z", "up", "g", "pgdown"}[height%6]), &keys)
				rows := q.render(st, width, height, queueNow)
				if len(rows) != height {
					t.Fatalf("%s: %dx%d has %d rows", name, width, height, len(rows))
				}
				for i, r := range rows {
					if w := ansi.StringWidth(r); w != width {
						t.Fatalf("%s: %dx%d: row %d is %d wide: %q", name, width, height, i, w, plain(r))
					}
					if p := plain(r); strings.ContainsAny(p, "\x1b\u202e\u0085\r\t") {
						t.Fatalf("%s: %dx%d: row %d has what a terminal obeys: %q", name, width, height, i, p)
					}
				}
			}
		}
	}
}

// The dialogs of an opened lock fill exactly their room, whatever is in a cluster.
func TestQueueDialogsFit(t *testing.T) {
	s := contendedQueue(t)
	c := &s.Locks[0].Contenders[1]
	c.Node, c.Identity, c.Data = hostile, hostile, []byte(strings.Repeat(hostile+"\n", 9))
	c.Stat.DataLength = 1 << 20
	q, _ := queueOf(s)
	q.view.Warnings = append(q.view.Warnings, lockctl.Warning{Text: strings.Repeat(hostile, 9)})
	failed := newPastDialog(1, "/"+hostile, nil)
	failed.update(pastWrittenMsg{file: hostile, err: errors.New(hostile)})
	asked := newPastDialog(1, "/"+hostile, nil)
	asked.update(pastWrittenMsg{exists: "It is there. Replace it?"})
	for name, d := range map[string]dialog{
		"contender": newContenderDialog(q.view, 1, true, queueNow), "holder": newContenderDialog(q.view, 0, false, queueNow),
		"warnings": dialogOf(t, q.openTrouble()), "export": newPastDialog(1, "/"+hostile, nil), "failed": failed, "asked": asked,
	} {
		for _, size := range [][2]int{{20, 1}, {20, 3}, {36, 6}, {76, 20}, {196, 56}} {
			w, h := d.prefer(size[0], size[1])
			w, h = min(max(w, 20), size[0]), min(max(h, 1), size[1])
			lines, _ := d.render(testStyles(), w-2, h)
			if len(lines) != h {
				t.Errorf("%s: %d lines of %d", name, len(lines), h)
			}
			for _, l := range lines {
				if got := ansi.StringWidth(l); got != w-2 {
					t.Errorf("%s at %dx%d: %d cells of %d: %q", name, w, h, got, w-2, plain(l))
				}
			}
			for _, k := range []string{"down", "pgdown", "G", "up", "g"} {
				if _, done := d.update(press(k)); done {
					t.Errorf("%s: %s closes it", name, k)
				}
			}
		}
		if _, done := d.update(press("esc")); !done && name != "asked" {
			t.Errorf("%s: esc does not close it", name)
		}
	}
}

// The counts of a very long queue come with the frames, and are those of all.
func TestQueueCountsAll(t *testing.T) {
	m := newMoving(50_000)
	m.draw(18, queueNow)
	for frames := 0; m.q.rows.counting(); frames++ {
		if frames > 50_000/tallyStep+1 {
			t.Fatalf("after %d frames %d are counted", frames, m.q.rows.tallied)
		}
		if d := m.q.nextChange(queueNow); d > 100*time.Millisecond {
			t.Fatalf("it counts on in %v", d)
		}
		if head := m.head(queueNow); !strings.Contains(head, "49,999 waiting") {
			t.Fatalf("while it counts it shows\n%s", head)
		}
	}
	if r := &m.q.rows; r.holders != 1 || r.waiters() != 49_999 || r.unsure != 0 {
		t.Errorf("%d hold, %d wait, %d are unknown", r.holders, r.waiters(), r.unsure)
	}
}

func TestQueueExports(t *testing.T) {
	q, _ := queueOf(contendedQueue(t))
	keys := DefaultKeyMap()
	cmd, _ := q.key(press("x"), &keys)
	d, ok := dialogOf(t, cmd).(*pastDialog)
	if !ok {
		t.Fatal("x asks for no file")
	}
	if name := d.file.text(); name != "uk-lock-timeline.jsonl" {
		t.Errorf("the file is called %s", name)
	}
	file := filepath.Join(t.TempDir(), "past.jsonl")
	d.file.set(file)
	run := func(name string) (done bool) {
		t.Helper()
		cmd, _ := d.update(press(name))
		if cmd == nil {
			t.Fatalf("%s does nothing: %s", name, d.note)
		}
		msg, _ := cmd().(dialogMsg)
		_, done = d.update(msg.msg)
		return done
	}
	if !run("enter") {
		t.Fatal("it was not written: " + d.note)
	}
	var want bytes.Buffer
	if err := q.view.Timeline.WriteJSON(&want, "/uk/lock"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want.Bytes()) || want.Len() == 0 {
		t.Errorf("%v; the file has %s", err, got)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v: mode %v", err, info.Mode())
	}
	// One that is there is not written over without a word.
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if run("enter") || d.asking == nil || !strings.Contains(d.asking.text[0], "is there already") {
		t.Fatal("it does not ask")
	}
	if got, _ := os.ReadFile(file); string(got) != "precious" {
		t.Fatalf("the file has %q already", got)
	}
	if d.update(press("esc")); d.asking != nil {
		t.Fatal("esc does not answer")
	}
	if got, _ := os.ReadFile(file); string(got) != "precious" {
		t.Fatalf("the file has %q although it was not to be replaced", got)
	}
	run("enter")
	d.update(press("tab"))
	if !run("enter") {
		t.Error("it was not replaced: " + d.note)
	}
	if got, _ := os.ReadFile(file); !bytes.Equal(got, want.Bytes()) {
		t.Errorf("the file has %q", got)
	}
}

// failing is a timeline that cannot be written.
type failing struct{}

func (failing) WriteJSON(w io.Writer, _ string) error {
	_, _ = io.WriteString(w, "half of it")
	return errors.New("the disk is full")
}

func TestQueueExportFails(t *testing.T) {
	dir := t.TempDir()
	d := newPastDialog(1, "/l", failing{})
	for text, want := range map[string]string{
		"": "Type the name of a file first.", "there/": "not only of a folder", dir: "is a folder",
		dir + "/no/such": "No file can be made", dir + "/full": "The disk is full",
	} {
		d.file.set(text)
		d.note = ""
		if cmd, _ := d.update(press("enter")); cmd != nil {
			msg, _ := cmd().(dialogMsg)
			if _, done := d.update(msg.msg); done {
				t.Errorf("%q was written", text)
			}
		}
		if !strings.Contains(d.note, want) {
			t.Errorf("%q: %q", text, d.note)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}
