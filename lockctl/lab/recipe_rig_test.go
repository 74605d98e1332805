package lab

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// bench is a directory of one test, and who contends in it.
type bench struct {
	t    *testing.T
	ctx  context.Context
	addr string
	dir  string
	conn *zk.Conn // a plain client that looks on
	o    Options
	wg   sync.WaitGroup // of acquires in the background
}

// onBoth runs a test on the sandbox and on a real server.
func onBoth(t *testing.T, o Options, test func(b *bench)) {
	t.Helper()
	for name, addr := range map[string]string{"sandbox": zktest.Shared(t), "real": zktest.SharedReal(t)} {
		t.Run(name, func(t *testing.T) { test(newBench(t, addr, o)) })
	}
}

func newBench(t *testing.T, addr string, o Options) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	b := &bench{t: t, ctx: ctx, addr: addr, dir: zktest.RootOn(t, addr) + "/q", conn: zktest.Connect(t, addr), o: o}
	t.Cleanup(func() { cancel(); b.wg.Wait() })
	return b
}

// player is one contender on a session of its own, and what it told.
type player struct {
	contender
	b       *bench
	session lockctl.Session
	n       int

	mu    sync.Mutex
	news  chan struct{} // there is another step
	steps []lockctl.Step
}

func (b *bench) player(n int, mode lockctl.Mode) *player {
	b.t.Helper()
	s, err := lockview.OpenSession(zkview.Config{Servers: b.addr, Timeout: patient})
	if err != nil {
		b.t.Fatal(err)
	}
	p := &player{b: b, session: s, n: n, news: make(chan struct{}, 1)}
	p.contender, err = newContender(seat{worker: n, session: s, dir: b.dir, mode: mode, options: b.o, step: func(s lockctl.Step) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.steps = append(p.steps, s)
		select {
		case p.news <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		_ = s.Close()
		if c, ok := p.contender.(interface{ settled(context.Context) error }); ok {
			if err := c.settled(context.Background()); err != nil {
				b.t.Error(err)
			}
		}
	})
	return p
}

func (b *bench) players(n int) []*player {
	all := make([]*player, n)
	for i := range all {
		all[i] = b.player(i+1, "")
	}
	return all
}

func (p *player) takes() grant {
	p.b.t.Helper()
	g, err := p.acquire(p.b.ctx)
	if err != nil {
		p.b.t.Fatalf("worker %d: %v", p.n, err)
	}
	return g
}

func (p *player) releases() {
	p.b.t.Helper()
	if err := p.release(p.b.ctx); err != nil {
		p.b.t.Fatalf("worker %d: %v", p.n, err)
	}
}

// waits acquires in the background, and returns when it waits.
func (p *player) waits() <-chan grant {
	p.b.t.Helper()
	before := p.count(lockctl.StepWatch)
	got := make(chan grant, 1)
	p.b.wg.Go(func() {
		defer close(got)
		g, err := p.acquire(p.b.ctx)
		switch {
		case err == nil:
			got <- g
		case p.b.ctx.Err() == nil:
			p.b.t.Errorf("worker %d: %v", p.n, err)
		}
	})
	p.until("it waits", func() bool { return p.count(lockctl.StepWatch) > before })
	return got
}

// count is how many steps of a kind were told.
func (p *player) count(kind lockctl.StepKind) int {
	n := 0
	for _, s := range p.told() {
		if s.Kind == kind {
			n++
		}
	}
	return n
}

// last is the last step of a kind.
func (p *player) last(kind lockctl.StepKind) (last lockctl.Step) {
	for _, s := range p.told() {
		if s.Kind == kind {
			last = s
		}
	}
	return last
}

func (p *player) told() []lockctl.Step {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.steps)
}

// until waits for what p has told to be so.
func (p *player) until(what string, is func() bool) {
	p.b.t.Helper()
	for !is() {
		select {
		case <-p.news:
		case <-p.b.ctx.Done():
			p.b.t.Fatalf("worker %d: it does not come to that: %s; it told %s", p.n, what, p.say())
		}
	}
}

// say is what was told, as people read it.
func (p *player) say() string {
	var all []string
	for _, s := range p.told() {
		if n, ok := noteOf(p.n, s, func(string) int { return 0 }); ok {
			all = append(all, n.Text)
		}
	}
	return strings.Join(all, "\n")
}

// names are the children, short and sorted.
func (b *bench) names(below string) []string {
	b.t.Helper()
	names, _, err := b.conn.Children(b.dir + below)
	if err != nil && !errors.Is(err, zk.ErrNoNode) {
		b.t.Fatal(err)
	}
	for i, n := range names {
		names[i] = ShortName(n)
	}
	slices.Sort(names)
	return names
}

// until waits for a condition of the znodes.
func (b *bench) until(what string, is func() bool) {
	b.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-b.ctx.Done():
			b.t.Fatalf("it does not come to that: %s", what)
		}
	}
}

// open tells whether a wait goes on.
func open(got <-chan grant) bool {
	select {
	case <-got:
		return false
	default:
		return true
	}
}

func sandboxAddr(t *testing.T) string { return zktest.Shared(t) }

// holds compares whose turn it is, by the znodes as they are.
func (b *bench) holds(want string) {
	b.t.Helper()
	var queue []Znode
	for _, dir := range []string{"", placesDir, "locks"} {
		names, _, err := b.conn.Children(strings.TrimSuffix(b.dir+"/"+dir, "/"))
		if err != nil && !errors.Is(err, zk.ErrNoNode) {
			b.t.Fatal(err)
		}
		for _, n := range names {
			if n != placesDir && n != "locks" {
				queue = append(queue, Znode{Name: n, Dir: dir})
			}
		}
	}
	var got []string
	for _, z := range mark(b.o, queue) {
		if z.Holder {
			got = append(got, ShortName(z.Name))
		}
	}
	if s := strings.Join(got, " "); s != want {
		b.t.Errorf("it is the turn of %s, want %s", s, want)
	}
}
