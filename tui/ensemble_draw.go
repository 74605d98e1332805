package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
)

// boardRoomy is the height from which blank lines set the parts of the board apart.
const boardRoomy = 16

func (b *ensembleBoard) render(st *styles, width, height int, now time.Time) ([]string, *tea.Cursor) {
	b.hits = b.hits[:0]
	switch s := b.seat(); {
	case b.wizard != nil:
		return b.wizard.render(st, width, height, now)
	case b.logs != nil:
		return b.logs.render(st, width, height)
	case s == nil:
		return b.nothing(st, width, height), nil
	default:
		return b.ensemble(st, s, width, height, now), nil
	}
}

// nothing says what can be done where there is no ensemble.
func (b *ensembleBoard) nothing(st *styles, width, height int) []string {
	p := page{st: st, width: width - 2}
	roomy := height >= boardRoomy
	if roomy {
		p.blank()
	}
	switch {
	case b.desk.err != nil:
		p.say(st.bad, "The ensembles cannot be read: "+safetext.CleanLine(b.desk.err.Error()))
	case !b.desk.listed:
		p.say(st.dim, "looking for ensembles "+st.ellipsis)
	default:
		p.say(st.bold, "There is no ensemble on this machine yet.")
		if roomy {
			p.blank()
		}
		p.add(span{st.accent, b.keys.NewEnsemble.Help().Key}, span{st.text, "  launches one: a few questions, and Enter all the way gives 3 servers."})
		if roomy {
			p.blank()
		}
		p.say(st.dim, "They are real ZooKeeper servers, on 127.0.0.1 only. Kill the leader and see another elected, pause one, wipe one, "+
			"add and remove them, read their logs, and open the tree on them. They run on when zkdeck ends, until you stop them.")
	}
	b.orphanNote(&p)
	lines, _ := p.fit(height)
	for i := range lines {
		lines[i] = " " + lines[i] + " "
	}
	return lines
}

// orphanNote says which processes belong to no ensemble.
func (b *ensembleBoard) orphanNote(p *page) {
	for _, o := range b.desk.orphans {
		p.say(p.st.warn, p.st.warnSign+" "+safetext.CleanLine(o))
	}
}

// ensemble draws the ensemble in front: what it is, its servers, what there is to say
// of the selected one, and what has happened. What matters least goes first when there
// is little room.
func (b *ensembleBoard) ensemble(st *styles, s *ensembleSeat, width, height int, now time.Time) []string {
	if s.sel == 0 {
		b.settle(s)
	}
	roomy := height >= boardRoomy
	var rows []string
	if len(b.desk.seats) > 1 && height > 5 {
		rows = append(rows, b.tabs(st, s, width))
	}
	rows = append(rows, b.head(st, s, width, roomy)...)
	rows = append(rows, b.notes(st, s, width, height-len(rows))...)
	if s.unit == nil {
		return st.fill(rows, width, height)
	}
	servers := s.servers()
	below := min(max(height-len(rows)-len(servers)-boolInt(roomy)*4, 0), height/2)
	c := serverColumnsAt(width)
	if roomy {
		rows = append(rows, st.line(width, false, nil, nil))
	}
	if height >= 8 {
		rows = append(rows, st.serverHeadings(c, width))
	}
	room := max(min(len(servers), height-len(rows)-min(below, 3)), 1)
	if room != s.list.height {
		s.list.resize(room)
	}
	for i := s.list.top; i < min(s.list.top+room, len(servers)); i++ {
		b.hits = append(b.hits, boardHit{y: len(rows), to: width, id: servers[i].ID})
		rows = append(rows, st.serverRow(s, servers[i], c, width, servers[i].ID == s.sel, now))
	}
	if v, ok := s.server(s.sel); ok && height-len(rows) > 0 {
		if roomy {
			rows = append(rows, st.line(width, false, nil, nil))
		}
		most := height - len(rows)
		if most > 6 {
			most = max(most/2, 6)
		}
		rows = append(rows, st.serverFacts(s, v, width, most, now)...)
	}
	if roomy && len(s.events) > 0 && height-len(rows) > 1 {
		rows = append(rows, st.line(width, false, nil, nil))
	}
	return st.fill(append(rows, st.eventRows(s.events, width, height-len(rows))...), width, height)
}

// tabs names the ensembles, each with how it stands; the one in front is always seen.
func (b *ensembleBoard) tabs(st *styles, front *ensembleSeat, width int) string {
	var spans []span
	x, seen := 0, false
	for _, s := range b.desk.seats {
		sign, k := s.sign(st)
		ink := st.dim
		if s == front {
			ink = st.title
		}
		name := safetext.Truncate(s.clean(), max(width/3, 8))
		part := []span{{st.text, " "}, {k, sign + " "}, {ink, name}, {st.text, "  "}}
		w := spansWidth(part)
		if x+w > width {
			if seen {
				break
			}
			spans, x = nil, 0 // those before give way
			b.hits = b.hits[:0]
		}
		seen = seen || s == front
		b.hits = append(b.hits, boardHit{y: 0, from: x, to: x + w, seat: s.name})
		spans = append(spans, part...)
		x += w
	}
	return st.line(width, false, spans, nil)
}

