package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"zkdeck/config"
	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// defaultEnsemble is the ensemble that is meant where none is named.
const defaultEnsemble = "demo"

// ensembleJob is what a command about ensembles works with: a job without a session,
// and the ensembles of whoever runs it.
type ensembleJob struct {
	*job
	store *ensemble.Store
}

// newStore opens the ensembles of a person. It is a variable so that tests stand on
// another machine.
var newStore = ensemble.NewStore

// ensembleCommands make the commands below `zkdeck ensemble`.
var ensembleCommands = []func(*flags) *cobra.Command{
	ensembleUpCommand, ensembleListCommand, ensembleStatusCommand,
	ensembleStartCommand, ensembleStopCommand, ensembleKillCommand,
	ensemblePauseCommand, ensembleResumeCommand, ensembleRestartCommand,
	ensembleLogsCommand,
	ensembleAddCommand, ensembleRemoveCommand, ensembleWipeCommand, ensembleDownCommand,
	ensembleImportCommand, ensembleExportCommand,
	ensembleLintCommand, ensembleDownloadCommand,
}

func ensembleCommand(f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ensemble",
		Aliases: []string{"ensembles"},
		Short:   "Run real ZooKeeper servers on this machine",
		Long: "Run ensembles of real Apache ZooKeeper servers on this machine, for development, tests, and to see\n" +
			"what becomes of an ensemble when its leader is killed. It takes a Java runtime and a ZooKeeper, which\n" +
			"are found where packages and archives put them.\n\n" +
			"An ensemble is a folder with the zoo.cfg, the myid, the data and the log of every server, below\n" +
			tilde(config.DefaultPaths().Data) + " unless --dir says where. Its servers listen on 127.0.0.1 only. They belong\n" +
			"to nobody: they go on when zkdeck ends or the terminal closes, until zkdeck ensemble down.\n\n" +
			"The exit code is 0 if it serves, or what was asked for is done; 1 if not, with the reason; 2 for\n" +
			"wrong arguments.",
		Example: `zkdeck ensemble up
zkdeck ensemble status demo
zkdeck ensemble kill demo leader
zkdeck ensemble logs demo -f
zkdeck ensemble down demo --purge`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage(unknownBelow(cmd, args[0]))
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	refuse := hideConnection(cmd)
	cmd.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return refuse(cmd) }
	for _, add := range ensembleCommands {
		cmd.AddCommand(add(f))
	}
	return cmd
}

// unknownBelow is the error about a word that is no command below cmd.
func unknownBelow(cmd *cobra.Command, word string) error {
	for _, c := range cmd.Commands() {
		if !c.Hidden && isNear(strings.ToLower(word), c.Name()) {
			return fmt.Errorf("there is no command %q here; did you mean %s %s?", word, cmd.CommandPath(), c.Name())
		}
	}
	return fmt.Errorf("there is no command %q; %s --help lists them", word, cmd.CommandPath())
}

// hideConnection lays flags over those of all commands that name or guard a cluster
// which is there already: they are not shown, and given they are refused.
func hideConnection(parent *cobra.Command) (refuse func(*cobra.Command) error) {
	over := parent.PersistentFlags()
	for _, name := range []string{"servers", "profile", "pin", "timeout", "tls-ca", "tls-cert", "tls-key", "tls-server-name"} {
		over.String(name, "", "")
	}
	for _, name := range []string{"readonly", "tls", "tls-insecure"} {
		over.Bool(name, false, "")
	}
	over.VisitAll(func(f *pflag.Flag) { f.Hidden = true })
	return func(cmd *cobra.Command) (err error) {
		cmd.Flags().Visit(func(f *pflag.Flag) {
			if over.Lookup(f.Name) == f {
				err = usage(fmt.Errorf("--%s is for a connection to servers, and %s makes none: leave it out", f.Name, cmd.CommandPath()))
			}
		})
		return err
	}
}

