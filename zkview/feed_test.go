package zkview

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// screen is a program that shows a tree: it takes news, applies them, and wants what
// is in view.
type screen struct {
	t        *testing.T
	feed     *Feed
	tree     *Tree
	from, to int
	selected string
	news     []News
	data     map[string]News
	marks    map[string]Mark // what the news of a row have marked it with
	batches  int
}

func newScreen(t *testing.T, src Source) *screen {
	s := &screen{t: t, feed: NewFeed(src), tree: NewTree(), to: 60, data: map[string]News{}, marks: map[string]Mark{}}
	t.Cleanup(s.feed.Close)
	return s
}

// until shows what comes until a condition holds.
func (s *screen) until(what string, cond func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		for next := s.tree.Tick(time.Now()); !next.IsZero() && !next.After(time.Now()); next = s.tree.Tick(time.Now()) {
		}
		if j := s.tree.Job(); j != nil {
			j.Run()
			s.tree.Finish(j)
		}
		s.feed.Want(s.tree.Wants(s.from, s.to, s.selected))
		if cond() {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("in vain: %s\n%s", what, strings.Join(s.shown(), "\n"))
		}
		ctx, cancel := context.WithTimeout(s.t.Context(), 100*time.Millisecond)
		news, err := s.feed.Next(ctx)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			s.t.Fatal(err)
		}
		if len(news) > 0 {
			s.batches++
		}
		for _, n := range news {
			if n.Kind == DataNews {
				s.data[n.Path] = n
			}
		}
		s.news = append(s.news, news...)
		s.tree.Apply(news...)
		for _, n := range news {
			if m := s.row(n.Path).Mark; m != Unmarked {
				s.marks[n.Path] = m
			}
		}
		if cond() { // before a mark can fade
			return
		}
	}
}

// idle tells that the feed has read all that it is to read.
func (s *screen) idle() bool {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.feed.calls == 0 && len(s.feed.due) == 0
}

func (s *screen) shown() []string {
	var lines []string
	for _, r := range s.tree.Rows(0, min(s.tree.Len(), 300)) {
		lines = append(lines, fmt.Sprint(r.Path, " ", r.Stat))
	}
	return lines
}

func (s *screen) row(p string) Row {
	i, ok := s.tree.IndexOf(p)
	if !ok {
		return Row{}
	}
	r, _ := s.tree.Row(i)
	return r
}

func TestFeedEndsWithWhatIsThere(t *testing.T) {
	src := newFake()
	for _, p := range []string{"/a", "/b", "/a/x", "/a/y"} {
		src.create(p)
	}
	s := newScreen(t, src)
	s.to = 1000
	open := map[string]bool{"/a": true, "/a/x": true, "/b": true}
	for p := range open {
		s.tree.Expand(p)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 20_000 {
			p := []string{"/", "/a", "/b", "/a/x"}[rand.IntN(4)]
			c := join(p, fmt.Sprint("k-", rand.IntN(30)))
			switch rand.IntN(4) {
			case 0, 1:
				src.create(c)
			case 2:
				src.remove(c)
			default:
				src.set(c, make([]byte, i%100))
			}
			if i%3000 == 0 {
				src.sub.push(Event{Kind: Resync})
			}
		}
	}()
	running := func() bool {
		select {
		case <-done:
			return false
		default:
			return true
		}
	}
	s.until("all changes are shown", func() bool {
		return !running() && slices.Equal(s.shown(), src.lines("/", open))
	})
	t.Logf("%d batches, %d news, %d requests", s.batches, len(s.news), src.asked.Load())
}

