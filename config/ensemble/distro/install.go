package distro

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Install unpacks an archive that somebody has brought along, below Dir, as
// [Downloader.Fetch] does one that it fetched. Its SHA-512 is held against d.SHA512,
// else against the file FILE.sha512 beside it, else against what Checksums tells of
// its name. A version that is there already is returned without being unpacked again.
func (d *Downloader) Install(ctx context.Context, file string, progress func(Progress)) (ZooKeeper, error) {
	if err := d.check(); err != nil {
		return ZooKeeper{}, err
	}
	// Opened before it is looked at, and only once: what is checked is what is unpacked.
	if !isFile(file) {
		_, err := os.Stat(file)
		if err == nil {
			err = fmt.Errorf("%s is no file", file)
		}
		return ZooKeeper{}, fmt.Errorf("opening the archive: %w", err)
	}
	f, err := os.Open(file)
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("opening the archive: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("opening the archive: %w", err)
	}
	if info.Size() > maxArchive {
		return ZooKeeper{}, fmt.Errorf("%s has %d bytes, which is no archive of ZooKeeper", file, info.Size())
	}
	s, err := d.begin(ctx, progress)
	if err != nil {
		return ZooKeeper{}, err
	}
	defer s.end()
	want, err := s.sumForFile(ctx, file)
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("looking for the checksum of %s: %w", file, err)
	}
	got, err := s.sumOf(ctx, f, info.Size())
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("reading %s: %w", file, err)
	}
	if got != want.sum {
		return ZooKeeper{}, &MismatchError{File: file, From: want.from, Want: string(want.sum), Got: string(got)}
	}
	z, err := s.install(ctx, f, info.Size(), "")
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("unpacking %s: %w", file, err)
	}
	return z, nil
}

// sumForFile is the SHA-512 that an archive at hand must have.
func (s *session) sumForFile(ctx context.Context, file string) (expected, error) {
	if s.SHA512 != "" {
		return givenSum(s.SHA512, filepath.Base(file))
	}
	if beside := file + ".sha512"; isFile(beside) {
		return givenSum(beside, filepath.Base(file))
	}
	version := nameVersion(file)
	if version == "" || archiveName(version) != filepath.Base(file) {
		return expected{}, errors.New("its name is none of Apache's, such as apache-zookeeper-3.8.6-bin.tar.gz, so give the checksum with --sha512, or put it beside as " + filepath.Base(file) + ".sha512")
	}
	return s.fetchSum(ctx, version)
}

// install unpacks an open archive that was verified, and puts it into place at once.
// version is the one that it must be, "" for whatever it is.
func (s *session) install(ctx context.Context, f *os.File, size int64, version string) (ZooKeeper, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return ZooKeeper{}, err
	}
	temp, err := os.MkdirTemp(s.Dir, unpackPrefix)
	if err != nil {
		return ZooKeeper{}, err
	}
	defer os.RemoveAll(temp)
	into := filepath.Join(temp, "new")
	if err := os.Mkdir(into, 0o755); err != nil {
		return ZooKeeper{}, err
	}
	r := &counted{r: f, ctx: ctx, tell: func(n int64) {
		s.tell(Progress{Step: "unpack", Done: n, Total: size, From: filepath.Base(f.Name())})
	}}
	if err := unpack(ctx, r, into, bounds{maxFiles, maxUnpacked}); err != nil {
		return ZooKeeper{}, err
	}
	top, err := onlyFolder(into)
	if err != nil {
		return ZooKeeper{}, err
	}
	e := Env{GOOS: runtime.GOOS}
	z, err := e.zookeeper(top, "downloaded")
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("it holds no ZooKeeper that can be started: %w", err)
	}
	if versionIn(z.Version) == "" || version != "" && z.Version != version {
		return ZooKeeper{}, fmt.Errorf("it holds ZooKeeper %q, not %q", z.Version, version)
	}
	if there, ok := s.have(z.Version); ok {
		return there, nil
	}
	home := filepath.Join(s.Dir, folderName(z.Version))
	if err := os.Rename(home, filepath.Join(temp, "old")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return ZooKeeper{}, fmt.Errorf("moving away what is broken: %w", err)
	}
	if err := os.Rename(top, home); err != nil {
		return ZooKeeper{}, err
	}
	there, ok := s.have(z.Version)
	if !ok {
		return ZooKeeper{}, fmt.Errorf("%s cannot be read after it was put into place", home)
	}
	return there, nil
}

// onlyFolder is the one folder that an archive has all its files in.
func onlyFolder(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var names []string
	for _, d := range entries {
		names = append(names, d.Name())
	}
	if len(entries) != 1 || !entries[0].IsDir() {
		return "", fmt.Errorf("it does not have all its files in one folder, as Apache's have: %q", strings.Join(names[:min(len(names), 5)], " "))
	}
	return filepath.Join(dir, names[0]), nil
}
