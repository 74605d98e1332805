package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
	"zkdeck/tui/value"
)

// ensembleStatusFlags are the flags of `zkdeck ensemble status`.
type ensembleStatusFlags struct{ json, watch bool }

func ensembleStatusCommand(f *flags) *cobra.Command {
	var o ensembleStatusFlags
	cmd := &cobra.Command{
		Use:   "status NAME",
		Short: "Show what every server of an ensemble does",
		Long: "Show what every server of an ensemble does, and why one does not serve.\n\n" +
			"--json prints an object: name, connect, quorum (whether it takes writes), need, up, voters, at, and\n" +
			"servers, each with id, state (starting, electing, leader, follower, observer, standalone, read-only,\n" +
			"hung, exited), pid, client, quorum and election (its ports), version, zxid, dir, and exit: null, or\n" +
			"how its process ended, with code, signal, line, why and mend.\n\n" +
			"--watch goes on with a line for everything that happens, until it is interrupted.\n\n" +
			"The exit code is 0 if the ensemble serves, and 1 if not.",
		Example: `zkdeck ensemble status demo
zkdeck ensemble status demo --json | jq -r '.servers[] | select(.state == "leader") | .id'
zkdeck ensemble status demo --watch`,
		Args:              ensembleArgs(0, 0, ""),
		ValidArgsFunction: completeEnsemble(nil),
	}
	cmd.RunE = f.ensembles(func(ctx context.Context, j *ensembleJob, args []string) error {
		e, err := j.store.Open(args[0])
		if err != nil {
			return err
		}
		if o.watch {
			return j.watchEnsemble(ctx, e, o.json)
		}
		s, err := e.Status(ctx)
		if err != nil {
			return err
		}
		if err := j.printStatus(e, s, o.json); err != nil {
			return err
		}
		if !s.Quorum {
			return &outcome{exitFailed, nil}
		}
		return nil
	})
	fs := cmd.Flags()
	fs.BoolVar(&o.json, "json", false, "print JSON")
	fs.BoolVar(&o.watch, "watch", false, "follow it and print what happens; with --json one object a line")
	return cmd
}

// printStatus prints an ensemble.
func (j *ensembleJob) printStatus(e *ensemble.Ensemble, s ensemble.Status, asJSON bool) error {
	var err error
	if asJSON {
		err = j.line(s)
	} else {
		plan := e.Plan()
		_, err = j.out.WriteString(statusText(&plan, s, time.Now()))
	}
	if err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

// statusText is an ensemble as people read it.
func statusText(plan *ensemble.Plan, s ensemble.Status, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n", safetext.Clean(s.Name), quorumText(s))
	fmt.Fprintf(&b, "%s\n", s.Connect)
	fmt.Fprintf(&b, "%s, ZooKeeper %s\n\n", safetext.Clean(tilde(plan.Dir)), safetext.CleanLine(cmp.Or(plan.ZooKeeper.Version, "of unknown version")))
	var rows []gridRow
	for _, v := range s.Servers {
		r := gridRow{cells: []string{
			strconv.Itoa(v.ID), glyphOf(v) + " " + roleText(v), orNot(v.Pid != 0, strconv.Itoa(v.Pid)),
			strconv.Itoa(v.Client), strconv.Itoa(v.Quorum), strconv.Itoa(v.Election),
			cmp.Or(safetext.CleanLine(v.Zxid), notKnown), notKnown, notKnown, notKnown,
		}, below: troubleLines(v, now)}
		if runs(v) {
			r.cells[7] = orNot(!v.Started.IsZero(), value.Clock(now.Sub(v.Started)))
			r.cells[8] = orNot(v.State.Serves(), strconv.Itoa(v.Conns))
			r.cells[9] = orNot(v.RSS > 0, humanize.IBytes(uint64(max(v.RSS, 0))))
		}
		rows = append(rows, r)
	}
	b.WriteString(grid([]string{"ID", "  STATE", "PID", "CLIENT", "QUORUM", "ELECT", "ZXID", "UP", "CONN", "MEM"}, rows, 0, 2, 3, 4, 5, 7, 8, 9))
	return b.String()
}

// roleText is the state of a server, of one without a vote that too.
func roleText(v ensemble.ServerStatus) string {
	text := stateText(v)
	if v.Observer && v.State != ensemble.Observer {
		text += " (observer)"
	}
	return text
}

// orNot is text if it is known.
func orNot(known bool, text string) string {
	if known {
		return text
	}
	return notKnown
}
