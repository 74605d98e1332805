package screenshots

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"zkdeck/internal/screentest"
)

// mask is something on the screen that is another each time, and what a picture shows in
// its place.
type mask struct {
	name string // as README.md lists it
	what *regexp.Regexp
	// show stands for the first group of what, which was found there. It is as wide, or
	// else the next gap in the row takes what is missing or too much: what stands behind
	// it keeps its column.
	show func(found string, at place) string
}

// place is where something was found: in a row of the screen, in the left or the right
// half of it, and in the row of a server with that number, or of none, 0.
type place struct {
	row, half, server int
}

// always shows the same, as far to the right as what was found.
func always(text string) func(string, place) string {
	return func(found string, _ place) string { return right(text, found) }
}

// counted shows a number that grows with that of the server.
func counted(first int, unit string) func(string, place) string {
	return func(found string, at place) string { return right(fmt.Sprintf("%d%s", first+at.server, unit), found) }
}

// halves shows one thing in the left half, and another one in the right half.
func halves(left, other string) func(string, place) string {
	return func(found string, at place) string {
		if at.half == 0 {
			return right(left, found)
		}
		return right(other, found)
	}
}

// right puts text where found ends, if that began with blanks.
func right(text, found string) string {
	if !strings.HasPrefix(found, " ") {
		return text
	}
	return fmt.Sprintf("%*s", utf8.RuneCountInString(found), text)
}

// masks are all there are. They are laid over each row in this order.
var masks = []mask{
	{"ports of an ensemble", regexp.MustCompile(`:(2[2-5]8[1-2]\d)\b`), func(found string, _ place) string { return "21" + found[2:] }},
	{"other ports of 127.0.0.1", regexp.MustCompile(`127\.0\.0\.1:([13-6]\d{4})\b`), always("52181")},
	{"the time that a search took", regexp.MustCompile(`znodes in ((?:<1|[\d.]+) m?s)\b`), always("38 ms")},
	{"the time that a server takes to answer", regexp.MustCompile(`^ zkdeck .*?  (<1|\d+\.\d|\d+) ms\b`), always("<1")},
	{"whether a server was asked again how fast it is", regexp.MustCompile(`^ zkdeck .* (?:follower|leader) 3\.8\.0(.*?)  \d+ watches`), always("  <1 ms")},
	{"watches that linger", regexp.MustCompile(`^ zkdeck .*  (\d\d) watches`), always("32")},
	{"the time of a lock's requests", regexp.MustCompile(` ( *\+[\d.]+ [µm]?s)  `), always("+1 ms")},
	{"the random name of our own contender", regexp.MustCompile(`_c_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-lock-0000000000`), always("5e079930-b8a1-407b-b1c1-4a88a89bd19c")},
	{"the same, shortened", regexp.MustCompile(`_c_([0-9a-f]{7}….{5})-lock-0000000000`), always("5e07993…bd19c")},
	{"process ids", regexp.MustCompile(`:\d{5}  +:\d{5}  +:\d{5}( +\d+) +\d+:\d\d `), counted(4710, "")},
	{"the memory of servers", regexp.MustCompile(`^[▌ ] +\d [●◆].*?( +\d+ MB)(?: |$)`), counted(60, " MB")},
	{"for how long servers run", regexp.MustCompile(`( +\d+:\d\d) +0x[0-9a-f]+ `), always("2:10")},
	{"zxids of servers", regexp.MustCompile(`:\d\d( +0x[0-9a-f]+) `), always("0x200000002")},
	{"since when a server is down", regexp.MustCompile(` (\d+ s) ago`), always("4 s")},
	{"when something happened to an ensemble", regexp.MustCompile(`^ (\d\d:\d\d:\d\d)  server`), always("09:40:56")},
	{"who has seen first that a leader was killed", regexp.MustCompile(` server \d((?:, the leader,)? was killed) *$`), always(", the leader, was killed")},
	{"how long an election took", regexp.MustCompile(` epoch \d, (.*? after .*?) *$`), always("0.41 s after server 3 was killed")},
	{"the last line of a server's log", regexp.MustCompile(`^ last log +(.*?) *$`), always("QuorumPeer - Peer state changed: following - broadcast")},
	{"how long a hand-off took that waited for keys", regexp.MustCompile(`hand-off, (?:half|99%) within( +\d[\d.,]*)  ms`), always("-")},
	{"the bar of that", regexp.MustCompile(`hand-off, (?:half|99%) within +-  ms +(▇+)`), func(found string, _ place) string { return strings.Repeat(" ", utf8.RuneCountInString(found)) }},
	{"for how long the lab runs", regexp.MustCompile(`hand-offs +\d+    in (\d+ s)`), always("30 s")},
	{"tokens in the lab, whose two lanes share a server", regexp.MustCompile(`(?:greatest token +|its token is )(0x[0-9a-f]+)`), halves("0x14", "0x1e")},
	{"who is told first of those who are told at once", regexp.MustCompile(`↑ worker (\d) is told: the children`), func(_ string, at place) string { return strconv.Itoa(1 + at.row%5) }},
}

