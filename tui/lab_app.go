package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// labNamed is the width from which line 2 names the lab before it was opened.
const labNamed = 60

// labMoveMsg moves the lab to the servers of the session, or back.
type labMoveMsg struct{ here bool }

// labSetMsg makes the lanes what is wanted now, and starts those anew that cannot change
// while they run.
type labSetMsg struct{ lanes []lab.Options }

// labMessage takes what is addressed to the lab.
func (m *model) labMessage(msg tea.Msg) (tea.Cmd, bool) {
	d := m.lab
	switch msg := msg.(type) {
	case labChangedMsg:
		return d.look(), true
	case labStartedMsg:
		return d.started(msg), true
	case labMoveMsg:
		return d.moveTo(msg.here), true
	case labSetMsg:
		return d.set(msg.lanes), true
	case lessonsReadMsg:
		return m.lessonsRead(msg), true
	case lessonChosenMsg:
		return d.beginLesson(msg.lesson), true
	default:
		return nil, false
	}
}

// labNumber is the number of the screen.
func (m *model) labNumber() string { return m.keys.LabScreen.Help().Key }

// labInFront tells that the lab is what the session shows.
func (m *model) labInFront() bool {
	_, ok := m.screens.top().(*labScene)
	return ok
}

// openLab brings the lab to the front. The first time it runs at once, slowly.
func (m *model) openLab() tea.Cmd {
	var begun tea.Cmd
	if !m.lab.began {
		begun = m.lab.begin(defaultLanes())
	}
	return tea.Batch(begun, m.showLab())
}

// showLab brings the lab to the front.
func (m *model) showLab() tea.Cmd {
	m.lab.see()
	return m.screens.show(labTitle, m.labNumber(), func(int) (scene, tea.Cmd) {
		return &labScene{labDesk: m.lab, keys: &m.keys, push: m.dialogs.push, open: m.open}, nil
	})
}

// followLab runs after every message: the lab is calm while it is not in front.
func (m *model) followLab() { m.lab.front = m.labInFront() }

// defaultLanes are what a newcomer sees: the herd beside the queue.
func defaultLanes() []lab.Options {
	return []lab.Options{defaultLane(lab.Naive), defaultLane(lab.Fair)}
}

func defaultLane(r lab.Recipe) lab.Options {
	return lab.Options{Recipe: r, Workers: 5, Slots: 2, Hold: time.Second, Think: time.Second, Pace: labSlow}
}

// startLab opens the lab as the program was told to.
func (m *model) startLab(o LabStart) tea.Cmd {
	m.tour.on = false // it has keys that mean something here
	m.lab.here = o.Here && !m.lab.readOnly
	if o.Here && m.lab.readOnly {
		m.say(levelWarn, "This session is read-only: the lab runs on a sandbox of its own")
	}
	lanes := slices.Clone(o.Lanes)
	if len(lanes) == 0 {
		lanes = defaultLanes()
	}
	for i := range lanes {
		lanes[i] = completeLane(lanes[i])
	}
	m.lab.paused = lanes[0].Paused
	cmds := []tea.Cmd{m.lab.begin(lanes[:min(len(lanes), maxLanes)]), m.showLab()}
	if o.Lesson != "" {
		cmds = append(cmds, m.lab.readLessons(o.Lesson))
	}
	return tea.Batch(cmds...)
}

// maxLanes is how many runs fit beside each other.
const maxLanes = 2

// completeLane fills in what is shown before a run tells it.
func completeLane(o lab.Options) lab.Options {
	if o.Recipe == "" {
		o.Recipe = lab.Fair
	}
	if o.Workers == 0 {
		o.Workers = 5
	}
	if o.Slots == 0 {
		o.Slots = 2
	}
	return o
}

// labCommand is :lab, with one or two recipes, or the name of a lesson.
func (m *model) labCommand(arg string) tea.Cmd {
	words := strings.Fields(arg)
	switch {
	case len(words) == 0:
		return m.openLab()
	case words[0] == "lesson":
		cmd := m.openLab()
		if s, ok := m.screens.top().(*labScene); ok && len(words) == 1 {
			return tea.Batch(cmd, s.listLessons())
		}
		return tea.Batch(cmd, m.lab.readLessons(strings.Join(words[1:], " ")))
	}
	var lanes []lab.Options
	for _, w := range words {
		if !slices.Contains(lab.Recipes(), lab.Recipe(w)) {
			m.say(levelWarn, fmt.Sprintf("There is no recipe %s; there are %s", safetext.Clean(w), strings.Join(recipeNames(), ", ")))
			return nil
		}
		o := defaultLane(lab.Recipe(w))
		if s := m.lab.seat(); s != nil {
			o = s.want
			o.Recipe = lab.Recipe(w)
		}
		lanes = append(lanes, o)
	}
	if len(lanes) > maxLanes {
		m.say(levelWarn, "Two recipes fit beside each other, and no more")
		return nil
	}
	m.lab.course = nil
	return tea.Batch(m.lab.begin(lanes), m.showLab())
}

// recipeNames are the names of the recipes.
func recipeNames() []string {
	out := make([]string, 0, len(lab.Recipes()))
	for _, r := range lab.Recipes() {
		out = append(out, string(r))
	}
	return out
}
