package zkview

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// naive is the tree as a person would describe it: everything computed anew.
type naive struct {
	kids  map[string]map[string]bool // listed children, true for those deleted a moment ago
	stats map[string]Stat
	open  map[string]bool
	order Order
	show  Filter
}

func (m *naive) children(p string) []string {
	var names []string
	for n := range m.kids[p] {
		if m.matches(p, n) {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if m.order.By != ByName {
			ka, kb := m.key(join(p, a)), m.key(join(p, b))
			if ka != kb {
				if ka < kb {
					return -1
				}
				return 1
			}
			return CompareNames(a, b)
		}
		if m.order.Desc {
			a, b = b, a
		}
		return CompareNames(a, b)
	})
	return names
}

func (m *naive) key(p string) int64 {
	if s, ok := m.stats[p]; ok {
		return m.order.key(&s)
	}
	return m.order.key(nil)
}

func (m *naive) matches(dir, name string) bool {
	if !m.show.Active() || m.show.Match(name) {
		return true
	}
	p := join(dir, name)
	for n := range m.kids[p] {
		if m.matches(p, n) {
			return true
		}
	}
	return false
}

func (m *naive) rows(p string) []string {
	var rows []string
	for _, n := range m.children(p) {
		c := join(p, n)
		rows = append(rows, c)
		if m.open[c] {
			rows = append(rows, m.rows(c)...)
		}
	}
	return rows
}

func (m *naive) forget(p string) {
	under := func(k string) bool { return k == p || strings.HasPrefix(k, p+"/") }
	for k := range m.kids {
		if under(k) {
			delete(m.kids, k)
		}
	}
	for k := range m.open {
		if under(k) {
			delete(m.open, k)
		}
	}
	for k := range m.stats {
		if under(k) && k != p {
			delete(m.stats, k)
		}
	}
}

type treeMachine struct {
	t    *Tree
	m    *naive
	zxid int64
	now  time.Time
	jobs []*Job
}

func (s *treeMachine) path(rt *rapid.T, depth int) string {
	p := "/"
	for range depth {
		p = join(p, rapid.SampledFrom([]string{"a", "b", "lock-9", "lock-10", "Q"}).Draw(rt, "name"))
	}
	return p
}

// sync runs all jobs and compares everything.
func (s *treeMachine) sync(rt *rapid.T) {
	for j := s.t.Job(); j != nil; j = s.t.Job() {
		s.jobs = append(s.jobs, j)
	}
	for _, j := range s.jobs {
		j.Run()
		s.t.Finish(j)
	}
	s.jobs = nil
	want := s.m.rows("/")
	var got []string
	for _, r := range s.t.Rows(0, s.t.Len()) {
		got = append(got, r.Path)
		st, ok := s.m.stats[r.Path]
		if ok != r.HasStat || st != r.Stat {
			rt.Fatalf("%s: stat %v %v, want %v %v", r.Path, r.HasStat, r.Stat, ok, st)
		}
		if want := strings.Count(r.Path, "/") - 1; r.Depth != want {
			rt.Fatalf("%s: depth %d", r.Path, r.Depth)
		}
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("order %v filter %q\n got %q\nwant %q", s.m.order, s.m.show.text, got, want)
	}
}

func (s *treeMachine) check(rt *rapid.T) {
	n := s.t.Len()
	rows := s.t.Rows(-1, n+1)
	if len(rows) != n {
		rt.Fatalf("%d rows of %d", len(rows), n)
	}
	for i, r := range rows {
		if at, ok := s.t.IndexOf(r.Path); !ok || at != i {
			rt.Fatalf("IndexOf(%s) = %d %v, want %d", r.Path, at, ok, i)
		}
	}
	for i := range n {
		if r, ok := s.t.Row(i); !ok || r.Path != rows[i].Path {
			rt.Fatalf("Row(%d) = %s", i, r.Path)
		}
	}
}

func TestTreeLikeNaive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := &treeMachine{
			t: NewTree(), now: time.Unix(1000, 0),
			m: &naive{kids: map[string]map[string]bool{}, stats: map[string]Stat{}, open: map[string]bool{}},
		}
		s.t.inline = rapid.SampledFrom([]int{0, 2, 1000}).Draw(rt, "inline")
		rt.Repeat(map[string]func(*rapid.T){
			"":        s.check,
			"listing": s.listing,
			"change":  s.change,
			"stat":    s.stat,
			"open": func(rt *rapid.T) {
				p := s.path(rt, rapid.IntRange(1, 2).Draw(rt, "depth"))
				s.t.Toggle(p)
				if s.m.open[p] = !s.m.open[p]; !s.m.open[p] {
					delete(s.m.open, p)
				}
				if s.t.branches[p] == nil { // nothing was known of it
					s.m.forget(p)
				}
			},
			"order": func(rt *rapid.T) {
				s.m.order = Order{rapid.SampledFrom([]Field{ByName, BySize, ByCreated}).Draw(rt, "by"), rapid.Bool().Draw(rt, "desc")}
				s.t.SetOrder(s.m.order)
			},
			"filter": func(rt *rapid.T) {
				s.m.show = ParseFilter(rapid.SampledFrom([]string{"", "", "a", "!lock", "~lk1", "9"}).Draw(rt, "filter"))
				s.t.SetFilter(s.m.show)
			},
			"job": func(rt *rapid.T) {
				if j := s.t.Job(); j != nil {
					s.jobs = append(s.jobs, j)
				}
			},
			"finish": func(rt *rapid.T) {
				if len(s.jobs) > 0 {
					s.jobs[0].Run()
					s.t.Finish(s.jobs[0])
					s.jobs = s.jobs[1:]
				}
			},
			"tick": func(rt *rapid.T) {
				s.now = s.now.Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "s")) * time.Second)
				for next := s.t.Tick(s.now); !next.IsZero() && !next.After(s.now); next = s.t.Tick(s.now) {
				}
				s.bury()
			},
			"sync": s.sync,
		})
		s.sync(rt)
	})
}

