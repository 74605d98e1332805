package zkview

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// partLimit is how many znodes are watched one by one at most.
const partLimit = 2000

// partSentence is what following misses without a persistent watch.
var partSentence = fmt.Sprintf("this server has no persistent watches (they came with ZooKeeper 3.6), or does not tell its version:"+
	" what happens to a znode between two readings counts as one change, and only the first %d znodes are watched", partLimit)

// partFollow follows a path where the server has no persistent watch: a Feed keeps
// one-shot watches on the znodes of the subtree, and what it reads is compared with
// what was known.
type partFollow struct {
	set   *followSet
	trunk *trunk
	path  string // below the chroot
	feed  *Feed

	cancel context.CancelFunc
	done   chan struct{}

	nodes  map[string]*partNode
	grown  bool // nodes is not what the feed was asked for
	answer int  // how many answers are outstanding for the first reading of all

	early []Change // to be told behind the Resync
}

// partNode is one znode that is watched.
type partNode struct {
	stat   Stat
	exists bool
	born   bool // its first Stat means that it was created
	stated bool // it has been answered for
	listed bool // so has its listing
	// delisted tells that its parent does not list it any more. Until then one that is
	// gone stays watched: if it is there again before the parent is listed, no listing
	// will tell.
	delisted bool
}

// followPartly starts to follow a trunk by one-shot watches. Stop it.
func (s *Session) followPartly(t *trunk) *partFollow {
	p := &partFollow{
		set: &s.follows, trunk: t, path: s.servers.rel(t.path), feed: NewFeed(s),
		done: make(chan struct{}), nodes: map[string]*partNode{},
	}
	ctx, cancel := context.WithCancel(t.ctx)
	p.cancel = cancel
	p.add(p.path, false)
	s.spawn(func() {
		defer close(p.done)
		defer p.feed.Close()
		p.run(ctx)
	})
	return p
}

// stop ends it; nil is none.
func (p *partFollow) stop() {
	if p != nil {
		p.cancel()
		<-p.done
	}
}

// resume notes, on a later connection, that what is watched is being read again. Before
// everything was read for the first time it does nothing.
func (p *partFollow) resume() {
	if !p.lost() {
		return
	}
	p.set.arm(p.trunk.path, partSentence)
	for _, c := range p.early {
		p.push(c)
	}
	p.early = nil
}

// lost reports whether the connection was lost and no Resync has told so yet.
func (p *partFollow) lost() bool {
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	return !p.trunk.lost.IsZero()
}

func (p *partFollow) run(ctx context.Context) {
	first := true
	for {
		if p.grown {
			p.grown = false
			p.want()
		}
		if first && p.answer == 0 {
			first = false
			p.set.arm(p.trunk.path, partSentence)
		}
		news, err := p.feed.Next(ctx)
		if err != nil {
			return
		}
		for _, n := range news {
			p.take(n)
		}
	}
}

// add watches one znode more.
func (p *partFollow) add(path string, born bool) {
	if n := p.nodes[path]; n != nil {
		n.delisted = false
		return
	}
	if len(p.nodes) >= partLimit {
		return
	}
	p.nodes[path] = &partNode{born: born}
	p.answer += 2
	p.grown = true
}

// delist notes that a znode is not listed any more.
func (p *partFollow) delist(path string) {
	if n := p.nodes[path]; n != nil {
		n.delisted = true
		p.forget(path, n)
	}
}

// forget watches one znode less, if it is gone for sure.
func (p *partFollow) forget(path string, n *partNode) {
	if n.exists || !n.delisted {
		return
	}
	p.stated(n)
	p.listed(n)
	delete(p.nodes, path)
	p.grown = true
}

// stated and listed note the first answer about a znode.
func (p *partFollow) stated(n *partNode) {
	if !n.stated {
		n.stated = true
		p.answer--
	}
}

func (p *partFollow) listed(n *partNode) {
	if !n.listed {
		n.listed = true
		p.answer--
	}
}

func (p *partFollow) want() {
	paths := make([]string, 0, len(p.nodes))
	for path := range p.nodes {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	p.feed.Want(Wants{Stats: paths, Children: paths})
}

// take takes in what the feed has learned.
func (p *partFollow) take(news News) {
	n := p.nodes[news.Path]
	if n == nil && news.Kind != ResyncNews {
		return
	}
	switch news.Kind {
	case StatNews:
		p.takeStat(n, news)
		p.stated(n)
	case ListingNews:
		p.takeListing(n, news)
		p.listed(n)
	case ChildrenNews:
		for _, name := range news.Removed {
			p.delist(join(news.Path, name))
		}
		for _, name := range news.Added {
			p.add(join(news.Path, name), true)
		}
	case ResyncNews:
		p.resume()
	default:
	}
}

// takeListing compares a whole listing with the znodes that are watched.
func (p *partFollow) takeListing(n *partNode, news News) {
	if news.Err != nil && !errors.Is(news.Err, ErrNoNode) {
		return
	}
	for path := range p.nodes {
		dir, name := split(path)
		if dir == news.Path && path != "/" && (news.Err != nil || !news.Listing.Has(name)) {
			p.delist(path)
		}
	}
	if news.Err != nil {
		return
	}
	born := n.listed || n.born
	for name := range news.Listing.All {
		p.add(join(news.Path, name), born)
	}
}

func (p *partFollow) takeStat(n *partNode, news News) {
	switch {
	case errors.Is(news.Err, ErrNoNode):
		if n.exists {
			p.tell(Deleted, news)
		}
		n.exists, n.born = false, true
		p.forget(news.Path, n)
		return
	case news.Err != nil:
		return
	case !n.exists && n.born:
		p.tell(Created, news)
	case !n.exists:
	case n.stat.Czxid != news.Stat.Czxid:
		p.tell(Deleted, news)
		p.tell(Created, news)
	case n.stat.Mzxid != news.Stat.Mzxid:
		p.tell(DataChanged, news)
	}
	n.exists, n.stat = true, news.Stat
}

// tell tells of a change, behind the Resync if that has not been told yet.
func (p *partFollow) tell(kind EventKind, news News) {
	c := Change{Kind: kind, Path: news.Path, At: time.Now()}
	if p.lost() {
		p.early = append(p.early, c)
		return
	}
	p.push(c)
}

func (p *partFollow) push(c Change) {
	p.set.mu.Lock()
	defer p.set.mu.Unlock()
	for f := range p.trunk.follows {
		f.push(c)
	}
}
