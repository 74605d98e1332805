package lockctl

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawQueue draws contenders as clients of these recipes make them, in the order in
// which they came, and the modes that they have.
func drawQueue(t *rapid.T, recipes ...Recipe) (Directory, []format) {
	d := Directory{Path: "/locks/q"}
	var of []format
	number := rapid.Int32Range(0, math.MaxInt32/2).Draw(t, "base")
	for i := range rapid.IntRange(1, 12).Draw(t, "n") {
		number += rapid.Int32Range(1, 5).Draw(t, "gap")
		r := rapid.SampledFrom(recipes).Draw(t, "recipe")
		m := Mode("")
		if s := shapeOf(r); s.read != "" {
			m = rapid.SampledFrom([]Mode{Read, Write}).Draw(t, "mode")
		}
		f := mustFormat(t, r, m)
		sid := int64(0x100000000000000 + i)
		of = append(of, f)
		d.Children = append(d.Children, Node{
			Name: f.prefix(uuid(i), sid) + seq(number),
			Stat: Stat{Czxid: int64(100 + i), EphemeralOwner: sid, Ctime: 1, Mtime: 1},
		})
	}
	d.Stat = Stat{Czxid: 1, NumChildren: int32(len(d.Children))}
	next := number + 1
	d.Stat.Cversion = int32(uint32(2*int64(next)) - uint32(len(d.Children)))
	return d, of
}

func namesOf(d Directory) []string {
	names := make([]string, len(d.Children))
	for i, n := range d.Children {
		names[i] = n.Name
	}
	return names
}

// Who holds by place is who holds by what Recognise knows of the library, and so is who
// is waited for.
func TestPlaceAgreesWithRecognise(t *testing.T) {
	queues := [][]Recipe{
		{CuratorMutex},
		{GoZooKeeper},
		{CuratorMutex, GoZooKeeper},
		{CuratorRWLock},
		{KazooLock},
		{KazooRWLock},
		{KazooLock, KazooRWLock},
		{WriteLock},
		{ZooLock},
		{WriteLock, ZooLock},
		{Naive},
		{PlainLock},
		{PlainRWLock},
		{RecipesLock},
		{RecipesRWLock},
		{ZKRuby},
	}
	for _, q := range queues {
		t.Run(fmt.Sprint(q), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				d, of := drawQueue(t, q...)
				locks := Recognise(d, Cluster{})
				if len(locks) != 1 || locks[0].Recipe == Mixed {
					t.Fatalf("%v is %s", namesOf(d), shorts(locks))
				}
				names := rapid.Permutation(namesOf(d)).Draw(t, "names")
				foreign := rapid.SampledFrom([]string{"config", "_c_x", "leader_ack", "my__meta", "x"}).Draw(t, "foreign")
				names = append(names, foreign)
				for i, n := range d.Children {
					agree(t, &locks[0], names, of[i], n.Name, i)
				}
			})
		})
	}
}

func agree(t *rapid.T, l *Lock, names []string, f format, own string, at int) {
	c := &l.Contenders[at]
	p := f.place(names, own)
	if c.Node != own || p.Err != nil || p.Position != at+1 || p.Of != len(l.Contenders) {
		t.Fatalf("%s is %d of %d, %v", own, p.Position, p.Of, p.Err)
	}
	if p.Holds != (c.Role == Holder) {
		t.Fatalf("%s holds: %v; it is %s in %s", own, p.Holds, c.Role, short(*l))
	}
	if p.Holds {
		if p.Watch != "" || p.Next {
			t.Fatalf("%s holds and watches %q", own, p.Watch)
		}
		return
	}
	before := l.Contenders[c.WaitsFor].Node
	if l.rule == readersFirstWrite && f.mode == Read { // Curator's watch the first, we the closest
		before = p.Watch
		if parseName(before).mode != Write {
			t.Fatalf("%s watches %q", own, before)
		}
	}
	if p.Watch != before {
		t.Fatalf("%s watches %q, it waits for %s", own, p.Watch, before)
	}
	without := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == p.Watch })
	if after := f.place(without, own); p.Next && (!after.Holds || f.shape.copies) {
		t.Fatalf("%s is next, and does not hold without %s: %+v", own, p.Watch, after)
	} else if !p.Next && after.Holds && !f.shape.copies {
		t.Fatalf("%s is not next, and holds without %s", own, p.Watch)
	} else if after.Watch != p.Second {
		t.Fatalf("%s waits for %q and then for %q, it was said %q", own, p.Watch, after.Watch, p.Second)
	}
}