func TestFeedGivesUpWatches(t *testing.T) {
	src := newFake()
	src.create("/p")
	for i := range 500 {
		src.create(fmt.Sprintf("/p/c-%03d", i))
	}
	s := newScreen(t, src)
	s.tree.Expand("/p")
	s.until("the first rows have Stats", func() bool { return s.row("/p/c-010").HasStat })
	for s.from = 0; s.from < 440; s.from += 20 {
		s.to = s.from + 60
		s.feed.Want(s.tree.Wants(s.from, s.to, ""))
	}
	s.from, s.to = 440, 500
	s.until("the last rows have Stats", func() bool { return s.row("/p/c-490").HasStat })
	// Two for "/" and "/p" each, two for each row in view.
	s.until("only what is in view is watched", func() bool { return src.held() <= 2+2+2*60 && s.idle() })
	asked := src.asked.Load()
	s.from, s.to = 430, 490
	s.until("ten more rows", func() bool { return s.row("/p/c-430").HasStat })
	if n := src.asked.Load() - asked; n > 30 {
		t.Errorf("%d requests to scroll by ten rows", n)
	}
	s.feed.Close()
	if n := src.held(); n != 0 {
		t.Errorf("%d watches after Close", n)
	}
}

func TestFeedHoldsWhatIsLong(t *testing.T) {
	src := newFake()
	src.create("/big")
	src.create("/val")
	src.set("/val", make([]byte, HeldValue+1))
	src.setup(func() {
		n := src.nodes["/big"]
		for i := range HeldListing + 1 {
			n.kids[fmt.Sprint("n-", i)] = true
		}
		n.stat.NumChildren = HeldListing + 1
	})
	s := newScreen(t, src)
	s.tree.Expand("/big")
	s.selected = "/val"
	s.until("the listing is held", func() bool { return errors.Is(s.row("/big").ChildErr, ErrHeld) })
	s.until("the value is held", func() bool { return errors.Is(s.data["/val"].Err, ErrHeld) })
	if r := s.row("/big"); r.Stat.NumChildren != HeldListing+1 || r.Loading {
		t.Errorf("the row is %+v", r)
	}
	if s.row("/val").Err != nil {
		t.Errorf("a long value is an error of the row: %v", s.row("/val").Err)
	}
	s.feed.Open("/big", OpenListing)
	s.feed.Open("/val", OpenValue)
	s.until("the listing is there", func() bool { return s.tree.Len() == HeldListing+3 })
	s.until("the value is there", func() bool { return len(s.data["/val"].Data) == HeldValue+1 })
}

