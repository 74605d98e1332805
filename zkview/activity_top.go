package zkview

import (
	"cmp"
	stdheap "container/heap" // heap is a name of the package
	"slices"
	"strings"
)

// TopPath is a path that changes often.
type TopPath struct {
	Path string
	// Count is how often it changed, at most; Over of these may have been others.
	Count, Over uint64
}

// topPaths counts paths in bounded memory by the space-saving algorithm (Metwally,
// Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements in Data
// Streams, 2005): a path that is not counted takes over the counter that stands
// lowest, so every one that makes up more than 1/limit of all is there.
type topPaths struct {
	limit int
	at    map[string]int // place in heap
	heap  []TopPath      // the lowest count first
}

func newTopPaths(limit int) topPaths { return topPaths{limit: limit, at: map[string]int{}} }

func (t *topPaths) add(path string) {
	i, there := t.at[path]
	switch {
	case there:
		t.heap[i].Count++
		stdheap.Fix(t, i)
	case len(t.heap) < t.limit:
		stdheap.Push(t, TopPath{Path: path, Count: 1})
	default:
		low := &t.heap[0]
		delete(t.at, low.Path)
		low.Path, low.Over = path, low.Count
		low.Count++
		t.at[path] = 0
		stdheap.Fix(t, 0)
	}
}

// best are the n highest.
func (t *topPaths) best(n int) []TopPath {
	top := slices.SortedFunc(slices.Values(t.heap), func(a, b TopPath) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Path, b.Path))
	})
	return top[:min(max(n, 0), len(top))]
}

// Len is for package heap, and so are the others.
func (t *topPaths) Len() int           { return len(t.heap) }
func (t *topPaths) Less(i, j int) bool { return t.heap[i].Count < t.heap[j].Count }
func (t *topPaths) Swap(i, j int) {
	t.heap[i], t.heap[j] = t.heap[j], t.heap[i]
	t.at[t.heap[i].Path], t.at[t.heap[j].Path] = i, j
}

// Push is called by package heap.
func (t *topPaths) Push(x any) {
	t.at[x.(TopPath).Path] = len(t.heap)
	t.heap = append(t.heap, x.(TopPath))
}

// Pop is for package heap; nothing is ever taken out.
func (t *topPaths) Pop() any { return nil }
