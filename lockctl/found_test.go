package lockctl

import (
	"slices"
	"testing"
	"time"
)

// The directory of a queue is often called lock, as a single znode that is one would be.
func TestDirectoryCalledLock(t *testing.T) {
	c := newCluster()
	c.create("/uk", 0, "")
	told := make(chan Event, 100)
	b := boardOn(t, c, Options{Observe: func(e Event) { told <- e }})
	b.Search("/")
	settled(t, b)
	c.create("/uk/lock", 0, "")
	names := c.queue("/uk/lock", 3)
	until(t, b, "the queue", func(s *Snapshot) bool {
		return all(s) == "contended /uk/lock go-zookeeper mutex/1 next: -0000000000=h -0000000001=w0 -0000000002=w1"
	})
	for e := range told {
		if e.Recipe == SingleNode {
			t.Errorf("it said %+v", e)
		}
		if e.Kind == EventGranted {
			break
		}
	}
	// One that is free makes room for the other kind, and the reverse.
	for _, n := range names {
		c.remove("/uk/lock/" + n)
	}
	c.remove("/uk/lock")
	c.create("/uk/lock", 0x200, "alone")
	until(t, b, "a single znode", func(s *Snapshot) bool {
		v := s.At("/uk/lock")
		return v != nil && v.Recipe == SingleNode && v.State == Held && v.Contenders[0].Identity == "alone"
	})
	c.remove("/uk/lock")
	c.queue("/uk/lock", 2)
	until(t, b, "a queue again", func(s *Snapshot) bool {
		v := s.At("/uk/lock")
		return v != nil && v.Recipe == GoZooKeeper && v.State == Contended
	})
}

// A semaphore whose places were all free when its directory was listed is one as soon as
// a place is taken.
func TestSemaphoreWithoutPlaces(t *testing.T) {
	c := newCluster()
	c.create("/s", 0, "1")
	c.create("/s-__lock__/"+hex32(1)+"__lock__%", 0x101, "one")
	b := boardOn(t, c, Options{})
	b.Search("/")
	settled(t, b)
	c.create("/s/"+hex32(1), 0x101, "one")
	until(t, b, "a semaphore", func(s *Snapshot) bool {
		v := s.At("/s")
		return v != nil && v.Recipe == KazooSemaphore && v.Limit == 1 && s.At("/s-__lock__") == nil
	})
}

// A herd that is seen is not told of by one answer of the servers, and whoever does not
// queue is not in it.
func TestHerdIsSeenTwice(t *testing.T) {
	c := newCluster()
	names := c.queue("/a", 4)
	first := "/a/" + names[0]
	c.answers = Answers{Servers: 1, Cluster: Cluster{AllWatches: true, Watches: map[string][]int64{first: {0x101, 0x102, 0x103, 0x999}}}}
	b := boardOn(t, c, Options{AskEvery: time.Millisecond})
	b.Search("/")
	settled(t, b)
	b.Open("/a")
	s := until(t, b, "a herd", func(s *Snapshot) bool { v := s.At("/a"); return v != nil && codes(v.Lock) == "herd" })
	if n := c.count("ask watches"); n < 2 {
		t.Errorf("after %d answers", n)
	}
	w := s.At("/a").Warnings[0]
	if !slices.Equal(w.Nodes, names[:1]) || w.Text != "3 waiters watch "+names[0]+": its release wakes them all. A fair recipe wakes one." {
		t.Errorf("%+v", w)
	}
}
