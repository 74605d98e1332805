package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"zkdeck/lockctl"
)

// drawn is what the screen looks like at a time, without colours.
func (s *locksScreen) drawn(width, height int, now time.Time) []string {
	rows, _ := s.render(testStyles(), width, height, now)
	for i, r := range rows {
		rows[i] = plain(r)
	}
	return rows
}

// give makes a snapshot the newest and has the program take it.
func (s *locksScreen) give(b *fakeBoard, snap *lockctl.Snapshot) {
	b.set(snap)
	s.locks.take()
}

// paths are the locks in the order of the rows.
func (s *locksScreen) paths() []string {
	var out []string
	for _, f := range s.table.rows {
		out = append(out, f.view.Path)
	}
	return out
}

func TestLocksGoldens(t *testing.T) {
	for _, size := range [][2]int{{80, 14}, {120, 14}, {160, 14}, {40, 5}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s, b, _ := testLocks()
			snap := someSnapshot()
			stale := oneHeld("/old", lockctl.GoZooKeeper, "", "10.0.0.2:2", time.Minute, 2)
			stale.Stale = lockStart.Add(-40 * time.Second)
			denied := oneFree("/vault/lock")
			denied.Denied = "its ACL does not let us list it"
			snap.Locks = append(snap.Locks, stale, denied)
			snap.Answers.Refusals = []string{
				"wchp is not in 4lw.commands.whitelist of 127.0.0.1:2182", "cons is not in 4lw.commands.whitelist of 127.0.0.1:2183",
			}
			s.locks.ours = 99
			s.give(b, snap)
			golden.RequireEqual(t, strings.Join(s.drawn(size[0], size[1], lockStart), "\n")+"\n")
		})
	}
}

// Every frame has exactly its size and nothing unsafe in it, whatever names there are.
func TestLocksFillExactlyTheirRoom(t *testing.T) {
	s, b, _ := testLocks()
	snap := someSnapshot()
	snap.Search.Running, snap.Search.Ended = false, lockStart
	snap.Search.Partial = []string{"/a\x1b[2J is gone"}
	snap.Search.Progress.Waiting = "\x1b]0;x\a"
	snap.Locks = append(snap.Locks,
		oneHeld("/\x1b[31m\u202eevil/\x00"+strings.Repeat("漢字", 80), "x\ny", "id\x1b[2J", "a\tb", 100*24*time.Hour, 12345))
	for _, order := range []int{0, 1, 2, 3, 4} {
		s.key(press("s"))
		for w := minWidth; w < 180; w += 7 {
			for _, h := range []int{4, 5, 7, 20} {
				for _, ascii := range []bool{false, true} {
					s.give(b, snap)
					rows, _ := s.render(newStyles(colorprofile.ASCII, true, ascii), w, h, lockStart)
					text := strings.Join(rows, "\n")
					if ascii {
						text = asciiFold(text)
					}
					if why := frameTrouble(text, w, h, false, ascii); why != "" {
						t.Fatalf("%dx%d, order %d: %s\n%s", w, h, order, why, ansi.Strip(text))
					}
				}
			}
		}
	}
}

func TestLocksOrders(t *testing.T) {
	s, b, _ := testLocks()
	s.give(b, someSnapshot())
	s.drawn(100, 20, lockStart)
	for _, want := range [][]string{
		{"/stock/a", "/jobs/nightly", "/uk/lock", "/reports", "/places", "/deploy"},
		{"/deploy", "/jobs/nightly", "/places", "/reports", "/stock/a", "/uk/lock"},
		{"/uk/lock", "/jobs/nightly", "/reports", "/stock/a", "/deploy", "/places"},
		{"/uk/lock", "/reports", "/deploy", "/jobs/nightly", "/places", "/stock/a"},
		{"/jobs/nightly", "/places", "/stock/a", "/uk/lock", "/reports", "/deploy"},
	} {
		if got := s.paths(); !slices.Equal(got, want) {
			t.Errorf("by %s they are %q, want %q", s.table.order, got, want)
		}
		s.key(press("s"))
	}
}

