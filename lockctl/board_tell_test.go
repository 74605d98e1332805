package lockctl

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// heard keeps what a board tells.
type heard struct {
	mu     sync.Mutex
	events []Event
	more   chan struct{}
}

func (h *heard) observe(e Event) {
	h.mu.Lock()
	h.events = append(h.events, e)
	h.mu.Unlock()
	select {
	case h.more <- struct{}{}:
	default:
	}
}

// until waits for what was told to be so, one event a word: its kind and who.
func (h *heard) until(t *testing.T, want string) []Event {
	t.Helper()
	end := time.After(time.Minute)
	for {
		h.mu.Lock()
		events := slices.Clone(h.events)
		h.mu.Unlock()
		var s []string
		for _, e := range events {
			w := string(e.Kind)
			if e.Party.ID != 0 {
				w += ":" + e.Party.Identity
			}
			s = append(s, w)
		}
		got := strings.Join(s, " ")
		if got == want {
			return events
		}
		select {
		case <-h.more:
		case <-end:
			t.Fatalf("told\n%s\nwant\n%s", got, want)
		}
	}
}

// What is told comes in order, with who it is.
func TestBoardEvents(t *testing.T) {
	c := newCluster()
	c.answers = Answers{Cluster: Cluster{AllAddresses: true, Addresses: map[int64]string{}}}
	for i := range 10 {
		c.answers.Cluster.Addresses[int64(0x100+i)] = fmt.Sprintf("10.0.0.%d:1", i)
	}
	names := c.queue("/locks/a", 2)
	h := &heard{more: make(chan struct{}, 1)}
	b := newBoard(c, Options{Observe: h.observe})
	t.Cleanup(b.Close)
	b.o.Patience = time.Minute // or who it is may not be known yet
	b.wg.Go(b.run)
	b.Search("/")
	h.until(t, "found granted:client-0")
	third := c.create("/locks/a/_c_"+hex32(7)+"-lock-%", 0x107, "third")
	h.until(t, "found granted:client-0 queued:third")
	c.remove("/locks/a/" + names[1])
	c.remove("/locks/a/" + names[0])
	h.until(t, "found granted:client-0 queued:third left:client-1 released:client-0 granted:third")
	c.remove("/locks/a/" + third)
	events := h.until(t, "found granted:client-0 queued:third left:client-1 released:client-0 granted:third released:third")
	if e := events[1]; !e.AtLeast || e.Waiting != 1 || e.Party.Address != "10.0.0.0:1" || e.Path != "/locks/a" || e.Recipe != GoZooKeeper {
		t.Errorf("%+v", e)
	}
	if e := events[5]; e.AtLeast || e.Waiting != 0 || e.Party.Session != 0x107 || e.Party.Czxid == 0 || !e.At.Equal(events[4].At) {
		t.Errorf("%+v", e)
	}
	c.miss(func() {})
	events = h.until(t, "found granted:client-0 queued:third left:client-1 released:client-0 granted:third released:third missed")
	if e := events[7]; e.Since.IsZero() || e.Why == "" {
		t.Errorf("%+v", e)
	}
}

// Who seems to watch nobody, or to be dead, is believed when two answers say so.
func TestBoardGhost(t *testing.T) {
	c := newCluster()
	names := c.queue("/locks/a", 3)
	c.answers = Answers{Cluster: Cluster{AllWatches: true, AllAddresses: true, Sessions: map[int64]bool{0x100: true, 0x101: true, 0x102: true}, Watches: map[string][]int64{
		"/locks/a/" + names[0]: {0x101},
	}, Addresses: map[int64]string{0x100: "a", 0x101: "b", 0x102: "c"}}}
	b := boardOn(t, c, Options{})
	b.Search("/")
	if v := settled(t, b).At("/locks/a"); v.State != Contended || codes(v.Lock) != "" {
		t.Fatalf("one answer: %s %q", v.State, codes(v.Lock))
	}
	again := func() { b.order(func() { b.askedAt, b.watchesAt = time.Time{}, time.Time{} }) }
	again()
	v := until(t, b, "two answers", func(s *Snapshot) bool { return codes(s.At("/locks/a").Lock) == "ghost" }).At("/locks/a")
	if v.State != Suspicious || !slices.Equal(v.Warnings[0].Nodes, names[2:]) {
		t.Errorf("%s %+v", v.State, v.Warnings)
	}
	c.mu.Lock()
	c.answers.Cluster.Watches = map[string][]int64{"/locks/a/" + names[0]: {0x101}, "/locks/a/" + names[1]: {0x102}}
	c.answers.Cluster.Sessions = map[int64]bool{0x101: true, 0x102: true}
	c.mu.Unlock()
	again()
	until(t, b, "it watches", func(s *Snapshot) bool { return codes(s.At("/locks/a").Lock) == "" })
	again()
	until(t, b, "the holder is dead", func(s *Snapshot) bool { return codes(s.At("/locks/a").Lock) == "zombie" })
}

