package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/tui/value"
)

const (
	// lockWidth and whoWidth are how many cells the columns of paths and holders have
	// at most. A longer path stays whole and moves the rest of its line.
	lockWidth = 56
	whoWidth  = 48
	notKnown  = "-" // stands for a number
)

// stateGlyphs are those of the Locks screen.
var stateGlyphs = map[lockctl.State]string{
	lockctl.Free: "○", lockctl.Held: "●", lockctl.Contended: "●", lockctl.Shared: "◐", lockctl.Suspicious: "▲",
}

// who names a client as well as it is known: by what it says to be and its address, else
// by its session, else by its znode. It is safe to print.
func who(identity, address string, session int64, node string) string {
	identity, address = safetext.CleanLine(identity), safetext.CleanLine(address)
	switch {
	case identity != "" && strings.HasPrefix(address, identity+":"):
		return address
	case identity != "" && address != "":
		return identity + " @ " + address
	case identity != "" || address != "":
		return identity + address
	case session != 0:
		return hex(session)
	default:
		return safetext.Clean(node)
	}
}

// firstHolder is the holder that queues for the longest; nil if nobody holds.
func firstHolder(v *lockctl.View) *lockctl.Contender {
	for i := range v.Contenders {
		if v.Contenders[i].Role == lockctl.Holder {
			return &v.Contenders[i]
		}
	}
	return nil
}

// holderText says who holds.
func holderText(v *lockctl.View) string {
	n := v.Holders()
	first := firstHolder(v)
	switch {
	case first == nil && len(v.Contenders) == 0 && v.Denied != "":
		return "?"
	case first == nil && len(v.Contenders) == 0:
		return "free"
	case first == nil:
		return "not known"
	case n == 1:
		return who(first.Identity, first.Address, first.Session, first.Node)
	case first.Mode == lockctl.Read:
		return humanize.Comma(int64(n)) + " readers"
	case v.Kind == lockctl.Semaphore && v.Limit > 0:
		return fmt.Sprintf("%s of %s places", humanize.Comma(int64(n)), humanize.Comma(int64(v.Limit)))
	case v.Kind == lockctl.Semaphore:
		return humanize.Comma(int64(n)) + " places"
	default:
		return humanize.Comma(int64(n)) + " together"
	}
}

// heldAtMost is for how long the first holder queues; false if that is not known.
func heldAtMost(v *lockctl.View, now time.Time) (time.Duration, bool) {
	first := firstHolder(v)
	if first == nil || v.QueuedAt(first).IsZero() {
		return 0, false
	}
	return max(now.Sub(v.QueuedAt(first)), 0), true
}

// codes are the codes of warnings, each once.
func codes(warnings []lockctl.Warning) string {
	var all []string
	for _, w := range warnings {
		if !slices.Contains(all, string(w.Code)) {
			all = append(all, string(w.Code))
		}
	}
	return strings.Join(all, ",")
}

// tabbedLock is a lock as programs get it.
func tabbedLock(v *lockctl.View) string {
	holder, since := "", ""
	if c := firstHolder(v); c != nil {
		holder = who(c.Identity, c.Address, c.Session, c.Node)
		if at := v.QueuedAt(c); !at.IsZero() {
			since = stamp(at)
		}
	}
	return strings.Join([]string{
		safetext.Clean(v.Path), string(v.State), string(v.Recipe), strconv.Itoa(v.Holders()), strconv.Itoa(v.Waiters()),
		holder, since, codes(v.Warnings),
	}, "\t") + "\n"
}

// lockRow is a lock as people read it.
type lockRow struct {
	glyph, state, path, recipe, holder, held, waiters, grants, notes string
	says                                                             []string // below the row
}

func rowOf(v *lockctl.View, now time.Time, says bool) lockRow {
	r := lockRow{
		glyph: cmp.Or(stateGlyphs[v.State], " "), state: string(v.State), path: safetext.Clean(v.Path), recipe: string(v.Recipe),
		holder: safetext.Truncate(holderText(v), whoWidth), held: notKnown,
		waiters: humanize.Comma(int64(v.Waiters())), grants: notKnown, notes: codes(v.Warnings),
	}
	if d, ok := heldAtMost(v, now); ok {
		r.held = value.Clock(d)
	}
	if n, ok := grants(&v.Lock); ok {
		r.grants = humanize.Comma(n)
	}
	if says {
		for _, w := range v.Warnings {
			r.says = append(r.says, safetext.CleanLine(w.Text))
		}
	}
	return r
}

// table is rows below their headings, aligned.
func table(rows []lockRow) string {
	head := lockRow{
		glyph: " ", state: "STATE", path: "LOCK", recipe: "RECIPE", holder: "HOLDER", held: "HELD ≤",
		waiters: "WAIT", grants: "SO FAR", notes: "WARNINGS",
	}
	all := append([]lockRow{head}, rows...)
	var state, path, recipe, holder, held, waiters, grants int
	for _, r := range all {
		state, recipe = max(state, len(r.state)), max(recipe, len(r.recipe))
		path = max(path, min(safetext.Width(r.path), lockWidth))
		holder = max(holder, safetext.Width(r.holder))
		held = max(held, safetext.Width(r.held))
		waiters, grants = max(waiters, len(r.waiters)), max(grants, len(r.grants))
	}
	var b strings.Builder
	for _, r := range all {
		line := strings.Join([]string{
			r.glyph + " " + safetext.Pad(r.state, state), fill(r.path, path), fill(r.recipe, recipe), fill(r.holder, holder),
			safetext.PadLeft(r.held, held), safetext.PadLeft(r.waiters, waiters), safetext.PadLeft(r.grants, grants), r.notes,
		}, "  ")
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		for _, s := range r.says {
			b.WriteString("    " + s + "\n")
		}
	}
	return b.String()
}

// fill puts blanks after what is narrower than a column; what is wider stays whole.
func fill(s string, width int) string {
	return s + strings.Repeat(" ", max(width-safetext.Width(s), 0))
}
