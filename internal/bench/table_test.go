package bench

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// figure is a line of the table. What does not apply is zero and shown as a dash.
type figure struct {
	what        string
	ours, floor float64
	unit        string
	floorIs     string  // what floor is the figure of
	budget      float64 // the most that ours may be; the least if atLeast
	atLeast     bool
	free        bool    // no budget bounds ours
	ratio       float64 // the most that ours/floor may be
}

// table collects figures; benchmarks run one at a time.
type table struct{ figures []figure }

func (t *table) add(fs ...figure) { t.figures = append(t.figures, fs...) }

// String is the table as text.
func (t *table) String() string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tOURS\tFLOOR OR PEER\tRATIO\tBUDGET\t")
	for _, f := range t.figures {
		floor, ratio := "-", "-"
		if f.floorIs != "" {
			floor = fmt.Sprintf("%s %s", number(f.floor, f.unit), f.floorIs)
			ratio = fmt.Sprintf("%.2fx", f.ours/f.floor)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", f.what, number(f.ours, f.unit), floor, ratio, f.budgets(), f.verdict())
	}
	_ = w.Flush()
	return out.String()
}

// budgets are the bounds in words.
func (f figure) budgets() string {
	var parts []string
	switch {
	case f.free:
		parts = append(parts, "-")
	case f.atLeast:
		parts = append(parts, ">= "+number(f.budget, f.unit))
	case f.budget != 0 || f.ratio == 0:
		parts = append(parts, "<= "+number(f.budget, f.unit))
	}
	if f.ratio != 0 {
		parts = append(parts, fmt.Sprintf("<= %.1fx", f.ratio))
	}
	return strings.Join(parts, ", ")
}

// verdict marks what misses its budget.
func (f figure) verdict() string {
	if f.free {
		return ""
	}
	late := f.ratio != 0 && f.ours > f.ratio*f.floor
	switch {
	case f.atLeast:
		late = late || f.ours < f.budget
	case f.budget != 0 || f.ratio == 0:
		late = late || f.ours > f.budget
	}
	if late {
		return "MISSED"
	}
	return "ok"
}

func number(v float64, unit string) string {
	switch {
	case v == float64(int64(v)):
		return fmt.Sprintf("%d %s", int64(v), unit)
	case v < 10:
		return fmt.Sprintf("%.2f %s", v, unit)
	default:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// at is the duration below which the given share of ds lies.
func at(ds []time.Duration, share float64) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	ds = slices.Sorted(slices.Values(ds))
	return ds[min(int(float64(len(ds))*share), len(ds)-1)]
}

func median(ds []time.Duration) time.Duration { return at(ds, 0.5) }

// say prints a line of detail at once: a run takes minutes.
func say(format string, args ...any) { fmt.Fprintf(os.Stdout, "    "+format+"\n", args...) }
