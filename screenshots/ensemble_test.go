package screenshots

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ensemble is three real servers, which the program has started.
type ensemble struct {
	s    *stage
	base int
}

// bases are the first of nine ports; [masks] show those of the first one.
var bases = []int{21811, 22811, 23811, 24811, 25811}

// newEnsemble makes an ensemble of which server 3 is the leader, as it is nearly always.
// Its processes have begun when they have, so the clock is the machine's.
func newEnsemble(s *stage) *ensemble {
	s.t.Helper()
	s.clock.run(s.t)
	e := &ensemble{s: s}
	s.t.Cleanup(func() { _, _ = e.run("down", "demo", "--purge", "--yes") })
	var errs []error
	for _, e.base = range bases {
		_, err := e.run("up", "demo", "--base-port", strconv.Itoa(e.base))
		if err == nil && e.leads(3) {
			return e
		}
		errs = append(errs, err)
		_, _ = e.run("down", "demo", "--purge", "--yes")
	}
	s.t.Fatalf("no ensemble is there of which server 3 is the leader:\n%v", errors.Join(errs...))
	return nil
}

// leads tells whether that server is the leader.
func (e *ensemble) leads(id int) bool {
	var status struct {
		Servers []struct {
			ID    int
			State string
		}
	}
	text, err := e.run("status", "demo", "--json")
	if err == nil {
		err = json.Unmarshal([]byte(text), &status)
	}
	if err != nil {
		return false
	}
	for _, one := range status.Servers {
		if one.State == "leader" {
			return one.ID == id
		}
	}
	return false
}

// run calls zkdeck ensemble.
func (e *ensemble) run(args ...string) (string, error) {
	cmd := e.s.command(append([]string{"ensemble"}, args...)...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("zkdeck ensemble %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return string(out), err
}

// board opens the program on server 1 and goes to the board.
func (e *ensemble) board(height int) {
	s := e.s
	s.t.Helper()
	s.settings("demo", fmt.Sprintf("127.0.0.1:%d", e.base))
	s.open(width, height, "--profile", "demo")
	s.see("● connected")
	s.keys("6")
	s.see("◆ leader", "● follower")
}

// killLeader kills the leader and waits until all is said about it.
func (e *ensemble) killLeader() {
	s := e.s
	s.t.Helper()
	s.keys("!")
	s.see("2 ◆ leader", "● connected", "became leader", "1 ● follower")
	s.gone("Connected again")
	s.see("s ago")
	s.clock.stop()
}

// ensembles shows the board after the leader was killed.
func ensembles(s *stage) {
	e := newEnsemble(s)
	e.board(23)
	e.killLeader()
}
