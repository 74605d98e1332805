package zkview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// wide is an export with n znodes below its root.
func wide(tb testing.TB, n int) []byte {
	records := []Record{{Path: "/", Data: []byte("x")}}
	for i := range n {
		records = append(records, Record{Path: fmt.Sprintf("/n%05d", i), Data: fmt.Append(nil, i)})
	}
	return fileOf(tb, records...)
}

// TestAnswerOfATransactionIsLost cuts the connection after a server has carried a
// transaction out and before its answer arrives.
func TestAnswerOfATransactionIsLost(t *testing.T) {
	y := newYard(t)
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: proxy.Addr() + y.root, Timeout: 20 * time.Second})
	p := must(s.PlanImport(y.ctx, bytes.NewReader(wide(t, 2500)), ImportOptions{To: "/t"}))
	got := make(chan TransferReport, 1)
	proxy.StallAnswers()
	go func() {
		r, err := p.Apply(y.ctx, nil)
		if err != nil {
			t.Error(err)
		}
		got <- r
	}()
	eventually(t, "the first transaction", func() bool { return y.has("/t") })
	proxy.Heal() // closes what was stalled
	if r := <-got; r.Created != 2501 || !r.Complete() {
		t.Errorf("%+v", r)
	}
	stat := must(y.s.Stat(y.ctx, "/t"))
	if stat.NumChildren != 2500 || stat.Cversion != 2500 { // nothing was done twice
		t.Errorf("%+v", stat)
	}

	removal := must(s.PlanRemove(y.ctx, []PathVersion{{"/t", -1}}, nil))
	proxy.StallAnswers()
	removed := make(chan RemoveReport, 1)
	go func() {
		r, err := removal.Apply(y.ctx, nil)
		if err != nil {
			t.Error(err)
		}
		removed <- r
	}()
	eventually(t, "the first deletion", func() bool { return must(y.s.Stat(y.ctx, "/t")).NumChildren < 2500 })
	proxy.Heal()
	if r := <-removed; r.Deleted != 2501 || !r.Complete() || y.has("/t") {
		t.Errorf("%+v", r)
	}
}

// TestAnswerNeverComes gives up a transaction whose answer nobody can get.
func TestAnswerNeverComes(t *testing.T) {
	y := newYard(t)
	proxy := zktest.NewProxy(t, zktest.Shared(t))
	s := openTest(t, Config{Servers: proxy.Addr() + y.root, Timeout: 20 * time.Second})
	file := wide(t, 2500)
	p := must(s.PlanImport(y.ctx, bytes.NewReader(file), ImportOptions{To: "/t"}))
	proxy.StallAnswers()
	ctx, cancel := context.WithCancel(y.ctx)
	defer cancel()
	go func() {
		eventually(t, "the first transaction", func() bool { return y.has("/t") })
		proxy.Cut() // for good
		cancel()
	}()
	r, err := p.Apply(ctx, nil)
	if !errors.Is(err, ErrUnknownOutcome) || r.Unknown != 1000 || r.Created != 0 || r.NotAttempted != 1501 {
		t.Errorf("%+v, %v", r, err)
	}
	y.ctx = testCtx(t)
	again := y.apply(y.plan(file, ImportOptions{To: "/t"}))
	if again.Same != 1000 || again.Created != 1501 {
		t.Errorf("%+v", again)
	}
}

// ownServer is a yard on a server of its own, which may be killed.
func ownServer(t *testing.T) (*yard, *zktest.Server) {
	e := zktest.Start(t, 1)
	return yardOn(t, e.Addr(), ""), e.Servers()[0]
}

// once calls f the first time that progress tells of done znodes in a phase.
func onceAt(phase TransferPhase, done int64, f func()) func(TransferProgress) {
	var once sync.Once
	return func(p TransferProgress) {
		if p.Phase == phase && p.Done >= done {
			once.Do(f)
		}
	}
}

