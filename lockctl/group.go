package lockctl

import (
	"cmp"
	"slices"
)

// group is the contenders of one family, or of one prefix where no recipe is known.
type group struct {
	family    family
	stem      string // of other
	spoken    bool   // the directory or the prefix says what it is for
	members   []int32
	counts    counts
	certainty Certainty
	limit     int // how many may hold, where that was learnt before; else 0
}

// groupKey tells the queues of one directory apart.
type groupKey struct {
	family family
	stem   string // of other
}

func (g *group) key() groupKey { return groupKey{g.family, g.stem} }

// groups are the families of the directory whose members are contenders. Prefixes that
// no recipe has are only looked at where there is none that one has.
func (s *surveyed) groups(d *Directory, c *Cluster) []group {
	var found []group
	for f := none + 1; f < other; f++ {
		g := group{family: f, counts: s.counts[f], spoken: s.spokenFor(f)}
		if g.counts.members == 0 || f == kazooPlace {
			continue
		}
		if families[f].hinted && !g.spoken && c.Watches == nil || !s.plausible(&g) {
			continue
		}
		g.members = s.members(func(t tag) bool { return t.family == f })
		if s.believe(d, c, &g) {
			found = append(found, g)
		}
	}
	if len(found) == 0 && s.counts[other].members > 0 {
		return s.stems(d, c)
	}
	return found
}

func (s *surveyed) members(of func(tag) bool) []int32 {
	var m []int32
	for i, t := range s.tags {
		if of(t) {
			m = append(m, int32(i))
		}
	}
	return m
}

// plausible refuses what cannot be contenders: persistent znodes, padded ids, services.
func (s *surveyed) plausible(g *group) bool {
	t := families[g.family]
	if t.strong && g.family != accumulo {
		return true
	}
	kept := g.counts.persistent > 0 && !t.stays
	return !kept && !g.counts.foreignNumber && !g.counts.service
}

// spokenFor tells whether the path says that names which groups and queues have too are
// of a lock or an election.
func (s *surveyed) spokenFor(f family) bool {
	if f == other { // which says so little that its directory has to
		return speaks(s.path)
	}
	return s.hints.lock || s.hints.elect
}

// believe settles how certain a plausible group is, and tells whether that is enough.
func (s *surveyed) believe(d *Directory, c *Cluster, g *group) bool {
	t := families[g.family]
	switch {
	case t.strong, g.counts.owned:
		g.certainty = Certain
	case t.hinted && !g.spoken:
		all := contenders(d, c, s.tags, g.members)
		if !evidenceOf(all, c).queues(all) {
			return false
		}
		g.certainty = Certain
	case g.counts.unseen > 0:
		g.certainty = Possible
	default:
		g.certainty = Likely
	}
	return true
}

// stems groups what has a number and no recipe's prefix by prefix.
func (s *surveyed) stems(d *Directory, c *Cluster) []group {
	byStem := map[string]*group{}
	var order []*group
	dirSpeaks := s.spokenFor(other)
	each := func(do func(i int, stem string)) {
		for i, t := range s.tags {
			if t.family == other {
				do(i, stemOf(d.Children[i].Name, t))
			}
		}
	}
	each(func(i int, stem string) {
		n := &d.Children[i]
		if n.Stat.Known() && n.Stat.EphemeralOwner == 0 {
			return
		}
		g := byStem[stem]
		if g == nil {
			speaks := dirSpeaks || speaks(stem)
			if !speaks && c.Watches == nil {
				return
			}
			g = &group{family: other, stem: stem, spoken: speaks}
			byStem[stem] = g
			order = append(order, g)
		}
		g.members = append(g.members, int32(i))
		g.counts.add(n, s.tags[i], s.next)
	})
	if len(order) == 0 {
		return nil
	}
	each(func(i int, stem string) {
		if n := &d.Children[i]; n.Stat.Known() && n.Stat.EphemeralOwner == 0 && byStem[stem] != nil {
			byStem[stem].counts.persistent++
		}
	})
	var found []group
	for _, g := range order {
		if s.plausible(g) && (g.spoken || len(g.members) > 1) && s.believe(d, c, g) {
			found = append(found, *g)
		}
	}
	return found
}

