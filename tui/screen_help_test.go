package tui

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/go-zookeeper/zk"
	"go.uber.org/goleak"

	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl/lab"
	"zkdeck/zkview"
	"zkdeck/zkview/sandbox"
)

func TestMain(m *testing.M) {
	if servers := os.Getenv(asProgram); servers != "" {
		os.Exit(runAsProgram(servers))
	}
	zktest.StandIn(func() (zktest.Stand, error) { return sandbox.Start(sandbox.Options{}) })
	zktest.Main(m, screentest.IgnoreInputReader(),
		// chroma's regular expressions keep a clock for a second after their last use.
		goleak.IgnoreAnyFunction("github.com/dlclark/regexp2/v2.runClock"))
}

// asProgram makes the test binary run the screen itself, on the servers that it
// names, for the tests that need a real terminal and a real exit.
const asProgram = "TUI_RUN_PROGRAM"

func runAsProgram(servers string) int {
	sess, err := zkview.Open(zkview.Config{Servers: servers})
	if err != nil {
		return 2
	}
	o := Options{Session: sess, Title: "program", DraftDir: os.Getenv("TUI_DRAFTS")}
	if os.Getenv("TUI_PANIC") != "" {
		o.Now = func() time.Time { // in Update and in View
			if sess.Status().State == zkview.Connected {
				panic("asked for")
			}
			return time.Now()
		}
	}
	if os.Getenv("TUI_START") != "" {
		o.Session, o.Begin = nil, &Begin{Why: "Nothing is open.", Open: func(context.Context, Choice) (Opened, error) {
			return Opened{Session: sess, Title: "program", Sandbox: true}, nil
		}}
		defer sess.Close()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := Run(ctx, o); err != nil {
		return 1
	}
	return 0
}

// screen is zkdeck in a terminal, on a real server. Every frame that it draws is
// checked: see frames.
type screen struct {
	*screentest.Term
	t      *testing.T
	sess   *zkview.Session
	drafts string
	raw    *rawOutput
	model  *model
	close  func() // what Run does after the program has ended
}

// setup is how a screen is started.
type setup struct {
	cfg  zkview.Config
	opts Options
	tea  []tea.ProgramOption
	// board takes the place of the session's own, if it is not nil.
	board *fakeBoard
	// lab, if not nil, starts the runs of the lock lab.
	lab func(context.Context, lab.Options) (labRun, error)
}

// openScreen starts zkdeck on servers in a terminal of w x h.
func openScreen(t *testing.T, servers string, w, h int, change ...func(*setup)) *screen {
	t.Helper()
	s := &setup{cfg: zkview.Config{Servers: servers, Logger: slog.New(slog.DiscardHandler)}}
	profile := colorprofile.TrueColor
	s.opts = Options{Title: "test", Theme: "dark", DraftDir: filepath.Join(t.TempDir(), "drafts"), Profile: &profile}
	for _, f := range change {
		f(s)
	}
	sess, err := zkview.Open(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.opts.Session = sess
	ctx, cancel := context.WithCancel(context.Background())
	m := newModel(ctx, s.opts)
	if s.board != nil {
		m.locks.open = func() lockBoard { return s.board }
	}
	if s.lab != nil {
		m.lab.start = s.lab
	}
	end := sync.OnceFunc(func() {
		cancel()
		m.close()
		_ = sess.Close()
	})
	t.Cleanup(end)
	term := screentest.New(t, w, h)
	raw := &rawOutput{}
	term.Tap(raw.take)
	term.Start(&frames{model: m, t: t}, append([]tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(fps), tea.WithColorProfile(*s.opts.Profile)}, s.tea...)...)
	return &screen{Term: term, t: t, sess: sess, drafts: s.opts.DraftDir, raw: raw, model: m, close: end}
}

// heldBack is a latency that only the end of it ends.
const heldBack = time.Minute

// connect starts zkdeck on the shared server, with root as its "/", and waits until
// it is connected.
func connect(t *testing.T, root string, w, h int, change ...func(*setup)) *screen {
	t.Helper()
	s := openScreen(t, zktest.Shared(t)+root, w, h, change...)
	s.WaitForText("connected")
	return s
}

// frames is the model with a check of every frame: as many rows as the terminal
// has, each exactly as wide, and nothing in it but what draws and colours.
type frames struct {
	*model
	t      *testing.T
	w, h   int
	last   string // the frame checked last
	failed bool
}

func (f *frames) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		f.w, f.h = size.Width, size.Height
	}
	if mark, ok := msg.(settledMark); ok {
		close(mark.done)
		return f, nil
	}
	_, cmd := f.model.Update(msg)
	return f, cmd
}

func (f *frames) View() tea.View {
	v := f.model.View()
	if f.failed || f.w == 0 || v.Content == f.last {
		return v
	}
	f.last = v.Content
	if why := frameTrouble(v.Content, f.w, f.h, f.model.lay.tooSmall, f.model.opts.ASCII); why != "" {
		f.failed = true
		f.t.Errorf("a wrong frame: %s\n%q", why, v.Content)
	}
	return v
}

