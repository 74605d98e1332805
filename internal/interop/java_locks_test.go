//go:build interop

package interop

import (
	"testing"

	"zkdeck/internal/zktest"
)

// javaScenes are what Curator 5.4 and ZooKeeper's own recipes do.
var javaScenes = []scene{
	{"mutex", "/shop/orders", 1, "curator-mutex mutex/1: a=h b=w>a+ c=w>b+", "", []step{
		{"b", 1, "curator-mutex mutex/1: a=h c=w>a+"},
		{"a", 1, "curator-mutex mutex/1: c=h"},
	}},
	{"read_write", "/shop/prices", 2, "curator-rwlock read-write/0: r1=h r2=h w1=w>r2+ r3=w>w1+ w2=w>r3+ r4=w>w1+", "", []step{
		{"r1", 1, "curator-rwlock read-write/0: r2=h w1=w>r2+ r3=w>w1+ w2=w>r3+ r4=w>w1+"},
		{"r2", 1, "curator-rwlock read-write/0: w1=h r3=w>w1+ w2=w>r3+ r4=w>w1+"},
		{"w1", 1, "curator-rwlock read-write/0: r3=h w2=w>r3+ r4=w>w2+"},
	}},
	// Before 5.5 a writer's own read lock has a number of its own.
	{"downgrade", "/shop/downgrade", 2, "curator-rwlock read-write/0: own=h own-read=h r=w>own+ w=w>r+ !own-write", "", []step{
		{"own", 2, "curator-rwlock read-write/0: own-read=h r=h w=w>r+"},
	}},
	{"other_thread", "/shop/threads", 1, "curator-rwlock read-write/0: w=h r=w>w+", "curator-rwlock read-write/0: w=h r=h !own-write", nil},
	{"semaphore_v2", "/shop/places", 2, "curator-semaphore semaphore/0: a=h b=h c=u c(q)=w>c d(q)=w>c(q)+", "", []step{
		{"a", 2, "curator-semaphore semaphore/0: b=h c=h d=u d(q)=w>d"},
	}},
	{"semaphore_mutex", "/shop/one", 1, "curator-semaphore semaphore/0: a=h b=u b(q)=w>b c(q)=w>b(q)+", "", []step{
		{"a", 1, "curator-semaphore semaphore/0: b=h c=u c(q)=w>c"},
	}},
	{
		"semaphore_v1", "/shop/old", 2, "curator-semaphore-v1 semaphore/2: a=h b=h c=w>a+ d=w>b+ e=w>c+",
		"curator-mutex mutex/1: a=h b=w>a c=w>b d=w>c e=w>d", nil,
	},
	{"latch", "/shop/latch", 1, "curator-latch election/1: a=h b=w>a+ c=w>b+", "", []step{
		{"a", 1, "curator-latch election/1: b=h c=w>b+"},
	}},
	{"selector", "/shop/leader", 1, "curator-mutex election/1: a=h b=w>a+ c=w>b+", "", []step{
		{"a", 1, "curator-mutex election/1: b=h c=w>b+"},
	}},
	{"multi", "/shop/both", 1, "/one curator-mutex mutex/1: b=h\n/two curator-mutex mutex/1: a=h b=w>a+", "", nil},
	{"write_lock", "/shop/written", 1, "writelock mutex/1: a=h b=w>a+ c=w>b+", "", []step{
		{"a", 1, "writelock mutex/1: b=h c=w>b+"},
	}},
	{"election_support", "/shop/support", 1, "leader-election-support election/1: a=h b=w>a+ c=w>b+", "", []step{
		{"a", 1, "leader-election-support election/1: b=h c=w>b+"},
	}},
	{"traps", "/traps-java", 0, "", "", nil},
}

// TestJavaLocks recognises what Curator and ZooKeeper's own recipes make, and says of it
// what their clients say.
func TestJavaLocks(t *testing.T) {
	addr := zktest.SharedReal(t)
	h := javaHolders(t, addr)
	for _, s := range javaScenes {
		t.Run(s.name, func(t *testing.T) { s.play(t, addr, h) })
	}
}