// Rows change in place; their order follows every few seconds. Trouble is at the top
// at once.
func TestLocksStandStill(t *testing.T) {
	s, b, _ := testLocks()
	now := lockStart
	a, c := oneHeld("/a", lockctl.CuratorMutex, "a", "", time.Second, 0), oneHeld("/c", lockctl.CuratorMutex, "c", "", time.Second, 0)
	give := func(locks ...*lockctl.View) []string {
		s.give(b, &lockctl.Snapshot{Locks: locks})
		s.drawn(80, 10, now)
		return s.paths()
	}
	want := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	want("at first", give(a, c), "/a", "/c")
	now = now.Add(time.Second)
	busy := oneHeld("/c", lockctl.CuratorMutex, "c", "", time.Second, 5)
	want("a second later, one is contended", give(a, busy), "/a", "/c")
	if row := row(strings.Join(s.drawn(80, 10, now), "\n"), "/c"); !strings.Contains(row, "contended") || !strings.Contains(row, " 5 ") {
		t.Errorf("its row is %q", row)
	}
	if d := s.nextChange(now); d <= 0 || d > 2*time.Second {
		t.Errorf("drawn again in %v", d)
	}
	now = now.Add(3 * time.Second)
	s.drawn(80, 10, now)
	want("three seconds later", s.paths(), "/c", "/a")
	bad := oneHeld("/a", lockctl.CuratorMutex, "a", "", time.Second, 0)
	bad.State = lockctl.Suspicious
	want("one is suspicious", give(bad, busy), "/a", "/c")
	want("a new one", give(bad, oneHeld("/b", lockctl.Naive, "", "", 0, 1), busy), "/a", "/b", "/c")
	want("two are gone", give(busy), "/c")
}

// Once a person has moved the selection it stays on its lock and on its line,
// whatever comes and goes.
func TestLocksKeepTheSelection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, b, _ := testLocks()
		now, height := lockStart, rapid.IntRange(1, 12).Draw(t, "rows")
		there := map[int]bool{}
		for i := range 30 {
			there[i] = rapid.Bool().Draw(t, "there")
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				s.key(press(rapid.SampledFrom([]string{"up", "down", "pgdown", "pgup", "g", "G", "s", "ctrl+d"}).Draw(t, "key")))
			case 1:
				i := rapid.IntRange(0, 29).Draw(t, "lock")
				there[i] = !there[i]
			case 2:
				now = now.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "ms")) * time.Millisecond)
			}
			was, line, held := s.sel, s.list.at-s.list.top, s.list.held
			var locks []*lockctl.View
			for i := range 30 {
				if there[i] {
					locks = append(locks, oneHeld(fmt.Sprintf("/l%02d", i), lockctl.Naive, "", "", time.Second, rapid.IntRange(0, 3).Draw(t, "waiters")))
				}
			}
			s.give(b, &lockctl.Snapshot{Locks: locks})
			rows := s.drawn(80, height+locksHead, now)
			f, ok := s.selected()
			if ok != (len(locks) > 0) || ok && f.view.Path != s.sel {
				t.Fatalf("%q is selected of %q", s.sel, s.paths())
			}
			if held && slices.Contains(s.paths(), was) {
				full := s.list.top > 0 && s.list.top+s.list.height < len(locks)
				if s.sel != was || full && s.list.at-s.list.top != line {
					t.Fatalf("%s on line %d became %s on line %d of %d", was, line, s.sel, s.list.at-s.list.top, len(locks))
				}
			}
			n := 0
			for _, r := range rows {
				n += boolInt(strings.HasPrefix(r, "▌"))
			}
			if height+locksHead >= 2*locksHead && n != boolInt(ok) {
				t.Fatalf("%d rows are selected:\n%s", n, strings.Join(rows, "\n"))
			}
		}
	})
}

