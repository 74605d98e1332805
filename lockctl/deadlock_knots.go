package lockctl

import "slices"

// knots is the graph of what cannot happen before what else does. Its nodes are, for
// each seat x of n:
//
//	x        seat x goes: it is let in, and lets go
//	n+x      its session gets all that keeps it from leaving
//	2n+x     all before x go
//	3n+x     all before x that do not read go
//	4n+…     trees over the seats of each line, so that "all before x" takes few edges
//	6n+…     the same without readers
type knots struct {
	*tangle
	n    int32
	base []int32 // the first seat of each line
	line []int32 // of each seat
	from []int32 // where the edges of each node begin in to
	to   []int32
	knot []int32 // the strongly connected component of each node
	size []int32 // of each component

	came   []int32 // whence a search came to each node
	search []int32 // in which search that was
	work   int     // edges followed so far
}

func newKnots(t *tangle) *knots {
	g := &knots{tangle: t}
	for i := range t.lines {
		g.base = append(g.base, g.n)
		g.n += int32(len(t.lines[i].seats))
		for range t.lines[i].seats {
			g.line = append(g.line, int32(i))
		}
	}
	g.join()
	g.components()
	return g
}

func (g *knots) seat(x int32) (*line, *seat) {
	q := &g.lines[g.line[x]]
	return q, &q.seats[x-g.base[g.line[x]]]
}

// join makes the edges, node by node.
func (g *knots) join() {
	edge := func(to int32) { g.to = append(g.to, to) }
	each := func(do func(x int32)) {
		for x := range g.n {
			g.from = append(g.from, int32(len(g.to)))
			do(x)
		}
	}
	each(func(x int32) {
		if q, s := g.seat(x); s.waits && q.through {
			edge(g.waits(x))
		}
		edge(g.n + x)
	})
	each(func(x int32) { g.release(x, edge) })
	each(func(x int32) { g.ahead(x, false, edge) })
	each(func(x int32) { g.ahead(x, true, edge) })
	g.trees(false, edge)
	g.trees(true, edge)
	g.from = append(g.from, int32(len(g.to)))
}

// waits is the node of what a waiting seat waits for.
func (g *knots) waits(x int32) int32 {
	if _, s := g.seat(x); s.reads {
		return 3*g.n + x
	}
	return 2*g.n + x
}

// release are the edges from n+x.
func (g *knots) release(x int32, edge func(int32)) {
	_, s := g.seat(x)
	if !s.holds {
		return
	}
	for _, w := range g.parties[g.stays[s.stay].party].waits {
		if s.keeps(g.line[x], w) {
			edge(g.waits(g.base[w.line] + w.seat))
		}
	}
}

// ahead are the edges from 2n+x, or from 3n+x if readers do not count: to all before it
// that are not of its own session.
func (g *knots) ahead(x int32, writers bool, edge func(int32)) {
	q, s := g.seat(x)
	base := g.base[g.line[x]]
	k := x - base
	if q.mixed {
		for j := k - 1; j >= 0; j-- {
			if g.blocks(q, int(j), int(k)) && !(writers && q.seats[j].reads) {
				edge(base + j)
			}
		}
		return
	}
	tree, own := 4*g.n, 2*g.n
	if writers {
		tree, own = 6*g.n, 3*g.n
	}
	if s.prev >= 0 {
		edge(own + base + s.prev)
	}
	// The nodes of the tree that cover the seats after prev and before k.
	n := int32(len(q.seats))
	for lo, hi := s.prev+1+n, k+n; lo < hi; lo, hi = lo/2, hi/2 {
		if lo&1 == 1 {
			edge(tree + 2*base + lo)
			lo++
		}
		if hi&1 == 1 {
			hi--
			edge(tree + 2*base + hi)
		}
	}
}

// trees makes a binary tree over each line: node i has the children 2i and 2i+1, the
// leaves are n and on.
func (g *knots) trees(writers bool, edge func(int32)) {
	tree := 4 * g.n
	if writers {
		tree = 6 * g.n
	}
	for i := range g.lines {
		n, base := int32(len(g.lines[i].seats)), g.base[i]
		for k := range 2 * n {
			g.from = append(g.from, int32(len(g.to)))
			switch {
			case k == 0:
			case k < n:
				edge(tree + 2*base + 2*k)
				edge(tree + 2*base + 2*k + 1)
			case !writers || !g.lines[i].seats[k-n].reads:
				edge(base + k - n)
			}
		}
	}
}

// components finds the strongly connected components, as Tarjan does.
func (g *knots) components() {
	nodes := int32(len(g.from) - 1)
	index, low := make([]int32, nodes), make([]int32, nodes)
	g.knot = make([]int32, nodes) // 0 until it is known, then the component and one
	at := slices.Clone(g.from)
	var path, stack []int32
	count := int32(0)
	enter := func(v int32) {
		count++
		index[v], low[v] = count, count
		path, stack = append(path, v), append(stack, v)
	}
	for root := range nodes {
		if index[root] == 0 {
			enter(root)
		}
		for len(path) > 0 {
			v := path[len(path)-1]
			if at[v] < g.from[v+1] {
				w := g.to[at[v]]
				at[v]++
				switch {
				case index[w] == 0:
					enter(w)
				case g.knot[w] == 0:
					low[v] = min(low[v], index[w])
				}
				continue
			}
			if path = path[:len(path)-1]; len(path) > 0 {
				up := path[len(path)-1]
				low[up] = min(low[up], low[v])
			}
			if low[v] == index[v] {
				i := len(stack) - 1
				for stack[i] != v {
					i--
				}
				g.size = append(g.size, int32(len(stack)-i))
				for _, w := range stack[i:] {
					g.knot[w] = int32(len(g.size))
				}
				stack = stack[:i]
			}
		}
	}
}
