package tui

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
	"zkdeck/zkview/sandbox"
)

// openLock opens the lock at path in screen 2.
func (s *screen) openLock(path string) {
	s.t.Helper()
	s.Type("2", "/", path, "enter")
	s.WaitForText("1 row")
	s.Type("enter")
	s.WaitForText("esc all locks", path)
}

// dialogText is what the dialog on a screen says, its lines joined; "" where there is none.
func dialogText(screen string) string {
	var words []string
	from, to := -1, -1
	for _, l := range strings.Split(screen, "\n") {
		cells := []rune(l)
		switch {
		case from < 0:
			from, to = slices.Index(cells, '╭'), slices.Index(cells, '╮')
			if from >= 0 {
				words = append(words, string(cells[from:to]))
			}
		case len(cells) <= to || cells[from] != '│':
			return strings.Join(words, " ")
		default:
			words = append(words, strings.Fields(string(cells[from+1:to]))...)
		}
	}
	return strings.Join(words, " ")
}

// waitDialog waits for the dialog about a lock to say all the parts, with all that the
// servers had to answer.
func (s *screen) waitDialog(title string, parts ...string) {
	s.t.Helper()
	s.WaitFor(func(screen string) bool {
		text := dialogText(screen)
		for _, p := range append(parts, "─ "+title) {
			if !strings.Contains(text, p) {
				return false
			}
		}
		return !strings.Contains(text, "being asked")
	}, "the dialog "+title+" with "+strings.Join(parts, " and "))
}

// heard waits for what was said on the message line, also if it has left it.
func (s *screen) heard(text string) {
	s.t.Helper()
	s.command("messages")
	s.WaitForText("─ Messages", text)
	s.Type("esc")
	s.waitGone("─ Messages")
}

// safeBuffer is a log that two goroutines may look at.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// A lock that another client holds is broken, a waiter is taken out of its queue, and
// both are in the operations log and in the log file.
func TestScreenBreaks(t *testing.T) {
	t.Parallel()
	root, addr := zktest.Root(t), zktest.Shared(t)
	var log safeBuffer
	var all []*client
	for range 4 {
		all = append(all, other(t, addr, root))
	}
	all[0].make("", "/jobs-lock")
	var nodes []string
	before := ""
	for i, c := range all {
		before = c.queue("/jobs-lock", fmt.Sprintf(mutexName, i), fmt.Sprint("worker-", i), before)
		nodes = append(nodes, before)
	}
	s := connect(t, root, 120, 36, func(s *setup) { s.opts.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	s.openLock("/jobs-lock")
	s.waitRow("● 0000000000", "worker-0")
	s.Type("B")
	s.waitDialog("Break /jobs-lock", "Delete the znode of worker-0 (0000000000), who holds /jobs-lock?", "lives and is connected",
		"Then worker-1 (0000000001) is the first in the queue and holds the lock.", "Curator does not tell it", "Type jobs-lock to break it:")
	s.Type("enter") // Cancel has the focus
	s.waitGone("─ Break")
	s.Type("B")
	s.waitDialog("Break /jobs-lock")
	s.Type("jobs", "tab", "enter")
	s.waitDialog("Break", "type jobs-lock first")
	s.Type("-lock", "enter")
	s.waitDialog("Break", "the znode of worker-0 (0000000000) was deleted.", "Now worker-1 (0000000001) holds the lock.")
	all[0].wantNone(nodes[0])
	all[1].wantData(nodes[1], "worker-1")
	s.Type("enter")
	s.waitGone("─ Break")
	s.waitRow("● 0000000001", "worker-1")

	s.Type("G", "B")
	s.waitDialog("Remove a waiter of /jobs-lock", "waiter worker-3", "queues anew at the end", "As before worker-1 (0000000001) holds the lock")
	s.Type("jobs-lock", "tab", "enter")
	s.waitDialog("Remove", "the znode of worker-3 (0000000003) was deleted.")
	all[3].wantNone(nodes[3])
	s.Type("esc")
	s.waitGone("─ Remove")

	s.Type("ctrl+o")
	s.WaitForText("─ Operations")
	s.Type("/", "break lock", "enter")
	s.waitRow("break lock", "lock-0000000000", "deleted")
	s.waitRow("break lock", "of worker-0, session 0x", "czxid 0x")
	s.waitRow("break lock", "by ", ownIdentity())
	s.Type("esc", "/", "remove waiter", "enter")
	s.waitRow("remove waiter", "lock-0000000003", "deleted")
	s.Type("esc", "esc")
	s.waitGone("─ Operations")
	for _, want := range []string{`msg="break lock" lock=/jobs-lock znode=` + nodes[0], "identity=worker-0", "result=deleted", `msg="remove waiter"`, "by=\"" + ownIdentity()} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log file lacks %q:\n%s", want, log.String())
		}
	}
	s.quit("q")
}

