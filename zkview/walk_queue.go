package zkview

import (
	"unsafe"

	"zkdeck/zkview/wire"
)

// walkListing are the children of one znode that nobody has read yet, as the server
// listed them.
type walkListing struct {
	parent string // on the server; empty for "/"
	depth  int    // of the children
	names  wire.Names
	held   int // bytes that stay while some are left
	// read of them were read, with replies of so many bytes.
	read, bytes int64
}

// next takes off the first name and returns its path; buf is for use.
func (l *walkListing) next(buf *[]byte) string {
	*buf = append((*buf)[:0], l.parent...)
	*buf = append(*buf, '/')
	*buf = append(*buf, l.names.Next()...)
	return string(*buf)
}

// walkQueue holds what is to be visited. A million leaves take the bytes of their
// names. Within the bound it is breadth-first; beyond, the latest listing comes
// first, so that listings are used up before others are added.
type walkQueue struct {
	lists  []*walkListing
	first  int // of lists that is not used up
	bound  int
	bytes  int
	znodes int64
}

// push adds a listing, unless it is empty.
func (q *walkQueue) push(parent string, depth int, names wire.Names) {
	if names.Len() == 0 {
		return
	}
	if parent == "/" {
		parent = ""
	}
	l := &walkListing{parent: parent, depth: depth, names: names}
	l.held = names.Size() + len(parent) + int(unsafe.Sizeof(*l))
	q.lists = append(q.lists, l)
	q.bytes += l.held
	q.znodes += int64(names.Len())
}

// at is the i-th listing in the order in which they are due, nil after the last.
// It may be used up.
func (q *walkQueue) at(i int) *walkListing {
	if i >= len(q.lists)-q.first {
		return nil
	}
	if q.bytes > q.bound {
		return q.lists[len(q.lists)-1-i]
	}
	return q.lists[q.first+i]
}

// tidy drops the listings at both ends that are used up.
func (q *walkQueue) tidy() {
	for q.first < len(q.lists) && q.lists[q.first].names.Len() == 0 {
		q.bytes -= q.lists[q.first].held
		q.lists[q.first] = nil
		q.first++
	}
	for len(q.lists) > q.first && q.lists[len(q.lists)-1].names.Len() == 0 {
		last := len(q.lists) - 1
		q.bytes -= q.lists[last].held
		q.lists[last] = nil
		q.lists = q.lists[:last]
	}
	if q.first > 1024 && q.first > len(q.lists)/2 {
		n := copy(q.lists, q.lists[q.first:])
		clear(q.lists[n:])
		q.lists, q.first = q.lists[:n], 0
	}
}
