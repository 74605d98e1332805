package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// lockNow is when the locks of the tests are looked at.
var lockNow = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// contenderSince is a contender that has been read.
func contenderSince(dir, node string, seq int32, role lockctl.Role, ago time.Duration) lockctl.Contender {
	return lockctl.Contender{
		Dir: dir, Node: node, Mode: lockctl.Exclusive, Role: role, Sequence: seq, Sequential: true, WaitsFor: int(seq) - 1,
		Session: 0x100 + int64(seq), Stat: lockctl.Stat{Czxid: 0x2f0a0 + int64(seq), Ctime: lockNow.Add(-ago).UnixMilli()},
	}
}

// sampleLocks are a held, a contended, a shared, a suspicious and a free lock.
func sampleLocks() []*lockctl.View {
	jobs := &lockctl.View{State: lockctl.Held, Read: 1, Lock: lockctl.Lock{
		Path: "/jobs/nightly", Recipe: lockctl.CuratorMutex, Kind: lockctl.Mutex, Limit: 1, NextSequence: 1,
		Contenders: []lockctl.Contender{contenderSince("/jobs/nightly", "_c_x-lock-0000000000", 0, lockctl.Holder, 2*time.Hour+11*time.Minute+9*time.Second)},
	}}
	jobs.Contenders[0].Identity, jobs.Contenders[0].Address = "batch-1", "10.0.0.7:40112"
	hostile := "/uk/lock\x1b[31m\t\u202e"
	naive := &lockctl.View{State: lockctl.Contended, Lock: lockctl.Lock{
		Path: hostile, Recipe: lockctl.Naive, Kind: lockctl.Mutex, NextSequence: 12345,
		Contenders: []lockctl.Contender{
			contenderSince(hostile, "lock_id_0", 0, lockctl.Holder, 4*time.Second),
			contenderSince(hostile, "lock_id_1", 1, lockctl.Waiter, 2*time.Second),
			{Dir: hostile, Node: "lock_id_2", Mode: lockctl.Exclusive, Role: lockctl.Waiter, WaitsFor: lockctl.NobodyBefore},
		},
		Foreign:  []lockctl.Foreign{{Node: "readme"}, {Node: "x-1", Effect: "blocks all"}},
		Warnings: []lockctl.Warning{{Code: lockctl.WarnHerd, Text: "Every release\nwakes all."}, {Code: lockctl.WarnHerd, Text: "Again."}},
	}}
	naive.Contenders[0].Identity = "evil\x1b]0;x\a"
	shared := &lockctl.View{State: lockctl.Shared, Lock: lockctl.Lock{
		Path: "/reports", Recipe: lockctl.CuratorRWLock, Kind: lockctl.ReadWrite, NextSequence: lockctl.NoSequence,
		Contenders: []lockctl.Contender{
			{Dir: "/reports", Node: "__READ__1", Mode: lockctl.Read, Role: lockctl.Holder, WaitsFor: lockctl.NobodyBefore},
			{Dir: "/reports", Node: "__READ__2", Mode: lockctl.Read, Role: lockctl.Holder, WaitsFor: lockctl.NobodyBefore},
		},
	}}
	stock := &lockctl.View{State: lockctl.Suspicious, Lock: lockctl.Lock{
		Path: "/stock/a", Recipe: lockctl.KazooLock, Kind: lockctl.Mutex, NextSequence: math.MaxInt32,
		Contenders: []lockctl.Contender{{Dir: "/stock/a", Node: "x__lock__0000000007", Role: lockctl.Unknown}, {Dir: "/stock/a", Node: "m-0", Role: lockctl.Unknown}},
		Warnings:   []lockctl.Warning{{Code: lockctl.WarnDeadlock, Text: "They wait for each other."}},
	}}
	free := &lockctl.View{State: lockctl.Free, Lock: lockctl.Lock{Path: "/w", Recipe: lockctl.GoZooKeeper, NextSequence: 7}}
	return []*lockctl.View{jobs, naive, shared, stock, free}
}