// A holder that watches its own znode is asked back and lets go; one that does not is
// said not to listen.
func TestScreenAsksBack(t *testing.T) {
	t.Parallel()
	root, addr := zktest.Root(t), zktest.Shared(t)
	a, b := other(t, addr, root), other(t, addr, root)
	a.make("", "/jobs-lock")
	held := a.queue("/jobs-lock", fmt.Sprintf(mutexName, 1), "worker-0", "")
	next := b.queue("/jobs-lock", fmt.Sprintf(mutexName, 2), "worker-1", held)
	_, _, word, err := a.GetW(root + held)
	a.must(err)
	s := connect(t, root, 120, 36)
	s.openLock("/jobs-lock")
	s.waitRow("└ 0000000001", "worker-1")
	s.Type("A")
	s.waitDialog("Ask back /jobs-lock", "__REVOKE__ is written into its znode", "It listens: its session watches its znode")
	s.Type("tab", "enter")
	s.waitDialog("Ask back", "__REVOKE__ was written into the znode of worker-0", "The word stands there, and it has not let go so far.")
	if e := <-word; e.Type != zk.EventNodeDataChanged {
		t.Fatalf("the holder was told %+v", e)
	}
	a.wantData(held, "__REVOKE__")
	a.drop(held)
	s.waitDialog("Ask back", "It let go at", "Now worker-1 (0000000001) holds the lock.")
	s.Type("enter")
	s.waitGone("─ Ask back")
	s.waitRow("● 0000000001", "worker-1")
	s.Type("g", "A")
	s.waitDialog("Ask back /jobs-lock", "It does not listen")
	s.Type("shift+tab", "enter")
	s.waitDialog("Break /jobs-lock", "who holds /jobs-lock?")
	s.Type("esc")
	s.waitGone("─ Break")
	b.wantData(next, "worker-1")
	s.Type("ctrl+o")
	s.WaitForText("─ Operations")
	s.Type("/", "ask back", "enter")
	s.waitRow("ask back", "lock-0000000000", "wrote __REVOKE__")
	s.Type("esc", "esc")
	s.waitGone("─ Operations")
	s.quit("q")
}

// From the table and the command bar too; what cannot be acted on is said.
func TestScreenActsElsewhere(t *testing.T) {
	t.Parallel()
	root, addr := zktest.Root(t), zktest.Shared(t)
	a, b := other(t, addr, root), other(t, addr, root)
	a.make("", "/price", "/uk", "/uk/lock", "/plain")
	a.queue("/price", fmt.Sprintf(readName, 1), "r1", "")
	reader := b.queue("/price", fmt.Sprintf(readName, 2), "r2", "")
	held := a.queue("/uk/lock", "lock_id_", "1700000000.1", "")
	waits := b.queue("/uk/lock", "lock_id_", "1700000000.2", held)
	s := connect(t, root, 120, 36)
	command := func(line string) {
		s.Type(":")
		s.WaitForText("esc close")
		s.Type(line, "enter")
	}
	command("break /plain")
	s.heard("No lock and no contender is known at /plain; 2 lists the locks")
	s.Type("2")
	s.lockLine("/uk/lock", "naive")
	s.lockLine("/price", "2 readers")
	s.Type("/", "/price", "enter")
	s.WaitForText("1 row")
	s.Type("B")
	s.heard("2 hold it: open it, and select one of them")
	command("break " + reader)
	s.waitDialog("Break /price", "who holds /price?", "holder r2", "Nobody else gets in by this; r1 (0000000000) holds the lock still.")
	s.Type("esc")
	s.waitGone("─ Break")
	command("ask " + waits)
	s.heard("It waits, and has nothing to give back; B removes it from the queue")
	command("ask /uk/lock")
	s.waitDialog("Ask back /uk/lock", "clients of naive do not know such a thing")
	s.Type("esc")
	s.waitGone("─ Ask back")
	s.Type("1")
	command("/uk/lock")
	s.waitPlace("/uk/lock")
	command("break")
	s.waitDialog("Break /uk/lock", "is the first in the queue and holds the lock.")
	a.drop(held)
	s.waitDialog("Break", "is gone from the queue by itself")
	s.Type("enter")
	s.waitGone("─ Break")
	b.wantData(waits, "1700000000.2")
	s.quit("q")
}

