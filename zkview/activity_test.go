package zkview

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// watching collects what an Activity tells, for a test.
type watching struct {
	*Activity
	t     *testing.T
	bySeq map[uint64]Action
	last  uint64
}

func startActivity(t *testing.T, s *Session, path string) *watching {
	t.Helper()
	a := NewActivity(s, path)
	t.Cleanup(a.Close)
	w := &watching{Activity: a, t: t, bySeq: map[uint64]Action{}}
	eventually(t, "armed", func() bool { return a.Status().Armed })
	return w
}

// until takes Actions until a condition holds.
func (w *watching) until(what string, cond func() bool) {
	w.t.Helper()
	ctx := testCtx(w.t)
	for !cond() {
		actions, err := w.Next(ctx)
		if err != nil {
			w.t.Fatalf("in vain: %s: %v\n%s", what, err, w.lines())
		}
		for _, x := range actions {
			if _, again := w.bySeq[x.Seq]; !again {
				if x.Seq != w.last+1 {
					w.t.Fatalf("Seq %d after %d", x.Seq, w.last)
				}
				w.last = x.Seq
			}
			w.bySeq[x.Seq] = x
		}
	}
}

// lines are all Actions so far.
func (w *watching) lines() string {
	text := ""
	for seq := range w.last {
		x := w.bySeq[seq+1]
		text += fmt.Sprintf("%s %s", x.Kind, x.Path)
		if x.HasData {
			text += fmt.Sprintf(" data=%.20q", x.Data)
		}
		if x.HasBefore {
			text += fmt.Sprintf(" before=%.20q", x.Before)
		}
		if x.Missed {
			text += " missed"
		}
		if x.Err != nil {
			text += " err=" + x.Err.Error()
		}
		text += "\n"
	}
	return text
}

// read reports whether the last Action has been read after.
func (w *watching) read(seq uint64) func() bool {
	return func() bool { return w.bySeq[seq].HasStat }
}

func TestActivityReadsWhatChanged(t *testing.T) {
	addr, root := zktest.Shared(t), zktest.Root(t)
	s := openTest(t, Config{Servers: addr + root})
	other := openTest(t, Config{Servers: addr + root})
	ctx := testCtx(t)
	must(other.Create(ctx, "/old", []byte("first"), CreateOptions{}))
	w := startActivity(t, s, "/")
	eventually(t, "what is there is known", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.known.byPath["/old"] != nil
	})
	must(other.Set(ctx, "/old", []byte("second"), -1))
	w.until("read", w.read(1))
	must(other.Set(ctx, "/old", []byte("third"), -1))
	w.until("read", w.read(2))
	do(t, other.Delete(ctx, "/old", -1))
	w.until("gone", w.read(3))
	must(other.Create(ctx, "/old", []byte("again"), CreateOptions{Kind: Ephemeral}))
	w.until("read", w.read(4))
	if got, want := w.lines(), `data changed /old data="second" before="first"
data changed /old data="third" before="second"
deleted /old before="third"
created /old data="again"
`; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if x := w.bySeq[4]; x.Stat.EphemeralOwner != other.Status().SessionID {
		t.Errorf("%+v", x.Stat)
	}
	if x := w.bySeq[3]; x.Stat.Version != 2 {
		t.Errorf("%+v", x.Stat)
	}
	if st := w.Status(); st.Total != 4 || st.Lost != 0 || st.Missing || st.Why != "" || st.Path != "/" {
		t.Errorf("%+v", st)
	}
}

