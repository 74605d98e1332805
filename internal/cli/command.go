package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// outcome is how a command ends where that is neither success nor a failure of
// code 1: with a code of its own, and an error to tell, nil for none.
type outcome struct {
	code int
	err  error
}

func (o *outcome) Error() string {
	if o.err == nil {
		return fmt.Sprintf("exit code %d", o.code)
	}
	return o.err.Error()
}

func (o *outcome) Unwrap() error { return o.err }

// job is what a command beside the screen works with.
type job struct {
	session *zkview.Session
	target  target
	// out is standard output, flushed when the command is done; errs is standard
	// error, for progress and warnings.
	out  *bufio.Writer
	errs io.Writer
	// outIsTerminal and errsIsTerminal tell whether a person reads along: names go
	// to a terminal cleaned.
	outIsTerminal, errsIsTerminal bool
	// overwrites tells that standard error is a terminal that can erase a line, for
	// progress, which nobody else is told.
	overwrites bool
}

// command makes a command run with an open session, which is connected already: a
// cluster that cannot be reached within --timeout is an error that says why.
func (f *flags) command(do func(ctx context.Context, j *job, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return f.run(cmd, func(ctx context.Context, j *job) error {
			if err := j.connect(ctx); err != nil {
				return err
			}
			return do(ctx, j, args)
		})
	}
}

// run opens the session that the flags mean, without waiting for it, and closes it
// after do. What do has written is flushed also when it fails.
func (f *flags) run(cmd *cobra.Command, do func(ctx context.Context, j *job) error) error {
	return f.prepare(cmd, func(j *job, log *slog.Logger) error {
		ctx := cmd.Context()
		session, err := j.target.open(ctx, log)
		if err != nil {
			return err
		}
		defer func() { _ = session.Close() }()
		j.session = session
		return do(ctx, j)
	})
}

// prepare makes a job without a session from what the flags mean. What do has written
// is flushed also when it fails.
func (f *flags) prepare(cmd *cobra.Command, do func(j *job, log *slog.Logger) error) error {
	paths := config.DefaultPaths()
	settings, err := config.Load(paths.Settings())
	if err != nil {
		return usage(err)
	}
	t, err := choose(f, cmd.Flags(), nil, settings, nil)
	if err != nil {
		return err
	}
	log, closeLog := commandLog(paths, f.logLevel)
	defer closeLog()
	j := &job{
		target: t,
		out:    bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10), errs: cmd.ErrOrStderr(),
		outIsTerminal: isTerminal(cmd.OutOrStdout()), errsIsTerminal: isTerminal(cmd.ErrOrStderr()),
	}
	j.overwrites = j.errsIsTerminal && checkTERM() == nil
	err = do(j, log)
	if flushed := j.out.Flush(); err == nil && flushed != nil {
		err = fmt.Errorf("writing the output: %w", flushed)
	}
	return err
}

// commandLog is the log of a command. Unlike the screen it may run many times a
// minute and where nothing can be written, so it logs warnings only, unless more
// is asked for, and does without a log where there can be none.
func commandLog(paths config.Paths, level slog.Level) (*slog.Logger, func()) {
	if level == slog.LevelInfo {
		level = slog.LevelWarn
	}
	if paths.MakeState() != nil {
		return slog.New(slog.DiscardHandler), func() {}
	}
	file, err := config.OpenLog(paths.Log(), config.LogLimit)
	if err != nil {
		return slog.New(slog.DiscardHandler), func() {}
	}
	return slog.New(slog.NewTextHandler(file, &slog.HandlerOptions{Level: level})), func() { _ = file.Close() }
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

// connect waits for the session, at most as long as the session timeout.
func (j *job) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, j.target.Timeout)
	defer cancel()
	connected := j.tellConnecting(ctx)
	err := j.session.Ready(ctx)
	connected()
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("no connection to %s within %s: %s", j.target.Servers, j.target.Timeout, j.whyNot())
		}
		return fmt.Errorf("connecting to %s: %w", j.target.Servers, err)
	}
	return nil
}

// whyNot says why there is no connection.
func (j *job) whyNot() string {
	return cmp.Or(safetext.CleanLine(j.session.Status().Why), "no answer")
}

// connectingAfter is how long a connection may take before a person is told what is
// waited for.
const connectingAfter = time.Second

// tellConnecting tells on a terminal what is waited for, in a line that ended takes
// away.
func (j *job) tellConnecting(ctx context.Context) (ended func()) {
	if !j.overwrites {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() {
		turn := time.After(connectingAfter)
		for told := false; ; told = true {
			select {
			case <-ctx.Done():
				if told {
					j.endProgress()
				}
				return
			case <-turn:
			}
			turn = time.After(connectingAfter)
			j.overwrite(fmt.Sprintf("connecting to %s, gives up after %s: %s", j.target.Servers, j.target.Timeout, j.whyNot()))
		}
	})
	return func() {
		cancel()
		all.Wait()
	}
}

// pathArgs accepts between low and high paths as arguments, and says what is wrong
// with one that no znode can have.
func pathArgs(low, high int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 && low == 1:
			return usage(errors.New("a path is missing"))
		case len(args) < low:
			return usage(fmt.Errorf("%d paths are wanted, not %d", low, len(args)))
		case len(args) > high && high == 1:
			return usage(fmt.Errorf("one path is wanted, not %d", len(args)))
		case len(args) > high:
			return usage(fmt.Errorf("%d paths are wanted, not %d", high, len(args)))
		}
		for _, path := range args {
			if err := checkPathArg(path); err != nil {
				return err
			}
		}
		return nil
	}
}

// checkPathArg is nil, or an error of usage about a path that was typed.
func checkPathArg(path string) error {
	err := zkview.CheckPath(path)
	if err == nil {
		return nil
	}
	if len(path) > 1 && path[0] != '/' && zkview.CheckPath("/"+path) == nil {
		return usage(fmt.Errorf("%q is no path: it does not begin with /; did you mean /%s?", path, path))
	}
	return usage(fmt.Errorf("%q: %w", path, err))
}
