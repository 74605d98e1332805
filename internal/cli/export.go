package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"zkdeck/zkview"
)

// exportFlags are the flags of `zkdeck export`.
type exportFlags struct {
	file                    string
	ephemerals, noACL, fast bool
}

func exportCommand(f *flags) *cobra.Command {
	var o exportFlags
	cmd := &cobra.Command{
		Use:   "export PATH",
		Short: "Write a znode and all below it to a file",
		Long: "Write PATH and all below it as JSON lines: a header, a line a znode, parents first, with path, data as\n" +
			"text or base64, ACL and mode, and a last line with counts and a checksum, by which import sees that a\n" +
			"file is whole. Ephemerals are left out unless asked for, /zookeeper always.\n\n" +
			"An export is no snapshot: what others change meanwhile may be in it or not. Servers do not tell\n" +
			"containers and TTL znodes from persistent ones, nor whether a name came from a sequence.\n\n" +
			"The exit code is 1 if something could not be read, be it an ACL that the server hides in part.",
		Example: `zkdeck export /config > config.jsonl
zkdeck export / -o backup.jsonl
zkdeck export /kafka --no-acl | zkdeck import - -s other:2181 --to /copy`,
		Args:              pathArgs(1, 1),
		ValidArgsFunction: f.completePath,
	}
	cmd.RunE = f.command(func(ctx context.Context, j *job, args []string) error {
		if o.file == "" {
			report, err := j.export(ctx, args[0], j.out, o)
			if err != nil {
				return err
			}
			if err := j.out.Flush(); err != nil {
				return fmt.Errorf("writing the output: %w", err)
			}
			return j.exported(report, false)
		}
		var report zkview.ExportReport
		err := writeWhole(o.file, func(w io.Writer) (err error) {
			report, err = j.export(ctx, args[0], w, o)
			return err
		})
		if err != nil {
			return err
		}
		return j.exported(report, true)
	})
	fs := cmd.Flags()
	fs.StringVarP(&o.file, "output", "o", "", "write to this file, which is there only when it is whole, readable by its owner")
	fs.BoolVar(&o.ephemerals, "ephemerals", false, "take ephemerals too, marked as such")
	fs.BoolVar(&o.noACL, "no-acl", false, "leave ACLs out, which take one request a znode")
	fs.BoolVar(&o.fast, "fast", false, "ask the server as fast as it answers")
	return cmd
}

func (j *job) export(ctx context.Context, path string, w io.Writer, o exportFlags) (zkview.ExportReport, error) {
	reading, progress, cancel := j.patientTransfer(ctx)
	defer cancel()
	report, err := j.session.Export(reading, path, w, zkview.ExportOptions{
		Ephemerals: o.ephemerals, NoACL: o.noACL, Fast: o.fast, Progress: progress,
	})
	j.endProgress()
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		err = fmt.Errorf("the export is not whole, %s znodes were read: %w", humanize.Comma(report.Znodes), err)
	}
	return report, err
}

// exported tells how much there is, and fails if it is not all.
func (j *job) exported(r zkview.ExportReport, tell bool) error {
	if tell || j.errsIsTerminal {
		j.warn("exported %s", countList("znodes", r.Znodes, "bytes", r.Bytes, "ephemerals left out", r.LeftOut,
			"ephemerals", r.Ephemerals, "not readable", r.Unread, "ACLs hidden", r.Hidden))
	}
	if r.Unread+r.Hidden == 0 {
		return nil
	}
	j.warnNotes(r.Notes, r.MoreNotes)
	switch {
	case r.Unread > 0:
		return fmt.Errorf("%s znodes could not be read; what is below them is missing in the export", humanize.Comma(r.Unread))
	default:
		return fmt.Errorf("%s ACLs were hidden by the server, and an import leaves their znodes out; export with credentials that have the admin permission, or --no-acl", humanize.Comma(r.Hidden))
	}
}

// writeWhole writes a file beside its place, and puts it there when all of it is
// written, so that nothing half-written is taken for whole.
func writeWhole(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("%s was not written: %w", path, err)
	}
	return nil
}
