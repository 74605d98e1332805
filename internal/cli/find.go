package cli

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"zkdeck/zkview"
)

// findFlags are the flags of `zkdeck find`.
type findFlags struct {
	root                             string
	fixed, glob, regex, fuzzy        bool
	content, owner                   string
	ephemeral, sequential, container bool
	minSize, maxSize, changedWithin  string
	json, fast, print0               bool
	limit                            int
}

func findCommand(f *flags) *cobra.Command {
	var o findFlags
	cmd := &cobra.Command{
		Use:   "find [PATTERN]",
		Short: "Find znodes by name, content, owner, size and age",
		Long: "Find znodes by name, content, owner, size and age, in the whole tree or below --root.\n\n" +
			"PATTERN is read like the search of the screen: words that must all be in the path,\n" +
			"*.json for names, /a/**/b for paths, ~fuzzy, re:EXPRESSION, content:TEXT or content:0xBYTES,\n" +
			"is:ephemeral, is:sequential, is:container, is:ttl, is:empty, owner:SESSION, size:>100k,\n" +
			"children:>10, version:>3, changed:<1h, created:>7d, and - before what must not hold.\n" +
			"Case matters where there is upper case. --fixed takes PATTERN as it is.\n\n" +
			"The paths are printed as they are found, one a line, those near to the root first.\n" +
			"The exit code is 0 if any was found, 1 if none was, and 2 for an error. What could not\n" +
			"be read is counted on standard error. Servers of version 3.8 show containers and TTL\n" +
			"znodes as persistent ones; there --container finds none.",
		Example: `zkdeck find broker
zkdeck find '*.json' --root /config
zkdeck find --owner 0x100000a5b3c0001
zkdeck find --content password --json | jq -r .path
zkdeck find 'lock- is:ephemeral changed:>1h' -s zk-1:2181
zkdeck find --min-size 500k -0 | xargs -0 -n1 zkdeck stat`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(fmt.Errorf("one pattern is wanted, not %d: put what has blanks in quotes, and flags before --", len(args)))
			}
			return checkPathArg(o.root)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := errors.Join(alone(cmd, "fixed", "glob", "regex", "fuzzy"), alone(cmd, "json", "print0")); err != nil {
			return err
		}
		q, err := o.query(cmd, args)
		if err != nil {
			return err
		}
		return f.reading(func(ctx context.Context, j *job, _ []string) error {
			return j.find(ctx, q, o)
		})(cmd, args)
	}
	fs := cmd.Flags()
	fs.StringVar(&o.root, "root", "/", "search this znode and what is below it")
	fs.BoolVarP(&o.fixed, "fixed", "F", false, "PATTERN is text, whatever characters it has")
	fs.BoolVar(&o.glob, "glob", false, "PATTERN is a glob, of the path if it has a slash")
	fs.BoolVar(&o.regex, "regex", false, "PATTERN is a regular expression (RE2)")
	fs.BoolVar(&o.fuzzy, "fuzzy", false, "PATTERN is characters in this order in the path")
	fs.StringVar(&o.content, "content", "", "the data contains this text, or these bytes as 0x…")
	fs.BoolVar(&o.ephemeral, "ephemeral", false, "only ephemeral znodes")
	fs.BoolVar(&o.sequential, "sequential", false, "only names that end in a sequence number")
	fs.BoolVar(&o.container, "container", false, "only containers that the server shows as such")
	fs.StringVar(&o.owner, "owner", "", "only ephemerals of this session")
	fs.StringVar(&o.minSize, "min-size", "", "at least so much data: 212, 100k, 1.5M, 4Ki")
	fs.StringVar(&o.maxSize, "max-size", "", "at most so much data")
	fs.StringVar(&o.changedWithin, "changed-within", "", "data written less than so long ago: 90s, 1h30m, 7d")
	fs.BoolVar(&o.json, "json", false, "print one JSON object a line")
	fs.IntVar(&o.limit, "limit", 0, "end after so many, 0 for all")
	fs.BoolVar(&o.fast, "fast", false, "ask the server as fast as it answers")
	fs.BoolVarP(&o.print0, "print0", "0", false, "end each path with a NUL instead of a line feed")
	for _, name := range []string{"content", "owner", "min-size", "max-size", "changed-within", "limit"} {
		complete(cmd, name, nil)
	}
	f.completePathFlag(cmd, "root")
	return cmd
}

