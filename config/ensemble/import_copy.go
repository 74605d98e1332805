package ensemble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// CopyData copies the data of the servers whose zoo.cfg files these are, the ones that
// the ensemble was imported from, into the ensemble, and tells progress, if that is not
// nil, what it copies. It is for an ensemble that has never run: one with data is
// refused, and so is a server there that runs, for a copy of files which are being
// written may lack the newest writes. The files copied from stay as they are. Where it
// fails nothing is copied for any server.
func (e *Ensemble) CopyData(ctx context.Context, files []string, progress func(string)) error {
	if progress == nil {
		progress = func(string) {}
	}
	i := &importer{store: e.store}
	if err := i.read(files); err != nil {
		return err
	}
	err := e.locked(ctx, func() error { return e.copyData(ctx, i, progress) })
	if err != nil {
		return fmt.Errorf("copying data into %s: %w", e.name, err)
	}
	return nil
}

func (e *Ensemble) copyData(ctx context.Context, i *importer, progress func(string)) (err error) {
	plan := e.Plan()
	if !plan.untouched(memberIDs(plan.Members)) {
		return errors.New("it has data of its own")
	}
	imported := &Plan{}
	if i.members(imported); i.failed() {
		return errors.New(i.found[0].What)
	}
	var ready []string // copies that are whole
	defer func() {
		for _, dir := range ready {
			_ = os.RemoveAll(dir) // renamed, or not wanted
		}
	}()
	for _, s := range i.sources {
		if _, there := plan.Member(s.id); !there {
			return fmt.Errorf("it has no server %d, as which %s was read", s.id, s.name)
		}
		snapshots, logs := s.dataDirs()
		if !filepath.IsAbs(snapshots) || !filepath.IsAbs(logs) {
			return fmt.Errorf("%s names its data folder relative to where its server was started: name it from the root", s.name)
		}
		if !hasData(snapshots) {
			continue
		}
		if err := notRunning(ctx, s); err != nil {
			return err
		}
		progress(fmt.Sprintf("the data of server %d is copied from %s", s.id, snapshots))
		to := filepath.Join(plan.DataDir(s.id), ".version-2-copy")
		ready = append(ready, to)
		if err := copyVersion2(ctx, to, snapshots, logs); err != nil {
			return err
		}
	}
	for _, dir := range ready {
		if err := os.Rename(dir, filepath.Join(filepath.Dir(dir), "version-2")); err != nil {
			return err
		}
	}
	return nil
}

func memberIDs(members []Member) []int {
	var ids []int
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	return ids
}

// hasData reports whether there is a database in a dataDir.
func hasData(dataDir string) bool {
	entries, _ := os.ReadDir(filepath.Join(dataDir, "version-2"))
	return len(entries) > 0
}

// notRunning refuses a file whose server runs: one that has it for an argument, or
// whose client port somebody listens on.
func notRunning(ctx context.Context, s *source) error {
	all, err := pids()
	if err != nil {
		return fmt.Errorf("looking for the server of %s: %w", s.name, err)
	}
	for _, pid := range all {
		if sight, ok := look(pid); ok && sight.lives() && sight.runs(s.config.Path) {
			return fmt.Errorf("the server of %s runs, pid %d: stop it first, for a copy of what is being written may lack the newest", s.name, pid)
		}
	}
	if port := s.clientPort(); port != 0 && inUse(ctx, port) {
		return fmt.Errorf("something listens on port %d, which may be the server of %s: stop it first, for a copy of what is being written may lack the newest", port, s.name)
	}
	return nil
}

// copyVersion2 makes a folder of the data in a dataDir and a dataLogDir.
func copyVersion2(ctx context.Context, to, snapshots, logs string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	from := []string{snapshots}
	if logs != snapshots {
		from = append(from, logs)
	}
	for _, dir := range from {
		dir = filepath.Join(dir, "version-2")
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			name := entry.Name()
			ours := strings.HasPrefix(name, "log.") || strings.HasPrefix(name, "snapshot.") || name == "acceptedEpoch" || name == "currentEpoch"
			if !ours || !entry.Type().IsRegular() {
				continue
			}
			if err := copyFile(ctx, filepath.Join(to, name), filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyFile copies a file. Stretches of zeros, which the end of a log is filled with,
// become holes.
func copyFile(ctx context.Context, to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	size, err := copyHoles(ctx, out, in)
	if err == nil {
		err = out.Truncate(size)
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("copying %s: %w", from, err)
	}
	return nil
}

func copyHoles(ctx context.Context, out *os.File, in io.Reader) (size int64, err error) {
	const block = 1 << 16
	buf, zeros := make([]byte, block), make([]byte, block)
	for {
		if err := ctx.Err(); err != nil {
			return size, err
		}
		n, err := io.ReadFull(in, buf)
		if n > 0 && !bytes.Equal(buf[:n], zeros[:n]) {
			if _, err := out.WriteAt(buf[:n], size); err != nil {
				return size, err
			}
		}
		size += int64(n)
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return size, nil
		case err != nil:
			return size, err
		}
	}
}
