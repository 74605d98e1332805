package lockctl

import (
	"testing"
	"time"
)

// The plain case: locks are found, their holders read, and hand-offs told.
func TestBoardPlain(t *testing.T) {
	c := newCluster()
	names := c.queue("/locks/a", 3)
	c.create("/app/config", 0, "x")
	b := boardOn(t, c, Options{})
	b.Search("/")
	s := settled(t, b)
	if got, want := all(s), "contended /locks/a go-zookeeper mutex/1 next: -0000000000=h -0000000001=w0 -0000000002=w1"; got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	v := s.At("/locks/a")
	if v.Contenders[0].Identity != "client-0" || v.Contenders[0].Session != 0x100 || v.Read != 3 || !v.AtLeast || v.NextSequence != 3 {
		t.Errorf("%+v", v)
	}
	if s.Search.Running || s.Search.Ended.IsZero() || s.Search.Progress.Visited != 8 {
		t.Errorf("search %+v", s.Search)
	}
	c.remove("/locks/a/" + names[0])
	s = until(t, b, "the next one holds", func(s *Snapshot) bool { return len(s.At("/locks/a").Contenders) == 2 })
	v = s.At("/locks/a")
	if v.AtLeast || v.Contenders[0].Role != Holder || v.Timeline.Summary(time.Now()).Grants != 1 {
		t.Errorf("%s, %+v", all(s), v.Timeline.Summary(time.Now()))
	}
	c.remove("/locks/a/" + names[1])
	c.remove("/locks/a/" + names[2])
	s = until(t, b, "it is free", func(s *Snapshot) bool { return s.At("/locks/a").State == Free })
	if v := s.At("/locks/a"); v.Recipe != GoZooKeeper || v.NextSequence != 3 || !v.HeldSince.IsZero() {
		t.Errorf("%+v", v)
	}
	// A lock in a new place.
	c.queue("/locks/b", 1)
	until(t, b, "the new one", func(s *Snapshot) bool { v := s.At("/locks/b"); return v != nil && v.State == Held && v.Read == 1 })
	if n := c.count("list /locks/a"); n != 1 {
		t.Errorf("listed %d times", n)
	}
}
