package lockctl

import (
	"cmp"
	"slices"
)

// plenty is how many edges may be followed to find shorter circles where there is one.
const plenty = 1_000_000

// circle is a way around in the graph.
type circle struct {
	seats []int32 // whose sessions wait in another line; the first is where it begins
	chain []Wait
}

// circles are the shortest circles in which all that are in one are.
func (g *knots) circles() []Deadlock {
	g.came, g.search = make([]int32, len(g.knot)), make([]int32, len(g.knot))
	var found []circle
	in := make([]bool, g.n)
	for x := range g.n {
		round := g.size[g.knot[g.n+x]-1] > 1
		if !round || g.work > plenty && in[x] || g.work > 4*plenty && len(found) > 0 {
			continue
		}
		c := g.around(x)
		for _, s := range c.seats {
			in[s] = true
		}
		found = append(found, c)
	}
	slices.SortFunc(found, func(a, b circle) int {
		return cmp.Or(cmp.Compare(len(a.chain), len(b.chain)), slices.CompareFunc(a.chain, b.chain, compareWaits))
	})
	clear(in)
	var all []Deadlock
	for _, c := range found {
		if in[c.seats[0]] || len(all) == mostDeadlocks {
			continue
		}
		for _, s := range c.seats {
			in[s] = true
		}
		all = append(all, Deadlock{Chain: c.chain})
	}
	return all
}

// compareWaits orders by what is held and what is waited for.
func compareWaits(a, b Wait) int {
	return cmp.Or(cmp.Compare(a.Holds, b.Holds), cmp.Compare(a.HoldsNode, b.HoldsNode),
		cmp.Compare(a.Lock, b.Lock), cmp.Compare(a.Node, b.Node), cmp.Compare(a.For, b.For))
}

// around is the shortest way from a seat's session, which waits in another line, back
// to the seat. It is counted in seats: in the search only edges to a seat cost something.
func (g *knots) around(x int32) circle {
	root := g.n + x
	now, next := []int32{root}, []int32(nil)
	for len(now) > 0 {
		for len(now) > 0 {
			v := now[len(now)-1]
			now = now[:len(now)-1]
			g.work += int(g.from[v+1] - g.from[v])
			for _, w := range g.to[g.from[v]:g.from[v+1]] {
				if g.search[w] == x+1 || g.knot[w] != g.knot[root] {
					continue
				}
				g.search[w], g.came[w] = x+1, v
				switch {
				case w == root:
					return g.back(root)
				case w < g.n:
					next = append(next, w)
				default:
					now = append(now, w)
				}
			}
		}
		now, next = next, now
	}
	return circle{} // not so: the component has a way
}

// back makes a circle of the way that a search came to its root.
func (g *knots) back(root int32) circle {
	path := []int32{}
	for v := g.came[root]; v != root; v = g.came[v] {
		path = append(path, v)
	}
	slices.Reverse(path)
	has := root - g.n // who waits
	c := circle{seats: []int32{has}}
	var w Wait
	for _, v := range path {
		switch {
		case v < g.n:
			q, s := g.seat(v)
			w.For = q.lock.Contenders[s.at].Node
			c.chain, w, has = append(c.chain, w), Wait{}, v
		case v < 2*g.n:
			c.seats = append(c.seats, v-g.n)
		case v < 4*g.n && w.Lock == "": // what follows is of those before it in its line
			w = g.wait(has, v%g.n)
		}
	}
	least := 0
	for i := range c.chain {
		if compareWaits(c.chain[i], c.chain[least]) < 0 {
			least = i
		}
	}
	c.chain = slices.Concat(c.chain[least:], c.chain[:least])
	return c
}

// wait says of one session what it has and what it waits for.
func (g *knots) wait(has, waits int32) Wait {
	q, s := g.seat(has)
	c := &q.lock.Contenders[s.at]
	w := Wait{
		Session: c.Session, Identity: c.Identity, Address: c.Address,
		Holds: q.lock.Path, HoldsNode: c.Node,
	}
	q, s = g.seat(waits)
	c = &q.lock.Contenders[s.at]
	w.Lock, w.Node = q.lock.Path, c.Node
	w.Identity, w.Address = cmp.Or(w.Identity, c.Identity), cmp.Or(w.Address, c.Address)
	return w
}
