package lockctl_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// mutex is a lock that a contender takes and releases.
type mutex struct {
	take, release func() error
}

// crowd is a kind of contenders. Each has a session of its own.
type crowd struct {
	b    *testing.B
	addr string
	spy  *zk.Conn
}

// ours are contenders of this package that watch whom they wait for, and nobody else.
func (c *crowd) ours(dir string, n int) []mutex { return c.with(lockctl.LockOptions{}, dir, n) }

// eager are those that prepare for their turn.
func (c *crowd) eager(dir string, n int) []mutex {
	return c.with(lockctl.LockOptions{Eager: true}, dir, n)
}

func (c *crowd) with(o lockctl.LockOptions, dir string, n int) []mutex {
	all := make([]mutex, n)
	for i := range all {
		s, err := lockview.OpenSession(zkview.Config{Servers: c.addr, Timeout: 30 * time.Second})
		if err != nil {
			c.b.Fatal(err)
		}
		c.b.Cleanup(func() { s.Close() })
		k, err := lockctl.NewLocker(s, dir, o)
		if err != nil {
			c.b.Fatal(err)
		}
		var l *lockctl.Lease
		all[i] = mutex{
			func() (err error) { l, err = k.Acquire(context.Background()); return err },
			func() error { return l.Release(context.Background()) },
		}
	}
	return all
}

// library are contenders of go-zookeeper's recipe.
func (c *crowd) library(dir string, n int) []mutex {
	all := make([]mutex, n)
	for i := range all {
		l := zk.NewLock(zktest.Connect(c.b, c.addr), dir, zk.WorldACL(zk.PermAll))
		all[i] = mutex{l.Lock, l.Unlock}
	}
	return all
}

// ring hands a lock from one contender to the next.
type ring struct {
	*crowd
	dir     string
	all     []mutex
	holder  int
	granted []chan time.Time
}

// ring has the first contender hold the lock, and the others wait in their order.
func (c *crowd) ring(dir string, all []mutex) *ring {
	r := &ring{crowd: c, dir: dir, all: all}
	for i, m := range all {
		r.granted = append(r.granted, make(chan time.Time, 1))
		if i == 0 {
			c.must(m.take())
			continue
		}
		r.wait(i)
		r.full(i + 1)
	}
	return r
}

func (c *crowd) must(err error) {
	c.b.Helper()
	if err != nil {
		c.b.Fatal(err)
	}
}

// wait has a contender queue, and tell when it was granted the lock.
func (r *ring) wait(i int) {
	go func() {
		if err := r.all[i].take(); err != nil {
			r.b.Error(err)
		}
		r.granted[i] <- time.Now()
	}()
}

// full waits until so many are queued, and watch whom they wait for: how long that takes
// after the znode is there we are not told of go-zookeeper's.
func (r *ring) full(n int) {
	for {
		names, _, err := r.spy.Children(r.dir)
		r.must(err)
		if len(names) == n {
			break
		}
	}
	time.Sleep(3 * time.Millisecond)
}

// handOffs hands the lock on so many times, and tells how long each took: from when the
// holder is told to release it to when the next one's call returns.
func (r *ring) handOffs(times int) []time.Duration {
	took := make([]time.Duration, times)
	for i := range took {
		next := (r.holder + 1) % len(r.all)
		began := time.Now()
		r.must(r.all[r.holder].release())
		took[i] = (<-r.granted[next]).Sub(began)
		r.wait(r.holder)
		r.holder = next
		r.full(len(r.all))
	}
	return took
}

// empty lets all have the lock once more.
func (r *ring) empty() {
	for range r.all {
		r.must(r.all[r.holder].release())
		if r.holder = (r.holder + 1) % len(r.all); r.waits() {
			<-r.granted[r.holder]
		}
	}
}

// waits reports whether anybody is queued.
func (r *ring) waits() bool {
	names, _, err := r.spy.Children(r.dir)
	r.must(err)
	return len(names) > 0
}

// bare is the least that a hand-off can take: one session deletes a znode, and another
// hears of it.
type bare struct {
	*crowd
	path   string
	mover  *zk.Conn
	waiter *zk.Conn
}

