package lockctl

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Thousands wait: one listing, a few read; all of them when it is opened.
func TestBoardMany(t *testing.T) {
	c := newCluster()
	names := c.queue("/locks/a", 3_000)
	b := boardOn(t, c, Options{})
	b.Search("/")
	v := settled(t, b).At("/locks/a")
	if v.State != Contended || len(v.Contenders) != 3_000 || v.Read < 200 || v.Read > whole {
		t.Fatalf("%s, %d contenders, %d read", v.State, len(v.Contenders), v.Read)
	}
	for _, n := range names[:600] {
		c.remove("/locks/a/" + n)
	}
	s := until(t, b, "those who are first now are read", func(s *Snapshot) bool {
		v := s.At("/locks/a")
		return len(v.Contenders) == 2_400 && !slices.ContainsFunc(v.Contenders[:readAhead], func(k Contender) bool { return k.Identity == "" })
	})
	v = s.At("/locks/a")
	if g := v.Timeline.Summary(time.Now()).Grants; g != 600 || v.Contenders[0].Node != names[600] {
		t.Errorf("%d grants, %s holds", g, v.Contenders[0].Node)
	}
	b.Open("/locks/a")
	until(t, b, "all are read", func(s *Snapshot) bool { return s.At("/locks/a").Read == 2_400 })
	if n := c.count("list /locks/a"); n != 1 || c.count("ask watches") == 0 {
		t.Errorf("listed %d times; asked for watches %d times", n, c.count("ask watches"))
	}
}

// A parent of many children of which one looks like a contender costs one listing.
func TestBoardWide(t *testing.T) {
	c := newCluster()
	for i := range 20_000 {
		c.create(fmt.Sprintf("/wide/item-%d", i), 0, "")
	}
	c.create("/wide/lock-0000000000", 0, "") // persistent: it is none
	b := newBoard(c, Options{})
	t.Cleanup(b.Close)
	b.pause = time.Hour // before what is no lock is listed again
	b.wg.Go(b.run)
	b.Search("/")
	if s := settled(t, b); len(s.Locks) != 0 || c.count("list /wide") != 1 || c.read > whole {
		t.Fatalf("%s: %d listings, %d read", all(s), c.count("list /wide"), c.read)
	}
	for i := range 50 {
		c.create(fmt.Sprintf("/wide/lock-%010d", i+1), 0, "")
	}
	b.Search("/")
	settled(t, b)
	if n := c.count("list /wide"); n != 1 {
		t.Errorf("listed %d times", n)
	}
}

// A gap: what was seen before is closed, the view is old until the lock was listed.
func TestBoardMissed(t *testing.T) {
	c := newCluster()
	names := c.queue("/locks/a", 3)
	b := boardOn(t, c, Options{})
	b.Search("/")
	settled(t, b)
	hold := make(chan struct{})
	c.mu.Lock()
	c.hold = hold
	c.mu.Unlock()
	c.miss(func() { c.remove("/locks/a/" + names[0]); c.remove("/locks/a/" + names[1]) })
	until(t, b, "it is old", func(s *Snapshot) bool { return !s.At("/locks/a").Stale.IsZero() })
	close(hold)
	v := settled(t, b).At("/locks/a")
	if !v.Stale.IsZero() || len(v.Contenders) != 1 || v.Contenders[0].Node != names[2] || !v.AtLeast {
		t.Errorf("%s, stale %v, at least %v", short(v.Lock), v.Stale, v.AtLeast)
	}
	if g := v.Timeline.Gaps(time.Time{}, time.Now()); len(g) != 1 || v.Timeline.Summary(time.Now()).Grants != 0 {
		t.Errorf("gaps %v, %d grants", g, v.Timeline.Summary(time.Now()).Grants)
	}
}

// A lock whose directory is deleted is free, and lives again with a new counter.
func TestBoardRecreated(t *testing.T) {
	c := newCluster()
	names := c.queue("/locks/a", 2)
	b := boardOn(t, c, Options{})
	b.Search("/")
	settled(t, b)
	for _, n := range names {
		c.remove("/locks/a/" + n)
	}
	c.remove("/locks/a")
	v := until(t, b, "it is free", func(s *Snapshot) bool { return s.At("/locks/a").State == Free }).At("/locks/a")
	if v.Recipe != GoZooKeeper {
		t.Error(v.Recipe)
	}
	c.queue("/locks/a", 1)
	v = until(t, b, "it lives", func(s *Snapshot) bool { return s.At("/locks/a").Read == 1 }).At("/locks/a")
	if v.State != Held || v.NextSequence != 1 || v.AtLeast || codes(v.Lock) != "" || c.count("list /locks/a") != 1 {
		t.Errorf("%s, next %d, %d listings", all(b.Snapshot()), v.NextSequence, c.count("list /locks/a"))
	}
}

