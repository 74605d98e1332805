package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/safetext"
)

// A projector shows few words at a time.
const (
	projectorLines = 7
	projectorWidth = 60
)

// The lessons that come with zkdeck load, end with a question and something to try, and
// fit on a projector.
func TestOwnLessons(t *testing.T) {
	all, errs := Lessons("")
	if len(errs) > 0 || len(all) < 6 {
		t.Fatalf("%d lessons: %v", len(all), errs)
	}
	for _, l := range all {
		for name, text := range map[string]string{"title": l.Title, "about": l.About, "question": l.Question, "answer": l.Answer, "try": l.Try} {
			fits(t, l.Name+" "+name, text)
		}
		for i, s := range l.Steps {
			at := fmt.Sprintf("%s step %d", l.Name, i+1)
			fits(t, at+" title", s.Title)
			fits(t, at+" text", s.Text)
			fits(t, at+" look", s.Look)
			if s.Until == "" && len(s.Do) == 0 {
				t.Errorf("%s does nothing and waits for nothing", at)
			}
		}
	}
}

func fits(t *testing.T, what, text string) {
	t.Helper()
	lines := strings.Split(WithKeys(text, func(string) string { return "x" }), "\n")
	if text == "" || len(lines) > projectorLines {
		t.Errorf("%s has %d lines:\n%s", what, len(lines), text)
	}
	for _, l := range lines {
		if safetext.Width(l) > projectorWidth {
			t.Errorf("%s: a line of %d: %s", what, safetext.Width(l), l)
		}
	}
}

// lessonFile writes a lesson into a folder.
func lessonFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const small = `title: Small
steps:
  - text: look
    lanes: [{workers: 2, hold: 50ms}]
    do: [crash holder, "pace 1s lane 1"]
    until: handoffs >= 3 and crashed
`

// A folder adds lessons and takes the place of those of the same name; a broken file is
// told, and the others work.
func TestLessonsOfAFolder(t *testing.T) {
	dir := t.TempDir()
	own, _ := Lessons("")
	lessonFile(t, dir, "2-herd.yaml", strings.Replace(small, "Small", "Ours", 1))
	lessonFile(t, dir, "9-new.yaml", small)
	lessonFile(t, dir, "1-ephemeral.yaml", "title: [")
	lessonFile(t, dir, "8-broken.yaml", "nothing: at all")
	lessonFile(t, dir, "notes.txt", "no lesson")
	if err := os.Mkdir(filepath.Join(dir, "folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	all, errs := Lessons(dir)
	if len(all) != len(own)+1 || all[1].Title != "Ours" || all[1].File != filepath.Join(dir, "2-herd.yaml") {
		t.Errorf("%d lessons, the second %q of %q", len(all), all[1].Title, all[1].File)
	}
	if all[0].Title != own[0].Title || all[0].File != "" || all[len(all)-1].Name != "9-new" {
		t.Errorf("%q of %q, %q", all[0].Title, all[0].File, all[len(all)-1].Name)
	}
	if len(errs) != 3 {
		t.Fatalf("%v", errs)
	}
	for i, want := range []string{
		"1-ephemeral.yaml:1: ", "8-broken.yaml:1: unknown field \"nothing\"; a lesson has title", "folder.yaml: it is no file; this lesson is left out",
	} {
		if !strings.Contains(errs[i].Error(), want) {
			t.Errorf("%v, want %s", errs[i], want)
		}
	}
	if !strings.HasSuffix(errs[0].Error(), "the lesson that comes with zkdeck is shown instead") {
		t.Error(errs[0])
	}
	if _, errs := Lessons(filepath.Join(dir, "none")); len(errs) > 0 {
		t.Error(errs)
	}
	step := all[len(all)-1].Steps[0]
	want := Options{Workers: 2, Hold: 50 * time.Millisecond}
	if got := step.Lanes[0].Options(); got.Workers != want.Workers || got.Hold != want.Hold {
		t.Errorf("%+v", got)
	}
	if a := step.Do[1]; a.Do != "pace" || a.For != time.Second || !a.On(1) || a.On(2) || !step.Do[0].On(2) || a.String() != "pace 1s lane 1" {
		t.Errorf("%+v", a)
	}
}

// What is wrong is told with its line.
func TestBrokenLessons(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"title: Small", "title: ''", ":1: a lesson needs a title"},
		{"title: Small\n", "", ": a lesson needs a title"},
		{"title: Small", "titel: Small", ":1: unknown field \"titel\"; a lesson has title"},
		{small, "", ": it is empty; zkdeck lab lessons --write DIR"},
		{small, small + "---\n" + small, ": it holds several YAML documents"},
		{small, "title: x\nsteps: []", ":2: a lesson needs steps"},
		{"text: look", "text: ' '", ":3: a step needs a text"},
		{"text: look", "text: press {jump}", ":3: no key is called {jump}; there are {next}"},
		{"    lanes: [{workers: 2, hold: 50ms}]\n", "", ":3: the first step needs lanes"},
		{"workers: 2", "workers: 51", ":4: 51 workers: a number from 1 to 50"},
		{"workers: 2", "workers: two", ":4: "},
		{"workers: 2", "worker: 2", ":4: unknown field \"worker\""},
		{"workers: 2", "recipe: fare", `:4: there is no recipe "fare"; there are fair, naive`},
		{"hold: 50ms", "hold: 2h", ":4: hold 2h0m0s: a time from 0s"},
		{"hold: 50ms", "hold: -1s", ":4: hold -1s"},
		{"hold: 50ms", "slots: 99", ":4: 99 slots"},
		{"[{workers: 2, hold: 50ms}]", "[{}, {}, {}]", ":4: 2 lanes stand side by side at most"},
		{"[crash holder", "!crash holder", ": it is no YAML that can be read"},
		{"crash holder", "crash", ":5: crash wants one word more"},
		{"crash holder", "crash everybody", ":5: crash everybody: holder, first-waiter"},
		{"crash holder", "smash holder", `:5: there is no action "smash"; there are pause`},
		{"crash holder", "pause now", `:5: nothing such as "now" is wanted after pause`},
		{"crash holder", "workers 0", ":5: workers 0: a number from 1 to 50"},
		{"crash holder", "hold long", ":5: hold long: a time such as"},
		{"crash holder", "lane 1", ":5: an action is wanted"},
		{"lane 1", "lane 2", ":5: pace 1s lane 2: there is no lane 2 in this step"},
		{"lane 1", "lane 3", ":5: lane 3: there are lane 1 and lane 2"},
		{"and crashed", "and smashed", `:6: nothing is called "smashed"; there are handoffs, `},
		{"and crashed", "and", `:6: "" is no condition`},
		{"and crashed", "and lane 2 crashed", ":6: handoffs >= 3 and lane 2 crashed: there is no lane 2"},
		{"and crashed", "and lane", `:6: "lane" is no condition`},
		{"and crashed", "and lane 0 crashed", ":6: lane 0: there are"},
		{">= 3", "=> 3", `:6: "=>" compares nothing`},
		{">= 3", ">= some", `:6: "some" is no number`},
	} {
		_, err := parseLesson([]byte(strings.Replace(small, c.from, c.to, 1)))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s…", c.to, err, c.want)
		}
	}
	l, err := parseLesson([]byte(strings.Replace(small, "Small", `"\e[2J"`, 1)))
	if err != nil || strings.Contains(l.Title, "\x1b") {
		t.Errorf("%q, %v", l.Title, err)
	}
}

