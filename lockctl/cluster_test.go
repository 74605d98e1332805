package lockctl

import (
	"slices"
	"strings"
	"testing"
)

// curator makes a queue of so many.
func curator(n int) Directory {
	var names []string
	for i := range n {
		names = append(names, "_c_"+uuid(i)+"-lock-"+seq(int32(i+3)))
	}
	return dir("/a", names...)
}

// watching makes the watches of a queue: who watches whom, by index.
func watching(d Directory, pairs ...[2]int) Cluster {
	c := Cluster{AllWatches: true, Watches: map[string][]int64{}}
	for _, p := range pairs {
		path := join(d.Path, d.Children[p[1]].Name)
		c.Watches[path] = append(c.Watches[path], d.Children[p[0]].Stat.EphemeralOwner)
	}
	return c
}

// Waiting is a watch on whom one waits for; a waiter without one is left behind.
func TestWatches(t *testing.T) {
	d := curator(3)
	l := Recognise(d, watching(d, [2]int{1, 0}, [2]int{2, 1}))[0]
	if k := l.Contenders; !k[1].Seen || !k[2].Seen || k[0].Seen || codes(l) != "" {
		t.Errorf("%s: %q", short(l), codes(l))
	}
	ghost := watching(d, [2]int{1, 0})
	if l := Recognise(d, ghost)[0]; codes(l) != "ghost" || !slices.Equal(l.Warnings[0].Nodes, []string{d.Children[2].Name}) {
		t.Errorf("a ghost: %+v", l.Warnings)
	}
	ghost.Zxid = d.Children[1].Stat.Czxid
	if l := Recognise(d, ghost)[0]; codes(l) != "" {
		t.Errorf("one that came after the answers: %q", codes(l))
	}
	ghost.Zxid, ghost.AllWatches = 0, false
	if l := Recognise(d, ghost)[0]; codes(l) != "" {
		t.Errorf("not all servers answered: %q", codes(l))
	}
}

// Waiters that watch the one N before them are those of a semaphore.
func TestSemaphoreV1(t *testing.T) {
	d := curator(5)
	check(t, d, watching(d, [2]int{2, 0}, [2]int{3, 1}, [2]int{4, 2}),
		"/a curator-semaphore-v1 semaphore/2 next: -0000000003=h -0000000004=h -0000000005=w0 -0000000006=w1 -0000000007=w2")
	const mutex = "/a curator-mutex mutex/1 next: -0000000003=h -0000000004=w0 -0000000005=w1 -0000000006=w2 -0000000007=w3"
	check(t, d, watching(d, [2]int{2, 0}, [2]int{3, 2}), mutex)
	partly := watching(d, [2]int{2, 0})
	partly.AllWatches = false
	check(t, d, partly, mutex)
}

// Names that many use are believed when a waiter is seen watching the one before it.
func TestProof(t *testing.T) {
	for _, test := range []struct {
		want string
		d    Directory
	}{
		{"/a zk-ultralight mutex/1 next: r0000000003=h r0000000004=w0", dir("/a", "worker0000000003", "worker0000000004")},
		{"/a bare mutex/1 next: 0000000003=h 0000000004=w0", dir("/a", "0000000003", "0000000004")},
		{"/a twitter-lock mutex/1 next: _0000000003=h _0000000004=w0", dir("/a", "member_0000000003", "member_0000000004")},
	} {
		proof := watching(test.d, [2]int{1, 0})
		if l := check(t, test.d, proof, test.want); len(l) > 0 && l[0].Certainty != Certain {
			t.Errorf("%s is not certain", short(l[0]))
		}
		if l := Recognise(test.d, watching(test.d, [2]int{0, 1})); l != nil {
			t.Errorf("a watch on a later one proves %s", shorts(l))
		}
	}
}

// A herd is told from data watches, or from the recipe. Child watches no server tells.
func TestHerd(t *testing.T) {
	d := curator(4)
	if l := Recognise(d, watching(d, [2]int{1, 0}, [2]int{2, 0}, [2]int{3, 0}))[0]; codes(l) != "herd" {
		t.Errorf("all watch the first: %q", codes(l))
	}
	c := watching(d)
	c.Watches["/a"] = []int64{0x101, 0x102, 0x103}
	if l := Recognise(d, c)[0]; codes(l) != "herd" {
		t.Errorf("all watch the directory: %q", codes(l))
	}
	naive := dir("/uk/lock", "lock_id_0000000003", "lock_id_0000000004", "lock_id_0000000005")
	if l := Recognise(naive, Cluster{AllWatches: true, Watches: map[string][]int64{}})[0]; codes(l) != "herd" || l.Wake != WakeAll {
		t.Errorf("the tutorial's: %q", codes(l))
	}
}

