package lab

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Controls are what an [Action] needs of a [Run].
type Controls interface {
	Snapshot() Snapshot
	Pause()
	Resume()
	Step()
	SetPace(d time.Duration)
	SetTimes(hold, think time.Duration)
	SetWorkers(n int) error
	Add() (int, error)
	Kill(n int) error
	Crash(n int) error
	Freeze(n int) error
	Thaw(n int) error
	Try(n int) error
	Reset()
}

// ErrNotYet says that there is nobody now to whom an action could be done, such as no
// holder. It may be tried again after the next change.
var ErrNotYet = errors.New("not yet")

// Action is something that a lesson does in the lab. In a file it is a few words:
// "crash holder", "workers 10", "pace 300ms lane 2".
type Action struct {
	Do string // the verb, one of those in actionHelp
	// Lane is where, from 1; 0 is in every lane.
	Lane int
	// Worker says to whom: "holder", "first-waiter", "last-waiter", "frozen", or a number.
	Worker string
	Number int           // of workers
	For    time.Duration // of pace, hold and think

	text string // as it stands in the file
}

// UnmarshalYAML takes the words as they are; they are parsed when the lesson is checked,
// where it is known at which line they stand.
func (a *Action) UnmarshalYAML(unmarshal func(any) error) error {
	*a = Action{}
	return unmarshal(&a.text)
}

// What an action needs beside its verb.
const (
	needsNothing = iota
	needsWorker
	needsNumber
	needsTime
)

var actionNeeds = map[string]int{
	"pause": needsNothing, "resume": needsNothing, "step": needsNothing, "reset": needsNothing, "add": needsNothing,
	"kill": needsWorker, "crash": needsWorker, "freeze": needsWorker, "thaw": needsWorker, "try": needsWorker,
	"workers": needsNumber,
	"pace":    needsTime, "hold": needsTime, "think": needsTime,
}

const (
	actionHelp = "pause, resume, step, reset, add, workers NUMBER, pace TIME, hold TIME, think TIME, " +
		"and kill, crash, freeze, thaw or try WORKER; each may end with lane 1 or lane 2"
	workerHelp = "holder, first-waiter, last-waiter, frozen, or a number"
)

// maxLessonTime bounds the times in lessons: nobody waits longer in front of a projector.
const maxLessonTime = time.Hour

// ParseAction reads an action as it stands in a file. An error says what can stand there.
func ParseAction(text string) (Action, error) {
	words := strings.Fields(text)
	a := Action{text: text}
	if n := len(words); n >= 2 && words[n-2] == "lane" {
		lane, err := strconv.Atoi(words[n-1])
		if err != nil || lane < 1 || lane > maxLanes {
			return a, fmt.Errorf("lane %s: there are lane 1 and lane 2", words[n-1])
		}
		a.Lane, words = lane, words[:n-2]
	}
	if len(words) == 0 {
		return a, fmt.Errorf("an action is wanted: %s", actionHelp)
	}
	a.Do = words[0]
	needs, known := actionNeeds[a.Do]
	switch {
	case !known:
		return a, fmt.Errorf("there is no action %q; there are %s", a.Do, actionHelp)
	case needs == needsNothing && len(words) > 1:
		return a, fmt.Errorf("nothing such as %q is wanted after %s", words[1], a.Do)
	case needs != needsNothing && len(words) != 2:
		return a, fmt.Errorf("%s wants one word more; there are %s", a.Do, actionHelp)
	}
	switch needs {
	case needsWorker:
		return a, a.parseWorker(words[1])
	case needsNumber:
		n, err := strconv.Atoi(words[1])
		if err != nil || n < 1 || n > MaxWorkers {
			return a, fmt.Errorf("%s %s: a number from 1 to %d is wanted", a.Do, words[1], MaxWorkers)
		}
		a.Number = n
	case needsTime:
		d, err := time.ParseDuration(words[1])
		if err != nil || d < 0 || d > maxLessonTime {
			return a, fmt.Errorf("%s %s: a time such as 300ms or 2s is wanted", a.Do, words[1])
		}
		a.For = d
	}
	return a, nil
}

func (a *Action) parseWorker(word string) error {
	a.Worker = word
	switch word {
	case "holder", "first-waiter", "last-waiter", "frozen":
		return nil
	}
	if n, err := strconv.Atoi(word); err != nil || n < 1 {
		return fmt.Errorf("%s %s: %s is wanted", a.Do, word, workerHelp)
	}
	return nil
}

