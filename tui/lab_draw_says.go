package tui

import (
	"fmt"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

// headRows name the recipe of a lane, say how the run stands and what it is like, and
// where it runs.
func (d *labDrawing) headRows() []string {
	st, s, p := d.st, &d.look.lanes[d.lane].snap, &d.parts
	name, like := st.bold, ""
	if s.State != "" {
		like = labLike(&s.Options, len(s.Workers))
	}
	if d.lane == d.front {
		name = st.title
	}
	left := []span{{st.text, " "}, {name, safetext.CleanLine(string(s.Options.Recipe))}, {st.text, "  " + s.Options.Recipe.About()}}
	var beside, below []span
	switch where := []span{{st.dim, d.look.where + " "}}; {
	case d.lane != p.whereIn:
	case p.whereBelow:
		below = where
	default:
		beside = where
	}
	rows := []string{
		st.line(d.width, false, left, append(d.state(s), span{st.text, " "})),
		st.line(d.width, false, []span{{st.dim, " " + like}}, beside),
		st.line(d.width, false, nil, below),
	}
	return rows[:p.head+p.gap]
}

// placeWhere finds the room for where all that is: beside what the last of the lanes is
// like, or the one before it, or else below.
func (d *labDrawing) placeWhere(first int, beside []labLane) {
	p := &d.parts
	p.whereIn, p.whereBelow = first+len(beside)-1, p.gap > 0
	for i := len(beside) - 1; i >= 0; i-- {
		s := &beside[i].snap
		if safetext.Width(labLike(&s.Options, len(s.Workers)))+safetext.Width(d.look.where)+3 <= d.width {
			p.whereIn, p.whereBelow = first+i, false
			return
		}
	}
}

// state says how a run stands.
func (d *labDrawing) state(s *lab.Snapshot) []span {
	st := d.st
	switch {
	case s.State == "" && d.look.lanes[d.lane].why != "":
		return []span{{st.bad, st.ring + " not running"}}
	case s.State == lab.Running && s.Options.Pace > 0:
		return []span{{st.good, st.bullet + " slow"}, {st.dim, ", " + labTime(s.Options.Pace)}}
	case s.State == lab.Running:
		return []span{{st.good, st.bullet + " running"}}
	case s.State == lab.Paused:
		return []span{{st.lit, st.half + " paused"}}
	case s.State == lab.Ended:
		return []span{{st.bad, st.ring + " ended"}}
	}
	return []span{{st.dim, st.dotted + " starting"}}
}

// labLike says what a run is like.
func labLike(o *lab.Options, workers int) string {
	parts := []string{plural(workers, "worker", "workers")}
	if o.Recipe == lab.Semaphore && o.Slots > 0 {
		parts = append(parts, plural(o.Slots, "place", "places"))
	}
	parts = append(parts, "hold "+labTime(o.Hold), "think "+labTime(o.Think))
	if o.Unfenced {
		parts = append(parts, "tokens unchecked")
	}
	if o.Persistent && o.Recipe == lab.Single {
		parts = append(parts, "persistent")
	}
	return strings.Join(parts, ", ")
}

// labTime writes a time that somebody has chosen.
func labTime(t time.Duration) string {
	switch {
	case t == 0:
		return "0"
	case t%time.Second == 0:
		return fmt.Sprintf("%d s", t/time.Second)
	case t < time.Millisecond:
		return fmt.Sprintf("%d µs", t/time.Microsecond)
	}
	return fmt.Sprintf("%d ms", t/time.Millisecond)
}

// labSaying is a sentence of what is to be known here and now.
type labSaying struct {
	ink  ink
	text string
}

// says are the rows with what is wrong in a lane, and what comes next. Where there is
// more to say than room, the last row counts it.
func (d *labDrawing) says(s *lab.Snapshot) []string {
	type row struct {
		saying labSaying
		at     int // of which saying
	}
	var rows []row
	all := d.sayings(s)
	for i, x := range all {
		for j, l := range wrapWords(x.text, max(d.width-2, 1)) {
			if j > 0 {
				l = "  " + l
			}
			rows = append(rows, row{labSaying{x.ink, " " + l}, i})
		}
	}
	var out []string
	for i, r := range rows[:min(len(rows), d.parts.says)] {
		left, right := []span{{r.saying.ink, r.saying.text}}, []span(nil)
		if more := len(all) - 1 - r.at; i == d.parts.says-1 && len(rows) > d.parts.says {
			if rows[i+1].at == r.at { // the sentence goes on
				left[0].text += " " + d.st.ellipsis
			}
			if more > 0 {
				right = []span{{d.st.warn, fmt.Sprintf("and %d more ", more)}}
			}
		}
		out = append(out, d.st.line(d.width, false, left, right))
	}
	return d.st.fill(out, d.width, d.parts.says)
}

// sayings are those sentences, the worst first.
func (d *labDrawing) sayings(s *lab.Snapshot) []labSaying {
	st := d.st
	var out []labSaying
	say := func(k ink, sign, text string) { out = append(out, labSaying{k, sign + " " + text}) }
	if s.Err != nil {
		say(st.danger, st.warnSign, upper(sentence(safetext.CleanLine(s.Err.Error()))))
	}
	if why := d.look.lanes[d.lane].why; why != "" && s.State != "" {
		say(st.warn, st.warnSign, why)
	}
	if text := d.twoHolders(s); text != "" {
		say(st.danger, st.warnSign, text)
	}
	spots := labSpots(s)
	for i := range spots {
		w := spots[i].worker
		if spots[i].orphan() {
			z := spots[i].znode
			say(st.bad, st.cross, fmt.Sprintf("%s was not told of %s: nobody gets past that while the session lives", labName(z.Worker), safetext.CleanLine(z.Name)))
		}
		if w == nil {
			continue
		}
		has := "in the queue"
		if spots[i].turn() || w.State == lab.Holding {
			has = "with the lock"
		}
		name, left := labName(w.N), labLeft(w, d.now)
		ends := "its session is about to end"
		if left != "" {
			ends = "its session ends in " + left
		}
		switch {
		case w.State == lab.Crashed:
			say(st.bad, st.cross, fmt.Sprintf("%s crashed %s: %s", name, has, ends))
		case w.Frozen && left == "" && w.State != lab.Holding:
			say(st.warn, st.half, name+" is frozen: its session is over, and it does not know")
		case w.Frozen && left != "":
			say(st.warn, st.half, fmt.Sprintf("%s is frozen %s: %s", name, has, ends))
		case w.State == lab.Gone:
			say(st.bad, st.cross, name+" is gone, and its znode stays: nobody gets past it")
		case w.State == lab.GivenUp:
			say(st.warn, st.ring, name+" gave up, and its znode stays: nobody gets past it")
		case spots[i].apart():
			say(st.warn, st.dotted, fmt.Sprintf("%s lost its connection %s: %s", name, has, ends))
		}
	}
	if s.Next != "" {
		say(st.accent, st.arrow, "next: "+s.Next)
	}
	return out
}

// twoHolders says who believes to hold the lock where more do than may.
func (d *labDrawing) twoHolders(s *lab.Snapshot) string {
	n, tooMany := labHolders(s)
	if !tooMany {
		return ""
	}
	if s.Options.Recipe == lab.NoLock {
		return fmt.Sprintf("%d work at the same time: nobody has asked, and updates are lost", n)
	}
	var has, believe []string
	for _, p := range labSpots(s) {
		switch w := p.worker; {
		case w == nil || w.State != lab.Holding:
		case p.turn():
			has = append(has, labName(w.N))
		case w.Frozen:
			believe = append(believe, "frozen "+labName(w.N))
		default:
			believe = append(believe, labName(w.N))
		}
	}
	many := comma(n)
	if words := []string{"no", "one", "two", "three", "four", "five"}; n < len(words) {
		many = words[n]
	}
	if len(has) == 0 {
		return many + " holders: " + strings.Join(believe, ", ") + " believe that they have the lock"
	}
	parts := []string{strings.Join(has, ", ") + " " + word(len(has), "has", "have") + " the lock"}
	if len(believe) > 0 {
		parts = append(parts, strings.Join(believe, ", ")+" "+word(len(believe), "believes it has", "believe they have"))
	}
	return many + " holders: " + strings.Join(parts, ", ")
}
