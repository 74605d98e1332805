package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// watchFlags are the flags of `zkdeck watch`.
type watchFlags struct {
	json, values bool
	count        int
}

func watchCommand(f *flags) *cobra.Command {
	var o watchFlags
	cmd := &cobra.Command{
		Use:   "watch PATH",
		Short: "Print each change below a znode",
		Long: "Print one line for each creation, deletion and change of data of PATH and of all below it, in\n" +
			"the server's order: time, what happened, path, size, version, and the owner of an ephemeral.\n" +
			"Size, version and value are read after the change; where a znode changes again before, only\n" +
			"the last of the changes has them. After a lost connection a line with \"resync\" says since when\n" +
			"changes may be missing; then all is read again and what has changed is printed as missed.\n\n" +
			"PATH need not exist. It ends when it is interrupted, when nobody reads its output any more, or\n" +
			"after --count changes.",
		Example: `zkdeck watch /brokers
zkdeck watch /config --values
zkdeck watch / --json | jq -c 'select(.kind == "deleted")'`,
		Args:              pathArgs(1, 1),
		ValidArgsFunction: f.completePath,
	}
	run := f.command(func(ctx context.Context, j *job, args []string) error { return j.watch(ctx, args[0], o) })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.count < 0 {
			return usage(fmt.Errorf("--count %d: cannot be less than nothing", o.count))
		}
		err := run(cmd, args)
		if cmd.Context().Err() != nil || errors.Is(err, syscall.EPIPE) {
			return &outcome{code: exitOK}
		}
		return err
	}
	fs := cmd.Flags()
	fs.BoolVar(&o.json, "json", false, "print one JSON object a line")
	fs.BoolVar(&o.values, "values", false, "print the values too")
	fs.IntVar(&o.count, "count", 0, "end after so many changes")
	complete(cmd, "count", nil)
	return cmd
}

// watch prints what an Activity tells.
func (j *job) watch(ctx context.Context, path string, o watchFlags) error {
	// Without this a closed pipe would end the process by a signal.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	defer signal.Stop(broken)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	activity := zkview.NewActivity(j.session, path)
	defer activity.Close()
	if err := activity.Ready(ctx); err != nil {
		return fmt.Errorf("watching %s: %w", safetext.Clean(path), err)
	}
	j.warnWatch(ctx, path, activity.Status().Partial)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() { j.tellConnection(ctx) })

	w := watchLines{j: j, o: o}
	for {
		actions, err := activity.Next(ctx)
		if err != nil {
			return fmt.Errorf("watching %s: %w", safetext.Clean(path), err)
		}
		w.add(actions)
		done, err := w.print()
		if err == nil {
			err = j.out.Flush()
		}
		if err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
		if done {
			return nil
		}
	}
}

// warnWatch says what whoever watches should know before.
func (j *job) warnWatch(ctx context.Context, path, partial string) {
	if servers, err := zkview.ParseServers(j.target.Servers); path == "/" && (err != nil || servers.Chroot == "") {
		j.warn("watching / makes the server tell of every change of the whole cluster")
	}
	if partial != "" {
		j.warn("%s", partial)
	}
	if _, err := j.session.Stat(ctx, path); errors.Is(err, zkview.ErrNoNode) {
		j.warn("there is no %s yet; its creation will be told", safetext.Clean(path))
	}
}

// tellConnection tells once that the connection is lost and once that it is back.
func (j *job) tellConnection(ctx context.Context) {
	lost := false
	for {
		st := j.session.Status()
		switch {
		case st.State == zkview.Connected && lost:
			lost = false
			j.warn("connected to %s again", safetext.CleanLine(st.Server))
		case st.State != zkview.Connected && st.State != zkview.Closed && !lost:
			lost = true
			j.warn("no connection, nothing is told: %s", safetext.CleanLine(st.Why))
		}
		select {
		case <-j.session.Changed():
		case <-ctx.Done():
			return
		}
	}
}
