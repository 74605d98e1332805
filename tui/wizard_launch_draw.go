package tui

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/config/zoocfg"
	"zkdeck/internal/safetext"
)

func (p *launchPage) render(st *styles, width, height int, now time.Time) ([]string, *tea.Cursor) {
	if p.began.IsZero() {
		p.began = now
	}
	g := page{st: st, width: width}
	until := now
	if !p.ended.IsZero() {
		until = p.ended
	}
	g.lines = append(g.lines, wizardHead(st, width, p.heading(), tenths(until.Sub(p.began))))
	if height >= 12 {
		g.blank()
	}
	p.table(&g, until)
	g.blank()
	from := len(g.lines)
	for _, s := range p.says() {
		g.remark(s, 1)
	}
	p.handOver(&g)
	if p.asks != nil {
		g.blank()
		from = len(g.lines)
		g.question(p.asks, p.why, "", nil, height-len(g.lines))
	}
	g.focusFrom(from)
	return g.fit(height)
}

// heading says what is going on, or how it ended.
func (p *launchPage) heading() string {
	name := safetext.Clean(p.plan.Name)
	switch p.last.step {
	case launchWriting:
		return "Writing " + name
	case launchServing:
		return name + " serves"
	case launchFailed:
		if p.last.made == nil {
			return name + " was not written"
		}
		return name + " does not serve"
	case launchRemoving:
		return "Removing " + name
	case launchRemoved:
		return name + " is removed"
	}
	return "Starting " + name
}

// tenths is a time as it is counted on the screen.
func tenths(d time.Duration) string {
	return strconv.FormatFloat(max(d, 0).Seconds(), 'f', 1, 64) + " s"
}

// table shows each server, what it does, and when it began to serve.
func (p *launchPage) table(g *page, now time.Time) {
	st := g.st
	if p.last.step == launchWriting {
		g.add(span{st.dim, " " + st.dotted + " writing the files below " + safetext.Clean(p.plan.Dir)})
		return
	}
	states := map[int]ensemble.ServerStatus{}
	for _, s := range p.last.status.Servers {
		states[s.ID] = s
	}
	for _, m := range p.plan.Members {
		s := states[m.ID]
		sign, word, k := st.launchState(&s, p.last.turn != 0 && m.ID > p.last.turn)
		left := []span{
			{st.dim, " " + strconv.Itoa(m.ID) + "  "},
			{k, sign + " " + safetext.Pad(word, 11)},
			{st.dim, " :" + safetext.Pad(strconv.Itoa(m.Client), 6)},
		}
		if s.Pid != 0 {
			left = append(left, span{st.dim, "  pid " + safetext.Pad(strconv.Itoa(s.Pid), 8)})
		}
		if at := p.served[m.ID]; !at.IsZero() {
			left = append(left, span{st.text, "  after " + tenths(at.Sub(p.began))})
		} else if s.Pid != 0 && !s.Started.IsZero() {
			left = append(left, span{st.dim, "  for " + tenths(now.Sub(s.Started))})
		}
		g.add(left...)
	}
}

// launchState is what a server does, in a sign, a word and an ink.
func (st *styles) launchState(s *ensemble.ServerStatus, waits bool) (sign, word string, k ink) {
	switch s.State {
	case "":
		return st.dotted, "begins", st.dim
	case ensemble.Starting:
		return st.dotted, "starting", st.accent
	case ensemble.Electing:
		return st.half, "electing", st.warn
	case ensemble.Leader, ensemble.Standalone:
		return st.marked, string(s.State), st.good
	case ensemble.Follower, ensemble.Observer:
		return st.bullet, string(s.State), st.good
	case ensemble.Exited:
		if s.Exit == nil {
			word = "begins"
			if waits {
				word = "waits"
			}
			return st.ring, word, st.dim
		}
		return st.warnSign, "exited", st.bad
	}
	return st.warnSign, safetext.Clean(string(s.State)), st.warn
}