func TestFeedCancels(t *testing.T) {
	src := newFake()
	src.create("/big")
	src.setup(func() { src.nodes["/big"].stat.NumChildren = 1_000_000 })
	src.gate = func(ctx context.Context, op, path string) error {
		if op == "getChildren" && path == "/big" {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		return nil
	}
	src.setup(func() { src.status.FrameGot, src.status.FrameSize = 1000, 7_000_000 })
	s := newScreen(t, src)
	s.tree.Expand("/big")
	s.until("the listing is held", func() bool { return errors.Is(s.row("/big").ChildErr, ErrHeld) })
	s.feed.Open("/big", OpenListing)
	s.until("progress is told", func() bool {
		return slices.ContainsFunc(s.news, func(n News) bool { return n.Kind == ProgressNews && n.Size == 7_000_000 })
	})
	n := len(s.news)
	s.feed.Cancel("/big")
	s.until("the listing is held again", func() bool {
		return slices.ContainsFunc(s.news[n:], func(n News) bool { return n.Kind == ListingNews && errors.Is(n.Err, ErrHeld) })
	})
}

// A server that answers nothing any more keeps nobody from giving up what is being read.
func TestFeedCancelsWhatIsSilent(t *testing.T) {
	src := newFake()
	src.create("/big")
	src.set("/big", make([]byte, HeldValue+1))
	src.setup(func() { src.nodes["/big"].stat.NumChildren = 1_000_000 })
	var silent atomic.Bool
	src.gate = func(ctx context.Context, _, _ string) error {
		if silent.Load() {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		return nil
	}
	s := newScreen(t, src)
	s.tree.Expand("/big")
	s.selected = "/big"
	s.until("both are held", func() bool {
		return errors.Is(s.row("/big").ChildErr, ErrHeld) && errors.Is(s.data["/big"].Err, ErrHeld) && s.idle()
	})
	silent.Store(true)
	s.feed.Refresh("/big")
	for _, what := range []Opened{OpenListing, OpenValue} {
		s.feed.Open("/big", what)
		n := len(s.news)
		s.feed.Cancel("/big")
		s.until("it is held again", func() bool {
			return slices.ContainsFunc(s.news[n:], func(n News) bool {
				return n.Kind == map[Opened]NewsKind{OpenListing: ListingNews, OpenValue: DataNews}[what] && errors.Is(n.Err, ErrHeld)
			})
		})
	}
}

func TestFeedDeniedAndGone(t *testing.T) {
	src := newFake()
	for _, p := range []string{"/kids", "/data", "/both", "/both/c"} {
		src.create(p)
	}
	src.setup(func() { src.nodes["/kids"].deny, src.nodes["/data"].deny = "getChildren", "getData" })
	s := newScreen(t, src)
	s.tree.Expand("/kids")
	s.tree.Expand("/data")
	s.tree.Expand("/both")
	s.selected = "/kids"
	s.until("children are denied", func() bool { return errors.Is(s.row("/kids").ChildErr, ErrNoAuth) })
	s.until("data is not", func() bool { return s.data["/kids"].Path != "" && s.data["/kids"].Err == nil })
	s.selected = "/data"
	s.until("data is denied", func() bool { return errors.Is(s.data["/data"].Err, ErrNoAuth) })
	if r := s.row("/data"); r.ChildErr != nil || !errors.Is(r.Err, ErrNoAuth) || !r.HasStat {
		t.Errorf("the row of /data is %+v", r)
	}
	s.selected = "/both"
	s.until("the value is shown", func() bool { return s.data["/both"].Path != "" })
	src.remove("/both/c")
	src.remove("/both")
	s.until("the row is struck", func() bool { return s.row("/both").Mark == MarkDeleted })
	s.until("the value is gone", func() bool { return errors.Is(s.data["/both"].Err, ErrNoNode) })
	s.until("the row is gone", func() bool { return s.row("/both").Path == "" })
	src.create("/both")
	s.until("the row is back", func() bool { r := s.row("/both"); return r.HasStat && r.Err == nil })
	s.until("the value is back", func() bool { return s.data["/both"].Err == nil })
}

func TestFeedVanishesBetweenRequests(t *testing.T) {
	for _, at := range []string{"exists", "getData", "getChildren"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel() // each waits until a mark has faded
			src := newFake()
			src.create("/v")
			src.gate = func(_ context.Context, op, path string) error {
				if path == "/v" && op == at {
					src.remove("/v")
				}
				return nil
			}
			s := newScreen(t, src)
			s.tree.Expand("/v")
			s.selected = "/v"
			s.until("the row vanishes", func() bool { return s.batches > 0 && s.row("/v").Path == "" })
			s.until("the value is gone", func() bool { return errors.Is(s.data["/v"].Err, ErrNoNode) })
		})
	}
}

func TestFeedAsksNothingWhileSuspended(t *testing.T) {
	src := newFake()
	src.create("/a")
	s := newScreen(t, src)
	s.until("/a is shown", func() bool { return s.row("/a").HasStat && s.idle() })
	src.setup(func() { src.status.State = Suspended })
	asked := src.asked.Load()
	src.set("/a", []byte("x"))
	s.feed.Refresh("/", "/a")
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, _ = s.feed.Next(ctx)
		cancel()
	}
	if n := src.asked.Load(); n != asked {
		t.Errorf("%d requests without a connection", n-asked)
	}
	src.setup(func() { src.status.State = Connected })
	src.sub.push(Event{Kind: Resync, At: time.Now()})
	s.until("the change is shown", func() bool { return s.row("/a").Stat.DataLength == 1 })
}

