package tui

import (
	"context"
	"testing"
	"time"

	"zkdeck/lockctl"
)

// fakeHands tells what a dialog did, and answers as a test wants.
type fakeHands struct {
	answers   lockctl.Answers
	stat      lockctl.Stat
	asked     []lockctl.Contender
	broke     []int64
	records   []lockRecord
	err       error                     // of Break and AskBack
	meanwhile func()                    // what happens while one of them runs
	block     func(ctx context.Context) // what they wait for
}

func (h *fakeHands) Ask(context.Context) (lockctl.Answers, error) { return h.answers, nil }
func (h *fakeHands) Stat(context.Context, string) (lockctl.Stat, error) {
	return h.stat, nil
}

func (h *fakeHands) AskBack(ctx context.Context, c lockctl.Contender) error {
	h.asked = append(h.asked, c)
	return h.act(ctx)
}

func (h *fakeHands) Break(ctx context.Context, _ string, czxid int64) error {
	h.broke = append(h.broke, czxid)
	return h.act(ctx)
}

func (h *fakeHands) act(ctx context.Context) error {
	if h.block != nil {
		h.block(ctx)
	}
	if h.meanwhile != nil {
		h.meanwhile()
	}
	return h.err
}

func (h *fakeHands) Session() int64      { return 0x999 }
func (h *fakeHands) Record(e lockRecord) { h.records = append(h.records, e) }

// actRig is a dialog about the contender with this index of the first lock of a
// snapshot, which may change.
type actRig struct {
	rig
	h    *fakeHands
	snap *lockctl.Snapshot
	at   time.Time
}

// connectedAll are answers by which all contenders live and are connected.
func connectedAll(v *lockctl.View) lockctl.Answers {
	a := lockctl.Answers{Servers: 1, At: queueNow}
	a.Cluster.Addresses, a.Cluster.Sessions, a.Cluster.Watches = map[int64]string{}, map[int64]bool{}, map[string][]int64{}
	a.Cluster.AllAddresses, a.Cluster.AllWatches = true, true
	for _, c := range v.Contenders {
		if c.Session != 0 {
			a.Cluster.Addresses[c.Session], a.Cluster.Sessions[c.Session] = c.Address, true
		}
	}
	return a
}

func acting(t *testing.T, act lockAct, snap *lockctl.Snapshot, index int, change ...func(*fakeHands)) *actRig {
	t.Helper()
	v := snap.Locks[0]
	r := &actRig{h: &fakeHands{answers: connectedAll(v)}, snap: snap, at: queueNow}
	for _, f := range change {
		f(r.h)
	}
	target := newLockTarget(v, index, v.Contenders[index].Stat, func(id int64) bool { return id == oursID }, func() *lockctl.Snapshot { return r.snap })
	target.askKey = "A"
	now := func() time.Time { return r.at }
	r.t = t
	if act == actBreak {
		d, cmd := newBreakDialog(t.Context(), 1, r.h, target, now)
		r.d = d
		r.run(cmd)
	} else {
		d, cmd := newAskDialog(t.Context(), 1, r.h, target, now)
		r.d = d
		r.run(cmd)
	}
	return r
}

// without is the snapshot after the contender with this index has gone.
func without(t testing.TB, q *queued, index int) *lockctl.Snapshot {
	t.Helper()
	c := q.dir.Children
	q.dir.Children = append(c[:index:index], c[index+1:]...)
	q.dir.Stat.NumChildren--
	q.dir.Stat.Cversion++
	locks := lockctl.Recognise(q.dir, q.cluster)
	if len(locks) == 0 {
		v := oneFree(q.dir.Path)
		return snapshotOf(v)
	}
	return snapshotOf(viewOf(locks[0]))
}