// Two that wait for each other are told on both locks, and no more when one goes.
func TestBoardDeadlock(t *testing.T) {
	c := newCluster()
	lock := func(path string, i int, session int64) string {
		return path + "/" + c.create(path+"/_c_"+hex32(i)+"-lock-%", session, fmt.Sprintf("client-%d", session))
	}
	lock("/locks/a", 1, 1)
	lock("/locks/b", 2, 2)
	lock("/locks/a", 3, 2)
	last := lock("/locks/b", 4, 1)
	b := boardOn(t, c, Options{})
	b.Search("/")
	s := settled(t, b)
	if len(s.Deadlocks) != 1 || s.At("/locks/a").State != Suspicious || codes(s.At("/locks/b").Lock) != "deadlock" {
		t.Fatalf("%s\n%+v", all(s), s.Deadlocks)
	}
	if text := s.At("/locks/a").Warnings[0].Text; !strings.Contains(text, "client-1 has /locks/a and waits for /locks/b") {
		t.Error(text)
	}
	c.remove(last)
	until(t, b, "it is over", func(s *Snapshot) bool {
		return len(s.Deadlocks) == 0 && s.At("/locks/a").State == Contended && s.At("/locks/b").State == Held
	})
}

// A root that tells too much is given up; the locks found are followed by themselves.
func TestBoardBusy(t *testing.T) {
	c := newCluster()
	names := c.queue("/locks/a", 2)
	b := boardOn(t, c, Options{})
	b.Search("/")
	settled(t, b)
	b.order(func() {
		f := b.follows["/"]
		f.busy = slices.Repeat([]load{{seen: 3_000, ours: 1}}, busySpan)
		b.weigh(f)
	})
	until(t, b, "it is said", func(s *Snapshot) bool {
		return len(s.Search.Partial) == 1 && strings.Contains(s.Search.Partial[0], "the 1 locks found")
	})
	settled(t, b)
	c.remove("/locks/a/" + names[0])
	v := until(t, b, "the next one holds", func(s *Snapshot) bool { return len(s.At("/locks/a").Contenders) == 1 }).At("/locks/a")
	if g := v.Timeline.Gaps(time.Time{}, time.Now()); len(g) != 1 {
		t.Errorf("gaps %v", g)
	}
	c.queue("/locks/b", 1)
	b.Search("/")
	if s := settled(t, b); s.At("/locks/b") == nil || len(s.Search.Partial) != 0 {
		t.Errorf("searched again: %s %+v", all(s), s.Search)
	}
}

// On an old server changes come in no order: who holds comes from the recogniser.
func TestBoardPartial(t *testing.T) {
	c := newCluster()
	c.partial = "this server has no persistent watches"
	names := c.queue("/locks/a", 3)
	b := boardOn(t, c, Options{})
	b.Search("/")
	s := settled(t, b)
	if v := s.At("/locks/a"); v.State != Contended || !slices.Equal(s.Search.Partial, []string{c.partial}) {
		t.Fatalf("%s %+v", all(s), s.Search)
	}
	c.remove("/locks/a/" + names[0])
	v := until(t, b, "the next one holds", func(s *Snapshot) bool { return len(s.At("/locks/a").Contenders) == 2 }).At("/locks/a")
	if h := v.Timeline.Holds(time.Time{}, time.Now()); len(h) != 2 || h[1].Node != names[1] {
		t.Errorf("%+v", h)
	}
}

// Another recipe in the queue makes it mixed; the timeline keeps on.
func TestBoardMixed(t *testing.T) {
	c := newCluster()
	c.queue("/locks/a", 1)
	b := boardOn(t, c, Options{})
	b.Search("/")
	settled(t, b)
	k := c.create("/locks/a/"+hex32(5)+"__lock__%", 0x200, "kazoo")
	v := until(t, b, "both hold", func(s *Snapshot) bool { return s.At("/locks/a").Recipe == Mixed && s.At("/locks/a").Holders() == 2 }).At("/locks/a")
	if v.State != Suspicious {
		t.Error(v.State)
	}
	c.remove("/locks/a/" + k)
	v = until(t, b, "one recipe", func(s *Snapshot) bool { return s.At("/locks/a").Recipe == GoZooKeeper }).At("/locks/a")
	if h := v.Timeline.Holds(time.Time{}, time.Now()); len(h) != 2 || h[1].Node != k || h[1].To.IsZero() || !h[0].To.IsZero() {
		t.Errorf("%+v", h)
	}
}
