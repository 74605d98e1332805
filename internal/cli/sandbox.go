package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"zkdeck/config"
	"zkdeck/internal/safetext"
	"zkdeck/tui"
)

// What --data names beside files.
const (
	dataDemo  = "demo"
	dataEmpty = "empty"
)

// anyAddress stands for the servers of a sandbox before it has started.
const anyAddress = "127.0.0.1"

// anyPort is where a sandbox listens that is for nobody but our own screen.
const anyPort = anyAddress + ":0"

// sandboxFlags are the flags of `zkdeck sandbox`.
type sandboxFlags struct {
	serve                bool
	listen, data, actsAs string
	tick                 time.Duration
}

func sandboxCommand(f *flags) *cobra.Command {
	o := sandboxFlags{data: dataDemo}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Open a ZooKeeper of one's own, in memory, with sample data",
		Long: "Start a ZooKeeper in the memory of this program and open it. Its sample data lives: services come and\n" +
			"go, locks are fought for. Nothing in it is kept: it ends with the program. It is for demos, training\n" +
			"and tests, not for production.\n\n" +
			"It listens on a free port of this machine, which the header shows, and serves any ZooKeeper client.\n" +
			"With --serve it does only that, at 127.0.0.1:2181 unless --listen says where: it prints the address\n" +
			"and runs until it is interrupted.\n\n" +
			"--data FILE loads what zkdeck export wrote, whatever its ACLs say, before anything is opened or\n" +
			"printed; - is standard input.",
		Example: `zkdeck sandbox
zkdeck sandbox --serve
zkdeck sandbox --serve --listen 127.0.0.1:0 --data config.jsonl
zkdeck export / -s prod:2181 | zkdeck sandbox --data -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("sandbox takes no argument such as %q; --data names the data, --listen the address", args[0]))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(cmd.Flags()); err != nil {
				return usage(err)
			}
			if o.serve {
				return f.serveSandbox(cmd, o)
			}
			return f.showSandbox(cmd, o)
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&o.serve, "serve", false, "show no screen: print the address and serve until interrupted")
	fs.StringVar(&o.listen, "listen", "", "the host:port to listen on, port 0 for a free one")
	fs.StringVar(&o.data, "data", dataDemo, "what is in it: demo, empty, or the file of an export")
	fs.StringVar(&o.actsAs, "act-like", "", "the version of ZooKeeper to be like, from 3.4.0 on (default 3.8.0)")
	fs.DurationVar(&o.tick, "tick", 2*time.Second, "the server's tick: session timeouts are 2 to 20 of it")
	f.registerLook(cmd)
	for _, name := range []string{"listen", "tick"} {
		complete(cmd, name, nil)
	}
	complete(cmd, "act-like", func() []string { return []string{"3.4.14", "3.5.10", "3.6.4", "3.7.2", "3.8.0"} })
	completeOrFile(cmd, "data", dataDemo, dataEmpty)
	return cmd
}

// check refuses flags that mean nothing together, and an address that is none.
func (o *sandboxFlags) check(given *pflag.FlagSet) error {
	for _, name := range []string{"servers", "profile", "pin", "tls", "tls-ca", "tls-cert", "tls-key", "tls-server-name", "tls-insecure"} {
		if given.Changed(name) {
			return fmt.Errorf("--%s is for servers that are there already, and sandbox starts one of its own: leave one of the two out", name)
		}
	}
	for _, name := range []string{"readonly", "timeout", "path", "theme", "ascii", "mouse"} {
		if o.serve && given.Changed(name) {
			return fmt.Errorf("--%s is for the screen, and --serve shows none: leave one of the two out", name)
		}
	}
	switch {
	case o.data == "":
		return errors.New("--data is empty; it is demo, empty, or the file of an export")
	case o.tick < time.Millisecond:
		return fmt.Errorf("--tick %s: must be a millisecond or more", o.tick)
	case !given.Changed("listen") && o.serve:
		o.listen = defaultServers
	case !given.Changed("listen"):
		o.listen = anyPort
	}
	host, _, err := net.SplitHostPort(o.listen)
	switch {
	case err != nil:
		return fmt.Errorf("--listen %s: HOST:PORT is wanted, such as %s", safetext.CleanLine(o.listen), defaultServers)
	case host == "":
		return fmt.Errorf("--listen %s names no host: 127.0.0.1%s is for this machine only, 0.0.0.0%s for everybody who reaches it", o.listen, o.listen, o.listen)
	}
	return nil
}

// completeOrFile gives a flag words, and file names where none of them is meant.
func completeOrFile(cmd *cobra.Command, name string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		var meant []string
		for _, w := range words {
			if strings.HasPrefix(w, typed) {
				meant = append(meant, w)
			}
		}
		return meant, cobra.ShellCompDirectiveDefault
	})
	if err != nil {
		panic(err) // no such flag: a mistake in the command
	}
}

// showSandbox opens the screen on a sandbox.
func (f *flags) showSandbox(cmd *cobra.Command, o sandboxFlags) error {
	st, err := newStage(cmd, f)
	if err != nil {
		return err
	}
	// The servers come when there are some.
	t, err := choose(f, cmd.Flags(), []string{anyAddress}, config.Settings{}, nil)
	if err != nil {
		return err
	}
	return st.show(cmd.Context(), func(ctx context.Context) (screen, error) {
		box, err := startBox(ctx, o, st.log, cmd.ErrOrStderr())
		if err != nil {
			return screen{}, err
		}
		box.warn(cmd.ErrOrStderr())
		t.Servers, t.used = box.address(), config.Recent{}
		session, err := st.session(ctx, t, (*config.Auth).Secret)
		if err != nil {
			box.close()
			return screen{}, err
		}
		st.log.Info("started", "version", versionText(), "sandbox", t.Servers, "readonly", t.ReadOnly)
		return screen{session: session, target: t, begin: st.begin(""), sandbox: true, close: box.close}, nil
	})
}

// serveSandbox serves a sandbox until the command is interrupted, which is how it is
// meant to end.
func (f *flags) serveSandbox(cmd *cobra.Command, o sandboxFlags) error {
	log, closeLog := commandLog(config.DefaultPaths(), f.logLevel)
	defer closeLog()
	ctx, errs := cmd.Context(), cmd.ErrOrStderr()
	box, err := startBox(ctx, o, log, errs)
	if err != nil {
		return err
	}
	defer box.close()
	if err := box.wait(); err != nil {
		return err
	}
	box.warn(errs)
	_, _ = fmt.Fprintln(errs, "zkdeck: a ZooKeeper in memory, for demos and training, not for production; ctrl-c or SIGTERM ends it, and all that is in it is gone then")
	if _, err := fmt.Fprintln(cmd.OutOrStdout(), box.address()); err != nil {
		return fmt.Errorf("writing the address: %w", err)
	}
	<-ctx.Done()
	return nil
}

// openSandbox opens a sandbox for the start screen.
func (st *stage) openSandbox(ctx context.Context) (tui.Opened, error) {
	box, err := startBox(ctx, sandboxFlags{listen: anyPort, data: dataDemo}, st.log, io.Discard)
	if err != nil {
		return tui.Opened{}, err
	}
	t := plain(box.address())
	t.used = config.Recent{}
	st.lay(&t)
	session, err := st.session(ctx, t, (*config.Auth).SecretAside)
	if err != nil {
		box.close()
		return tui.Opened{}, err
	}
	st.log.Info("opened", "sandbox", t.Servers, "readonly", t.ReadOnly)
	return tui.Opened{Session: session, Title: t.title(), Sandbox: true, Close: box.close}, nil
}