// What is our own is not broken: the panel opens, where it is released.
func TestScreenReleasesItsOwn(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	a := other(t, zktest.Shared(t), root)
	a.make("", "/jobs-lock")
	s := connect(t, root, 120, 36)
	s.Type(":")
	s.WaitForText("esc close")
	s.Type("lock /jobs-lock", "enter")
	s.WaitForText("─ Lock /jobs-lock", "Acquire")
	s.Type("enter")
	s.waitDialog("Lock /jobs-lock", "held", "Release")
	s.Type("esc")
	s.waitGone("─ Lock /jobs-lock")
	s.openLock("/jobs-lock")
	s.waitRow("● 0000000000", "you")
	for _, key := range []string{"B", "A"} {
		s.Type(key)
		s.waitDialog("Lock /jobs-lock", "held", "Release")
		s.Type("esc")
		s.waitGone("─ Lock /jobs-lock")
	}
	s.Type(":")
	s.WaitForText("esc close")
	s.Type("release /jobs-lock", "enter")
	a.await("the release", func() bool {
		names, _, err := a.Children(root + "/jobs-lock")
		a.must(err)
		return len(names) == 0
	})
	s.quit("q")
}

// Names and values that mean harm: a lock of such a name is broken by typing it as it
// is shown.
func TestScreenBreaksWhatIsHostile(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	a, b := other(t, server.Addr(), ""), other(t, server.Addr(), "")
	evil := "/evil\u202e lock"
	wide := "/" + strings.Repeat("wide", 500)
	a.make("", evil, wide, "/שלום-lock")
	held := a.queue(evil, fmt.Sprintf(mutexName, 1), "\x1b]0;pwned\x07\x1b[2J\u202e"+strings.Repeat("سلام ", 2000), "")
	next := b.queue(evil, fmt.Sprintf(mutexName, 2), "\xff\xfe\x00", held)
	long := a.queue(wide, fmt.Sprintf(mutexName, 1), strings.Repeat("x", 10<<10), "")
	rtl := a.queue("/שלום-lock", fmt.Sprintf(mutexName, 1), "שלום", "")
	s := openScreen(t, server.Addr(), 80, 24)
	s.WaitForText("connected")
	command := func(line string) {
		s.Type(":")
		s.WaitForText("esc close")
		s.Paste(line)
		s.Type("enter")
	}
	s.Type("2")
	s.WaitForText("3 locks", "searched at")
	command("ask " + held)
	s.waitDialog("Ask back /evil", `\x1b]0;pwned\x07\x1b[2J\u202e`)
	s.Type("esc")
	s.waitGone("─ Ask")
	command("break " + held)
	s.waitDialog("Break /evil", `Type evil\u202e lock to break it:`)
	s.Type(`evil\u202e lock`, "tab", "enter")
	s.waitDialog("Break /evil", "was deleted.", "Now ", "(0000000001) holds the lock.")
	a.wantNone(held)
	b.wantData(next, "\xff\xfe\x00")
	s.Type("enter")
	s.waitGone("─ Break")
	command("break " + long)
	s.waitDialog("Break /wide", "Type 0x", "to break it:")
	stat := a.wantData(long, strings.Repeat("x", 10<<10))
	s.Type(zxid(stat.Czxid), "tab", "enter")
	s.waitDialog("Break /wide", "was deleted.", "Now nobody has")
	a.wantNone(long)
	s.Type("enter")
	s.waitGone("─ Break")
	command("break " + rtl)
	s.waitDialog("Break /")
	s.Paste("שלום-lock")
	s.Type("tab", "enter")
	s.waitDialog("Break /", "was deleted.", "Now nobody has")
	a.wantNone(rtl)
	s.Type("esc", "ctrl+o", "/", "break lock", "enter")
	s.waitRow("break lock", "of ", `\x1b]0;pwned`)
	s.Type("esc", "esc")
	s.quit("q")
}

