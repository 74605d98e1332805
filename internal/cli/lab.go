package cli

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/internal/safetext"
	"zkdeck/lockctl/lab"
)

const (
	// labTick is the tick of a sandbox for the lab, and labTimeout the timeout that
	// workers ask for: a crash is over within seconds, and can be followed.
	labTick    = time.Second
	labTimeout = 6 * time.Second
	// labSeconds is how long each recipe is counted where nothing is said.
	labSeconds = 5
	// labMaxSeconds bounds that.
	labMaxSeconds = 24 * 60 * 60
)

// everyRecipe stands for all of them.
const everyRecipe = "all"

// labFlags are the flags of `zkdeck lab`.
type labFlags struct {
	recipes        []string
	workers, slots int
	seconds        float64
	hold, think    time.Duration
	json           bool
	lesson         string
}

const labHelp = `Have workers contend for a lock under one recipe or several, and see why a recipe is what it is: who
is woken by a release, what a hand-off costs, and what a crash does.

On a terminal it opens the screen of the lab, with one recipe or two side by side; --lesson begins a
guided lesson. With --json or --seconds, or where the output is no terminal, it shows no screen: the
recipes run one after the other, for --seconds each, and what was counted is printed.

It runs on a sandbox of its own, which ends with it. --servers, --profile or --pin has it run on real
servers instead: every worker opens a session there, and all writes are below %s, where
nothing of it is left afterwards. $%s and the settings file are not asked, as nobody is to measure
them by mistake; --readonly refuses it.

Every worker has a session of its own. What is counted:
  hand-offs     how often a worker's turn began since the first one ended
  wake-ups      watch events that the servers sent to workers, but for those about their own znodes,
                for each hand-off
  requests      what workers sent, but for pings and what opens and closes a session, for each hand-off
  micros        from when a holder begins to release to when the next one that waited has the lock,
                in microseconds: the median, and what 99 of 100 stay below
  fairness      Jain's index of the turns: 1 where all had as many, 1/workers where one had all
  lost updates  of the number behind the lock, which each turn reads and writes back with one more

A terminal gets a table. Anything else gets a line for each recipe with these fields, separated by
tabs: recipe, workers, seconds, hand-offs, wake-ups and requests per hand-off, the two times, fairness,
lost updates. With --json it is a line of JSON with the fields recipe, workers, seconds, handoffs,
wakeupsPerHandoff, requestsPerHandoff, handoffMicros (null, or p50 and p99), fairness, lostUpdates.

The exit code is 0, and 1 if it could not run or was interrupted; what was counted until then is
printed. Recipes, separated by commas or with one --recipe each, or %s:
%s`

func labCommand(f *flags) *cobra.Command {
	var o labFlags
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Watch and measure how workers contend for a lock",
		Long:  fmt.Sprintf(labHelp, lab.DefaultBase, environ, everyRecipe, labRecipeLines()),
		Example: `zkdeck lab
zkdeck lab --lesson herd
zkdeck lab --recipe naive,fair --workers 50 --seconds 10
zkdeck lab --recipe all --json
zkdeck lab -s zk-1:2181,zk-2:2181,zk-3:2181 --recipe fair --seconds 30`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage(unknownBelow(cmd, args[0]))
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := cmp.Or(o.check(cmd), o.checkScreen(cmd, o.screened(cmd))); err != nil {
			return usage(err)
		}
		if !elsewhere(cmd) {
			if err := ownOnly(cmd); err != nil {
				return err
			}
		}
		if o.screened(cmd) {
			return f.showLab(cmd, o)
		}
		return f.lab(cmd, o)
	}
	fs := cmd.Flags()
	fs.StringSliceVar(&o.recipes, "recipe", []string{string(lab.Naive), string(lab.Fair)}, "the recipes, or "+everyRecipe)
	fs.IntVar(&o.workers, "workers", 5, fmt.Sprintf("how many contend, 1 to %d", lab.MaxWorkers))
	fs.IntVar(&o.slots, "slots", 2, "how many hold a semaphore at a time")
	fs.Float64Var(&o.seconds, "seconds", labSeconds, "count each recipe for so long, without a screen")
	fs.DurationVar(&o.hold, "hold", time.Millisecond, "how long each works while it holds the lock")
	fs.DurationVar(&o.think, "think", 0, "how long each does something else before it asks again")
	fs.BoolVar(&o.json, "json", false, "print JSON lines, without a screen")
	fs.StringVar(&o.lesson, "lesson", "", "the guided lesson to begin with; zkdeck lab lessons lists them")
	f.registerLook(cmd)
	for _, name := range []string{"workers", "slots", "seconds", "hold", "think"} {
		complete(cmd, name, nil)
	}
	complete(cmd, "recipe", func() []string { return append(labRecipes(), everyRecipe) })
	complete(cmd, "lesson", func() []string {
		all, _ := lab.Lessons(config.DefaultPaths().Lessons())
		names := make([]string, len(all))
		for i, l := range all {
			names[i] = l.Name + "\t" + l.Title
		}
		return names
	})
	cmd.AddCommand(labLessonsCommand(f))
	return cmd
}

