package zkview

import (
	"fmt"
	"testing"

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
			text += fmt.Sprintf(" data=%q", x.Data)
		}
		if x.HasBefore {
			text += fmt.Sprintf(" before=%q", x.Before)
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
