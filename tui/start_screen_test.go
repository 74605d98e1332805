package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest"
)

// A newcomer presses one key.
func TestStartEnterOpensTheSandbox(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	other(t, zktest.Shared(t), root).make("x", "/hello")
	for name, keys := range map[string][]string{"enter": {"enter"}, "s": {"s"}, "from below": {"G", "k", "g", "enter"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOpener(zktest.Shared(t) + root)
			s := begin(t, o, 100, 24)
			s.WaitForText("Nothing answers at 127.0.0.1:2181.", "Open the sandbox", "○ not connected")
			s.Type(keys...)
			s.WaitForText(" zkdeck  sandbox  ● connected", "hello")
			if c := <-o.began; c.Kind != ChoiceSandbox {
				t.Errorf("opened %+v", c)
			}
			s.quit("q")
			o.wantClosed(t, 1)
		})
	}
}

func TestStartOpensWhatIsChosen(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	for name, test := range map[string]struct {
		keys []string
		want Choice
	}{
		"profile":       {[]string{"down", "down", "down", "enter"}, Choice{ChoiceProfile, "prod-eu"}},
		"second":        {[]string{"j", "j", "j", "j", "enter"}, Choice{ChoiceProfile, "dev"}},
		"recent":        {[]string{"G", "enter"}, Choice{ChoiceServers, "127.0.0.1:2182"}},
		"typed":         {[]string{"c", "zk-9:2181/x", "enter"}, Choice{ChoiceServers, "zk-9:2181/x"}},
		"field by row":  {[]string{"down", "enter", "jkqsc", "enter"}, Choice{ChoiceServers, "jkqsc"}},
		"history":       {[]string{"c", "up", "enter"}, Choice{ChoiceServers, "zk-1.example:2181,zk-2.example:2181/app"}},
		"history again": {[]string{"c", "up", "up", "up", "enter"}, Choice{ChoiceServers, "127.0.0.1:2182"}},
		"and on":        {[]string{"c", "mine", "up", "up", "down", "down", "down", "enter"}, Choice{ChoiceServers, "mine"}},
		"completed":     {[]string{"c", "127", "tab", "enter"}, Choice{ChoiceServers, "127.0.0.1:2182"}},
		"by the arrow":  {[]string{"c", "zk", "right", "x", "enter"}, Choice{ChoiceServers, "zk-1.example:2181,zk-2.example:2181/appx"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOpener(zktest.Shared(t) + root)
			s := begin(t, o, 100, 24)
			s.Type(test.keys...)
			s.WaitForText("● connected")
			if c := <-o.began; c != test.want {
				t.Errorf("opened %+v, want %+v", c, test.want)
			}
			if strings.Contains(s.lines()[0], "sandbox") {
				t.Errorf("the header says %q", s.lines()[0])
			}
			s.quit("q")
			o.wantClosed(t, 1)
		})
	}
}

// What cannot be opened is said, and nothing that was typed is lost.
func TestStartKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	o := newOpener(zktest.Shared(t) + root)
	o.set(errors.New("zk-9:2181 refuses the connection\x1b[31m"), nil)
	s := begin(t, o, 80, 24)
	s.Type("c", "zk-9:2181", "enter")
	s.WaitForText("refuses the connection\\x1b[31m", "Connect to  zk-9:2181")
	s.Type(",", "zk-8:99999", "enter")
	s.WaitForText("99999", "host 2")
	s.waitGone("refuses")
	if len(o.began) != 1 {
		t.Error("a connect string that is none was opened")
	}
	o.set(nil, nil)
	s.Type("backspace", "enter")
	s.WaitForText("● connected", "zk-9:2181,zk-8:9999")
	s.quit("q")
	o.wantClosed(t, 1)
}

// A session that reaches no server is closed, and why is said.
func TestStartReachesNoServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ servers, says string }{
		"one":  {refusing(t), "Connection refused by 127.0.0.1:"},
		"two":  {refusing(t) + "," + refusing(t), "None of the 2 servers has taken the connection: connection refused"},
		"http": {listening(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), "answers, but speaks HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOpener(test.servers)
			s := begin(t, o, 120, 24)
			s.Type("c", "zk-5", "enter")
			s.WaitForText(test.says, "Connect to  zk-5")
			o.wantClosed(t, 1)
			s.quit("ctrl+c")
		})
	}
	root := zktest.Root(t)
	t.Run("the second", func(t *testing.T) {
		t.Parallel()
		o := newOpener(refusing(t) + "," + zktest.Shared(t) + root)
		s := begin(t, o, 120, 24)
		s.Type("enter")
		s.WaitForText("● connected")
		s.quit("q")
		o.wantClosed(t, 1)
	})
}

