package lockview_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// patience is how long a test waits for what must happen, on a loaded machine.
const patience = time.Minute

// rig is a board on a cluster.
type rig struct {
	t       *testing.T
	session *zkview.Session
	source  *counted
	board   *lockctl.Board

	mu     sync.Mutex
	events []lockctl.Event
}

// setup is how a rig looks.
type setup struct {
	zkview.Config
	roots []string
	ask   bool // the servers as well: the clients of most tests wait without watching
}

// look has a board search and follow below roots, and waits until it is settled.
func look(t *testing.T, s setup) *rig {
	t.Helper()
	session, err := zkview.Open(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, session: session, source: &counted{Source: lockview.New(session), ask: s.ask, lists: map[string]int{}}}
	r.board = lockctl.NewBoard(r.source, lockctl.Options{Observe: r.observe, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		r.board.Close()
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	r.board.Search(s.roots...)
	r.settle()
	return r
}

func (r *rig) settle() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	if err := r.board.Settled(ctx); err != nil {
		r.t.Fatalf("settling: %v\n%s", err, told(r.board.Snapshot()))
	}
}

func (r *rig) observe(e lockctl.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// history is what was observed of a lock: kinds and nodes.
func (r *rig) history(path string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, e := range r.events {
		if e.Path == path {
			all = append(all, strings.TrimSpace(string(e.Kind)+" "+e.Party.Node))
		}
	}
	return strings.Join(all, ", ")
}

// until waits for a snapshot of which cond is true.
func (r *rig) until(what string, cond func(s *lockctl.Snapshot) bool) *lockctl.Snapshot {
	r.t.Helper()
	late := time.After(patience)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		s := r.board.Snapshot()
		for _, v := range s.Locks {
			safe(r.t, v)
		}
		if cond(s) {
			return s
		}
		select {
		case <-r.board.Changed():
		case <-tick.C:
		case <-late:
			r.t.Fatalf("in vain: %s\n%s", what, told(s))
		}
	}
}

// shows waits until a lock looks so: see [looks].
func (r *rig) shows(path, want string) *lockctl.View {
	r.t.Helper()
	got := ""
	s := r.until(fmt.Sprintf("%s: %s", path, want), func(s *lockctl.Snapshot) bool {
		got = looks(s.At(path))
		return got == want
	})
	return s.At(path)
}

// looks is a lock in one line: its state, the contenders' numbers with their roles, and
// the warnings.
func looks(v *lockctl.View) string {
	if v == nil {
		return "nothing"
	}
	var b strings.Builder
	b.WriteString(string(v.State))
	for _, k := range v.Contenders {
		if k.Sequential {
			fmt.Fprintf(&b, " %d=%s", k.Sequence, k.Role)
		} else {
			fmt.Fprintf(&b, " %s=%s", k.Node, k.Role)
		}
	}
	var codes []string
	for _, w := range v.Warnings {
		codes = append(codes, string(w.Code))
	}
	slices.Sort(codes)
	if len(codes) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(codes, " "))
	}
	if v.Denied != "" {
		b.WriteString(" denied")
	}
	if !v.Stale.IsZero() {
		b.WriteString(" stale")
	}
	return b.String()
}

// told is all of a snapshot, for a test that failed.
func told(s *lockctl.Snapshot) string {
	var b strings.Builder
	for _, v := range s.Locks {
		fmt.Fprintf(&b, "%q %s: %s\n", v.Path, v.Recipe, looks(v))
	}
	fmt.Fprintf(&b, "search %+v\nanswers of %d servers at %v, refusals %q, %v", s.Search, s.Answers.Servers, s.Answers.At, s.Answers.Refusals, s.AskErr)
	return b.String()
}

// holds are those of a timeline: nodes in order, "…" behind one that holds still.
func holds(v *lockctl.View) string {
	var all []string
	for _, h := range v.Timeline.Holds(time.Time{}, time.Now().Add(time.Hour)) {
		s := h.Node
		if h.To.IsZero() {
			s += "…"
		}
		if h.Lost {
			s += "?"
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

// safe tells whether what is meant to be printed is text and nothing else.
func safe(t *testing.T, v *lockctl.View) {
	t.Helper()
	check := func(what, s string) {
		if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) || len(s) > 4096 {
			t.Errorf("%q: %s is not to be printed: %.200q", v.Path, what, s)
		}
	}
	for _, k := range v.Contenders {
		check("an identity", k.Identity)
		check("an address", k.Address)
		if len(k.Data) > 4096 {
			t.Errorf("%q: %d bytes of a value are kept", v.Path, len(k.Data))
		}
	}
	for _, w := range v.Warnings {
		check("a warning", w.Text)
	}
	for _, f := range v.Foreign {
		check("an effect", f.Effect)
	}
	check("a refusal", v.Denied)
}

// counted counts what is asked of a Source.
type counted struct {
	lockctl.Source
	ask   bool
	mu    sync.Mutex
	lists map[string]int // of each path
	read  int            // znodes
}

func (c *counted) Ask(ctx context.Context, watches bool) (lockctl.Answers, error) {
	if !c.ask {
		return lockctl.Answers{At: time.Now()}, nil
	}
	return c.Source.Ask(ctx, watches)
}

func (c *counted) List(ctx context.Context, path string) ([]string, lockctl.Stat, error) {
	c.mu.Lock()
	c.lists[path]++
	c.mu.Unlock()
	return c.Source.List(ctx, path)
}

func (c *counted) Read(ctx context.Context, dir string, names []string) ([]lockctl.ReadNode, error) {
	c.mu.Lock()
	c.read += len(names)
	c.mu.Unlock()
	return c.Source.Read(ctx, dir, names)
}

func (c *counted) asked(path string) (lists, read int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lists[path], c.read
}

// create creates a znode and returns its path.
func create(t *testing.T, conn *zk.Conn, path string, data string, flags int32) string {
	t.Helper()
	made, err := conn.Create(path, []byte(data), flags, zk.WorldACL(zk.PermAll))
	if err != nil {
		t.Fatalf("creating %q: %v", path, err)
	}
	return made
}

func remove(t *testing.T, conn *zk.Conn, path string) {
	t.Helper()
	if err := conn.Delete(path, -1); err != nil {
		t.Fatalf("deleting %q: %v", path, err)
	}
}

const (
	plain           = 0
	contending      = zk.FlagEphemeral | zk.FlagSequence
	plainSequential = zk.FlagSequence
)

// id is the name of a contender without its number: Curator's.
func id(i int) string { return fmt.Sprintf("_c_%08x-1111-4222-8333-0123456789ab-lock-", i) }

// shared is a znode of this test on the server for all.
func shared(t *testing.T) (addr, root string, conn *zk.Conn) {
	t.Helper()
	addr = zktest.SharedReal(t)
	return addr, zktest.RootOn(t, addr), zktest.Connect(t, addr)
}
