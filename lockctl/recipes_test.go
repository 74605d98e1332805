package lockctl

import (
	"slices"
	"strings"
	"testing"
)

// A reader behind the write lock of its own session.
func TestOwnWrite(t *testing.T) {
	w, r := "_c_"+uuid(1)+"-__WRIT__0000000003", "_c_"+uuid(2)+"-__READ__"
	newer := dir("/a", w, r+"0000000003", "_c_"+uuid(3)+"-__READ__0000000004").with(owner(1, 0x100))
	locks := check(t, newer, Cluster{}, "/a curator-rwlock read-write/0 readers: _0000000003=h _0000000003=h _0000000004=w0")
	if got := codes(locks[0]); got != "" {
		t.Errorf("warnings %q", got)
	}
	older := dir("/a", w, "_c_"+uuid(3)+"-__READ__0000000004", r+"0000000005").with(owner(2, 0x100))
	locks = check(t, older, Cluster{}, "/a curator-rwlock read-write/0 readers: _0000000003=h _0000000004=w0 _0000000005=h")
	if got := codes(locks[0]); got != "own-write" {
		t.Errorf("warnings %q", got)
	}
	waits := Cluster{Watches: map[string][]int64{"/a/" + w: {0x100, 0x101}}}
	check(t, older, waits, "/a curator-rwlock read-write/0 readers: _0000000003=h _0000000004=w0 _0000000005=w0")
}

// Solr copies numbers and orders equal ones by name.
func TestSolrCopies(t *testing.T) {
	d := dir("/solr/election", "2-b-n_0000000003", "3-c-n_0000000004", "1-a-n_0000000004").with(owner(0, 2)).with(owner(1, 3)).with(owner(2, 1))
	locks := check(t, d, Cluster{}, "/solr/election solr-election election/1 next: _0000000003=h _0000000004=w0 _0000000004=w1")
	if k := locks[0].Contenders; codes(locks[0]) != "" || k[1].Node != "1-a-n_0000000004" || k[1].Identity != "a" {
		t.Errorf("%q, second is %s of %q", codes(locks[0]), k[1].Node, k[1].Identity)
	}
}

func TestCuratorSemaphore(t *testing.T) {
	lease := func(i int, n int32) string { return "_c_" + uuid(i) + "-lease-" + seq(n) }
	lock := func(i int, n int32) string { return "_c_" + uuid(i) + "-lock-" + seq(n) }
	queue := dir("/s/locks", lock(11, 6), lock(12, 7)).with(owner(0, 0x200)).with(owner(1, 0x201))
	for _, test := range []struct {
		name, want string
		d          Directory
	}{
		{"the head has not made its place", "/s curator-semaphore semaphore/0 head: -0000000003=h -0000000004=h -0000000006=u -0000000007=w2", dir("/s/leases", lease(1, 3), lease(2, 4))},
		{
			"the head has made its place", "/s curator-semaphore semaphore/0 head: -0000000003=h -0000000004=u -0000000006=w1 -0000000007=w2",
			dir("/s/leases", lease(1, 3), lease(2, 4)).with(owner(1, 0x200)),
		},
		{"no place is taken", "/s curator-semaphore semaphore/0 head: -0000000006=u -0000000007=w0", dir("/s/leases")},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.d.Queue = &queue
			check(t, test.d, Cluster{}, test.want)
		})
	}
	check(t, queue, Cluster{}, "/s/locks curator-mutex mutex/1 next: -0000000006=h -0000000007=w0")
	if a, b := QueueOf("/s/leases"), QueuedFor("/s/locks"); a != "/s/locks" || b != "/s/leases" {
		t.Errorf("%s queues for %s", a, b)
	}
	if locks := Recognise(Directory{Path: "/s/leases", Queue: &Directory{Path: "/s/locks"}}, Cluster{}); locks != nil {
		t.Errorf("nothing is %s", shorts(locks))
	}
}

