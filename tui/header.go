package tui

import (
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// header is line 1: the truth about the connection.
type header struct {
	name    string // profile or connect string
	sandbox bool
	status  zkview.Status
	rtt     time.Duration // the round trip on screen; see calm
}

// update takes a new status.
func (h *header) update(s zkview.Status) {
	h.status = s
	h.rtt = calm(h.rtt, s.RTT)
}

// calm returns the round trip to show: was, unless now differs by half or more.
// A figure that flickers with every ping would repaint an idle screen.
func calm(was, now time.Duration) time.Duration {
	if was == 0 || now > was+was/2 || now < was/2 {
		return now
	}
	return was
}

// render draws the line. What matters least goes first when it is narrow: the
// watch count, then the round trip, then the version, then the name.
func (h *header) render(st *styles, width int, now time.Time) string {
	s := h.status
	var right []span
	if s.ReadOnly {
		right = []span{{st.danger, "READ-ONLY "}}
	}
	state := h.state(st, now)
	parts := [][]span{ // from the least to the most important
		{{st.dim, fmt.Sprintf("  %d %s", s.Watches, word(s.Watches, "watch", "watches"))}},
		{{st.dim, "  " + roundTrip(h.rtt)}},
		{{st.dim, " " + s.Version}},
		{{st.dim, " " + s.Mode}},
	}
	if s.State != zkview.Connected || h.rtt == 0 {
		parts[1] = nil
	}
	if s.State != zkview.Connected {
		parts[0], parts[2], parts[3] = nil, nil, nil
	}
	if s.Version == "" {
		parts[2] = nil
	}
	if s.Mode == "" {
		parts[3] = nil
	} else if s.Mode == "read-only" || s.ServerReadOnly {
		parts[3] = []span{{st.warn, " read-only server"}}
	}
	server := span{st.text, "  " + safetext.Clean(s.Server)}
	if s.State != zkview.Connected || s.Server == "" {
		server.text = ""
	}
	name := span{st.bold, "  " + safetext.Clean(h.name)}
	var mark span
	if h.sandbox {
		mark = span{st.accent, "  sandbox"}
	}
	if h.name == s.Server || h.sandbox && h.name == "sandbox" {
		name.text = ""
	}
	for cut := 0; ; cut++ {
		left := []span{{st.title, " zkdeck"}, mark, name, {st.text, "  "}}
		left = append(left, state...)
		left = append(left, server)
		for i := 3; i >= 0; i-- { // server, mode, version, round trip, watches
			if i >= cut {
				left = append(left, parts[i]...)
			}
		}
		if spansWidth(left)+spansWidth(right) < width || cut > len(parts) {
			return st.line(width, false, left, right)
		}
		if cut == len(parts) && name.text != "" {
			name.text = "  " + safetext.Truncate(safetext.Clean(h.name), 16)
		}
	}
}

// state is glyph and words for where the session stands.
func (h *header) state(st *styles, now time.Time) []span {
	s := h.status
	since := now.Sub(s.Since)
	switch s.State {
	case zkview.Connected:
		return []span{{st.good, st.bullet + " connected"}, {st.dim, minutes(since)}}
	case zkview.Suspended:
		text := fmt.Sprintf("%s suspended %s", st.half, seconds(since))
		if left := s.Deadline.Sub(now); left > 0 {
			text += fmt.Sprintf(", session lives %s more", seconds(left))
		} else if !s.Deadline.IsZero() {
			text += ", session is likely gone"
		}
		return []span{{st.warn, text}}
	case zkview.Expired:
		return []span{{st.bad, st.ring + " expired"}, {st.dim, " " + seconds(since) + " ago"}}
	case zkview.Closed:
		return []span{{st.bad, st.ring + " closed"}}
	default:
		text := st.dotted + " connecting"
		if s.Trying != "" {
			text += " to " + safetext.Clean(s.Trying)
		}
		if s.Servers > 1 && s.Attempt > 0 {
			text += fmt.Sprintf(" (%d of %d)", s.Attempt, s.Servers)
		}
		return []span{{st.warn, text}}
	}
}

// why is what the message line says while there is no connection.
func (h *header) why() string {
	s := h.status
	if s.State == zkview.Connected || s.Why == "" {
		return ""
	}
	return upper(s.Why)
}

// old tells that what is shown was read over a connection that is gone.
func (h *header) old() bool {
	return h.status.State != zkview.Connected && h.status.Generation > 0
}

// nextChange is how long the text of the line stays true while nothing happens.
func (h *header) nextChange(now time.Time) time.Duration {
	since := now.Sub(h.status.Since)
	if h.status.State == zkview.Connected {
		return time.Minute - since%time.Minute
	}
	return time.Second - since%time.Second
}

// minutes is an age in whole minutes, empty below one: it changes once a minute.
func minutes(d time.Duration) string {
	switch {
	case d < time.Minute:
		return ""
	case d < time.Hour:
		return fmt.Sprintf(" %dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf(" %dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf(" %dd", int(d.Hours())/24)
	}
}

func seconds(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int((d+time.Second/2)/time.Second))
	}
	return strings.TrimSpace(minutes(d))
}

// roundTrip prints a round trip with as many digits as mean something.
func roundTrip(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 1:
		return "<1 ms"
	case ms < 10:
		return fmt.Sprintf("%.1f ms", ms)
	default:
		return fmt.Sprintf("%.0f ms", ms)
	}
}

func word(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
