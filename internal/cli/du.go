package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// duFlags are the flags of `zkdeck du`.
type duFlags struct {
	depth, limit            int
	all, bytes, count, json bool
	fast                    bool
}

func duCommand(f *flags) *cobra.Command {
	var o duFlags
	cmd := &cobra.Command{
		Use:   "du [PATH]",
		Short: "Show what subtrees take, the biggest first",
		Long: "Show how much data subtrees hold and of how many znodes they are, the biggest first:\n" +
			"bytes, znodes and path of PATH, or /, and of its children that have children.\n\n" +
			"Bytes are those of the data. A server keeps some hundred bytes more a znode.\n" +
			"Of very many leaves below one parent only the biggest are listed by --all; the sums\n" +
			"count them all. The exit code is 1 if there is no such znode and 2 for an error.",
		Example: `zkdeck du
zkdeck du /kafka --depth 2
zkdeck du --count --limit 10
zkdeck du -a /config --bytes
zkdeck du --json | jq -r 'select(.ephemerals > 100) | .path'`,
		Args:              pathArgs(0, 1),
		ValidArgsFunction: f.completePath,
	}
	du := f.reading(func(ctx context.Context, j *job, args []string) error { return j.du(ctx, pathOr(args, "/"), o) })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.depth < 0 || o.limit < 0 {
			return usage(errors.New("--depth and --limit must not be below 0"))
		}
		return du(cmd, args)
	}
	fs := cmd.Flags()
	fs.IntVar(&o.depth, "depth", 1, "how many levels below PATH are listed; all are counted")
	fs.BoolVarP(&o.all, "all", "a", false, "list znodes without children too")
	fs.BoolVar(&o.bytes, "bytes", false, "print exact numbers, separated by tabs")
	fs.BoolVar(&o.count, "count", false, "sort by the number of znodes")
	fs.IntVar(&o.limit, "limit", 0, "list so many at most, 0 for all")
	fs.BoolVar(&o.json, "json", false, "print one JSON object a line")
	fs.BoolVar(&o.fast, "fast", false, "ask the server as fast as it answers")
	complete(cmd, "depth", nil)
	complete(cmd, "limit", nil)
	return cmd
}

// pathOr is the path that was given, if any.
func pathOr(args []string, path string) string {
	if len(args) > 0 {
		return args[0]
	}
	return path
}

func (j *job) du(ctx context.Context, path string, o duFlags) error {
	sums := zkview.NewUsages(path)
	ctx, waits, cancel := j.patient(ctx)
	defer cancel()
	walk := zkview.WalkOptions{Stat: true, Fast: o.fast, Progress: func(p zkview.WalkProgress) {
		waits(p.Waiting)
		so, _ := sums.Of(path)
		j.progress(p, ", "+value.Size(so.Bytes))
	}}
	p, err := j.session.Walk(ctx, path, walk, func(batch []zkview.Znode) error {
		sums.Add(batch)
		return nil
	})
	j.endProgress()
	if err != nil {
		return absent(path, err)
	}
	list, left := j.duList(sums, path, o)
	for _, u := range list {
		if err := j.printUsage(u, o); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	if err := j.flush(); err != nil {
		return err
	}
	if left > 0 {
		j.warn("and %s smaller ones", humanize.Comma(int64(left)))
	}
	j.warnUnread(p, "their data and what is below them is not counted")
	return nil
}

// duList is what is to be printed, and how much is left out.
func (j *job) duList(sums *zkview.Usages, path string, o duFlags) (list []zkview.Usage, left int) {
	order := zkview.UsageByBytes
	if o.count {
		order = zkview.UsageByZnodes
	}
	top, _ := sums.Of(path)
	list = []zkview.Usage{top}
	for level, from := 0, 0; level < o.depth && from < len(list); level++ {
		end := len(list)
		for _, u := range list[from:end] {
			kids, rest := sums.Below(u.Path, order, 0)
			if o.all {
				left += rest.Children
			} else {
				kids = slices.DeleteFunc(kids, func(k zkview.Usage) bool { return k.Children == 0 })
			}
			list = append(list, kids...)
		}
		from = end
	}
	slices.SortStableFunc(list, order.Compare)
	if o.limit > 0 && len(list) > o.limit {
		left += len(list) - o.limit
		list = list[:o.limit]
	}
	return list, left
}

// usageJSON is a Usage for programs.
type usageJSON struct {
	Path       string `json:"path"`
	Bytes      int64  `json:"bytes"`
	Own        int64  `json:"own"`
	Znodes     int64  `json:"znodes"`
	Children   int    `json:"children"`
	Ephemerals int64  `json:"ephemerals"`
	Unread     int64  `json:"unread"`
}

func (j *job) printUsage(u zkview.Usage, o duFlags) error {
	var err error
	switch {
	case o.json:
		err = j.line(usageJSON{u.Path, u.Bytes, u.Own, u.Znodes, u.Children, u.Ephemerals, u.Unread})
	case o.bytes:
		_, err = fmt.Fprintf(j.out, "%d\t%d\t%s\n", u.Bytes, u.Znodes, j.name(u.Path))
	default:
		_, err = fmt.Fprintf(j.out, "%8s %12s  %s\n", value.Size(u.Bytes), humanize.Comma(u.Znodes), j.name(u.Path))
	}
	return err
}