func TestLocksFilter(t *testing.T) {
	s, b, _ := testLocks()
	snap := someSnapshot()
	denied := oneFree("/vault/lock")
	denied.State, denied.Denied = "", "its ACL does not let us list it"
	snap.Locks = append(snap.Locks, denied)
	s.locks.ours = 99
	s.give(b, snap)
	s.drawn(100, 20, lockStart)
	s.key(press("s")) // by path
	all := []string{"/deploy", "/jobs/nightly", "/places", "/reports", "/stock/a", "/uk/lock", "/vault/lock"}
	for text, want := range map[string][]string{
		"":                  all,
		"!":                 all,
		"held":              {"/jobs/nightly", "/places", "/reports", "/stock/a", "/uk/lock"},
		"free":              {"/deploy"},
		"!held":             {"/deploy", "/vault/lock"},
		"Contended":         {"/jobs/nightly", "/reports", "/stock/a", "/uk/lock"},
		"contended !naive":  {"/jobs/nightly", "/reports", "/stock/a"},
		"shared":            {"/reports"},
		"suspicious":        {"/stock/a"},
		"warnings":          {"/stock/a", "/uk/lock"},
		"!warnings  held":   {"/jobs/nightly", "/places", "/reports"},
		"deadlock":          {"/stock/a"},
		"herd":              {"/uk/lock"},
		"denied":            {"/vault/lock"},
		"mine":              {"/reports"},
		"old":               nil,
		"curator":           {"/deploy", "/jobs/nightly", "/places", "/reports", "/vault/lock"},
		"10.0.0.7":          {"/jobs/nightly"},
		"~jbsnight":         {"/jobs/nightly"},
		"/uk":               {"/uk/lock"},
		"nothing like this": nil,
	} {
		s.setFilter(text)
		if got := s.paths(); !slices.Equal(got, want) {
			t.Errorf("%q leaves %q, want %q", text, got, want)
		}
	}
	s.setFilter("")
	for _, k := range []string{"/", "f", "r", "e", "e"} {
		s.key(press(k))
	}
	if !s.typing() || len(s.paths()) != 1 {
		t.Errorf("typed, it leaves %q", s.paths())
	}
	s.key(press("enter"))
	if text := strings.Join(s.drawn(100, 10, lockStart), "\n"); s.typing() || !strings.Contains(text, "filter free 1 row") {
		t.Errorf("kept, it shows\n%s", text)
	}
	if _, taken := s.key(press("esc")); !taken || len(s.paths()) != len(all) {
		t.Errorf("cleared, it leaves %q", s.paths())
	}
	if _, taken := s.key(press("esc")); taken {
		t.Error("esc does not leave the screen")
	}
}

func TestLocksHolders(t *testing.T) {
	mode := func(role lockctl.Role, m lockctl.Mode, session int64) lockctl.Contender {
		return party(role, m, session, "", fmt.Sprintf("10.0.0.%d:1", session))
	}
	for want, c := range map[string]struct {
		limit int
		who   []lockctl.Contender
	}{
		"free":                 {},
		"not settled":          {0, []lockctl.Contender{mode(lockctl.Unknown, lockctl.Exclusive, 1)}},
		"w @ 10.0.0.1:1":       {0, []lockctl.Contender{party(lockctl.Holder, lockctl.Exclusive, 1, "w", "10.0.0.1:1")}},
		"w":                    {0, []lockctl.Contender{party(lockctl.Holder, lockctl.Exclusive, 1, "w", "")}},
		"0x1f":                 {0, []lockctl.Contender{party(lockctl.Holder, lockctl.Exclusive, 31, "", "")}},
		"n-0000000000":         {0, []lockctl.Contender{party(lockctl.Holder, lockctl.Exclusive, 0, "", "")}},
		"you":                  {0, []lockctl.Contender{party(lockctl.Holder, lockctl.Exclusive, 7, "w", "x:1")}},
		"10.0.0.2:1, 1 reader": {0, []lockctl.Contender{mode(lockctl.Holder, lockctl.Write, 2), mode(lockctl.Holder, lockctl.Read, 2)}},
		"2 readers":            {0, []lockctl.Contender{mode(lockctl.Holder, lockctl.Read, 2), mode(lockctl.Holder, lockctl.Read, 3)}},
		"2 readers, you too":   {0, []lockctl.Contender{mode(lockctl.Holder, lockctl.Read, 2), mode(lockctl.Holder, lockctl.Read, 7)}},
		"2 of 5 places":        {5, []lockctl.Contender{mode(lockctl.Holder, lockctl.Place, 2), mode(lockctl.Holder, lockctl.Place, 3)}},
		"2 places":             {0, []lockctl.Contender{mode(lockctl.Holder, lockctl.Place, 2), mode(lockctl.Holder, lockctl.Place, 3)}},
		"2 hold":               {0, []lockctl.Contender{mode(lockctl.Holder, lockctl.Exclusive, 2), mode(lockctl.Holder, lockctl.Exclusive, 3)}},
		`\x1b[2J @ \x1b[m`:     {0, []lockctl.Contender{party(lockctl.Holder, lockctl.Exclusive, 1, "\x1b[2J", "\x1b[m")}},
	} {
		v := oneFree("/l")
		v.Contenders, v.Limit = c.who, c.limit
		f := &lockFacts{}
		f.learn(v, func(session int64) bool { return session == 7 })
		if f.holder != want {
			t.Errorf("it says %q, want %q", f.holder, want)
		}
	}
}

