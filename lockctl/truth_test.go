package lockctl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// held is a time for which a znode held, by what really happened.
type held struct {
	node     string
	czxid    int64
	from, to time.Time // to is zero while it holds
}

// truth watches a cluster as nobody can who is not in it.
type truth struct {
	c    *cluster
	by   map[string]func(*cluster, string) []string // who holds, by path of the lock
	open map[string][]held
	all  map[string][]held
}

// note is called after every change, with the cluster's lock.
func (x *truth) note(at time.Time) {
	for path, rule := range x.by {
		var now []held
		for _, n := range rule(x.c, path) {
			dir := path
			if x.c.nodes[path] != nil && len(x.c.nodes[path].kids) == 0 && x.c.nodes[path].stat.EphemeralOwner != 0 {
				dir, _ = split(path)
			}
			now = append(now, held{node: n, czxid: x.c.nodes[join(dir, n)].stat.Czxid, from: at})
		}
		var open []held
		for _, h := range x.open[path] {
			if i := slices.IndexFunc(now, func(n held) bool { return n.czxid == h.czxid }); i >= 0 {
				now[i] = h
				continue
			}
			h.to = at
			x.all[path] = append(x.all[path], h)
		}
		open = append(open, now...)
		x.open[path] = open
	}
}

// inLineOf are the children by number.
func inLineOf(c *cluster, path string) []string {
	n := c.nodes[path]
	if n == nil {
		return nil
	}
	var names []string
	for k := range n.kids {
		if parseName(k).sequential {
			names = append(names, k)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(parseName(a).seq, parseName(b).seq) })
	return names
}

func firstOf(n int) func(c *cluster, path string) []string {
	return func(c *cluster, path string) []string {
		names := inLineOf(c, path)
		return names[:min(n, len(names))]
	}
}

func readersOf(c *cluster, path string) (hold []string) {
	for i, n := range inLineOf(c, path) {
		if !strings.Contains(n, "READ") && !strings.Contains(n, "__rlock__") {
			if i == 0 {
				hold = append(hold, n)
			}
			break
		}
		hold = append(hold, n)
	}
	return hold
}

func itself(c *cluster, path string) []string {
	if c.nodes[path] == nil {
		return nil
	}
	_, base := split(path)
	return []string{base}
}

// The locks of the test: how a contender is named, and who holds.
var contended = []struct {
	path  string
	names []string
	holds func(*cluster, string) []string
}{
	{"/locks/go", []string{"_c_" + hex32(1) + "-lock-%", "_c_" + hex32(2) + "-lock-%"}, firstOf(1)},
	{"/a/rw", []string{"_c_" + uuid(1) + "-__READ__%", "_c_" + uuid(2) + "-__WRIT__%", "_c_" + uuid(3) + "-__READ__%"}, readersOf},
	{"/a/kazoo", []string{hex32(1) + "__lock__%", hex32(2) + "__rlock__%"}, readersOf},
	{"/a/both", []string{"_c_" + hex32(1) + "-lock-%", "_c_" + uuid(2) + "-lock-%"}, firstOf(1)},
	{"/srv/leader", nil, itself},
}

// step changes the cluster by chance: somebody queues, leaves, or the directory goes.
func step(t *rapid.T, c *cluster, i int, session int64) {
	l := contended[i]
	if l.names == nil {
		if c.nodes[l.path] != nil {
			c.remove(l.path)
		} else {
			c.create(l.path, session, "x")
		}
		return
	}
	kids := inLineOf(c, l.path)
	switch op := rapid.IntRange(0, 9).Draw(t, "op"); {
	case op < 5 && len(kids) < 8 || len(kids) == 0 && op < 9:
		c.create(l.path+"/"+rapid.SampledFrom(l.names).Draw(t, "name"), session, "x")
	case len(kids) > 0 && op < 8: // mostly the first
		c.remove(l.path + "/" + kids[rapid.IntRange(0, len(kids)-1).Draw(t, "who")*rapid.IntRange(0, 1).Draw(t, "any")])
	case c.nodes[l.path] != nil:
		for _, k := range kids {
			c.remove(l.path + "/" + k)
		}
		c.remove(l.path)
	}
}

