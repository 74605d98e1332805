package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// The codes of the commands that read, as those of grep: 1 says that the znode, or
// what was looked for, is not there, and 2 that it could not be found out.
const (
	exitNothing = 1
	exitTrouble = 2
)

// reading makes a command run like [flags.command], with the codes above.
func (f *flags) reading(do func(ctx context.Context, j *job, args []string) error) func(*cobra.Command, []string) error {
	run := f.command(do)
	return func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		var own *outcome
		var wrong *usageError
		switch {
		case err == nil, errors.As(err, &own), errors.As(err, &wrong):
			return err
		case cmd.Context().Err() != nil:
			return &outcome{exitTrouble, errors.New("interrupted")}
		default:
			return &outcome{exitTrouble, err}
		}
	}
}

// absent turns the error about a znode that does not exist into its exit code.
func absent(path string, err error) error {
	if errors.Is(err, zkview.ErrNoNode) {
		return &outcome{exitNothing, fmt.Errorf("%s: %w", safetext.Clean(path), zkview.ErrNoNode)}
	}
	return err
}

// name is a path or a name as it goes to standard output: as it is to a program, and
// so that it cannot act upon a terminal to a person.
func (j *job) name(s string) string {
	if j.outIsTerminal {
		return safetext.Clean(s)
	}
	return s
}

// line writes v as one line of JSON.
func (j *job) line(v any) error {
	e := json.NewEncoder(j.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// patient makes a walk end that has had no connection for longer than --timeout,
// instead of waiting for one as the screen does. waits must be told again and again
// what the walk waits for, "" for nothing.
func (j *job) patient(ctx context.Context) (walk context.Context, waits func(why string), cancel func()) {
	walk, end := context.WithCancelCause(ctx)
	var since time.Time
	waits = func(why string) {
		switch {
		case why == "":
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		case time.Since(since) >= j.target.Timeout:
			end(fmt.Errorf("no connection to %s for %s: %s", j.target.Servers, j.target.Timeout, safetext.CleanLine(why)))
		}
	}
	return walk, waits, func() { end(nil) }
}

// progress tells on a terminal how far a walk has come, in a line that it writes
// over. more is what else there is to say.
func (j *job) progress(p zkview.WalkProgress, more string) {
	if !j.overwrites {
		return
	}
	text := fmt.Sprintf("%s znodes, %s/s, %s to go%s", humanize.Comma(p.Visited), humanize.Comma(int64(p.Rate())), humanize.Comma(p.Queued), more)
	if p.Slow {
		text += "; one request each, as the server knows no multiRead (3.6)"
	}
	if p.Waiting != "" {
		text += "; waiting: " + safetext.CleanLine(p.Waiting)
	}
	j.overwrite(text)
}

// overwrite writes text over the line where standard error stands, which must be a
// terminal. What does not fit into the line would stay there, so it is cut off.
func (j *job) overwrite(text string) {
	fmt.Fprint(j.errs, "\r"+safetext.Truncate(text, j.width()-1)+ansi.EraseLineRight)
}

// width is how wide the terminal of standard error is.
func (j *job) width() int {
	if file, ok := j.errs.(*os.File); ok {
		if w, _, err := term.GetSize(file.Fd()); err == nil && w > 0 {
			return w
		}
	}
	return 80
}

// endProgress takes the line of progress away.
func (j *job) endProgress() {
	if j.overwrites {
		fmt.Fprint(j.errs, "\r"+ansi.EraseLineRight)
	}
}

// alone is nil, or an error of usage about flags that exclude each other.
func alone(cmd *cobra.Command, names ...string) error {
	first := ""
	for _, name := range names {
		switch {
		case !cmd.Flags().Changed(name):
		case first == "":
			first = name
		default:
			return usage(fmt.Errorf("--%s and --%s exclude each other", first, name))
		}
	}
	return nil
}

// flush writes what is in the buffer.
func (j *job) flush() error {
	if err := j.out.Flush(); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

// warn writes a line to standard error that is no reason to fail.
func (j *job) warn(format string, args ...any) {
	j.endProgress()
	fmt.Fprintf(j.errs, "zkdeck: "+format+"\n", args...)
}

// warnUnread tells what a walk could not read.
func (j *job) warnUnread(p zkview.WalkProgress, lost string) {
	switch {
	case p.Unread == 1:
		j.warn("1 znode could not be read; %s", lost)
	case p.Unread > 1:
		j.warn("%s znodes could not be read; %s", humanize.Comma(p.Unread), lost)
	}
}

// statJSON is a Stat for programs. Numbers of 64 bits are written as ZooKeeper writes
// them, since JSON's readers lose digits of such.
type statJSON struct {
	Czxid          string `json:"czxid"`
	Mzxid          string `json:"mzxid"`
	Pzxid          string `json:"pzxid"`
	Ctime          string `json:"ctime"`
	Mtime          string `json:"mtime"`
	Version        int32  `json:"version"`
	Cversion       int32  `json:"cversion"`
	Aversion       int32  `json:"aversion"`
	EphemeralOwner string `json:"ephemeralOwner"`
	Kind           string `json:"kind"`
	Size           int32  `json:"size"`
	Children       int32  `json:"children"`
}

func jsonOf(s zkview.Stat) *statJSON {
	return &statJSON{
		Czxid: hex(s.Czxid), Mzxid: hex(s.Mzxid), Pzxid: hex(s.Pzxid),
		Ctime: stamp(s.Created()), Mtime: stamp(s.Modified()),
		Version: s.Version, Cversion: s.Cversion, Aversion: s.Aversion,
		EphemeralOwner: hex(s.EphemeralOwner), Kind: s.Kind().String(),
		Size: s.DataLength, Children: s.NumChildren,
	}
}

// hex is a session id or a zxid as ZooKeeper writes it.
func hex(n int64) string { return "0x" + strconv.FormatUint(uint64(n), 16) }

// many is "1 child" or "12,345 children".
func many(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return humanize.Comma(n) + " " + more
}

// stamp is a time to the millisecond, which is what ZooKeeper keeps.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