// Curator's semaphore: a place is had when its client has left the queue.
func TestBoardCuratorSemaphore(t *testing.T) {
	c := newCluster()
	lock, lease := func(i int) string { return "/s/locks/_c_" + uuid(i) + "-lock-%" }, func(i int) string { return "/s/leases/_c_" + uuid(i+100) + "-lease-%" }
	b := boardOn(t, c, Options{})
	b.Search("/")
	settled(t, b)
	q := c.create(lock(1), 0x101, "")
	one := c.create(lease(1), 0x101, "one")
	c.remove("/s/locks/" + q)
	until(t, b, "one has a place", func(s *Snapshot) bool { v := s.At("/s"); return v != nil && v.Holders() == 1 && v.Read == 1 })
	settled(t, b)
	q = c.create(lock(2), 0x102, "")
	two := c.create(lease(2), 0x102, "two")
	v := until(t, b, "two waits", func(s *Snapshot) bool { v := s.At("/s"); return len(v.Contenders) == 3 && v.Read == 3 }).At("/s")
	if holds := v.Timeline.Holds(time.Time{}, time.Now()); v.Holders() != 1 || len(holds) != 1 || holds[0].Node != one || v.State != Contended {
		t.Errorf("%s: %+v", short(v.Lock), holds)
	}
	c.remove("/s/leases/" + one)
	c.remove("/s/locks/" + q)
	v = until(t, b, "two has a place", func(s *Snapshot) bool { v := s.At("/s"); return len(v.Contenders) == 1 && v.Holders() == 1 }).At("/s")
	holds := v.Timeline.Holds(time.Time{}, time.Now())
	if len(holds) != 2 || holds[1].Node != two || holds[0].To.IsZero() || !holds[1].To.IsZero() || holds[1].Free <= 0 {
		t.Errorf("%+v", holds)
	}
	if got := all(settled(t, b)); strings.Contains(got, "\n") {
		t.Errorf("the queue is a lock of its own:\n%s", got)
	}
}

// After a gap the queue of a semaphore is told before its places: a place is not taken for
// that of one who came to be the head later.
func TestBoardCuratorSemaphoreMissed(t *testing.T) {
	c := newCluster()
	var queue []string
	for i := range 2 {
		queue = append(queue, c.create("/s/locks/_c_"+uuid(i)+"-lock-%", int64(0x101+i), ""))
	}
	c.create("/s/leases/_c_"+uuid(100)+"-lease-%", 0x100, "")
	b := boardOn(t, c, Options{})
	b.Search("/")
	settled(t, b)
	hold := make(chan struct{})
	c.mu.Lock()
	c.hold = hold
	c.mu.Unlock()
	c.miss(func() {})
	place := c.create("/s/leases/_c_"+uuid(101)+"-lease-%", 0x101, "")
	c.remove("/s/locks/" + queue[0])
	c.remove("/s/leases/" + place)
	close(hold)
	holds := settled(t, b).At("/s").Timeline.Holds(time.Time{}, time.Now())
	if !slices.ContainsFunc(holds, func(h Hold) bool { return h.Node == place && !h.To.IsZero() }) {
		t.Errorf("%s has not held: %+v", place, holds)
	}
}

func TestBoardKazooSemaphore(t *testing.T) {
	c := newCluster()
	c.create("/s", 0, "1")
	c.create("/s/"+hex32(1), 0x101, "one")
	c.create("/s-__lock__/"+hex32(2)+"__lock__%", 0x102, "two")
	b := boardOn(t, c, Options{})
	b.Search("/")
	s := settled(t, b)
	if got := all(s); !strings.HasPrefix(got, "contended /s kazoo-semaphore semaphore/1 head:") || len(s.Locks) != 1 || s.Locks[0].Waiters() != 1 {
		t.Fatalf("%s", got)
	}
	c.remove("/s/" + hex32(1))
	until(t, b, "the place is free", func(s *Snapshot) bool { return s.At("/s").Holders() == 0 })
}

// A lease of ShedLock ends by itself, and is had again by the same znode.
func TestBoardTimedLease(t *testing.T) {
	c := newCluster()
	until1 := func(d time.Duration) string { return time.Now().Add(d).UTC().Format("2006-01-02T15:04:05.000Z") }
	c.create("/shedlock/job", 0, until1(time.Hour))
	b := boardOn(t, c, Options{})
	b.Search("/")
	if got := all(settled(t, b)); got != "held /shedlock/job shedlock timed lease/1 nobody: job=h" {
		t.Fatal(got)
	}
	c.set("/shedlock/job", until1(100*time.Millisecond))
	until(t, b, "it is over", func(s *Snapshot) bool { return s.At("/shedlock/job").State == Free })
	c.set("/shedlock/job", until1(time.Hour))
	v := until(t, b, "it is held again", func(s *Snapshot) bool { return s.At("/shedlock/job").State == Held }).At("/shedlock/job")
	if n := v.Timeline.Summary(time.Now()).Grants; n != 1 {
		t.Errorf("%d grants", n)
	}
}

