package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// rmFlags are the flags of `zkdeck rm`.
type rmFlags struct{ recursive, dryRun, yes, json bool }

func rmCommand(f *flags) *cobra.Command {
	var o rmFlags
	cmd := &cobra.Command{
		Use:   "rm PATH...",
		Short: "Delete znodes",
		Long: "Delete znodes that have no children, or with -r all that is below them too, the leaves first and up to\n" +
			"a thousand in one transaction. What is to be deleted is counted first, and on a terminal -r asks.\n" +
			"/ and /zookeeper are refused.\n\n" +
			"The exit code is 1 if something remains.",
		Example: `zkdeck rm /config/old
zkdeck rm -r /config/old --dry-run
zkdeck rm -r /config/old --yes`,
		Args:              pathArgs(1, 1000),
		ValidArgsFunction: f.completePath,
	}
	cmd.RunE = f.command(func(ctx context.Context, j *job, args []string) error {
		if !o.dryRun {
			if err := j.mayWrite(); err != nil {
				return err
			}
		}
		if o.recursive {
			return j.removeTrees(ctx, args, o)
		}
		return j.removeLeaves(ctx, args, o)
	})
	fs := cmd.Flags()
	fs.BoolVarP(&o.recursive, "recursive", "r", false, "delete all that is below them too")
	fs.BoolVar(&o.dryRun, "dry-run", false, "tell how much would be deleted, and delete nothing")
	fs.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	fs.BoolVar(&o.json, "json", false, "print JSON, one object a line")
	return cmd
}

// removeLeaves deletes znodes without children, each guarded by the version that is
// seen now.
func (j *job) removeLeaves(ctx context.Context, paths []string, o rmFlags) error {
	targets := make([]zkview.PathVersion, len(paths))
	for i, path := range paths {
		stat, err := j.session.Stat(ctx, path)
		if err == nil && stat.NumChildren > 0 && path != "/" {
			err = fmt.Errorf("%s has %s; -r deletes them too", safetext.Clean(path), many(int64(stat.NumChildren), "child", "children"))
		}
		if err != nil {
			return fmt.Errorf("nothing was deleted: %w", err)
		}
		targets[i] = zkview.PathVersion{Path: path, Version: stat.Version}
	}
	removal, err := j.session.PlanRemove(ctx, targets, nil)
	if err != nil {
		return err
	}
	if s := removal.Summary(); s.Znodes > int64(s.Targets) {
		return errors.New("nothing was deleted: there are children by now; -r deletes them too")
	}
	return j.remove(ctx, removal, o)
}

func (j *job) removeTrees(ctx context.Context, paths []string, o rmFlags) error {
	targets := make([]zkview.PathVersion, len(paths))
	for i, path := range paths {
		targets[i] = zkview.PathVersion{Path: path, Version: -1}
	}
	reading, progress, cancel := j.patientTransfer(ctx)
	defer cancel()
	removal, err := j.session.PlanRemove(reading, targets, progress)
	j.endProgress()
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted; nothing was deleted")
		}
		return err
	}
	if s := removal.Summary(); len(s.Missing) > 0 {
		return fmt.Errorf("nothing was deleted: %s: %w", safetext.Clean(s.Missing[0]), zkview.ErrNoNode)
	}
	if !o.yes && !o.dryRun && isTerminal(os.Stdin) && j.errsIsTerminal {
		if err := j.confirmRemoval(ctx, removal.Summary(), paths); err != nil {
			return err
		}
	}
	return j.remove(ctx, removal, o)
}

// confirmRemoval says how much would be deleted, and has the name or the number typed.
func (j *job) confirmRemoval(ctx context.Context, s zkview.RemovalSummary, paths []string) error {
	word := fmt.Sprint(s.Znodes)
	if len(paths) == 1 {
		word = safetext.Clean(paths[0][strings.LastIndexByte(paths[0], '/')+1:])
	}
	j.warnRemoval(s)
	_, _ = fmt.Fprintf(j.errs, "This deletes %s. Type %s to go on: ", many(s.Znodes, "znode", "znodes"), word)
	switch line, err := typedLine(ctx); {
	case err != nil:
		return errors.New("interrupted; nothing was deleted")
	case line != word:
		return errors.New("nothing was deleted")
	}
	return nil
}

// warnRemoval tells what else one should know before deleting.
func (j *job) warnRemoval(s zkview.RemovalSummary) {
	if s.Ephemerals > 0 {
		var owners []string
		for owner, n := range s.Owners {
			owners = append(owners, fmt.Sprintf("%s (%d)", hex(owner), n))
		}
		slices.Sort(owners)
		if len(owners) > 4 {
			owners = append(owners[:4], fmt.Sprintf("and %d more", len(owners)-4))
		}
		j.warn("%s among them: %s", many(s.Ephemerals, "ephemeral of a live session is", "ephemerals of live sessions are"), strings.Join(owners, ", "))
	}
	if s.Unread > 0 {
		j.warn("%s znodes may not be listed, such as %s; what is in them is not counted and will stay", humanize.Comma(s.Unread), safetext.Clean(s.Example))
	}
}

// removeJSON is what a removal did, or would do, for programs.
type removeJSON struct {
	Znodes     int64 `json:"znodes"`
	Ephemerals int64 `json:"ephemerals"`
	Unread     int64 `json:"unread"`
	Deleted    int64 `json:"deleted"`
	Vanished   int64 `json:"vanished"`
	Kept       int64 `json:"kept"`
	Unknown    int64 `json:"unknown"`
	Remaining  int64 `json:"remaining"`
	DryRun     bool  `json:"dry_run,omitempty"`
}

func (j *job) remove(ctx context.Context, removal *zkview.Removal, o rmFlags) error {
	s := removal.Summary()
	var r zkview.RemoveReport
	var err error
	if !o.dryRun {
		r, err = removal.Apply(ctx, j.transferring)
		j.endProgress()
	}
	j.warnNotes(r.Notes, r.MoreNotes)
	var printed error
	switch {
	case o.json:
		printed = j.line(removeJSON{s.Znodes, s.Ephemerals, s.Unread, r.Deleted, r.Vanished, r.Kept, r.Unknown, r.Remaining, o.dryRun})
	case o.dryRun:
		j.warnRemoval(s)
		_, printed = fmt.Fprintf(j.out, "would delete %s\n", countList("znodes", s.Znodes, "ephemerals among them", s.Ephemerals))
	default:
		_, printed = fmt.Fprintln(j.out, countList("deleted", r.Deleted, "deleted by somebody else", r.Vanished,
			"kept", r.Kept, "of unknown outcome", r.Unknown, "not attempted", r.Remaining))
	}
	switch {
	case err != nil:
		return stopped(ctx, err)
	case printed != nil:
		return fmt.Errorf("writing the output: %w", printed)
	case !o.dryRun && !r.Complete():
		return errIncomplete
	}
	return nil
}
