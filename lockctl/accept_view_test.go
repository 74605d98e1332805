package lockctl_test

import (
	"errors"
	"testing"

	"zkdeck/internal/lockview"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// The acceptance tests of the viewer are older, and those of the command are elsewhere:
//
//	30  TestNextSequenceIsTheNextName, TestNextSequence; internal/lockview TestCounterAtItsEnd
//	31  TestTraps, TestFamilies, TestDirectoryCalledLock; internal/lockview TestWideIsNoLock
//	32  internal/lockview TestThousandWait, TestFastHandOffs; TestBoardWide
//	33  TestAccept33Break; that a viewer has nothing to write with is Source, which does not
//	    write, and what is asked before a break is tui's TestScreen… of breaking
//	34  its viewer's part: internal/lockview TestQueueIsClosed, TestContendersAreClosed
//	35  TestIdentity, TestHostileNames; internal/lockview TestHostileIdentities,
//	    TestReadOfLargeValues; tui TestScreenLocksOfHostileData
//	36  TestNodeWarnings (persistent); TestAccept36Persistent for who waits behind one
//	40  internal/cli, the tests of `zkdeck lock`

// A break deletes what was shown, and nothing that has its name since.
func TestAccept33Break(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	browsing, err := zkview.Open(zkview.Config{Servers: sc.addr})
	if err != nil {
		t.Fatal(err)
	}
	defer browsing.Close()
	w := lockview.Writer(browsing)
	l := sc.player().take(dir)
	next := sc.player().queue(dir, lockctl.LockOptions{})
	path := dir + "/" + l.Node()
	if err := lockctl.Break(soon(t), w, path, l.Token()-1); !errors.Is(err, lockctl.ErrReplaced) {
		t.Errorf("with another czxid: %v", err)
	}
	lives(t, l)
	sc.set(path, "written meanwhile") // it is the same contender still
	if err := lockctl.Break(soon(t), w, path, l.Token()); err != nil {
		t.Errorf("breaking: %v", err)
	}
	lost(t, l)
	second := next.granted()
	if err := lockctl.Break(soon(t), w, path, l.Token()); !errors.Is(err, lockctl.ErrGone) {
		t.Errorf("breaking what is gone: %v", err)
	}
	lives(t, second)
	release(t, second)

	// The directory is made again, and numbers begin anew: the name is another's now.
	name, token := "lock-", int64(0)
	for i := range 2 {
		again := sc.dir("again")
		made := again + "/" + sc.contender(again, name, "")
		_, stat, err := sc.conn.Get(made)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			token = stat.Czxid
			sc.remove(made)
			sc.remove(again)
			continue
		}
		if err := lockctl.Break(soon(t), w, made, token); !errors.Is(err, lockctl.ErrReplaced) {
			t.Errorf("another of that name: %v", err)
		}
		if !sc.exists(made) {
			t.Error("another of that name is deleted")
		}
		reading, err := zkview.Open(zkview.Config{Servers: sc.addr, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer reading.Close()
		if err := lockctl.Break(soon(t), lockview.Writer(reading), made, stat.Czxid); !errors.Is(err, lockctl.ErrReadOnly) || !sc.exists(made) {
			t.Errorf("read-only: %v", err)
		}
	}
}

// A contender that no session owns is waited for like any other.
func TestAccept36Persistent(t *testing.T) {
	sc := onShared(t)
	dir := sc.dir("lock")
	first := create(t, sc.conn, dir+"/0123456789abcdef0123456789abcdef__lock__", 2)
	a := sc.player().queue(dir, lockctl.LockOptions{})
	a.waits()
	sc.remove(first)
	release(t, a.granted())
}
