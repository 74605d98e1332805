package tui

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"zkdeck/internal/zktest"
	"zkdeck/zkview"
)

// running opens the sandbox of o and waits for it.
func runningApp(t *testing.T, o *opener) *appScreen {
	t.Helper()
	s := begin(t, o, 100, 24)
	s.Type("enter")
	s.WaitForText("● connected")
	<-o.began
	return s
}

// The start screen opens over a session, and esc goes back to it.
func TestConnectComesBack(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	other(t, zktest.Shared(t), root).make("x", "/hello")
	o := newOpener(zktest.Shared(t) + root)
	s := runningApp(t, o)
	s.WaitForText("hello")
	s.Type(":", "connect", "enter")
	s.WaitForText("Open another", "The session with sandbox stays open until another is there", "● connected", "esc back")
	s.Type("esc")
	s.WaitForText("hello", "1 Tree")
	s.Type(":", "connect", "enter")
	s.WaitForText("Open another")
	s.quit("q")
	o.wantClosed(t, 1)
}

// The session before is closed once another is there, and not sooner.
func TestConnectOpensAnother(t *testing.T) {
	t.Parallel()
	one, two := zktest.Root(t), zktest.Root(t)
	other(t, zktest.Shared(t), one).make("x", "/in-one")
	c := other(t, zktest.Shared(t), two)
	c.make("x", "/in-two")
	o := newOpener(zktest.Shared(t) + one)
	s := runningApp(t, o)
	s.WaitForText("in-one")
	s.Type(":", "theme light", "enter")

	hold := make(chan struct{})
	o.set(nil, hold)
	o.servers = zktest.Shared(t) + two
	s.Type(":", "connect zk-7:2181/two", "enter")
	s.WaitForText("Connecting to zk-7:2181/two …", "● connected")
	if o.closed.Load() != 0 {
		t.Error("the session was closed before another was there")
	}
	close(hold)
	s.WaitForText("in-two", "zk-7:2181/two")
	s.waitGone("in-one", "sandbox")
	c.await("the session before to be closed", func() bool { return o.closed.Load() == 1 })
	if s.app.main.dark {
		t.Error("the theme is another one")
	}
	// The lines of the command bar are still known, and so is what was opened.
	s.Type(":", "up", "up")
	s.WaitForText(":theme light")
	s.Type("esc", ":", "connect", "enter")
	s.WaitForText("zk-7:2181/two", "Recent")
	s.Type("esc")
	s.quit("q")
	o.wantClosed(t, 2)
}

func TestConnectSaysWhatItCannotOpen(t *testing.T) {
	t.Parallel()
	o := newOpener(zktest.Shared(t) + zktest.Root(t))
	s := runningApp(t, o)
	s.Type(":", "connect http://x", "enter")
	s.WaitForText("not a URL", "Connect to  http://x")
	s.Type("esc", "esc")
	s.WaitForText("1 Tree")

	o.set(errors.New("the server is not there"), nil)
	s.Type(":", "connect d", "tab", "enter")
	s.WaitForText("The server is not there")
	if c := <-o.began; c != (Choice{ChoiceProfile, "dev"}) {
		t.Errorf("opened %+v", c)
	}
	s.Type("esc")
	s.WaitForText("1 Tree", "● connected")
	s.Type(":", "connect sandbox", "enter")
	s.WaitForText("The server is not there")
	if c := <-o.began; c != (Choice{Kind: ChoiceSandbox}) {
		t.Errorf("opened %+v", c)
	}
	s.quit("ctrl+c")
	o.wantClosed(t, 1)
}

