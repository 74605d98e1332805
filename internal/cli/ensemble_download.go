package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"zkdeck/config"
	"zkdeck/config/ensemble/distro"
	"zkdeck/internal/safetext"
)

// downloadFlags are the flags of `zkdeck ensemble download`.
type downloadFlags struct {
	list                 bool
	mirror, file, sha512 string
}

// ensembleDownloadCommand is `zkdeck ensemble download`.
func ensembleDownloadCommand(f *flags) *cobra.Command {
	var o downloadFlags
	cmd := &cobra.Command{
		Use:   "download [VERSION]",
		Short: "Download a ZooKeeper for ensembles to run on",
		Long: "Download Apache ZooKeeper and unpack it below\n" + tilde(config.DefaultPaths().Data) + ", where ensembles find it. Without VERSION it is\n" +
			"the stable release; --list shows what there is. What is there already is not fetched again.\n\n" +
			"It comes from " + distro.DefaultMirror + ", or " + distro.DefaultArchive + " where\n" +
			"a newer release has replaced it, or from --mirror alone. Nothing is unpacked but what has the SHA-512\n" +
			"that " + distro.DefaultChecksums + " tells, or --sha512. A download that was\n" +
			"interrupted goes on where it ended. --file takes an archive that was brought along.\n\n" +
			"$" + distro.EnvMirror + " stands for --mirror, $" + distro.EnvChecksums + " names another host of\n" +
			"checksums, and $" + distro.EnvArchive + " one to try where the mirror does not have it.\n\n" +
			"The folder goes to standard output. The exit code is 0 if it is there, 1 if not, 2 for wrong arguments.",
		Example: `zkdeck ensemble download
zkdeck ensemble download --list
zkdeck ensemble download 3.9.5 --mirror https://mirror.example/apache
zkdeck ensemble download --file apache-zookeeper-3.8.6-bin.tar.gz --sha512 apache-zookeeper-3.8.6-bin.tar.gz.sha512`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(fmt.Errorf("one version is wanted, not %d arguments", len(args)))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.check(cmd, args); err != nil {
			return err
		}
		paths := config.DefaultPaths()
		log, closeLog := commandLog(paths, f.logLevel)
		defer closeLog()
		d := o.downloader(filepath.Join(paths.Data, "zookeeper"), log)
		j := &job{
			out: bufio.NewWriter(cmd.OutOrStdout()), errs: cmd.ErrOrStderr(),
			outIsTerminal: isTerminal(cmd.OutOrStdout()), errsIsTerminal: isTerminal(cmd.ErrOrStderr()),
		}
		j.overwrites = j.errsIsTerminal && checkTERM() == nil
		err := j.download(cmd.Context(), d, o, args)
		if flushed := j.flush(); err == nil {
			err = flushed
		}
		var wrong *distro.InputError
		if errors.As(err, &wrong) {
			return usage(err)
		}
		return err
	}
	fs := cmd.Flags()
	fs.BoolVar(&o.list, "list", false, "list the versions that there are")
	fs.StringVar(&o.mirror, "mirror", "", "the URL to download from: a folder that has zookeeper-X.Y.Z in it ($"+distro.EnvMirror+")")
	fs.StringVar(&o.file, "file", "", "unpack this archive instead of downloading one")
	fs.StringVar(&o.sha512, "sha512", "", "the checksum to expect: 128 hexadecimal digits, or a file that has them")
	complete(cmd, "mirror", nil)
	return cmd
}

