package sandbox

import "hash/maphash"

// children are the children of a znode in the order in which they were created, but
// that the last one takes the place of one that is deleted. From indexed on a hash
// table of places finds them by name; it holds four bytes for each, as the names are
// with the nodes.
type children struct {
	list  []*node
	slots []uint32 // open addressing, a power of two long; place in list plus one, 0 is free
}

// indexed is the number of children above which there is a hash table.
const indexed = 12

var hashSeed = maphash.MakeSeed()

func (c *children) home(name string) int {
	return int(maphash.String(hashSeed, name)) & (len(c.slots) - 1)
}

// slot is the slot that holds name, or -1.
func (c *children) slot(name string) int {
	for i := c.home(name); c.slots[i] != 0; i = (i + 1) & (len(c.slots) - 1) {
		if c.list[c.slots[i]-1].name == name {
			return i
		}
	}
	return -1
}

func (c *children) get(name string) *node {
	if c.slots == nil {
		for _, n := range c.list {
			if n.name == name {
				return n
			}
		}
		return nil
	}
	if i := c.slot(name); i >= 0 {
		return c.list[c.slots[i]-1]
	}
	return nil
}

// add appends a child whose name is not there yet.
func (c *children) add(n *node) {
	c.list = append(c.list, n)
	switch {
	case c.slots == nil && len(c.list) <= indexed:
	case len(c.list)*4 > len(c.slots)*3:
		c.index()
	default:
		c.place(len(c.list) - 1)
	}
}

// index makes the hash table anew, at most half full.
func (c *children) index() {
	size := 32
	for size < len(c.list)*2 {
		size *= 2
	}
	c.slots = make([]uint32, size)
	for i := range c.list {
		c.place(i)
	}
}

func (c *children) place(at int) {
	i := c.home(c.list[at].name)
	for c.slots[i] != 0 {
		i = (i + 1) & (len(c.slots) - 1)
	}
	c.slots[i] = uint32(at + 1)
}

// remove takes the child of that name out and returns it, or nil.
func (c *children) remove(name string) *node {
	at, slot := -1, -1
	if c.slots != nil {
		if slot = c.slot(name); slot >= 0 {
			at = int(c.slots[slot]) - 1
		}
	} else {
		for i, n := range c.list {
			if n.name == name {
				at = i
				break
			}
		}
	}
	if at < 0 {
		return nil
	}
	gone, last := c.list[at], len(c.list)-1
	if slot >= 0 {
		c.free(slot)
		if at != last {
			c.slots[c.slot(c.list[last].name)] = uint32(at + 1)
		}
	}
	c.list[at] = c.list[last]
	c.list[last] = nil
	c.list = c.list[:last]
	c.shrink()
	return gone
}

// free empties a slot and moves up those behind it that a search would not find over
// the gap. The list still holds all nodes.
func (c *children) free(gap int) {
	mask := len(c.slots) - 1
	for i := (gap + 1) & mask; c.slots[i] != 0; i = (i + 1) & mask {
		home := c.home(c.list[c.slots[i]-1].name)
		if (i-home)&mask >= (i-gap)&mask {
			c.slots[gap] = c.slots[i]
			gap = i
		}
	}
	c.slots[gap] = 0
}

// shrink gives memory back once three quarters of it are unused.
func (c *children) shrink() {
	if len(c.list) <= indexed/2 {
		c.slots = nil
	}
	if cap(c.list) > 4*indexed && len(c.list) < cap(c.list)/4 {
		c.list = append(make([]*node, 0, 2*len(c.list)), c.list...)
		if c.slots != nil {
			c.index()
		}
	}
}