// says is what the page has to say besides the table.
func (p *launchPage) says() []remark {
	s := &p.last.status
	switch p.last.step {
	case launchStarting:
		if n := p.looking(); p.last.turn != 0 && n > 0 && n < p.plan.Quorum() {
			return []remark{saying("Up so far: %d of the %d servers that a quorum takes. Until then \"Cannot open channel\" in their logs is as it should be.", n, p.plan.Quorum())}
		}
		if _, led := s.Leader(); !led && len(s.Servers) > 0 {
			return []remark{saying("Electing a leader: %d of %s must agree.", p.plan.Quorum(), count(p.plan.Voters(), "1", "server", "servers"))}
		}
	case launchRemoving:
		return []remark{saying("Stopping what was started, and deleting the folder.")}
	case launchFailed:
		return p.blame()
	}
	return nil
}

// looking is how many servers look for a leader.
func (p *launchPage) looking() int {
	n := 0
	for _, s := range p.last.status.Servers {
		if s.State == ensemble.Electing {
			n++
		}
	}
	return n
}

// blame says what went wrong, with the line of the log, why, and what to do.
func (p *launchPage) blame() []remark {
	var refused *ensemble.PreflightError
	if errors.As(p.last.err, &refused) {
		var out []remark
		for i := range refused.Findings {
			if f := &refused.Findings[i]; f.Severity == zoocfg.Error {
				out = append(out, remark{levelBad, findingText(f)})
			}
		}
		return out
	}
	id := p.culprit()
	for _, s := range p.last.status.Servers {
		if s.ID == id && s.Exit != nil && p.last.made != nil {
			return exitSays(&s)
		}
		if s.ID == id && s.Trouble != "" {
			return []remark{{levelBad, fmt.Sprintf("Server %d: %s", id, sentence(safetext.CleanLine(s.Trouble)))}}
		}
	}
	if p.last.err == nil {
		return nil
	}
	return []remark{{levelBad, sentence(upper(safetext.CleanLine(p.last.err.Error())))}}
}

// exitSays explains how a server ended.
func exitSays(s *ensemble.ServerStatus) []remark {
	e := s.Exit
	text := fmt.Sprintf("Server %d ended", s.ID)
	switch {
	case e.Signal != "":
		text += " by " + safetext.Clean(e.Signal)
	case e.Code >= 0:
		text += fmt.Sprintf(" with exit code %d", e.Code)
	}
	out := []remark{{levelBad, sentence(text)}}
	if e.Line != "" {
		out = append(out, saying("Its log: %s", safetext.CleanLine(e.Line)))
	}
	for _, more := range []string{e.Why, e.Mend} {
		if more != "" && !strings.HasPrefix(more, "it ended with exit code") {
			out = append(out, saying("%s", sentence(upper(safetext.CleanLine(more)))))
		}
	}
	return out
}

// handOver says how to use what serves.
func (p *launchPage) handOver(g *page) {
	if p.last.step != launchServing || p.mode == startNot {
		return
	}
	st := g.st
	if l, ok := p.last.status.Leader(); ok && len(p.plan.Members) > 1 {
		g.remark(remark{levelGood, fmt.Sprintf("Server %d leads, and all %d serve.", l.ID, len(p.plan.Members))}, 1)
	} else {
		g.remark(remark{levelGood, "It serves."}, 1)
	}
	g.blank()
	g.add(span{st.dim, " Clients connect to"})
	g.indent(st.bold, p.plan.Connect(), 3)
	if p.plan.ZooKeeper.CLI != "" {
		g.add(span{st.dim, " or, in a shell,"})
		g.indent(st.text, safetext.Clean(p.plan.ZooKeeper.CLI)+" -server "+p.plan.Members[0].Addr(), 3)
	}
}

func (p *launchPage) hints() []hint {
	switch {
	case p.asks != nil:
		out := []hint{{dkeys.Accept, "do it"}, {wizardKeys.Choose, "choose"}}
		if p.ended.IsZero() {
			out = append(out, hint{dkeys.Cancel, "go on waiting"})
		}
		return out
	case p.ended.IsZero() && p.last.step <= launchStarting:
		return []hint{{dkeys.Cancel, "stop, or leave it"}}
	case p.ended.IsZero() || p.last.step != launchServing:
		return nil
	}
	return []hint{{dkeys.Accept, "to the board"}, {wizardKeys.Copy, "copy the connect string"}}
}
