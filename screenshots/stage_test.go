package screenshots

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"zkdeck/internal/screentest"
)

// quiet is how long nothing may come from the program before what it shows counts as all
// that there is to come.
const quiet = 350 * time.Millisecond

// stage is the program on a terminal, in a home folder of its own.
type stage struct {
	t     testing.TB
	bin   string
	theme string
	clock *clock
	home  string
	term  *screentest.Term
	w, h  int
}

// home is the folder in which the program finds and leaves what is the person's. Its
// path is as long as [shownHome], which pictures show in its place.
func home(t testing.TB) string {
	t.Helper()
	for c := 'a'; c <= 'z'; c++ {
		dir := "/tmp/zk" + string(c)
		if err := os.Mkdir(dir, 0o700); err == nil {
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			return dir
		}
	}
	t.Fatal("there are folders /tmp/zka to /tmp/zkz: remove those that an interrupted run of the pictures has left")
	return ""
}

const shownHome = "/home/me"

// newStage makes a stage without a program.
func newStage(t testing.TB, bin, theme string) *stage {
	t.Helper()
	s := &stage{t: t, bin: bin, theme: theme, home: home(t)}
	s.clock = newClock(t, s.home)
	// Nobody is new here: the tour stays away.
	write(t, s.home, "state/zkdeck/tour", nil)
	return s
}

// command is a call of the program.
func (s *stage) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.bin, args...)
	cmd.Dir = s.home
	cmd.Env = append(screentest.Env(),
		"PATH="+os.Getenv("PATH"), "HOME="+s.home, "USER=me", "TZ=UTC", "SHELL=/bin/sh", "ZKDECK_PICTURES_CLOCK="+s.clock.file.Name(),
		"XDG_CONFIG_HOME="+filepath.Join(s.home, "config"), "XDG_STATE_HOME="+filepath.Join(s.home, "state"),
		"XDG_DATA_HOME="+filepath.Join(s.home, "data"), "XDG_CACHE_HOME="+filepath.Join(s.home, "cache"))
	for _, name := range []string{"JAVA_HOME", "ZOOKEEPER_HOME"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	return cmd
}

// open starts the program on a terminal of this size.
func (s *stage) open(w, h int, args ...string) {
	s.t.Helper()
	s.w, s.h = w, h
	s.term = screentest.New(s.t, w, h)
	s.term.StartCommand(s.command(append([]string{"--theme", s.theme}, args...)...))
}

// settings writes the settings file: each profile is a name and its servers.
func (s *stage) settings(profiles ...string) {
	s.t.Helper()
	text := "profiles:\n"
	for i := 0; i < len(profiles); i += 2 {
		text += fmt.Sprintf("  - name: %s\n    servers: %s\n", profiles[i], profiles[i+1])
		if strings.HasPrefix(profiles[i], "prod") {
			text += "    readonly: true\n"
		}
	}
	write(s.t, s.home, "config/zkdeck/config.yaml", []byte(text))
}

// see waits until all texts are on the screen.
func (s *stage) see(texts ...string) {
	s.t.Helper()
	s.term.WaitForText(texts...)
}

// gone waits until a text is not on the screen any more.
func (s *stage) gone(text string) {
	s.t.Helper()
	s.term.WaitFor(func(screen string) bool { return !strings.Contains(screen, text) }, "no "+text)
}

// keys types, and waits after each key until the screen stands still: a program that is
// slow for once gets nothing in another place than it would at other times.
func (s *stage) keys(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		s.term.Type(k)
		s.term.Rest(quiet)
	}
}

// step lets time pass, for everybody at once, and has the screen drawn anew.
func (s *stage) step(d time.Duration) {
	s.t.Helper()
	s.clock.step(s.t, d)
	s.redraw()
}

// redraw has the program draw by what time it is now.
func (s *stage) redraw() {
	s.t.Helper()
	s.term.Signal(syscall.SIGWINCH)
	s.term.Rest(quiet)
}

// choose presses a key until the selected row contains a text.
func (s *stage) choose(key, text string) {
	s.t.Helper()
	for range 50 {
		for line := range strings.Lines(s.term.Screen()) {
			if _, after, ok := strings.Cut(line, "▌"); ok && strings.Contains(after, text) {
				return
			}
		}
		s.keys(key)
	}
	s.t.Fatalf("%q is never selected:\n%s", text, s.term.Screen())
}
