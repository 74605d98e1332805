package demo

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quick is a pace at which a minute of the story passes in a moment.
const quick = 4 * time.Millisecond

// start starts a sandbox, and a session that watches what happens.
func start(t *testing.T) (*sandbox.Server, *sandbox.Client) {
	t.Helper()
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c, err := s.Open("127.0.0.1:50000", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

// live lets the actors in and returns their claims.
func live(t *testing.T, s *sandbox.Server, c *sandbox.Client) (*Life, *ledger) {
	t.Helper()
	book := &ledger{client: c, holders: map[string][]string{}, granted: map[string]int{}, seen: map[string]bool{}}
	l, err := Live(t.Context(), s, Options{Pace: quick, Seed: 7, claims: book.claim})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, book
}

// ledger keeps who believes to hold what, and what is wrong with it.
type ledger struct {
	client *sandbox.Client
	strict bool // nobody breaks locks: the tree must agree with every claim

	mu      sync.Mutex
	holders map[string][]string
	granted map[string]int // per directory
	seen    map[string]bool
	wrong   []string
}

func (b *ledger) claim(dir, node string, held bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !held {
		for i, h := range b.holders[dir] {
			if h == node {
				b.holders[dir] = append(b.holders[dir][:i:i], b.holders[dir][i+1:]...)
			}
		}
		return
	}
	b.granted[dir]++
	if !b.strict {
		return
	}
	if b.seen[node] {
		b.wrong = append(b.wrong, node+" is claimed twice")
	}
	b.seen[node] = true
	for _, other := range b.holders[dir] {
		if !shared(dir, node, other) {
			b.wrong = append(b.wrong, node+" is claimed while "+other+" is held")
		}
	}
	b.holders[dir] = append(b.holders[dir], node)
	if dir == leasesDir && len(b.holders[dir]) > maxLeases {
		b.wrong = append(b.wrong, fmt.Sprintf("there are %d leases at a time", len(b.holders[dir])))
	}
	b.head(dir, node)
}

// head checks that the tree, as another session sees it, grants node the lock.
func (b *ledger) head(dir, node string) {
	l := lockAt(dir)
	if l == nil {
		return
	}
	names, err := b.client.Children(dir, nil)
	if err != nil {
		b.wrong = append(b.wrong, fmt.Sprintf("%s is claimed, but the directory: %v", node, err))
		return
	}
	queue := l.members(names)
	for i, m := range queue {
		if dir+"/"+m.name != node {
			continue
		}
		if ahead := i; ahead > 0 && (l.before == nil || l.before(queue, i) >= 0) {
			b.wrong = append(b.wrong, fmt.Sprintf("%s is claimed as number %d of %v", node, i+1, names))
		}
		return
	}
	b.wrong = append(b.wrong, node+" is claimed and is not there")
}

func shared(dir, a, b string) bool {
	return dir == leasesDir || strings.Contains(a, readKind) && strings.Contains(b, readKind)
}

// allLocks are the locks with those that are part of something greater.
func allLocks() []*lock { return append([]*lock{&latch, &semaphoreMutex, &overseer}, locks...) }

func lockAt(dir string) *lock {
	for _, l := range allLocks() {
		if l.dir == dir {
			return l
		}
	}
	return nil
}

// grants are how often each directory has granted its lock.
func (b *ledger) grants() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	copied := map[string]int{}
	for dir, n := range b.granted {
		copied[dir] = n
	}
	return copied
}

// grantedSince reports where fewer locks than n were granted since.
func (b *ledger) fewer(since map[string]int, n int) []string {
	now := b.grants()
	var dirs []string
	for _, l := range allLocks() {
		// An overseer and a leader stay for minutes of the story.
		if want := map[bool]int{true: 1, false: n}[l == &latch || l == &overseer]; now[l.dir]-since[l.dir] < want {
			dirs = append(dirs, l.dir)
		}
	}
	if now[leasesDir]-since[leasesDir] < n {
		dirs = append(dirs, leasesDir)
	}
	return dirs
}

// missing tells what of the sample data that lives is not there.
func missing(c *sandbox.Client) []string {
	var gone []string
	for _, path := range []string{kafkaController, solrOverseer, patroniLeader} {
		if _, ok, _ := c.Exists(path, nil); !ok {
			gone = append(gone, path)
		}
	}
	many := map[string]int{kafkaBrokers: brokers, solrLive: solrNodes, patroniDir + "/members": 3, queueDir: 1}
	for _, s := range services {
		many["/services/"+s.name] = 1
	}
	for dir, n := range many {
		if names, _ := c.Children(dir, nil); len(names) < n {
			gone = append(gone, fmt.Sprintf("%s has %d of %d", dir, len(names), n))
		}
	}
	return gone
}

// until waits until what returns nothing any more.
func until(t *testing.T, what func() []string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Minute)
	for {
		left := what()
		if len(left) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("after a minute still missing: %v", left)
		}
	}
}

// walk calls f with every znode from path down, parents first.
func walk(t *testing.T, c *sandbox.Client, path string, f func(path string, data []byte, st wire.Stat)) {
	t.Helper()
	data, st, err := c.Get(path, nil)
	if err != nil && !errors.Is(err, wire.NoAuth) {
		return
	}
	f(path, data, st)
	names, err := c.Children(path, nil)
	if err != nil {
		return
	}
	for _, n := range names {
		walk(t, c, strings.TrimSuffix(path, "/")+"/"+n, f)
	}
}
