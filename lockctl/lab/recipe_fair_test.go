package lab

import (
	"errors"
	"slices"
	"testing"

	"zkdeck/lockctl"
)

// The fair recipe: in the order of arrival, and a release wakes one.
func TestFair(t *testing.T) {
	onBoth(t, Options{Recipe: Fair}, func(b *bench) {
		all := b.players(4)
		last := all[0].takes()
		if !slices.Equal(b.names(""), []string{"lock-0000000000"}) || ShortName(last.node) != "lock-0000000000" {
			t.Errorf("%v, own %s", b.names(""), last.node)
		}
		var got []<-chan grant
		for _, p := range all[1:] {
			got = append(got, p.waits())
		}
		for i, c := range got {
			all[i].releases()
			g := <-c
			if g.nothing || g.stale || g.lost == nil || g.token <= last.token {
				t.Errorf("worker %d: %+v after %+v", i+2, g, last)
			}
			for _, p := range all {
				if n, want := p.count(lockctl.StepWake), 1; p.n > 1 && p.n <= i+2 && n != want || (p.n == 1 || p.n > i+2) && n != 0 {
					t.Errorf("after %d releases worker %d was woken %d times", i+1, p.n, n)
				}
			}
			last = g
		}
		all[3].releases()
		if names := b.names(""); len(names) > 0 {
			t.Errorf("left behind: %v", names)
		}
	})
}

// What tries and is refused leaves nothing, but for the naive one.
func TestTryOfRecipes(t *testing.T) {
	for _, r := range []Recipe{Fair, ReadWrite, Semaphore, Single} {
		t.Run(string(r), func(t *testing.T) {
			b := newBench(t, sandboxAddr(t), Options{Recipe: r, Slots: 1})
			one, two := b.player(1, lockctl.Write), b.player(2, lockctl.Write)
			if g, ok, err := one.try(b.ctx); !ok || err != nil || g.node == "" || g.token == 0 {
				t.Fatalf("it is free: %+v, %v, %v", g, ok, err)
			}
			if g, ok, err := two.try(b.ctx); ok || err != nil || g.node != "" {
				t.Errorf("it is held: %+v, %v, %v", g, ok, err)
			}
			one.releases()
			if names := append(b.names(""), b.names("/leases")...); r != Semaphore && len(names) > 0 || r == Semaphore && len(names) > 2 {
				t.Errorf("left behind: %v", names)
			}
			b.until("the queue of the places is left", func() bool { return len(b.names("/locks")) == 0 })
			two.takes()
			two.releases()
		})
	}
}

// Readers hold together, a writer alone, and who comes behind a writer waits for it.
func TestReadWrite(t *testing.T) {
	b := newBench(t, sandboxAddr(t), Options{Recipe: ReadWrite})
	one, two := b.player(1, lockctl.Read), b.player(2, lockctl.Read)
	writer, late := b.player(3, lockctl.Write), b.player(4, lockctl.Read)
	one.takes()
	two.takes()
	gotWriter := writer.waits()
	gotLate := late.waits()
	b.holds("read-0000000000 read-0000000001")
	one.releases()
	two.releases()
	<-gotWriter
	b.holds("write-0000000002")
	if !open(gotLate) {
		t.Error("a reader holds beside the writer")
	}
	writer.releases()
	<-gotLate
	b.holds("read-0000000003")
}

// So many hold as there are places.
func TestSemaphore(t *testing.T) {
	b := newBench(t, sandboxAddr(t), Options{Recipe: Semaphore})
	all := b.players(4)
	all[0].takes()
	all[1].takes()
	got := all[2].waits()
	next := all[3].waits()
	b.holds("lease-0000000000 lease-0000000001")
	all[0].releases()
	if g := <-got; ShortName(g.node) != "lease-0000000002" {
		t.Errorf("%+v", g)
	}
	if !open(next) {
		t.Error("three hold two places")
	}
	all[1].releases()
	<-next
	b.holds("lease-0000000002 lease-0000000003")
}

// One znode: all who wait are told, and one of them gets it. A persistent one stays when
// its session ends.
func TestSingle(t *testing.T) {
	onBoth(t, Options{Recipe: Single}, func(b *bench) {
		all := b.players(3)
		all[0].takes()
		got := []<-chan grant{all[1].waits(), all[2].waits()}
		all[0].releases()
		winner := 0
		select {
		case <-got[0]:
		case <-got[1]:
			winner = 1
		}
		for _, p := range all[1:] {
			p.until("it is told", func() bool { return p.count(lockctl.StepWake) == 1 })
		}
		loser := all[2-winner]
		loser.until("it waits again", func() bool { return loser.count(lockctl.StepWatch) == 2 })
		if err := all[1+winner].session.Close(); err != nil { // its znode goes with it
			t.Fatal(err)
		}
		<-got[1-winner]
	})
}

func TestSinglePersistent(t *testing.T) {
	b := newBench(t, sandboxAddr(t), Options{Recipe: Single, Persistent: true})
	one, two := b.player(1, ""), b.player(2, "")
	one.takes()
	if err := one.session.Close(); err != nil {
		t.Fatal(err)
	}
	if err := one.release(b.ctx); !errors.Is(err, lockctl.ErrEnded) {
		t.Errorf("released on a session that is over: %v", err)
	}
	if _, ok, err := two.try(b.ctx); ok || err != nil || !slices.Equal(b.names(""), []string{singleNode}) {
		t.Errorf("its holder is gone, and it stays: %v, %v, %v", ok, err, b.names(""))
	}
}

// A worker whose session ends while it waits is told so, whatever the recipe.
func TestSessionEndsWhileWaiting(t *testing.T) {
	for _, r := range []Recipe{Fair, Naive, ReadWrite, Semaphore, Single} {
		t.Run(string(r), func(t *testing.T) {
			b := newBench(t, sandboxAddr(t), Options{Recipe: r, Slots: 1})
			one, two := b.player(1, lockctl.Write), b.player(2, lockctl.Write)
			one.takes()
			ended := make(chan error, 1)
			b.wg.Go(func() {
				_, err := two.acquire(b.ctx)
				ended <- err
			})
			two.until("it waits", func() bool { return two.count(lockctl.StepWatch) > 0 })
			if err := two.session.Close(); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; !errors.Is(err, lockctl.ErrEnded) {
				t.Errorf("it fails with %v", err)
			}
		})
	}
}

func TestRecipes(t *testing.T) {
	for _, r := range Recipes() {
		if r.About() == "" {
			t.Errorf("%s: what is it about?", r)
		}
		b := newBench(t, sandboxAddr(t), Options{Recipe: r})
		p := b.player(1, "")
		if g := p.takes(); r == NoLock && g.node != "" {
			t.Errorf("%s: %+v", r, g)
		}
		p.releases()
		p.releases() // there is nothing
	}
	if _, err := newContender(seat{options: Options{Recipe: "greedy"}}); err == nil || Recipe("greedy").About() != "" {
		t.Errorf("a recipe that there is not: %v", err)
	}
}
