package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// ensembleRounds is how often three servers are started in each way, and
// leaderKills how often a leader is killed.
const (
	ensembleRounds = 7
	leaderKills    = 5
)

// ensembles measures three servers from the start of `zkdeck ensemble up` to their
// leader, beside the same three started by hand with Java's own flags, and from
// the death of the leader to the board that shows the next one.
func ensembles(b *testing.B, w *world) {
	var ours, stock []time.Duration
	for i := range ensembleRounds + 1 {
		byHand := w.startByHand(b)
		took := w.up(b, func() {})
		say("three servers: by hand %.2f s, ours %.2f s", byHand.Seconds(), took.Seconds())
		if i > 0 { // the first has no class-data archive yet
			ours, stock = append(ours, took), append(stock, byHand)
		}
	}
	var shown []time.Duration
	w.up(b, func() { shown = w.killLeaders(b) })
	b.ReportMetric(median(ours).Seconds(), "s-ensemble")
	w.add(figure{
		what: "3 servers to an elected leader", ours: median(ours).Seconds(), unit: "s",
		floor: median(stock).Seconds(), floorIs: "started by hand", budget: 3, ratio: 1,
	}, figure{
		what: "leader killed to the next on screen", ours: at(shown, 1).Seconds(), unit: "s", budget: 1,
	})
}

// zkdeck makes a command of the program with a home of its own.
func (p programs) zkdeck(args ...string) *exec.Cmd {
	cmd := exec.Command(p.ours, args...)
	cmd.Env = append(os.Environ(), "HOME="+p.home, "XDG_STATE_HOME="+p.home+"/state",
		"XDG_CONFIG_HOME="+p.home+"/config", "XDG_DATA_HOME="+p.home+"/data", "XDG_CACHE_HOME="+p.home+"/cache")
	return cmd
}

// up starts three servers with zkdeck, runs what beside them, and takes them down. It returns how long it was until one of them led.
func (w *world) up(b *testing.B, what func()) time.Duration {
	base := zktest.FreePorts(b)
	name := fmt.Sprintf("bench-%d", base)
	cmd := w.zkdeck("ensemble", "up", name, "--temp", "--base-port", fmt.Sprint(base))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		if text, err := w.zkdeck("ensemble", "down", name, "--purge", "--yes").CombinedOutput(); err != nil {
			b.Errorf("taking %s down: %v\n%s", name, err, text)
		}
	}()
	took, led := untilLeader(began, base, base+3, base+6) // each has three ports in a row
	if err := cmd.Wait(); err != nil || !led {
		b.Fatalf("zkdeck ensemble up: %v\n%s", err, &out)
	}
	what()
	return took
}

// untilLeader waits for a leader among the servers at these ports, for as long as a
// cold machine may take.
func untilLeader(began time.Time, ports ...int) (time.Duration, bool) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for time.Since(began) < time.Minute {
		for _, port := range ports {
			if zktest.Mode(fmt.Sprintf("127.0.0.1:%d", port)) == "leader" {
				return time.Since(began), true
			}
		}
		<-tick.C
	}
	return 0, false
}

// startByHand writes three zoo.cfg as the tutorials do, starts their servers with
// nothing but a class path, waits for the leader and ends them.
func (w *world) startByHand(b *testing.B) time.Duration {
	base := zktest.FreePorts(b)
	var servers strings.Builder
	for id := 1; id <= 3; id++ {
		fmt.Fprintf(&servers, "server.%d=127.0.0.1:%d:%d\n", id, base+2+id, base+5+id)
	}
	dir := b.TempDir()
	argv := zktest.ByHand(b, dir)
	var cmds []*exec.Cmd
	for id := 1; id <= 3; id++ {
		data := filepath.Join(dir, fmt.Sprint(id))
		cfg := filepath.Join(dir, fmt.Sprintf("zoo%d.cfg", id))
		text := fmt.Sprintf("tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=%s\nclientPort=%d\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n%s",
			data, base-1+id, &servers)
		if err := os.Mkdir(data, 0o700); err != nil {
			b.Fatal(err)
		}
		for path, content := range map[string]string{cfg: text, filepath.Join(data, "myid"): fmt.Sprintln(id)} {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				b.Fatal(err)
			}
		}
		log, err := os.Create(cfg + ".log")
		if err != nil {
			b.Fatal(err)
		}
		defer log.Close()
		cmd := exec.Command(argv[0], slices.Concat(argv[1:], []string{cfg})...)
		cmd.Stdout, cmd.Stderr = log, log
		cmds = append(cmds, cmd)
	}
	began := time.Now()
	for _, cmd := range cmds {
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		defer func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // it was killed
		}()
	}
	took, led := untilLeader(began, base, base+1, base+2)
	if !led {
		b.Fatal("three servers started by hand elected nobody")
	}
	return took
}

// killLeaders kills the leader on the board again and again, starts it again, and
// returns how long it was until the board told of the next one.
func (w *world) killLeaders(b *testing.B) []time.Duration {
	r := w.start(b, w.ours) // on what it was connected to last, if another part ran before
	defer r.end()
	r.WaitForText(firstFrameHas)
	r.Type("6")
	var took []time.Duration
	for range leaderKills {
		r.WaitFor(func(s string) bool {
			return strings.Count(s, " follower ") == 2 && strings.Contains(s, " leader ")
		}, "a leader and two followers")
		leaders := strings.Count(r.Screen(), "became leader")
		killed := time.Now()
		r.Type("!")
		shown := r.WaitFor(func(s string) bool { return strings.Count(s, "became leader") > leaders }, "the next leader")
		took = append(took, shown.Sub(killed))
		r.Type("S")
	}
	say("leader killed to the next on screen: p50 %.2f s, max %.2f s", median(took).Seconds(), at(took, 1).Seconds())
	return took
}