// A session that has given way to another saves what was typed and not saved.
func TestConnectSavesDrafts(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	other(t, zktest.Shared(t), root).make("old", "/doc")
	o := newOpener(zktest.Shared(t) + root)
	s := runningApp(t, o)
	s.goTo("/doc")
	s.Type("e")
	s.WaitForText("Edit /doc")
	s.Type("typed ")
	s.WaitForText("typed old")
	// No key leads here: a dialog is in front of the command bar.
	s.Send(ownedMsg{s.app.main.gen, connectMsg{"zk-7"}})
	s.WaitForText("What you typed and did not save is in /", "zk-7")
	s.quit("q")
	o.wantClosed(t, 2)
	if said := strings.Join(s.said(), "\n"); !strings.Contains(said, s.drafts) {
		t.Errorf("the draft is told as %q", said)
	}
	if files, err := os.ReadDir(s.drafts); err != nil || len(files) != 1 {
		t.Errorf("the drafts are %v, %v", files, err)
	}
}

func TestConnectNeedsABegin(t *testing.T) {
	t.Parallel()
	s := connect(t, zktest.Root(t), 80, 24)
	s.Type(":", "connect zk-1", "enter")
	s.WaitForText("Only this session can be opened here")
	s.quit("q")
}

// Messages of a session that has given way reach nobody; those of Bubble Tea pass as
// they are, and batches and sequences stay what they are.
func TestOwnedMessages(t *testing.T) {
	t.Parallel()
	one := func() tea.Msg { return jumpMsg{"/a"} }
	two := func() tea.Msg { return jumpMsg{"/b"} }
	if got := ownedBy(3, one)(); got != (ownedMsg{3, jumpMsg{"/a"}}) {
		t.Errorf("owned as %v", got)
	}
	if got := ownedBy(3, tea.Quit)(); got != (tea.QuitMsg{}) {
		t.Errorf("quit became %T", got)
	}
	if got := ownedBy(3, func() tea.Msg { return nil })(); got != nil {
		t.Errorf("nothing became %v", got)
	}
	for name, cmd := range map[string]tea.Cmd{"batch": tea.Batch(one, two), "sequence": tea.Sequence(one, two)} {
		got := ownedBy(3, cmd)()
		if want := cmd(); reflect.TypeOf(got) != reflect.TypeOf(want) {
			t.Errorf("a %s became %T, not %T", name, got, want)
		}
		if got := flatten(got); !reflect.DeepEqual(got, []tea.Msg{ownedMsg{3, jumpMsg{"/a"}}, ownedMsg{3, jumpMsg{"/b"}}}) {
			t.Errorf("the %s is %v", name, got)
		}
	}
	sess, err := zkview.Open(zkview.Config{Servers: refusing(t)})
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(t.Context(), Options{Session: sess, Title: "x"})
	defer a.end()
	a.Update(ownedMsg{a.main.gen + 1, flashMsg{levelBad, "of another"}})
	a.Update(ownedMsg{a.main.gen, flashMsg{levelBad, "of this one"}})
	if past := a.main.said.past; len(past) != 1 || past[0].text != "Of this one" {
		t.Errorf("said %v", past)
	}
}

// Who waits for what has never answered is told how to open another.
func TestConnectIsTheWayOutOfWaiting(t *testing.T) {
	t.Parallel()
	sess, err := zkview.Open(zkview.Config{Servers: refusing(t)})
	if err != nil {
		t.Fatal(err)
	}
	opts := beginOptions(t, newOpener(""))
	opts.Session, opts.Title = sess, "x"
	a := newApp(t.Context(), opts)
	defer a.end()
	for width, told := range map[int]bool{100: true, 40: false} {
		a.Update(tea.WindowSizeMsg{Width: width, Height: 24})
		a.main.header.status = zkview.Status{State: zkview.Connecting, Why: "connection refused by 127.0.0.1:1"}
		got := ansi.Strip(a.View().Content)
		if !strings.Contains(got, "Connection refused by") || strings.Contains(got, ":connect opens another") != told {
			t.Errorf("%d cells wide:\n%s", width, got)
		}
	}
	a.main.header.status.Generation = 1 // it was there, and comes back
	a.Update(tea.WindowSizeMsg{Width: 100, Height: 24})
	if got := ansi.Strip(a.View().Content); strings.Contains(got, ":connect") {
		t.Errorf("of a cluster that was there:\n%s", got)
	}
}