// ofServer is the number of the server that a row of the board is about.
var ofServer = regexp.MustCompile(`^[▌ ] +(\d) [●◆✕]`)

// row is a row of the screen.
type row []screentest.Cell

// String is its text, one rune or more a cell.
func (r row) String() string {
	var b strings.Builder
	for _, c := range r {
		b.WriteString(c.Text)
	}
	return b.String()
}

// cell is which cell the byte at a place of its text is in.
func (r row) cell(at int) int {
	for i, c := range r {
		if at < len(c.Text) || at == 0 && c.Text != "" {
			return i
		}
		at -= len(c.Text)
	}
	return len(r)
}

// masked is the row, which is that row of the screen, with all masks laid over it.
func (r row) masked(y int) row {
	where := place{row: y}
	if at := ofServer.FindStringSubmatch(r.String()); at != nil {
		where.server = int(at[1][0] - '0')
	}
	for _, m := range masks {
		for from := 0; ; {
			text := r.String()
			at := m.what.FindStringSubmatchIndex(text[from:])
			if at == nil {
				break
			}
			a, z := from+at[2], from+at[3]
			where.half = min(1, 2*r.cell(a)/len(r))
			shown := m.show(text[a:z], where)
			r = r.replaced(r.cell(a), r.cell(z), shown)
			from = a + len(shown)
		}
	}
	return r
}

// replaced has text in the place of the cells from a to z.
func (r row) replaced(a, z int, text string) row {
	var put row
	for _, c := range text {
		like := r[z-1] // blanks before it may be of any colour
		like.Text = string(c)
		put = append(put, like)
	}
	rest := slices.Clone(r[z:])
	more := len(put) - (z - a)
	if more == 0 {
		return slices.Concat(r[:a], put, rest)
	}
	if gap, ok := rest.gap(0, more); ok {
		return slices.Concat(r[:a], put, rest[:gap], rest.blanks(gap, more))
	}
	// It ends at the right edge.
	gap, ok := r[:a].gap(a-1, more)
	if !ok {
		return slices.Concat(r[:a], put, rest)[:len(r)]
	}
	return slices.Concat(r[:gap], r[:a].blanks(gap, more), put, rest)
}

// blanks is the row from a gap on, with that many blanks less, or more if negative.
func (r row) blanks(gap, less int) row {
	if less > 0 {
		return r[gap+less:]
	}
	return slices.Concat(slices.Repeat(r[gap:gap+1], -less), r[gap:])
}

// gap is where, as near as can be to a cell, more than so many blanks follow each other,
// and at least three.
func (r row) gap(near, wide int) (int, bool) {
	need, best, from := max(wide+1, 3), -1, 0
	for i := 0; i <= len(r); i++ {
		if i < len(r) && r[i].Text == " " {
			continue
		}
		if i-from >= need && (best < 0 || near > 0) {
			best = from
		}
		from = i + 1
	}
	return best, best >= 0
}

// row returns a row of the terminal, masked. The right half of a wide sign has no text,
// every other cell has.
func (s *stage) row(y int) row {
	r := make(row, s.w)
	for x := range r {
		r[x] = s.term.Cell(x, y)
		if r[x].Text == "" && (x == 0 || ansi.StringWidth(r[x-1].Text) < 2) {
			r[x].Text = " "
		}
	}
	for {
		a := strings.Index(r.String(), s.home)
		if a < 0 {
			return r.masked(y)
		}
		r = r.replaced(r.cell(a), r.cell(a+len(s.home)), shownHome)
	}
}
