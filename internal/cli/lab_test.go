package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"zkdeck/internal/zktest"
)

func TestLabScripts(t *testing.T) {
	addr := zktest.Own(t)
	t.Run("scripts", func(t *testing.T) { // which run in parallel, and end before the server does
		testscript.Run(t, testscript.Params{
			Dir: filepath.Join("testdata", "lab"),
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"exits": exits, "jsonlines": jsonLines,
			},
			Setup: func(env *testscript.Env) error {
				env.Setenv("HOME", env.WorkDir)
				env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
				env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
				env.Setenv("ZKDECK_SERVERS", nobody) // is not asked
				env.Setenv("SANDBOX", addr)
				env.Setenv("TERM", "xterm-256color")
				env.Setenv("GORACE", noPause)
				return nil
			},
		})
	})
}

// TestLabInterrupted: what was counted until then is printed.
func TestLabInterrupted(t *testing.T) {
	term, _ := inTerminal(t, "", nil, "lab", "--seconds", "3600", "--recipe", "fair,naive", "--workers", "3")
	term.WaitForText("fair: ", " of 3600 s, ")
	term.Signal(os.Interrupt)
	wantExit(t, term.Wait(), exitFailed)
	for _, want := range []string{"RECIPE", "MICROS P50", "fair          3", "zkdeck: interrupted"} {
		if !strings.Contains(term.Screen(), want) {
			t.Errorf("%q is missing in:\n%s", want, term.Screen())
		}
	}
	if strings.Contains(term.Screen(), "naive") {
		t.Errorf("it went on:\n%s", term.Screen())
	}
}

// TestLabScreen: what the screen begins with.
func TestLabScreen(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", 0, "lab here=true lesson= lanes=0"},
		{"--recipe fair,single --workers 7 --think 2s", 0, "lab here=true lesson= lanes=2 fair/7/1s/2s single/7/1s/2s"},
		{"--lesson herd", 0, "lab here=true lesson=2-herd lanes=0"},
		{"-s 127.0.0.1:1 --hold 5s", 0, "lab here=true lesson= lanes=2 naive/5/5s/1s fair/5/5s/1s"},
		{"--lesson nope", exitUsage, `there is no lesson "nope"; there are 1-ephemeral`},
		{"--lesson 2 --json", exitUsage, "--lesson and --json exclude each other"},
		{"--theme dark --json", exitUsage, "--theme is for the screen"},
		{"--recipe all", exitUsage, "two recipes stand side by side"},
		{"--readonly", exitFailed, "nothing was changed"},
		{"-s 127.0.0.1:1 --readonly", exitFailed, "nothing was changed"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			term, _ := inTerminal(t, "", nil, append([]string{"lab"}, strings.Fields(c.args)...)...)
			wantExit(t, term.Wait(), c.code)
			if !strings.Contains(term.Screen(), c.want) {
				t.Errorf("%q is missing in:\n%s", c.want, term.Screen())
			}
			if c.code == 0 && strings.Contains(term.Screen(), "sandbox=true") == strings.Contains(c.args, "-s ") {
				t.Errorf("where is it:\n%s", term.Screen())
			}
		})
	}
}

// TestLabOnScreen opens the real screen with a lesson.
func TestLabOnScreen(t *testing.T) {
	term, _ := inTerminal(t, "", []string{"ZKDECK_TEST_SCREEN=real"}, "lab", "--lesson", "herd")
	term.WaitForText("Everybody watches the parent", "w5")
	term.Type("q")
	wantExit(t, term.Wait(), exitOK)
}