// TestServerIsKilled kills the server in the middle of every operation, and starts
// it again: each goes on and does its work once.
func TestServerIsKilled(t *testing.T) {
	y, server := ownServer(t)
	var restarting sync.WaitGroup
	t.Cleanup(restarting.Wait)
	restart := func() {
		restarting.Wait()
		server.Kill()
		restarting.Go(server.Restart)
	}
	y.ctx = context.Background()
	file := wide(t, 20_000)
	s := y.s
	r, err := must(s.PlanImport(y.ctx, bytes.NewReader(file), ImportOptions{To: "/t"})).
		Apply(y.ctx, onceAt(PhaseWriting, 1, restart))
	if err != nil || r.Created != 20_001 || !r.Complete() {
		t.Fatalf("import: %+v, %v", r, err)
	}
	if stat := must(s.Stat(y.ctx, "/t")); stat.NumChildren != 20_000 || stat.Cversion != 20_000 {
		t.Errorf("%+v", stat)
	}
	var out bytes.Buffer
	exported, err := s.Export(y.ctx, "/t", &out, ExportOptions{NoACL: true, Progress: onceAt(PhaseReading, 1, restart)})
	if err != nil || exported.Znodes != 20_001 || exported.Unread != 0 {
		t.Fatalf("export: %+v, %v", exported, err)
	}
	if all, err := readFile(&out, false); err != nil || len(all) != 20_001 {
		t.Errorf("%d records, %v", len(all), err)
	}
	p := must(s.PlanCopy(y.ctx, "/t", "/moved", CopyOptions{Move: true, ImportOptions: ImportOptions{NoACL: true}}))
	defer func() { _ = p.Close() }()
	r, err = p.Apply(y.ctx, onceAt(PhaseDeleting, 1, restart))
	if err != nil || r.Created != 20_001 || r.Deleted != 20_001 || !r.Complete() {
		t.Fatalf("move: %+v, %v", r, err)
	}
	removal := must(s.PlanRemove(y.ctx, []PathVersion{{"/moved", -1}}, nil))
	removed, err := removal.Apply(y.ctx, onceAt(PhaseDeleting, 1, restart))
	if err != nil || removed.Deleted != 20_001 || !removed.Complete() {
		t.Fatalf("remove: %+v, %v", removed, err)
	}
}

// TestCancelled ends every operation in its middle: what is reported is what is
// there, and doing it again completes it.
func TestCancelled(t *testing.T) {
	y := newYard(t)
	file := wide(t, 5000)
	ctx, cancel := context.WithCancel(y.ctx)
	r, err := y.plan(file, ImportOptions{To: "/t"}).Apply(ctx, onceAt(PhaseWriting, 1, cancel))
	there := int64(len(must2(y.s.Children(y.ctx, "/t")))) + 1
	if !errors.Is(err, context.Canceled) || r.Created != there || r.Created+r.NotAttempted != 5001 || r.Unknown != 0 {
		t.Errorf("%d there; %+v, %v", there, r, err)
	}
	if again := y.apply(y.plan(file, ImportOptions{To: "/t"})); again.Same != there || again.Created != 5001-there {
		t.Errorf("%+v", again)
	}

	ctx, cancel = context.WithCancel(y.ctx)
	var out bytes.Buffer
	_, err = y.s.Export(ctx, "/t", &out, ExportOptions{Progress: onceAt(PhaseReading, 1, cancel)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("export: %v", err)
	}
	if _, err := readFile(&out, true); err == nil {
		t.Error("the export that was cancelled reads as whole")
	}
	ctx, cancel = context.WithCancel(y.ctx)
	cancel()
	if _, err := y.s.PlanImport(ctx, bytes.NewReader(file), ImportOptions{To: "/t"}); !errors.Is(err, context.Canceled) {
		t.Errorf("plan: %v", err)
	}
	if _, err := Compare(ctx, Side{File: bytes.NewReader(file)}, Side{Session: y.s, Path: "/t"}, CompareOptions{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("compare: %v", err)
	}

	removal := must(y.s.PlanRemove(y.ctx, []PathVersion{{"/t", -1}}, nil))
	ctx, cancel = context.WithCancel(y.ctx)
	removed, err := removal.Apply(ctx, onceAt(PhaseDeleting, 1, cancel))
	there = int64(len(must2(y.s.Children(y.ctx, "/t")))) + 1
	if !errors.Is(err, context.Canceled) || removed.Remaining != there || removed.Deleted != 5001-there || removed.Unknown != 0 {
		t.Errorf("%d there; %+v, %v", there, removed, err)
	}
	if removed, err = removal.Apply(y.ctx, nil); err != nil || removed.Deleted != 5001 || !removed.Complete() || y.has("/t") {
		t.Errorf("%+v, %v", removed, err)
	}
}

func must2[T, U any](v T, _ U, err error) T { return must(v, err) }

// failingWriter takes n bytes.
type failingWriter struct{ n int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestDiskIsFull(t *testing.T) {
	y := newYard(t)
	y.fill("/a")
	y.put("/a/big", strings.Repeat("x", 900_000))
	if _, err := y.s.Export(y.ctx, "/a", &failingWriter{100_000}, ExportOptions{}); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Errorf("%v", err)
	}
}
