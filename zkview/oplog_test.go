package zkview

import (
	"context"
	"fmt"
	"testing"
)

func TestOpLogIsARing(t *testing.T) {
	l := newOpLog()
	if got := l.Since(0); got != nil {
		t.Errorf("an empty log has %+v", got)
	}
	for i := 1; i <= opLogSize+500; i++ {
		l.add(OpEntry{Op: fmt.Sprint(i)})
	}
	all := l.Since(0)
	if len(all) != opLogSize || all[0].Seq != 501 || all[0].Op != "501" {
		t.Fatalf("%d entries from %+v", len(all), all[0])
	}
	for i, e := range all {
		if e.Seq != uint64(501+i) || e.Op != fmt.Sprint(e.Seq) {
			t.Fatalf("entry %d is %+v", i, e)
		}
	}
	last := all[len(all)-1].Seq
	if got := l.Since(last - 2); len(got) != 2 || got[1].Seq != last {
		t.Errorf("the last two are %+v", got)
	}
	if got := l.Since(last); len(got) != 0 {
		t.Errorf("nothing new is %+v", got)
	}
	select {
	case <-l.Changed():
	default:
		t.Error("no signal")
	}
}

func TestSubscriptionMergesWhatWaits(t *testing.T) {
	s := newSubscription(func(*Subscription) {})
	for range 100_000 {
		s.push(Event{Kind: DataChanged, Path: "/a"})
	}
	s.push(Event{Kind: Resync})
	s.push(Event{Kind: ChildrenChanged, Path: "/a"})
	s.push(Event{Kind: Resync, NewSession: true, Why: "expired"})
	<-s.C
	ctx := context.Background()
	got := must(s.Next(ctx))
	if len(got) != 3 || got[0].Kind != DataChanged || got[2].Kind != ChildrenChanged {
		t.Fatalf("events %+v", got)
	}
	if e := got[1]; e.Kind != Resync || !e.NewSession || e.Why != "expired" {
		t.Errorf("the merged Resync is %+v", e)
	}
	s.push(Event{Kind: DataChanged, Path: "/a"})
	if got = must(s.Next(ctx)); len(got) != 1 {
		t.Errorf("after a read the same event counts anew: %+v", got)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err := s.Next(gone)
	wantErr(t, err, context.Canceled)
	s.push(Event{Kind: Deleted, Path: "/a"})
	s.Close()
	s.push(Event{Kind: Created, Path: "/a"})
	if got = must(s.Next(ctx)); len(got) != 1 || got[0].Kind != Deleted {
		t.Errorf("what waited at Close is %+v", got)
	}
	_, err = s.Next(ctx)
	wantErr(t, err, ErrClosed)
}
