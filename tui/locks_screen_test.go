package tui

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// lockLine waits for the row of a lock with all the parts.
func (s *screen) lockLine(path string, parts ...string) {
	s.t.Helper()
	s.waitRow(append([]string{" " + path + " "}, parts...)...)
}

func TestScreenLocks(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/jobs", "/jobs/nightly", "/uk", "/uk/lock", "/stock", "/stock/a")
	b := newFakeBoard()
	b.set(someSnapshot())
	s := connect(t, root, 120, 30, b.on)
	s.WaitForText("2 Locks")
	s.Type("2")
	s.WaitForText("6 locks", "5 held", "4 contended", "▲ 1 suspicious", "searching / … 412,000 znodes")
	s.lockLine("/stock/a", "▲ suspicious", "kazoo-lock", "w1", "deadlock")
	s.lockLine("/uk/lock", "● contended", "naive", "10.0.0.5:51234", " 3 ", " 31 ", "herd")
	s.lockLine("/reports", "◐ shared", "2 readers")
	s.lockLine("/deploy", "○ free")
	s.order("/stock/a", "/jobs/nightly", "/uk/lock", "/reports", "/places", "/deploy")

	s.Type("/", "curator !free")
	s.WaitForText("3 rows")
	s.Type("enter")
	s.WaitForText("filter curator !free", "by path")
	s.waitGone("/uk/lock")
	s.Type("esc")
	s.WaitForText("/uk/lock")
	s.Type("s")
	s.WaitForText("lock ↑")
	s.order("/deploy", "/jobs/nightly", "/places", "/reports", "/stock/a", "/uk/lock")

	s.Type("j")
	s.waitPlace("/jobs/nightly")
	snap := someSnapshot()
	snap.Locks = append(snap.Locks, oneFree("/another"))
	snap.Search.Running, snap.Search.Ended = false, lockStart
	b.set(snap)
	s.lockLine("/another", "○ free")
	s.WaitForText("searched at")
	s.waitPlace("/jobs/nightly")
	s.Type("enter")
	s.WaitForText("esc all locks")
	s.Type("esc")
	s.WaitForText("search again")
	s.Type("enter")
	s.WaitForText("esc all locks")
	s.Type(":")
	s.WaitForText("esc close")
	s.Type("locks /", "enter") // leads back to the table too
	s.WaitForText("search again")
	s.waitPlace("/jobs/nightly")
	s.Type("t")
	s.WaitForText("Value  Stat  ACL", "esc back to locks")
	s.waitPlace("/jobs/nightly")
	s.Type("esc")
	s.WaitForText("search again")
	s.Type("r")
	b.await(t, "another search", func(searched, _ [][]string) bool { return len(searched) == 3 })
	s.Type("X")
	s.WaitForText("No locks are searched for any more")
	b.await(t, "the end of the search", func(searched, _ [][]string) bool { return len(searched) > 3 })
	if searched, _ := b.asked(); !reflect.DeepEqual(searched, [][]string{{"/"}, {"/"}, {"/"}, nil}) {
		t.Errorf("it searched %q", searched)
	}
	s.quit("q")
	s.close()
	if !b.closed {
		t.Error("the board is open still")
	}
}

// What cannot be known is told on one line, and all of it by a key.
func TestScreenLocksMissing(t *testing.T) {
	t.Parallel()
	b := newFakeBoard()
	snap := someSnapshot()
	for i := range 40 {
		snap.Answers.Refusals = append(snap.Answers.Refusals, fmt.Sprintf("wchp is not in 4lw.commands.whitelist of server-%02d, which is set in its zoo.cfg", i))
	}
	b.set(snap)
	s := connect(t, zktest.Root(t), 80, 24, b.on)
	s.Type("2")
	s.WaitForText("wchp is not in 4lw.commands.whitelist of server-00", "m and 39 more")
	s.Type("m")
	s.WaitForText("what is missing", "server-00", "server-05")
	s.Type("G")
	s.WaitForText("server-39")
	s.Type("esc")
	s.waitGone("what is missing")
	s.quit("q")
}