func (p *bare) deletions(times int) []time.Duration {
	took := make([]time.Duration, times)
	for i := range took {
		_, err := p.mover.Create(p.path, nil, zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
		p.must(err)
		_, _, gone, err := p.waiter.GetW(p.path)
		p.must(err)
		told := make(chan time.Time, 1)
		go func() {
			<-gone
			told <- time.Now()
		}()
		time.Sleep(3 * time.Millisecond)
		began := time.Now()
		p.must(p.mover.Delete(p.path, -1))
		took[i] = (<-told).Sub(began)
	}
	return took
}

// cycles takes and releases a lock that nobody else wants.
func (c *crowd) cycles(m mutex, times int) []time.Duration {
	took := make([]time.Duration, times)
	for i := range took {
		began := time.Now()
		c.must(m.take())
		c.must(m.release())
		took[i] = time.Since(began)
	}
	return took
}

// contest measures several things by turns, so that what else the machine does hits all
// of them alike.
type contest struct {
	names []string
	run   map[string]func() []time.Duration
	p50   map[string][]time.Duration // of each round
}

func (c *contest) add(name string, run func() []time.Duration) {
	if c.run == nil {
		c.run, c.p50 = map[string]func() []time.Duration{}, map[string][]time.Duration{}
	}
	c.names = append(c.names, name)
	c.run[name] = run
}

func (c *contest) rounds(n int) {
	for range n {
		for _, name := range c.names {
			c.p50[name] = append(c.p50[name], middle(c.run[name]()))
		}
	}
}

// ratio is the median of the rounds' ratios.
func (c *contest) ratio(of, to string) float64 {
	ratios := make([]float64, len(c.p50[of]))
	for i, d := range c.p50[of] {
		ratios[i] = float64(d) / float64(c.p50[to][i])
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

func middle(ds []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(ds))[len(ds)/2]
}

// budget is the most that a figure may be of another of the same run.
type budget struct {
	of, to string
	most   float64
}

// BenchmarkTaking measures what taking a lock costs, beside what the server and the way
// take at least, and go-zookeeper's recipe, in the same run on the same server:
//
//	go test -run '^$' -bench Taking -benchtime 1x ./lockctl
//
// As in internal/bench nothing fails for being slow: a figure that misses its budget is
// marked, after it was measured for longer.
func BenchmarkTaking(b *testing.B) {
	addr := zktest.SharedReal(b)
	c := &crowd{b: b, addr: addr, spy: zktest.Connect(b, addr)}
	dir := func(name string) string {
		root := zktest.RootOn(b, addr)
		_, err := c.spy.Create(root+"/"+name, nil, 0, zk.WorldACL(zk.PermAll))
		c.must(err)
		return root + "/" + name
	}
	race := &contest{}
	p := &bare{c, dir("bare") + "/n", zktest.Connect(b, addr), zktest.Connect(b, addr)}
	race.add("delete to watch event", func() []time.Duration { return p.deletions(20) })
	for _, n := range []int{2, 20} {
		for who, make := range map[string]func(string, int) []mutex{"ours": c.ours, "ours, eager": c.eager, "go-zookeeper": c.library} {
			where := dir("handoff")
			r := c.ring(where, make(where, n))
			b.Cleanup(r.empty)
			race.add(fmt.Sprintf("hand-off of %d, %s", n, who), func() []time.Duration { return r.handOffs(20) })
		}
	}
	for who, make := range map[string]func(string, int) []mutex{"ours": c.ours, "go-zookeeper": c.library} {
		m := make(dir("cycle"), 1)[0]
		race.add("take and release, "+who, func() []time.Duration { return c.cycles(m, 50) })
	}
	budgets := []budget{
		{"hand-off of 2, ours", "delete to watch event", 1.2},
		{"hand-off of 20, ours, eager", "delete to watch event", 1.2},
		{"hand-off of 2, ours", "hand-off of 2, go-zookeeper", 1},
		{"hand-off of 20, ours", "hand-off of 20, go-zookeeper", 1},
		{"hand-off of 20, ours, eager", "hand-off of 20, go-zookeeper", 1},
		{"take and release, ours", "take and release, go-zookeeper", 1},
	}
	race.rounds(1) // the server's code is compiled as it runs
	clear(race.p50)
	for b.Loop() {
		for try := 0; try < 3 && (try == 0 || !race.met(budgets)); try++ {
			race.rounds(15)
		}
	}
	race.report(budgets)
	for _, g := range budgets {
		b.ReportMetric(race.ratio(g.of, g.to), strings.ReplaceAll(g.of+"/"+g.to, " ", "-"))
	}
}

// met reports whether all budgets are met.
func (c *contest) met(budgets []budget) bool {
	return !slices.ContainsFunc(budgets, func(g budget) bool { return c.ratio(g.of, g.to) > g.most })
}

// report prints the figures, and which budgets are met.
func (c *contest) report(budgets []budget) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	slices.Sort(c.names)
	fmt.Fprintf(w, "\nWHAT\tP50 OF %d ROUNDS\n", len(c.p50[c.names[0]]))
	for _, name := range c.names {
		fmt.Fprintf(w, "%s\t%v\n", name, middle(c.p50[name]).Round(time.Microsecond))
	}
	fmt.Fprint(w, "\nWHAT\tTO\tRATIO\tBUDGET\n")
	for _, g := range budgets {
		ratio, verdict := c.ratio(g.of, g.to), "ok"
		if ratio > g.most {
			verdict = "MISSED"
		}
		fmt.Fprintf(w, "%s\t%s\t%.2fx\t<= %.1fx %s\n", g.of, g.to, ratio, g.most, verdict)
	}
	_ = w.Flush()
}