func TestKazooSemaphore(t *testing.T) {
	limit := func(s string) func(*Directory) { return func(d *Directory) { d.Data = []byte(s) } }
	queue := dir("/s-__lock__", hex32(11)+"__lock__0000000006", hex32(12)+"__lock__0000000007").with(owner(0, 0x200)).with(owner(1, 0x201))
	queued := func(d *Directory) { d.Queue = &queue }
	for _, test := range []struct {
		name, want, codes string
		d                 Directory
	}{
		{"places", "/s kazoo-semaphore semaphore/2 head: %=h", "", dir("/s", hex32(1)).with(limit("2"))},
		{"full", "/s kazoo-semaphore semaphore/2 head: %=h %=h _0000000006=w1 _0000000007=w2", "", dir("/s", hex32(1), hex32(2)).with(limit("2")).with(queued)},
		{"one is free", "/s kazoo-semaphore semaphore/3 head: %=h %=h _0000000006=u _0000000007=w2", "", dir("/s", hex32(1), hex32(2)).with(limit("3")).with(queued)},
		{"all are free", "/s kazoo-semaphore semaphore/3 head: _0000000006=u _0000000007=w0", "", dir("/s").with(limit("3")).with(queued)},
		{"too many", "/s kazoo-semaphore semaphore/1 head: %=h %=h", "over-limit", dir("/s", hex32(1), hex32(2)).with(limit("1"))},
		{"a foreign child takes a place", "/s kazoo-semaphore semaphore/2 head: %=h _0000000006=w0 _0000000007=w1", "foreign", dir("/s", hex32(1), "config").with(limit("2")).with(queued)},
		{"the value is not at hand", "/s kazoo-semaphore semaphore/0 head: %=h", "", dir("/s", hex32(1)).with(func(d *Directory) { d.Stat.DataLength = 1 })},
		{"the value is something else", "", "", dir("/s", hex32(1)).with(limit("two"))},
		{"persistent", "", "", dir("/s", hex32(1)).with(limit("2")).with(persistent)},
	} {
		t.Run(test.name, func(t *testing.T) {
			locks := check(t, test.d, Cluster{}, strings.NewReplacer("%=h %=h", hex32(1)[21:]+"=h "+hex32(2)[21:]+"=h", "%", hex32(1)[21:]).Replace(test.want))
			if len(locks) > 0 && codes(locks[0]) != test.codes {
				t.Errorf("warnings %q, want %q", codes(locks[0]), test.codes)
			}
		})
	}
	if a, b := QueueOf("/s"), QueuedFor("/s-__lock__"); a != "/s-__lock__" || b != "/s" {
		t.Errorf("%s queues for %s", a, b)
	}
}

// Leases until a time.
func TestTimedLeases(t *testing.T) {
	at := Cluster{Now: 1763844000000} // 2025-11-22T20:40:00Z
	shed := func(path string, v ...string) Directory { return dir(path, "job").with(persistent).with(values(v...)) }
	for _, test := range []struct {
		name, want string
		d          Directory
	}{
		{"ShedLock, held", "/shedlock/job shedlock timed lease/1 nobody: job=h", shed("/shedlock", "2025-11-22T20:40:00.001Z")},
		{"ShedLock, over", "/shedlock/job shedlock timed lease/1 nobody:", shed("/shedlock", "2025-11-22T20:39:59.999Z")},
		{"ShedLock, empty is held", "/shedlock/job shedlock timed lease/1 nobody: job=h", shed("/shedlock", "")},
		{"ShedLock, unreadable is held", "/shedlock/job shedlock timed lease/1 nobody: job=h", shed("/shedlock", "soon")},
		{"ShedLock elsewhere", "/locks/job shedlock timed lease/1 nobody: job=h", shed("/locks", "2025-11-22T20:41:00Z")},
		{"no ShedLock elsewhere", "", shed("/locks", "soon")},
		{"a time where nothing says lock", "", shed("/runs", "2025-11-22T20:41:00Z")},
		{"kazoo, held", "/l kazoo-lease timed lease/1 nobody: lease_holder=h", dir("/l", "lease_holder").with(persistent).with(values(`{"version": 1, "holder": "h1", "end": "2025-11-22T20:40:01"}`))},
		{"kazoo, looked at", "/l kazoo-lease timed lease/1 nobody: lease_holder=h", dir("/l", "lease_holder", hex32(1)+"__lock__0000000001").with(persistent).with(values(`{"version": 1, "holder": "h1", "end": "2025-11-22T20:40:01"}`))},
		{"kazoo, over", "/l kazoo-lease timed lease/1 nobody:", dir("/l", "lease_holder").with(persistent).with(values(`{"version": 1, "holder": "h1", "end": "2025-11-22T20:40:00"}`))},
	} {
		t.Run(test.name, func(t *testing.T) {
			locks := check(t, test.d, at, test.want)
			if strings.HasPrefix(test.name, "kazoo, held") && locks[0].Contenders[0].Identity != "h1" {
				t.Error("the holder's name is missing")
			}
		})
	}
}

