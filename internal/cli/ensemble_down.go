package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// downFlags are the flags of `zkdeck ensemble down`.
type downFlags struct{ purge, yes, orphans bool }

func ensembleDownCommand(f *flags) *cobra.Command {
	var o downFlags
	cmd := &cobra.Command{
		Use:   "down NAME",
		Short: "Stop an ensemble, and with --purge delete it",
		Long: "Stop all servers of an ensemble. Its folder with the data stays, and zkdeck ensemble up starts it\n" +
			"again; that of one made with --temp is deleted.\n\n" +
			"--purge deletes the folder with everything in it. On a terminal it asks first; without one it is\n" +
			"refused unless --yes is given. An ensemble whose folder is gone is forgotten.\n\n" +
			"--orphans ends the servers that belong to no ensemble, which zkdeck ensemble ls lists.",
		Example: "zkdeck ensemble down demo\nzkdeck ensemble down demo --purge\nzkdeck ensemble down demo --purge --yes",
		Args: func(cmd *cobra.Command, args []string) error {
			if !o.orphans {
				return ensembleArgs(0, 0, "")(cmd, args)
			}
			if len(args) > 0 || o.purge {
				return usage(errors.New("--orphans is for servers that belong to no ensemble: leave out what else was given"))
			}
			return nil
		},
		ValidArgsFunction: completeEnsemble(nil),
	}
	cmd.RunE = f.ensembles(func(ctx context.Context, j *ensembleJob, args []string) error {
		if o.orphans {
			return j.endOrphans(ctx)
		}
		e, err := j.store.Open(args[0])
		if errors.Is(err, ensemble.ErrNoEnsemble) && j.store.Forget(args[0]) == nil {
			j.say("%s is forgotten: its folder was gone", args[0])
			return nil
		}
		if err != nil {
			return err
		}
		return j.down(ctx, e, o)
	})
	cmd.Flags().BoolVar(&o.purge, "purge", false, "delete its folder with all data")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&o.orphans, "orphans", false, "end the servers that belong to no ensemble")
	return cmd
}

// endOrphans ends the servers that belong to no ensemble.
func (j *ensembleJob) endOrphans(ctx context.Context) error {
	orphans, err := j.store.Orphans(ctx)
	if err != nil {
		return err
	}
	for _, o := range orphans {
		if err := o.End(ctx); err != nil {
			return err
		}
		j.say("the server with pid %d of %s is stopped", o.Pid, tilde(o.Config))
	}
	if len(orphans) == 0 {
		j.say("there are no such servers")
	}
	return nil
}

// down stops an ensemble and deletes what is to be deleted.
func (j *ensembleJob) down(ctx context.Context, e *ensemble.Ensemble, o downFlags) error {
	plan := e.Plan()
	if o.purge && !plan.Temp && !o.yes {
		if err := j.confirmPurge(ctx, &plan); err != nil {
			return err
		}
	}
	s, err := e.Status(ctx)
	if err != nil {
		return err
	}
	ran := runningIDs(s)
	if err := e.Down(ctx, o.purge); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted; zkdeck ensemble status %s shows what runs", e.Name())
		}
		return err
	}
	what := "no server ran"
	if len(ran) > 0 {
		what = areText(ran) + " stopped"
	}
	switch {
	case o.purge || plan.Temp:
		j.say("%s, and %s is deleted", what, tilde(plan.Dir))
	default:
		j.say("%s; %s stays, zkdeck ensemble up %s starts it again", what, tilde(plan.Dir), e.Name())
	}
	return nil
}

// confirmPurge has the name of an ensemble typed before it is deleted.
func (j *ensembleJob) confirmPurge(ctx context.Context, plan *ensemble.Plan) error {
	if !isTerminal(os.Stdin) || !j.errsIsTerminal {
		return usage(fmt.Errorf("nothing was deleted: --purge deletes %s with all data, and there is no terminal to ask on; --yes does it unasked", safetext.Clean(plan.Dir)))
	}
	_, _ = fmt.Fprintf(j.errs, "This stops %s and deletes the data of its %s, all that is in\n%s.\nType %s to go on: ",
		safetext.Clean(plan.Name), membersText(plan), safetext.Clean(plan.Dir), safetext.Clean(plan.Name))
	line, err := typedLine(ctx)
	switch {
	case err != nil:
		return errors.New("interrupted; nothing was deleted")
	case line != plan.Name:
		return errors.New("nothing was deleted")
	}
	return nil
}

// typedLine is a line that is typed, unless ctx ends before.
func typedLine(ctx context.Context) (string, error) {
	typed := make(chan string, 1)
	go func() { // ends with the process if nothing is typed
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		typed <- strings.TrimRight(line, "\r\n")
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case line := <-typed:
		return line, nil
	}
}
