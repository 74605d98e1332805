package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zkdeck/internal/edits"
	"zkdeck/lockctl"
)

// exitDeadlock is the code of `zkdeck locks --deadlocks` where there is one.
const exitDeadlock = 3

// locksFlags are the flags of `zkdeck locks`.
type locksFlags struct {
	json, watch, deadlocks          bool
	recipes                         []string
	held, contended, free, warnings bool
	fast                            bool
	budget                          int64
}

func locksCommand(f *flags) *cobra.Command {
	var o locksFlags
	cmd := &cobra.Command{
		Use:   "locks [PATH]",
		Short: "Show every lock, who holds it and who waits",
		Long:  locksHelp(),
		Example: `zkdeck locks
zkdeck locks /jobs --contended
zkdeck locks --json | jq -r '.[] | select(.waiters > 10) | .path'
zkdeck locks --recipe curator-mutex,kazoo-lock --warnings
zkdeck locks --watch --json | jq -c 'select(.type == "granted")'
zkdeck locks --deadlocks; test $? -eq 3 && echo look at it`,
		Args:              pathArgs(0, 1),
		ValidArgsFunction: f.completePath,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.check(cmd); err != nil {
			return err
		}
		do := (*job).locks
		if o.watch {
			do = (*job).watchLocks
		}
		return f.reading(func(ctx context.Context, j *job, args []string) error {
			return do(j, ctx, pathOr(args, "/"), o)
		})(cmd, args)
	}
	fs := cmd.Flags()
	fs.BoolVar(&o.json, "json", false, "print a JSON array; with --watch one JSON object a line")
	fs.BoolVar(&o.watch, "watch", false, "follow the locks and print what happens to them")
	fs.StringSliceVar(&o.recipes, "recipe", nil, "only locks of these recipes")
	fs.BoolVar(&o.held, "held", false, "only locks that somebody holds")
	fs.BoolVar(&o.contended, "contended", false, "only locks that somebody waits for")
	fs.BoolVar(&o.free, "free", false, "only locks that nobody holds and nobody waits for")
	fs.BoolVar(&o.warnings, "warnings", false, "only locks with warnings, and what these say")
	fs.BoolVar(&o.deadlocks, "deadlocks", false, "print sessions that wait for each other in a circle instead; exit 3 if there are any")
	fs.BoolVar(&o.fast, "fast", false, "ask the server as fast as it answers")
	fs.Int64Var(&o.budget, "budget", lockctl.DefaultBudget, "search so many znodes at most")
	complete(cmd, "recipe", recipeNames)
	complete(cmd, "budget", nil)
	return cmd
}

// recipeNames are all names of recipes.
func recipeNames() []string {
	var names []string
	for _, r := range lockctl.Recipes() {
		names = append(names, string(r))
	}
	return names
}

func locksHelp() string {
	return "Show every lock, election, semaphore and lease of PATH, or of the whole tree, whatever client\n" +
		"library made it: its state, path and recipe, who holds it, and how many wait. PATH is a lock, or\n" +
		"whatever is above some. Addresses are those that the servers tell by four-letter words, or by their\n" +
		"AdminServer; what they refuse is told on standard error.\n\n" +
		"What is printed is what znodes prove. They prove the order of a queue: the holder is the first in\n" +
		"it, which does not say that its client knows. When it became the first no znode tells: HELD ≤ is\n" +
		"since when it queues, and it cannot have held for longer. SO FAR, which is \"grants\" in JSON, is how\n" +
		"often the lock was granted, at most: of all the children that its directory ever had, which\n" +
		"\"nextSequence\" counts, those that neither wait nor are foreign. Who gave up while waiting is counted\n" +
		"too. Only --watch sees grants as they happen.\n\n" +
		"A terminal gets a table. Anything else gets a line for each lock with these fields, separated by\n" +
		"tabs and with what cannot be printed escaped: path, state, recipe, holders, waiters, the first\n" +
		"holder, since when it queues, codes of the warnings.\n\n" +
		"--watch prints a line for each lock that is there, then \"ready\", then what happens: granted,\n" +
		"released, queued, left (without having held), found and gone of locks, and missed, since when and\n" +
		"why. What happened during the search comes after \"ready\", with its time. It ends when it is\n" +
		"interrupted, or when nobody reads its output any more.\n\n" +
		"--deadlocks takes each session for one who does one thing at a time. If threads of one session hold\n" +
		"and wait apart from each other, it may be none.\n\n" +
		"The exit code is 0 if any lock was found, 1 if none was, and 2 for an error; of --deadlocks it is 3\n" +
		"if there is a deadlock and 0 if not, and of --watch 0 when it is interrupted.\n\n" +
		"Recipes, separated by commas or with one --recipe each:\n" + columns(recipeNames(), 4)
}