// In a read-only session both keys say so, and the help has neither.
func TestScreenActsReadOnly(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	a := other(t, zktest.Shared(t), root)
	a.make("", "/jobs-lock")
	held := a.queue("/jobs-lock", fmt.Sprintf(mutexName, 1), "worker-0", "")
	s := connect(t, root, 120, 90, func(s *setup) { s.cfg.ReadOnly = true })
	s.openLock("/jobs-lock")
	s.waitRow("● 0000000000", "worker-0")
	for _, key := range []string{"A", "B"} {
		s.Type(key)
		s.settle()
		if strings.Contains(s.Screen(), "╭") {
			t.Errorf("%s opens a dialog:\n%s", key, s.Screen())
		}
	}
	s.heard("This session is read-only")
	if footer := s.lines()[89]; strings.Contains(footer, "break") || strings.Contains(footer, "ask back") {
		t.Errorf("the footer offers to write: %s", footer)
	}
	s.Type("?")
	s.WaitForText("─ Keys ─")
	for _, gone := range []string{"break a lock", "ask who holds"} {
		if strings.Contains(s.Screen(), gone) {
			t.Errorf("the help has %q", gone)
		}
	}
	s.Type("esc")
	s.waitGone("─ Keys ─")
	s.quit("q")
	a.wantData(held, "worker-0")
}

// What the session's hands do, and refuse, on a real server.
func TestHandsOnARealServer(t *testing.T) {
	t.Parallel()
	root, addr := zktest.Root(t), zktest.Shared(t)
	a := other(t, addr, root)
	a.make("", "/jobs-lock", "/closed")
	open := func(cfg zkview.Config) *sessionHands {
		cfg.Servers = addr + root
		s, err := zkview.Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return &sessionHands{s, nil}
	}
	h, ctx := open(zkview.Config{}), t.Context()
	want := func(what string, err, is error) {
		t.Helper()
		if !errors.Is(err, is) {
			t.Errorf("%s: %v, want %v", what, err, is)
		}
	}
	held := a.queue("/jobs-lock", fmt.Sprintf(mutexName, 1), "worker-0", "")
	stat, err := h.Stat(ctx, held)
	a.must(err)
	if stat.EphemeralOwner == 0 || stat.Czxid == 0 {
		t.Errorf("its Stat is %+v", stat)
	}
	want("another czxid", h.Break(ctx, held, stat.Czxid-1), lockctl.ErrReplaced)
	a.wantData(held, "worker-0")
	c := lockctl.Contender{Dir: "/jobs-lock", Node: lastPart(held), Recipe: lockctl.CuratorMutex, Stat: stat}
	reader := open(zkview.Config{ReadOnly: true})
	want("read-only", reader.Break(ctx, held, stat.Czxid), lockctl.ErrReadOnly)
	want("read-only", reader.AskBack(ctx, c), lockctl.ErrReadOnly)
	a.wantData(held, "worker-0")
	want("to ask", h.AskBack(ctx, c), nil)
	a.wantData(held, "__REVOKE__")
	want("to ask for a version that is gone", h.AskBack(ctx, c), lockctl.ErrChanged)
	want("to break", h.Break(ctx, held, stat.Czxid), nil)
	a.wantNone(held)
	want("what is gone", h.Break(ctx, held, stat.Czxid), lockctl.ErrGone)
	want("what is gone", h.AskBack(ctx, c), lockctl.ErrGone)

	kept := a.queue("/closed", fmt.Sprintf(mutexName, 1), "worker-1", "")
	_, err = a.SetACL(root+"/closed", zk.WorldACL(zk.PermRead|zk.PermAdmin), -1)
	a.must(err)
	stat, err = h.Stat(ctx, kept)
	a.must(err)
	want("what may not be deleted", h.Break(ctx, kept, stat.Czxid), lockctl.ErrDenied)
	a.wantData(kept, "worker-1")
	answers, err := h.Ask(ctx)
	a.must(err)
	if !answers.Cluster.Sessions[stat.EphemeralOwner] || !answers.Cluster.AllWatches {
		t.Errorf("the servers say of %d %+v", stat.EphemeralOwner, answers)
	}
}
