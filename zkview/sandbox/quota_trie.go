package sandbox

import "strings"

// quotaTrie holds the paths that have a quota (org.apache.zookeeper.common.PathTrie).
type quotaTrie struct {
	kids map[string]*quotaTrie
	set  bool
}

// trieParts are the names in a path, without the blank ones.
func trieParts(path string) []string {
	var parts []string
	for name := range strings.SplitSeq(path, "/") {
		if strings.TrimFunc(name, func(c rune) bool { return c <= ' ' }) != "" {
			parts = append(parts, name)
		}
	}
	return parts
}

func (q *quotaTrie) add(path string) {
	for _, name := range trieParts(path) {
		if q.kids == nil {
			q.kids = map[string]*quotaTrie{}
		}
		if q.kids[name] == nil {
			q.kids[name] = &quotaTrie{}
		}
		q = q.kids[name]
	}
	q.set = true
}

// remove takes the mark off the path, and the path out if nothing is below it.
func (q *quotaTrie) remove(path string) {
	var above *quotaTrie
	last := ""
	for _, name := range trieParts(path) {
		if q.kids[name] == nil {
			return
		}
		above, q, last = q, q.kids[name], name
	}
	q.set = false
	if above != nil && len(q.kids) == 0 {
		delete(above.kids, last)
	}
}

// longest is the longest path with a quota that path is under or is, or "". The root
// has none.
func (q *quotaTrie) longest(path string) string {
	if len(q.kids) == 0 {
		return ""
	}
	found, at := "", ""
	for _, name := range trieParts(path) {
		if q = q.kids[name]; q == nil {
			break
		}
		if at += "/" + name; q.set {
			found = at
		}
	}
	return found
}
