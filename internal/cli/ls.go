package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zkdeck/tui/value"
	"zkdeck/zkview"
)

// lsFlags are the flags of `zkdeck ls`.
type lsFlags struct{ long, recursive, json, fast bool }

func lsCommand(f *flags) *cobra.Command {
	var o lsFlags
	cmd := &cobra.Command{
		Use:   "ls [PATH]",
		Short: "List the children of a znode",
		Long: "List the names of the children of PATH, or /, in their natural order: lock-9 before lock-10.\n\n" +
			"With -R the paths of PATH and of all below it are listed, level by level.\n" +
			"The exit code is 1 if there is no such znode and 2 for an error.",
		Example: `zkdeck ls
zkdeck ls /brokers/ids -l
zkdeck ls -R /config | wc -l
zkdeck ls /kafka --json | jq -r 'select(.kind == "ephemeral") | .path'`,
		Args:              pathArgs(0, 1),
		ValidArgsFunction: f.completePath,
	}
	cmd.RunE = f.reading(func(ctx context.Context, j *job, args []string) error {
		path := pathOr(args, "/")
		if !o.recursive && !o.long && !o.json {
			return j.lsNames(ctx, path)
		}
		return j.lsWalk(ctx, path, o)
	})
	fs := cmd.Flags()
	fs.BoolVarP(&o.long, "long", "l", false, "print kind, version, size, children and age too")
	fs.BoolVarP(&o.recursive, "recursive", "R", false, "list all that is below PATH")
	fs.BoolVar(&o.json, "json", false, "print one JSON object a line")
	fs.BoolVar(&o.fast, "fast", false, "ask the server as fast as it answers")
	return cmd
}

// lsNames lists names alone, which takes one request.
func (j *job) lsNames(ctx context.Context, path string) error {
	names, _, err := j.session.Children(ctx, path)
	if err != nil {
		return absent(path, err)
	}
	slices.SortFunc(names, zkview.CompareNames)
	for _, name := range names {
		_, _ = j.out.WriteString(j.name(name))
		if err := j.out.WriteByte('\n'); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	return nil
}

// lsWalk lists what takes more than names: one level in order, or all as they come.
func (j *job) lsWalk(ctx context.Context, path string, o lsFlags) error {
	ctx, waits, cancel := j.patient(ctx)
	defer cancel()
	walk := zkview.WalkOptions{Stat: o.long || o.json, Fast: o.fast, Progress: func(p zkview.WalkProgress) {
		waits(p.Waiting)
		j.progress(p, "")
	}}
	if !o.recursive {
		walk.Depth = 1
	}
	var level []zkview.Znode
	now := time.Now()
	p, err := j.session.Walk(ctx, path, walk, func(batch []zkview.Znode) error {
		if !o.recursive {
			level = append(level, batch...)
			return nil
		}
		j.endProgress()
		for _, z := range batch {
			if err := j.printZnode(z, z.Path, o, now); err != nil {
				return fmt.Errorf("writing the output: %w", err)
			}
		}
		return j.flush()
	})
	j.endProgress()
	if err != nil {
		return absent(path, err)
	}
	slices.SortFunc(level, func(a, b zkview.Znode) int { return zkview.CompareNames(a.Path, b.Path) })
	for _, z := range level {
		if z.Path == path {
			if z.Err != nil {
				return z.Err
			}
			continue
		}
		if err := j.printZnode(z, z.Path[strings.LastIndexByte(z.Path, '/')+1:], o, now); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	if err := j.flush(); err != nil {
		return err
	}
	j.warnUnread(p, "they are listed without what is known of them")
	return nil
}

// znodeJSON is a znode for programs.
type znodeJSON struct {
	Path string `json:"path"`
	*statJSON
	Error string `json:"error,omitempty"`
}

func (j *job) printZnode(z zkview.Znode, name string, o lsFlags, now time.Time) error {
	s := z.Stat
	known := s != zkview.Stat{}
	switch {
	case o.json:
		v := znodeJSON{Path: z.Path}
		if known {
			v.statJSON = jsonOf(s)
		}
		if z.Err != nil {
			v.Error = z.Err.Error()
		}
		return j.line(v)
	case o.long && !known:
		_, err := fmt.Fprintf(j.out, "%-10s %6s %7s %8s %8s  %s\n", "?", "?", "?", "?", "?", j.name(name))
		return err
	case o.long:
		_, err := fmt.Fprintf(j.out, "%-10s %6d %7s %8d %8s  %s\n",
			s.Kind(), s.Version, value.Size(int64(s.DataLength)), s.NumChildren, value.Age(now.Sub(s.Modified())), j.name(name))
		return err
	default:
		_, err := j.out.WriteString(j.name(name) + "\n")
		return err
	}
}