// query is what the arguments mean; its errors are of usage.
func (o *findFlags) query(cmd *cobra.Command, args []string) (zkview.Query, error) {
	q := zkview.QueryOptions{Content: o.content}
	if len(args) > 0 {
		if q.Pattern = args[0]; q.Pattern == "" {
			return zkview.Query{}, usage(errors.New("the pattern is empty; leave it out to find by flags alone"))
		}
	}
	switch {
	case o.fixed:
		q.Kind = zkview.FixedPattern
	case o.glob:
		q.Kind = zkview.GlobPattern
	case o.regex:
		q.Kind = zkview.RegexPattern
	case o.fuzzy:
		q.Kind = zkview.FuzzyPattern
	}
	filter := func(flag, key, value string) {
		if cmd.Flags().Changed(flag) {
			q.Filters = append(q.Filters, zkview.QueryFilter{Flag: "--" + flag, Key: key, Value: value})
		}
	}
	is := func(flag string, on bool) {
		if on {
			filter(flag, "is", flag)
		}
	}
	is("ephemeral", o.ephemeral)
	is("sequential", o.sequential)
	is("container", o.container)
	filter("owner", "owner", o.owner)
	filter("min-size", "size", ">="+o.minSize)
	filter("max-size", "size", "<="+o.maxSize)
	filter("changed-within", "changed", "<"+o.changedWithin)
	if o.content == "" && cmd.Flags().Changed("content") {
		return zkview.Query{}, usage(errors.New("--content: what to look for is empty"))
	}
	if o.limit < 0 {
		return zkview.Query{}, usage(fmt.Errorf("--limit %d: must be 0 for all, or more", o.limit))
	}
	query, err := zkview.NewQuery(q)
	if err != nil {
		return query, usage(err)
	}
	if !query.Active() {
		return query, usage(errors.New("what to find is missing: a pattern, or a flag such as --ephemeral or --content"))
	}
	return query, nil
}

// errEnough ends a walk that has found all that was asked for.
var errEnough = errors.New("enough")

func (j *job) find(ctx context.Context, q zkview.Query, o findFlags) error {
	found := 0
	ctx, waits, cancel := j.patient(ctx)
	defer cancel()
	walk := zkview.WalkOptions{Fast: o.fast, Stat: o.json, Progress: func(p zkview.WalkProgress) {
		waits(p.Waiting)
		j.progress(p, ", "+humanize.Comma(int64(found))+" found")
	}}
	p, err := j.session.Find(ctx, o.root, q, walk, func(hits []zkview.Hit) error {
		j.endProgress()
		for _, h := range hits {
			if err := j.printHit(h, o); err != nil {
				return fmt.Errorf("writing the output: %w", err)
			}
			if found++; found == o.limit {
				return errEnough
			}
		}
		return j.flush()
	})
	j.endProgress()
	if flushed := j.flush(); flushed != nil {
		return flushed
	}
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("searching: %w", err)
	}
	j.warnUnread(p, "what is in them and below them was not searched")
	if found == 0 {
		return &outcome{exitNothing, nil}
	}
	return nil
}

// hitJSON is a hit for programs.
type hitJSON struct {
	Path string `json:"path"`
	*statJSON
	Match   [][2]int `json:"match,omitempty"`   // bytes of path, from and to
	Snippet string   `json:"snippet,omitempty"` // around the content
	Error   string   `json:"error,omitempty"`
}

func (j *job) printHit(h zkview.Hit, o findFlags) error {
	if !o.json {
		end := byte('\n')
		if o.print0 {
			end = 0
		}
		_, _ = j.out.WriteString(j.name(h.Path))
		return j.out.WriteByte(end)
	}
	v := hitJSON{Path: h.Path}
	if h.HasStat {
		v.statJSON = jsonOf(h.Stat)
	}
	for _, s := range h.Name {
		v.Match = append(v.Match, [2]int{s.From, s.To})
	}
	if utf8.ValidString(h.Snippet) {
		v.Snippet = h.Snippet
	}
	if h.Err != nil {
		v.Error = h.Err.Error()
	}
	return j.line(v)
}
