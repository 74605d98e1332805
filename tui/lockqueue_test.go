package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/lockctl"
)

// queueNow is the time at which the queues of these tests are drawn: noon, wherever
// that is.
var queueNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)

// queued is a directory that is made up, with what the servers say of its sessions.
type queued struct {
	dir     lockctl.Directory
	cluster lockctl.Cluster
	created int32
}

func newQueued(path string) *queued {
	q := &queued{}
	q.dir.Path = path
	q.dir.Stat = lockctl.Stat{Czxid: 1, Ctime: 1, Mtime: 1}
	q.cluster.Addresses = map[int64]string{}
	q.cluster.Now = queueNow.UnixMilli()
	return q
}

// add makes a child of session, age ago; %d in its name is its number.
func (q *queued) add(name string, session int64, age time.Duration, data string) *queued {
	return q.addTo(&q.dir, name, session, age, data)
}

func (q *queued) addTo(d *lockctl.Directory, name string, session int64, age time.Duration, data string) *queued {
	if strings.Contains(name, "%") {
		name = fmt.Sprintf(name, (d.Stat.Cversion+d.Stat.NumChildren)/2)
	}
	at := queueNow.Add(-age).UnixMilli()
	q.created++
	d.Children = append(d.Children, lockctl.Node{Name: name, Data: []byte(data), Stat: lockctl.Stat{
		Czxid: 0x200000000 + int64(q.created), Mzxid: 0x200000000 + int64(q.created), Ctime: at, Mtime: at,
		EphemeralOwner: session, DataLength: int32(len(data)),
	}})
	d.Stat.NumChildren++
	d.Stat.Cversion++ // a creation is one, and so is a deletion
	if session != 0 {
		q.cluster.Addresses[session] = fmt.Sprintf("10.0.0.%d:%d", 4+session%100, 40000+session%1000)
	}
	return q
}

// at lets the counter of the directory go on before the next child.
func (q *queued) at(next int32) *queued {
	q.dir.Stat.Cversion = 2*next - q.dir.Stat.NumChildren
	return q
}

// view is the lock that is recognised in the directory.
func (q *queued) view(t testing.TB) *lockctl.View {
	t.Helper()
	locks := lockctl.Recognise(q.dir, q.cluster)
	if len(locks) != 1 {
		t.Fatalf("%d locks in %s", len(locks), q.dir.Path)
	}
	return viewOf(locks[0])
}

func viewOf(l lockctl.Lock) *lockctl.View {
	v := &lockctl.View{Lock: l, State: lockctl.Free, Read: len(l.Contenders)}
	for i := range l.Contenders {
		if !l.Contenders[i].Stat.Known() {
			v.Read--
		}
	}
	switch {
	case len(l.Warnings) > 0 && l.Warnings[0].Code != lockctl.WarnHerd:
		v.State = lockctl.Suspicious
	case l.Holders() > 1:
		v.State = lockctl.Shared
	case l.Waiters() > 0:
		v.State = lockctl.Contended
	case l.Holders() > 0:
		v.State = lockctl.Held
	}
	return v
}

// seen gives a view a past: holds that lasted so many seconds, one after the other, of
// the sessions in turn, the last of them of who holds now.
func seen(v *lockctl.View, seconds ...int) *lockctl.View {
	v.Timeline = lockctl.NewTimeline(10_000)
	total := 0
	for _, s := range seconds {
		total += s
	}
	at := queueNow.Add(-time.Duration(total) * time.Second)
	n := len(v.Contenders)
	party := func(id uint64, c *lockctl.Contender, back time.Duration) lockctl.Party {
		return lockctl.Party{
			ID: id, Node: c.Node, Mode: c.Mode, Session: c.Session, Identity: c.Identity, Address: c.Address,
			Czxid: c.Stat.Czxid, Queued: at.Add(-back),
		}
	}
	for i, s := range seconds {
		who := ((i-len(seconds)+1)%n + n) % n
		p := []lockctl.Party{party(uint64(i+1), &v.Contenders[who], 1500*time.Millisecond)}
		if i == len(seconds)-1 {
			p[0].ID = 1000
		}
		if i == 0 {
			v.Timeline.Begin(at, p, n-1)
		} else {
			v.Timeline.Set(at, p, n-1)
		}
		v.HeldSince, v.AtLeast = at, len(seconds) == 1
		at = at.Add(time.Duration(s) * time.Second)
	}
	v.PerMinute = v.Timeline.PerMinute(queueNow)
	return v
}

