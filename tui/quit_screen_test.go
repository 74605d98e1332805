package tui

import (
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest"
	"zkdeck/internal/zktest/seed"
)

// listening is a port that accepts and answers the first bytes with text, or never.
func listening(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			if text == "" {
				continue
			}
			if _, err := c.Read(make([]byte, 100)); err == nil {
				_, _ = io.WriteString(c, text) // the other side may be gone
			}
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// refusing is a port on which nothing listens.
func refusing(t *testing.T) string {
	t.Helper()
	p := zktest.NewProxy(t, "127.0.0.1:1")
	p.Cut()
	return p.Addr()
}

// patient has the end of the program wait for what runs however long that takes here.
func patient(s *setup) { s.opts.patience = screentest.Deadline }

func TestScreenSaysWhatAnswersInstead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ addr, says string }{
		"http":     {listening(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), "answers, but speaks HTTP"},
		"silent":   {listening(t, ""), "accepts connections, but says nothing"},
		"refusing": {refusing(t), "onnection refused by 127.0.0.1:"},
		"unknown":  {"no-such-host.invalid:2181", "no-such-host.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openScreen(t, test.addr, 100, 24)
			s.WaitForText("◌ connecting")
			s.WaitForText(test.says)
			s.quit("q")
		})
	}
}

func TestScreenQuitInEveryState(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make(strings.Repeat("big ", 100_000), "/big")
	c.must(seed.Wide(t.Context(), c.Conn, root+"/wide", 600))
	for name, test := range map[string]func(s *screen, p *zktest.Proxy){
		"at once":   func(*screen, *zktest.Proxy) {},
		"connected": func(s *screen, _ *zktest.Proxy) { s.WaitForText("connected") },
		"suspended": func(s *screen, p *zktest.Proxy) { s.WaitForText("connected"); p.Cut(); s.WaitForText("suspended") },
		"stalled":   func(s *screen, p *zktest.Proxy) { s.WaitForText("connected"); p.Stall(); s.Type("r") },
		"in a dialog": func(s *screen, _ *zktest.Proxy) {
			s.WaitForText("connected")
			s.Type("?")
			s.WaitForText("─ Keys ─")
		},
		"in a filter": func(s *screen, _ *zktest.Proxy) {
			s.WaitForText("connected")
			s.Type("/", "x")
			s.WaitForText("keep")
		},
		"loading a value": func(s *screen, p *zktest.Proxy) {
			s.WaitForText("connected")
			s.goTo("/big")
			s.WaitForText("is not loaded")
			p.Stall()
			s.Type("o")
			s.WaitForText("loading")
		},
		"deleting": func(s *screen, p *zktest.Proxy) {
			s.WaitForText("connected")
			s.goTo("/wide")
			s.Type("d")
			s.WaitForText("600 znodes below it")
			p.Stall()
			s.Type("wide", "tab", "enter")
			s.WaitForText("Deleting:")
		},
	} {
		for _, key := range []string{"q", "ctrl+c"} {
			if key == "q" && (strings.HasPrefix(name, "in a ") || name == "deleting") {
				continue // there it is a letter
			}
			t.Run(name+" "+key, func(t *testing.T) {
				t.Parallel()
				p := zktest.NewProxy(t, zktest.Shared(t))
				s := openScreen(t, p.Addr()+root, 100, 24)
				test(s, p)
				took := awake()
				s.quit(key)
				if took := took(); took > 3*time.Second {
					t.Errorf("leaving took %v", took)
				}
			})
		}
	}
}

// awake begins to measure time on a clock that stands still while this process is not
// let run: it counts steps of the timers that it gets. Its end is the time since then.
func awake() func() time.Duration {
	const step = 5 * time.Millisecond
	stop, steps := make(chan struct{}), make(chan int)
	go func() {
		ticks := time.NewTicker(step)
		defer ticks.Stop()
		for n := 0; ; n++ {
			select {
			case <-ticks.C: // those that were missed come as one
			case <-stop:
				steps <- n
				return
			}
		}
	}()
	return func() time.Duration {
		close(stop)
		return time.Duration(<-steps) * step
	}
}

