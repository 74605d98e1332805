package ensemble

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"zkdeck/config/zoocfg"
)

// PreflightError says that servers were not started because something was found
// that would keep them from serving, or from keeping their data.
type PreflightError struct {
	// Findings are all that were found, the errors among them.
	Findings []zoocfg.Finding
}

func (e *PreflightError) Error() string {
	var b strings.Builder
	b.WriteString("nothing was started")
	for _, f := range e.Findings {
		if f.Severity == zoocfg.Error {
			fmt.Fprintf(&b, "\n  %s", f.What)
			if f.Mend != "" {
				fmt.Fprintf(&b, "; %s", f.Mend)
			}
		}
	}
	return b.String()
}

// asError is a *PreflightError if there is an error among the findings.
func asError(findings []zoocfg.Finding) error {
	for _, f := range findings {
		if f.Severity == zoocfg.Error {
			return &PreflightError{Findings: findings}
		}
	}
	return nil
}

// Preflight looks for whatever would keep the servers of a plan from starting, from
// serving or from keeping their data: ports, folders, disk, Java, jars, myid, data
// and every zoo.cfg. The ensemble need not have been written; servers that run are
// passed over. It writes nothing that stays.
func (s *Store) Preflight(ctx context.Context, p *Plan) []zoocfg.Finding {
	var down []Member
	for _, m := range p.Members {
		if proc, err := readProcess(p.ServerDir(m.ID), p.ConfigFile(m.ID)); err != nil || !proc.Alive {
			down = append(down, m)
		}
	}
	return s.preflight(ctx, p, down)
}

// preflight is Preflight for some members of a plan, none of which runs.
func (s *Store) preflight(ctx context.Context, p *Plan, down []Member) []zoocfg.Finding {
	var found []zoocfg.Finding
	found = append(found, checkJava(p)...)
	found = append(found, checkJars(p)...)
	found = append(found, s.checkPorts(ctx, p, down)...)
	found = append(found, checkFolders(p, down)...)
	for _, m := range down {
		found = append(found, checkData(p, m)...)
	}
	found = append(found, checkConfigs(p, down)...)
	sortFindings(found)
	return found
}

// sortFindings puts the worst first and leaves the order as it is otherwise.
func sortFindings(found []zoocfg.Finding) {
	slices.SortStableFunc(found, func(a, b zoocfg.Finding) int { return int(b.Severity) - int(a.Severity) })
}