const oursID = 0x100000000000007

// queueOf opens the first of the locks.
func queueOf(snap *lockctl.Snapshot) (*lockQueue, *fakeHost) {
	h := &fakeHost{marks: map[string]bool{}}
	q := newLockQueue(h, snap.Locks[0].Path, func(id int64) bool { return id == oursID })
	q.show(snap)
	return q, h
}

func snapshotOf(views ...*lockctl.View) *lockctl.Snapshot { return &lockctl.Snapshot{Locks: views} }

// contendedQueue is a naive lock with a holder and three waiters, one of them ours.
func contendedQueue(t testing.TB) *lockctl.Snapshot {
	q := newQueued("/uk/lock").at(31)
	q.add("lock_id_%010d", 0x100000000000001, 4*time.Second, "").
		add("lock_id_%010d", 0x100000000000002, 4*time.Second, "").
		add("lock_id_%010d", oursID, 2*time.Second, "deploy@laptop:4711").
		add("lock_id_%010d", 0x100000000000003, time.Second, "")
	return snapshotOf(seen(q.view(t), 20, 6, 9, 14, 7, 4))
}

// readersQueue is a read-write lock that two readers hold, with a writer before
// another reader.
func readersQueue(t testing.TB) *lockctl.Snapshot {
	q := newQueued("/reports").at(7)
	name := func(i int, kind string) string {
		return fmt.Sprintf("_c_0000000%d-1111-2222-3333-444444444444-%s", i, kind) + "%010d"
	}
	q.add(name(1, "__READ__"), 0x100000000000011, 9*time.Second, "report-1").
		add(name(2, "__READ__"), 0x100000000000012, 8*time.Second, "report-2").
		add(name(3, "__WRIT__"), 0x100000000000013, 3*time.Second, "loader").
		add(name(4, "__READ__"), oursID, time.Second, "report-3")
	v := seen(q.view(t), 30, 12, 9)
	v.Timeline.Miss(queueNow.Add(-5*time.Second), queueNow.Add(-3*time.Second), "no connection")
	v.Timeline.Begin(queueNow.Add(-3*time.Second), []lockctl.Party{
		{ID: 1000, Node: v.Contenders[0].Node, Session: 0x100000000000011, Identity: "report-1"},
		{ID: 1001, Node: v.Contenders[1].Node, Session: 0x100000000000012, Identity: "report-2"},
	}, 2)
	v.HeldSince, v.AtLeast = queueNow.Add(-3*time.Second), true
	return snapshotOf(v)
}

// deadlockQueue is two locks whose holders wait for each other.
func deadlockQueue(t testing.TB) *lockctl.Snapshot {
	var views []*lockctl.View
	for i, path := range []string{"/stock/a", "/stock/b"} {
		q := newQueued(path)
		a, b := int64(0x100000000000021), int64(0x100000000000022)
		if i == 1 {
			a, b = b, a
		}
		who := map[int64]string{0x100000000000021: "w1", 0x100000000000022: "w2"}
		q.add(strings.Repeat("a", 32)+"__lock__%010d", a, 340*time.Second, who[a]).
			add(strings.Repeat("b", 32)+"__lock__%010d", b, 335*time.Second, who[b])
		v := seen(q.view(t), 340)
		v.State = lockctl.Suspicious
		views = append(views, v)
	}
	s := snapshotOf(views...)
	wait := func(v, has *lockctl.View) lockctl.Wait {
		c := &v.Contenders[1]
		return lockctl.Wait{
			Session: c.Session, Identity: c.Identity, Address: c.Address, Lock: v.Path, Node: c.Node, For: v.Contenders[0].Node,
			Holds: has.Path, HoldsNode: has.Contenders[0].Node,
		}
	}
	s.Deadlocks = []lockctl.Deadlock{{Chain: []lockctl.Wait{wait(views[0], views[1]), wait(views[1], views[0])}}}
	return s
}

