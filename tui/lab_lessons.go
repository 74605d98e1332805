package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// listNotes shows all of the commentary of the lane in front that is kept.
func (s *labScene) listNotes() {
	seat := s.seat()
	if seat == nil {
		return
	}
	s.push(newLogDialog("Commentary: "+string(seat.want.Recipe), "nothing has happened yet", nil, func() []logRow {
		rows := make([]logRow, 0, len(seat.snap.Notes))
		for _, n := range seat.snap.Notes {
			rows = append(rows, logRow{text: n.Text, spans: func(st *styles, _ int) []span {
				k, sign := st.labNote(n.Kind)
				return []span{{st.dim, n.At.Format("15:04:05.000") + " "}, {k, sign + " " + n.Text}}
			}})
		}
		return rows
	}))
}

// lessonList asks which lesson is to be given.
type lessonList struct {
	lessons []lab.Lesson
	list    pickList
	keymap  KeyMap
}

var _ dialog = (*lessonList)(nil)

// newLessonList lists lessons, the one that is given selected.
func newLessonList(lessons []lab.Lesson, c *labCourse) *lessonList {
	d := &lessonList{lessons: lessons, keymap: DefaultKeyMap()}
	d.list.n = len(lessons)
	for i, l := range lessons {
		if c != nil && l.Name == c.lesson.Name {
			d.list.sel(i)
		}
	}
	return d
}

func (d *lessonList) title() string   { return "Lessons" }
func (d *lessonList) danger() bool    { return false }
func (d *lessonList) unsaved() string { return "" }

func (d *lessonList) update(msg tea.Msg) (tea.Cmd, bool) {
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case key.Matches(k, dkeys.Close):
		return nil, true
	case key.Matches(k, dkeys.Accept) && len(d.lessons) > 0:
		return tell(lessonChosenMsg{d.lessons[d.list.at]}), true
	default:
		d.list.key(&d.keymap, k)
	}
	return nil, false
}

func (d *lessonList) prefer(maxW, maxH int) (w, h int) {
	return min(maxW, 76), min(maxH, 2*len(d.lessons))
}

func (d *lessonList) render(st *styles, width, height int) ([]string, *tea.Cursor) {
	var out []string
	d.list.resize(max(height/2, 1))
	for i := d.list.top; i < len(d.lessons) && len(out) < height; i++ {
		l, bar := d.lessons[i], "  "
		if i == d.list.at {
			bar = st.bar + " "
		}
		var own []span
		if l.File != "" {
			own = []span{{st.dim, safetext.TruncateLeft(safetext.Clean(l.File), width/2)}}
		}
		out = append(out, st.line(width, i == d.list.at, []span{{st.accent, bar}, {st.bold, safetext.CleanLine(l.Title)}}, own))
		if len(out) < height {
			out = append(out, st.line(width, i == d.list.at, []span{{st.dim, "  " + safetext.CleanLine(l.About)}}, nil))
		}
	}
	for len(out) < height {
		out = append(out, st.line(width, false, nil, nil))
	}
	return out, nil
}

func (d *lessonList) keys() []key.Binding {
	return []key.Binding{named(dkeys.ScrollUp, "move"), named(dkeys.Accept, "begin"), dkeys.Close}
}