func TestLocksSayWhatIsSearched(t *testing.T) {
	s, b, _ := testLocks()
	look := func(search lockctl.Search, want ...string) {
		t.Helper()
		s.give(b, &lockctl.Snapshot{Search: search})
		text := strings.Join(s.drawn(120, 12, lockStart), "\n")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("it does not say %q:\n%s", w, text)
			}
		}
	}
	root := []string{"/"}
	p := lockctl.SearchProgress{Visited: 412_000, Queued: 10}
	look(lockctl.Search{}, "searching /", "No lock yet below /")
	look(lockctl.Search{Roots: root, Running: true, Progress: p}, "searching / … 412,000 znodes", "What is found shows at once")
	look(lockctl.Search{Roots: root, Running: true, Progress: lockctl.SearchProgress{Waiting: "no connection"}}, "waiting: no connection")
	look(lockctl.Search{Roots: root, Ended: lockStart, Progress: p}, "412,000 znodes below / searched at "+clock(lockStart),
		"No lock below /: 412,000 znodes were looked at", "r searches again, :locks PATH")
	look(lockctl.Search{Roots: root, Ended: lockStart, Progress: p, Cut: true}, "ended at its budget", "The search ended at its budget of 412,000 znodes")
	look(lockctl.Search{Roots: root, Ended: lockStart, Err: errors.New("the server is tired")}, "ended early", "The search ended early: the server is tired", "searches again")
	look(lockctl.Search{Roots: root, Ended: lockStart, Partial: []string{"/a is gone", "the server is older than 3.6"}}, "/a is gone.", "m and 1 more")
	p.Unread = 3
	look(lockctl.Search{Roots: root, Ended: lockStart, Progress: p}, "3 znodes could not be listed")
	s.give(b, someSnapshot())
	s.setFilter("nobody")
	look(lockctl.Search{Roots: root, Running: true})
	s.give(b, someSnapshot())
	if text := strings.Join(s.drawn(120, 12, lockStart), "\n"); !strings.Contains(text, "No lock matches the filter") {
		t.Errorf("it shows\n%s", text)
	}
}

// What is drawn costs the same however many locks there are.
func TestLocksOffScreenCostNothing(t *testing.T) {
	cost := func(n int) float64 {
		s, b, _ := testLocks()
		s.give(b, manyLocks(n))
		st := testStyles()
		s.render(st, 120, 40, lockStart)
		return testing.AllocsPerRun(20, func() {
			s.nextChange(lockStart)
			s.render(st, 120, 40, lockStart)
		})
	}
	if few, many := cost(100), cost(20_000); many > few*1.1 {
		t.Errorf("drawing 20,000 locks takes %.0f allocations, 100 %.0f", many, few)
	}
}

// manyLocks are so many locks, most of them held.
func manyLocks(n int) *lockctl.Snapshot {
	s := &lockctl.Snapshot{}
	for i := range n {
		s.Locks = append(s.Locks, oneHeld(fmt.Sprintf("/locks/%c/%05d", 'a'+rune(i%7), i), lockctl.CuratorMutex, "w", "10.0.0.1:1", time.Duration(i)*time.Second, i%3))
	}
	slices.SortFunc(s.Locks, func(a, b *lockctl.View) int { return strings.Compare(a.Path, b.Path) })
	return s
}