// gone are deleted znodes and when their rows go.
func (s *treeMachine) bury() {
	for p, kids := range s.m.kids {
		for n, gone := range kids {
			if !gone {
				continue
			}
			if _, ok := s.t.IndexOf(join(p, n)); ok {
				continue
			}
			b := s.t.branches[p]
			if b != nil && b.all.has(entry[int64]{name: n}) {
				continue
			}
			delete(kids, n)
			delete(s.m.stats, join(p, n))
		}
	}
}

func (s *treeMachine) listing(rt *rapid.T) {
	p := s.path(rt, rapid.IntRange(0, 2).Draw(rt, "depth"))
	names := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "lock-9", "lock-10", "Q", "x1", "x2"}), 0, 7).Draw(rt, "names")
	if b := s.t.branches[p]; b != nil && b.prune {
		s.sync(rt) // else Stats of two listings ago may be shown, until later ones come
	}
	s.zxid++
	s.t.Apply(News{Kind: ListingNews, Path: p, At: s.now, Listing: PrepareListing(names), Stat: Stat{Czxid: 1, Pzxid: s.zxid}})
	if s.t.branches[p] == nil {
		return
	}
	kids := map[string]bool{}
	for _, n := range names {
		kids[n] = false
	}
	s.m.kids[p] = kids
	prefix := strings.TrimSuffix(p, "/") + "/"
	lost := func(k string) {
		if rest, ok := strings.CutPrefix(k, prefix); ok && rest != "" {
			name, _, _ := strings.Cut(rest, "/")
			if !has(kids, name) {
				s.m.forget(prefix + name)
				delete(s.m.stats, prefix+name)
			}
		}
	}
	for _, k := range slices.Concat(slices.Collect(maps.Keys(s.m.open)), slices.Collect(maps.Keys(s.m.kids)), slices.Collect(maps.Keys(s.m.stats))) {
		lost(k)
	}
	s.parentStat(p)
}

// parentStat: a listing brings the Stat of its parent too.
func (s *treeMachine) parentStat(p string) {
	if p == "/" {
		return
	}
	s.keep(p, Stat{Czxid: 1, Pzxid: s.zxid})
}

func (s *treeMachine) keep(p string, st Stat) bool {
	dir, name := split(p)
	b := s.t.branches[dir]
	if b == nil {
		return false
	}
	if kids, ok := s.m.kids[dir]; ok && !has(kids, name) {
		return false
	}
	if old, ok := s.m.stats[p]; ok && old.Newer(st) {
		return false
	}
	s.m.stats[p] = st
	return true
}

func has(m map[string]bool, n string) bool { _, ok := m[n]; return ok }

func (s *treeMachine) change(rt *rapid.T) {
	p := s.path(rt, rapid.IntRange(0, 2).Draw(rt, "depth"))
	name := rapid.SampledFrom([]string{"a", "b", "lock-9", "lock-10", "Q", "x1", "x2", "x3"}).Draw(rt, "name")
	kids, ok := s.m.kids[p]
	if !ok {
		return
	}
	s.zxid++
	n := News{Kind: ChildrenNews, Path: p, At: s.now, Seen: true, Stat: Stat{Czxid: 1, Pzxid: s.zxid}}
	gone, there := kids[name]
	if !there || gone {
		n.Added = []string{name}
		kids[name] = false
	} else {
		n.Removed = []string{name}
		kids[name] = true
		s.m.forget(join(p, name))
	}
	s.t.Apply(n)
	s.parentStat(p)
}

func (s *treeMachine) stat(rt *rapid.T) {
	p := s.path(rt, rapid.IntRange(1, 3).Draw(rt, "depth"))
	st := Stat{
		Czxid: rapid.Int64Range(1, 2).Draw(rt, "czxid"), Mzxid: rapid.Int64Range(1, 4).Draw(rt, "mzxid"),
		DataLength: rapid.Int32Range(0, 3).Draw(rt, "size"), CtimeMS: rapid.Int64Range(-1, 1).Draw(rt, "ctime"),
	}
	st.Pzxid = st.Mzxid
	s.t.Apply(News{Kind: StatNews, Path: p, Stat: st, At: s.now})
	s.keep(p, st)
}
