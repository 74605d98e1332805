package zkview

import (
	"slices"
	"strings"
	"sync"
)

// Usage is what a znode and all below it take.
type Usage struct {
	Path string
	// Znodes counts the znode and all below it, Ephemerals those of them that are
	// ephemeral, Unread those that could not be read, whose data is not counted.
	Znodes, Ephemerals, Unread int64
	// Bytes is the size of the data of all of them, Own that of the znode itself.
	// Names, ACLs and Stats, some hundred bytes a znode, are not counted.
	Bytes, Own int64
	// Children counts the direct children that were visited.
	Children int
}

// Usages sums up what the batches of a [Session.Walk] bring, which must be asked for
// Stat, for each znode with children. Its memory is bounded, some 50 MB at the most:
// of leaves it keeps the biggest by name, 200 a parent, and fewer a parent where there
// are very many; of znodes with children the first 150,000, which are the
// upper ones. All sums are right all the same; what is not kept is in the rest that
// [Usages.Below] tells of.
//
// One goroutine may Add while others read. Nothing blocks but for the time of a batch.
type Usages struct {
	mu    sync.RWMutex
	root  *usageNode
	nodes map[string]*usageNode

	last       *usageNode // where the znode before this one was counted
	lastParent string

	perParent int // how many leaves a parent keeps
	leaves    int // kept, of all parents
	limits    usageLimits
}

// usageLimits bound what Usages keep.
type usageLimits struct{ nodes, leaves, perParent int }

var defaultUsageLimits = usageLimits{nodes: 150_000, leaves: 300_000, perParent: 200}

// usageNode is a znode with children.
type usageNode struct {
	path       string
	up         *usageNode
	kids       []*usageNode
	leaves     []usageLeaf // the biggest, as a heap with the smallest first
	own        int64
	bytes      int64
	znodes     int64
	ephemerals int64
	unread     int64
	children   int
}

// usageLeaf is a znode without children.
type usageLeaf struct {
	name              string
	bytes             int32
	ephemeral, unread bool
}

// NewUsages makes the sums of a walk that starts at root.
func NewUsages(root string) *Usages { return newUsages(root, defaultUsageLimits) }

func newUsages(root string, limits usageLimits) *Usages {
	return &Usages{
		root: &usageNode{path: root}, nodes: map[string]*usageNode{},
		perParent: limits.perParent, limits: limits,
	}
}

// Add counts a batch of znodes, whose parents were added before them.
func (u *Usages) Add(batch []Znode) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i := range batch {
		u.add(&batch[i])
	}
}

func (u *Usages) add(z *Znode) {
	leaf := usageLeaf{bytes: max(z.Stat.DataLength, 0), ephemeral: z.Stat.Kind() == Ephemeral, unread: z.Err != nil}
	if z.Path == u.root.path {
		u.nodes[u.root.path] = u.root
		u.root.own = int64(leaf.bytes)
		u.root.count(leaf)
		return
	}
	at := nameStart(z.Path)
	parent := z.Path[:max(at-1, 1)]
	if u.last == nil || parent != u.lastParent {
		u.last, u.lastParent = u.ancestor(parent), strings.Clone(parent)
	}
	up := u.last
	kept := up.path == parent // else only something above it is kept
	if kept {
		up.children++
	}
	switch {
	case !kept:
	case z.Children == 0 && z.Stat.NumChildren == 0:
		u.keepLeaf(up, leaf, z.Path[at:])
	case len(u.nodes) < u.limits.nodes:
		n := &usageNode{path: strings.Clone(z.Path), up: up, own: int64(leaf.bytes)}
		up.kids = append(up.kids, n)
		u.nodes[n.path] = n
		up = n
	}
	for n := up; n != nil; n = n.up {
		n.count(leaf)
	}
}

// ancestor is the lowest znode at or above path that is kept.
func (u *Usages) ancestor(path string) *usageNode {
	for path != "/" && path != "" {
		if n := u.nodes[path]; n != nil {
			return n
		}
		path = path[:max(nameStart(path)-1, 0)]
	}
	return u.root
}

func (n *usageNode) count(leaf usageLeaf) {
	n.znodes++
	n.bytes += int64(leaf.bytes)
	if leaf.ephemeral {
		n.ephemerals++
	}
	if leaf.unread {
		n.unread++
	}
}

// keepLeaf keeps a leaf if it is one of the biggest of its parent.
func (u *Usages) keepLeaf(up *usageNode, leaf usageLeaf, name string) {
	if len(up.leaves) >= u.perParent {
		if leaf.bytes <= up.leaves[0].bytes {
			return
		}
		up.popLeaf()
		u.leaves--
	}
	leaf.name = strings.Clone(name)
	up.pushLeaf(leaf)
	if u.leaves++; u.leaves > u.limits.leaves && u.perParent > 1 {
		u.perParent /= 2
		u.leaves = 0
		for _, n := range u.nodes {
			for len(n.leaves) > u.perParent {
				n.popLeaf()
			}
			n.leaves = slices.Clip(slices.Clone(n.leaves))
			u.leaves += len(n.leaves)
		}
	}
}

func (n *usageNode) pushLeaf(leaf usageLeaf) {
	n.leaves = append(n.leaves, leaf)
	i := len(n.leaves) - 1
	for i > 0 && n.leaves[(i-1)/2].bytes > n.leaves[i].bytes {
		n.leaves[(i-1)/2], n.leaves[i] = n.leaves[i], n.leaves[(i-1)/2]
		i = (i - 1) / 2
	}
}

// popLeaf drops the smallest.
func (n *usageNode) popLeaf() {
	last := len(n.leaves) - 1
	n.leaves[0] = n.leaves[last]
	n.leaves[last] = usageLeaf{}
	n.leaves = n.leaves[:last]
	for i := 0; ; {
		least := i
		for k := 2*i + 1; k <= 2*i+2 && k < last; k++ {
			if n.leaves[k].bytes < n.leaves[least].bytes {
				least = k
			}
		}
		if least == i {
			return
		}
		n.leaves[i], n.leaves[least] = n.leaves[least], n.leaves[i]
		i = least
	}
}

func (n *usageNode) usage() Usage {
	return Usage{
		Path: n.path, Znodes: n.znodes, Ephemerals: n.ephemerals, Unread: n.unread,
		Bytes: n.bytes, Own: n.own, Children: n.children,
	}
}

func (n *usageNode) leafUsage(l usageLeaf) Usage {
	u := Usage{Path: join(n.path, l.name), Znodes: 1, Bytes: int64(l.bytes), Own: int64(l.bytes)}
	if l.ephemeral {
		u.Ephemerals = 1
	}
	if l.unread {
		u.Unread = 1
	}
	return u
}
