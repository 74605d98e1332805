package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
)

// serverColumns are the widths of the columns of the servers; 0 is one that has no
// room.
type serverColumns struct{ word, client, quorum, election, pid, up, zxid, conns, memory, log int }

// serverColumnsAt gives up first what the selected server's facts say as well.
func serverColumnsAt(width int) serverColumns {
	c := serverColumns{word: 11}
	rest := width - 5 - c.word - 1 // edge, id, glyph; a blank at the end
	take := func(column *int, from, cells int) {
		if width >= from && rest >= cells+2 {
			rest -= cells + 2
			*column = cells
		}
	}
	take(&c.client, 40, 6)
	take(&c.up, 40, 9)
	take(&c.pid, 56, 7)
	take(&c.zxid, 70, 12)
	take(&c.conns, 76, 5)
	take(&c.memory, 80, 6)
	take(&c.quorum, 104, 6)
	take(&c.election, 104, 8)
	if width >= 140 {
		take(&c.log, 140, rest-2)
	}
	return c
}

// serverHeadings name the columns.
func (st *styles) serverHeadings(c serverColumns, width int) string {
	text := "  # " + safetext.Pad("  state", c.word+2)
	right := func(word string, cells int) {
		if cells > 0 {
			text += "  " + safetext.PadLeft(word, cells)
		}
	}
	right("client", c.client)
	right("quorum", c.quorum)
	right("election", c.election)
	right("pid", c.pid)
	right("up", c.up)
	right("zxid", c.zxid)
	right("conns", c.conns)
	right("memory", c.memory)
	if c.log > 0 {
		text += "  last log line"
	}
	return st.line(width, false, []span{{st.dim, text}}, nil)
}

// serverWord is what a server does, as glyph and word.
func (st *styles) serverWord(s *ensembleSeat, v ensemble.ServerStatus) (sign, word string, k ink) {
	for _, o := range s.ops {
		if o.shows(v) {
			return st.dotted, o.verb.short(), st.accent
		}
	}
	switch v.State {
	case "":
		return st.dotted, "…", st.dim
	case ensemble.Starting:
		return st.dotted, "starting", st.accent
	case ensemble.Electing:
		return st.half, "electing", st.warn
	case ensemble.Leader, ensemble.Standalone:
		return st.marked, string(v.State), st.good
	case ensemble.Follower:
		return st.bullet, string(v.State), st.good
	case ensemble.Observer:
		return st.bullet, string(v.State), st.text
	case ensemble.Hung:
		if v.Paused {
			return st.half, "paused", st.warn
		}
		return st.warnSign, "hung", st.bad
	case ensemble.Exited:
		return st.exitWord(v.Exit)
	}
	return st.half, safetext.Clean(string(v.State)), st.warn
}

// shows tells whether an operation stands in the place of a server's state.
func (o *ensembleOp) shows(v ensemble.ServerStatus) bool {
	runs := v.State != ensemble.Exited && v.State != ""
	switch {
	case len(o.ids) > 0:
		return o.touches(v.ID)
	case o.verb == verbStart:
		return !runs
	}
	return runs && (o.verb == verbStop || o.verb == verbDown)
}

// exitWord is how a server ended.
func (st *styles) exitWord(e *ensemble.Exit) (sign, word string, k ink) {
	switch {
	case e == nil:
		return st.ring, "not started", st.dim
	case e.Signal == "SIGKILL":
		return st.cross, "killed", st.bad
	case e.ByUs:
		return st.ring, "stopped", st.dim
	}
	return st.cross, "exited", st.bad
}

// short is a verb where there is room for a word.
func (v ensembleVerb) short() string {
	switch v {
	case verbKill:
		return "killing"
	case verbPause:
		return "pausing"
	case verbResume:
		return "resuming"
	case verbWipe:
		return "wiping"
	case verbDown:
		return "stopping"
	}
	return v.doing
}