// Whatever happens, before, while and after the queues are listed: the timeline has
// every hold that was, from when to when, but for its gaps, and no other.
func TestTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCluster()
		x := &truth{c: c, by: map[string]func(*cluster, string) []string{}, open: map[string][]held{}, all: map[string][]held{}}
		for _, l := range contended {
			x.by[l.path] = l.holds
		}
		c.after = x.note
		session := int64(0x100)
		steps := func(n int) {
			for range n {
				session++
				step(t, c, rapid.IntRange(0, len(contended)-1).Draw(t, "lock"), session)
			}
		}
		steps(rapid.IntRange(0, 20).Draw(t, "before"))
		b := newBoard(c, Options{})
		b.grace, b.pause = 0, time.Millisecond
		b.wg.Go(b.run)
		defer b.Close()
		b.Search("/")
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			switch rapid.IntRange(0, 3).Draw(t, "pause") {
			case 0:
				settledR(t, b)
			case 1:
				changed(b)
			}
			if rapid.IntRange(0, 3).Draw(t, "missed") == 0 {
				c.miss(func() { steps(rapid.IntRange(0, 10).Draw(t, "hidden")) })
			}
			steps(rapid.IntRange(0, 30).Draw(t, "steps"))
		}
		b.Search("/") // for what was made in a gap
		// One more of each, so that each is found, and its follow has come so far.
		for i := range contended {
			session++
			step(t, c, i, session)
		}
		settledR(t, b)
		s := b.Snapshot()
		for _, l := range contended {
			// One that was no lock when it was listed is looked at again later.
			for len(x.open[l.path]) > 0 && s.At(l.path) == nil {
				select {
				case <-b.Changed():
				case <-time.After(20 * time.Second):
					dir, _ := split(l.path)
					n, d := b.nothing[l.path], b.dirs[l.path]
					m, e := b.nothing[dir], b.dirs[dir]
					t.Fatalf("%s is not found: %+v\n%+v\n%+v\n%+v\n%v\n%+v", l.path, n, d, m, e, b.retry, s.Search)
				}
				s = b.Snapshot()
			}
			v := s.At(l.path)
			if v == nil {
				if len(x.open[l.path]) > 0 {
					t.Fatalf("%s is not found", l.path)
				}
				continue
			}
			x.compare(t, v, time.Now())
		}
	})
}

// changed waits for the next change, or until all is known, when none is to come.
func changed(b *Board) {
	known := make(chan struct{})
	b.wg.Go(func() {
		defer close(known)
		_ = b.Settled(b.ctx)
	})
	select {
	case <-b.Changed():
	case <-known:
	}
}

func settledR(t *rapid.T, b *Board) {
	timer := time.AfterFunc(time.Minute, func() { panic("the board does not settle") })
	defer timer.Stop()
	if err := b.Settled(b.ctx); err != nil {
		t.Fatal(err)
	}
}

// compare holds a timeline against the truth.
func (x *truth) compare(t *rapid.T, v *View, end time.Time) {
	really := append(slices.Clone(x.all[v.Path]), x.open[v.Path]...)
	since, gaps := v.Timeline.Since(), v.Timeline.Gaps(time.Time{}, end)
	seen := v.Timeline.Holds(time.Time{}, end)
	describe := func() string {
		var s strings.Builder
		at := func(t time.Time) string {
			if t.IsZero() {
				return "…"
			}
			return fmt.Sprint(t.Sub(since))
		}
		for _, h := range really {
			fmt.Fprintf(&s, "really %s (%d) %s to %s\n", h.node, h.czxid, at(h.from), at(h.to))
		}
		for _, h := range seen {
			fmt.Fprintf(&s, "seen   %s (%d) %s to %s at least %v lost %v\n", h.Node, h.Czxid, at(h.From), at(h.To), h.AtLeast, h.Lost)
		}
		for _, g := range gaps {
			fmt.Fprintf(&s, "gap    %s to %s\n", at(g.From), at(g.To))
		}
		return s.String()
	}
	used := make([]bool, len(really))
	for _, h := range seen {
		i := slices.IndexFunc(really, func(r held) bool {
			from := r.from.Equal(h.From) || h.AtLeast && r.from.Before(h.From)
			to := r.to.Equal(h.To) || h.Lost && (r.to.IsZero() || !r.to.Before(h.To))
			return r.node == h.Node && from && to && (h.Czxid == 0 || h.Czxid == r.czxid)
		})
		if i < 0 {
			t.Fatalf("%s: %s from %s is invented\n%s", v.Path, h.Node, h.From.Sub(since), describe())
		}
		used[i] = true
	}
	for i, r := range really {
		if used[i] || !r.to.IsZero() && !r.to.After(since) {
			continue
		}
		missed := slices.ContainsFunc(gaps, func(g Gap) bool {
			return !r.from.Before(g.From) && !r.to.IsZero() && (g.To.IsZero() || !r.to.After(g.To))
		})
		if !missed {
			t.Fatalf("%s: %s from %s is lost\n%s", v.Path, r.node, r.from.Sub(since), describe())
		}
	}
	var holders []string
	for _, k := range v.Contenders {
		if k.Role == Holder {
			holders = append(holders, k.Node)
		}
	}
	var want []string
	for _, h := range x.open[v.Path] {
		want = append(want, h.node)
	}
	slices.Sort(holders)
	slices.Sort(want)
	if !slices.Equal(holders, want) {
		t.Fatalf("%s: %v hold, want %v", v.Path, holders, want)
	}
}