// Where locks are searched is remembered for each cluster.
func TestScreenLocksRoots(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	wrote := map[string][]string{}
	remember := func(s *setup) {
		s.opts.LockRoots = func(title string) []string { return []string{"/of " + title, "relative"} }
		s.opts.RememberLockRoots = func(title string, roots []string) error {
			mu.Lock()
			defer mu.Unlock()
			wrote[title] = roots
			if slices.Contains(roots, "/full") {
				return errors.New("the disk is full")
			}
			return nil
		}
	}
	b := newFakeBoard()
	s := connect(t, zktest.Root(t), 100, 24, b.on, remember)
	want := func(roots ...string) {
		t.Helper()
		b.await(t, fmt.Sprintf("a search below %q", roots), func(searched, _ [][]string) bool {
			return len(searched) > 0 && slices.Equal(searched[len(searched)-1], roots)
		})
	}
	run := func(command string) {
		s.Type(":")
		s.WaitForText("esc close")
		s.Type(command, "enter")
	}
	s.Type("2")
	want("/of test")
	s.WaitForText("searching /of test", "No lock yet below /of test")
	run("locks /apps/ /jobs with blanks")
	want("/apps", "/jobs with blanks")
	s.WaitForText("searching /apps /jobs with blanks")
	run("locks apps")
	s.WaitForText("A path begins with /")
	run("locks /a/../b")
	s.WaitForText("/a/../b: ")
	run("locks /full")
	want("/full")
	s.WaitForText("the disk is full")
	run("locks /")
	want("/")
	b.await(t, "the roots to be forgotten", func([][]string, [][]string) bool { mu.Lock(); defer mu.Unlock(); return wrote["test"] == nil })
	run("locks")
	s.WaitForText("searching / ")
	want("/")
	s.quit("q")
}

// A lock shows on its row of the tree though the screen Locks was never opened.
func TestScreenLocksInTree(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("", "/uk", "/uk/lock", "/uk/lock/lock_id_0000000001", "/uk/other", "/uk/locks", "/wide")
	b := newFakeBoard()
	s := connect(t, root, 120, 24, b.on)
	s.goTo("/uk/lock")
	b.await(t, "the rows to be looked at", func(_, looked [][]string) bool {
		return len(looked) > 0 && reflect.DeepEqual(looked[len(looked)-1], []string{"/", "/uk", "/uk/lock", "/uk/locks"})
	})
	if searched, _ := b.asked(); len(searched) > 0 {
		t.Errorf("searched unasked: %q", searched)
	}
	held := oneHeld("/uk/lock", lockctl.Naive, "", "10.0.0.5:51234", time.Second, 3)
	b.set(&lockctl.Snapshot{Locks: []*lockctl.View{held}})
	s.waitRow("lock ", "● 10.0.0.5:51234", "+3")
	if strings.Contains(row(s.Screen(), " other "), "●") {
		t.Errorf("what is no lock has a sign:\n%s", s.Screen())
	}
	ours := oneHeld("/uk/lock", lockctl.Naive, "me", "", time.Second, 0)
	ours.Contenders[0].Session = s.sess.Status().SessionID
	b.set(&lockctl.Snapshot{Locks: []*lockctl.View{ours}})
	s.waitRow("lock ", "● you ")
	x, y := s.Find("● you")
	if k := s.Cell(x, y).Fg; k == nil {
		t.Error("what is ours is not in the accent")
	}
	b.set(&lockctl.Snapshot{Locks: []*lockctl.View{oneFree("/uk/lock")}})
	s.waitRow("lock ", "○ free")
	c.drop("/uk/lock/lock_id_0000000001")
	s.waitRow("lock ", "○ free", " - ")
	s.Type("2")
	s.WaitForText("1 lock")
	s.Type("1")
	s.waitRow("lock ", "○ free", " - ")
	if _, looked := b.asked(); !slices.Contains(looked[len(looked)-1], "/uk/lock") {
		t.Errorf("a lock that is free is looked at no more: %q", looked)
	}
	s.quit("q")
}

// A mark takes no more cells than it has, and says as much as fits.
func TestLockMarkFits(t *testing.T) {
	st := testStyles()
	f := &lockFacts{}
	f.learn(oneHeld("/l", lockctl.Naive, "worker-12", "10.0.0.5:51234", time.Second, 1234), func(int64) bool { return false })
	for room, want := range map[int]string{
		0: "", 3: "", 4: " ● ", 12: " ● …  +1,234 ",
		60: " ● worker-12 @ 10.0.0.5:51234  +1,234 waiting ",
	} {
		text := ""
		for _, s := range st.lockMark(f, room) {
			text += s.text
		}
		if len([]rune(text)) > max(room, 0) || room == 60 && text != want || room < 5 && text != want {
			t.Errorf("in %d cells it says %q, want %q", room, text, want)
		}
	}
}
