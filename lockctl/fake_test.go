package lockctl

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// cluster is a Source in memory. A change is told before any reply that has it in it.
type cluster struct {
	mu      sync.Mutex
	zxid    int64
	nodes   map[string]*znode
	follows map[*following]bool
	counts  map[string]int // calls, by name
	read    int            // znodes read
	denied  map[string]bool
	answers Answers
	askErr  error
	partial string
	hold    chan struct{}      // if not nil, List waits for it
	after   func(at time.Time) // called after each change
	closed  chan struct{}      // signalled when something is followed no longer
}

type znode struct {
	stat Stat
	data []byte
	kids map[string]bool
	made int64 // children ever
}

func newCluster() *cluster {
	c := &cluster{nodes: map[string]*znode{}, follows: map[*following]bool{}, counts: map[string]int{}, denied: map[string]bool{}, closed: make(chan struct{}, 1)}
	c.nodes["/"] = &znode{kids: map[string]bool{}, stat: Stat{Czxid: 1}}
	return c
}

type following struct {
	c     *cluster
	root  string
	queue []Change
	ready chan struct{}
	ended bool
}

func (f *following) Next(ctx context.Context) ([]Change, error) {
	for {
		f.c.mu.Lock()
		q := f.queue
		f.queue = nil
		f.c.mu.Unlock()
		if len(q) > 0 {
			return q, nil
		}
		select {
		case <-f.ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (f *following) Partial() string { return f.c.partial }

func (f *following) Live() bool {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	return f.c.follows[f] || f.ended
}

func (f *following) Close() {
	f.c.mu.Lock()
	defer f.c.mu.Unlock()
	f.ended = true
	delete(f.c.follows, f)
	select {
	case f.c.closed <- struct{}{}:
	default:
	}
}

// unfollowed waits until nothing is followed any more.
func (c *cluster) unfollowed(t testing.TB) {
	t.Helper()
	late := time.After(time.Minute)
	for {
		c.mu.Lock()
		left := slices.Collect(maps.Keys(c.follows))
		c.mu.Unlock()
		if len(left) == 0 {
			return
		}
		select {
		case <-c.closed:
		case <-late:
			t.Fatalf("%s is still followed", left[0].root)
		}
	}
}

func (c *cluster) push(ch Change) {
	for f := range c.follows {
		if ch.Kind != Missed && !under(f.root, ch.Path) {
			continue
		}
		if ch.Kind == Missed {
			ch.Path = f.root
		}
		f.queue = append(f.queue, ch)
		select {
		case f.ready <- struct{}{}:
		default:
		}
	}
}

// create makes a znode, and its parents. A path that ends in "%" is sequential.
func (c *cluster) create(path string, session int64, data string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.make(path, session, data)
}

func (c *cluster) make(path string, session int64, data string) string {
	dir, base := split(path)
	if c.nodes[dir] == nil {
		c.make(dir, 0, "")
	}
	p := c.nodes[dir]
	if stem, ok := strings.CutSuffix(base, "%"); ok {
		base = stem + seq(int32(p.made))
	}
	if p.kids[base] {
		return base
	}
	c.zxid++
	now := time.Now()
	p.made++
	p.kids[base] = true
	c.nodes[join(dir, base)] = &znode{kids: map[string]bool{}, data: []byte(data), stat: Stat{
		Czxid: c.zxid + 1, Mzxid: c.zxid + 1, Ctime: now.UnixMilli(), Mtime: now.UnixMilli(), EphemeralOwner: session, DataLength: int32(len(data)),
	}}
	c.push(Change{Kind: Created, Path: join(dir, base), At: now})
	if c.after != nil {
		c.after(now)
	}
	return base
}

func (c *cluster) remove(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.nodes[path]
	if n == nil {
		return
	}
	dir, base := split(path)
	c.zxid++
	delete(c.nodes, path)
	delete(c.nodes[dir].kids, base)
	now := time.Now()
	c.push(Change{Kind: Deleted, Path: path, At: now})
	if c.after != nil {
		c.after(now)
	}
}

func (c *cluster) set(path, data string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.zxid++
	n := c.nodes[path]
	n.data, n.stat.Version, n.stat.Mzxid, n.stat.Mtime = []byte(data), n.stat.Version+1, c.zxid, time.Now().UnixMilli()
	c.push(Change{Kind: Written, Path: path, At: time.Now()})
}

// miss tells that changes were missed, having made some that nobody is told of.
func (c *cluster) miss(hidden func()) {
	c.mu.Lock()
	quiet := c.follows
	c.follows = map[*following]bool{}
	c.mu.Unlock()
	since := time.Now()
	hidden()
	c.mu.Lock()
	defer c.mu.Unlock()
	for f := range quiet {
		if !f.ended {
			c.follows[f] = true
		}
	}
	c.push(Change{Kind: Missed, At: time.Now(), Since: since})
}

func (c *cluster) stat(path string) Stat {
	n := c.nodes[path]
	s := n.stat
	s.NumChildren = int32(len(n.kids))
	s.Cversion = int32(2*n.made) - s.NumChildren
	return s
}

func (c *cluster) count(call string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[call]
}

func (c *cluster) Walk(ctx context.Context, root string, _ SearchPace, visit func([]string) error) (SearchProgress, error) {
	c.mu.Lock()
	c.counts["walk"]++
	if c.nodes[root] == nil {
		c.mu.Unlock()
		return SearchProgress{}, fmt.Errorf("%s: %w", root, ErrGone)
	}
	var paths []string
	for p := range c.nodes {
		if under(root, p) {
			paths = append(paths, p)
		}
	}
	c.mu.Unlock()
	slices.Sort(paths)
	for part := range slices.Chunk(paths, 100) {
		if err := visit(part); err != nil {
			return SearchProgress{Visited: int64(len(paths))}, err
		}
	}
	return SearchProgress{Visited: int64(len(paths))}, ctx.Err()
}

func (c *cluster) List(ctx context.Context, path string) ([]string, Stat, error) {
	c.mu.Lock()
	hold := c.hold
	c.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, Stat{}, ctx.Err()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts["list"]++
	c.counts["list "+path]++
	n := c.nodes[path]
	switch {
	case n == nil:
		return nil, Stat{}, fmt.Errorf("%s: %w", path, ErrGone)
	case c.denied[path]:
		return nil, Stat{}, fmt.Errorf("%s: %w", path, ErrDenied)
	}
	return slices.Collect(maps.Keys(n.kids)), c.stat(path), nil
}

func (c *cluster) Read(_ context.Context, dir string, names []string) ([]ReadNode, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts["read"]++
	c.read += len(names)
	var nodes []ReadNode
	for _, name := range names {
		n := ReadNode{Node: Node{Name: name}}
		path := join(dir, name)
		switch z := c.nodes[path]; {
		case z == nil:
			n.Err = ErrGone
		case c.denied[path]:
			n.Err = ErrDenied
		default:
			n.Stat, n.Data = c.stat(path), z.data
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func (c *cluster) Follow(_ context.Context, path string) (Following, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts["follow"]++
	f := &following{c: c, root: path, ready: make(chan struct{}, 1)}
	c.follows[f] = true
	return f, nil
}

func (c *cluster) Ask(_ context.Context, watches bool) (Answers, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts["ask"]++
	if watches {
		c.counts["ask watches"]++
	}
	a := c.answers
	if !watches {
		a.Cluster.Watches, a.Cluster.AllWatches = nil, false
	}
	return a, c.askErr
}

// boardOn makes a board for a test.
func boardOn(t testing.TB, c *cluster, o Options) *Board {
	t.Helper()
	b := NewBoard(c, o)
	t.Cleanup(b.Close)
	return b
}

// settled waits until the board knows all that it looks for.
func settled(t testing.TB, b *Board) *Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := b.Settled(ctx); err != nil {
		t.Fatal("the board does not settle: ", err)
	}
	return b.Snapshot()
}

// until waits for a snapshot.
func until(t testing.TB, b *Board, what string, is func(*Snapshot) bool) *Snapshot {
	t.Helper()
	end := time.After(time.Minute)
	for {
		s := b.Snapshot()
		if is(s) {
			return s
		}
		select {
		case <-b.Changed():
		case <-end:
			t.Fatalf("never: %s\n%s", what, all(s))
		}
	}
}

// all writes the locks of a snapshot.
func all(s *Snapshot) string {
	var lines []string
	for _, v := range s.Locks {
		l := fmt.Sprintf("%s %s", v.State, short(v.Lock))
		if c := codes(v.Lock); c != "" {
			l += " !" + c
		}
		lines = append(lines, l)
	}
	return strings.Join(lines, "\n")
}

// queue makes a queue of go-zookeeper's; the sessions are from 0x100 on.
func (c *cluster) queue(path string, n int) (names []string) {
	for i := range n {
		names = append(names, c.create(path+"/_c_"+hex32(i)+"-lock-%", int64(0x100+i), fmt.Sprintf("client-%d", i)))
	}
	return names
}