// head says what the ensemble is and whether it serves.
func (b *ensembleBoard) head(st *styles, s *ensembleSeat, width int, roomy bool) []string {
	voters := s.plan.Voters()
	servers := plural(voters, "server", "servers")
	if n := len(s.plan.Members) - voters; n > 0 {
		servers += ", " + plural(n, "observer", "observers")
	}
	sign, k := s.sign(st)
	name := max(width/3, 8)
	if width < 60 {
		name = 12
	}
	parts := [][]span{{{st.bold, safetext.Truncate(s.clean(), name)}}}
	if width >= 60 && s.unit != nil {
		parts = append(parts, []span{{st.text, servers}})
	}
	state := sign + " " + s.quorumText()
	if width < 60 {
		state = sign + " " + s.quorumShort()
	}
	parts = append(parts, []span{{k, state}})
	limit := 1
	if roomy {
		limit = 2
	}
	if s.unit != nil {
		parts = append(parts, []span{{st.text, safetext.Truncate(s.plan.Connect(), max(width-2, 8))}})
	}
	if s.plan.Temp {
		parts = append(parts, []span{{st.dim, "temporary"}})
	}
	return st.flow(width, limit, parts)
}

// sign is the glyph of an ensemble's state.
func (s *ensembleSeat) sign(st *styles) (string, ink) {
	switch {
	case s.err != nil:
		return st.warnSign, st.bad
	case s.status.At.IsZero():
		return st.dotted, st.dim
	case s.status.Quorum:
		return st.bullet, st.good
	case s.running() == 0:
		return st.ring, st.dim
	case s.starting():
		return st.dotted, st.accent
	}
	return st.warnSign, st.bad
}

// starting tells that a quorum is about to form for the first time since all were down.
func (s *ensembleSeat) starting() bool {
	return !s.served && !s.status.Quorum && s.running() >= s.plan.Quorum() && s.running() == len(s.status.Servers)
}

// quorumText says whether the ensemble serves, and what it lacks if not.
func (s *ensembleSeat) quorumText() string {
	t := s.status
	needed, able := fmt.Sprintf("%d of %d needed", t.Need, t.Voters), s.able()
	switch {
	case s.err != nil:
		return "cannot be opened"
	case t.At.IsZero():
		return "not looked at yet"
	case s.running() == 0:
		return "stopped"
	case t.Quorum && t.Voters == 1:
		return "serves"
	case t.Quorum:
		return fmt.Sprintf("quorum: %s, %d %s up", needed, t.Up, word(t.Up, "is", "are"))
	case s.starting():
		return fmt.Sprintf("starting: %s, %d %s", needed, t.Up, word(t.Up, "serves", "serve"))
	case able >= t.Need:
		return "no quorum: electing a leader"
	}
	return fmt.Sprintf("no quorum: %s, %d %s up", needed, able, word(able, "is", "are"))
}

// able is how many voting servers do something, and could be part of a quorum.
func (s *ensembleSeat) able() int {
	n := 0
	for _, v := range s.status.Servers {
		n += boolInt(!v.Observer && v.State != ensemble.Exited && v.State != ensemble.Hung)
	}
	return n
}

// quorumShort is quorumText where there is little room.
func (s *ensembleSeat) quorumShort() string {
	t := s.status
	if t.At.IsZero() || s.err != nil || s.running() == 0 || t.Quorum && t.Voters == 1 {
		return s.quorumText()
	}
	switch {
	case t.Quorum:
		return fmt.Sprintf("%d up, %d needed", t.Up, t.Need)
	case s.starting():
		return fmt.Sprintf("starting, %d of %d", t.Up, t.Need)
	case s.able() >= t.Need:
		return "no quorum: electing"
	}
	return fmt.Sprintf("no quorum: %d up, %d needed", s.able(), t.Need)
}

// notes are what is wrong with the ensemble as a whole, and what is being done to it.
func (b *ensembleBoard) notes(st *styles, s *ensembleSeat, width, room int) []string {
	p := page{st: st, width: width - 2}
	if s.err != nil {
		p.say(st.bad, upper(sentence(safetext.CleanLine(s.err.Error()))))
	}
	if b.desk.err != nil {
		p.say(st.bad, "The ensembles cannot be read: "+safetext.CleanLine(b.desk.err.Error()))
	}
	for _, o := range s.ops {
		if len(o.ids) > 0 {
			continue // its row says so
		}
		text := st.dotted + " " + s.clean() + " is " + o.verb.doing
		if o.progress != "" {
			text += ": " + safetext.CleanLine(o.progress)
		}
		p.say(st.accent, text+" "+st.ellipsis)
	}
	b.orphanNote(&p)
	var rows []string
	for _, l := range p.lines[:min(len(p.lines), max(room-2, 0))] {
		rows = append(rows, " "+l+" ")
	}
	return rows
}

// eventRows are the last events that have room, the newest last.
func (st *styles) eventRows(events []ensemble.Event, width, room int) []string {
	var rows []string
	for _, e := range events[max(len(events)-max(room, 0), 0):] {
		rows = append(rows, st.line(width, false, append([]span{{st.text, " "}}, st.eventSpans(e)...), nil))
	}
	return rows
}

// eventSpans are an event in a line.
func (st *styles) eventSpans(e ensemble.Event) []span {
	k := st.text
	switch e.Kind {
	case "leader", "quorum-back":
		k = st.good
	case "quorum-lost", "failed":
		k = st.bad
	case "exited", "killed":
		k = st.warn
	}
	return []span{{st.dim, clock(e.At) + "  "}, {k, safetext.CleanLine(e.Text)}}
}

// ago says how long ago something was.
func ago(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return value.Age(now.Sub(at)) + " ago"
}
