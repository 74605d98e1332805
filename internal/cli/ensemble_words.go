package cli

import (
	"fmt"
	"strings"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
)

// serverGlyphs stand before the state of a server.
var serverGlyphs = map[ensemble.State]string{
	ensemble.Leader: "◆", ensemble.Standalone: "◆", ensemble.Follower: "●", ensemble.Observer: "●",
	ensemble.Starting: "◌", ensemble.Electing: "◌", ensemble.ReadOnly: "◐", ensemble.Hung: "▲", ensemble.Exited: "✕",
}

// glyphOf is that of a server; one that is down as it should be has its own.
func glyphOf(s ensemble.ServerStatus) string {
	if text := stateText(s); text == stateStopped || text == stateNotStarted {
		return "○"
	}
	return serverGlyphs[s.State]
}

// Words for servers that are down as they should be.
const (
	stateStopped    = "stopped"
	stateNotStarted = "not started"
)

// stateText is what a server does, in one or two words.
func stateText(s ensemble.ServerStatus) string {
	switch {
	case s.Paused:
		return "paused"
	case s.State == ensemble.Exited && s.Exit == nil:
		return stateNotStarted
	case s.State == ensemble.Exited && s.Exit.ByUs && s.Exit.Signal == "SIGKILL":
		return "killed"
	case s.State == ensemble.Exited && s.Exit.ByUs:
		return stateStopped
	}
	return string(s.State)
}

// runs tells whether a server has a process.
func runs(s ensemble.ServerStatus) bool { return s.State != ensemble.Exited }

// runningIDs are the ids of the servers that have a process.
func runningIDs(s ensemble.Status) []int {
	var ids []int
	for _, v := range s.Servers {
		if runs(v) {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// ensembleState is what an ensemble does, in a word for programs: serving, no-quorum
// or stopped.
func ensembleState(s ensemble.Status) string {
	switch {
	case s.Quorum:
		return "serving"
	case len(runningIDs(s)) > 0:
		return "no-quorum"
	}
	return "stopped"
}

// quorumText says how an ensemble stands with its quorum.
func quorumText(s ensemble.Status) string {
	switch {
	case len(runningIDs(s)) == 0:
		return "no server runs"
	case s.Quorum && s.Voters == 1:
		return "serving"
	case s.Quorum && s.Up == s.Voters:
		return fmt.Sprintf("serving, all %d voters are up", s.Voters)
	case s.Quorum:
		return fmt.Sprintf("serving, %d of %d voters are up and %d are needed", s.Up, s.Voters, s.Need)
	case s.Voters == 1:
		return "not serving"
	}
	verb := "run"
	if votersUp(s) == 1 {
		verb = "runs"
	}
	what := "no quorum"
	if votersUp(s) >= s.Need {
		what = "no leader"
	}
	return fmt.Sprintf(what+", %d of %d voters %s and %s needed", votersUp(s), s.Voters, verb, areNeeded(s.Need))
}

func areNeeded(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

// votersUp is how many servers with a vote have a process that is not paused.
func votersUp(s ensemble.Status) int {
	n := 0
	for _, v := range s.Servers {
		if runs(v) && !v.Observer && !v.Paused {
			n++
		}
	}
	return n
}

// exitText says how the process of a server ended and when; it is safe to print.
func exitText(x *ensemble.Exit, now time.Time) string {
	var how string
	switch {
	case x.ByUs && x.Signal == "SIGKILL":
		how = "killed as asked"
	case x.ByUs:
		how = "stopped as asked"
	case x.Signal != "":
		how = "ended by " + safetext.CleanLine(x.Signal)
	case x.Code < 0:
		how = "ended, nobody saw how"
	default:
		how = fmt.Sprintf("ended with exit code %d", x.Code)
	}
	if !x.At.IsZero() {
		how += ", " + value.Age(now.Sub(x.At)) + " ago"
	}
	return how
}

// troubleLines say below the row of a server what else there is to know: how it
// ended or why it does not serve, what its log says, and the mend. They are safe to
// print.
func troubleLines(s ensemble.ServerStatus, now time.Time) []string {
	var lines []string
	add := func(before, text string) {
		if text != "" {
			lines = append(lines, before+safetext.CleanLine(text))
		}
	}
	switch {
	case s.Exit != nil && !runs(s) && stateText(s) == stateStopped:
	case s.Exit != nil && !runs(s):
		how := exitText(s.Exit, now)
		if s.Exit.Why != "" && !s.Exit.ByUs {
			how += ": " + safetext.CleanLine(s.Exit.Why)
		}
		lines = append(lines, how)
		if !s.Exit.ByUs {
			add("its log: ", s.Exit.Line)
			add("mend: ", s.Exit.Mend)
		}
	case s.Trouble != "":
		add("", s.Trouble)
	case !s.State.Serves() && runs(s):
		add("its log: ", s.LastLog)
	}
	return lines
}

// who leads and who follows, as "server 3 leads, servers 1 and 2 follow".
func rolesText(s ensemble.Status) string {
	var parts []string
	by := map[ensemble.State][]int{}
	for _, v := range s.Servers {
		by[v.State] = append(by[v.State], v.ID)
	}
	say := func(state ensemble.State, one, more string) {
		if ids := by[state]; len(ids) > 0 {
			verb := more
			if len(ids) == 1 {
				verb = one
			}
			parts = append(parts, serversText(ids)+" "+verb)
		}
	}
	say(ensemble.Standalone, "stands alone", "stand alone")
	say(ensemble.Leader, "leads", "lead")
	say(ensemble.Follower, "follows", "follow")
	say(ensemble.Observer, "observes", "observe")
	say(ensemble.Electing, "elects", "elect")
	say(ensemble.Starting, "starts", "start")
	say(ensemble.ReadOnly, "only reads", "only read")
	say(ensemble.Hung, "hangs", "hang")
	say(ensemble.Exited, "is down", "are down")
	return strings.Join(parts, ", ")
}