func TestSessions(t *testing.T) {
	d := curator(3)
	c := Cluster{
		Addresses: map[int64]string{0x100: "10.0.0.1:4711"}, AllAddresses: true,
		Sessions: map[int64]bool{0x100: true, 0x101: true},
	}
	l := Recognise(d, c)[0]
	if l.Contenders[0].Address != "10.0.0.1:4711" || codes(l) != "zombie no-connection" {
		t.Errorf("%q at %s", codes(l), l.Contenders[0].Address)
	}
	if w := l.Warnings; !slices.Equal(w[0].Nodes, []string{d.Children[2].Name}) || !slices.Equal(w[1].Nodes, []string{d.Children[1].Name}) {
		t.Errorf("%+v", w)
	}
	c.Zxid = d.Children[0].Stat.Czxid
	if l := Recognise(d, c)[0]; codes(l) != "" {
		t.Errorf("those who came after the answers: %q", codes(l))
	}
	if l.Holders() != 1 || l.Waiters() != 2 {
		t.Errorf("%d hold, %d wait", l.Holders(), l.Waiters())
	}
	leader := dir("/app", "leader")
	w := Cluster{Watches: map[string][]int64{"/app/leader": {0x100, 7, 8}}, Sessions: map[int64]bool{}}
	if l := Recognise(leader, w)[0]; !slices.Equal(l.Standbys, []int64{7, 8}) || codes(l) != "zombie" {
		t.Errorf("standbys %x, %q", l.Standbys, codes(l))
	}
}

// What single contenders tell.
func TestNodeWarnings(t *testing.T) {
	for _, test := range []struct {
		name, codes string
		d           Directory
	}{
		{"nothing", "", curator(2)},
		{"a persistent head", "persistent", curator(2).with(owner(0, 0))},
		{"Curator's revocation", "revoke-asked", curator(2).with(values("__REVOKE__"))},
		{"the document's revocation", "revoke-asked", curator(2).with(values("unlock"))},
		{"a value written later", "changed", curator(2).with(func(d *Directory) { d.Children[0].Stat.Version, d.Children[0].Stat.Mtime = 1, 2000 })},
		{"a GUID twice", "duplicate-id", dir("/a", "_c_"+uuid(1)+"-lock-0000000003", "_c_"+uuid(1)+"-lock-0000000004")},
		{"kazoo's id twice", "duplicate-id", dir("/a", hex32(1)+"__lock__0000000003", hex32(1)+"__lock__0000000004")},
		{"a session twice", "duplicate-id", dir("/a", "x-256-0000000003", "x-256-0000000004").with(owner(1, 0x100))},
		{"a number twice", "equal-sequence", dir("/a", "_c_"+uuid(1)+"-lock-0000000003", "_c_"+uuid(2)+"-lock-0000000003")},
		{"a number that is not given yet", "not-given", dir("/a", "_c_"+uuid(1)+"-lock-0000001000")},
		{"FateLock", "persistent", dir("/a", "flock#READ:x#0000000003").with(persistent)},
	} {
		if l := check(t, test.d, Cluster{}, shorts(Recognise(test.d, Cluster{}))); codes(l[0]) != test.codes {
			t.Errorf("%s: %q, want %q", test.name, codes(l[0]), test.codes)
		} else if head := l[0].Contenders[0]; test.codes == "revoke-asked" && head.Identity != "" {
			t.Errorf("%s: the word is taken for the name %q", test.name, head.Identity)
		}
	}
}

// By the names alone weak ones are possible: the Stats would settle it.
func TestNamesAlone(t *testing.T) {
	bareNames := func(d *Directory) {
		d.Stat = Stat{}
		for i := range d.Children {
			d.Children[i].Stat, d.Children[i].Data = Stat{}, nil
		}
	}
	for _, test := range []struct {
		d    Directory
		sure Certainty
	}{
		{curator(3), Certain},
		{dir("/a", "lock-0000000003", "lock-0000000004"), Possible},
		{dir("/uk/lock", "lock_id_0000000003"), Possible},
		{dir("/a", "leader"), Possible},
		{dir("/a", hex32(1)), Possible},
		{dir("/a", leaseHolder), Possible},
		{dir("/shedlock", "job"), Possible},
		{dir("/a", "x-256-0000000003"), Possible},
	} {
		l := Recognise(test.d.with(bareNames), Cluster{})
		if len(l) != 1 || l[0].Certainty != test.sure {
			t.Errorf("%s: %s", test.d.Children[0].Name, shorts(l))
		}
	}
}