// BenchmarkLocksNews is a snapshot in which ten of 20,000 locks are others, and the
// frame after it.
func BenchmarkLocksNews(b *testing.B) {
	s, board, _ := testLocks()
	snap := manyLocks(20_000)
	s.give(board, snap)
	st, now := testStyles(), lockStart
	b.ReportAllocs()
	for i := range b.N {
		next := &lockctl.Snapshot{Locks: slices.Clone(snap.Locks)}
		for k := range 10 {
			at := (i*10 + k*1999) % len(next.Locks)
			v := *next.Locks[at]
			next.Locks[at] = &v
		}
		now = now.Add(33 * time.Millisecond)
		s.locks.snap, snap = next, next
		s.nextChange(now)
		s.render(st, 200, 60, now)
	}
}

func TestLocksKeysAndMouse(t *testing.T) {
	s, b, host := testLocks()
	s.give(b, someSnapshot())
	s.drawn(100, 12, lockStart)
	s.key(press("down"))
	if s.here() != "/jobs/nightly" || s.place() != "/jobs/nightly" {
		t.Errorf("it is at %s", s.here())
	}
	s.key(press("t"))
	if host.went != "/jobs/nightly" {
		t.Errorf("it led to %s", host.went)
	}
	s.update(tea.MouseClickMsg{Button: tea.MouseLeft, Y: locksHead + 2})
	if s.here() != "/uk/lock" {
		t.Errorf("a click selects %s", s.here())
	}
	s.update(tea.MouseClickMsg{Button: tea.MouseLeft, Y: locksHead + 2})
	if s.openPath() != "/uk/lock" || !slices.Equal(b.opened, []string{"/uk/lock"}) {
		t.Errorf("a second click opens %q, the board %q", s.openPath(), b.opened)
	}
	s.drawn(100, 12, lockStart)
	s.key(press("esc"))
	if s.openPath() != "" || s.here() != "/uk/lock" {
		t.Errorf("back, it is at %q", s.here())
	}
	s.update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if s.here() != "/deploy" {
		t.Errorf("the wheel leads to %s", s.here())
	}
	s.key(press("enter"))
	s.key(press("left"))
	if s.openPath() != "" {
		t.Error("left does not lead back")
	}
	s.key(press("m"))
	if !slices.Contains(host.said, "missing") {
		t.Error("m shows nothing")
	}
	s.key(press("r"))
	s.key(press("R"))
	if len(b.searched) != 3 {
		t.Errorf("searched %q", b.searched)
	}
}

func TestSplitPaths(t *testing.T) {
	for text, want := range map[string][]string{
		"/":                   {"/"},
		"/a":                  {"/a"},
		"/a/ /b//":            {"/a", "/b"},
		"/a b/c  /d e /a b/c": {"/a b/c", "/d e"},
		"/a / /":              {"/a", "/"},
	} {
		if got := splitPaths(text); !slices.Equal(got, want) {
			t.Errorf("%q are %q, want %q", text, got, want)
		}
	}
}

// Without a connection nobody knows how long a lock is held: the clock stands.
func TestLocksHeldAsFarAsIsKnown(t *testing.T) {
	s, b, _ := testLocks()
	s.give(b, &lockctl.Snapshot{Locks: []*lockctl.View{oneHeld("/l", lockctl.Naive, "w", "", 5*time.Second, 0)}})
	held := func(at time.Duration) string {
		return row(strings.Join(s.drawn(80, 10, lockStart.Add(at)), "\n"), "/l")
	}
	if r := held(time.Minute); !strings.Contains(r, " 1:05 ") {
		t.Errorf("after a minute its row is %q", r)
	}
	s.locks.lost = lockStart.Add(2 * time.Minute)
	if r := held(time.Hour); !strings.Contains(r, " 2:05 ") {
		t.Errorf("an hour later, without a connection for most of it, its row is %q", r)
	}
}
