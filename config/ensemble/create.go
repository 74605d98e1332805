package ensemble

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Create writes a planned ensemble: all of it, or nothing. It starts nothing. What
// is there already is refused with a *WishError.
func (s *Store) Create(ctx context.Context, p *Plan) (*Ensemble, error) {
	if err := supported(); err != nil {
		return nil, err
	}
	plan := p.clone()
	if err := errors.Join(ctx.Err(), checkName(plan.Name), plan.check()); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.ensembles(), 0o700); err != nil {
		return nil, fmt.Errorf("creating the ensemble %s: %w", plan.Name, err)
	}
	if err := os.MkdirAll(filepath.Dir(plan.Dir), 0o700); err != nil {
		return nil, fmt.Errorf("creating the ensemble %s: %w", plan.Name, err)
	}
	// One at a time: of an ensemble elsewhere the name is claimed before its folder is
	// there, and would seem to be free.
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, fmt.Errorf("creating the ensemble %s: %w", plan.Name, err)
	}
	defer unlock()
	if err := checkFree(plan.Dir); err != nil {
		return nil, err
	}
	forget, err := s.claim(&plan)
	if err != nil {
		return nil, err
	}
	if err := plan.create(); err != nil {
		forget()
		return nil, fmt.Errorf("creating the ensemble %s in %s: %w", plan.Name, plan.Dir, err)
	}
	s.Logger.Info("created an ensemble", "name", plan.Name, "dir", plan.Dir)
	return &Ensemble{store: s, name: plan.Name, dir: plan.Dir, plan: plan}, nil
}

// lock waits until nobody else creates or forgets an ensemble of this store.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(s.ensembles(), ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := lockFile(f)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, errLocked) {
			f.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(lockEvery):
		}
	}
}

// claim makes the name of a plan its own, and returns what gives it up again.
func (s *Store) claim(p *Plan) (forget func(), err error) {
	home := filepath.Join(s.ensembles(), p.Name)
	taken := &WishError{Field: "Name", What: fmt.Sprintf("there is an ensemble %s already", p.Name), Mend: "take another name"}
	if s.vanished(p.Name) { // of one elsewhere that is gone only the mark is left
		_ = os.Remove(home + placeMark)
	}
	if at, err := realPath(home); err == nil && at == p.Dir {
		if _, err := os.Lstat(home + placeMark); err == nil {
			return nil, taken
		}
		return func() {}, nil // the folder itself is the claim
	}
	if _, err := os.Lstat(home); err == nil {
		return nil, taken
	}
	f, err := os.OpenFile(home+placeMark, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, taken
	}
	if err == nil {
		_, err = f.WriteString(p.Dir + "\n")
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("noting where the ensemble %s is: %w", p.Name, err)
	}
	return func() { _ = os.Remove(home + placeMark) }, nil
}

// create writes the files of a plan into a folder beside its own and renames that.
func (p *Plan) create() (err error) {
	files, err := p.Files()
	if err != nil {
		return err
	}
	text, err := p.encode()
	if err != nil {
		return err
	}
	files = append(files, File{Path: filepath.Join(p.Dir, planFile), Mode: 0o600, Text: text})
	tmp, err := os.MkdirTemp(filepath.Dir(p.Dir), "."+p.Name+"-*") // no name begins with a dot
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(tmp)
		}
	}()
	for _, f := range files {
		rel, err := filepath.Rel(p.Dir, f.Path)
		if err != nil {
			return err
		}
		path := filepath.Join(tmp, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(f.Text), f.Mode); err != nil {
			return err
		}
	}
	if err := os.Remove(p.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one
		return err
	}
	return os.Rename(tmp, p.Dir)
}
