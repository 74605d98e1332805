package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"zkdeck/config/ensemble"
	"zkdeck/internal/screentest"
	"zkdeck/internal/zktest"
	"zkdeck/zkview/sandbox"
)

// TestMain lets scripts and pseudo-terminals run this binary as zkdeck, with a
// screen that only says what it was to show. A test's own server is a sandbox.
func TestMain(m *testing.M) {
	zktest.StandIn(func() (zktest.Stand, error) { return sandbox.Start(sandbox.Options{}) })
	testscript.Main(leakChecked{m}, map[string]func(){
		"zkdeck": func() {
			if os.Getenv("ZKDECK_TEST_SCREEN") != "real" {
				show = sayScreen
			}
			guardDelay, silenceTime, completionTime = 0, screentest.Deadline, screentest.Deadline
			eventPatience = screentest.Deadline
			defaultServers = cmp.Or(os.Getenv("ZKDECK_TEST_DEFAULT"), nobody)
			if root := os.Getenv("ZKDECK_TEST_ROOT"); root != "" {
				newStore = func(data, cache string) *ensemble.Store {
					s := ensemble.NewStore(data, cache)
					s.Env.Root, s.Env.Getenv = root, func(string) string { return "" }
					return s
				}
			}
			os.Exit(Main())
		},
		"underlock": func() { os.Exit(underLockMain()) },
		"signals":   func() { os.Exit(signalsMain()) },
	})
}

// nobody is an address of this machine at which nothing listens.
const nobody = "127.0.0.1:1"

// leakChecked is the test run with a look at what it leaves behind; testscript
// has the TestMain that goleak would have.
type leakChecked struct{ *testing.M }

func (m leakChecked) Run() int {
	var err error
	if ensembleCache, err = os.MkdirTemp("", "zkdeck-cache-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	defer func() { _ = os.RemoveAll(ensembleCache) }()
	code := m.M.Run()
	if err := zktest.Leftover(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitFailed
	}
	return code
}

// sayScreen stands for the screen: it tells its options, or does what the test
// asks for by the environment.
func sayScreen(ctx context.Context, s screen) error {
	if s.session != nil {
		defer func() { _ = s.session.Close() }()
	}
	switch os.Getenv("ZKDECK_TEST_SCREEN") {
	case "full":
		_, err := tea.NewProgram(fullScreen{}, tea.WithContext(ctx)).Run()
		return err
	case "hangup":
		fmt.Println("waiting")
		<-ctx.Done()
		fmt.Println("hung up")
		return nil
	case "error":
		return errors.New("no luck")
	}
	s.log.Info("shown")
	if s.begin.Why != "" {
		fmt.Printf("why=%s open=%t\n", s.begin.Why, s.session != nil)
	}
	fmt.Printf("recent=%q profiles=%d sandbox=%t tour=%t\n", s.begin.Recent, len(s.begin.Profiles), s.sandbox, s.tour().Show)
	fmt.Printf("title=%s servers=%s path=%s pin=%s readonly=%t timeout=%s\n",
		s.target.title(), s.target.Servers, s.target.path, s.target.pin, s.target.ReadOnly, s.target.Timeout)
	fmt.Printf("theme=%s ascii=%t mouse=%t\n", s.look.theme, s.look.ascii, s.look.mouse)
	if l := s.lab; l != nil {
		fmt.Printf("lab here=%t lesson=%s lanes=%d", l.Here, l.Lesson, len(l.Lanes))
		for _, o := range l.Lanes {
			fmt.Printf(" %s/%d/%s/%s", o.Recipe, o.Workers, o.Hold, o.Think)
		}
		fmt.Println()
	}
	if t := s.target.TLS; t != nil {
		fmt.Printf("tls name=%s insecure=%t\n", t.ServerName, t.Insecure)
	}
	return nil
}

// noPause spares each process the second for which the race detector waits at its
// end.
const noPause = "atexit_sleep_ms=0"

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("TERM", "xterm-256color")
			env.Setenv("GORACE", noPause)
			return nil
		},
	})
}

