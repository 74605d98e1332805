package ensemble

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// nextFile holds a plan that is being put into force. It is there only while
// files are rewritten, or if that was cut short.
const nextFile = planFile + ".next"

// change has edit change the plan, and rewrites all files that it makes a
// difference to. It takes the lock; see locked.
func (e *Ensemble) change(ctx context.Context, edit func(p *Plan) error) error {
	return e.locked(ctx, func() error { return e.changeLocked(edit) })
}

// changeLocked is change for whoever has the lock. The new plan is written beside
// the old one first, then the files, then it takes the old one's place: if this is
// cut short, the next operation finishes it. Servers that run are told nothing, and
// a member's folder stays when the member goes.
func (e *Ensemble) changeLocked(edit func(p *Plan) error) error {
	plan := e.Plan()
	if err := edit(&plan); err != nil {
		return err
	}
	if err := plan.check(); err != nil {
		return fmt.Errorf("changing the ensemble %s: %w", e.Name(), err)
	}
	text, err := plan.encode()
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(e.Dir(), nextFile), text, 0o600); err != nil {
		return fmt.Errorf("changing the ensemble %s: %w", e.Name(), err)
	}
	return e.apply(plan)
}

// finishChange finishes a change that was cut short.
func (e *Ensemble) finishChange() error {
	plan, err := decodePlan(filepath.Join(e.Dir(), nextFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		plan.Dir, plan.Name = e.Dir(), e.Name()
		err = plan.check()
	}
	if err != nil {
		return fmt.Errorf("finishing a change of the ensemble %s that was cut short: reading %s: %w; remove that file to keep it as it was", e.Name(), filepath.Join(e.Dir(), nextFile), err)
	}
	e.store.Logger.Warn("finishing a change that was cut short", "ensemble", e.Name())
	return e.apply(plan)
}

// apply writes the files of a plan that stands in nextFile, and puts it into force.
func (e *Ensemble) apply(plan Plan) error {
	if err := plan.write(); err != nil {
		return fmt.Errorf("changing the ensemble %s: %w", e.Name(), err)
	}
	if err := os.Rename(filepath.Join(e.Dir(), nextFile), filepath.Join(e.Dir(), planFile)); err != nil {
		return fmt.Errorf("changing the ensemble %s: %w", e.Name(), err)
	}
	e.mu.Lock()
	e.plan = plan
	e.mu.Unlock()
	return nil
}

// write writes every file of the plan that is not there as it should be.
func (p *Plan) write() error {
	files, err := p.Files()
	if err != nil {
		return err
	}
	for _, m := range p.Members {
		if err := os.MkdirAll(p.DataDir(m.ID), 0o700); err != nil {
			return err
		}
	}
	for _, f := range files {
		if now, err := os.ReadFile(f.Path); err == nil && string(now) == f.Text {
			continue
		}
		if err := replaceFile(f.Path, f.Text, f.Mode); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) encode() (string, error) {
	text, err := json.MarshalIndent(p, "", "  ")
	return string(text) + "\n", err
}

// replaceFile writes a file beside its place and then puts it there, so that it is
// whole whoever reads it meanwhile and however the machine stops.
func replaceFile(path, text string, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // fails once it is renamed
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(mode))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