func TestStartCancels(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	for _, deaf := range []bool{false, true} {
		t.Run(fmt.Sprintf("deaf %v", deaf), func(t *testing.T) {
			t.Parallel()
			hold := make(chan struct{})
			o := newOpener(zktest.Shared(t) + root)
			o.deaf = deaf
			o.set(nil, hold)
			s := begin(t, o, 80, 24)
			s.Type("enter")
			<-o.began
			s.WaitForText("Opening the sandbox …", "esc stop")
			s.Type("esc")
			s.WaitForText("Stopped: the sandbox was not opened")
			close(hold)
			o.set(nil, nil)
			s.Type("c", "zk-7", "enter")
			s.WaitForText("● connected", "zk-7")
			s.quit("q")
			want := 1
			if deaf {
				want = 2 // the one that came late was closed too
			}
			o.wantClosed(t, want)
		})
	}
}

func TestStartQuits(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	for _, key := range []string{"q", "ctrl+c"} {
		t.Run("idle "+key, func(t *testing.T) {
			t.Parallel()
			s := begin(t, newOpener(""), 80, 24)
			s.WaitForText("Open the sandbox")
			s.quit(key)
		})
		t.Run("opening "+key, func(t *testing.T) {
			t.Parallel()
			o := newOpener(zktest.Shared(t) + root)
			o.set(nil, make(chan struct{}))
			s := begin(t, o, 80, 24)
			s.Type("enter")
			<-o.began
			s.WaitForText("Opening the sandbox")
			s.quit(key)
			o.wantClosed(t, 0)
		})
		t.Run("late "+key, func(t *testing.T) {
			t.Parallel()
			o := newOpener(zktest.Shared(t) + root)
			o.deaf = true
			hold := make(chan struct{})
			o.set(nil, hold)
			s := begin(t, o, 80, 24)
			s.Type("enter")
			<-o.began
			s.WaitForText("Opening the sandbox")
			s.Type(key)
			if err := s.Wait(); err != nil {
				t.Error(err)
			}
			close(hold)
			s.close()
			o.wantClosed(t, 1)
		})
	}
}

// What is typed while something opens is for what was opened; the key that chose,
// held too long, is not.
func TestStartTypedAhead(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	hold := make(chan struct{})
	o := newOpener(zktest.Shared(t) + root)
	o.set(nil, hold)
	s := begin(t, o, 80, 24)
	s.Type("enter")
	<-o.began
	s.Type("enter", "enter", ":", "so", "tab", " mtime")
	s.Paste("dropped")
	s.settle()
	close(hold)
	s.WaitForText("● connected", ":sort mtime")
	s.Type("esc")
	s.quit("q")
	o.wantClosed(t, 1)
}

func TestStartPasteGoesToTheField(t *testing.T) {
	t.Parallel()
	o := newOpener("")
	o.set(errors.New("no"), nil)
	s := begin(t, o, 80, 24)
	s.WaitForText("Open the sandbox")
	s.Paste("zk-3:2181\n")
	s.WaitForText("Connect to  zk-3:2181")
	s.Type("/q", "enter")
	if c := <-o.began; c != (Choice{ChoiceServers, "zk-3:2181/q"}) {
		t.Errorf("opened %+v", c)
	}
	s.Paste(strings.Repeat("x", maxServers))
	s.WaitForText("nothing was inserted")
	s.quit("ctrl+c")
}

