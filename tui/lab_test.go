package tui

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl/lab"
)

// inLab opens the lab with the runs of f in a terminal of 120 x 36.
func inLab(t *testing.T, f *fakeLab, change ...func(*setup)) *screen {
	t.Helper()
	s := connect(t, zktest.Root(t), 120, 36, append([]func(*setup){setLab(f)}, change...)...)
	s.Type("7")
	f.wantCalls(t, "naive start 5")
	s.WaitForText("everyone watches the parent", "each watches the one before it", "w5")
	return s
}

// labTry types keys and waits for what they call.
func labTry(t *testing.T, s *screen, f *fakeLab, keys string, calls ...string) {
	t.Helper()
	s.Type(strings.Fields(keys)...)
	f.wantCalls(t, calls...)
}

func TestLabKeys(t *testing.T) {
	t.Parallel()
	f := newFakeLab()
	s := inLab(t, f)
	for _, test := range []struct{ keys, calls string }{
		{"space", "naive pause,fair pause"},
		{".", "naive step,fair step"},
		{"n", "naive step,fair step"},
		{"space", "naive resume,fair resume"},
		{"<", "naive pace 1s,fair pace 1s"},
		{"> > >", "naive pace 250ms,naive pace 100ms,naive pace 20ms,fair pace 20ms"},
		{">", "naive pace 0s,fair pace 0s"},
		{"0", "naive reset,fair reset"},
		{"+", "naive workers 6,fair workers 6"},
		{"-", "naive workers 5,fair workers 5"},
		{"K", "naive crash 1"},
		{"down f", "naive freeze 2"},
		{"f", "naive thaw 2"},
		{"right t", "naive try 3"},
		{"G x", "naive kill 5"},
		{"tab K", "fair crash 1"},
		{"up g f", "fair freeze 1"},
		{"F", "fair start 5"},
		{"r", "naive start 5"},
		{"R", "fair start 5"},
		{"d", ""},
		{"d", "naive start 5"},
		{"o", "fair start 5"},
	} {
		s.settle()
		var calls []string
		if test.calls != "" {
			calls = strings.Split(test.calls, ",")
		}
		labTry(t, s, f, test.keys, calls...)
		s.settle()
	}
	s.quit("q")
	f.wantClosed(t, 0)
}

// What the program shows of a run it takes from it: no key, no change but the run's own.
func TestLabShowsItsRuns(t *testing.T) {
	t.Parallel()
	f := newFakeLab()
	s := inLab(t, f)
	f.of(t, lab.Fair).change(func(s *lab.Snapshot) {
		s.Notes = append(s.Notes, lab.Note{Worker: 2, Kind: lab.NoteStep, Text: "worker 2 does what it is told"})
	})
	s.WaitForText("worker 2 does what it is told", "/zkdeck-lab/naive", "on a sandbox of its own")
	s.Type("tab")
	s.WaitForText("/zkdeck-lab/fair")
	s.Type("m")
	s.WaitForText("─ Commentary: fair")
	s.Type("esc")
	s.waitGone("─ Commentary: fair")
	s.Type("esc") // it runs on
	s.waitGone("everyone watches the parent")
	f.of(t, lab.Naive).change(func(s *lab.Snapshot) { s.Resource.Value = 471 })
	s.Type("7")
	s.WaitForText("value 471")
	s.Type("X")
	s.WaitForText("The lab has ended")
	s.Type("7")
	s.WaitForText("everyone watches the parent", "w5")
	s.quit("q")
	f.wantClosed(t, 0)
}

func TestLabSaysWhyNothingRuns(t *testing.T) {
	t.Parallel()
	f := newFakeLab()
	f.err = errors.New("nothing listens")
	s := connect(t, zktest.Root(t), 120, 36, setLab(f))
	s.Type("7")
	s.WaitForText("Nothing listens.")
	for _, k := range []string{"K", "f", "t", "x", "space", ".", "+", "<", "0", "tab", "j", "G", "d", "F", "r"} {
		s.Type(k)
	}
	s.settle()
	s.quit("q")
}

