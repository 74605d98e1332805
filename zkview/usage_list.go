package zkview

import (
	"cmp"
	"slices"
)

// UsageOrder is what a list of Usage is sorted by.
type UsageOrder uint8

// The orders: what takes the most first, and names in their natural order.
const (
	UsageByBytes UsageOrder = iota
	UsageByZnodes
	UsageByName
)

// String is the word for the order.
func (o UsageOrder) String() string {
	switch o {
	case UsageByZnodes:
		return "znodes"
	case UsageByName:
		return "name"
	default:
		return "bytes"
	}
}

// Compare sorts: negative if a comes before b.
func (o UsageOrder) Compare(a, b Usage) int {
	c := 0
	switch o {
	case UsageByBytes:
		c = cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Znodes, a.Znodes))
	case UsageByZnodes:
		c = cmp.Or(cmp.Compare(b.Znodes, a.Znodes), cmp.Compare(b.Bytes, a.Bytes))
	}
	if c == 0 {
		c = CompareNames(a.Path, b.Path)
	}
	return c
}

// Of returns the sums of one znode so far. ok is false if it is not kept: it was not
// visited, or it is one of very many.
func (u *Usages) Of(path string) (usage Usage, ok bool) {
	u.mu.RLock()
	defer u.mu.RUnlock()
	if n := u.nodes[path]; n != nil {
		return n.usage(), true
	}
	if path == "" || path == "/" {
		return Usage{}, false
	}
	at := nameStart(path)
	up := u.nodes[path[:max(at-1, 1)]]
	if up == nil {
		return Usage{}, false
	}
	for _, l := range up.leaves {
		if l.name == path[at:] {
			return up.leafUsage(l), true
		}
	}
	return Usage{}, false
}

// Below returns the children of a znode in order, limit of them at the most (0 is
// all that are kept), and what all its other children take together: rest.Children of
// them with rest.Znodes znodes. rest.Path is empty.
func (u *Usages) Below(path string, order UsageOrder, limit int) (list []Usage, rest Usage) {
	u.mu.RLock()
	n := u.nodes[path]
	if n == nil {
		u.mu.RUnlock()
		return nil, Usage{}
	}
	list = make([]Usage, 0, len(n.kids)+len(n.leaves))
	for _, k := range n.kids {
		list = append(list, k.usage())
	}
	for _, l := range n.leaves {
		list = append(list, n.leafUsage(l))
	}
	rest = n.usage()
	u.mu.RUnlock()

	slices.SortFunc(list, order.Compare)
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	rest.Znodes--
	rest.Bytes -= rest.Own
	rest.Path, rest.Own = "", 0
	rest.Children -= len(list)
	for _, l := range list {
		rest.Znodes -= l.Znodes
		rest.Bytes -= l.Bytes
		rest.Ephemerals -= l.Ephemerals
		rest.Unread -= l.Unread
	}
	return list, rest
}