// check refuses what means nothing together.
func (o *downloadFlags) check(cmd *cobra.Command, args []string) error {
	if err := alone(cmd, "list", "file"); err != nil {
		return err
	}
	if err := alone(cmd, "list", "sha512"); err != nil {
		return err
	}
	switch given := cmd.Flags().Changed; {
	case o.list && len(args) > 0:
		return usage(fmt.Errorf("--list lists all versions: leave %q out", args[0]))
	case given("file") && len(args) > 0:
		return usage(fmt.Errorf("--file names the archive, which tells its version: leave %q out", args[0]))
	case given("file") && o.file == "":
		return usage(errors.New("--file is empty; it is the path of an archive"))
	case given("mirror") && o.mirror == "":
		return usage(fmt.Errorf("--mirror is empty; it is a URL such as %s", distro.DefaultMirror))
	case given("sha512") && o.sha512 == "":
		return usage(errors.New("--sha512 is empty; it is 128 hexadecimal digits, or the file that has them"))
	case given("sha512") && o.file == "" && len(args) == 0:
		return usage(errors.New("--sha512 is of one version: name the version, or the archive with --file"))
	}
	return nil
}

func (o *downloadFlags) downloader(dir string, log *slog.Logger) *distro.Downloader {
	d := distro.NewDownloader(dir, os.Getenv)
	if o.mirror != "" {
		d.Mirror = o.mirror
	}
	d.SHA512, d.Logger = o.sha512, log
	return d
}

// download does what the flags say, and prints the folder or the list.
func (j *job) download(ctx context.Context, d *distro.Downloader, o downloadFlags, args []string) error {
	if o.list {
		return j.listVersions(ctx, d)
	}
	version, err := j.versionMeant(ctx, d, o, args)
	if err != nil {
		return err
	}
	p := &downloadProgress{job: j, version: version}
	var z distro.ZooKeeper
	if o.file != "" {
		z, err = d.Install(ctx, o.file, p.tell)
	} else {
		z, err = d.Fetch(ctx, version, p.tell)
	}
	j.endProgress()
	if err != nil {
		return downloadError(ctx, version, err)
	}
	fmt.Fprintln(j.out, j.name(z.Home))
	if _, err := distro.System(d.Dir).FindJavaFor(z.NeedsJava(), ""); err != nil {
		j.warn("ZooKeeper %s is here, but nothing to run it on: %v", z.Version, err)
	}
	return nil
}

// versionMeant is the version of the argument, or the stable one; "" for a file.
func (j *job) versionMeant(ctx context.Context, d *distro.Downloader, o downloadFlags, args []string) (string, error) {
	if o.file != "" {
		return "", nil
	}
	if len(args) == 1 && args[0] != "stable" && args[0] != "current" {
		return args[0], nil
	}
	versions, err := d.Versions(ctx)
	if len(versions) == 0 {
		return "", err
	}
	version := distro.Stable(versions)
	if len(args) == 1 && args[0] == "current" {
		version = versions[0].Version
		for _, v := range versions {
			if v.Current {
				version = v.Version
			}
		}
	}
	var wrong *distro.InputError
	if errors.As(err, &wrong) {
		return "", err
	}
	if err != nil {
		j.warn("%s is taken, unasked: %s", version, safetext.CleanLine(err.Error()))
	}
	return version, nil
}

// listVersions prints the versions, newest first.
func (j *job) listVersions(ctx context.Context, d *distro.Downloader) error {
	versions, err := d.Versions(ctx)
	var wrong *distro.InputError
	if len(versions) == 0 || errors.As(err, &wrong) {
		return err
	}
	if err != nil {
		j.warn("%s", safetext.CleanLine(err.Error()))
	}
	for _, v := range versions {
		note := ""
		for _, n := range []struct {
			is   bool
			word string
		}{{v.Stable, "stable"}, {v.Current, "current"}, {v.Archived, "archive"}, {v.Here, "here"}} {
			if n.is {
				note += ", " + n.word
			}
		}
		if note == "" {
			note = ", "
		}
		fmt.Fprintf(j.out, "%s\t%s\t%s\n", v.Version, note[2:], j.name(v.From))
	}
	return nil
}

// downloadError says what an interruption means for the next time.
func downloadError(ctx context.Context, version string, err error) error {
	var early *distro.InterruptedError
	if ctx.Err() != nil && errors.As(err, &early) {
		return fmt.Errorf("interrupted: %s kept, and zkdeck ensemble download %s goes on from there", early.Kept(), version)
	}
	if ctx.Err() != nil {
		return errors.New("interrupted: nothing was changed")
	}
	return err
}
