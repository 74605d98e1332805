package lab

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"zkdeck/internal/safetext"
)

// maxSteps bounds a lesson.
const maxSteps = 100

// check holds what the decoder cannot know, and parses the actions. With an error comes
// the YAML path of what is to blame.
func (l *Lesson) check() (path string, err error) {
	switch {
	case strings.TrimSpace(l.Title) == "":
		return "$.title", errors.New("a lesson needs a title")
	case len(l.Steps) == 0:
		return "$.steps", errors.New("a lesson needs steps")
	case len(l.Steps) > maxSteps:
		return "$.steps", fmt.Errorf("a lesson has %d steps at most; make two of it", maxSteps)
	case len(l.Steps[0].Lanes) == 0:
		return "$.steps[0]", errors.New("the first step needs lanes, such as: lanes: [{recipe: fair, workers: 5}]")
	}
	type text struct{ at, says string }
	texts := []text{{"$.question", l.Question}, {"$.answer", l.Answer}, {"$.try", l.Try}}
	lanes := 0
	for i := range l.Steps {
		s := &l.Steps[i]
		at := fmt.Sprintf("$.steps[%d]", i)
		texts = append(texts, text{at + ".text", s.Text}, text{at + ".look", s.Look})
		if len(s.Lanes) > 0 {
			lanes = len(s.Lanes)
		}
		if path, err := s.check(at, lanes); err != nil {
			return path, err
		}
	}
	for _, t := range texts {
		for _, name := range keyName.FindAllString(t.says, -1) {
			if !slices.Contains(LessonKeys, strings.Trim(name, "{}")) {
				return t.at, fmt.Errorf("no key is called %s; there are {%s}", name, strings.Join(LessonKeys, "} {"))
			}
		}
	}
	return "", nil
}

// check holds a step against the lanes that are there in it.
func (s *LessonStep) check(at string, lanes int) (path string, err error) {
	if strings.TrimSpace(s.Text) == "" {
		return at, errors.New("a step needs a text")
	}
	if len(s.Lanes) > maxLanes {
		return at + ".lanes", fmt.Errorf("%d lanes stand side by side at most", maxLanes)
	}
	for i := range s.Lanes {
		if err := s.Lanes[i].check(); err != nil {
			return fmt.Sprintf("%s.lanes[%d]", at, i), err
		}
	}
	for i := range s.Do {
		a, err := ParseAction(s.Do[i].text)
		if err == nil && a.Lane > lanes {
			err = fmt.Errorf("%s: there is no lane %d in this step", a, a.Lane)
		}
		if err != nil {
			return fmt.Sprintf("%s.do[%d]", at, i), err
		}
		s.Do[i] = a
	}
	clauses, err := s.Until.parse()
	for _, c := range clauses {
		if c.lane > lanes {
			err = fmt.Errorf("%s: there is no lane %d in this step", s.Until, c.lane)
		}
	}
	if err != nil {
		return at + ".until", err
	}
	return "", nil
}

// check finds what no run can be started with.
func (s *Setup) check() error {
	if s.Recipe != "" && !slices.Contains(Recipes(), s.Recipe) {
		return fmt.Errorf("there is no recipe %q; there are %s", string(s.Recipe), recipeNames())
	}
	if s.Workers < 0 || s.Workers > MaxWorkers {
		return fmt.Errorf("%d workers: a number from 1 to %d is wanted", s.Workers, MaxWorkers)
	}
	if s.Slots < 0 || s.Slots > MaxWorkers {
		return fmt.Errorf("%d slots: a number from 1 to %d is wanted", s.Slots, MaxWorkers)
	}
	for name, d := range map[string]time.Duration{"hold": s.Hold, "think": s.Think, "pace": s.Pace} {
		if d < 0 || d > maxLessonTime {
			return fmt.Errorf("%s %s: a time from 0s to %s is wanted", name, d, maxLessonTime)
		}
	}
	return nil
}

// clean makes all that is shown safe to print.
func (l *Lesson) clean() {
	for _, s := range []*string{&l.Title, &l.About} {
		*s = safetext.CleanLine(strings.TrimSpace(*s))
	}
	for _, s := range []*string{&l.Question, &l.Answer, &l.Try} {
		*s = safetext.CleanBlock(strings.TrimSpace(*s))
	}
	for i := range l.Steps {
		s := &l.Steps[i]
		s.Title, s.Look = safetext.CleanLine(strings.TrimSpace(s.Title)), safetext.CleanLine(strings.TrimSpace(s.Look))
		s.Text = safetext.CleanBlock(strings.TrimSpace(s.Text))
	}
}