// The lab does not write to the cluster unasked, and never where nothing is written.
func TestLabWhere(t *testing.T) {
	t.Parallel()
	f := newFakeLab()
	s := inLab(t, f)
	s.Type("w")
	s.WaitForText("Run the lab on test?", "12 sessions there", "/zkdeck-lab. When it ends")
	s.Type("enter")
	s.waitGone("Run the lab on test?")
	s.WaitForText("on a sandbox of its own")
	s.Type("w")
	s.WaitForText("Run the lab on test?")
	s.Type("tab", "enter")
	s.waitGone("Run the lab on test?")
	s.WaitForText("on test")
	s.Type("w")
	s.WaitForText("on a sandbox of its own")
	s.quit("q")
	f.wantClosed(t, 0)

	f = newFakeLab()
	s = inLab(t, f, func(s *setup) { s.cfg.ReadOnly = true })
	s.Type("w")
	s.settle()
	s.Type(":messages", "enter")
	s.WaitForText("This session is read-only: the lab stays on its own sandbox")
	s.quit("ctrl+c")
}

func TestLabSetup(t *testing.T) {
	t.Parallel()
	f := newFakeLab()
	s := inLab(t, f)
	s.Type("e")
	s.WaitForText("─ The lab", "[naive]", "[fair]", "Everyone watches the parent.")
	s.Type("tab", "tab", "ctrl+u", "ctrl+k", "51", "enter")
	s.WaitForText("A whole number from 1 to 50 is wanted")
	s.Type("ctrl+u", "7", "tab", "ctrl+u", "2s", "tab", "ctrl+u", "soon", "enter")
	s.WaitForText("A time is wanted")
	s.Type("ctrl+u", "0", "tab", "ctrl+u", "1ms", "enter")
	f.wantCalls(t, "naive times 2s 0s", "naive pace 1ms", "naive workers 7", "fair times 2s 0s", "fair pace 1ms", "fair workers 7")
	s.waitGone("─ The lab")

	// Another recipe starts its lane anew; the other goes on.
	s.Type("e")
	s.WaitForText("─ The lab")
	s.Type("tab", "right", "enter")
	s.settle()
	s.WaitFor(func(string) bool { f.mu.Lock(); defer f.mu.Unlock(); return len(f.runs) == 3 }, "a third run")
	s.Type("e")
	s.WaitForText("─ The lab")
	s.Type("tab", "left", "left", "left", "left", "left", "left", "tab", "enter")
	s.settle()
	s.quit("q")
	f.wantClosed(t, 0)
}