// Families that meet in one directory: each has its own idea of who holds.
func TestMixed(t *testing.T) {
	golang, curator, kazoo := "_c_"+hex32(1)+"-lock-", "_c_"+uuid(1)+"-lock-", hex32(3)+"__lock__"
	for _, test := range []struct {
		name, want, codes string
		d                 Directory
	}{
		{
			"go and Curator respect each other", "/a go-zookeeper mutex/1 next: -0000000003=h -0000000004=w0 -0000000005=w1", "",
			dir("/a", golang+"0000000003", curator+"0000000004", "_c_"+hex32(9)+"-lock-0000000005"),
		},
		{
			"go waits for kazoo", "/a mixed mutex/1 next: _0000000003=h -0000000004=w0", "mixed",
			dir("/a", kazoo+"0000000003", golang+"0000000004"),
		},
		{
			"kazoo does not wait for go", "/a mixed mutex/1 next: -0000000003=h _0000000004=h", "mixed may-hold-together",
			dir("/a", golang+"0000000003", kazoo+"0000000004"),
		},
		{
			"WriteLock and zoo_lock respect each other", "/a writelock mutex/1 next: -0000000003=h -0000000004=w0", "",
			dir("/a", "x-256-0000000003", "x-0000000000000101-0000000004"),
		},
		{
			"Curator ignores kazoo, which ignores it", "/a mixed mutex/1 next: -0000000003=h _0000000004=h -0000000005=w0", "mixed may-hold-together",
			dir("/a", curator+"0000000003", kazoo+"0000000004", "_c_"+uuid(9)+"-lock-0000000005"),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			locks := check(t, test.d, Cluster{}, test.want)
			if got := codes(locks[0]); got != test.codes {
				t.Errorf("warnings %q, want %q", got, test.codes)
			}
		})
	}
}

// Children that take no part are shown apart, with what they do.
func TestForeign(t *testing.T) {
	for _, test := range []struct {
		name, want, codes string
		d                 Directory
		breaks            bool
	}{
		{"kazoo ignores them", "/a kazoo-lock mutex/1 next: _0000000003=h", "", dir("/a", "config", hex32(1)+"__lock__0000000003"), false},
		{"go-zookeeper fails", "/a go-zookeeper mutex/1 next: -0000000003=h", "foreign", dir("/a", "config", "_c_"+hex32(1)+"-lock-0000000003"), true},
		{"zoo_lock crashes", "/a zoo-lock mutex/1 next: -0000000003=h", "foreign", dir("/a", "config", "x-0000000000000101-0000000003"), true},
		{"the naive one waits for ever", "/uk/lock naive mutex/1 all: _0000000003=u", "foreign", dir("/uk/lock", "config", "lock_id_0000000003"), true},
		{"LeaderElectionSupport fails", "/a leader-election-support election/1 next: n_0000000003=h", "foreign", dir("/a", "config", "n_0000000003"), true},
		{"Curator sorts it first", "/a curator-mutex mutex/1 next: -0000000003=u", "foreign", dir("/a", "#x", "_c_"+uuid(1)+"-lock-0000000003"), true},
		{"Twitter's sorts it first", "/locks/a twitter-lock mutex/1 next: _0000000003=u", "foreign", dir("/locks/a", "config", "member_0000000003"), true},
		{"zk-ruby reads no number as 0", "/a zk-ruby mutex/1 all: ex0000000003=u", "foreign", dir("/a", "config", "ex0000000003"), true},
		{"go-zookeeper reads this one", "/a go-zookeeper mutex/1 next: -0000000003=h", "", dir("/a", "my__7", "_c_"+hex32(1)+"-lock-0000000003"), false},
		{"after the naive ones", "/uk/lock naive mutex/1 all: _0000000003=h", "", dir("/uk/lock", "meta", "lock_id_0000000003"), false},
		{"a queue's child", "/a curator-mutex mutex/1 next: -0000000003=h", "", dir("/a", "queue-0000000001", "_c_"+uuid(1)+"-lock-0000000003"), false},
		{"zk-ruby's own", "/a zk-ruby-election election/1 all: t0000000003=h", "", dir("/a", "leader_ack", "ballot0000000003"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			locks := check(t, test.d, Cluster{}, test.want)
			l := locks[0]
			if len(l.Foreign) != 1 || l.Foreign[0].Node != test.d.Children[0].Name || (l.Foreign[0].Effect != "") != test.breaks {
				t.Errorf("foreign %+v", l.Foreign)
			}
			if got := codes(l); got != test.codes {
				t.Errorf("warnings %q, want %q", got, test.codes)
			}
		})
	}
}

func TestRecipes(t *testing.T) {
	all := Recipes()
	if !slices.IsSorted(all) || len(all) < 40 || slices.Contains(all, "") {
		t.Errorf("%d recipes: %q", len(all), all)
	}
	for _, want := range []Recipe{CuratorMutex, KazooSemaphore, Naive, ShedLock, Mixed} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is missing", want)
		}
	}
}
