package lockctl

import (
	"fmt"
	"math"
	"testing"
)

func TestParseSequence(t *testing.T) {
	for _, n := range []int32{0, 7, 1234567890, math.MaxInt32, -1, -7, -999999999, -1000000000, math.MinInt32} {
		if got, ok := parseSequence(seq(n)); !ok || got != n {
			t.Errorf("%q is %d, %v", seq(n), got, ok)
		}
	}
	for _, s := range []string{"", "-", "0", "000000000", "00000000001", "2147483648", "9999999999", "-000000000", "-0000000005", "-2147483649", "--00000001", "+000000001", "00000 0001", "٣٣٣٣٣٣٣٣٣٣"} {
		if got, ok := parseSequence(s); ok {
			t.Errorf("%q is %d", s, got)
		}
	}
}

func TestSplitSequence(t *testing.T) {
	for _, test := range []struct {
		name, stem string
		seq        int32
	}{
		{"lock-0000000005", "lock-", 5},
		{"lock-2147483647", "lock-", math.MaxInt32},
		{"lock--2147483648", "lock-", math.MinInt32},
		{"lock--2147483647", "lock-", -math.MaxInt32},
		{"lock--000000001", "lock-", -1},
		{"lock-000000001", "lock", -1},
		{"lock--0000000005", "lock--", 5},
		{"job120000000003", "job12", 3},
		{"0000000003", "", 3},
		{"-000000003", "", -3},
		{"-2147483648", "", math.MinInt32},
	} {
		at, n, ok := splitSequence(test.name)
		if !ok || test.name[:at] != test.stem || n != test.seq {
			t.Errorf("%q is %q and %d, %v", test.name, test.name[:at], n, ok)
		}
	}
	for _, name := range []string{"", "lock-", "lock-000000", "lock-9999999999", "lock-00000000x5"} {
		if _, n, ok := splitSequence(name); ok {
			t.Errorf("%q ends in %d", name, n)
		}
	}
}

// Negative numbers of families whose prefix ends in a dash, in an underscore, in a letter.
func TestNegativeNames(t *testing.T) {
	for _, test := range []struct {
		name string
		f    family
		seq  int32
	}{
		{"lock--2147483648", plainLock, math.MinInt32},
		{"_c_" + uuid(1) + "-lock--2147483648", curatorMutex, math.MinInt32},
		{"_c_" + uuid(1) + "-lock-2147483647", curatorMutex, math.MaxInt32},
		{"_c_" + uuid(1) + "-__WRIT__-000000001", curatorRW, -1},
		{"_c_" + hex32(1) + "-lock--000000001", goZooKeeper, -1},
		{hex32(1) + "__lock__-2147483648", kazooLock, math.MinInt32},
		{"x-72057594037928107--000000005", writeLock, -5},
		{"x--72057594037928107--2147483648", writeLock, math.MinInt32},
		{"n_-000000005", electionSupport, -5},
		{"ex-2147483648", zkRuby, math.MinInt32},
		{"-2147483648", bare, math.MinInt32},
		{uuid(1) + "--2147483648", avout, math.MinInt32},
	} {
		if got := parseName(test.name); got.family != test.f || got.seq != test.seq || !got.sequential {
			t.Errorf("%q is of family %d with %d", test.name, got.family, got.seq)
		}
	}
}

// The Stat shows the counter doubled, in 32 bits.
func TestNextSequence(t *testing.T) {
	for _, counter := range []int32{0, 1, 7, 1 << 30, 1<<30 + 1, 2147483644, math.MaxInt32} {
		for _, children := range []int32{0, 1, 2, 300_000} {
			s := Stat{Czxid: 1, Cversion: 2*counter - children, NumChildren: children} // wraps, as the server's does
			if got := s.NextSequence(); got != int64(counter) {
				t.Errorf("counter %d with %d children reads as %d", counter, children, got)
			}
		}
	}
	if got := (Stat{}).NextSequence(); got != NoSequence {
		t.Errorf("of no Stat: %d", got)
	}
}

