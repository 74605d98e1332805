package tui

import (
	"fmt"
	"strings"

	"charm.land/huh/v2"

	"zkdeck/config/zoocfg"
	"zkdeck/internal/safetext"
)

// stepID names a question.
type stepID uint8

// The questions, in their order.
const (
	stepServers stepID = iota
	stepObservers
	stepName
	stepPort
	stepWhere
	stepDir
	stepTick
	stepInit
	stepSync
	stepHeap
	stepAdmin
	stepExtra
	stepZooKeeper
	stepJava
	stepStart
)

// wizardStep is a question with its words.
type wizardStep struct {
	id    stepID
	label string // among the answers
	title string
	about string // a sentence that says what it means
	value func(a *wizardAnswers) *string
	// check says why an answer will not do; for one that is chosen it is nil.
	check func(w *wizard, text string) error
	// options are what can be chosen; nil where text is typed.
	options func(w *wizard) []huh.Option[string]
	// means says what the answer means as it stands, while it is typed.
	means func(w *wizard) []remark
	// short is the answer in a word or two.
	short  func(w *wizard) string
	lines  bool                 // several lines are typed
	number bool                 // the first digit that is typed begins a new one
	skip   func(w *wizard) bool // the question does not come up
}

// remark is a sentence with how loud it is.
type remark struct {
	level level
	text  string
}

// saying is one sentence in the ink of text.
func saying(format string, args ...any) remark {
	return remark{levelInfo, fmt.Sprintf(format, args...)}
}

// inBounds is a check for a number.
func inBounds(low, high int) func(*wizard, string) error {
	return func(_ *wizard, text string) error { return numberFrom(low, high)(text) }
}

// checkPort takes nothing for ports that are found.
func checkPort(_ *wizard, text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return numberFrom(minPort, maxPort)(text)
}

// wizardSteps are the questions.
func wizardSteps() []wizardStep {
	return append(shapeSteps(), append(timingSteps(), engineSteps()...)...)
}

// shapeSteps ask how many servers, under which name and ports, and where.
func shapeSteps() []wizardStep {
	return []wizardStep{
		{
			id: stepServers, label: "servers", title: "How many servers?",
			about:  "Each of them has a vote. A majority of them, the quorum, must be up for the ensemble to serve.",
			value:  func(a *wizardAnswers) *string { return &a.servers },
			number: true, check: inBounds(1, maxServersAsked), means: meansServers,
		},
		{
			id: stepObservers, label: "observers", title: "How many observers besides?",
			about:  "An observer answers clients and follows the leader without a vote: more of them serve more readers, and make no write slower.",
			value:  func(a *wizardAnswers) *string { return &a.observers },
			number: true, check: inBounds(0, maxObserversAsked), means: meansObservers,
			short: func(w *wizard) string { return noneOr(w.a.observers) },
		},
		{
			id: stepName, label: "name", title: "What is it called?",
			about: "The name is that of its folder, and what the board and the commands call it by.",
			value: func(a *wizardAnswers) *string { return &a.name },
			check: func(w *wizard, text string) error { return checkName(text, w.found.taken) },
			means: func(w *wizard) []remark {
				return []remark{saying("In a shell: zkdeck ensemble status %s", shortName(w.a.name))}
			},
		},
		{
			id: stepPort, label: "ports from", title: "From which port on?",
			about:  "Each server listens on ports of 127.0.0.1 only: for clients, for its followers should it lead, and for elections.",
			value:  func(a *wizardAnswers) *string { return &a.port },
			number: true, check: checkPort, means: meansPort,
		},
		{
			id: stepWhere, label: "folder", title: "Where is it kept?",
			about: "One folder holds the configuration, data and log of every server, and scripts that start and stop them without zkdeck.",
			value: func(a *wizardAnswers) *string { return &a.where }, options: whereOptions, means: meansWhere,
			short: func(w *wizard) string {
				return map[string]string{whereKept: "kept", whereTemp: "temporary", whereFolder: "one of yours"}[w.a.where]
			},
		},
		{
			id: stepDir, label: "path", title: "In which folder?",
			about: "The whole path of a folder that is not there yet or is empty.",
			value: func(a *wizardAnswers) *string { return &a.dir },
			check: func(_ *wizard, text string) error { return checkFolder(text) },
			skip:  func(w *wizard) bool { return w.a.where != whereFolder },
			short: func(w *wizard) string { return safetext.Clean(w.a.dir) },
		},
	}
}

// timingSteps ask for the limits that are counted in ticks.
func timingSteps() []wizardStep {
	return []wizardStep{
		{
			id: stepTick, label: "tick", title: "How long is a tick, in milliseconds?",
			about:  sentence(zoocfg.Explanation("tickTime")),
			value:  func(a *wizardAnswers) *string { return &a.tick },
			number: true, check: inBounds(minTick, maxTick), means: meansTick,
			short: func(w *wizard) string { return inSeconds(w.a.tickTime()) },
		},
		{
			id: stepInit, label: "initLimit", title: "How many ticks may a server take to join?",
			about:  sentence(zoocfg.Explanation("initLimit")),
			value:  func(a *wizardAnswers) *string { return &a.init },
			number: true, check: inBounds(1, maxLimit), means: meansInit,
			short: func(w *wizard) string { return inSeconds(w.a.ticks(w.a.init)) },
		},
		{
			id: stepSync, label: "syncLimit", title: "How many ticks may a follower lag behind?",
			about:  sentence(zoocfg.Explanation("syncLimit")),
			value:  func(a *wizardAnswers) *string { return &a.sync },
			number: true, check: inBounds(1, maxLimit), means: meansSync,
			short: func(w *wizard) string { return inSeconds(w.a.ticks(w.a.sync)) },
		},
	}
}

