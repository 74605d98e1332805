package zkview

import (
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// What counts as proof lags behind what was answered, and late answers are none.
func TestProofs(t *testing.T) {
	const timeout = 8 * time.Second // so that they are 2 s apart
	at := func(s float64) time.Time { return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))) }
	var p proofs
	p.connected(at(0))
	for _, c := range []struct{ sent, answered, proven float64 }{
		{1, 1.1, 0},
		{2, 2.1, 0},
		{3, 3.1, 1},   // by now the leader knows of 1
		{4.5, 4.6, 2}, // and of 2
		{5, 9, 2},     // the leader stood still
		{9, 9.1, 4.5}, // of 5 nothing is known
		{10, 10.1, 4.5},
		{11, 11.1, 9},
	} {
		p.synced(at(c.sent), at(c.answered), timeout)
		if !p.proven.Equal(at(c.proven)) {
			t.Errorf("after %v, answered at %v: proven %v, want %v", c.sent, c.answered, p.proven.Sub(at(0)), c.proven)
		}
	}
	p.connected(at(12))
	p.synced(at(12.5), at(12.6), timeout)
	if !p.proven.Equal(at(12)) {
		t.Errorf("on a new connection: %v", p.proven.Sub(at(0)))
	}
	if spacing(time.Second) != 250*time.Millisecond || spacing(time.Minute) != 2*time.Second {
		t.Errorf("apart: %v, %v", spacing(time.Second), spacing(time.Minute))
	}
}

// While the leader stands still nothing is proven, though the follower that we are on
// answers. Once it is back, or another leads, it goes on.
func TestProvenByTheLeaderOnly(t *testing.T) {
	ctx := testCtx(t)
	ens := zktest.Start(t, 3)
	leader, follower := ens.Leader(), ens.Server(0)
	if follower == leader {
		follower = ens.Server(1)
	}
	o := openOne(t, Config{Servers: follower.Addr(), Timeout: 10 * time.Second})
	wantErr(t, o.Sync(ctx, "/"), nil)
	begin := time.Now()
	eventually(t, "something sent later is proven", func() bool { return o.Status().Proven.After(begin) })
	leader.Pause()
	paused := time.Now()
	// Requests that the follower answers by itself.
	for range 3 {
		before := o.Status()
		if before.State != Connected {
			break // it has noticed
		}
		_, _, _ = o.Get(ctx, "/", false)
	}
	if p := o.Status().Proven; p.After(paused) {
		t.Errorf("proven %v after the leader was paused", p.Sub(paused))
	}
	leader.Resume()
	eventually(t, "it goes on", func() bool { return o.Status().Proven.After(paused) })
}
