//go:build interop

package interop

import (
	"testing"

	"zkdeck/internal/zktest"
)

// kazooScenes are what kazoo 2.8 and a naive lock do.
var kazooScenes = []scene{
	{"locks", "/app/orders", 1, "kazoo-lock mutex/1: a=h b=w>a+ c=w>b+", "", []step{
		{"b", 1, "kazoo-lock mutex/1: a=h c=w>a+"},
		{"a", 1, "kazoo-lock mutex/1: c=h"},
	}},
	{"read_write", "/app/prices", 2, "kazoo-rwlock read-write/0: r1=h r2=h w1=w>r2+ r3=w>w1+ w2=w>r3+", "", []step{
		{"r1", 1, "kazoo-rwlock read-write/0: r2=h w1=w>r2+ r3=w>w1+ w2=w>r3+"},
	}},
	// Before 2.9 a reader that is woken goes on to wait for the last writer, which waits
	// for it (kazoo's issue 649): nobody holds, ever.
	{"reader_between", "/app/between", 1, "kazoo-rwlock read-write/0: w1=h r=w>w1+ w2=w>r+", "", []step{
		{"w1", 0, "kazoo-rwlock read-write/0: r=u w2=w>r+ !waits-behind"},
	}},
	{"kept", "/app/kept", 1, "kazoo-lock mutex/1: a=h b=w>a+ !persistent", "", nil},
	{"election", "/app/leader-election", 1, "kazoo-lock election/1: a=h b=w>a+ c=w>b+", "", []step{
		{"a", 1, "kazoo-lock election/1: b=h c=w>b+"},
	}},
	{"semaphore", "/app/places", 2, "kazoo-semaphore semaphore/2: a=h b=h c(q)=w>b d(q)=w>c(q)+", "", []step{
		{"a", 2, "kazoo-semaphore semaphore/2: b=h c=h d(q)=w>c"},
	}},
	{"lease", "/app/nightly", 0, "kazoo-lease timed lease/1: a=h", "", nil},
	{"partition", "/app/parts", 0, "/locks/one kazoo-lock mutex/1: ?=h\n/locks/two kazoo-lock mutex/1: ?=h", "", nil},
	{"naive", "/uk/tutorial", 1, "naive mutex/1: a=h b=w>>a c=w>>b !herd", "", []step{
		{"a", 1, "naive mutex/1: b=h c=w>>b"},
	}},
	{"traps", "/traps-kazoo", 0, "", "", nil},
}

// TestKazooLocks recognises what kazoo makes, and says of it what its clients say.
func TestKazooLocks(t *testing.T) {
	addr := zktest.SharedReal(t)
	h := kazooHolders(t, addr)
	for _, s := range kazooScenes {
		t.Run(s.name, func(t *testing.T) { s.play(t, addr, h) })
	}
}
