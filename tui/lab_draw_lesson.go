package tui

import (
	"fmt"
	"strings"
)

// labLessonLook is what the pane of a lesson shows. Its texts are safe.
type labLessonLook struct {
	title string // of the lesson
	place string // which step, of how many
	head  string // of the step
	text  string // of the step
	look  string // where to look
	// until says that the step waits for something to be seen; seen, that it was.
	until, seen bool
	// question, answer and try end a lesson; answer is empty while it is hidden.
	question, answer, try string
}

// labLessonRows draws the pane of a lesson, at most height rows of it.
func (st *styles) labLessonRows(l *labLessonLook, width, height int) []string {
	p := page{st: st, width: width}
	p.lines = append(p.lines, st.line(width, false, []span{{st.title, " " + l.title}}, []span{{st.dim, l.place + " "}}))
	airy := height >= labRoomy
	gap := func() {
		if airy {
			p.blank()
		}
	}
	say := func(k ink, text string) {
		if text != "" {
			gap()
			for _, para := range strings.Split(strings.TrimSpace(text), "\n") {
				p.indent(k, strings.TrimSpace(para), 1)
			}
		}
	}
	if l.head != "" {
		say(st.bold, l.head)
	}
	say(st.text, l.text)
	if l.look != "" {
		say(st.accent, st.arrow+" "+l.look)
	}
	switch {
	case l.seen:
		say(st.good, st.bullet+" seen")
	case l.until:
		say(st.dim, st.ring+" not seen yet")
	}
	say(st.bold, l.question)
	say(st.text, l.answer)
	if l.try != "" {
		say(st.accent, "Try: "+l.try)
	}
	if over := len(p.lines) - height; over > 0 {
		p.lines = p.lines[:height]
		p.lines[height-1] = st.line(width, false, []span{{st.dim, fmt.Sprintf(" %s %s more", st.ellipsis, plural(over+1, "line", "lines"))}}, nil)
	}
	return p.lines
}
