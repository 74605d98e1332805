package zkview

import (
	"fmt"
	"strings"
)

// compareBatch is how many differences are told at a time at least, but for the
// last.
const compareBatch = 256

// takeB compares a znode of side b with side a.
func (c *comparison) takeB(r *Record) error {
	c.report.B++
	c.unread(r)
	key := keyOf(r.Path)
	i, both := c.at[key]
	if !both {
		if r.Path == "/" {
			return nil // an export begins with its root, and so does a walk
		}
		parent := keyOf(parentOf(r.Path))
		if p, ok := c.at[parent]; ok && c.nodes[p].unread || c.below[parent] {
			c.below[key] = true
			return nil
		}
		if r.Unread == "" {
			c.report.Added++
			c.tell(Difference{Kind: DiffAdded, Path: r.Path, Before: -1, After: len(r.Data)})
		}
		return nil
	}
	a := &c.nodes[i]
	if a.seen {
		return fmt.Errorf("%w: %q is there twice", errBadLine, cut(r.Path))
	}
	a.seen = true
	if a.unread || r.Unread != "" {
		a.unread = true
		return nil
	}
	c.match(a, r)
	return nil
}

// match compares what is held of a znode with the one of side b.
func (c *comparison) match(a *digest, r *Record) {
	b := digestOf(r)
	d := Difference{
		Kind: DiffChanged, Path: r.Path, Before: int(max(a.size, 0)), After: len(r.Data),
		Data: a.size != b.size || a.data != b.data,
		Mode: (a.mode == Ephemeral) != (b.mode == Ephemeral) || c.files && a.mode != b.mode,
	}
	switch {
	case !c.report.ACL:
	case a.hidden || b.hidden:
		c.report.Hidden++
	default:
		d.ACL = a.acl != b.acl
	}
	if !d.Data && !d.ACL && !d.Mode {
		c.report.Same++
		return
	}
	c.report.Changed++
	c.tell(d)
}

// rest tells what only side a has, and what has not been told yet.
func (c *comparison) rest() error {
	for i := range c.nodes {
		n := &c.nodes[i]
		if n.seen {
			continue
		}
		if n.parent >= 0 && c.nodes[n.parent].unread {
			n.unread = true // nobody knows whether b has it
			continue
		}
		if n.unread {
			continue
		}
		c.report.Removed++
		c.tell(Difference{Kind: DiffRemoved, Path: c.path(int32(i)), Before: int(max(n.size, 0)), After: -1})
		if err := c.flush(false); err != nil {
			return err
		}
	}
	return c.flush(true)
}

func (c *comparison) path(i int32) string {
	if c.nodes[i].parent < 0 {
		return "/"
	}
	var names []string
	for ; c.nodes[i].parent >= 0; i = c.nodes[i].parent {
		names = append(names, c.nodes[i].name)
	}
	var b strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(names[i])
	}
	return b.String()
}

func (c *comparison) tell(d Difference) { c.out = append(c.out, d) }

// flush hands the differences on.
func (c *comparison) flush(all bool) error {
	if len(c.out) == 0 || !all && len(c.out) < compareBatch {
		return nil
	}
	out := c.out
	c.out = nil
	return c.found(out)
}