// The order is that of a ring: the numbers go on below zero. Whether who has a negative
// number waits, the znodes do not tell: as text it is lower than the older ones.
func TestRing(t *testing.T) {
	lock := func(i int, n int32) string { return "_c_" + uuid(i) + "-lock-" + seq(n) }
	numbers := []int32{math.MaxInt32 - 1, math.MaxInt32, math.MinInt32, math.MinInt32 + 1}
	var names []string
	for i, n := range numbers {
		names = append(names, lock(i, n))
	}
	const want = "/a curator-mutex mutex/1 next: -2147483646=h -2147483647=w0 -2147483648=u -2147483647=u"
	check(t, dir("/a", names...), Cluster{}, want)
	backwards := dir("/a", names...).with(func(d *Directory) {
		for i := range len(d.Children) / 2 {
			j := len(d.Children) - 1 - i
			d.Children[i], d.Children[j] = d.Children[j], d.Children[i]
		}
	})
	locks := check(t, backwards, Cluster{}, want)
	if got := codes(locks[0]); got != "negative-sequence not-given" && got != "not-given negative-sequence" {
		t.Errorf("warnings %q", got)
	}
	unseen := dir("/a", names...).with(func(d *Directory) {
		d.Stat = Stat{}
		for i := range d.Children {
			d.Children[i].Stat = Stat{}
		}
	})
	check(t, unseen, Cluster{}, want)
	// From small numbers through the whole of the positive ones is not a wrap.
	check(t, dir("/a", lock(1, 5), lock(2, math.MaxInt32)).with(func(d *Directory) { d.Stat = Stat{} }), Cluster{},
		"/a curator-mutex mutex/1 next: -0000000005=h -2147483647=w0")
	// Past zero again.
	check(t, dir("/a", lock(1, -2), lock(2, -1), lock(3, 0), lock(4, 1)), Cluster{},
		"/a curator-mutex mutex/1 next: --000000002=h --000000001=u -0000000000=w1 -0000000001=w2")
}

// A counter at its end goes back: who got 2147483647 after the negative numbers is
// behind them. go-zookeeper lets in who has the lowest number.
func TestBehindTheEnd(t *testing.T) {
	name := func(i int, n int32) string { return "_c_" + hex32(i) + "-lock-" + seq(n) }
	check(t, dir("/a", name(1, math.MaxInt32), name(2, math.MinInt32), name(3, math.MinInt32+1), name(4, math.MaxInt32)), Cluster{},
		"/a go-zookeeper mutex/1 next: -2147483647=h -2147483648=h -2147483647=w1 -2147483647=w2")
	check(t, dir("/a", name(2, math.MinInt32), name(3, math.MinInt32+1), name(4, math.MaxInt32)), Cluster{},
		"/a go-zookeeper mutex/1 next: -2147483648=h -2147483647=w0 -2147483647=w1")
	// Of one transaction, whose znodes have one czxid.
	together := dir("/a", name(3, math.MinInt32+1), name(1, math.MaxInt32), name(2, math.MinInt32)).with(func(d *Directory) {
		for i := range d.Children {
			d.Children[i].Stat.Czxid = 10
		}
	})
	check(t, together, Cluster{}, "/a go-zookeeper mutex/1 next: -2147483647=h -2147483648=h -2147483647=w1")
}

// The counter stands at its end: servers since 3.6.0 give 2147483647 again and again.
func TestStuck(t *testing.T) {
	d := func(names ...string) Directory {
		return dir("/a", names...).with(func(d *Directory) {
			counter, children := int32(math.MaxInt32), d.Stat.NumChildren
			d.Stat.Cversion = 2*counter - children
		})
	}
	const last = "2147483647"
	for _, test := range []struct {
		name, want string
		d          Directory
	}{
		{
			"go-zookeeper lets all in", "/a go-zookeeper mutex/1 next: -2147483647=h -2147483647=h -2147483647=h",
			d("_c_"+hex32(3)+"-lock-"+last, "_c_"+hex32(1)+"-lock-"+last, "_c_"+hex32(2)+"-lock-"+last),
		},
		{
			"of Curator one cannot know", "/a curator-mutex mutex/1 next: -2147483647=h -2147483647=u",
			d("_c_"+uuid(3)+"-lock-"+last, "_c_"+uuid(1)+"-lock-"+last),
		},
		{
			"one behind the tied waits", "/a go-zookeeper mutex/1 next: -2147483646=h -2147483647=w0 -2147483647=w1",
			d("_c_"+hex32(3)+"-lock-2147483646", "_c_"+hex32(1)+"-lock-"+last, "_c_"+hex32(2)+"-lock-"+last),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			locks := check(t, test.d, Cluster{}, test.want)
			if got := codes(locks[0]); got != "equal-sequence counter-near-end" {
				t.Errorf("warnings %q", got)
			}
		})
	}
	near := dir("/a", "_c_"+uuid(1)+"-lock-0000000003").with(func(d *Directory) {
		counter := int32(math.MaxInt32 - 4)
		d.Stat.Cversion = 2*counter - 1
	})
	locks := Recognise(near, Cluster{})
	if got := locks[0]; codes(got) != "counter-near-end" || got.NextSequence != math.MaxInt32-4 {
		t.Errorf("near its end: %d, %q", got.NextSequence, codes(got))
	}
	if fmt.Sprint(near.Stat.NextSequence()) != "2147483643" {
		t.Error("the counter is read wrongly")
	}
}
