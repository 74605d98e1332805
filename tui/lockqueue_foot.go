package tui

import (
	"fmt"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// trouble is a paragraph about what is wrong, and below it the chain of a deadlock.
type trouble struct {
	level level
	text  string
	chain []string
}

// troubles are the deadlocks that the lock is part of, and its warnings.
func (q *lockQueue) troubles() []trouble {
	var out []trouble
	for _, d := range q.dead {
		t := trouble{level: levelBad, text: fmt.Sprintf("Deadlock of %s: none of them can go on. End one of them: stop its client, or delete its contender.", plural(len(d.Chain), "session", "sessions"))}
		for i, w := range d.Chain {
			next := &d.Chain[(i+1)%len(d.Chain)]
			t.chain = append(t.chain, fmt.Sprintf("%s waits in %s for %s", q.waiting(&w), safetext.Clean(w.Lock), q.waiting(next)))
		}
		out = append(out, t)
	}
	for _, w := range q.view.Warnings {
		if w.Code == "deadlock" && len(q.dead) > 0 {
			continue // its chain says more
		}
		l := levelWarn
		switch w.Code {
		case lockctl.WarnMixed, lockctl.WarnEqualSequence, lockctl.WarnMayHoldTogether, lockctl.WarnOverLimit:
			l = levelBad // exclusion may be lost
		}
		out = append(out, trouble{level: l, text: safetext.CleanLine(w.Text)})
	}
	return out
}

// waiting names a session of a deadlock.
func (q *lockQueue) waiting(w *lockctl.Wait) string {
	id, address := safetext.CleanLine(w.Identity), safetext.CleanLine(w.Address)
	who := "session " + zxid(w.Session)
	switch {
	case id != "" && address != "":
		who = id + " @ " + address
	case id != "" || address != "":
		who = id + address
	}
	if q.ours(w.Session) {
		return "you (" + who + ")"
	}
	return who
}

// troubleLines breaks paragraphs into lines of at most width cells, with the signs of
// the styles.
func troubleLines(st *styles, list []trouble, width int) [][]span {
	var rows [][]span
	for _, t := range list {
		for i, l := range wrapWords(t.text, max(width-4, 1)) {
			sign := "   "
			if i == 0 {
				sign = " " + st.warnSign + " "
			}
			rows = append(rows, []span{{t.level.ink(st), sign + l}})
		}
		for i, c := range t.chain {
			sign := st.midBranch
			if i == len(t.chain)-1 {
				sign = st.lastBranch
			}
			for _, l := range wrapWords(c, max(width-6, 1)) {
				rows = append(rows, []span{{st.dim, "   " + sign + " "}, {st.text, l}})
				sign = " "
			}
		}
	}
	return rows
}

// foot draws what is wrong below a rule, in at most limit rows; the last says that
// there is more, which a key shows.
func (q *lockQueue) foot(st *styles, width, limit int) []string {
	list := q.troubles()
	if len(list) == 0 || limit < 2 {
		return nil
	}
	lines := troubleLines(st, list, width)
	rest := len(lines)+1 > limit
	if rest {
		lines = lines[:max(limit-2, 0)]
	}
	rows := []string{st.hrule(width, 0, "")}
	for _, l := range lines {
		rows = append(rows, st.line(width, false, l, nil))
	}
	if rest {
		text := fmt.Sprintf(" %s %s in all", st.ellipsis, plural(len(list), "warning", "warnings"))
		rows = append(rows, st.line(width, false, []span{{st.dim, text}}, nil))
	}
	return rows
}
