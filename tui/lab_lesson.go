package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// labPatience is how long a lesson waits for somebody to do its action to, such as a
// holder, before it says that there is none.
const labPatience = 5 * time.Second

// lessonsReadMsg are the lessons that there are; want is the name of the one to begin
// with.
type lessonsReadMsg struct {
	lessons []lab.Lesson
	errs    []error
	want    string
}

// lessonChosenMsg begins a lesson.
type lessonChosenMsg struct{ lesson lab.Lesson }

// labCourse is a lesson that is being given: a page a step, then the question, then
// the answer.
type labCourse struct {
	lesson lab.Lesson
	at     int
	met    bool // what the step is about was to be seen
	todo   []lessonDue
}

// lessonDue is an action in a lane that has yet to be done.
type lessonDue struct {
	action lab.Action
	lane   int
	until  time.Time // it is given up then; zero: it was not tried yet
}

// readLessons reads the lessons aside.
func (d *labDesk) readLessons(want string) tea.Cmd {
	dir := d.lessons
	return d.call(func() tea.Msg {
		all, errs := lab.Lessons(dir)
		return lessonsReadMsg{all, errs, want}
	})
}

// listLessons asks which lesson is to be given. What is typed until the files are read
// is for that question.
func (s *labScene) listLessons() tea.Cmd {
	dir, given := s.lessons, s.course
	return s.open(func(context.Context) tea.Msg {
		all, errs := lab.Lessons(dir)
		var wrong []tea.Cmd
		for _, err := range errs {
			wrong = append(wrong, flash(levelWarn, err.Error()))
		}
		return pushDialogMsg{func(int) (dialog, tea.Cmd) { return newLessonList(all, given), tea.Batch(wrong...) }}
	})
}

// lessonsRead begins the lesson that is wanted.
func (m *model) lessonsRead(msg lessonsReadMsg) tea.Cmd {
	for _, err := range msg.errs {
		m.say(levelWarn, err.Error())
	}
	if l, ok := lab.FindLesson(msg.lessons, msg.want); ok {
		return m.lab.beginLesson(l)
	}
	var names []string
	for _, l := range msg.lessons {
		names = append(names, safetext.Clean(l.Name))
	}
	m.say(levelWarn, fmt.Sprintf("There is no lesson %s; there are %s", safetext.Clean(msg.want), strings.Join(names, ", ")))
	return nil
}

// beginLesson shows the first page of a lesson.
func (d *labDesk) beginLesson(l lab.Lesson) tea.Cmd {
	d.course = &labCourse{lesson: l}
	return d.turnPage(0)
}

// pages is how many pages the lesson has.
func (c *labCourse) pages() int { return len(c.lesson.Steps) + 2 }

func (c *labCourse) last() bool { return c.at == c.pages()-1 }

// name is the lesson's, safe.
func (c *labCourse) name() string { return safetext.CleanLine(c.lesson.Title) }

// step is the step of the page, nil on those of the question and the answer.
func (c *labCourse) step() *lab.LessonStep {
	if c.at < len(c.lesson.Steps) {
		return &c.lesson.Steps[c.at]
	}
	return nil
}

// lessonKey takes the keys of a lesson while one is given.
func (s *labScene) lessonKey(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	c, k := s.course, s.keys
	switch {
	case c == nil:
		return nil, false
	case key.Matches(msg, k.LessonNext) && c.last(), key.Matches(msg, k.Back):
		s.course = nil
		s.say(levelInfo, "The lesson is over; what runs goes on")
	case key.Matches(msg, k.LessonNext):
		return s.turnPage(c.at + 1), true
	case key.Matches(msg, k.LessonPrev):
		return s.turnPage(c.at - 1), true
	case key.Matches(msg, k.LessonPage):
		s.push(newPageDialog(c.pane(k)))
	default:
		return nil, false
	}
	return nil, true
}

// turnPage goes to a page of the lesson. Its lanes begin anew if it says so; on the way
// back, those of the nearest step before that says so.
func (d *labDesk) turnPage(to int) tea.Cmd {
	c := d.course
	if to < 0 {
		return nil
	}
	back := to < c.at
	c.at, c.met, c.todo = to, false, nil
	step := c.step()
	if step == nil {
		return nil
	}
	for _, a := range step.Do {
		for lane := range maxLanes {
			if a.On(lane + 1) {
				c.todo = append(c.todo, lessonDue{action: a, lane: lane})
			}
		}
	}
	lanes := step.Lanes
	for i := to; back && len(lanes) == 0 && i > 0; i-- {
		lanes = c.lesson.Steps[i-1].Lanes
	}
	if len(lanes) == 0 {
		d.follow()
		return nil
	}
	options := make([]lab.Options, 0, maxLanes)
	for _, s := range lanes[:min(len(lanes), maxLanes)] {
		options = append(options, completeLane(s.Options()))
	}
	d.paused, d.lane = options[0].Paused, 0
	return d.begin(options)
}