// stemOf is what those of one lock have in common where no recipe is known. The id of a
// protected name differs from one to the next.
func stemOf(name string, t tag) string {
	if t.family != other {
		return ""
	}
	return name[t.idTo:t.at]
}

// speaks tells whether a prefix says that it is of a lock or an election.
func speaks(stem string) bool {
	h := lastHints(stem, 1)
	return h.lock || h.elect || h.critical
}

// contenders makes contenders of the members, in their true order.
func contenders(d *Directory, c *Cluster, tags []tag, members []int32) []Contender {
	all := make([]Contender, len(members))
	for i, m := range inOrder(d, tags, members) {
		n, t := &d.Children[m], tags[m]
		k := &all[i]
		k.Dir, k.Node, k.Recipe, k.Mode, k.Role = d.Path, n.Name, families[t.family].recipe, t.mode, Unknown
		k.Sequence, k.Sequential, k.Session = t.seq, t.sequential, n.Stat.EphemeralOwner
		k.Data, k.Stat, k.WaitsFor, k.name = n.Data, n.Stat, NobodyBefore, t
		if k.Session != 0 {
			k.Address = c.Addresses[k.Session]
		}
		k.Identity = identity(t, n)
	}
	return all
}

// inOrder sorts members by sequence number, equal ones by czxid and then by name. The
// numbers are a ring: the oldest contender is its beginning, so that -2147483648 comes
// after 2147483647. But a counter that stands at its end gives 2147483647 again when
// there are negative numbers, from one transaction, already: among these it is the
// czxid that tells the order, if all are known. Equal numbers of Solr are copies, which
// it orders by name.
func inOrder(d *Directory, tags []tag, members []int32) []int32 {
	type place struct {
		seq    int32 // from the beginning of the ring
		member int32
		czxid  int64
	}
	base, byCzxid := ringBase(d, tags, members)
	places := make([]place, len(members))
	for i, m := range members {
		places[i] = place{tags[m].seq - base, m, d.Children[m].Stat.Czxid} // wraps on purpose
	}
	slices.SortFunc(places, func(a, b place) int {
		older := cmp.Compare(a.czxid, b.czxid)
		if byCzxid && older != 0 {
			return older
		}
		if c := cmp.Compare(a.seq, b.seq); c != 0 {
			return c
		}
		copied := tags[a.member].family == solr && tags[b.member].family == solr
		if older != 0 && !copied {
			return older
		}
		return cmp.Compare(d.Children[a.member].Name, d.Children[b.member].Name)
	})
	sorted := make([]int32, len(places))
	for i, p := range places {
		sorted[i] = p.member
	}
	return sorted
}

// ringBase is a number from which the others are at most half the ring away. Without
// negative ones any will do. ByCzxid tells that there are, that all Stats are at hand,
// and that no recipe copies numbers.
func ringBase(d *Directory, tags []tag, members []int32) (base int32, byCzxid bool) {
	oldest, negative, high, copies, unknown := int64(0), false, false, false, false
	for _, m := range members {
		t, s := tags[m], d.Children[m].Stat
		negative = negative || t.seq < 0
		high = high || t.seq >= 1<<30
		copies = copies || t.family == solr || t.family == curatorRW
		unknown = unknown || !s.Known()
		if s.Known() && (oldest == 0 || s.Czxid < oldest) {
			oldest, base = s.Czxid, t.seq
		}
	}
	switch {
	case !negative:
		return 0, false
	case oldest != 0:
		return base, !copies && !unknown
	case high: // with these, negative ones have passed the end
		return 1<<31 - 1, false
	}
	return 0, false
}
