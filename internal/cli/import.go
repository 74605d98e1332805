package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// importFlags are the flags of `zkdeck import`.
type importFlags struct {
	transferFlags
	to     string
	edited bool
}

func importCommand(f *flags) *cobra.Command {
	var o importFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Create what an export holds",
		Long: "Create what an export holds, where it was exported from or at --to. FILE is - for standard input.\n" +
			"The file is read to its end and compared with what is there before anything is changed.\n\n" +
			"What is there already and alike stays; if something differs, nothing at all is changed, unless\n" +
			"--on-conflict says otherwise. Up to a thousand znodes are created in one transaction, parents first.\n" +
			"An import that was interrupted is completed by running it again.\n\n" +
			"The exit code is 1 if anything is not as the file has it.",
		Example: `zkdeck import config.jsonl --dry-run
zkdeck import config.jsonl --to /restored
zkdeck import backup.jsonl --on-conflict overwrite`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Errorf("one file is wanted, or - for standard input, not %d arguments", len(args)))
			}
			if o.to != "" {
				return checkPathArg(o.to)
			}
			return nil
		},
	}
	cmd.RunE = f.command(func(ctx context.Context, j *job, args []string) error { return j.importFile(ctx, args[0], &o) })
	o.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&o.to, "to", "", "the path for the root of the export")
	fs.BoolVar(&o.edited, "edited", false, "take a file that was changed after it was written")
	f.completePathFlag(cmd, "to")
	return cmd
}

func (j *job) importFile(ctx context.Context, name string, o *importFlags) error {
	options, err := o.options()
	if err != nil {
		return err
	}
	if !o.dryRun {
		if err := j.mayWrite(); err != nil {
			return err
		}
	}
	options.To, options.Edited = o.to, o.edited
	file, closing, err := openExport(ctx, name)
	var wrong *usageError
	switch {
	case errors.As(err, &wrong):
		return err
	case err != nil:
		return importError(ctx, name, err)
	}
	defer closing()
	reading, progress, cancel := j.patientTransfer(ctx)
	defer cancel()
	options.Progress = progress
	plan, err := j.session.PlanImport(reading, file, options)
	j.endProgress()
	if err != nil {
		return importError(ctx, name, err)
	}
	return j.carryOut(ctx, plan, &o.transferFlags)
}

// importError says of which file an error is, and that nothing was changed.
func importError(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing was changed")
	}
	if errors.Is(err, zkview.ErrFileEdited) {
		err = fmt.Errorf("%w; if that was meant, say --edited", err)
	}
	return fmt.Errorf("nothing was changed: %s: %s", safetext.Clean(name), safetext.CleanLine(err.Error()))
}

// openExport opens an export for reading more than once: what cannot be sought in is
// first written to a temporary file that only its owner can read.
func openExport(ctx context.Context, name string) (io.ReadSeeker, func(), error) {
	file, err := openInput(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	if at, err := file.Seek(0, io.SeekCurrent); err == nil && at == 0 && !isTerminal(file) {
		return file, func() { _ = file.Close() }, nil
	}
	spool, err := os.CreateTemp("", "zkdeck-import-*") // with mode 0600
	if err != nil {
		return nil, nil, fmt.Errorf("what cannot be read twice needs a temporary file: %w", err)
	}
	// Where an open file can be removed, not even a kill leaves it behind.
	_ = os.Remove(spool.Name())
	closing := func() {
		_ = spool.Close()
		_ = os.Remove(spool.Name())
	}
	// What is no export is not worth a copy, which may fill the disk.
	in, head := interruptible(ctx, file), &bytes.Buffer{}
	if _, err = zkview.ReadExportHeader(io.TeeReader(in, head)); err != nil {
		closing()
		return nil, nil, err
	}
	if _, err = io.Copy(spool, io.MultiReader(head, in)); err == nil {
		_, err = spool.Seek(0, io.SeekStart)
	}
	if err != nil {
		closing()
		return nil, nil, fmt.Errorf("reading it: %w", err)
	}
	return spool, closing, nil
}
