package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/internal/lockview"
	"zkdeck/lockctl"
	"zkdeck/lockctl/lab"
)

// labProgressEvery is how often a person is told how far it is.
const labProgressEvery = 200 * time.Millisecond

// lab is `zkdeck lab` without a screen.
func (f *flags) lab(cmd *cobra.Command, o labFlags) error {
	named := elsewhere(cmd)
	if !named {
		f.servers = anyAddress // until there is one
	}
	return f.prepare(cmd, func(j *job, log *slog.Logger) error {
		if err := j.mayWrite(); err != nil {
			return err
		}
		ctx := cmd.Context()
		if !named {
			box, err := startBox(ctx, sandboxFlags{listen: anyPort, data: dataEmpty, tick: labTick}, log, io.Discard)
			if err != nil {
				return err
			}
			defer box.close()
			j.target.Servers = box.address()
		}
		session, err := j.target.open(ctx, log)
		if err != nil {
			return err
		}
		defer func() { _ = session.Close() }()
		j.session = session
		if err := j.connect(ctx); err != nil {
			return err
		}
		base := ""
		if named {
			// Others who measure there at the same time are not to be in the same queue.
			base = fmt.Sprintf("%s/%d-%s", lab.DefaultBase, os.Getpid(), strings.ToLower(rand.Text()[:8]))
			j.warn("%s on %s, each with a session of its own; they write below %s", many(int64(o.workers), "worker", "workers"), j.target.Servers, base)
		}
		return j.measure(ctx, o, base, log)
	})
}

// measure runs the recipes one after the other below a path, "" for the lab's own, and
// prints what was counted, also of one that was interrupted.
func (j *job) measure(ctx context.Context, o labFlags, base string, log *slog.Logger) error {
	cfg, err := j.target.config(ctx, log, (*config.Auth).Secret)
	if err != nil {
		return err
	}
	cfg.Timeout = labTimeout
	var all []lab.Counters
	defer func() {
		if j.outIsTerminal && !o.json && len(all) > 0 {
			_, _ = j.out.WriteString(labTable(all))
		}
	}()
	for _, recipe := range o.recipes {
		options := o.options(recipe)
		options.Base, options.Tidy, options.Logger = base, j.target.Timeout, log
		options.Open = func(dial lab.Dial) (lockctl.Session, error) {
			own := cfg
			own.Dial = dial
			return lockview.OpenSession(own)
		}
		counted, err := j.count(ctx, options, o.seconds)
		if counted.Seconds > 0 {
			all = append(all, counted)
			if wrong := j.tellCounters(counted, o.json); wrong != nil {
				return wrong
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// count runs one recipe for so many seconds, and returns what was counted, even with an
// error. Nothing of the run is left when it returns.
func (j *job) count(ctx context.Context, o lab.Options, seconds float64) (lab.Counters, error) {
	// Whoever interrupts it gets what was counted until then.
	run, err := lab.Start(context.WithoutCancel(ctx), o)
	if err != nil {
		return lab.Counters{}, fmt.Errorf("starting the lab with %s: %w", o.Recipe, err)
	}
	s, err := j.follow(ctx, run, seconds)
	j.endProgress()
	if closed := run.Close(); err == nil && closed != nil {
		err = fmt.Errorf("cleaning up after %s: %w", o.Recipe, closed)
	}
	return s.Counters, err
}

// follow waits until a run has been counted for so many seconds.
func (j *job) follow(ctx context.Context, run *lab.Run, seconds float64) (lab.Snapshot, error) {
	end := time.NewTimer(j.target.Timeout) // of the patience with servers, and then of the run
	defer end.Stop()
	tick := time.NewTicker(labProgressEvery)
	defer tick.Stop()
	for begun := false; ; {
		s := run.Snapshot()
		switch {
		case s.Err != nil:
			return s, fmt.Errorf("the lab with %s has ended: %s", s.Options.Recipe, labText(s.Err))
		case !begun && s.State != lab.Starting:
			begun = true
			end.Reset(time.Duration(seconds * float64(time.Second)))
		}
		select {
		case <-ctx.Done():
			if !begun {
				return lab.Snapshot{}, errors.New("interrupted before it began")
			}
			return run.Snapshot(), errors.New("interrupted")
		case <-end.C:
			if !begun {
				return lab.Snapshot{}, fmt.Errorf("%s could not be opened on %s within %s", many(int64(s.Options.Workers), "session", "sessions"), j.target.Servers, j.target.Timeout)
			}
			return run.Snapshot(), nil
		case <-tick.C:
			j.labProgress(s, seconds)
		case <-run.Changed():
		}
	}
}

// labProgress tells on a terminal how far a run is.
func (j *job) labProgress(s lab.Snapshot, seconds float64) {
	if !j.overwrites {
		return
	}
	if s.State == lab.Starting {
		j.overwrite(fmt.Sprintf("%s: opening %s", s.Options.Recipe, many(int64(s.Options.Workers), "session", "sessions")))
		return
	}
	j.overwrite(fmt.Sprintf("%s: %.0f of %g s, %s", s.Options.Recipe, s.Counters.Seconds, seconds, many(s.Counters.Handoffs, "hand-off", "hand-offs")))
}

// tellCounters prints what was counted of one recipe, where no table is wanted.
func (j *job) tellCounters(c lab.Counters, asJSON bool) error {
	var err error
	switch {
	case asJSON:
		c.Seconds, c.Fairness = rounded(c.Seconds), rounded(c.Fairness)
		c.WakeupsPerHandoff, c.RequestsPerHandoff = rounded(c.WakeupsPerHandoff), rounded(c.RequestsPerHandoff)
		err = j.line(c)
	case !j.outIsTerminal:
		_, err = fmt.Fprintln(j.out, strings.Join(labCells(c, func(n int64) string { return strconv.FormatInt(n, 10) }), "\t"))
	}
	if err = cmp.Or(err, j.out.Flush()); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

// rounded is a number to three places: more of them would be chance.
func rounded(n float64) float64 { return math.Round(n*1000) / 1000 }

// labCells are the fields of a line.
func labCells(c lab.Counters, number func(int64) string) []string {
	p50, p99 := notKnown, notKnown
	if m := c.HandoffMicros; m != nil {
		p50, p99 = number(m.P50), number(m.P99)
	}
	return []string{
		string(c.Recipe), strconv.Itoa(c.Workers), fmt.Sprintf("%.1f", c.Seconds), number(c.Handoffs),
		fmt.Sprintf("%.1f", c.WakeupsPerHandoff), fmt.Sprintf("%.1f", c.RequestsPerHandoff),
		p50, p99, fmt.Sprintf("%.2f", c.Fairness), number(c.LostUpdates),
	}
}

// labTable is what was counted as people read it.
func labTable(all []lab.Counters) string {
	head := []string{"RECIPE", "WORKERS", "SECONDS", "HAND-OFFS", "WAKE-UPS", "REQUESTS", "MICROS P50", "P99", "FAIRNESS", "LOST"}
	rows := make([]gridRow, 0, len(all))
	for _, c := range all {
		rows = append(rows, gridRow{cells: labCells(c, humanize.Comma)})
	}
	return grid(head, rows, 1, 2, 3, 4, 5, 6, 7, 8, 9)
}