// inTerminal runs zkdeck in a pseudo-terminal with settings and an environment,
// and returns the terminal and the state folder.
func inTerminal(t *testing.T, settings string, env []string, args ...string) (*screentest.Term, string) {
	t.Helper()
	home := t.TempDir()
	if settings != "" {
		dir := filepath.Join(home, "config", "zkdeck")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path, err := exec.LookPath("zkdeck") // testscript.Main has put it in PATH
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(append(os.Environ(), screentest.Env()...),
		"HOME="+home, "XDG_CONFIG_HOME="+filepath.Join(home, "config"), "XDG_STATE_HOME="+filepath.Join(home, "state"),
		"XDG_DATA_HOME="+filepath.Join(home, "data"), "XDG_CACHE_HOME="+filepath.Join(home, "cache"),
		"ZKDECK_SERVERS=", "GORACE="+noPause)
	cmd.Env = append(cmd.Env, env...)
	term := screentest.New(t, 100, 30)
	term.StartCommand(cmd)
	return term, filepath.Join(home, "state", "zkdeck")
}

const settings = `
servers: from-settings
profile: home
theme: light
mouse: true
profiles:
- name: home
  servers: home-1,home-2/app
  readonly: true
  timeout: 7s
  tls: {server_name: zk.home}
- name: secret
  servers: s1
  auth: [{scheme: digest, env: NO_SUCH_VARIABLE}]
`

// TestWhatIsShown sees what is opened where nothing was used before; of the start
// screen also how it says so.
func TestWhatIsShown(t *testing.T) {
	t.Parallel()
	noDefault := strings.Replace(settings, "profile: home", "", 1)
	for name, c := range map[string]struct {
		settings  string
		env, args []string
		want      []string
	}{
		"nothing there":    {"", nil, nil, []string{"why=Nothing answers at 127.0.0.1:1. open=false", "servers=127.0.0.1:1 path= pin= readonly=false timeout=10s", "theme=auto ascii=false mouse=false"}},
		"argument":         {settings, nil, []string{"a:1,b/x"}, []string{"title=a:1,b/x", "readonly=false", "theme=light ascii=false mouse=true"}},
		"flag":             {settings, nil, []string{"-s", "a:1"}, []string{"servers=a:1 "}},
		"environment":      {settings, []string{"ZKDECK_SERVERS=e:1"}, nil, []string{"title=e:1", "readonly=false"}},
		"flag beats env":   {settings, []string{"ZKDECK_SERVERS=e:1"}, []string{"--profile", "home"}, []string{"title=home"}},
		"default profile":  {settings, nil, nil, []string{"title=home servers=home-1,home-2/app", "readonly=true timeout=7s", "tls name=zk.home insecure=false"}},
		"settings servers": {noDefault, nil, nil, []string{"servers=from-settings "}},
		"flags over profile": {
			settings, nil,
			[]string{"--profile=home", "--timeout=3s", "--pin=home-2", "--path=/a", "--theme=dark", "--ascii", "--mouse=false", "--tls-insecure", "other:1"},
			[]string{"title=home servers=other:1 path=/a pin=home-2 readonly=true timeout=3s", "theme=dark ascii=true mouse=false", "tls name=zk.home insecure=true"},
		},
		"readonly": {"", nil, []string{"--readonly"}, []string{"readonly=true"}},
		"tls":      {"", nil, []string{"--tls"}, []string{"tls name= insecure=false"}},
	} {
		t.Run(name, func(t *testing.T) {
			term, _ := inTerminal(t, c.settings, c.env, c.args...)
			if err := term.Wait(); err != nil {
				t.Errorf("ended with %v:\n%s", err, term.Screen())
			}
			for _, want := range c.want {
				if !strings.Contains(term.Screen(), want) {
					t.Errorf("%q is missing in:\n%s", want, term.Screen())
				}
			}
		})
	}
}

func TestRefusedInTerminal(t *testing.T) {
	for name, c := range map[string]struct {
		env, args []string
		want      string
		code      int
	}{
		"dumb":         {[]string{"TERM=dumb"}, nil, "a screen needs a terminal that can move the cursor", 2},
		"no TERM":      {[]string{"TERM="}, nil, "a screen needs a terminal", 2},
		"secret":       {nil, []string{"--profile", "secret"}, "NO_SUCH_VARIABLE is not set", 2},
		"certificates": {nil, []string{"--tls-ca", "none.pem"}, "none.pem", 2},
		"cert, no key": {nil, []string{"--tls-cert", "none.pem"}, "go together", 2},
		"pin":          {nil, []string{"--pin", "a:b:c"}, "a:b:c", 2},
		"screen fails": {[]string{"ZKDECK_TEST_SCREEN=error"}, nil, "zkdeck: no luck", 1},
	} {
		t.Run(name, func(t *testing.T) {
			term, _ := inTerminal(t, settings, c.env, c.args...)
			wantExit(t, term.Wait(), c.code)
			if !strings.Contains(term.Screen(), c.want) {
				t.Errorf("%q is missing in:\n%s", c.want, term.Screen())
			}
		})
	}
}

func TestStateFiles(t *testing.T) {
	term, state := inTerminal(t, "", nil)
	wantExit(t, term.Wait(), 0)
	for name, mode := range map[string]os.FileMode{"": 0o700, "drafts": 0o700, "zkdeck.log": 0o600, "crash.log": 0o600} {
		info, err := os.Stat(filepath.Join(state, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q: %v, %v", name, info, err)
		}
	}
	log, err := os.ReadFile(filepath.Join(state, "zkdeck.log"))
	if err != nil || !strings.Contains(string(log), "msg=shown") || !strings.Contains(string(log), "Nothing answers at 127.0.0.1:1.") {
		t.Errorf("the log is %q, %v", log, err)
	}
}

// fullScreen is a screen that changes all of a terminal that a screen can, and
// crashes on a key.
type fullScreen struct{}

func (fullScreen) Init() tea.Cmd { return nil }

func (m fullScreen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	key, ok := msg.(tea.KeyPressMsg)
	switch {
	case ok && key.String() == "x":
		go func() { panic("a goroutine of a library") }()
	case ok && key.String() == "q":
		return m, tea.Quit
	}
	return m, nil
}

func (fullScreen) View() tea.View {
	v := tea.NewView("full screen")
	v.AltScreen, v.MouseMode, v.ReportFocus = true, tea.MouseModeAllMotion, true
	return v
}

// TestCrashRestoresTerminal has a goroutine that nobody looks after panic, then
// the whole process killed.
func TestCrashRestoresTerminal(t *testing.T) {
	for name, c := range map[string]struct {
		crash      func(*screentest.Term)
		says, file string
	}{
		"panic": {func(term *screentest.Term) { term.Type("x") }, "crash.log says where.", "panic: a goroutine of a library"},
		"kill":  {func(term *screentest.Term) { term.Signal(os.Kill) }, "zkdeck was killed.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			term, state := inTerminal(t, "", []string{"ZKDECK_TEST_SCREEN=full"})
			term.WaitForText("full screen")
			c.crash(term)
			if err := term.Wait(); err == nil {
				t.Error("ended well?")
			}
			if !strings.Contains(strings.ReplaceAll(term.Screen(), "\n", ""), c.says) {
				t.Errorf("%q is missing in:\n%s", c.says, term.Screen())
			}
			if left := term.LeftOn(); len(left) != 0 {
				t.Errorf("left on: %v", left)
			}
			report, err := os.ReadFile(filepath.Join(state, "crash.log"))
			if err != nil || !strings.Contains(string(report), c.file) {
				t.Errorf("the report is %q, %v", report, err)
			}
		})
	}
}

// TestGuardLeavesWithUs sees that a good end is no crash, and that the guard is
// gone: the pseudo-terminal ends only when nobody has it open.
func TestGuardLeavesWithUs(t *testing.T) {
	term, state := inTerminal(t, "", []string{"ZKDECK_TEST_SCREEN=full"})
	term.WaitForText("full screen")
	term.Type("q")
	wantExit(t, term.Wait(), 0)
	if s := term.Screen(); strings.Contains(s, "crashed") || strings.Contains(s, "killed") {
		t.Errorf("the screen says:\n%s", s)
	}
	if report, err := os.ReadFile(filepath.Join(state, "crash.log")); len(report) > 0 || err != nil {
		t.Errorf("the report is %q, %v", report, err)
	}
}

// TestRealScreen opens the screen with no server to be found, where it must draw
// and quit all the same, by key and by every signal that ends programs.
func TestRealScreen(t *testing.T) {
	for name, end := range map[string]func(*screentest.Term){
		"key":     func(term *screentest.Term) { term.Type("q") },
		"SIGTERM": func(term *screentest.Term) { term.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(term *screentest.Term) { term.Signal(syscall.SIGHUP) },
		"SIGINT":  func(term *screentest.Term) { term.Signal(syscall.SIGINT) },
	} {
		t.Run(name, func(t *testing.T) {
			term, state := inTerminal(t, "", []string{"ZKDECK_TEST_SCREEN=real"}, "127.0.0.1:1", "--readonly")
			term.WaitForText("zkdeck", "127.0.0.1:1", "READ-ONLY")
			end(term)
			wantExit(t, term.Wait(), 0)
			if left := term.LeftOn(); len(left) != 0 {
				t.Errorf("left on: %v", left)
			}
			if report, err := os.ReadFile(filepath.Join(state, "crash.log")); len(report) > 0 || err != nil {
				t.Errorf("the crash report is %q, %v", report, err)
			}
		})
	}
}

func TestHangup(t *testing.T) {
	term, _ := inTerminal(t, "", []string{"ZKDECK_TEST_SCREEN=hangup"})
	term.WaitForText("waiting")
	term.Signal(syscall.SIGHUP)
	wantExit(t, term.Wait(), 0)
	if !strings.Contains(term.Screen(), "hung up") {
		t.Errorf("the context did not end:\n%s", term.Screen())
	}
}

func wantExit(t *testing.T, err error, code int) {
	t.Helper()
	var exit *exec.ExitError
	got := 0
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
}

func TestDescribe(t *testing.T) {
	info := &debug.BuildInfo{}
	if got := describe("", info); !strings.HasPrefix(got, "built from source (go1") {
		t.Error(got)
	}
	info.Main.Version = "v1.0.0"
	if got := describe("", info); !strings.HasPrefix(got, "v1.0.0 (go1") {
		t.Error(got)
	}
	info.Settings = []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789"}, {Key: "vcs.modified", Value: "true"}}
	if got := describe("v2", info); !strings.HasPrefix(got, "v2 (0123456+changes, go1") {
		t.Error(got)
	}
}
