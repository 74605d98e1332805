package ensemble

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ForeignError says that a folder was not removed because there is something in it
// that nobody but a person can have put there.
type ForeignError struct {
	Dir string
	// Paths are what is not ours, at most a few.
	Paths []string
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("the folder %s was kept: it holds what is not of the ensemble: %s; move that away, or remove the folder yourself", e.Dir, strings.Join(e.Paths, ", "))
}

// Down stops all servers. With purge, or if the ensemble is a temporary one, it then
// removes the folder with all data, unless there is something in it that is not
// ours: then it removes nothing and gives a *ForeignError.
func (e *Ensemble) Down(ctx context.Context, purge bool) error {
	return e.locked(ctx, func() error {
		if err := e.stopLocked(ctx, "stop"); err != nil {
			return err
		}
		plan := e.Plan()
		if !purge && !plan.Temp {
			return nil
		}
		if err := e.unused(ctx); err != nil {
			return err
		}
		if err := e.remove(); err != nil {
			return err
		}
		e.store.Logger.Info("removed an ensemble", "name", e.name, "dir", e.dir)
		return nil
	})
}

// unused refuses to remove data that a server still runs on: one that lost its pid
// file, or one of another ensemble.
func (e *Ensemble) unused(ctx context.Context) error {
	plan := e.Plan()
	for _, m := range plan.Members {
		lock, err := lockData(ctx, plan.DataDir(m.ID))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("removing the ensemble %s: %w", e.name, err)
		}
		lock.Close()
	}
	return nil
}

// remove removes the folder, and the mark of one that is elsewhere.
func (e *Ensemble) remove() error {
	foreign, err := findForeign(e.dir, e.dir)
	if err != nil {
		return fmt.Errorf("removing the ensemble %s: %w", e.name, err)
	}
	if len(foreign) > 0 {
		return &ForeignError{Dir: e.dir, Paths: foreign}
	}
	// Out of the way first, so that nobody finds half an ensemble.
	gone := filepath.Join(filepath.Dir(e.dir), fmt.Sprintf(".%s-%d-removed", e.name, os.Getpid()))
	if err := os.Rename(e.dir, gone); err != nil {
		gone = e.dir // in a folder that we may not write to, what is in it may go all the same
	}
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("removing the ensemble %s: %w", e.name, err)
	}
	if err := os.Remove(filepath.Join(e.store.ensembles(), e.name) + placeMark); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the ensemble %s: %w", e.name, err)
	}
	return nil
}

// Forget has the store forget an ensemble whose folder, elsewhere, is gone. It
// refuses one that is there: Down is for that.
func (s *Store) Forget(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if !s.vanished(name) {
		return fmt.Errorf("the ensemble %s is there; take it down instead", name)
	}
	mark := filepath.Join(s.ensembles(), name) + placeMark
	if err := os.Remove(mark); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = ErrNoEnsemble
		}
		return fmt.Errorf("forgetting the ensemble %s: %w", name, err)
	}
	return nil
}

// ourPaths are the paths, below the folder of an ensemble, of all that we, the scripts,
// Java and ZooKeeper write there. What begins with a dot is a file that was being
// written.
var ourPaths = regexp.MustCompile(`^(` + strings.Join([]string{
	`\.[^/]*`, `[a-z.0-9]+\.json(\.next)?`, `lock`, `(server|start|stop)\.sh`, `log4j\.properties`, `logback\.xml`,
	`server[0-9]+`,
	`server[0-9]+/(\.[^/]*|zoo\.cfg[^/]*|server\.log[^/]*|pid(\.new)?|exit|asked|data|hs_err_pid[0-9]+\.log|core[^/]*|replay_pid[0-9]+\.log|java_pid[0-9]+\.hprof[^/]*)`,
	`server[0-9]+/data/(\.[^/]*|myid|initialize|zkdeck\.lock|zookeeper_server\.pid|version-2[^/]*)`,
	`server[0-9]+/data/version-2[^/]*/(log|snapshot)\.[^/]*`,
	`server[0-9]+/data/version-2[^/]*/(\.[^/]*|(accepted|current|updating)Epoch[^/]*)`,
}, `|`) + `)$`)

// findForeign returns a few of the paths in dir, the folder of an ensemble or one
// below it, that are not ours. Symbolic links count as what they are called and are
// not followed.
func findForeign(home, dir string) ([]string, error) {
	const enough = 5
	var foreign []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(home, path)
		if err != nil {
			return err
		}
		if ourPaths.MatchString(filepath.ToSlash(rel)) {
			return nil
		}
		if foreign = append(foreign, path); len(foreign) == enough {
			return fs.SkipAll
		}
		if entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
	return foreign, err
}