// follow does what the step of the lesson asks for, once the runs are there, and sees
// whether what the step is about was to be seen.
func (d *labDesk) follow() {
	c := d.course
	if c == nil || c.step() == nil {
		return
	}
	snaps := make([]lab.Snapshot, 0, len(d.seats))
	for _, s := range d.seats {
		if s.busy || s.run == nil || s.snap.State == lab.Starting {
			return
		}
		snaps = append(snaps, s.snap)
	}
	for len(c.todo) > 0 && d.perform(&c.todo[0]) {
		c.todo = c.todo[1:]
	}
	c.met = c.met || len(c.todo) == 0 && c.step().Until.Met(snaps)
}

// perform does what is due in a lesson. It returns false while there is nobody to do
// it to.
func (d *labDesk) perform(due *lessonDue) bool {
	if due.lane >= len(d.seats) {
		return true
	}
	s := d.seats[due.lane]
	said, err := due.action.Perform(s.run)
	now := d.now()
	switch {
	case errors.Is(err, lab.ErrNotYet) && (due.until.IsZero() || now.Before(due.until)):
		if due.until.IsZero() {
			due.until = now.Add(labPatience)
		}
		return false
	case err != nil:
		d.say(levelWarn, "The lesson could not do this: "+safetext.CleanLine(err.Error()))
	case said != "":
		d.say(levelInfo, upper(safetext.CleanLine(said)))
	}
	s.snap = s.run.Snapshot()
	d.paused = s.snap.State == lab.Paused
	d.settleWants()
	return true
}

// keyNamed is what a lesson calls a key of the lab.
func (k *KeyMap) keyNamed(name string) string {
	b, ok := map[string]key.Binding{
		"next": k.LessonNext, "previous": k.LessonPrev, "run": k.LabRun, "step": k.LabStep, "slower": k.LabSlower, "faster": k.LabFaster,
		"add": k.LabAdd, "kill": k.LabKill, "crash": k.LabCrash, "freeze": k.LabFreeze, "try": k.LabTry, "edit": k.LabSetup,
		"where": k.LabWhere, "reset": k.LabReset, "ensembles": k.EnsemblesScreen, "lab": k.LabScreen,
	}[name]
	if name == "select" {
		return firstKey(k.LabBefore) + " " + firstKey(k.LabAfter)
	}
	if !ok {
		return name
	}
	return firstKey(b)
}

// firstKey is the first of the keys of a binding, as the help names them.
func firstKey(b key.Binding) string {
	first, _, _ := strings.Cut(b.Help().Key, " ")
	return first
}

// pane is what is shown of the lesson now.
func (c *labCourse) pane(k *KeyMap) *labLessonLook {
	say := func(text string) string { return lessonText(lab.WithKeys(text, k.keyNamed)) }
	l := &labLessonLook{title: c.name(), place: fmt.Sprintf("%d of %d", c.at+1, c.pages())}
	if s := c.step(); s != nil {
		l.head, l.text, l.look = say(s.Title), say(s.Text), say(s.Look)
		l.until, l.seen = s.Until != "", c.met
		return l
	}
	l.question = say(c.lesson.Question)
	if c.last() {
		l.answer, l.try = say(c.lesson.Answer), say(c.lesson.Try)
	} else {
		l.answer = k.keyNamed("next") + " shows the answer"
	}
	return l
}

// newPageDialog shows a page of a lesson alone: in front of people, or where the lab
// leaves it little room.
func newPageDialog(l *labLessonLook) dialog {
	return &readDialog{head: l.title + ", " + l.place, lines: func(st *styles, width int) [][]span {
		var rows [][]span
		for _, part := range []struct {
			ink  ink
			text string
		}{
			{st.bold, l.head}, {st.text, l.text}, {st.accent, l.look}, {st.bold, l.question}, {st.text, l.answer}, {st.accent, l.try},
		} {
			for _, p := range strings.Split(part.text, "\n") {
				if p == "" {
					continue
				}
				if len(rows) > 0 {
					rows = append(rows, nil)
				}
				for _, line := range wrapWords(p, max(width, 8)) {
					rows = append(rows, []span{{part.ink, line}})
				}
			}
		}
		return rows
	}}
}

// lessonText is a text of a lesson with a line for each of its paragraphs, safe: how
// wide the lines of the file are says nothing about the screen.
func lessonText(text string) string {
	var paragraphs []string
	for _, p := range strings.Split(text, "\n\n") {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			paragraphs = append(paragraphs, safetext.CleanLine(p))
		}
	}
	return strings.Join(paragraphs, "\n")
}