// Of whatever is queued, at most one is let in by its own format or readers alone, as
// long as all that are there count for each other.
func TestPlaceExcludes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		recipes := rapid.SampledFrom([][]Recipe{
			{CuratorMutex, GoZooKeeper, PlainLock, RecipesLock}, {KazooLock, KazooRWLock}, {WriteLock, ZooLock}, {CuratorRWLock}, {ZKRuby}, {Naive},
		}).Draw(t, "recipes")
		d, of := drawQueue(t, recipes...)
		var in []Mode
		for i, n := range d.Children {
			if of[i].place(namesOf(d), n.Name).Holds {
				in = append(in, of[i].mode)
			}
		}
		if len(in) == 0 || len(in) > 1 && slices.ContainsFunc(in, func(m Mode) bool { return m != Read }) {
			t.Fatalf("%v let in %v", namesOf(d), in)
		}
	})
}

// kazoo's issue 649: a reader between two writers waits for the first alone.
func TestPlaceWriterReaderWriter(t *testing.T) {
	w1, r2, w3 := hex32(1)+"__lock__0000000001", hex32(2)+"__rlock__0000000002", hex32(3)+"__lock__0000000003"
	r4 := hex32(4) + "__rlock__0000000004"
	read, write := mustFormat(t, KazooRWLock, Read), mustFormat(t, KazooRWLock, Write)
	all := []string{w3, r4, r2, w1}
	if p := read.place(all, r2); p.Holds || p.Watch != w1 || !p.Next {
		t.Errorf("R2: %+v", p)
	}
	if p := write.place(all, w3); p.Holds || p.Watch != r2 || p.Next {
		t.Errorf("W3: %+v", p)
	}
	if p := read.place(all, r4); p.Holds || p.Watch != w3 || p.Next {
		t.Errorf("R4: %+v", p)
	}
	if p := read.place([]string{w3, r4, r2}, r2); !p.Holds {
		t.Errorf("R2 without W1: %+v", p)
	}
	if p := read.place([]string{r4, r2}, r4); !p.Holds || p.Position != 2 {
		t.Errorf("R4 beside R2: %+v", p)
	}
}

// A reader of Curator's that has the number of its writer keeps others out, and nobody
// is next behind that writer.
func TestPlaceCopiedNumber(t *testing.T) {
	w, r, ours := "_c_"+uuid(1)+"-__WRIT__0000000003", "_c_"+uuid(2)+"-__READ__0000000003", "_c_"+uuid(3)+"-__WRIT__0000000005"
	f := mustFormat(t, CuratorRWLock, Write)
	for _, names := range [][]string{{w, ours}, {w, r, ours}, {r, ours}} {
		if p := f.place(names, ours); p.Holds || p.Next || p.Err != nil {
			t.Errorf("%v: %+v", names, p)
		}
	}
}

// The ring: -2147483648 comes after 2147483647. Unless that is forced it is refused, as
// others sort it before.
func TestPlaceRing(t *testing.T) {
	order := []int32{2147483646, math.MaxInt32, math.MinInt32, -2147483647}
	for _, r := range Takeable() {
		f := mustFormat(t, r, "")
		if f.shape.places() {
			continue
		}
		var names []string
		for i, n := range order {
			names = append(names, f.prefix(uuid(i), int64(i+1))+seq(n))
		}
		for i, own := range names {
			f.forced = false
			if p := f.place(names, own); !errors.Is(p.Err, ErrExhausted) || p.Holds || p.Next {
				t.Errorf("%s: %s is let in: %+v", r, own, p)
			}
			f.forced = true
			p := f.place(names, own)
			if order[i] == math.MaxInt32 { // it may have been given after those below zero
				if !errors.Is(p.Err, ErrExhausted) || p.Holds || p.Next {
					t.Errorf("%s: %s is let in: %+v", r, own, p)
				}
				continue
			}
			if p.Err != nil || p.Position != i+1 || p.Holds != (i == 0) || p.Next {
				t.Errorf("%s: %s: %+v", r, own, p)
			}
			if i > 0 && p.Watch != names[i-1] {
				t.Errorf("%s: %s watches %s", r, own, p.Watch)
			}
		}
	}
}

// Equal numbers never give two holders: neither is let in, by force neither.
func TestPlaceEqual(t *testing.T) {
	for _, r := range []Recipe{CuratorMutex, GoZooKeeper, CuratorRWLock, KazooLock, KazooRWLock, WriteLock, ZooLock, RecipesLock} {
		f := mustFormat(t, r, "")
		f.forced = true
		a, b := f.prefix(uuid(1), 1)+seq(math.MaxInt32), f.prefix(uuid(2), 2)+seq(math.MaxInt32)
		for _, own := range []string{a, b} {
			if p := f.place([]string{a, b}, own); !errors.Is(p.Err, ErrExhausted) || p.Holds {
				t.Errorf("%s: %s: %+v", r, own, p)
			}
		}
	}
}

