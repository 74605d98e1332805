package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"

	"zkdeck/config/ensemble"
)

// boards are what the board is drawn with.
var boards = map[string]func(f *fakeEnsembles){
	"none": func(*fakeEnsembles) {},
	"runs": func(f *fakeEnsembles) {
		f.add("demo", 3).change(func(*ensemble.Status) {}, "serving: demo serves, 1.34 s after the start", "leader: server 2 became leader, epoch 3")
	},
	"killed": func(f *fakeEnsembles) {
		u := f.add("demo", 3)
		f.add("lab", 5)
		u.change(exit(3, ensemble.Exit{Code: 137, Signal: "SIGKILL", At: boardNow.Add(-4 * time.Second), ByUs: true, Why: "it was killed with SIGKILL", Mend: "start it again"}),
			"killed: you killed server 3, the leader", "leader: server 2 became leader, epoch 3, 0.41 s after server 3 was killed")
	},
	"trouble": func(f *fakeEnsembles) {
		u := f.add("demo", 3)
		u.change(exit(1, ensemble.Exit{
			Code: 1, At: boardNow.Add(-70 * time.Second), Line: "2026-03-01 11:58:50,000 ERROR QuorumPeerMain - Unexpected exception, exiting abnormally java.net.BindException: Address already in use",
			Why: "its client port 21811 is in use by another process", Mend: "end that process, or give the ensemble other ports",
		}), "exited: server 1 ended with exit code 1: its client port 21811 is in use by another process")
		u.change(func(st *ensemble.Status) {
			st.Servers[2].State, st.Servers[2].Paused = ensemble.Hung, true
			st.Servers[1].State, st.Servers[1].Trouble = ensemble.Electing, "there is no quorum: 2 of 3 voting servers are needed, and 1 is up"
			st.Quorum, st.Up = false, 1
		}, "quorum-lost: no quorum any more: 2 of 3 are needed, and 1 is up")
	},
	"starting": func(f *fakeEnsembles) {
		f.add("demo", 3).change(func(st *ensemble.Status) {
			st.Quorum, st.Up = false, 0
			for i := range st.Servers {
				st.Servers[i].State, st.Servers[i].Zxid, st.Servers[i].Started = ensemble.Starting, "", boardNow.Add(-time.Second)
			}
			st.Servers[1].State = ensemble.Electing
		}, "you started servers 1, 2 and 3")
	},
}

func TestEnsembleGoldens(t *testing.T) {
	t.Parallel()
	for name, fill := range boards {
		for _, size := range [][2]int{{40, 10}, {80, 24}, {120, 36}, {200, 60}} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				f := &fakeEnsembles{}
				fill(f)
				s := openBoard(t, f, "", size[0], size[1])
				s.WaitForText("Launch an ensemble")
				s.Type("6")
				want := []string{"6 Ensembles"}
				if name == "none" {
					want = append(want, "There is no ensemble")
				} else {
					want = append(want, "demo", "21812")
				}
				s.WaitForText(want...)
				s.waitGone("…  ", "not looked at", "◌ lab")
				golden.RequireEqual(t, s.Screen()+"\n")
				s.quit("ctrl+c")
			})
		}
	}
}

// At every size, in signs of ASCII, without colours and in a light theme, with texts of
// servers that would like to be more than text: every frame is checked as it is drawn.
func TestEnsembleAtEverySize(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){
		"plain": func(*Options) {}, "ascii": func(o *Options) { o.ASCII = true }, "light": func(o *Options) { o.Theme = "light" },
		"mono": func(o *Options) { p := colorprofile.ASCII; o.Profile = &p },
	} {
		for _, size := range [][2]int{{40, 10}, {60, 13}, {80, 24}, {120, 36}, {200, 60}, {41, 17}} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				s := onBoard(t, hostileEnsembles(), size[0], size[1], change)
				s.WaitForText("21812")
				for _, k := range strings.Fields("] j j k G g enter w [ ] m / a esc g G f pgup w esc e esc Y esc D esc d esc a esc X esc w esc ? esc [ j ? esc") {
					s.Type(k)
					s.settle()
				}
				s.quit("ctrl+c")
			})
		}
	}
}

// hostileEnsembles are two, of which one cannot be read, with texts that would like to
// be more.
func hostileEnsembles() *fakeEnsembles {
	f := &fakeEnsembles{lost: []string{"pid 7 runs " + hostile}, bad: []ensembleListed{{name: "z\x1b[31m" + hostile, err: errors.New(hostile)}}}
	u := f.add("demo", 9)
	for i := range 50 {
		u.entries = append(u.entries, logEntry{server: i%9 + 1, at: boardNow, level: "WARN\x1b", text: hostile + "\n\tat " + strings.Repeat(hostile, i%7)})
	}
	u.change(exit(2, ensemble.Exit{Code: -1, Line: hostile, Why: hostile, Mend: hostile, Signal: hostile}), hostile, "killed: "+hostile)
	u.change(func(st *ensemble.Status) {
		st.Servers[0].LastLog, st.Servers[3].Trouble, st.Servers[3].State = hostile, hostile, ensemble.Electing
		st.Servers[4].Version, st.Servers[4].Zxid, st.Servers[4].Dir, st.Servers[5].State = hostile, hostile, hostile, ensemble.State(hostile)
	})
	return f
}