func TestWriteLessons(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "lessons")
	all, err := WriteLessons(dir)
	if err != nil || len(all) < 6 {
		t.Fatalf("%d, %v", len(all), err)
	}
	if l, errs := Lessons(dir); len(l) != len(all) || len(errs) > 0 || l[0].File != all[0] {
		t.Errorf("%d lessons, %v", len(l), errs)
	}
	if err := os.Remove(all[1]); err != nil {
		t.Fatal(err)
	}
	lessonFile(t, dir, filepath.Base(all[0]), "mine")
	again, err := WriteLessons(dir)
	if !slices.Equal(again, all[1:2]) || !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), all[0]+" stays as it is") {
		t.Errorf("%q, %v", again, err)
	}
	if text, err := os.ReadFile(all[0]); string(text) != "mine" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestConditions(t *testing.T) {
	a := Snapshot{
		State:    Running,
		Workers:  []Worker{{N: 1, State: Holding, Frozen: true}, {N: 2, State: Holding}, {N: 3, State: Crashed}},
		Queue:    []Znode{{Worker: 2, Holder: true}, {Worker: 3}, {Worker: 0}},
		Counters: Counters{Handoffs: 20, LostUpdates: 1},
		Notes:    []Note{{Kind: NoteStep}},
	}
	b := Snapshot{State: Paused, Counters: Counters{Handoffs: 5}, Resource: Resource{Refused: 2}, Notes: []Note{{Kind: NoteTrouble}}}
	for c, want := range map[Condition]bool{
		"":                                       false,
		"nonsense":                               false,
		"handoffs":                               true,
		"handoffs >= 20":                         false,
		"lane 1 handoffs >= 20":                  true,
		"lane 1 handoffs > 20":                   false,
		"lane 1 lost > 0 and lane 2 refused > 0": true,
		"lane 1 lost and lane 1 refused":         false,
		"lane 1 holding == 2":                    true,
		"lane 1 orphans == 2":                    true,
		"lane 1 holding < 2":                     false,
		"lane 1 crashed <= 1":                    true,
		"lane 2 trouble":                         true,
		"lane 1 trouble":                         false,
		"lane 1 running and lane 2 paused":       true,
		"lane 1 frozen":                          true,
	} {
		if got := c.Met([]Snapshot{a, b}); got != want {
			t.Errorf("%q: %t", c, got)
		}
	}
	if Condition("handoffs").Met(nil) || Condition("lane 2 handoffs").Met([]Snapshot{a}) {
		t.Error("met by a lane that is not there")
	}
}