// engineSteps ask what the servers run on, and how they begin.
func engineSteps() []wizardStep {
	return []wizardStep{
		{
			id: stepHeap, label: "memory", title: "How much memory for each server, in MB?",
			about:  "The most that the Java heap of one server may take. All znodes of an ensemble are in the memory of every server.",
			value:  func(a *wizardAnswers) *string { return &a.heap },
			number: true, check: inBounds(minHeap, maxHeap), means: meansHeap,
			short: func(w *wizard) string { return w.a.heap + " MB" },
		},
		{
			id: stepAdmin, label: "AdminServer", title: "With AdminServer?",
			about: "A web server inside each ZooKeeper that tells its state as JSON.",
			value: func(a *wizardAnswers) *string { return &a.admin }, options: adminOptions, means: meansAdmin,
		},
		{
			id: stepExtra, label: "further keys", title: "Further settings?", lines: true,
			about: "Lines for every zoo.cfg, key=value, over what the wizard writes. Nothing is usual.",
			value: func(a *wizardAnswers) *string { return &a.extra },
			check: func(_ *wizard, text string) error { _, err := parseExtra(text); return err },
			means: meansExtra,
			short: func(w *wizard) string { return noneOr(fmt.Sprint(len(w.a.extras()))) },
		},
		{
			id: stepZooKeeper, label: "ZooKeeper", title: "Which ZooKeeper?",
			about: "What was found on this machine, the best first.",
			value: func(a *wizardAnswers) *string { return &a.zookeeper }, options: zooKeeperOptions, means: meansZooKeeper,
			short: func(w *wizard) string {
				if z := w.chosen(); z != nil {
					return safetext.CleanLine(z.Version)
				}
				return ""
			},
		},
		{
			id: stepJava, label: "Java", title: "Which Java?",
			about: "What was found on this machine, the one that is taken by itself first.",
			value: func(a *wizardAnswers) *string { return &a.java }, options: javaOptions, means: meansJava,
			skip: func(w *wizard) bool { return len(w.found.javas) < 2 },
			short: func(w *wizard) string {
				if j := w.javaChosen(); j != nil {
					return safetext.CleanLine(j.Version)
				}
				return ""
			},
		},
		{
			id: stepStart, label: "start", title: "How do the servers start?",
			about: "Together they elect a leader soonest. One by one is how the tutorials do it, and shows what each of them waits for.",
			value: func(a *wizardAnswers) *string { return &a.start }, options: startOptions,
			short: func(w *wizard) string {
				return map[string]string{startTogether: "all at once", startInTurn: "one by one", startNot: "not now"}[w.a.start]
			},
		},
	}
}

func adminOptions(*wizard) []huh.Option[string] {
	return []huh.Option[string]{huh.NewOption("off", adminOff), huh.NewOption("on, each on a port of its own", adminOn)}
}

func startOptions(*wizard) []huh.Option[string] {
	return []huh.Option[string]{
		huh.NewOption("all at once", startTogether), huh.NewOption("one by one", startInTurn),
		huh.NewOption("not now, only write the files", startNot),
	}
}

func whereOptions(*wizard) []huh.Option[string] {
	return []huh.Option[string]{
		huh.NewOption("among zkdeck's data", whereKept),
		huh.NewOption("in a temporary folder", whereTemp),
		huh.NewOption("in a folder that I name", whereFolder),
	}
}

// zooKeeperOptions are what was found, and the way to another one.
func zooKeeperOptions(w *wizard) []huh.Option[string] {
	wide := 0
	for _, z := range w.found.zookeepers {
		wide = max(wide, safetext.Width(safetext.CleanLine(z.Version)))
	}
	var out []huh.Option[string]
	for _, z := range w.found.zookeepers {
		out = append(out, huh.NewOption(safetext.Pad(safetext.CleanLine(z.Version), wide)+"  "+safetext.CleanLine(z.From), z.Home))
	}
	return append(out, huh.NewOption("another one "+"…", otherZooKeeper))
}

func javaOptions(w *wizard) []huh.Option[string] {
	out := make([]huh.Option[string], 0, len(w.found.javas))
	for _, j := range w.found.javas {
		out = append(out, huh.NewOption(safetext.Pad(safetext.CleanLine(j.Version), 10)+"  "+safetext.CleanLine(j.From), j.Path))
	}
	return out
}

// noneOr is a count for the list of answers.
func noneOr(n string) string {
	if number(n) == 0 {
		return "none"
	}
	return n
}

// shortName is a name within a sentence.
func shortName(name string) string { return safetext.Truncate(safetext.Clean(name), 30) }