// labRecipes are the names of the lab's recipes.
func labRecipes() []string {
	var names []string
	for _, r := range lab.Recipes() {
		names = append(names, string(r))
	}
	return names
}

// labRecipeLines are the recipes, with what each is.
func labRecipeLines() string {
	var b strings.Builder
	for _, r := range lab.Recipes() {
		fmt.Fprintf(&b, "  %-12s%s\n", r, r.About())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// check finds flags that are wrong; recipes are without doubles afterwards.
func (o *labFlags) check(cmd *cobra.Command) error {
	names := o.recipes
	if slices.Contains(names, everyRecipe) {
		names = labRecipes()
	}
	o.recipes = nil
	for _, name := range names {
		if err := knownAmong(name, append(labRecipes(), everyRecipe), cmd.CommandPath()); err != nil {
			return err
		}
		if !slices.Contains(o.recipes, name) {
			o.recipes = append(o.recipes, name)
		}
	}
	switch {
	case len(o.recipes) == 0:
		return errors.New("--recipe is empty; --help lists the recipes")
	case o.workers < 1 || o.workers > lab.MaxWorkers:
		return fmt.Errorf("--workers %d: must be from 1 to %d", o.workers, lab.MaxWorkers)
	case o.slots < 1 || o.slots > lab.MaxWorkers:
		return fmt.Errorf("--slots %d: must be from 1 to %d", o.slots, lab.MaxWorkers)
	case math.IsNaN(o.seconds) || o.seconds <= 0 || o.seconds > labMaxSeconds:
		return fmt.Errorf("--seconds %g: must be more than 0, and no more than a day", o.seconds)
	case o.hold < 0:
		return fmt.Errorf("--hold %s: cannot be less than nothing", o.hold)
	case o.think < 0:
		return fmt.Errorf("--think %s: cannot be less than nothing", o.think)
	}
	return nil
}

// options are those of a run of one recipe.
func (o *labFlags) options(recipe string) lab.Options {
	return lab.Options{Recipe: lab.Recipe(recipe), Workers: o.workers, Slots: o.slots, Hold: o.hold, Think: o.think}
}

// elsewhere tells whether real servers are named, and not a sandbox meant.
func elsewhere(cmd *cobra.Command) bool {
	return slices.ContainsFunc([]string{"servers", "profile", "pin"}, cmd.Flags().Changed)
}

// ownOnly refuses what a sandbox of one's own has no use for.
func ownOnly(cmd *cobra.Command) error {
	for _, name := range []string{"tls", "tls-ca", "tls-cert", "tls-key", "tls-server-name", "tls-insecure"} {
		if cmd.Flags().Changed(name) {
			return usage(fmt.Errorf("--%s is for servers, and without --servers the lab runs on a sandbox of its own: name servers, or leave it out", name))
		}
	}
	return nil
}

// labText is an error of the lab, safe to print.
func labText(err error) string { return safetext.CleanLine(err.Error()) }
