package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// maxSorted is how many differences are held to be printed in the order of their
// paths; more come in the order in which they are found.
const maxSorted = 200_000

// diffFlags are the flags of `zkdeck diff`.
type diffFlags struct {
	other                         otherFlags
	noACL, ephemerals, json, fast bool
	edited                        bool
}

func diffCommand(f *flags) *cobra.Command {
	var o diffFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two subtrees, or a subtree and an export",
		Long: "Compare A with B: + is in B only, - in A only, and ~ differs, followed by what does. Paths are\n" +
			"relative to A and B, which are / themselves.\n\n" +
			"What begins with / is a znode. Everything else is a file that export wrote: config.jsonl,\n" +
			"./config.jsonl, file:/tmp/config.jsonl; - is standard input. A znode B is one of the other cluster if one\n" +
			"is named.\n\n" +
			"The exit code is 0 if they are alike, 1 if they differ, and 2 for an error.",
		Example: `zkdeck diff /config/a /config/b
zkdeck diff backup.jsonl /config
zkdeck diff /config /config --to-servers other:2181`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage(fmt.Errorf("two are wanted, znodes or files, not %d", len(args)))
			}
			for _, arg := range args {
				if strings.HasPrefix(arg, "/") {
					if err := checkPathArg(arg); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return f.reading(func(ctx context.Context, j *job, args []string) error {
			into, closing, err := f.other(ctx, cmd, j, o.other)
			defer closing()
			if err != nil {
				return err
			}
			return j.diff(ctx, args, into.session, o)
		})(cmd, args)
	}
	fs := cmd.Flags()
	fs.BoolVar(&o.noACL, "no-acl", false, "leave ACLs out, which take one request a znode")
	fs.BoolVar(&o.ephemerals, "ephemerals", false, "compare ephemerals too")
	fs.BoolVar(&o.json, "json", false, "print one JSON object a line")
	fs.BoolVar(&o.fast, "fast", false, "ask the server as fast as it answers")
	fs.BoolVar(&o.edited, "edited", false, "take a file that was changed after it was written")
	o.other.register(cmd)
	return cmd
}

// side opens what an argument of diff names.
func side(ctx context.Context, arg string, session *zkview.Session) (zkview.Side, func(), error) {
	if strings.HasPrefix(arg, "/") {
		return zkview.Side{Session: session, Path: arg}, func() {}, nil
	}
	if arg == "-" {
		return zkview.Side{File: interruptible(ctx, os.Stdin)}, func() {}, nil
	}
	file, err := openInput(ctx, strings.TrimPrefix(arg, "file:"))
	if err != nil {
		return zkview.Side{}, func() {}, err
	}
	return zkview.Side{File: interruptible(ctx, file)}, func() { _ = file.Close() }, nil
}

func (j *job) diff(ctx context.Context, args []string, into *zkview.Session, o diffFlags) error {
	a, closeA, err := side(ctx, args[0], j.session)
	defer closeA()
	if err != nil {
		return err
	}
	b, closeB, err := side(ctx, args[1], into)
	defer closeB()
	if err != nil {
		return err
	}
	var held []zkview.Difference
	sorted := true
	reading, progress, cancel := j.patientTransfer(ctx)
	defer cancel()
	report, err := zkview.Compare(reading, a, b, zkview.CompareOptions{
		NoACL: o.noACL, Ephemerals: o.ephemerals, Edited: o.edited, Fast: o.fast, Progress: progress,
	}, func(found []zkview.Difference) error {
		if sorted = sorted && len(held)+len(found) <= maxSorted; sorted {
			held = append(held, found...)
			return nil
		}
		if err := j.printDifferences(held, o.json); err != nil {
			return err
		}
		held = nil
		return j.printDifferences(found, o.json)
	})
	j.endProgress()
	if err != nil {
		return fmt.Errorf("comparing %s and %s: %s", safetext.Clean(args[0]), safetext.Clean(args[1]), safetext.CleanLine(err.Error()))
	}
	slices.SortFunc(held, func(a, b zkview.Difference) int { return zkview.CompareNames(a.Path, b.Path) })
	if err := j.printDifferences(held, o.json); err != nil {
		return err
	}
	j.warnNotes(report.Notes, report.MoreNotes)
	if report.Hidden > 0 {
		j.warn("%s ACLs are hidden by a server and were not compared", humanize.Comma(report.Hidden))
	}
	switch {
	case report.Unread > 0:
		return fmt.Errorf("%s znodes could not be read; they and what is below them were not compared", humanize.Comma(report.Unread))
	case !report.Equal():
		return &outcome{code: exitNothing}
	}
	return nil
}

// differenceJSON is a difference for programs; a size is missing where the znode is.
type differenceJSON struct {
	Change string   `json:"change"`
	Path   string   `json:"path"`
	What   []string `json:"what,omitempty"`
	Before *int     `json:"before,omitempty"`
	After  *int     `json:"after,omitempty"`
}

func (j *job) printDifferences(list []zkview.Difference, asJSON bool) error {
	for _, d := range list {
		var what []string
		for _, w := range []struct {
			name string
			is   bool
		}{{"data", d.Data}, {"acl", d.ACL}, {"mode", d.Mode}} {
			if w.is {
				what = append(what, w.name)
			}
		}
		var err error
		if asJSON {
			v := differenceJSON{Change: d.Kind.String(), Path: d.Path, What: what}
			if d.Before >= 0 {
				v.Before = &d.Before
			}
			if d.After >= 0 {
				v.After = &d.After
			}
			err = j.line(v)
		} else {
			sign := map[zkview.DifferenceKind]string{zkview.DiffAdded: "+", zkview.DiffRemoved: "-", zkview.DiffChanged: "~"}[d.Kind]
			text := sign + " " + j.name(d.Path)
			if len(what) > 0 {
				text += "  " + strings.Join(what, ", ")
			}
			_, err = fmt.Fprintln(j.out, text)
		}
		if err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	return nil
}
