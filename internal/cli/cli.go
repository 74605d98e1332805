package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"
)

// The codes with which the program exits.
const (
	exitOK     = 0
	exitFailed = 1 // something went wrong that was not the caller's fault
	exitUsage  = 2 // arguments or settings are wrong
)

// usageError is an error that the caller mends in the arguments or the settings.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usage marks an error as one of usage; nil stays nil.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}

// Main runs the command line of this process and returns its exit code: 0, 1 for
// a failure, 2 for wrong arguments or settings.
func Main() int {
	if len(os.Args) == 2 && os.Args[1] == guardArg {
		return standGuard()
	}
	if len(os.Args) > 2 && os.Args[1] == wardenArg {
		return standWarden(os.Args[2:])
	}
	// The context lets the screen save what was typed, also when the terminal goes
	// away and hangs up.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	root := rootCommand()
	err := fang.Execute(ctx, root, fang.WithVersion(versionText()), fang.WithErrorHandler(tell(root)))
	var wrong *usageError
	var own *outcome
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &own):
		return own.code
	case errors.As(err, &wrong):
		return exitUsage
	default:
		return exitFailed
	}
}

// tell writes an error as other programs do: one line that begins with our name.
// fang's own way makes a page of it and a capital of the first letter, be it that
// of a flag or of a path.
func tell(root *cobra.Command) fang.ErrorHandler {
	return func(w io.Writer, _ fang.Styles, err error) {
		var own *outcome
		if errors.As(err, &own) && own.err == nil {
			return
		}
		_, _ = fmt.Fprintln(w, "zkdeck:", err)
		var wrong *usageError
		if errors.As(err, &wrong) {
			_, _ = fmt.Fprintln(w, tellHow(root, os.Args[1:]))
		}
	}
}

// tellHow is the line below an error of usage: where the command that was meant is
// described.
func tellHow(root *cobra.Command, args []string) string {
	how := root.CommandPath()
	if cmd, _, err := root.Find(args); err == nil {
		how = cmd.CommandPath()
	}
	return how + " --help tells how it is called."
}

// commands make what there is beside the screen.
var commands = []func(*flags) *cobra.Command{
	findCommand,
	duCommand,
	lsCommand,
	getCommand,
	statCommand,
	watchCommand,
	locksCommand, lockCommand,
	exportCommand, importCommand, rmCommand, diffCommand, cpCommand, mvCommand,
	sandboxCommand, ensembleCommand, labCommand,
}

// rootCommand is `zkdeck [SERVERS]`, which opens the screen.
func rootCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "zkdeck [SERVERS]",
		Short: "A live view of ZooKeeper in the terminal",
		Long: "A live view of ZooKeeper in the terminal.\n\n" +
			"SERVERS is ZooKeeper's connect string: hosts with their ports, separated by commas,\n" +
			"then a path that is to be the root, if any. Without it come, in this order, --servers,\n" +
			"the servers of --profile, $ZKDECK_SERVERS, the settings file, the servers or the profile that\n" +
			"the screen was connected to last, and 127.0.0.1:2181. If nothing answers there, the screen offers\n" +
			"what else can be opened. Commands never go by what was used last.\n\n" +
			"zkdeck sandbox needs no ZooKeeper: it opens one of its own, with sample data.",
		Example: `zkdeck
zkdeck sandbox
zkdeck zk-1:2181,zk-2:2181,zk-3:2181/kafka
zkdeck --readonly --path /brokers/ids zk-1
zkdeck --profile prod-eu`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				if err := noCommand(cmd, args[0]); err != nil {
					return err
				}
			}
			if len(args) > 1 {
				return usage(fmt.Errorf("one connect string is wanted, not %d arguments: servers are separated by commas, without blanks; zkdeck --help lists the commands", len(args)))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return open(cmd.Context(), cmd, &f, args)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	cmd.SetVersionTemplate("zkdeck {{.Version}}\n")
	f.register(cmd)
	for _, add := range commands {
		cmd.AddCommand(add(&f))
	}
	return cmd
}
