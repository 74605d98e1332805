package lockview_test

import (
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/zkview"
)

// wide is a directory with so many persistent children.
func wide(dir, format string, n int) iter.Seq[zktest.Znode] {
	return func(yield func(zktest.Znode) bool) {
		for i := range n {
			if !yield(zktest.Znode{Path: dir + "/" + fmt.Sprintf(format, i)}) {
				return
			}
		}
	}
}

// Directories with hundreds of thousands of children that are no locks cost a listing
// at most, and no memory that stays.
func TestWideIsNoLock(t *testing.T) {
	data := func(yield func(zktest.Znode) bool) {
		for _, z := range []string{"/tasks", "/jobs", "/jobs/lock", "/real"} {
			if !yield(zktest.Znode{Path: z}) {
				return
			}
		}
		wide("/tasks", "task-%010d", 200_000)(yield)
		wide("/jobs/lock", "lock-%010d", 100_000)(yield)
	}
	addr := zktest.Start(t, 1, zktest.WithData(data)).Addr()
	conn := zktest.Connect(t, addr)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r := look(t, setup{Config: zkview.Config{Servers: addr}, roots: []string{"/"}})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 32<<20 {
		t.Errorf("%d MB are kept of what is no lock", kept>>20)
	}
	// Followed on: changes in them cost nothing either.
	for i := range 300 {
		create(t, conn, fmt.Sprintf("/tasks/new-%d", i), "", plain)
		create(t, conn, "/jobs/lock/lock-", "", zk.FlagSequence)
	}
	create(t, conn, "/real/"+id(1), "", contending)
	r.shows("/real", "held 0=holder")
	if s := r.board.Snapshot(); len(s.Locks) != 1 {
		t.Errorf("found %s", told(s))
	}
	if lists, _ := r.source.asked("/tasks"); lists != 0 {
		t.Errorf("/tasks was listed %d times", lists)
	}
	lists, read := r.source.asked("/jobs/lock")
	if lists > 2 || read > 2000 {
		t.Errorf("/jobs/lock was listed %d times; %d znodes were read in all", lists, read)
	}
}
