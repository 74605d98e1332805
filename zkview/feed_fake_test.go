package zkview

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// fakeSource is a ZooKeeper of maps. Its watches are one-shot as the real ones.
type fakeSource struct {
	mu      sync.Mutex
	zxid    int64
	nodes   map[string]*fakeNode
	watches map[WatchRef]bool
	sub     *Subscription
	status  Status
	asked   atomic.Int64
	gate    func(ctx context.Context, op, path string) error // before each answer
}

type fakeNode struct {
	stat Stat
	data []byte
	kids map[string]bool
	deny string // the operation that the ACL forbids
}

func newFake() *fakeSource {
	s := &fakeSource{nodes: map[string]*fakeNode{"/": {kids: map[string]bool{}}}, watches: map[WatchRef]bool{}}
	s.sub = newSubscription(func(*Subscription) {})
	s.status.State = Connected
	return s
}

func (s *fakeSource) Subscribe() *Subscription { return s.sub }

func (s *fakeSource) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

func (s *fakeSource) held() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.watches)
}

func (s *fakeSource) Unwatch(refs ...WatchRef) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range refs {
		delete(s.watches, r)
	}
}

// get answers a request with a copy of the znode.
func (s *fakeSource) get(ctx context.Context, op, p string, kind WatchKind) (fakeNode, error) {
	s.asked.Add(1)
	if s.gate != nil {
		if err := s.gate(ctx, op, p); err != nil {
			return fakeNode{}, &OpError{op, p, err}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[p]
	switch {
	case n == nil:
		if op == "exists" {
			s.watches[WatchRef{p, kind}] = true
		}
		return fakeNode{}, &OpError{op, p, ErrNoNode}
	case n.deny == op:
		return fakeNode{}, &OpError{op, p, ErrNoAuth}
	}
	s.watches[WatchRef{p, kind}] = true
	c := *n
	c.kids = maps.Clone(n.kids)
	return c, nil
}

func (s *fakeSource) WatchStat(ctx context.Context, p string) (Stat, error) {
	n, err := s.get(ctx, "exists", p, DataWatch)
	return n.stat, err
}

func (s *fakeSource) WatchData(ctx context.Context, p string) ([]byte, Stat, error) {
	n, err := s.get(ctx, "getData", p, DataWatch)
	return n.data, n.stat, err
}

func (s *fakeSource) WatchChildren(ctx context.Context, p string) ([]string, Stat, error) {
	n, err := s.get(ctx, "getChildren", p, ChildrenWatch)
	return slices.Collect(maps.Keys(n.kids)), n.stat, err
}

func (s *fakeSource) fire(kind EventKind, p string, watches ...WatchKind) {
	for _, w := range watches {
		if s.watches[WatchRef{p, w}] {
			delete(s.watches, WatchRef{p, w})
			defer s.sub.push(Event{Kind: kind, Path: p})
		}
	}
}

func (s *fakeSource) create(p string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dir, name := split(p)
	parent := s.nodes[dir]
	if parent == nil || s.nodes[p] != nil {
		return
	}
	s.zxid++
	s.nodes[p] = &fakeNode{stat: Stat{Czxid: s.zxid, Mzxid: s.zxid, Pzxid: s.zxid}, kids: map[string]bool{}}
	parent.kids[name] = true
	parent.stat.Pzxid, parent.stat.NumChildren = s.zxid, int32(len(parent.kids))
	s.fire(Created, p, DataWatch)
	s.fire(ChildrenChanged, dir, ChildrenWatch)
}

func (s *fakeSource) remove(p string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[p]
	if n == nil || len(n.kids) > 0 || p == "/" {
		return
	}
	dir, name := split(p)
	parent := s.nodes[dir]
	s.zxid++
	delete(s.nodes, p)
	delete(parent.kids, name)
	parent.stat.Pzxid, parent.stat.NumChildren = s.zxid, int32(len(parent.kids))
	s.fire(Deleted, p, DataWatch, ChildrenWatch)
	s.fire(ChildrenChanged, dir, ChildrenWatch)
}

func (s *fakeSource) set(p string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[p]
	if n == nil {
		return
	}
	s.zxid++
	n.data, n.stat.Mzxid, n.stat.DataLength = data, s.zxid, int32(len(data))
	n.stat.Version++
	s.fire(DataChanged, p, DataWatch)
}

func (s *fakeSource) setup(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// lines describes the tree as far as it is expanded, as shown does.
func (s *fakeSource) lines(p string, open map[string]bool) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	var walk func(p string)
	walk = func(p string) {
		var names []string
		for k := range s.nodes[p].kids {
			names = append(names, k)
		}
		for _, e := range sortNames(names) {
			c := join(p, e.name)
			lines = append(lines, fmt.Sprint(c, " ", s.nodes[c].stat))
			if open[c] {
				walk(c)
			}
		}
	}
	walk(p)
	return lines
}

// laggingSource gives once an answer that was true some changes ago, as a server does
// that has fallen behind.
type laggingSource struct {
	*fakeSource
	late sync.Map // by operation, what the next answer is
}

type lateAnswer struct {
	data  []byte
	names []string
	stat  Stat
}

func (s *laggingSource) WatchData(ctx context.Context, p string) ([]byte, Stat, error) {
	data, stat, err := s.fakeSource.WatchData(ctx, p)
	if late, ok := s.late.LoadAndDelete("getData " + p); ok {
		return late.(lateAnswer).data, late.(lateAnswer).stat, nil
	}
	return data, stat, err
}

func (s *fakeSource) WatchLongChildren(ctx context.Context, p string) ([]string, Stat, error) {
	return s.WatchChildren(ctx, p)
}

func (s *laggingSource) WatchLongChildren(ctx context.Context, p string) ([]string, Stat, error) {
	return s.WatchChildren(ctx, p)
}

func (s *laggingSource) WatchChildren(ctx context.Context, p string) ([]string, Stat, error) {
	names, stat, err := s.fakeSource.WatchChildren(ctx, p)
	if late, ok := s.late.LoadAndDelete("getChildren " + p); ok {
		return late.(lateAnswer).names, late.(lateAnswer).stat, nil
	}
	return names, stat, err
}
