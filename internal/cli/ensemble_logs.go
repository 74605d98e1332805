package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// logTail is how many entries of a log are shown unless -n says otherwise.
const logTail = 100

// logsFlags are the flags of `zkdeck ensemble logs`.
type logsFlags struct {
	follow bool
	tail   int
	grep   string
}

func ensembleLogsCommand(f *flags) *cobra.Command {
	var o logsFlags
	cmd := &cobra.Command{
		Use:   "logs NAME [ID…]",
		Short: "Show what servers of an ensemble have logged",
		Long: "Show what servers of an ensemble have logged, of several merged by time and each line with the id of\n" +
			"its server. ID is the number of a server, or " + wordLeader + "; without one all are shown.\n\n" +
			"A terminal gets the time of day, and what could act upon it is escaped. Anything else gets time,\n" +
			"level and text as ZooKeeper writes them, of several servers after their id and a tab.",
		Example: `zkdeck ensemble logs demo
zkdeck ensemble logs demo leader -f
zkdeck ensemble logs demo -n 0 -f
zkdeck ensemble logs demo 2 -n -1 | grep WARN`,
		Args:              ensembleArgs(0, -1, "the id of a server"),
		ValidArgsFunction: completeEnsemble([]string{wordLeader}),
	}
	cmd.RunE = f.ensembles(func(ctx context.Context, j *ensembleJob, args []string) error {
		words, err := parseServers(args[1:])
		if err != nil {
			return err
		}
		e, err := j.store.Open(args[0])
		if err != nil {
			return err
		}
		ids, err := words.resolve(ctx, e)
		if err != nil {
			return err
		}
		return j.logs(ctx, e, ids, o)
	})
	fs := cmd.Flags()
	fs.BoolVarP(&o.follow, "follow", "f", false, "go on with what they log, until interrupted")
	fs.IntVarP(&o.tail, "lines", "n", logTail, "how many entries to begin with, -1 for all")
	fs.StringVar(&o.grep, "grep", "", "only entries that hold this text, whatever its case")
	complete(cmd, "lines", nil)
	complete(cmd, "grep", nil)
	return cmd
}

// logs prints what servers have logged.
func (j *ensembleJob) logs(ctx context.Context, e *ensemble.Ensemble, ids []int, o logsFlags) error {
	options := ensemble.LogOptions{IDs: ids, Tail: o.tail, Follow: o.follow}
	switch { // of the option 0 means all and -1 none
	case o.tail < 0:
		options.Tail = 0
	case o.tail == 0:
		options.Tail = -1
	}
	if o.grep != "" {
		want := strings.ToLower(o.grep)
		options.Match = func(l ensemble.LogLine) bool { return strings.Contains(strings.ToLower(l.Text), want) }
	}
	plan := e.Plan()
	several := len(ids) > 1 || len(ids) == 0 && len(plan.Members) > 1
	err := e.Logs(ctx, options, func(l ensemble.LogLine) error {
		if _, err := j.out.WriteString(j.logText(l, several)); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
		if o.follow {
			return j.flush()
		}
		return nil
	})
	if o.follow && errors.Is(err, context.Canceled) {
		return nil // which is how following ends
	}
	return err
}

// logText is an entry of a log with its line ends: of several servers each line begins
// with the id of its own.
func (j *ensembleJob) logText(l ensemble.LogLine, several bool) string {
	before, layout, clean := "", "2006-01-02 15:04:05,000", func(s string) string { return s }
	if j.outIsTerminal {
		layout, clean = "15:04:05.000", safetext.CleanLine
	}
	switch {
	case several && j.outIsTerminal:
		before = strconv.Itoa(l.Server) + " │ "
	case several:
		before = strconv.Itoa(l.Server) + "\t"
	}
	var b strings.Builder
	for i, line := range strings.Split(l.Text, "\n") {
		b.WriteString(before)
		if i == 0 && !l.At.IsZero() {
			b.WriteString(l.At.Format(layout) + " ")
		}
		if i == 0 && l.Level != "" {
			fmt.Fprintf(&b, "%-5s ", clean(l.Level))
		}
		b.WriteString(clean(line) + "\n")
	}
	return b.String()
}