// sampleDeadlock is of /stock/a and /stock/b.
var sampleDeadlock = lockctl.Deadlock{Chain: []lockctl.Wait{
	{Session: 1, Identity: "w1", Address: "10.0.0.9:3312", Lock: "/stock/b", Node: "n-1", For: "n-0", Holds: "/stock/a", HoldsNode: "m-0"},
	{Session: 2, Lock: "/stock/a", Node: "m-1", For: "m-0", Holds: "/stock/b", HoldsNode: "n-0"},
}}

func TestLockTable(t *testing.T) {
	var rows []lockRow
	for i, v := range sampleLocks() {
		rows = append(rows, rowOf(v, lockNow, i == 1))
	}
	got := table(rows)
	want := `
  STATE       LOCK                      RECIPE          HOLDER                     HELD ≤  WAIT  SO FAR  WARNINGS
● held        /jobs/nightly             curator-mutex   batch-1 @ 10.0.0.7:40112  2:11:09     0       1
● contended   /uk/lock\x1b[31m\t\u202e  naive           evil\x1b]0;x\x07             0:04     2  12,341  herd
    Every release\nwakes all.
    Again.
◐ shared      /reports                  curator-rwlock  2 readers                       -     0       -
▲ suspicious  /stock/a                  kazoo-lock      not known                       -     0       -  deadlock
○ free        /w                        go-zookeeper    free                            -     0       7
`
	if got != want[1:] {
		t.Errorf("the table is\n%s, want%s", got, want)
	}
	for line := range strings.Lines(got) {
		if line = strings.TrimSuffix(line, "\n"); safetext.CleanLine(line) != line {
			t.Errorf("unsafe: %q", line)
		}
	}
	long := &lockctl.View{State: lockctl.Free, Lock: lockctl.Lock{Path: "/" + strings.Repeat("x", 200), Recipe: lockctl.Naive}}
	if got := table([]lockRow{rowOf(long, lockNow, false)}); !strings.Contains(got, long.Path+"  naive") {
		t.Errorf("a long path is not whole: %s", got)
	}
}

func TestTabbedLocks(t *testing.T) {
	want := []string{
		"/jobs/nightly|held|curator-mutex|1|0|batch-1 @ 10.0.0.7:40112|2026-03-04T02:54:58.000Z|",
		`/uk/lock\x1b[31m\t\u202e|contended|naive|1|2|evil\x1b]0;x\x07|2026-03-04T05:06:03.000Z|herd`,
		"/reports|shared|curator-rwlock|2|0|__READ__1||",
		"/stock/a|suspicious|kazoo-lock|0|0|||deadlock",
		"/w|free|go-zookeeper|0|0|||",
	}
	for i, v := range sampleLocks() {
		if got := strings.ReplaceAll(tabbedLock(v), "\t", "|"); got != want[i]+"\n" {
			t.Errorf("got  %q\nwant %q", got, want[i])
		}
	}
}

