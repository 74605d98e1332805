package tui

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"zkdeck/internal/screentest"
	"zkdeck/zkview"
)

// opener is an Open that connects to one server whatever was chosen, and keeps
// count.
type opener struct {
	servers string
	fail    error         // what it answers instead
	hold    chan struct{} // if not nil, it waits for that
	deaf    bool          // and not for the end of its context
	began   chan Choice

	mu     sync.Mutex
	opened []*zkview.Session
	closed atomic.Int32
}

func newOpener(servers string) *opener {
	return &opener{servers: servers, began: make(chan Choice, 16)}
}

func (o *opener) open(ctx context.Context, c Choice) (Opened, error) {
	o.mu.Lock()
	hold, fail := o.hold, o.fail
	o.mu.Unlock()
	o.began <- c
	if hold != nil {
		ended := ctx.Done()
		if o.deaf {
			ended = nil
		}
		select {
		case <-hold:
		case <-ended:
			return Opened{}, ctx.Err()
		}
	}
	if fail != nil {
		return Opened{}, fail
	}
	sess, err := zkview.Open(zkview.Config{Servers: o.servers, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return Opened{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.opened = append(o.opened, sess)
	title := c.Text
	if c.Kind == ChoiceSandbox {
		title = "sandbox"
	}
	return Opened{Session: sess, Title: title, Sandbox: c.Kind == ChoiceSandbox, Close: func() {
		if sess.Status().State != zkview.Closed {
			panic("what belongs to a session was closed before it")
		}
		o.closed.Add(1)
	}}, nil
}

// set changes what the next Open does.
func (o *opener) set(fail error, hold chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fail, o.hold = fail, hold
}

// wantClosed checks that everything opened was closed, once.
func (o *opener) wantClosed(t *testing.T, n int) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.opened) != n || int(o.closed.Load()) != n {
		t.Errorf("%d were opened and %d closed; want %d", len(o.opened), o.closed.Load(), n)
	}
	for _, s := range o.opened {
		if s.Status().State != zkview.Closed {
			t.Error("a session is open")
		}
	}
}

// appScreen is the whole program in a terminal.
type appScreen struct {
	*screen
	app   *app
	said  func() []string
	marks chan struct{}
}

// settle waits until everything that was typed has been taken.
func (s *appScreen) settle() {
	s.t.Helper()
	s.Type("f12")
	<-s.marks
}

// appFrames checks every frame of an app.
type appFrames struct {
	*app
	t      *testing.T
	marks  chan struct{} // gets a value for every f12
	w, h   int
	failed bool
}

func (f *appFrames) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		f.w, f.h = size.Width, size.Height
	}
	if k, ok := msg.(tea.KeyPressMsg); ok && k.Code == tea.KeyF12 {
		f.marks <- struct{}{}
		return f, nil
	}
	_, cmd := f.app.Update(msg)
	return f, cmd
}

func (f *appFrames) View() tea.View {
	v := f.app.View()
	if f.failed || f.w == 0 {
		return v
	}
	if why := frameTrouble(v.Content, f.w, f.h, f.w < minWidth || f.h < minHeight, f.opts.ASCII); why != "" {
		f.failed = true
		f.t.Errorf("a wrong frame: %s\n%q", why, v.Content)
	}
	return v
}

// beginOptions are those of a program that begins without a session.
func beginOptions(t *testing.T, o *opener, change ...func(*Options)) Options {
	t.Helper()
	profile := colorprofile.TrueColor
	opts := Options{Theme: "dark", DraftDir: filepath.Join(t.TempDir(), "drafts"), Profile: &profile, patience: screentest.Deadline, Begin: &Begin{
		Why:    "Nothing answers at 127.0.0.1:2181.",
		Recent: []string{"zk-1.example:2181,zk-2.example:2181/app", "127.0.0.1:2182"},
		Profiles: []BeginProfile{
			{"prod-eu", "zk-1:2181,zk-2:2181,zk-3:2181", true},
			{"dev", "127.0.0.1:2181", false},
		},
		Open: o.open,
	}}
	for _, f := range change {
		f(&opts)
	}
	return opts
}

// begin starts the program without a session.
func begin(t *testing.T, o *opener, w, h int, change ...func(*Options)) *appScreen {
	t.Helper()
	opts := beginOptions(t, o, change...)
	a := newApp(context.Background(), opts)
	said := sync.OnceValue(a.end)
	t.Cleanup(func() { said() })
	term := screentest.New(t, w, h)
	raw := &rawOutput{}
	term.Tap(raw.take)
	marks := make(chan struct{}, 1)
	term.Start(&appFrames{app: a, t: t, marks: marks}, tea.WithFPS(fps), tea.WithColorProfile(*opts.Profile))
	s := &appScreen{screen: &screen{Term: term, t: t, drafts: opts.DraftDir, raw: raw}, app: a, said: said, marks: marks}
	s.close = func() { said() }
	return s
}