// fakeControls note what actions do.
type fakeControls struct {
	snap Snapshot
	did  []string
}

func (f *fakeControls) note(format string, args ...any) {
	f.did = append(f.did, fmt.Sprintf(format, args...))
}

func (f *fakeControls) Snapshot() Snapshot              { return f.snap }
func (f *fakeControls) Pause()                          { f.note("pause") }
func (f *fakeControls) Resume()                         { f.note("resume") }
func (f *fakeControls) Step()                           { f.note("step") }
func (f *fakeControls) SetPace(d time.Duration)         { f.note("pace %s", d) }
func (f *fakeControls) SetTimes(hold, th time.Duration) { f.note("times %s %s", hold, th) }
func (f *fakeControls) SetWorkers(n int) error          { f.note("workers %d", n); return nil }
func (f *fakeControls) Add() (int, error)               { f.note("add"); return 6, nil }
func (f *fakeControls) Kill(n int) error                { f.note("kill %d", n); return nil }
func (f *fakeControls) Crash(n int) error               { f.note("crash %d", n); return nil }
func (f *fakeControls) Freeze(n int) error              { f.note("freeze %d", n); return errors.New("no luck") }
func (f *fakeControls) Thaw(n int) error                { f.note("thaw %d", n); return nil }
func (f *fakeControls) Try(n int) error                 { f.note("try %d", n); return nil }
func (f *fakeControls) Reset()                          { f.note("reset") }

func TestActions(t *testing.T) {
	f := &fakeControls{snap: Snapshot{
		Options: Options{Hold: time.Second, Think: time.Minute},
		Workers: []Worker{
			{N: 1, State: Holding, Frozen: true},
			{N: 2, State: Waiting},
			{N: 3, State: Holding},
			{N: 4, State: Waiting},
			{N: 5, State: Thinking},
			{N: 6, State: Waiting},
		},
		Queue: []Znode{{Worker: 3, Holder: true}, {Worker: 4}, {Worker: 0}, {Worker: 2}, {Worker: 6}},
	}}
	for _, c := range []struct{ text, did, said string }{
		{"pause", "pause", "paused: no request leaves"},
		{"resume", "resume", "it runs again"},
		{"step", "step", "one request was let go"},
		{"reset", "reset", "counted from zero again"},
		{"add", "add", "worker 6 has joined"},
		{"workers 9", "workers 9", "there are 9 workers now"},
		{"pace 300ms", "pace 300ms", "each request is held for 300ms"},
		{"pace 0s", "pace 0s", "full speed"},
		{"hold 2s", "times 2s 1m0s", "holders work for 2s"},
		{"think 0s", "times 1s 0s", "workers pause for 0s between turns"},
		{"kill 5", "kill 5", "worker 5 has closed its session"},
		{"crash holder lane 1", "crash 3", "worker 3 has crashed"},
		{"thaw frozen", "thaw 1", "worker 1 goes on"},
		{"try first-waiter", "try 4", "worker 4 will try instead of waiting"},
		{"crash last-waiter", "crash 6", "worker 6 has crashed"},
	} {
		a, err := ParseAction(c.text)
		if err != nil {
			t.Fatal(err)
		}
		f.did = nil
		if said, err := a.Perform(f); err != nil || said != c.said || !slices.Equal(f.did, []string{c.did}) {
			t.Errorf("%s: %q, said %q, %v", c.text, f.did, said, err)
		}
	}
	freeze, _ := ParseAction("freeze holder")
	if _, err := freeze.Perform(f); err == nil || err.Error() != "freeze holder: no luck" {
		t.Error(err)
	}
	// Who waits without a znode is found too, behind the others.
	f.snap.Queue, f.did = f.snap.Queue[:1], nil
	last, _ := ParseAction("crash last-waiter")
	if _, err := last.Perform(f); err != nil || f.did[0] != "crash 6" {
		t.Errorf("%q, %v", f.did, err)
	}
	f.snap.Workers = nil
	for _, text := range []string{"crash holder", "thaw frozen", "try first-waiter", "kill 3"} {
		a, _ := ParseAction(text)
		if said, err := a.Perform(f); !errors.Is(err, ErrNotYet) || said != "" {
			t.Errorf("%s: %q, %v", text, said, err)
		}
	}
}

func TestFindLesson(t *testing.T) {
	all, _ := Lessons("")
	for name, want := range map[string]string{"2-herd": "2-herd", "2": "2-herd", "herd": "2-herd", "read-write": "5-read-write", "her": "", "": ""} {
		if l, ok := FindLesson(all, name); l.Name != want || ok != (want != "") {
			t.Errorf("%s: %s", name, l.Name)
		}
	}
}

func TestWithKeys(t *testing.T) {
	key := func(name string) string { return strings.ToUpper(name[:1]) }
	if got := WithKeys("press {crash}, {no such} or {} {freeze}", key); got != "press C, {no such} or {} F" {
		t.Errorf("%q", got)
	}
}
