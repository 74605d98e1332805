package tui

import (
	"cmp"
	"slices"
	"strings"
)

// maxDifferences is how many differences a comparison holds; what is beyond them
// is counted only.
const maxDifferences = 200_000

// diffSign is how one side of a comparison differs from the other.
type diffSign uint8

const (
	signNone    diffSign = iota // alike itself, with differences below
	signAdded                   // only on the right
	signRemoved                 // only on the left
	signChanged
)

// tally counts differences by their sign.
type tally [signChanged + 1]int64

func (t *tally) sum() int64 { return t[signAdded] + t[signRemoved] + t[signChanged] }

// compareNode is a znode of either side, named once.
type compareNode struct {
	name   string
	parent int32
	kids   []int32
	sign   diffSign
	open   bool
	sorted bool  // kids are in order
	depth  int32 // of the root 0
	detail int32 // what is known of the difference, -1 for nothing
	below  tally // differences in the subtree, its own among them
}

// compareTree is a tree of differences, which come in any order. It costs by what
// it holds when something comes or is opened, and by what is visible when drawn.
type compareTree struct {
	nodes []compareNode
	index map[string]int32
	rows  []int32 // what is expanded, in order
	stale bool    // rows have to be made again
}

func newCompareTree() *compareTree {
	t := &compareTree{index: map[string]int32{"/": 0}, stale: true}
	t.nodes = []compareNode{{name: "/", parent: -1, open: true, detail: -1}}
	return t
}

// add puts a difference at a path, "/" or below it, and reports whether it was
// new.
func (t *compareTree) add(path string, sign diffSign, detail int32) bool {
	i := t.at(path)
	if t.nodes[i].sign != signNone {
		return false
	}
	t.nodes[i].sign, t.nodes[i].detail = sign, detail
	for ; i >= 0; i = t.nodes[i].parent {
		t.nodes[i].below[sign]++
	}
	t.stale = true
	return true
}

// at is the node for path, made with its parents where they are missing.
func (t *compareTree) at(path string) int32 {
	if i, ok := t.index[path]; ok {
		return i
	}
	up := t.at(parentOf(path))
	i := int32(len(t.nodes))
	t.nodes = append(t.nodes, compareNode{name: lastPart(path), parent: up, detail: -1, depth: t.nodes[up].depth + 1})
	t.nodes[up].kids = append(t.nodes[up].kids, i)
	t.nodes[up].sorted = false
	t.index[strings.Clone(path)] = i
	return i
}

// path is the whole path of node i.
func (t *compareTree) path(i int32) string {
	n := &t.nodes[i]
	switch {
	case n.parent < 0:
		return "/"
	case n.parent == 0:
		return "/" + n.name
	}
	return t.path(n.parent) + "/" + n.name
}

// visible are the rows, made again if something came or was opened.
func (t *compareTree) visible() []int32 {
	if !t.stale {
		return t.rows
	}
	t.stale = false
	t.rows = t.rows[:0]
	todo := []int32{0}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		t.rows = append(t.rows, i)
		n := &t.nodes[i]
		if !n.open {
			continue
		}
		if !n.sorted {
			n.sorted = true
			slices.SortFunc(n.kids, func(a, b int32) int { return cmp.Compare(t.nodes[a].name, t.nodes[b].name) })
		}
		for _, k := range slices.Backward(n.kids) {
			todo = append(todo, k)
		}
	}
	return t.rows
}

// row is where node i stands among the visible ones, or its nearest visible
// parent.
func (t *compareTree) row(i int32) int {
	rows := t.visible()
	for ; i >= 0; i = t.nodes[i].parent {
		if at := slices.Index(rows, i); at >= 0 {
			return at
		}
	}
	return 0
}

// open expands node i or collapses it, and reports whether that changed anything.
func (t *compareTree) open(i int32, open bool) bool {
	n := &t.nodes[i]
	if len(n.kids) == 0 || n.open == open {
		return false
	}
	n.open = open
	t.stale = true
	return true
}

// unfold expands what helps to see something at once: everything if that is at
// most rows long, else the way down to the first parent with several children.
func (t *compareTree) unfold(rows int) {
	if len(t.nodes) <= rows {
		for i := range t.nodes {
			t.open(int32(i), true)
		}
		return
	}
	for i := int32(0); ; i = t.nodes[i].kids[0] {
		t.open(i, true)
		if len(t.nodes[i].kids) != 1 {
			return
		}
	}
}