func TestActivityAfterAReconnect(t *testing.T) {
	ctx := testCtx(t)
	addr, root := zktest.Shared(t), zktest.Root(t)
	proxy := zktest.NewProxy(t, addr)
	s := openTest(t, Config{Servers: proxy.Addr() + root, Timeout: 20 * time.Second})
	other := openTest(t, Config{Servers: addr + root})
	for _, p := range []string{"/a", "/a/same", "/a/set", "/a/gone", "/a/twice"} {
		must(other.Create(ctx, p, []byte("old"), CreateOptions{}))
	}
	w := startActivity(t, s, "/a")
	eventually(t, "what is there is known", func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.known.byPath) == 5
	})
	must(other.Set(ctx, "/a/same", []byte("seen"), -1))
	w.until("read", w.read(1))

	proxy.Cut()
	eventually(t, "suspended", inState(s, Suspended))
	if st := w.Status(); st.Armed || !strings.Contains(st.Why, "suspended") {
		t.Errorf("%+v", st)
	}
	must(other.Set(ctx, "/a/set", []byte("new"), -1))
	do(t, other.Delete(ctx, "/a/gone", -1))
	do(t, other.Delete(ctx, "/a/twice", -1))
	must(other.Create(ctx, "/a/twice", []byte("another"), CreateOptions{}))
	must(other.Create(ctx, "/a/more", []byte("more"), CreateOptions{}))
	must(other.Create(ctx, "/beside", nil, CreateOptions{}))
	proxy.Heal()
	w.until("read again", func() bool {
		settled := w.last == 7
		for _, x := range w.bySeq {
			settled = settled && x.Settled
		}
		return settled
	})
	if got, want := w.lines(), `data changed /a/same data="seen" before="old"
resync /a
deleted /a/gone before="old" missed
deleted /a/twice before="old" missed
data changed /a/set data="new" before="old" missed
created /a/twice data="another" missed
created /a/more data="more" missed
`; sorted(got) != sorted(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if note := w.bySeq[2].Note; note != "5 znodes were read again: 2 created, 1 changed and 2 deleted ones were missed" {
		t.Errorf("%q", note)
	}
	if st := w.Status(); st.Total != 6 || st.Rereading || !st.Armed {
		t.Errorf("%+v", st)
	}
	expire(t, s)
	must(other.Set(ctx, "/a/set", []byte("newer"), -1))
	w.until("the change in another session", func() bool {
		for _, x := range w.bySeq {
			if x.Path == "/a/set" && string(x.Data) == "newer" {
				return true
			}
		}
		return false
	})
	do(t, s.Close())
	for {
		if _, err := w.Next(ctx); err != nil {
			wantErr(t, err, ErrClosed)
			break
		}
	}
}

