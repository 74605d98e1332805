package tui

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
)

// boardNow is the time at which boards of these tests are drawn: noon, wherever that
// is.
var boardNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)

// fakeEnsembles are ensembles that a test moves.
type fakeEnsembles struct {
	mu    sync.Mutex
	units []*fakeUnit
	lost  []string // orphans
	bad   []ensembleListed
	err   error
	makes wizardMaker
}

var _ ensembleStore = (*fakeEnsembles)(nil)

func (f *fakeEnsembles) list(context.Context) ([]ensembleListed, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	out := slices.Clone(f.bad)
	for _, u := range f.units {
		out = append(out, ensembleListed{name: u.plan.Name, plan: u.plan, unit: u})
	}
	slices.SortFunc(out, func(a, b ensembleListed) int { return slices.Compare([]byte(a.name), []byte(b.name)) })
	return out, nil
}

func (f *fakeEnsembles) orphans(context.Context) ([]string, error) { return f.lost, nil }
func (f *fakeEnsembles) maker() wizardMaker                        { return f.makes }

// add makes an ensemble of n servers that runs.
func (f *fakeEnsembles) add(name string, n int) *fakeUnit {
	f.mu.Lock()
	defer f.mu.Unlock()
	base := 21811 + 100*len(f.units)
	u := &fakeUnit{of: f, calls: make(chan string, 64)}
	u.plan = ensemble.Plan{Name: name, Dir: "/home/me/.local/share/zkdeck/ensembles/" + name, ZooKeeper: distro.ZooKeeper{CLI: "/usr/share/zookeeper/bin/zkCli.sh"}}
	for id := 1; id <= n; id++ {
		u.plan.Members = append(u.plan.Members, ensemble.Member{ID: id, Client: base + id - 1, Quorum: base + 19 + id, Election: base + 39 + id})
	}
	u.reset()
	f.units = append(f.units, u)
	return u
}

// fakeUnit is an ensemble; what is called on it is told in calls, and waits for hold if
// there is one.
type fakeUnit struct {
	of    *fakeEnsembles
	calls chan string

	mu       sync.Mutex
	plan     ensemble.Plan
	status   ensemble.Status
	events   []ensemble.Event
	watchers []*fakeEnsembleWatch
	hold     chan struct{}
	fail     error
	entries  []logEntry
	more     chan logEntry
}

var _ ensembleUnit = (*fakeUnit)(nil)

// reset makes all servers run, the second leading if there is one.
func (u *fakeUnit) reset() {
	st := ensemble.Status{Name: u.plan.Name, Connect: u.plan.Connect(), Quorum: true, Need: u.plan.Quorum(), Up: u.plan.Voters(), Voters: u.plan.Voters(), At: boardNow}
	for i, m := range u.plan.Members {
		v := ensemble.ServerStatus{
			ID: m.ID, State: ensemble.Follower, Observer: m.Observer, Pid: 4710 + m.ID, Client: m.Client, Quorum: m.Quorum, Election: m.Election,
			Version: "3.8.0", Zxid: "0x300000007", Epoch: 3, Dir: u.plan.ServerDir(m.ID), Started: boardNow.Add(-130 * time.Second), Conns: i, RSS: 61_200_000,
			LastLog: "Synchronizing with Follower sid: 3 maxCommittedLog=0x0",
		}
		switch {
		case len(u.plan.Members) == 1:
			v.State = ensemble.Standalone
		case m.Observer:
			v.State = ensemble.Observer
		case i == 1:
			v.State = ensemble.Leader
		}
		st.Servers = append(st.Servers, v)
	}
	u.status = st
}

// change moves what is seen, and tells the watchers.
func (u *fakeUnit) change(do func(st *ensemble.Status), events ...string) {
	u.mu.Lock()
	st := u.status
	st.Servers = slices.Clone(st.Servers)
	do(&st)
	u.status = st
	for i, e := range events {
		kind, text := "started", e
		if k, t, ok := cutKind(e); ok {
			kind, text = k, t
		}
		u.events = append(u.events, ensemble.Event{At: boardNow.Add(time.Duration(i-9) * time.Second), Kind: kind, Text: text})
	}
	watchers := slices.Clone(u.watchers)
	u.mu.Unlock()
	for _, w := range watchers {
		w.tell()
	}
}

// cutKind splits "leader: server 2 …".
func cutKind(e string) (kind, text string, ok bool) {
	for _, k := range []string{"leader", "killed", "exited", "quorum-lost", "quorum-back", "stopped", "serving"} {
		if len(e) > len(k)+2 && e[:len(k)+2] == k+": " {
			return k, e[len(k)+2:], true
		}
	}
	return "", "", false
}

// exit ends a server.
func exit(id int, e ensemble.Exit) func(st *ensemble.Status) {
	return func(st *ensemble.Status) {
		for i, v := range st.Servers {
			if v.ID == id {
				st.Servers[i] = ensemble.ServerStatus{
					ID: id, State: ensemble.Exited, Observer: v.Observer, Client: v.Client, Quorum: v.Quorum, Election: v.Election, Dir: v.Dir, Version: v.Version, Exit: &e,
				}
				if v.State.Serves() && !v.Observer {
					st.Up--
				}
			}
		}
		st.Quorum = st.Up >= st.Need
	}
}