// At every size, in signs of ASCII, without colours and in a light theme, with names
// that would like to be more than text: every frame is checked as it is drawn.
func TestStartAtEverySize(t *testing.T) {
	t.Parallel()
	hostileBegin := func(o *Options) {
		o.Begin.Why += " " + hostile
		o.Begin.Recent = append(o.Begin.Recent, hostile, "\x1b]0;x\x07zk:1", "", strings.Repeat("漢", 300))
		for i := range 20 {
			o.Begin.Profiles = append(o.Begin.Profiles, BeginProfile{fmt.Sprint(i, hostile), hostile, i%2 == 0})
		}
	}
	for name, change := range map[string]func(*Options){
		"plain": func(*Options) {}, "ascii": func(o *Options) { o.ASCII = true }, "light": func(o *Options) { o.Theme = "light" },
		"mono": func(o *Options) { p := colorprofile.ASCII; o.Profile = &p },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOpener("")
			o.set(errors.New(strings.Repeat("a long reason that says "+hostile+" ", 9)), nil)
			opts := beginOptions(t, o, change, hostileBegin)
			a := newApp(t.Context(), opts)
			defer a.end()
			f := &appFrames{app: a, t: t}
			for _, size := range [][2]int{{40, 10}, {39, 9}, {60, 13}, {80, 24}, {120, 36}, {200, 60}, {41, 17}} {
				f.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				f.View()
				for _, k := range strings.Fields("g j j j G k c up up tab up left x up enter esc g ? x esc esc down down enter enter x G") {
					_, cmd := f.Update(press(k))
					f.View()
					if a.start.opening != nil { // its command has done nothing yet
						f.Update(cmd())
						f.View()
						<-o.began
					}
				}
				if at := a.start.list.at; at != len(a.start.rows)-1 {
					t.Errorf("at %v the selected row is %d", size, at)
				}
			}
		})
	}
}

func TestStartGoldens(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{40, 10}, {80, 24}, {120, 36}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			s := begin(t, newOpener(""), size[0], size[1])
			s.WaitForText("Open the sandbox")
			golden.RequireEqual(t, s.Screen()+"\n")
			s.quit("q")
		})
		t.Run(fmt.Sprintf("typing-%dx%d", size[0], size[1]), func(t *testing.T) {
			o := newOpener("")
			o.set(errors.New("no server answered: connection refused by zk-1.example:2181"), nil)
			s := begin(t, o, size[0], size[1])
			s.Type("c", "zk-1.example:2181", "enter")
			s.WaitForText("No server answered")
			golden.RequireEqual(t, s.Screen()+"\n")
			s.quit("ctrl+c")
		})
		t.Run(fmt.Sprintf("help-%dx%d", size[0], size[1]), func(t *testing.T) {
			s := begin(t, newOpener(""), size[0], size[1])
			s.Type("?")
			s.WaitForText(" Keys ")
			golden.RequireEqual(t, s.Screen()+"\n")
			s.quit("ctrl+c")
		})
	}
}

// The whole of Run: the start screen gives the terminal to the session without
// leaving the alternate screen, and back as it was.
func TestStartProgram(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	for name, end := range map[string]func(*screentest.Term) error{
		"before": func(term *screentest.Term) error { return term.Quit() },
		"q":      func(term *screentest.Term) error { term.Type("q"); return term.Wait() },
		"after": func(term *screentest.Term) error {
			term.Type("enter")
			term.WaitForText("sandbox  program  ● connected")
			term.Type("q")
			return term.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term, raw := program(t, zktest.Shared(t)+root, "TUI_START=1")
			term.WaitForText("Nothing is open.")
			if err := end(term); err != nil {
				t.Error(err)
			}
			if left := term.LeftOn(); len(left) != 0 {
				t.Errorf("left on: %v", left)
			}
			if n := strings.Count(raw.String(), "\x1b[?1049l"); n != 1 {
				t.Errorf("the alternate screen was left %d times", n)
			}
		})
	}
}

func TestStartMouse(t *testing.T) {
	t.Parallel()
	root := zktest.Root(t)
	o := newOpener(zktest.Shared(t) + root)
	s := begin(t, o, 120, 30, func(o *Options) { o.Mouse = true })
	s.WaitForText("dev ")
	x, y := s.Find("dev ")
	s.Click(x, y)
	s.WaitFor(func(string) bool { return strings.Contains(s.lines()[y], "▌") }, "the clicked row to be selected")
	s.Click(x, 1)
	s.Wheel(x, y, true)
	s.Wheel(x, y, false)
	s.settle()
	s.Click(x, y)
	s.WaitForText("● connected")
	if c := <-o.began; c != (Choice{ChoiceProfile, "dev"}) {
		t.Errorf("opened %+v", c)
	}
	s.quit("q")
}
