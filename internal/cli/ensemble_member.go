package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

func ensembleAddCommand(f *flags) *cobra.Command {
	var w ensemble.AddWish
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a server to an ensemble",
		Long: "Add a server to an ensemble, in such an order that neither data nor the quorum is lost, and print the\n" +
			"new connect string. If it fails half way, the ensemble is as it was before.",
		Example:           "zkdeck ensemble add demo\nzkdeck ensemble add demo --observer",
		Args:              ensembleArgs(0, 0, ""),
		ValidArgsFunction: completeEnsemble(nil),
	}
	cmd.RunE = f.ensembles(func(ctx context.Context, j *ensembleJob, args []string) error {
		e, err := j.store.Open(args[0])
		if err != nil {
			return err
		}
		m, err := e.Add(ctx, w, j.step)
		if err != nil {
			return failure(ctx, e, err)
		}
		kind := ""
		if m.Observer {
			kind = ", an observer"
		}
		j.say("server %d at %s is added%s", m.ID, m.Addr(), kind)
		return j.printMembers(ctx, e)
	})
	cmd.Flags().BoolVar(&w.Observer, "observer", false, "it follows without a vote")
	cmd.Flags().IntVar(&w.BasePort, "base-port", 0, "the first of its ports; without it free ones are found")
	complete(cmd, "base-port", nil)
	return cmd
}

// step tells what is being done.
func (j *ensembleJob) step(text string) { j.say("%s", text) }

// printMembers says how an ensemble stands whose members have changed, and prints its
// connect string.
func (j *ensembleJob) printMembers(ctx context.Context, e *ensemble.Ensemble) error {
	s, err := e.Status(ctx)
	if err != nil {
		return err
	}
	j.say("%s", quorumText(s))
	plan := e.Plan()
	if _, err := fmt.Fprintln(j.out, plan.Connect()); err != nil {
		return fmt.Errorf("writing the connect string: %w", err)
	}
	return nil
}

// oneServer makes a command run with an ensemble and the id of one of its servers.
func (f *flags) oneServer(do func(ctx context.Context, j *ensembleJob, e *ensemble.Ensemble, id int) error) func(*cobra.Command, []string) error {
	return f.ensembles(func(ctx context.Context, j *ensembleJob, args []string) error {
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
		if words.all || len(ids) != 1 {
			return usage(fmt.Errorf("one server is wanted, and not %s", safetext.Quote(args[1])))
		}
		return do(ctx, j, e, ids[0])
	})
}

func ensembleRemoveCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME ID",
		Short: "Remove a server from an ensemble",
		Long: "Remove a server from an ensemble for good, and print the new connect string. The others are told one\n" +
			"after the other, and the ensemble serves meanwhile. What would cost it its quorum is refused.",
		Example:           "zkdeck ensemble remove demo 4",
		Args:              ensembleArgs(1, 1, "the id of a server"),
		ValidArgsFunction: completeEnsemble([]string{wordLeader}),
		RunE: f.oneServer(func(ctx context.Context, j *ensembleJob, e *ensemble.Ensemble, id int) error {
			if err := e.Remove(ctx, id, j.step); err != nil {
				return failure(ctx, e, err)
			}
			j.say("server %d is removed", id)
			return j.printMembers(ctx, e)
		}),
	}
}

func ensembleWipeCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "wipe NAME ID",
		Short: "Delete the data of a stopped server, which gets it from the others when it starts",
		Long: "Delete the data of a stopped server of an ensemble. When it starts again, it gets everything from the\n" +
			"leader: what is done about a server whose disk is damaged. What would lose data is refused.",
		Example:           "zkdeck ensemble stop demo 2\nzkdeck ensemble wipe demo 2\nzkdeck ensemble start demo 2",
		Args:              ensembleArgs(1, 1, "the id of a server"),
		ValidArgsFunction: completeEnsemble([]string{}),
		RunE: f.oneServer(func(ctx context.Context, j *ensembleJob, e *ensemble.Ensemble, id int) error {
			if err := e.Wipe(ctx, id); err != nil {
				return err
			}
			j.say("the data of server %s is deleted; zkdeck ensemble start %s %d has it fetch all from the others", strconv.Itoa(id), e.Name(), id)
			return nil
		}),
	}
}