// written is what a job writes.
func written(t *testing.T, do func(j *job) error) string {
	t.Helper()
	var out strings.Builder
	j := &job{out: bufio.NewWriter(&out), errs: &out}
	if err := do(j); err != nil {
		t.Fatal(err)
	}
	if err := j.out.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestLockJSON(t *testing.T) {
	views := sampleLocks()
	got := written(t, func(j *job) error { return j.printLocks(&lockctl.Snapshot{Locks: views[1:2]}, locksFlags{json: true}) })
	want := `[{"path":"/uk/lock\u001b[31m\t` + "\u202e" + `","recipe":"naive","kind":"mutex","limit":null,"holders":1,"waiters":2,"grants":12341,"nextSequence":12345,"contenders":[` +
		`{"node":"lock_id_0","path":"/uk/lock\u001b[31m\t` + "\u202e" + `/lock_id_0","role":"holder","mode":"exclusive","sequence":0,"czxid":"0x2f0a0","session":"0x100","address":null,"identity":"evil\u001b]0;x\u0007","queuedAt":"2026-03-04T05:06:03.000Z","waitsFor":null},` +
		`{"node":"lock_id_1","path":"/uk/lock\u001b[31m\t` + "\u202e" + `/lock_id_1","role":"waiter","mode":"exclusive","sequence":1,"czxid":"0x2f0a1","session":"0x101","address":null,"identity":null,"queuedAt":"2026-03-04T05:06:05.000Z","waitsFor":"lock_id_0"},` +
		`{"node":"lock_id_2","path":"/uk/lock\u001b[31m\t` + "\u202e" + `/lock_id_2","role":"waiter","mode":"exclusive","sequence":null,"czxid":null,"session":null,"address":null,"identity":null,"queuedAt":null,"waitsFor":null}],` +
		`"warnings":[{"code":"herd","text":"Every release\nwakes all."},{"code":"herd","text":"Again."}],"foreign":[{"node":"readme","effect":null},{"node":"x-1","effect":"blocks all"}]}` + "\n]\n"
	if got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	all := written(t, func(j *job) error { return j.printLocks(&lockctl.Snapshot{Locks: views}, locksFlags{json: true}) })
	var list []map[string]any
	if err := json.Unmarshal([]byte(all), &list); err != nil || len(list) != len(views) {
		t.Fatalf("%d locks, %v", len(list), err)
	}
	free := list[4]
	if !reflect.DeepEqual(free["contenders"], []any{}) || !reflect.DeepEqual(free["warnings"], []any{}) || !reflect.DeepEqual(free["foreign"], []any{}) || free["grants"] != 7.0 {
		t.Errorf("a free lock is %v", free)
	}
	if list[3]["grants"] != nil || list[3]["nextSequence"] != float64(math.MaxInt32) || list[2]["nextSequence"] != nil {
		t.Errorf("counters: %v, %v", list[3], list[2])
	}
}

func TestNoLocks(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		got := written(t, func(j *job) error {
			var own *outcome
			if err := j.printLocks(&lockctl.Snapshot{}, locksFlags{json: asJSON}); !errors.As(err, &own) || own.code != exitNothing {
				t.Errorf("ends with %v", err)
			}
			return nil
		})
		if want := map[bool]string{true: "[]\n"}[asJSON]; got != want {
			t.Errorf("it prints %q, want %q", got, want)
		}
	}
}