// A lesson sets the lanes up, does what its steps say, and ticks off what was seen.
func TestLabLesson(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const lesson = `title: A lesson of ours
about: what a test is about
steps:
  - title: The first page
    lanes: [{recipe: fair, workers: 3}]
    text: |
      Press {crash} to crash
      it.
    look: at the lane
    until: handoffs >= 3
  - title: The second page
    do: [crash holder, freeze frozen]
    text: It has crashed.
    look: there
  - title: The third page
    lanes: [{recipe: fair, workers: 2, paused: true}, {recipe: fair, workers: 2, unfenced: true, paused: true}]
    text: Side by side.
    look: both
question: Who was it?
answer: Nobody was it.
try: something else
`
	if err := os.WriteFile(filepath.Join(dir, "0-ours.yaml"), []byte(lesson), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFakeLab()
	s := inLab(t, f, func(s *setup) { s.opts.Lessons = dir })
	s.Type("l")
	s.WaitForText("─ Lessons", "A lesson of ours", "what a test is about")
	s.Type("g", "enter")
	f.wantCalls(t, "fair start 3")
	s.WaitForText("The first page", "Press K to crash it.", "1 of 5")
	s.Type("enter")
	s.WaitForText("─ A lesson of ours, 1 of 5")
	s.Type("esc")
	s.waitGone("─ A lesson of ours, 1 of 5")
	f.of(t, lab.Fair).change(func(s *lab.Snapshot) { s.Counters.Handoffs = 3 })
	s.WaitForText("● seen")
	s.Type("n")
	f.wantCalls(t, "fair crash 1")
	s.WaitForText("The second page", "2 of 5")
	s.Type("n")
	f.wantCalls(t, "fair start 2", "fair start 2")
	s.WaitForText("The third page")
	s.settle()
	s.WaitForText("/zkdeck-lab/fair")
	s.Type("tab")
	s.WaitForText("/zkdeck-lab/right/fair")
	s.Type("n")
	s.WaitForText("Who was it?")
	s.Type("N", "N")
	f.wantCalls(t, "fair start 3", "fair crash 1")
	s.WaitForText("The second page")
	s.Type("n", "n", "n")
	s.WaitForText("Nobody was it.", "something else")
	s.Type("n")
	s.waitGone("Nobody was it.")
	s.Type(":")
	s.WaitForText("complete")
	s.Type("lab lesson 0", "enter")
	s.WaitForText("The first page")
	s.Type("esc")
	s.waitGone("The first page")
	s.quit("q")
	f.wantClosed(t, 0)
}

func TestLabCommand(t *testing.T) {
	t.Parallel()
	f := newFakeLab()
	s := connect(t, zktest.Root(t), 120, 36, setLab(f))
	command := func(text string) {
		t.Helper()
		s.Type(":")
		s.WaitForText("complete")
		s.Type(text, "enter")
	}
	command("lab nonsense")
	s.WaitForText("There is no recipe nonsense; there are fair")
	command("lab fair naive single")
	s.WaitForText("Two recipes fit beside each other")
	command("lab semaphore")
	f.wantCalls(t, "semaphore start 5")
	s.WaitForText("so many at a time")
	command("lab fair no-lock")
	f.wantCalls(t, "fair start 5")
	s.WaitForText("nobody asks")
	s.quit("q")
	f.wantClosed(t, 0)
}

// The program can be told to open with the lab.
func TestLabAtTheStart(t *testing.T) {
	t.Parallel()
	f := newFakeLab()
	s := connect(t, zktest.Root(t), 120, 36, setLab(f), func(s *setup) {
		s.opts.Sandbox, s.opts.Tour = true, &Tour{Show: true}
		s.opts.Lab = &LabStart{Lanes: []lab.Options{{Recipe: lab.ReadWrite, Workers: 4}}, Here: true, Lesson: "1"}
	})
	f.wantCalls(t, "read-write start 4")
	s.WaitForText("1 of ")
	s.Type("esc")
	s.waitGone("1 of ")
	s.WaitForText("on test")
	s.quit("q")
	f.wantClosed(t, 0)
}

// Every key of the lab means something or nothing, also at full speed on real sessions,
// and nothing of it is left: neither goroutines nor, on the servers, znodes.
func TestLabForReal(t *testing.T) {
	const busy = 50 * time.Millisecond
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	s := connect(t, root, 120, 36, func(s *setup) {
		s.opts.Lab = &LabStart{Lanes: []lab.Options{{Recipe: lab.Naive, Workers: 2, Hold: busy, Think: busy}, {Recipe: lab.Fair, Workers: 2, Hold: busy, Think: busy}}}
	})
	k := DefaultKeyMap()
	for _, b := range k.lab() {
		for _, name := range b.Keys() {
			if b.Help() == k.EndScreen.Help() {
				continue
			}
			s.Type(name)
			s.settle()
			s.Type("esc", "7")
		}
	}
	s.settle()
	if names, _, err := c.Children(root); err != nil || len(names) > 0 {
		t.Errorf("on the servers of the session there are %q, %v", names, err)
	}
	s.Type("X")
	s.waitGone("everyone watches the parent")
	s.Type(":")
	s.WaitForText("complete")
	s.Type("lab semaphore", "enter")
	s.WaitForText("so many at a time", "2 places")
	s.Type("w")
	s.WaitForText("Run the lab on test?")
	s.Type("tab", "enter")
	s.waitGone("Run the lab on test?")
	s.WaitForText("on test", "holds")
	if ok, _, err := c.Exists(root + lab.DefaultBase + "/semaphore"); err != nil || !ok {
		t.Errorf("it does not run on the servers of the session: %v", err)
	}
	s.quit("q")
	if ok, _, err := c.Exists(root + lab.DefaultBase + "/semaphore"); err != nil || ok {
		t.Errorf("it has left its directory behind: %v", err)
	}
}