// serverRow draws a server.
func (st *styles) serverRow(s *ensembleSeat, v ensemble.ServerStatus, c serverColumns, width int, selected bool, now time.Time) string {
	edge := span{st.text, " "}
	if selected {
		edge = span{st.accent, st.bar}
	}
	sign, word, k := st.serverWord(s, v)
	out := []span{edge, {st.bold, safetext.PadLeft(strconv.Itoa(v.ID), 2)}, {st.text, " "}, {k, sign + " "}, {bolder(st, k), safetext.Pad(word, c.word)}}
	cell := func(k ink, text string, cells int) {
		if cells > 0 {
			out = append(out, span{k, "  " + safetext.PadLeft(safetext.Truncate(text, cells), cells)})
		}
	}
	cell(st.text, port(v.Client), c.client)
	cell(st.dim, port(v.Quorum), c.quorum)
	cell(st.dim, port(v.Election), c.election)
	if v.State == ensemble.Exited || v.State == "" {
		if v.Exit != nil {
			out = append(out, span{st.text, "  "}, span{st.text, exitCode(v.Exit)}, span{st.dim, " " + ago(v.Exit.At, now)})
			if v.Exit.Why != "" && !v.Exit.ByUs {
				out = append(out, span{st.warn, "  " + safetext.CleanLine(v.Exit.Why)})
			}
		}
		return st.line(width, selected, out, nil)
	}
	cell(st.dim, strconv.Itoa(v.Pid), c.pid)
	up := ""
	if !v.Started.IsZero() {
		up = value.Clock(now.Sub(v.Started))
	}
	cell(st.text, up, c.up)
	if v.Trouble != "" {
		out = append(out, span{st.warn, "  " + safetext.CleanLine(v.Trouble)})
		return st.line(width, selected, out, nil)
	}
	cell(st.text, safetext.Clean(v.Zxid), c.zxid)
	conns := ""
	if v.State.Serves() {
		conns = comma(v.Conns)
	}
	cell(st.text, conns, c.conns)
	memory := ""
	if v.RSS > 0 {
		memory = value.Size(v.RSS)
	}
	cell(st.dim, memory, c.memory)
	if c.log > 0 {
		out = append(out, span{st.dim, "  " + safetext.CleanLine(v.LastLog)})
	}
	return st.line(width, selected, out, nil)
}

// port writes a port, "" for none.
func port(n int) string {
	if n == 0 {
		return ""
	}
	return ":" + strconv.Itoa(n)
}

// exitCode writes how a process ended: "137 (SIGKILL)", "exit code 2".
func exitCode(e *ensemble.Exit) string {
	switch {
	case e.Code < 0:
		return "ended"
	case e.Signal != "":
		return fmt.Sprintf("%d (%s)", e.Code, safetext.Clean(e.Signal))
	}
	return fmt.Sprintf("exit code %d", e.Code)
}

// serverFacts are what there is to say of the selected server, in at most room rows.
func (st *styles) serverFacts(s *ensembleSeat, v ensemble.ServerStatus, width, room int, now time.Time) []string {
	p := page{st: st, width: width - 2}
	fact := func(k ink, name, text string, most int) {
		if text == "" {
			return
		}
		const label = 10
		lines := wrapWords(text, max(p.width-label, 10))
		if len(lines) > most {
			lines = append(lines[:most-1:most-1], safetext.Truncate(strings.Join(lines[most-1:], " "), max(p.width-label, 10)))
		}
		for _, l := range lines {
			p.add(span{st.dim, safetext.Pad(name, label)}, span{k, l})
			name = ""
		}
	}
	if e := v.Exit; e != nil && v.State == ensemble.Exited {
		how := fmt.Sprintf("Server %d ended, %s, %s", v.ID, exitCode(e), ago(e.At, now))
		if e.ByUs {
			how += ", on request"
		}
		p.say(st.text, how)
		fact(st.bad, "why", safetext.CleanLine(e.Why), 3)
		fact(st.accent, "mend", safetext.CleanLine(e.Mend), 3)
		fact(st.dim, "log", safetext.CleanLine(e.Line), 3)
	}
	if v.State != ensemble.Exited && v.State != "" {
		fact(st.warn, "trouble", safetext.CleanLine(v.Trouble), 3)
		fact(st.text, "last log", safetext.CleanLine(v.LastLog), 2)
	}
	epoch := ""
	if v.Epoch > 0 {
		epoch = fmt.Sprintf("epoch %d", v.Epoch)
	}
	version := safetext.Clean(v.Version)
	if version != "" {
		version = "ZooKeeper " + version
	}
	admin := ""
	if v.Admin != 0 {
		admin = "admin " + port(v.Admin)
	}
	fact(st.dim, "ports", joined("client "+port(v.Client), "quorum "+port(v.Quorum), "election "+port(v.Election), admin), 1)
	fact(st.dim, "runs", joined(version, epoch), 1)
	fact(st.dim, "folder", safetext.TruncateMiddle(safetext.Clean(v.Dir), max(p.width-10, 8)), 1)
	var rows []string
	for _, l := range p.lines[:min(len(p.lines), max(room, 0))] {
		rows = append(rows, " "+l+" ")
	}
	return rows
}