// ensembles makes a command run with the ensembles that there are. What do has
// written is flushed also when it fails.
func (f *flags) ensembles(do func(ctx context.Context, j *ensembleJob, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		paths := config.DefaultPaths()
		log, closeLog := commandLog(paths, f.logLevel)
		defer closeLog()
		j := &ensembleJob{
			job: &job{
				out: bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10), errs: cmd.ErrOrStderr(),
				outIsTerminal: isTerminal(cmd.OutOrStdout()), errsIsTerminal: isTerminal(cmd.ErrOrStderr()),
			},
			store: newStore(paths.Data, paths.Cache),
		}
		j.store.Logger = log
		j.overwrites = j.errsIsTerminal && checkTERM() == nil
		err := do(cmd.Context(), j, args)
		if flushed := j.out.Flush(); err == nil && flushed != nil {
			err = fmt.Errorf("writing the output: %w", flushed)
		}
		if errors.Is(err, context.Canceled) && cmd.Context().Err() != nil {
			return errors.New("interrupted")
		}
		return ensembleError(err)
	}
}

// ensembleError says which errors are of usage: those about a wish that cannot be, and
// not about a port or a folder that is taken.
func ensembleError(err error) error {
	var wish *ensemble.WishError
	if errors.As(err, &wish) && wish.Field != "BasePort" && wish.Field != "Dir" {
		return usage(err)
	}
	return err
}

// ensembleArgs wants the name of an ensemble and then between low and high more
// arguments, high < 0 for any number, which what names.
func ensembleArgs(low, high int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usage(fmt.Errorf("the name of an ensemble is missing; zkdeck ensemble ls lists them"))
		case len(args)-1 < low:
			return usage(fmt.Errorf("%s is missing: %s", what, cmd.UseLine()))
		case high == 0 && len(args) > 1:
			return usage(fmt.Errorf("one ensemble is wanted, and nothing such as %s after it", safetext.Quote(args[1])))
		case high > 0 && len(args)-1 > high:
			return usage(fmt.Errorf("%s is wanted once, not %d times", what, len(args)-1))
		}
		return nil
	}
}

// Words for ids.
const (
	wordLeader = "leader"
	wordAll    = "all"
)

// serverWords are ids as they were typed. Nothing at all, or "all", is every server.
type serverWords struct {
	all, leader bool
	ids         []int
}

// parseServers reads the ids that follow the name of an ensemble.
func parseServers(args []string) (serverWords, error) {
	w := serverWords{all: len(args) == 0}
	for _, arg := range args {
		for word := range strings.SplitSeq(arg, ",") {
			switch id, err := strconv.Atoi(word); {
			case word == wordAll:
				w.all = true
			case word == wordLeader:
				w.leader = true
			case err != nil || id < 0:
				return w, usage(fmt.Errorf("%s is no server: an id such as 2, %s or %s is wanted", safetext.Quote(word), wordLeader, wordAll))
			case !slices.Contains(w.ids, id):
				w.ids = append(w.ids, id)
			}
		}
	}
	return w, nil
}

// resolve gives the ids that are meant, in order; none for all.
func (w serverWords) resolve(ctx context.Context, e *ensemble.Ensemble) ([]int, error) {
	if w.all {
		return nil, nil
	}
	ids := slices.Clone(w.ids)
	if w.leader {
		s, err := e.Status(ctx)
		if err != nil {
			return nil, err
		}
		leader, ok := s.Leader()
		if !ok {
			return nil, fmt.Errorf("%s has no leader now: %s", e.Name(), quorumText(s))
		}
		ids = append(ids, leader.ID)
	}
	plan := e.Plan()
	for _, id := range ids {
		if _, there := plan.Member(id); !there {
			return nil, usage(fmt.Errorf("%s has no server %d: there %s", e.Name(), id, isAre(memberIDs(&plan))))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func memberIDs(plan *ensemble.Plan) []int {
	ids := make([]int, len(plan.Members))
	for i, m := range plan.Members {
		ids[i] = m.ID
	}
	return ids
}

// isAre is "is 1" or "are 1, 2 and 3".
func isAre(ids []int) string {
	if len(ids) == 1 {
		return "is " + listed(ids)
	}
	return "are " + listed(ids)
}

// listed is "1", "1 and 2" or "1, 2 and 3".
func listed(ids []int) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.Itoa(id)
	}
	return listedWords(words)
}

func listedWords(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// serversText is "server 2" or "servers 1, 2 and 3".
func serversText(ids []int) string {
	if len(ids) == 1 {
		return "server " + listed(ids)
	}
	return "servers " + listed(ids)
}
