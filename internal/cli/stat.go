package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"zkdeck/tui/value"
	"zkdeck/zkview"
)

func statCommand(f *flags) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stat PATH",
		Short: "Print what ZooKeeper knows about a znode",
		Long: "Print the Stat of a znode: transactions, times, versions, owner and sizes, under the names\n" +
			"that zkCli.sh gives them.\n\n" +
			"The exit code is 1 if there is no such znode and 2 for an error.",
		Example: `zkdeck stat /controller
zkdeck stat /controller --json | jq -r .ephemeralOwner`,
		Args:              pathArgs(1, 1),
		ValidArgsFunction: f.completePath,
	}
	cmd.RunE = f.reading(func(ctx context.Context, j *job, args []string) error {
		s, err := j.session.Stat(ctx, args[0])
		if err != nil {
			return absent(args[0], err)
		}
		if asJSON {
			return j.line(znodeJSON{Path: args[0], statJSON: jsonOf(s)})
		}
		return j.printStat(s)
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

func (j *job) printStat(s zkview.Stat) error {
	now := time.Now()
	when := func(t time.Time) string { return stamp(t) + " (" + value.Age(now.Sub(t)) + " ago)" }
	size := fmt.Sprint(s.DataLength)
	if s.DataLength >= 1000 {
		size += " (" + value.Size(int64(s.DataLength)) + ")"
	}
	owner := hex(s.EphemeralOwner)
	switch s.Kind() {
	case zkview.Persistent:
	case zkview.TTL:
		owner += " (TTL " + s.TTL().String() + ")"
	default:
		owner += " (" + s.Kind().String() + ")"
	}
	for _, field := range [][2]string{
		{"cZxid", hex(s.Czxid)},
		{"ctime", when(s.Created())},
		{"mZxid", hex(s.Mzxid)},
		{"mtime", when(s.Modified())},
		{"pZxid", hex(s.Pzxid)},
		{"cversion", fmt.Sprint(s.Cversion)},
		{"dataVersion", fmt.Sprint(s.Version)},
		{"aclVersion", fmt.Sprint(s.Aversion)},
		{"ephemeralOwner", owner},
		{"dataLength", size},
		{"numChildren", fmt.Sprint(s.NumChildren)},
	} {
		if _, err := fmt.Fprintf(j.out, "%s = %s\n", field[0], field[1]); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	return nil
}