// On tells whether the action is for that lane, from 1.
func (a Action) On(lane int) bool { return a.Lane == 0 || a.Lane == lane }

// String is the action as it stands in a file.
func (a Action) String() string { return a.text }

// Perform does it, and says what was done, as a sentence. It does not wait for what
// comes of it. The error is [ErrNotYet] while there is nobody to do it to.
func (a Action) Perform(r Controls) (said string, err error) {
	if actionNeeds[a.Do] == needsWorker {
		return a.toWorker(r)
	}
	o := r.Snapshot().Options
	switch a.Do {
	case "pause":
		r.Pause()
		said = "paused: no request leaves"
	case "resume":
		r.Resume()
		said = "it runs again"
	case "step":
		r.Step()
		said = "one request was let go"
	case "reset":
		r.Reset()
		said = "counted from zero again"
	case "add":
		n, err := r.Add()
		return fmt.Sprintf("worker %d has joined", n), err
	case "workers":
		return fmt.Sprintf("there are %d workers now", a.Number), r.SetWorkers(a.Number)
	case "pace":
		r.SetPace(a.For)
		said = fmt.Sprintf("each request is held for %s", a.For)
		if a.For == 0 {
			said = "full speed"
		}
	case "hold":
		r.SetTimes(a.For, o.Think)
		said = fmt.Sprintf("holders work for %s", a.For)
	case "think":
		r.SetTimes(o.Hold, a.For)
		said = fmt.Sprintf("workers pause for %s between turns", a.For)
	default:
		return "", fmt.Errorf("there is no action %q; there are %s", a.Do, actionHelp)
	}
	return said, nil
}

// toWorker does what is done to one worker.
func (a Action) toWorker(r Controls) (said string, err error) {
	n, err := a.choose(r.Snapshot())
	if err != nil {
		return "", err
	}
	did := map[string]string{
		"kill": "has closed its session", "crash": "has crashed", "freeze": "is frozen",
		"thaw": "goes on", "try": "will try instead of waiting",
	}
	do := map[string]func(int) error{"kill": r.Kill, "crash": r.Crash, "freeze": r.Freeze, "thaw": r.Thaw, "try": r.Try}
	if err := do[a.Do](n); err != nil {
		return "", fmt.Errorf("%s: %w", a.text, err)
	}
	return fmt.Sprintf("worker %d %s", n, did[a.Do]), nil
}

// choose finds the worker that is meant.
func (a Action) choose(s Snapshot) (int, error) {
	n, err := strconv.Atoi(a.Worker)
	is := func(w Worker) bool { return w.N == n }
	switch {
	case err == nil:
	case a.Worker == "holder":
		is = func(w Worker) bool { return w.State == Holding && !w.Frozen }
	case a.Worker == "frozen":
		is = func(w Worker) bool { return w.Frozen }
	default:
		return a.waiter(s)
	}
	if i := slices.IndexFunc(s.Workers, is); i >= 0 {
		return s.Workers[i].N, nil
	}
	if err == nil {
		return 0, fmt.Errorf("%s: there is no worker %d: %w", a.text, n, ErrNotYet)
	}
	return 0, fmt.Errorf("%s: there is none now: %w", a.text, ErrNotYet)
}

// waiter finds the first or the last of those that wait, in the order of the queue; who
// is not in it comes behind.
func (a Action) waiter(s Snapshot) (int, error) {
	var waiting []int
	add := func(n int, holder bool) {
		i := slices.IndexFunc(s.Workers, func(w Worker) bool { return w.N == n })
		if i >= 0 && s.Workers[i].State == Waiting && !s.Workers[i].Frozen && !holder && !slices.Contains(waiting, n) {
			waiting = append(waiting, n)
		}
	}
	turn := map[int]bool{}
	for _, z := range s.Queue {
		turn[z.Worker] = turn[z.Worker] || z.Holder
		add(z.Worker, z.Holder)
	}
	for _, w := range s.Workers {
		add(w.N, turn[w.N])
	}
	switch {
	case len(waiting) == 0:
		return 0, fmt.Errorf("%s: nobody waits now: %w", a.text, ErrNotYet)
	case a.Worker == "first-waiter":
		return waiting[0], nil
	}
	return waiting[len(waiting)-1], nil
}
