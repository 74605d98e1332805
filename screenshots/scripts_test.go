package screenshots

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"zkdeck/zkview/sandbox"
)

// picture is one of the pictures and how it comes about.
type picture struct {
	name   string // of its files
	title  string // of the window
	about  string // what is to be seen, for those who do not see it
	themes string
	play   func(s *stage)
}

// width is how many columns the terminal has.
const width = 116

// pictures are all that there are.
var pictures = []picture{
	{"start", "zkdeck", "The start screen: a sandbox, the profiles, what was used before", "dark", func(s *stage) {
		s.settings("prod-eu", "zk-1.eu.example:2181,zk-2.eu.example:2181,zk-3.eu.example:2181", "staging", "zk.staging.example:2181/shop")
		write(s.t, s.home, "state/zkdeck/recent", []byte(`{"servers":"127.0.0.1:2181"}`+"\n"+`{"servers":"zk-1.lab.example:2181,zk-2.lab.example:2181"}`+"\n"))
		s.open(width, 26)
		s.see("Open the sandbox")
	}},
	{"tree", staging, "The tree of znodes, and the value of one of them", "dark light", func(s *stage) {
		s.inTree(28, "/kafka/brokers/ids/2")
		s.see("PLAINTEXT://10.30.0.2:9092", "● broker 2")
	}},
	{"find", staging, "Find: all ephemeral znodes whose value holds a text", "dark", func(s *stage) {
		s.inTree(18, "/")
		s.keys("ctrl+f", "content:eu-1b is:ephemeral", "enter")
		s.see("znodes in")
		s.keys("tab", "down", "down")
	}},
	{"sizes", staging, "Size: what takes the space below a znode", "dark", func(s *stage) {
		s.inTree(25, "/")
		s.keys("S")
		s.see("5,021")
	}},
	{"activity", staging, "Activity: what changes in a subtree, as it changes", "dark", activity},
	{"locks", staging, "Locks: who holds each, since when, and how many wait", "dark light", func(s *stage) {
		s.inLocks(20)
	}},
	{"lock", staging, "A lock: who holds it, who waits for whom, and who held it in the last minute", "dark light", func(s *stage) {
		s.inLock(s.inLocks(22))
	}},
	{"break", staging, "Breaking a lock: what that does, and the name that must be typed", "dark", func(s *stage) {
		s.inLocks(30)
		s.choose("down", "nightly-report")
		s.keys("enter", "B")
		s.see("Type nightly-report")
	}},
	{"lease", staging, "A lock that was taken by hand, and the requests that took it", "dark", func(s *stage) {
		s.inTree(30, "/locks/reindex")
		s.keys("L", "tab", "tab", "ctrl+u", "me@laptop", "enter")
		s.see("granted")
		s.step(2 * time.Second)
	}},
	{"compare", staging, "Two subtrees compared: what is only on one side, and what differs", "dark", func(s *stage) {
		s.inTree(28, "/archive/config-2026-03-01")
		s.keys("D", "ctrl+u", "/config", "enter")
		s.see("16 alike")
		s.choose("down", "feature-flags")
		s.keys("enter")
	}},
	{"ensembles", "zkdeck", "Three real servers after the leader was killed, and what happened", "dark light", ensembles},
	{"lab", staging, "The lock lab: one release wakes everybody with the naive recipe, and one worker with the fair one", "dark light", lab},
	{"lesson", staging, "A lesson of the lock lab", "dark", lesson},
	{"wizard", "zkdeck", "The wizard for an ensemble: one question after the other, and what an answer means", "dark", func(s *stage) {
		s.inTree(23, "/")
		s.keys("6", "n", "enter", "enter", "enter", "enter", "enter")
	}},
	{"help", staging, "The keys that do something here", "dark", func(s *stage) {
		s.inTree(30, "/")
		s.keys("?")
		s.see("Move")
	}},
}

const staging = "zkdeck --profile staging"

// answers is a part of the header that is there once a server was asked how fast it is.
const answers = " ms  "

// inTree opens the sample, and selects a znode.
func (s *stage) inTree(height int, path string) *world {
	s.t.Helper()
	w := newWorld(s.t, s.clock)
	s.settings("staging", w.addr())
	s.open(width, height, "--profile", "staging", "--path", path)
	s.see("● connected", answers, "│ "+path)
	s.term.Rest(quiet)
	return w
}

