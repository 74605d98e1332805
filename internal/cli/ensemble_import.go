package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"zkdeck/config/ensemble"
	"zkdeck/config/zoocfg"
)

// ensembleImportFlags are the flags of `zkdeck ensemble import`.
type ensembleImportFlags struct {
	wish     ensemble.ImportWish
	copyData bool
}

func ensembleImportCommand(f *flags) *cobra.Command {
	var o ensembleImportFlags
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Make an ensemble of zoo.cfg files that are there already",
		Long: "Make an ensemble of the zoo.cfg files of its servers, or of the folders that they are in: settings, ids\n" +
			"and ports are kept as far as they can be, and everything listens on 127.0.0.1. What is changed, and\n" +
			"why, is told. A dynamicConfigFile is followed. The files stay as they are, and so does the data, of\n" +
			"which the ensemble gets a copy with --copy-data; without it, it starts empty.\n\n" +
			"Nothing is started: the name of the ensemble is printed, and zkdeck ensemble up starts it.",
		Example: `zkdeck ensemble import /etc/zookeeper/conf/zoo.cfg --name local
zkdeck ensemble import server1/zoo.cfg server2/zoo.cfg server3/zoo.cfg --copy-data
zkdeck ensemble up "$(zkdeck ensemble import zoo1.cfg zoo2.cfg zoo3.cfg)"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(errors.New("a file is missing: the zoo.cfg of each server is wanted"))
			}
			return nil
		},
	}
	cmd.RunE = f.ensembles(func(ctx context.Context, j *ensembleJob, args []string) error {
		o.wish.Files = args
		return j.importFiles(ctx, o)
	})
	fs := cmd.Flags()
	fs.StringVar(&o.wish.Name, "name", "", "the name of the ensemble; without it a free one")
	fs.StringVar(&o.wish.Dir, "dir", "", "the folder of the ensemble, which must be empty or not be there")
	fs.StringVar(&o.wish.ZooKeeper, "zookeeper", "", "the folder of the ZooKeeper to run; without it the first that is found")
	fs.StringVar(&o.wish.Java, "java", "", "the java program, or the folder of a Java runtime; without it the first that is found")
	fs.BoolVar(&o.copyData, "copy-data", false, "copy the data of the servers, which must not run")
	complete(cmd, "name", nil)
	for _, name := range []string{"dir", "zookeeper"} {
		if err := cmd.MarkFlagDirname(name); err != nil {
			panic(err) // no such flag: a mistake above
		}
	}
	return cmd
}

// importFiles makes an ensemble of zoo.cfg files, all of it or nothing.
func (j *ensembleJob) importFiles(ctx context.Context, o ensembleImportFlags) error {
	plan, findings, err := j.store.Import(ctx, o.wish)
	told := j.judge(findings)
	switch {
	case told != nil:
		return fmt.Errorf("nothing was made: %w", told)
	case err != nil:
		return err
	}
	for _, f := range findings {
		if f.Severity == zoocfg.Note {
			j.say("%s", findingText(f))
		}
	}
	e, err := j.store.Create(ctx, plan)
	if err != nil {
		return err
	}
	if o.copyData {
		if err := e.CopyData(ctx, o.wish.Files, j.step); err != nil {
			clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
			defer cancel()
			return errors.Join(fmt.Errorf("nothing was made: %w", err), e.Down(clean, true))
		}
	}
	j.say("%s is made: %s, in %s; zkdeck ensemble up %s starts it", e.Name(), membersText(plan), tilde(e.Dir()), e.Name())
	if _, err := fmt.Fprintln(j.out, e.Name()); err != nil {
		return fmt.Errorf("writing the name: %w", err)
	}
	return nil
}