// What may not be listed is shown as such, if it is a lock or its path says so.
func TestBoardDenied(t *testing.T) {
	c := newCluster()
	names := c.queue("/locks/a", 2)
	c.queue("/app/x", 1)
	c.denied["/locks/a"], c.denied["/app/x"] = true, true
	c.queue("/locks/b", 2)
	c.denied["/locks/b/"+hexName(0)] = true
	b := boardOn(t, c, Options{})
	b.Search("/")
	s := settled(t, b)
	if v := s.At("/locks/a"); v == nil || v.Denied == "" || len(v.Contenders) != 0 {
		t.Errorf("a closed queue: %+v", v)
	}
	if v := s.At("/locks/b"); v == nil || v.State != Contended || v.Read != 1 || v.Contenders[0].Identity != "" {
		t.Errorf("a closed holder:\n%s", all(s))
	}
	if s.At("/app/x") != nil {
		t.Error("nothing says that it is a lock")
	}
	_ = names
}

func hexName(i int) string { return "_c_" + hex32(i) + "-lock-" + seq(int32(i)) }

// Paths that no root covers: listed once, followed if they are locks, and forgotten.
func TestBoardLook(t *testing.T) {
	c := newCluster()
	names := c.queue("/locks/a", 2)
	c.create("/app/config", 0, "")
	b := boardOn(t, c, Options{})
	b.Look("/app", "/locks/a", "/none")
	until(t, b, "the lock", func(s *Snapshot) bool { v := s.At("/locks/a"); return v != nil && v.Read == 2 })
	b.Look("/app", "/locks/a", "/none")
	settled(t, b)
	if c.count("list /app") != 1 || c.count("list /none") != 1 || c.count("follow") != 1 {
		t.Errorf("%v", c.counts)
	}
	c.remove("/locks/a/" + names[0])
	until(t, b, "the next", func(s *Snapshot) bool { return len(s.At("/locks/a").Contenders) == 1 })
	if s := b.Snapshot(); s.Search.Roots != nil || s.Search.Running {
		t.Errorf("%+v", s.Search)
	}
	b.order(func() {
		b.lookAt(nil)
		b.forgetRows(time.Now().Add(2 * keepRows))
		b.news()
	})
	until(t, b, "it is forgotten", func(s *Snapshot) bool { return len(s.Locks) == 0 })
	c.unfollowed(t)
}

// What was looked at some time ago, or opened, is looked at again when it comes into view.
func TestBoardLooksAgain(t *testing.T) {
	const path = "/apps/job-lock"
	for name, before := range map[string]func(*Board){
		"opened": func(b *Board) { b.Open(path); settled(t, b); b.Open("") },
		"seen":   func(b *Board) { b.Look(path); settled(t, b); b.Look() },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster()
			c.create(path, 0, "")
			b := boardOn(t, c, Options{})
			before(b)
			settled(t, b)
			c.queue(path, 1)
			if s := settled(t, b); s.At(path) != nil {
				t.Errorf("it is followed though nobody looks:\n%s", all(s))
			}
			b.Look(path)
			until(t, b, "the lock", func(s *Snapshot) bool { return s.At(path) != nil })
		})
	}
}

// Roots that are not there, the budget, other roots.
func TestBoardSearch(t *testing.T) {
	c := newCluster()
	c.queue("/x/locks/a", 1)
	c.queue("/y/locks/b", 1)
	b := boardOn(t, c, Options{})
	b.Search("/x", "/none", "/x/locks")
	s := settled(t, b)
	if len(s.Locks) != 1 || !slices.Equal(s.Search.Roots, []string{"/none", "/x"}) || len(s.Search.Partial) != 1 || !strings.Contains(s.Search.Partial[0], "/none") {
		t.Errorf("%s\n%+v", all(s), s.Search)
	}
	c.queue("/none/locks/c", 1)
	until(t, b, "made later", func(s *Snapshot) bool { return s.At("/none/locks/c") != nil })
	b.Search("/y")
	s = settled(t, b)
	if len(s.Locks) != 1 || s.At("/y/locks/b") == nil {
		t.Errorf("%s", all(s))
	}
	cut := boardOn(t, c, Options{Budget: 2})
	cut.Search("/")
	if s := settled(t, cut); !s.Search.Cut {
		t.Errorf("%+v", s.Search)
	}
}

// A directory that is looked at for another reason while it waits for another look is
// looked at again when it is no lock once more, and something promising comes then.
func TestBlankIsLookedAtAgain(t *testing.T) {
	b := newBoard(newCluster(), Options{})
	defer b.Close()
	const path = "/srv"
	b.nothing[path] = &blank{until: time.Now().Add(time.Hour)}
	wants := func(want bool) {
		t.Helper()
		if b.rested(path) {
			t.Fatal("its pause is over")
		}
		if got := slices.Contains(b.retry, path); got != want {
			t.Fatalf("another look is wanted: %v, want %v", got, want)
		}
	}
	wants(true)
	b.dirs[path] = &folder{path: path}
	b.retryDue(time.Now())
	delete(b.dirs, path)
	if slices.Contains(b.retry, path) {
		t.Error("it is to be looked at again, and was")
	}
	wants(true)
}