// inLocks opens the locks, and lets time go by: what is held is known to be held only
// since somebody looked.
func (s *stage) inLocks(height int) *world {
	s.t.Helper()
	w := s.inTree(height, "/")
	s.keys("2")
	s.see("invoice-run", "deadlock", "searched")
	s.step(49 * time.Second)
	w.pass(tutorial)
	s.redraw()
	s.step(4 * time.Second)
	return w
}

// inLock opens a lock and has it change hands.
func (s *stage) inLock(w *world) {
	s.t.Helper()
	s.choose("down", "invoice-run")
	s.keys("enter")
	for _, seconds := range []int{5, 13, 7, 11, 9} {
		s.step(time.Duration(seconds) * time.Second)
		w.pass(invoices)
		s.redraw()
	}
	s.step(6 * time.Second)
}

// activity follows the brokers while one is restarted and another becomes the controller.
func activity(s *stage) {
	w := s.inTree(20, "/kafka")
	s.keys("5")
	s.see("live")
	const states = "/kafka/brokers/topics/orders/partitions/"
	for _, do := range []func(){
		func() { w.leave("10.30.0.2") },
		func() {
			w.put("10.30.0.3", "/kafka/controller", `{"version":2,"brokerid":3,"timestamp":"1773740463000","kraftControllerEpoch":-1}`, sandbox.Ephemeral)
			w.set("10.30.0.3", "/kafka/controller_epoch", "2")
		},
		func() {
			for _, n := range []string{"1", "4"} {
				w.edit("10.30.0.3", states+n+"/state", `"leader":2`, `"leader":3`)
			}
		},
		func() { w.edit("10.30.0.3", "/kafka/config/topics/orders", "604800000", "259200000") },
		func() {},
		func() { w.put("10.30.0.2", "/kafka/brokers/ids/2", broker(2, s.clock.now()), sandbox.Ephemeral) },
		func() {
			for _, n := range []string{"1", "4"} {
				w.edit("10.30.0.3", states+n+"/state", `"leader":3`, `"leader":2`)
			}
		},
	} {
		s.step(1370 * time.Millisecond)
		do()
		s.redraw()
	}
	s.step(900 * time.Millisecond)
}

// lab compares two recipes, one request after the other.
func lab(s *stage) {
	s.inTree(32, "/")
	s.inLab()
	s.steps(labSteps)
}

// labSteps is after how many the holders of both recipes have just released the lock.
const labSteps = 49

// inLab opens the lab, paused, with workers that work for a moment only.
func (s *stage) inLab() {
	s.t.Helper()
	s.keys("7", "space", "e", "tab", "tab", "tab", "ctrl+u", labTime, "tab", "ctrl+u", labTime, "enter")
	s.see("paused", "next: worker 1 creates", "next: worker 1 lists")
}

// labTime is how long a worker holds the lock and thinks: less than quiet, so that all
// who have something to ask wait in line when the next one is let go, and the line is the
// same each time.
const labTime = "50ms"

// steps lets so many requests go on each side.
func (s *stage) steps(n int) {
	s.t.Helper()
	for range n {
		s.keys(".")
	}
}

// lesson is given the one about the herd.
func lesson(s *stage) {
	if out, err := s.command("lab", "lessons", "--write", filepath.Join(s.home, "config/zkdeck/lessons")).CombinedOutput(); err != nil {
		s.t.Fatalf("writing the lessons: %v\n%s", err, out)
	}
	path := filepath.Join(s.home, "config/zkdeck/lessons/2-herd.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	slow := "hold: 2s, think: 1s"
	if !strings.Contains(string(text), slow) {
		s.t.Fatalf("%s holds no %q", path, slow)
	}
	write(s.t, s.home, "config/zkdeck/lessons/2-herd.yaml", []byte(strings.ReplaceAll(string(text), slow, "hold: "+labTime+", think: "+labTime+", paused: true")))
	s.inTree(32, "/")
	s.keys("7", "space", "l")
	s.choose("down", "herd")
	s.keys("enter")
	s.see("Everybody watches the parent", "next: worker 1 creates")
	s.steps(labSteps)
}
