package zkview

import (
	"path"
	"strings"
	"time"
)

// Tree is a model of what a person has expanded of the znode tree: a sequence of
// rows, sorted and filtered, brought up to date by [News]. It does no I/O, starts
// no goroutine and has no clock; one goroutine owns it. No method takes longer for
// a parent with many children than for one with few, but for a factor of log n:
// long listings come prepared, and sorting or filtering them is handed out as a
// [Job].
//
// The znode "/" has no row; [Tree.Root] tells about it.
type Tree struct {
	root     *branch
	branches map[string]*branch // by path
	rootStat *Stat
	rootErr  error

	order  Order
	filter Filter

	marked map[string]struct{}
	fading []fade // what Tick ends, oldest first

	inline    int  // inlineMax, less in tests
	unsettled bool // there may be something for Job to do

	opened      []string // the paths of expanded znodes, rebuilt when openedStale
	openedStale bool
}

// branch is a znode whose children are known, or are to be.
type branch struct {
	path, name string
	parent     *branch
	open       bool
	want       bool // opened, and no listing or error has come since
	err        error
	got, size  int64
	stat       Stat // that came with the last listing

	all   *seq[int64] // every child in natural order; nil until a listing came
	view  *seq[int64] // the rows, in order and through filter; all itself if these do nothing
	order Order       // of view
	show  Filter      // of view
	stats *seq[*Stat] // of the children whose Stat is known
	prune bool        // stats may know znodes that are gone

	kids  map[string]*branch
	notes map[string]*note

	job     *part
	touched map[string]struct{} // what changed since job was handed out
}

// note is what a row has to say beyond name and Stat.
type note struct {
	mark Mark
	at   time.Time
	err  error
	gone bool // deleted; the row stays for a moment
}

// NewTree returns a tree in which only "/" is expanded and nothing is known.
func NewTree() *Tree {
	t := &Tree{branches: map[string]*branch{}, marked: map[string]struct{}{}, openedStale: true, inline: inlineMax}
	t.root = &branch{path: "/", open: true, want: true}
	t.branches["/"] = t.root
	return t
}

// split cuts a path into its parent's path and its name.
func split(p string) (dir, name string) {
	i := strings.LastIndexByte(p, '/')
	if i <= 0 {
		return "/", p[i+1:]
	}
	return p[:i], p[i+1:]
}

// join is the path of a child. A name is data: it is never cleaned.
func join(dir, name string) string {
	if dir == "/" {
		return dir + name
	}
	return dir + "/" + name
}

// valid tells that p is an absolute path as the tree keeps them.
func valid(p string) bool { return p != "" && p[0] == '/' && path.Clean(p) == p }

// branch returns the branch of a path, made with all above it if need be.
func (t *Tree) branch(p string) *branch {
	if b := t.branches[p]; b != nil {
		return b
	}
	dir, name := split(p)
	parent := t.branch(dir)
	b := &branch{path: p, name: name, parent: parent}
	if parent.kids == nil {
		parent.kids = map[string]*branch{}
	}
	parent.kids[name] = b
	t.branches[p] = b
	return b
}

// drop forgets a branch and all below it. Its rows must be gone from its parent's view.
func (t *Tree) drop(b *branch) {
	for _, k := range b.kids {
		t.drop(k)
	}
	b.stopJob()
	delete(t.branches, b.path)
	if b.parent != nil {
		delete(b.parent.kids, b.name)
	}
	t.openedStale = true
}

// rows is how many rows the children of b take in its parent's view.
func (b *branch) rows() int {
	if !b.open || b.view == nil {
		return 0
	}
	return b.view.rows()
}

// Expand shows the children of a znode, or will as soon as they are known.
func (t *Tree) Expand(p string) { t.setOpen(p, true) }

// Collapse hides them. What is expanded below is remembered.
func (t *Tree) Collapse(p string) { t.setOpen(p, false) }

// Toggle expands or collapses.
func (t *Tree) Toggle(p string) { t.setOpen(p, !t.IsExpanded(p)) }

// IsExpanded tells whether the children of a znode are shown or to be shown.
func (t *Tree) IsExpanded(p string) bool {
	b := t.branches[p]
	return b != nil && b.open
}

func (t *Tree) setOpen(p string, open bool) {
	if !valid(p) || p == "/" || open == t.IsExpanded(p) {
		return
	}
	b := t.branch(p)
	b.open = open
	b.want, b.err, b.got, b.size = open, nil, 0, 0
	t.openedStale = true
	t.settle(b)
	if !open && b.all == nil && len(b.kids) == 0 {
		t.drop(b)
	}
}

// Reveal expands everything above a znode, so that its row is there as soon as
// the listings above it are.
func (t *Tree) Reveal(p string) {
	for valid(p) && p != "/" {
		p, _ = split(p)
		t.Expand(p)
	}
}

// settle brings the rows of b into the views above it: whether it has a row there, and
// how many its children take.
func (t *Tree) settle(b *branch) {
	for p := b.parent; p != nil; b, p = p, p.parent {
		if p.view == nil {
			return
		}
		e := p.entry(b.name)
		before := p.view.rows()
		switch want, in := p.wants(b.name), p.view.has(e); {
		case want && in:
			p.view.setExtra(e, b.rows())
		case want:
			p.view.set(e, b.rows())
		case in:
			p.view.remove(e)
		}
		if p.view.rows() == before {
			return
		}
	}
}

// wants tells whether a child has a row in b's view.
func (b *branch) wants(name string) bool {
	if !b.all.has(entry[int64]{name: name}) {
		return false
	}
	if !b.show.Active() || b.show.Match(name) {
		return true
	}
	kid := b.kids[name]
	return kid != nil && kid.view != nil && kid.view.len() > 0
}

// entry is a child as it stands in b's view.
func (b *branch) entry(name string) entry[int64] {
	if b.order.By == ByName {
		return entry[int64]{name: name}
	}
	return entry[int64]{name: name, v: b.order.key(b.known(name))}
}

// known is the last Stat of a child, nil if there is none.
func (b *branch) known(name string) *Stat {
	if b.stats == nil {
		return nil
	}
	e, _ := b.stats.get(entry[*Stat]{name: name})
	return e.v
}

// setKnown keeps the Stat of a child; nil forgets it.
func (b *branch) setKnown(name string, s *Stat) {
	if b.stats == nil {
		b.stats = newSeq(nil, byName[*Stat])
	}
	if s == nil {
		b.stats.remove(entry[*Stat]{name: name})
		return
	}
	b.stats.set(entry[*Stat]{name: name, v: s}, 0)
}

// note returns what is noted of a child, made if need be.
func (b *branch) note(name string) *note {
	n := b.notes[name]
	if n == nil {
		if b.notes == nil {
			b.notes = map[string]*note{}
		}
		n = new(note)
		b.notes[name] = n
	}
	return n
}