func TestWho(t *testing.T) {
	for want, got := range map[string]string{
		"a @ 10.0.0.1:2": who("a", "10.0.0.1:2", 3, "n"), "10.0.0.1:2": who("10.0.0.1", "10.0.0.1:2", 3, "n"),
		"10.0.0.1 @ 10.0.0.10:2": who("10.0.0.1", "10.0.0.10:2", 3, "n"), "a": who("a", "", 3, "n"), "10.0.0.2:2": who("", "10.0.0.2:2", 3, "n"),
		"0x3": who("", "", 3, "n"), `n\n`: who("", "", 0, "n\n"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestGrants(t *testing.T) {
	semaphore := lockctl.Lock{Path: "/s", Recipe: lockctl.CuratorSemaphore, NextSequence: 10, Contenders: []lockctl.Contender{
		{Dir: "/s/leases", Role: lockctl.Holder}, {Dir: "/s/leases", Role: lockctl.Unknown}, {Dir: "/s/locks", Role: lockctl.Waiter},
	}}
	if n, ok := grants(&semaphore); n != 9 || !ok {
		t.Errorf("a semaphore: %d, %t", n, ok)
	}
	for _, next := range []int64{lockctl.NoSequence, math.MaxInt32} {
		if _, ok := grants(&lockctl.Lock{NextSequence: next}); ok {
			t.Errorf("known although the counter is %d", next)
		}
	}
}

func TestLocksWanted(t *testing.T) {
	for want, o := range map[string]locksFlags{
		"/jobs/nightly /uk/lock /reports": {held: true},
		"/uk/lock":                        {contended: true},
		"/w":                              {free: true},
		"/uk/lock /stock/a":               {warnings: true},
		"/jobs/nightly /w":                {recipes: []string{"curator-mutex", "go-zookeeper"}},
	} {
		views := o.chosen(&lockctl.Snapshot{Locks: sampleLocks()})
		var paths []string
		for _, v := range views {
			paths = append(paths, strings.TrimSuffix(v.Path, "\x1b[31m\t\u202e"))
		}
		if got := strings.Join(paths, " "); got != want {
			t.Errorf("%+v: %s, want %s", o, got, want)
		}
	}
}

func TestDeadlocksPrinted(t *testing.T) {
	b := &lockctl.View{Lock: lockctl.Lock{Path: "/stock/b", Contenders: []lockctl.Contender{{Node: "n-0", Role: lockctl.Holder}}}}
	s := &lockctl.Snapshot{Locks: slices.Insert(sampleLocks(), 4, b), Deadlocks: []lockctl.Deadlock{sampleDeadlock}}
	for want, o := range map[string]locksFlags{
		"deadlock of 2 sessions:\n" +
			"  w1 @ 10.0.0.9:3312 (0x1) is before others at /stock/a and waits at /stock/b for 0x2\n" +
			"  0x2 holds /stock/b and waits at /stock/a for w1 @ 10.0.0.9:3312 (0x1)\n": {},
		`[{"chain":[{"session":"0x1","address":"10.0.0.9:3312","identity":"w1","lock":"/stock/b","node":"n-1","waitsFor":"n-0","holds":"/stock/a","holdsNode":"m-0"},` +
			`{"session":"0x2","address":null,"identity":null,"lock":"/stock/a","node":"m-1","waitsFor":"m-0","holds":"/stock/b","holdsNode":"n-0"}]}` + "\n]\n": {json: true},
	} {
		got := written(t, func(j *job) error {
			var own *outcome
			if err := j.printDeadlocks(s, o); !errors.As(err, &own) || own.code != exitDeadlock {
				t.Errorf("ends with %v", err)
			}
			return nil
		})
		if got != want {
			t.Errorf("got\n%s, want\n%s", got, want)
		}
	}
	s.Deadlocks = nil
	if got := written(t, func(j *job) error { return j.printDeadlocks(s, locksFlags{}) }); got != "no deadlock: 6 locks were looked at\n" {
		t.Errorf("it says %q", got)
	}
	if got := written(t, func(j *job) error { return j.printDeadlocks(s, locksFlags{json: true}) }); got != "[]\n" {
		t.Errorf("it says %q", got)
	}
}

func TestTroublesToldOnce(t *testing.T) {
	s := &lockctl.Snapshot{
		Search:  lockctl.Search{Cut: true, Progress: lockctl.SearchProgress{Unread: 2}, Partial: []string{"old\x1bserver"}},
		Answers: lockctl.Answers{Refusals: []string{"wchp is not in 4lw.commands.whitelist of 127.0.0.1:2182"}},
		AskErr:  errors.New("no luck"),
	}
	for range 12 {
		s.Locks = append(s.Locks, &lockctl.View{Denied: "not allowed", Lock: lockctl.Lock{
			Path: "/l" + strings.Repeat("x", len(s.Locks)), Contenders: make([]lockctl.Contender, 1),
		}})
	}
	told := map[string]bool{}
	got := written(t, func(j *job) error {
		j.tellTroubles(s, locksFlags{budget: 1234}, told)
		j.tellTroubles(s, locksFlags{budget: 1234}, told)
		return nil
	})
	for _, want := range []string{
		"the search ended after 1,234 znodes", "2 znodes could not be read", `old\x1bserver`, "wchp is not in 4lw", "addresses and sessions: no luck",
		"/lx: not allowed", "and 2 more locks cannot be read", "12 contenders could not be read",
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is not told once in\n%s", want, got)
		}
	}
}