// A contender that only another recipe makes, and that was there before, is an error; one
// that comes later is none, nor is one that we wait for.
func TestPlaceStranger(t *testing.T) {
	f := mustFormat(t, CuratorRWLock, Write)
	ours := f.prefix(uuid(1), 1) + seq(5)
	kazoo := func(n int32) string { return hex32(3) + "__lock__" + seq(n) }
	if p := f.place([]string{ours, kazoo(3)}, ours); !errors.Is(p.Err, ErrMixed) || p.Holds {
		t.Errorf("before: %+v", p)
	}
	if p := f.place([]string{ours, kazoo(7)}, ours); p.Err != nil || !p.Holds {
		t.Errorf("after: %+v", p)
	}
	m := mustFormat(t, CuratorMutex, "")
	ours = m.prefix(uuid(1), 1) + seq(5)
	if p := m.place([]string{ours, kazoo(3)}, ours); p.Err != nil || p.Holds || p.Watch != kazoo(3) {
		t.Errorf("go-zookeeper waits for kazoo: %+v", p)
	}
}

// Names that clients of a queue let before them are waited for; what only looks like
// something is not.
func TestPlaceOthers(t *testing.T) {
	tests := []struct {
		r       Recipe
		name    string
		respect bool
	}{
		{CuratorMutex, "_c_" + hex32(1) + "-lock-0000000003", true},
		{CuratorMutex, "lock-0000000003", true},
		{CuratorMutex, "mylock-0000000003", true},
		{CuratorMutex, "0000000003", true},
		{CuratorMutex, "lock_id_0000000003", false},
		{CuratorMutex, "config-0000000003", false},
		{CuratorMutex, "config", false},
		{GoZooKeeper, "_c_" + uuid(1) + "-__WRIT__0000000003", true},
		{WriteLock, "anything-0000000003", true},
		{WriteLock, "x-00000000000000ab-0000000003", true},
		{WriteLock, "0000000003", false},
		{WriteLock, "lock_id_0000000003", false},
		{WriteLock, "meta-3", false},
		{KazooLock, hex32(1) + "__rlock__0000000003", true},
		{KazooLock, "_c_" + uuid(1) + "-lock-0000000003", true},
		{KazooLock, "anything__lock__0000000003", true},
		{Naive, "ex0000000003", true},
		{Naive, "queue-0000000003", false},
		{ZKRuby, "whatever0000000003", true},
		{ZKRuby, "leader_ack", false},
		{PlainRWLock, "lock-0000000003", false},
	}
	for _, tt := range tests {
		f := mustFormat(t, tt.r, "")
		own := f.prefix(uuid(9), 9) + seq(5)
		p := f.place([]string{tt.name, own}, own)
		if p.Err != nil || p.Holds == tt.respect || tt.respect && p.Watch != tt.name {
			t.Errorf("%s: %s: %+v", tt.r, tt.name, p)
		}
	}
}

// A znode that is gone has no place.
func TestPlaceGone(t *testing.T) {
	f := mustFormat(t, CuratorMutex, "")
	if p := f.place([]string{"_c_" + uuid(1) + "-lock-0000000003"}, "_c_"+uuid(2)+"-lock-0000000004"); p.Position != 0 || p.Holds || p.Next {
		t.Errorf("%+v", p)
	}
	if p := f.place([]string{"what"}, "what"); p.Err == nil || p.Holds {
		t.Errorf("%+v", p)
	}
}

// Whatever the names are, nothing panics, and what is said is sane.
func FuzzPlace(f *testing.F) {
	f.Add(uint8(0), "_c_"+uuid(1)+"-lock-0000000003\n\n-\n0000000001\nlock--2147483648", "lock-2147483647")
	f.Add(uint8(7), "x--1--000000001\nx-\n-0000000001\n\x1b[2J-0000000002", "x-1-0000000003")
	f.Fuzz(func(t *testing.T, which uint8, lines, own string) {
		r := Takeable()[int(which)%len(shapes)]
		form := mustFormat(t, r, "")
		form.forced = which >= 128
		names := append(strings.Split(lines, "\n"), own)
		p := form.place(names, own)
		if p.Err != nil && (p.Holds || p.Next) || p.Holds && p.Watch != "" || p.Next && p.Watch == "" || p.Position > p.Of {
			t.Errorf("%s: %q in %q: %+v", r, own, names, p)
		}
		d := Directory{Path: "/q"}
		for _, n := range names {
			d.Children = append(d.Children, Node{Name: n})
		}
		if _, err := (LockOptions{Recipe: r, Slots: form.slots, Force: form.forced}).joins(d); err != nil && strings.ContainsAny(err.Error(), "\x1b\x00\n") {
			t.Errorf("%q", err)
		}
	})
}

func BenchmarkPlace(b *testing.B) {
	f := mustFormat(b, CuratorMutex, "")
	var names []string
	for i := range 10_000 {
		names = append(names, f.prefix(uuid(i), 1)+seq(int32(i)))
	}
	b.ReportAllocs()
	for b.Loop() {
		f.place(names, names[9_000])
	}
}