func (u *fakeUnit) did(ctx context.Context, call string, ids ...int) error {
	if len(ids) > 0 {
		call += fmt.Sprint(ids)
	}
	u.mu.Lock()
	hold, fail := u.hold, u.fail
	u.mu.Unlock()
	u.calls <- call
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fail
}

// set changes what the next calls do.
func (u *fakeUnit) set(fail error, hold chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.fail, u.hold = fail, hold
}

func (u *fakeUnit) Start(ctx context.Context, ids ...int) error { return u.did(ctx, "start", ids...) }

func (u *fakeUnit) Stop(ctx context.Context, ids ...int) error {
	err := u.did(ctx, "stop", ids...)
	if err == nil && len(ids) == 0 {
		for _, m := range u.plan.Members {
			u.change(exit(m.ID, ensemble.Exit{Code: 143, Signal: "SIGTERM", ByUs: true, At: boardNow}))
		}
	}
	return err
}

func (u *fakeUnit) Kill(ctx context.Context, ids ...int) error { return u.did(ctx, "kill", ids...) }

func (u *fakeUnit) Pause(ctx context.Context, ids ...int) error { return u.did(ctx, "pause", ids...) }

func (u *fakeUnit) Resume(ctx context.Context, ids ...int) error { return u.did(ctx, "resume", ids...) }

func (u *fakeUnit) Restart(ctx context.Context, ids ...int) error {
	return u.did(ctx, "restart", ids...)
}
func (u *fakeUnit) Wipe(ctx context.Context, id int) error { return u.did(ctx, "wipe", id) }
func (u *fakeUnit) Remove(ctx context.Context, id int, progress func(string)) error {
	progress("server 2 restarts with the new list")
	return u.did(ctx, "remove", id)
}

func (u *fakeUnit) add(ctx context.Context, observer bool, progress func(string)) (int, error) {
	progress("copying the data of server 2")
	return 4, u.did(ctx, fmt.Sprint("add observer=", observer))
}

func (u *fakeUnit) Down(ctx context.Context, purge bool) error {
	err := u.did(ctx, fmt.Sprint("down purge=", purge))
	if err == nil && (purge || u.plan.Temp) {
		u.of.mu.Lock()
		defer u.of.mu.Unlock()
		u.of.units = slices.DeleteFunc(u.of.units, func(o *fakeUnit) bool { return o == u })
	}
	return err
}

func (u *fakeUnit) watch() ensembleWatcher {
	w := &fakeEnsembleWatch{unit: u, changed: make(chan struct{}, 1)}
	u.mu.Lock()
	u.watchers = append(u.watchers, w)
	u.mu.Unlock()
	w.tell()
	return w
}

func (u *fakeUnit) logs(ctx context.Context, ids []int, _ int, each func(logEntry) error) error {
	u.mu.Lock()
	entries, more := u.entries, u.more
	u.mu.Unlock()
	mine := func(e logEntry) error {
		if len(ids) > 0 && !slices.Contains(ids, e.server) {
			return nil
		}
		return each(e)
	}
	for _, e := range entries {
		if err := mine(e); err != nil {
			return err
		}
	}
	for {
		select {
		case e := <-more:
			if err := mine(e); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fakeEnsembleWatch is a watcher of a fakeUnit.
type fakeEnsembleWatch struct {
	unit    *fakeUnit
	changed chan struct{}

	mu     sync.Mutex
	calm   bool
	closed bool
}

var _ ensembleWatcher = (*fakeEnsembleWatch)(nil)

func (w *fakeEnsembleWatch) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

func (w *fakeEnsembleWatch) Changed() <-chan struct{} { return w.changed }

func (w *fakeEnsembleWatch) Status() ensemble.Status {
	w.unit.mu.Lock()
	defer w.unit.mu.Unlock()
	return w.unit.status
}

func (w *fakeEnsembleWatch) Events() []ensemble.Event {
	w.unit.mu.Lock()
	defer w.unit.mu.Unlock()
	return slices.Clone(w.unit.events)
}
func (w *fakeEnsembleWatch) Poke() {}

func (w *fakeEnsembleWatch) Calm(calm bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calm = calm
}

func (w *fakeEnsembleWatch) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	close(w.changed)
}

// boardScreen is the program with ensembles, before anything was opened.
type boardScreen struct {
	*appScreen
	store  *fakeEnsembles
	opener *opener
}

// openBoard starts the program on the start screen with these ensembles at a fixed
// time.
func openBoard(t *testing.T, f *fakeEnsembles, servers string, w, h int, change ...func(*Options)) *boardScreen {
	t.Helper()
	o := newOpener(servers)
	s := begin(t, o, w, h, append([]func(*Options){func(o *Options) {
		o.ensembles = f
		o.Now = func() time.Time { return boardNow }
	}}, change...)...)
	return &boardScreen{s, f, o}
}
