package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zkdeck/lockctl"
)

// maxLanes is how many lanes stand side by side.
const maxLanes = 2

// Condition is what a step of a lesson waits to be seen, such as "handoffs >= 20",
// "crashed", or "lane 1 lost > 0 and lane 2 refused > 0". Parts are joined by "and".
// A name alone means more than 0. What names no lane has to be so in every lane. The
// empty condition is never met.
type Condition string

// clause is one part of a condition.
type clause struct {
	lane  int // from 1; 0 is every one
	of    func(Snapshot) float64
	op    string
	value float64
}

// Met tells whether it is so, of the lanes as they are. It is false for a condition
// that cannot be parsed; such a lesson is not loaded.
func (c Condition) Met(lanes []Snapshot) bool {
	all, err := c.parse()
	if err != nil || len(all) == 0 || len(lanes) == 0 {
		return false
	}
	for _, one := range all {
		if one.lane > len(lanes) {
			return false
		}
		for i, s := range lanes {
			if (one.lane == 0 || one.lane == i+1) && !compares(one.of(s), one.op, one.value) {
				return false
			}
		}
	}
	return true
}

// parse reads a condition. An error says what can stand there.
func (c Condition) parse() ([]clause, error) {
	words := strings.Fields(string(c))
	if len(words) == 0 {
		return nil, nil
	}
	var all []clause
	for {
		end := slices.Index(words, "and")
		part := words
		if end >= 0 {
			part = words[:end]
		}
		one, err := parseClause(part)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
		if end < 0 {
			return all, nil
		}
		words = words[end+1:]
	}
}

func parseClause(words []string) (clause, error) {
	c := clause{op: ">"}
	if len(words) > 0 && words[0] == "lane" {
		if len(words) < 3 {
			return c, fmt.Errorf("%q is no condition; lane 1 lost > 0 is one", strings.Join(words, " "))
		}
		lane, err := strconv.Atoi(words[1])
		if err != nil || lane < 1 || lane > maxLanes {
			return c, fmt.Errorf("lane %s: there are lane 1 and lane 2", words[1])
		}
		c.lane, words = lane, words[2:]
	}
	if len(words) != 1 && len(words) != 3 {
		return c, fmt.Errorf("%q is no condition; handoffs >= 20 is one, with blanks between the words", strings.Join(words, " "))
	}
	at := slices.IndexFunc(quantities, func(q quantity) bool { return q.name == words[0] })
	if at < 0 {
		return c, fmt.Errorf("nothing is called %q; there are %s", words[0], strings.Join(Conditions(), ", "))
	}
	c.of = quantities[at].of
	if len(words) == 1 {
		return c, nil
	}
	value, err := strconv.ParseFloat(words[2], 64)
	switch {
	case !slices.Contains([]string{">", ">=", "<", "<=", "=="}, words[1]):
		return c, fmt.Errorf("%q compares nothing; there are > >= < <= and ==", words[1])
	case err != nil:
		return c, fmt.Errorf("%q is no number", words[2])
	}
	c.op, c.value = words[1], value
	return c, nil
}

func compares(n float64, op string, value float64) bool {
	switch op {
	case ">=":
		return n >= value
	case "<":
		return n < value
	case "<=":
		return n <= value
	case "==":
		return n == value
	}
	return n > value
}

// quantity is a number that a condition can be about.
type quantity struct {
	name string
	of   func(Snapshot) float64
}

var quantities = []quantity{
	{"handoffs", func(s Snapshot) float64 { return float64(s.Counters.Handoffs) }},
	{"wakeups", func(s Snapshot) float64 { return float64(s.Counters.Wakeups) }},
	{"requests", func(s Snapshot) float64 { return float64(s.Counters.Requests) }},
	{"two-holders", func(s Snapshot) float64 { return float64(s.Counters.TwoHolders) }},
	{"stale", func(s Snapshot) float64 { return float64(s.Counters.Stale) }},
	{"nothing", func(s Snapshot) float64 { return float64(s.Counters.Nothing) }},
	{"lost", func(s Snapshot) float64 { return float64(s.Counters.LostUpdates) }},
	{"writes", func(s Snapshot) float64 { return float64(s.Resource.Writes) }},
	{"refused", func(s Snapshot) float64 { return float64(s.Resource.Refused) }},
	{"znodes", func(s Snapshot) float64 { return float64(len(s.Queue)) }},
	{"workers", func(s Snapshot) float64 { return float64(len(s.Workers)) }},
	{"thinking", inState(Thinking)},
	{"waiting", inState(Waiting)},
	{"holding", inState(Holding)},
	{"crashed", inState(Crashed)},
	{"gone", inState(Gone)},
	{"given-up", inState(GivenUp)},
	{"frozen", counting(func(w Worker) bool { return w.Frozen })},
	// Of a worker that does not know yet what became of its session.
	{"suspended", counting(func(w Worker) bool { return !w.Frozen && w.Link == lockctl.SessionSuspended })},
	// The znodes of workers that are not there any more.
	{"orphans", orphans},
	{"paused", flag(func(s Snapshot) bool { return s.State == Paused })},
	{"running", flag(func(s Snapshot) bool { return s.State == Running })},
	{"trouble", flag(func(s Snapshot) bool {
		return slices.ContainsFunc(s.Notes, func(n Note) bool { return n.Kind == NoteTrouble })
	})},
}

// Conditions are the names that a [Condition] can be about.
func Conditions() []string {
	names := make([]string, len(quantities))
	for i, q := range quantities {
		names[i] = q.name
	}
	return names
}

// orphans counts znodes without a worker that could delete them.
func orphans(s Snapshot) float64 {
	n := 0
	for _, z := range s.Queue {
		i := slices.IndexFunc(s.Workers, func(w Worker) bool { return w.N == z.Worker })
		if i < 0 || s.Options.Recipe == Naive && s.Workers[i].Node != z.Name || s.Workers[i].State == Crashed || s.Workers[i].State == Gone || s.Workers[i].State == GivenUp {
			n++
		}
	}
	return float64(n)
}

// inState counts workers in a state.
func inState(state WorkerState) func(Snapshot) float64 {
	return counting(func(w Worker) bool { return w.State == state })
}

// counting counts workers.
func counting(is func(Worker) bool) func(Snapshot) float64 {
	return func(s Snapshot) float64 {
		n := 0
		for _, w := range s.Workers {
			if is(w) {
				n++
			}
		}
		return float64(n)
	}
}

// flag is 1 for true.
func flag(is func(Snapshot) bool) func(Snapshot) float64 {
	return func(s Snapshot) float64 {
		if is(s) {
			return 1
		}
		return 0
	}
}
