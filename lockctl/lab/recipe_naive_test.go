package lab

import (
	"runtime"
	"slices"
	"testing"

	"zkdeck/lockctl"
)

// The herd: every change of the directory wakes all who ever waited, the holder and who
// has long left included, and each lists it again.
func TestNaiveHerd(t *testing.T) {
	onBoth(t, Options{Recipe: Naive}, func(b *bench) {
		all := b.players(5)
		first := all[0].takes()
		if first.nothing || first.token == 0 {
			t.Errorf("who is first at once is told so: %+v", first)
		}
		// listed waits until each of some has seen so many znodes, and has left its next watch.
		listed := func(some []*player, of int) {
			t.Helper()
			for _, p := range some {
				p.until("it has listed again", func() bool { return p.last(lockctl.StepList).Of == of })
			}
		}
		woken := func(want ...int) {
			t.Helper()
			for i, p := range all {
				if n := p.count(lockctl.StepWake); n != want[i] {
					t.Errorf("worker %d was woken %d times, want %d", p.n, n, want[i])
				}
			}
		}
		var got []<-chan grant
		for i, p := range all[1:] {
			got = append(got, p.waits())
			listed(all[:i+2], i+2)
		}
		woken(4, 3, 2, 1, 0) // each arrival, all who were there
		all[0].releases()
		if g := <-got[0]; g.stale {
			t.Errorf("it was its turn: %+v", g)
		}
		listed(all, 4)
		woken(5, 4, 3, 2, 1) // one release, five are told
		if slices.ContainsFunc(got[1:], func(g <-chan grant) bool { return !open(g) }) {
			t.Error("one alone gets the lock")
		}
	})
}

// acquire returns nothing after a wait: it has the lock, and whoever asks is told no.
func TestNaiveNothing(t *testing.T) {
	onBoth(t, Options{Recipe: Naive}, func(b *bench) {
		one, two := b.player(1, ""), b.player(2, "")
		one.takes()
		got := two.waits()
		one.releases()
		g := <-got
		if !g.nothing || g.stale || g.token == 0 {
			t.Errorf("after a wait: %+v", g)
		}
		if names := b.names(""); !slices.Equal(names, []string{g.node}) {
			t.Errorf("it is first all the same: %v, its own is %s", names, g.node)
		}
	})
}

// try leaves its znode: it comes to be first, and nobody is there to release it.
func TestNaiveTryLeavesItsZnode(t *testing.T) {
	onBoth(t, Options{Recipe: Naive}, func(b *bench) {
		one, two, three := b.player(1, ""), b.player(2, ""), b.player(3, "")
		one.takes()
		left, ok, err := two.try(b.ctx)
		if ok || err != nil || left.node == "" {
			t.Fatalf("try: %+v, %v, %v", left, ok, err)
		}
		got := three.waits()
		one.releases()
		three.until("it has listed after the release", func() bool {
			told := three.told()
			return slices.ContainsFunc(told, func(s lockctl.Step) bool { return s.Kind == lockctl.StepList && s.Before == left.node && s.Of == 2 })
		})
		if !open(got) || b.names("")[0] != left.node {
			t.Errorf("nobody holds, and it waits behind what try left: %v", b.names(""))
		}
		two.releases()
		if g := <-got; !g.nothing {
			t.Errorf("%+v", g)
		}
	})
}

// A watch outlives the release: it sets the event in an empty directory, and the next
// acquire returns at once while another holds.
func TestNaiveStaleWake(t *testing.T) {
	onBoth(t, Options{Recipe: Naive}, func(b *bench) {
		one, two := b.player(1, ""), b.player(2, "")
		for set := one.contender.(*naive).set; len(set) == 0; { // by a listing that comes after the release
			before := one.count(lockctl.StepWake)
			one.takes()
			one.releases()
			one.until("its watch has fired", func() bool {
				return one.count(lockctl.StepWake) > before && one.last(lockctl.StepList).Of == 0
			})
			runtime.Gosched()
		}
		holder := two.takes()
		g := one.takes() // without waiting for anybody
		if !g.nothing || !g.stale || g.node == holder.node {
			t.Errorf("%+v", g)
		}
		if names := b.names(""); !slices.Equal(names, []string{holder.node, g.node}) {
			t.Errorf("the other holds: %v", names)
		}
		two.releases()
		one.releases()
	})
}
