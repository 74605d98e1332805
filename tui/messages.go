package tui

import (
	"time"

	"zkdeck/internal/safetext"
)

// level is how loud a message is.
type level uint8

const (
	levelInfo level = iota
	levelGood
	levelWarn
	levelBad
)

// messageLife is how long a message stays on its line; bad ones stay longer
// because they take longer to read.
func (l level) life() time.Duration {
	if l >= levelWarn {
		return 10 * time.Second
	}
	return 4 * time.Second
}

// ink is the colour of the level.
func (l level) ink(st *styles) ink {
	switch l {
	case levelGood:
		return st.good
	case levelWarn:
		return st.warn
	case levelBad:
		return st.bad
	default:
		return st.text
	}
}

// message is something that zkdeck said.
type message struct {
	level level
	text  string
	at    time.Time
}

// maxMessages bounds what :messages can show.
const maxMessages = 500

// messages are the line above the footer and its past.
type messages struct {
	past  []message
	until time.Time // when the newest leaves the line
}

// say puts text on the line. The text may hold names and values: it is made
// safe here, once.
func (ms *messages) say(l level, text string, now time.Time) {
	if len(ms.past) == maxMessages {
		ms.past = append(ms.past[:0], ms.past[1:]...)
	}
	ms.past = append(ms.past, message{l, safetext.CleanLine(text), now})
	ms.until = now.Add(l.life())
}

// current is the message on the line at now, if any.
func (ms *messages) current(now time.Time) (message, bool) {
	if len(ms.past) == 0 || !now.Before(ms.until) {
		return message{}, false
	}
	return ms.past[len(ms.past)-1], true
}

// dismiss clears the line.
func (ms *messages) dismiss() { ms.until = time.Time{} }