// columns lays words out in columns.
func columns(words []string, n int) string {
	width := 0
	for _, w := range words {
		width = max(width, len(w))
	}
	var b strings.Builder
	rows := (len(words) + n - 1) / n
	for row := range rows {
		line := ""
		for i := row; i < len(words); i += rows {
			line += fmt.Sprintf("%-*s  ", width, words[i])
		}
		b.WriteString("  " + strings.TrimRight(line, " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// check finds flags that are wrong or do not go together.
func (o *locksFlags) check(cmd *cobra.Command) error {
	if o.budget < 1 {
		return usage(fmt.Errorf("--budget %d: must be 1 or more", o.budget))
	}
	if cmd.Flags().Changed("recipe") && len(o.recipes) == 0 {
		return usage(knownRecipe(""))
	}
	for _, name := range o.recipes {
		if err := knownRecipe(name); err != nil {
			return usage(err)
		}
	}
	err := alone(cmd, "held", "free")
	if err == nil {
		err = alone(cmd, "contended", "free")
	}
	for _, mode := range []string{"watch", "deadlocks"} {
		for _, name := range []string{"held", "contended", "free", "warnings", "deadlocks"} {
			if err == nil && name != mode {
				err = alone(cmd, mode, name)
			}
		}
	}
	if err == nil {
		err = alone(cmd, "deadlocks", "recipe")
	}
	return err
}

// knownRecipe is nil, or an error that names the recipes that may be meant.
func knownRecipe(name string) error { return knownAmong(name, recipeNames(), "zkdeck locks") }

// knownAmong is nil, or an error that names the words that may be meant.
func knownAmong(name string, all []string, command string) error {
	if slices.Contains(all, name) {
		return nil
	}
	word := strings.ToLower(strings.TrimSpace(name))
	var near []string
	for _, r := range all {
		if isNear(word, r) || word != "" && (strings.Contains(r, word) || strings.Contains(word, r)) {
			near = append(near, r)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(edits.Distance(word, a), edits.Distance(word, b)) })
	switch {
	case word == "":
		return errors.New("--recipe: the name of the recipe is empty; " + command + " --help lists them")
	case len(near) == 0:
		return fmt.Errorf("--recipe: there is no recipe %q; %s --help lists them", name, command)
	default:
		near = near[:min(len(near), 4)]
		return fmt.Errorf("--recipe: there is no recipe %q; did you mean %s?", name, strings.Join(near, ", "))
	}
}

// wants tells whether a lock is to be printed.
func (o *locksFlags) wants(v *lockctl.View) bool {
	holders, waiters := v.Holders(), v.Waiters()
	switch {
	case !o.wantsRecipe(v.Recipe),
		o.held && holders == 0,
		o.contended && waiters == 0,
		o.free && len(v.Contenders) > 0,
		o.warnings && len(v.Warnings) == 0:
		return false
	}
	return true
}

func (o *locksFlags) wantsRecipe(r lockctl.Recipe) bool {
	return len(o.recipes) == 0 || slices.Contains(o.recipes, string(r))
}