// program runs the screen as a program of its own in a pseudo-terminal.
func program(t *testing.T, servers string, env ...string) (*screentest.Term, *rawOutput) {
	t.Helper()
	term := screentest.New(t, 120, 30)
	raw := &rawOutput{}
	term.Tap(raw.take)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), screentest.Env()...), asProgram+"="+servers, "TUI_DRAFTS="+t.TempDir())
	cmd.Env = append(cmd.Env, env...)
	term.StartCommand(cmd)
	return term, raw
}

func TestScreenProgramLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("old", "/doc")
	left := func(t *testing.T, term *screentest.Term) {
		t.Helper()
		if on := term.LeftOn(); len(on) != 0 {
			t.Errorf("left on: %v", on)
		}
	}
	t.Run("a draft is told after the screen is gone", func(t *testing.T) {
		term, _ := program(t, zktest.Shared(t)+root)
		term.WaitForText("connected", "doc")
		term.Type("down", "e")
		term.WaitForText("Edit /doc")
		term.Type("typed ")
		term.WaitForText("typed old")
		term.Type("ctrl+c")
		if err := term.Wait(); err != nil {
			t.Error(err)
		}
		left(t, term)
		if !strings.Contains(term.Screen(), "What you typed and did not save is in /") {
			t.Errorf("the draft is not told:\n%s", term.Screen())
		}
	})
	t.Run("SIGTERM", func(t *testing.T) {
		term, _ := program(t, zktest.Shared(t)+root)
		term.WaitForText("connected")
		if err := term.Quit(); err != nil {
			t.Errorf("ended with %v", err)
		}
		left(t, term)
	})
	t.Run("panic", func(t *testing.T) {
		term, _ := program(t, zktest.Shared(t)+root, "TUI_PANIC=1")
		if err := term.Wait(); err == nil {
			t.Error("a panic ended well")
		}
		left(t, term)
	})
}

// colour is an SGR sequence that sets a colour of 256 or of 16 million, or any.
var (
	richColour = regexp.MustCompile(`\x1b\[([0-9;]*;)?[34]8[;:][25][;:0-9]*m`)
	anyColour  = regexp.MustCompile(`\x1b\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])([;:][0-9;:]*)?m`)
)

func TestScreenProgramColours(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make(`{"a": 1}`, "/doc")
	for name, test := range map[string]struct {
		env        []string
		rich, some bool
	}{
		"true colour": {nil, true, true},
		"16":          {[]string{"TERM=xterm", "COLORTERM="}, false, true},
		"NO_COLOR":    {[]string{"NO_COLOR=1"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			term, raw := program(t, zktest.Shared(t)+root, test.env...)
			term.WaitForText("connected", "doc")
			term.Type("down")
			term.WaitForText("JSON")
			term.Type("d")
			term.WaitForText("Delete /doc?")
			term.Type("esc", "q")
			if err := term.Wait(); err != nil {
				t.Error(err)
			}
			if got := richColour.MatchString(raw.String()); got != test.rich {
				t.Errorf("more than 16 colours: %v, want %v: %q", got, test.rich, richColour.FindString(raw.String()))
			}
			if got := anyColour.MatchString(raw.String()); got != test.some {
				t.Errorf("colours: %v, want %v: %q", got, test.some, anyColour.FindString(raw.String()))
			}
		})
	}
}

// mono makes a screen as NO_COLOR does.
func mono(s *setup) { p := colorprofile.ASCII; s.opts.Profile = &p }

func TestScreenWithoutColourSaysItInSigns(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	c := other(t, zktest.Shared(t), root)
	c.make("x", "/doc")
	s := connect(t, root, 100, 24, mono)
	s.goTo("/doc")
	s.WaitForText("[Value]", "● connected")
	x, y := s.Find("  doc ")
	if cell := s.Cell(x+2, y); !cell.Reverse || cell.Fg != nil {
		t.Errorf("the selected row is %+v", cell)
	}
	s.Type("d")
	s.WaitForText("[ Cancel ]")
	s.Type("esc")
	s.quit("q")
}
