package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"zkdeck/config/ensemble"
	"zkdeck/config/zoocfg"
	"zkdeck/internal/safetext"
)

// ensembleExportFlags are the flags of `zkdeck ensemble export`.
type ensembleExportFlags struct {
	format, out string
	force       bool
}

func ensembleExportCommand(f *flags) *cobra.Command {
	var o ensembleExportFlags
	cmd := &cobra.Command{
		Use:   "export NAME --format FORMAT",
		Short: "Write what runs an ensemble elsewhere, without zkdeck",
		Long: "Write what runs an ensemble elsewhere, without zkdeck: zoo.cfg is that file and the myid of each server,\n" +
			"scripts start and stop them, compose is a file for Docker Compose, systemd are units.\n\n" +
			"A single file goes to standard output, several only with -o, which names their folder. Files that\n" +
			"are there with other contents are left alone unless --force is given.",
		Example: `zkdeck ensemble export demo --format compose > compose.yaml
zkdeck ensemble export demo --format zoo.cfg -o ./conf`,
		Args:              ensembleArgs(0, 0, ""),
		ValidArgsFunction: completeEnsemble(nil),
	}
	run := f.ensembles(func(_ context.Context, j *ensembleJob, args []string) error {
		e, err := j.store.Open(args[0])
		if err != nil {
			return err
		}
		plan := e.Plan()
		files, err := ensemble.Export(&plan, o.format)
		if err != nil {
			return err
		}
		return j.export(&plan, files, o)
	})
	formats := ensemble.ExportFormats()
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(formats, o.format) {
			return usage(fmt.Errorf("--format %s: %s can be had", safetext.Quote(o.format), listedWords(formats)))
		}
		return run(cmd, args)
	}
	fs := cmd.Flags()
	fs.StringVar(&o.format, "format", "", listedWords(formats))
	fs.StringVarP(&o.out, "output", "o", "", "the folder to write to, which is made if need be")
	fs.BoolVar(&o.force, "force", false, "write over files that are there")
	complete(cmd, "format", ensemble.ExportFormats)
	if err := cmd.MarkFlagDirname("output"); err != nil {
		panic(err) // no such flag: a mistake above
	}
	return cmd
}

// export prints a file, or writes several into a folder.
func (j *ensembleJob) export(plan *ensemble.Plan, files []ensemble.File, o ensembleExportFlags) error {
	if o.out == "" {
		if len(files) != 1 {
			return usage(fmt.Errorf("--format %s makes %d files, such as %s: -o names the folder for them", o.format, len(files), safetext.Clean(exportName(plan, files[0]))))
		}
		text := files[0].Text
		if j.outIsTerminal {
			text = safetext.CleanBlock(text)
		}
		if _, err := j.out.WriteString(text); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
		return nil
	}
	if !o.force {
		if err := noneThere(plan, files, o.out); err != nil {
			return err
		}
	}
	for _, f := range files {
		path := filepath.Join(o.out, exportName(plan, f))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("making the folder of %s: %w", safetext.Clean(path), err)
		}
		if err := zoocfg.WriteFile(path, []byte(f.Text), f.Mode); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(j.out, j.name(path)); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
	}
	return nil
}

// exportName is the path of an exported file below the folder of -o.
func exportName(plan *ensemble.Plan, f ensemble.File) string {
	if !filepath.IsAbs(f.Path) {
		return f.Path
	}
	if name, err := filepath.Rel(plan.Dir, f.Path); err == nil && filepath.IsLocal(name) {
		return name
	}
	return filepath.Base(f.Path)
}

// noneThere is nil, or an error about a file that would be lost.
func noneThere(plan *ensemble.Plan, files []ensemble.File, dir string) error {
	for _, f := range files {
		path := filepath.Join(dir, exportName(plan, f))
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return fmt.Errorf("nothing was written: %w", err)
		case string(text) != f.Text:
			return fmt.Errorf("nothing was written: %s is there with other contents; --force writes over it", safetext.Clean(path))
		}
	}
	return nil
}