// frameTrouble says what is wrong with a frame; empty is nothing.
func frameTrouble(content string, w, h int, tooSmall, ascii bool) string {
	rows := strings.Split(content, "\n")
	if !tooSmall && len(rows) != h {
		return "it has " + itoa(int32(len(rows))) + " rows"
	}
	for i, row := range rows {
		if got := ansi.StringWidth(row); got > w || !tooSmall && got != w {
			return "row " + itoa(int32(i)) + " is " + itoa(int32(got)) + " wide: " + ansi.Strip(row)
		}
		state := byte(0)
		for rest := row; len(rest) > 0; {
			seq, width, n, next := ansi.DecodeSequence(rest, state, nil)
			rest, state = rest[n:], next
			switch {
			case width == 0 && strings.HasPrefix(seq, "\x1b[") && strings.HasSuffix(seq, "m"):
			case isMarks(seq): // on the ASCII character before, which comes by itself
			case !utf8.ValidString(seq):
				return "row " + itoa(int32(i)) + " has bytes that are no text"
			case ascii && seq[0] >= utf8.RuneSelf:
				return "row " + itoa(int32(i)) + " is not ASCII: " + seq
			case width == 0 || strings.ContainsFunc(seq, unsafeRune):
				return "row " + itoa(int32(i)) + " has a control or an invisible character " + strings.ToValidUTF8(seq, "?")
			}
		}
	}
	return ""
}

// isMarks tells that a text is nothing but combining marks.
func isMarks(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.In(r, unicode.Mn, unicode.Me) })
}

// unsafeRune tells what must not reach a terminal within a text.
func unsafeRune(r rune) bool {
	switch {
	case r == 0x200d || r == 0xfe0e || r == 0xfe0f: // within an emoji
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// rawOutput is what the program wrote, byte for byte.
type rawOutput struct {
	mu  sync.Mutex
	all []byte
}

func (r *rawOutput) take(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, p...)
}

func (r *rawOutput) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.all)
}

// lines are the rows of the screen.
func (s *screen) lines() []string { return strings.Split(s.Screen(), "\n") }

// row returns the first row of the screen that contains text.
func row(screen, text string) string {
	for _, l := range strings.Split(screen, "\n") {
		if strings.Contains(l, text) {
			return l
		}
	}
	return ""
}

// waitRow waits for a row of the screen with all the parts.
func (s *screen) waitRow(parts ...string) {
	s.t.Helper()
	s.WaitFor(func(screen string) bool {
		for _, l := range strings.Split(screen, "\n") {
			n := 0
			for _, p := range parts {
				if strings.Contains(l, p) {
					n++
				}
			}
			if n == len(parts) {
				return true
			}
		}
		return false
	}, "a row with "+strings.Join(parts, " and "))
}

// waitGone waits until none of the texts is on the screen.
func (s *screen) waitGone(texts ...string) {
	s.t.Helper()
	s.WaitFor(func(screen string) bool {
		for _, text := range texts {
			if strings.Contains(screen, text) {
				return false
			}
		}
		return true
	}, "the end of "+strings.Join(texts, ", "))
}

// goTo jumps to a path by the command bar and waits until it is selected, which
// the second line says.
func (s *screen) goTo(path string) {
	s.t.Helper()
	s.Type(":")
	s.WaitForText("complete")
	s.Type(path, "enter")
	s.WaitFor(func(screen string) bool { return strings.HasSuffix(s.lines()[1], path) }, path+" to be selected")
}

// selection is the line of the screen whose tree row has the selection's bar, -1
// when none has.
func selection(screen string) int {
	for y, l := range strings.Split(screen, "\n") {
		if y >= 3 && strings.HasPrefix(l, "▌") {
			return y
		}
	}
	return -1
}

// quit leaves by a key and checks that the terminal is as it was.
func (s *screen) quit(key string) {
	s.t.Helper()
	s.Type(key)
	if err := s.Wait(); err != nil {
		s.t.Errorf("the program ended with %v", err)
	}
	if left := s.LeftOn(); len(left) != 0 {
		s.t.Errorf("left on: %v", left)
	}
	s.close()
}

// client is another client of the same znodes.
type client struct {
	*zk.Conn
	t    *testing.T
	root string
}

// other connects another client whose paths are below root.
func other(t *testing.T, addr, root string) *client {
	t.Helper()
	return &client{zktest.Connect(t, addr), t, root}
}

func (c *client) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// make creates znodes with data.
func (c *client) make(data string, paths ...string) {
	c.t.Helper()
	for _, p := range paths {
		_, err := c.Create(c.root+p, []byte(data), 0, zk.WorldACL(zk.PermAll))
		c.must(err)
	}
}

func (c *client) set(path, data string) {
	c.t.Helper()
	_, err := c.Set(c.root+path, []byte(data), -1)
	c.must(err)
}

func (c *client) drop(paths ...string) {
	c.t.Helper()
	for _, p := range paths {
		c.must(c.Delete(c.root+p, -1))
	}
}

// wantData checks a value on the server.
func (c *client) wantData(path, want string) *zk.Stat {
	c.t.Helper()
	data, stat, err := c.Get(c.root + path)
	if err != nil || string(data) != want {
		c.t.Errorf("%s is %q, %v; want %q", path, data, err, want)
	}
	return stat
}

// wantNone checks that a znode does not exist.
func (c *client) wantNone(path string) {
	c.t.Helper()
	if ok, _, err := c.Exists(c.root + path); ok || err != nil {
		c.t.Errorf("%s is there: %v, %v", path, ok, err)
	}
}

// await waits until cond holds on the server.
func (c *client) await(what string, cond func() bool) {
	c.t.Helper()
	deadline := time.NewTimer(screentest.Deadline)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-deadline.C:
			c.t.Fatalf("in vain: %s", what)
		}
	}
}

// gone waits until a znode does not exist.
func (c *client) gone(path string) {
	c.t.Helper()
	c.await(path+" to go", func() bool {
		_, _, err := c.Get(c.root + path)
		return errors.Is(err, zk.ErrNoNode)
	})
}