func TestFeedTriesAgainWithoutAStorm(t *testing.T) {
	src := newFake()
	asked := make(chan time.Time, 100)
	src.gate = func(context.Context, string, string) error { asked <- time.Now(); return ErrThrottled }
	f := NewFeed(src)
	defer f.Close()
	f.Want(Wants{Stats: []string{"/"}})
	first, second := <-asked, <-asked
	if pause := second.Sub(first); pause < time.Second {
		t.Errorf("asked again after %v", pause)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if news, err := f.Next(ended); err == nil {
		t.Errorf("news of no answer: %v", news)
	}
}

func TestFeedEndsWithSession(t *testing.T) {
	src := newFake()
	f := NewFeed(src)
	defer f.Close()
	src.sub.end()
	if _, err := f.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Next: %v", err)
	}
}

func TestFeedBelievesAnOlderDatabase(t *testing.T) {
	src := newFake()
	for _, p := range []string{"/a", "/b", "/c"} {
		src.create(p)
	}
	src.set("/a", []byte("new"))
	s := newScreen(t, src)
	s.feed.mu.Lock()
	s.feed.olderAfter = 200 * time.Millisecond
	s.feed.mu.Unlock()
	s.selected = "/a"
	s.until("the newer state", func() bool { return string(s.data["/a"].Data) == "new" && s.row("/c").HasStat })
	src.setup(func() {
		a := src.nodes["/a"]
		a.data, a.stat = []byte("older"), Stat{Czxid: 1, Mzxid: 1, Pzxid: 1, DataLength: 5}
		delete(src.nodes, "/c")
		delete(src.nodes["/"].kids, "/c")
		src.nodes["/"].kids = map[string]bool{"a": true, "b": true}
		src.nodes["/"].stat = Stat{Pzxid: 2, NumChildren: 2}
		src.zxid = 2
		clear(src.watches)
	})
	src.sub.push(Event{Kind: Resync, NewSession: true})
	s.until("the older state", func() bool {
		return string(s.data["/a"].Data) == "older" && s.row("/a").Stat.DataLength == 5 && s.row("/c").Path == ""
	})
	src.create("/d")
	src.set("/a", []byte("newest"))
	s.until("what is new in it", func() bool { return s.row("/d").HasStat && s.row("/a").Stat.DataLength == 6 })
}

func TestFeedDropsWhatWasOvertaken(t *testing.T) {
	src := &laggingSource{fakeSource: newFake()}
	src.create("/a")
	src.set("/a", []byte("one"))
	before := src.nodes["/a"].stat
	root := src.nodes["/"].stat
	src.set("/a", []byte("two"))
	src.create("/b")
	s := newScreen(t, src)
	s.selected = "/a"
	s.until("value and listing", func() bool { return string(s.data["/a"].Data) == "two" && s.row("/b").HasStat })

	src.late.Store("getData /a", lateAnswer{data: []byte("one"), stat: before})
	src.late.Store("getChildren /", lateAnswer{names: []string{"a"}, stat: root})
	src.set("/a", []byte("three"))
	src.create("/c")
	gone := func(key string) bool { _, there := src.late.Load(key); return !there }
	s.until("the late answers", func() bool { return gone("getData /a") && gone("getChildren /") })
	src.set("/a", []byte("four"))
	src.create("/d")
	s.until("what is true", func() bool {
		return string(s.data["/a"].Data) == "four" && s.row("/d").HasStat && s.row("/c").HasStat
	})
	highest := map[newsKey]int64{}
	for _, n := range s.news {
		key, zxid := newsKey{n.Kind, n.Path}, n.Stat.Mzxid
		switch n.Kind {
		case ChildrenNews, ListingNews:
			key.kind, zxid = ListingNews, n.Stat.Pzxid
		case DataNews:
		default:
			continue
		}
		if n.Err == nil && zxid < highest[key] {
			t.Errorf("%s goes back from zxid %d to %d", n.Path, highest[key], zxid)
		}
		highest[key] = max(highest[key], zxid)
	}
}