// Identities are made safe and are short; values stay as they are.
func TestIdentity(t *testing.T) {
	for _, test := range []struct{ data, want string }{
		{"10.0.0.5", "10.0.0.5"},
		{" worker-1\n", "worker-1"},
		{"", ""},
		{"b'lease-7'", "lease-7"},
		{"\x12\x34", ""},
		{"\xff\xfe", ""},
		{"a\x1b[31mred\x1b]0;x\x07", `a\x1b[31mred\x1b]0;x\a`},
		{"two\nlines", `two\nlines`},
		{"\u202eevil", `\u202eevil`},
		{`{"version":1,"brokerid":3,"timestamp":"1"}`, "broker 3"},
		{`{"Action":"Reparent","HostName":"h","UserName":"ann"}`, "ann@h"},
		{`{"HostName":"h\u001b[2J"}`, `h\x1b[2J`},
		{`{"cut`, `{"cut`},
		{strings.Repeat("x", 255) + "é" + "more", strings.Repeat("x", 255)},
	} {
		d := curator(1).with(values(test.data))
		k := Recognise(d, Cluster{})[0].Contenders[0]
		if got := strings.ReplaceAll(k.Identity, `\x07`, `\a`); got != test.want {
			t.Errorf("%q shows as %q, want %q", test.data, k.Identity, test.want)
		}
		if string(k.Data) != test.data {
			t.Errorf("the value %q became %q", test.data, k.Data)
		}
	}
}

// A reader of kazoo before 2.9 watches a writer behind it, which waits for it.
func TestWaitsBehind(t *testing.T) {
	d := dir("/a", hex32(1)+"__rlock__0000000003", hex32(2)+"__lock__0000000004", hex32(3)+"__rlock__0000000005")
	l := check(t, d, watching(d, [2]int{0, 1}, [2]int{1, 0}, [2]int{2, 1}),
		"/a kazoo-rwlock read-write/0 readers: _0000000003=u _0000000004=w0 _0000000005=w1")[0]
	if codes(l) != "waits-behind" || !slices.Equal(l.Warnings[0].Nodes, []string{d.Children[0].Name}) {
		t.Errorf("%+v", l.Warnings)
	}
	// With two contenders of one session it is not known whose the watch is.
	d.Children[2].Stat.EphemeralOwner = d.Children[0].Stat.EphemeralOwner
	if l := Recognise(d, watching(d, [2]int{0, 1}, [2]int{1, 0}))[0]; codes(l) != "" || l.Contenders[0].Role != Holder {
		t.Errorf("%s %q", short(l), codes(l))
	}
}

// kazoo can be told to wait for other libraries' names, which only its watch shows.
func TestForeignWaits(t *testing.T) {
	d := dir("/a", "_c_"+uuid(1)+"-lock-0000000003", hex32(2)+"__lock__0000000004")
	const both = "/a mixed mutex/1 next: -0000000003=h _0000000004=h"
	check(t, d, Cluster{}, both)
	check(t, d, watching(d), both)
	l := check(t, d, watching(d, [2]int{1, 0}), "/a mixed mutex/1 next: -0000000003=h _0000000004=w0")[0]
	if codes(l) != "mixed" || !l.Contenders[1].Seen {
		t.Errorf("%q, seen: %v", codes(l), l.Contenders[1].Seen)
	}
}

// The head of a semaphore's queue makes a place and waits with it; a place that its
// session had before it queued is held.
func TestPlaceOfTheHead(t *testing.T) {
	d := dir("/s/leases", "_c_"+uuid(1)+"-lease-0000000003", "_c_"+uuid(2)+"-lease-0000000004")
	q := dir("/s/locks", "_c_"+uuid(3)+"-lock-0000000005")
	q.Children[0].Stat.EphemeralOwner = d.Children[1].Stat.EphemeralOwner
	d.Queue = &q
	q.Children[0].Stat.Czxid = d.Children[1].Stat.Czxid - 1
	check(t, d, Cluster{}, "/s curator-semaphore semaphore/0 head: -0000000003=h -0000000004=u -0000000005=w1")
	q.Children[0].Stat.Czxid = d.Children[1].Stat.Czxid + 1
	check(t, d, Cluster{}, "/s curator-semaphore semaphore/0 head: -0000000003=h -0000000004=h -0000000005=u")
}
