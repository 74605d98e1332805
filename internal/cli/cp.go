package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"zkdeck/zkview"
)

// copyFlags are the flags of `zkdeck cp` and `zkdeck mv`.
type copyFlags struct {
	transferFlags
	other           otherFlags
	leaveEphemerals bool
	fast            bool
	move            bool
}

func cpCommand(f *flags) *cobra.Command {
	var o copyFlags
	cmd := &cobra.Command{
		Use:   "cp FROM TO",
		Short: "Copy a znode and all below it",
		Long: "Copy FROM and all below it to TO, which is the path of the copy itself, also between clusters.\n" +
			"The same rules hold as for export and import: ephemerals are left out, what is there and alike stays,\n" +
			"and if something differs nothing is changed unless --on-conflict says otherwise.\n\n" +
			"The exit code is 1 if anything was not copied.",
		Example: `zkdeck cp /config/a /config/b
zkdeck cp /config /config --to-servers other:2181 --dry-run`,
		Args:              pathArgs(2, 2),
		ValidArgsFunction: f.completePath,
	}
	cmd.RunE = f.copying(&o)
	o.registerAll(cmd)
	return cmd
}

func (o *copyFlags) registerAll(cmd *cobra.Command) {
	o.register(cmd)
	o.other.register(cmd)
	cmd.Flags().BoolVar(&o.fast, "fast", false, "ask the server as fast as it answers")
}

// copying runs a copy or a move.
func (f *flags) copying(o *copyFlags) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return f.command(func(ctx context.Context, j *job, args []string) error {
			options, err := o.options()
			if err != nil {
				return err
			}
			options.LeaveEphemerals = o.leaveEphemerals
			into, closing, err := f.other(ctx, cmd, j, o.other)
			defer closing()
			if err == nil && !o.dryRun {
				err = into.mayWrite()
			}
			if err == nil && !o.dryRun && o.move {
				err = j.mayWrite()
			}
			if err != nil {
				return err
			}
			reading, progress, cancel := j.patientTransfer(ctx)
			defer cancel()
			options.Progress = progress
			plan, err := j.session.PlanCopy(reading, args[0], args[1], zkview.CopyOptions{
				ImportOptions: options, Into: into.session, Move: o.move, Fast: o.fast,
			})
			j.endProgress()
			if err != nil {
				if ctx.Err() != nil {
					return errors.New("interrupted; nothing was changed")
				}
				return fmt.Errorf("nothing was changed: %w", err)
			}
			defer func() { _ = plan.Close() }()
			return j.carryOut(ctx, plan, &o.transferFlags)
		})(cmd, args)
	}
}