// mixedQueue is a directory in which three recipes and foreign children meet.
func mixedQueue(t testing.TB) *lockctl.Snapshot {
	q := newQueued("/shared/lock")
	q.add("lock_id_%010d", 0x100000000000031, 65*time.Second, "").
		add("_c_00000001-1111-2222-3333-444444444444-lock-%010d", 0x100000000000032, 60*time.Second, "10.0.0.9").
		add(strings.Repeat("c", 32)+"__lock__%010d", 0x100000000000033, 30*time.Second, "worker").
		add("_c_"+strings.Repeat("d", 32)+"-lock-%010d", 0x100000000000034, 10*time.Second, "").
		add("config", 0, time.Hour, "a foreign child").
		add("README.txt", 0, time.Hour, "another")
	return snapshotOf(seen(q.view(t), 60))
}

// semaphoreQueue is Curator's: three places, and a queue in front of them.
func semaphoreQueue(t testing.TB) *lockctl.Snapshot {
	q := newQueued("/pool/leases")
	queue := &lockctl.Directory{Path: "/pool/locks", Stat: lockctl.Stat{Czxid: 2}}
	q.dir.Queue = queue
	name := func(i int, kind string) string {
		return fmt.Sprintf("_c_0000000%d-1111-2222-3333-444444444444-%s-", i, kind) + "%010d"
	}
	for i := range 3 {
		q.add(name(i, "lease"), 0x100000000000041+int64(i), time.Duration(50-10*i)*time.Second, fmt.Sprintf("worker-%d", i))
	}
	for i := range 3 {
		q.addTo(queue, name(5+i, "lock"), 0x100000000000051+int64(i), time.Duration(9-2*i)*time.Second, "")
	}
	return snapshotOf(seen(q.view(t), 50))
}

// longQueue is n contenders of go-zookeeper, the first of which holds; of the later
// ones only the names are known.
func longQueue(t testing.TB, n, read int) *lockctl.Snapshot {
	q := newQueued("/jobs/nightly").at(500)
	for i := range n {
		q.add(fmt.Sprintf("_c_%032x-lock-", i)+"%010d", 0x100000000001000+int64(i), time.Duration(n-i)*time.Second, "")
		if i >= read {
			c := &q.dir.Children[i]
			c.Stat, c.Data = lockctl.Stat{}, nil
		}
	}
	return snapshotOf(seen(q.view(t), 40, 5, 3, 7))
}

// Every state of an opened lock looks like this.
func TestQueueGoldens(t *testing.T) {
	for name, make := range map[string]func(testing.TB) *lockctl.Snapshot{
		"waiters": contendedQueue, "readers": readersQueue, "deadlock": deadlockQueue, "mixed": mixedQueue, "semaphore": semaphoreQueue,
		"thousand": func(t testing.TB) *lockctl.Snapshot { return longQueue(t, 1001, 40) },
	} {
		for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 60}} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				q, _ := queueOf(make(t))
				golden.RequireEqual(t, drawQueue(q, testStyles(), size[0], size[1]))
			})
		}
	}
}

// drawQueue draws an opened lock on a screen of this size, without what is around it.
func drawQueue(q *lockQueue, st *styles, width, height int) string {
	var b strings.Builder
	for _, r := range q.render(st, width, height-6, queueNow) {
		b.WriteString(strings.TrimRight(ansi.Strip(r), " ") + "\n")
	}
	return b.String()
}
