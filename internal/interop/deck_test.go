//go:build interop

package interop

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// deck is `zkdeck lock`.
type deck struct {
	bin     string
	command bool // it runs a command while it holds
}

// child says that it runs, and does so until its standard input ends.
var child = []string{"--", "sh", "-c", "echo acquired by the child; cat"}

// lock runs the program.
func (d *deck) lock(s *scenery, name string, recipe lockctl.Recipe) *party {
	s.t.Helper()
	args := []string{"lock", "-s", s.addr, "--identity", name, "--session-timeout", s.timeout.String()}
	if recipe != "" {
		args = append(args, "--recipe", string(recipe))
	}
	args = append(args, s.path)
	if d.command {
		args = append(args, child...)
	}
	p := newParty(s.t, name)
	cmd := exec.CommandContext(s.t.Context(), d.bin, args...)
	var errs errorLines
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	p.leave = func() {
		if closed(p.holds) {
			s.witness.write("leave %s", name)
		}
		if closed(p.holds) && d.command {
			_ = in.Close()
			return
		}
		_ = cmd.Process.Signal(os.Interrupt)
	}
	p.kill = func() { _ = cmd.Process.Kill() }
	go func() {
		p.read(out, s.witness)
		p.why = ending(cmd.Wait(), closed(p.holds), &errs)
		close(p.over)
	}()
	s.t.Cleanup(func() {
		p.kill()
		<-p.over
	})
	return p
}

// read takes what the program prints, to its end.
func (p *party) read(out io.Reader, w *witness) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "acquired ") && p.times.Add(1) == 1 {
			w.enter(p.name, "exclusive", grant{node: "-"})
			close(p.holds)
		}
	}
}

// ending is how a party came to its end that is a program.
func ending(err error, held bool, errs fmt.Stringer) string {
	switch {
	case err == nil && held:
		return ""
	case err != nil && !held && strings.Contains(errs.String(), "interrupt"):
		return "gave up"
	}
	return fmt.Sprintf("%v, held: %v: %s", err, held, errs)
}

// TestExcludeCommand has `zkdeck lock` meet kazoo and Curator, as TestExclude has
// lockctl; with a command and without one; and killed while it holds.
func TestExcludeCommand(t *testing.T) {
	t.Parallel()
	addr := zktest.SharedReal(t)
	r := newRig(t, addr, session, javaArgs(t, "CuratorPeers"))
	bin := built(t)
	t.Run("families", func(t *testing.T) { // which run beside each other, and end before the programs
		for _, f := range families {
			if f.name != "kazoo lock" && f.name != "curator mutex" {
				continue
			}
			for name, command := range map[string]bool{"alone": false, "with a command": true} {
				t.Run(f.name+" "+name, func(t *testing.T) {
					t.Parallel()
					s := r.scenery(t, f)
					s.deck = &deck{bin, command}
					bothOrders(s)
					s = r.scenery(t, f)
					s.deck = &deck{bin, command}
					chain(s)
				})
			}
			t.Run(f.name+" killed", func(t *testing.T) {
				t.Parallel()
				brief := *r
				brief.timeout = 4 * time.Second
				s := brief.scenery(t, f)
				s.deck = &deck{bin, false}
				killed(s)
			})
		}
	})
}

// killed kills ours while it holds: it is theirs when its session has ended.
func killed(s *scenery) {
	o, _ := s.ours("ours", s.recipe)
	o.hold()
	next := s.theirs("next", 0)
	s.queue("ours=h next=w>ours")
	next.waits()
	s.witness.write("leave ours")
	o.kill()
	next.hold()
	next.gives()
	s.empty()
	s.witness.alone(s.t, 0)
}