// sorted is a text with its lines in order.
func sorted(text string) string {
	lines := strings.SplitAfter(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func TestActivityOfWhatCannotBeRead(t *testing.T) {
	ctx := testCtx(t)
	addr, root := zktest.Shared(t), zktest.Root(t)
	s := openTest(t, Config{Servers: addr + root, ReadOnly: true})
	other := openTest(t, Config{Servers: addr + root})
	w := startActivity(t, s, "/none")
	eventually(t, "it is known to be missing", func() bool { return w.Status().Missing })
	must(other.Create(ctx, "/none", nil, CreateOptions{}))
	big := bytes.Repeat([]byte("x"), HeldAction+1)
	must(other.Create(ctx, "/none/big", big, CreateOptions{}))
	settled := func(seq uint64) func() bool { return func() bool { return w.bySeq[seq].Settled } }
	w.until("all are read", func() bool { return settled(1)() && settled(2)() })
	if st := w.Status(); st.Missing {
		t.Errorf("%+v", st)
	}
	if x := w.bySeq[2]; !x.HasData || !x.Cut || len(x.Data) != HeldAction || int(x.Stat.DataLength) != len(big) {
		t.Errorf("%+v", x.Stat)
	}
	must(other.Set(ctx, "/none/big", append(big, 'y'), -1))
	w.until("it is read once more", settled(3))
	if x := w.bySeq[3]; !x.HasStat || !x.Cut || int(x.Stat.DataLength) != len(big)+1 {
		t.Errorf("%+v", x.Stat)
	}
	// Servers from 3.8.4 on tell no events of what may not be read (CVE-2024-23944), but
	// it may become so before it is read.
	must(other.Create(ctx, "/none/denied", []byte("secret"), CreateOptions{ACL: []ACL{{PermAll &^ PermRead, "world", "anyone"}}}))
	r := w.readMany([]Action{{Change: Change{Path: "/none/denied"}}, {Change: Change{Path: "/none"}}})
	if len(r) != 2 || !errors.Is(r[0].err, ErrNoAuth) || r[0].stat.DataLength != 6 || r[0].whole || r[1].err != nil || !r[1].whole {
		t.Errorf("%+v", r)
	}
	w.Close()
	w.Close()
	_, err := w.Next(ctx)
	for err == nil { // what came before the end
		_, err = w.Next(ctx)
	}
	wantErr(t, err, ErrClosed)
	refused := NewActivity(s, "no path")
	defer refused.Close()
	wantErr(t, refused.Ready(ctx), ErrBadPath)
	_, err = refused.Next(ctx)
	wantErr(t, err, ErrBadPath)
}

// TestActivityOfAStorm has 5,000 changes, on a server that knows multiRead and on one
// that does not: their order is kept, and what is read in the end is what is there.
func TestActivityOfAStorm(t *testing.T) {
	for name, without := range map[string][]feature{"multiRead": nil, "one by one": {featureMultiRead}} {
		t.Run(name, func(t *testing.T) {
			ctx := testCtx(t)
			addr, root := zktest.Shared(t), zktest.Root(t)
			s := openTest(t, Config{Servers: addr + root})
			aged(t, s, without...)
			other := openTest(t, Config{Servers: addr + root})
			const paths, n = 50, 5000
			path := func(i int) string { return fmt.Sprint("/", i%paths) }
			for i := range paths {
				must(other.Create(ctx, path(i), nil, CreateOptions{}))
			}
			w := startActivity(t, s, "/")
			beside(t, paths, func(i int) error { // one writer a path, so that versions ascend
				for range n / paths {
					if _, err := other.Set(ctx, path(i), []byte(path(i)), -1); err != nil {
						return err
					}
				}
				return nil
			})
			newest := map[string]uint64{}
			w.until("the last of each is read", func() bool {
				if w.last < n {
					return false
				}
				for _, x := range w.bySeq {
					newest[x.Path] = max(newest[x.Path], x.Seq)
				}
				for _, seq := range newest {
					if x := w.bySeq[seq]; x.Stat.Version != n/paths || string(x.Data) != x.Path {
						return false
					}
				}
				return true
			})
			version := map[string]int32{}
			for seq := range w.last {
				if x := w.bySeq[seq+1]; x.HasStat {
					if x.Stat.Version < version[x.Path] {
						t.Fatalf("version %d of %s after %d", x.Stat.Version, x.Path, version[x.Path])
					}
					version[x.Path] = x.Stat.Version
				}
			}
			if st := w.Status(); st.Total != n || st.Lost != 0 {
				t.Errorf("%+v", st)
			}
		})
	}
}

// TestActivityOfASlowReader lets more changes wait than are held.
func TestActivityOfASlowReader(t *testing.T) {
	a := NewActivity(openTest(t, Config{Servers: "127.0.0.1:1"}), "/")
	t.Cleanup(a.Close)
	a.mu.Lock()
	for i := range heldActions {
		a.take(Change{Kind: DataChanged, Path: fmt.Sprint("/", i%100), Lost: 1})
	}
	if len(a.out) != heldActions || len(a.again) != 0 || len(a.reads.waiting) != 100 || len(a.reads.order) != 100 {
		t.Errorf("%d wait, %d again, %d to be read", len(a.out), len(a.again), len(a.reads.waiting))
	}
	for i, x := range a.out[:heldActions-100] {
		if !x.Settled || x.Seq != uint64(i+1) {
			t.Fatalf("%+v", x)
		}
	}
	a.mu.Unlock()
	got := make(chan bool)
	go func() { got <- a.room() }()
	actions, err := a.Next(testCtx(t))
	if err != nil || len(actions) != heldActions || a.Status().Lost != heldActions {
		t.Fatalf("%d, %v", len(actions), err)
	}
	if !<-got {
		t.Error("no room")
	}
	// One that was handed out comes once more.
	a.mu.Lock()
	x := actions[len(actions)-1]
	a.got(changeRead{action: x, stat: Stat{Mzxid: 1}, data: []byte("v"), whole: true})
	a.mu.Unlock()
	if again, err := a.Next(testCtx(t)); err != nil || len(again) != 1 || again[0].Seq != x.Seq || string(again[0].Data) != "v" {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestKnownValuesAreBounded(t *testing.T) {
	m := newKnownValues()
	for i := range 1000 {
		m.put(fmt.Sprint("/", i), Stat{Mzxid: 1}, make([]byte, HeldAction), true)
	}
	if m.bytes > knownBytes || len(m.byPath) != m.order.Len() || len(m.byPath) < 200 {
		t.Errorf("%d bytes of %d", m.bytes, len(m.byPath))
	}
	k := m.put("/999", Stat{Mzxid: 2}, []byte("two"), true)
	if !k.hasBefore || len(k.before) != HeldAction || m.put("/999", Stat{Mzxid: 1}, nil, true).stat.Mzxid != 2 {
		t.Errorf("%+v", k.stat)
	}
	for range m.byPath {
		m.missing(1, func(string) bool { return false })
	}
	if m.bytes != 0 || len(m.byPath) != 0 {
		t.Errorf("%d bytes of %d", m.bytes, len(m.byPath))
	}
	for i := range knownPaths + 10 {
		m.put(fmt.Sprint("/", i), Stat{}, nil, false)
	}
	if len(m.byPath) != knownPaths {
		t.Errorf("%d paths", len(m.byPath))
	}
}
