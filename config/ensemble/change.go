package ensemble

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"zkdeck/config/zoocfg"
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
	if err := zoocfg.WriteFile(filepath.Join(e.Dir(), nextFile), []byte(text), 0o600); err != nil {
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
	failed := func(err error) error { return fmt.Errorf("changing the ensemble %s: %w", e.Name(), err) }
	old, err := decodePlan(filepath.Join(e.Dir(), planFile))
	if err != nil {
		return failed(err)
	}
	if err := plan.write(&old, e.store.Logger); err != nil {
		return failed(err)
	}
	if err := os.Rename(filepath.Join(e.Dir(), nextFile), filepath.Join(e.Dir(), planFile)); err != nil {
		return failed(err)
	}
	e.mu.Lock()
	e.plan = plan
	e.mu.Unlock()
	return nil
}

// editedMark ends the name of what was kept of a file that somebody had edited.
const editedMark = ".edited"

// write writes the files that are missing or that the plan before made otherwise.
// A file that a person has edited stays as it is as long as the plan makes no
// difference to it; else it is kept beside the new one.
func (p *Plan) write(before *Plan, logger *slog.Logger) error {
	files, err := p.Files()
	if err != nil {
		return err
	}
	was := before.texts()
	for _, f := range files {
		old, known := was[strings.TrimPrefix(f.Path, p.Dir)]
		now, err := os.ReadFile(f.Path)
		switch {
		case err == nil && (string(now) == f.Text || known && old == f.Text):
			continue
		case err != nil && known && filepath.Base(f.Path) == "myid":
			continue // with the data, of which only a person can say why it is gone
		}
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o700); err != nil {
			return err
		}
		if err == nil && known && string(now) != old {
			logger.Warn("a file that was edited by hand is written anew", "file", f.Path, "kept", f.Path+editedMark)
			if err := zoocfg.WriteFile(f.Path+editedMark, now, f.Mode); err != nil {
				return err
			}
		}
		if err := zoocfg.WriteFile(f.Path, []byte(f.Text), f.Mode); err != nil {
			return err
		}
	}
	return nil
}

// texts are what the plan makes of each file, by the path below its folder, which may
// have been another one.
func (p *Plan) texts() map[string]string {
	texts := make(map[string]string)
	files, err := p.Files()
	if err != nil {
		return texts
	}
	for _, f := range files {
		texts[strings.TrimPrefix(f.Path, p.Dir)] = f.Text
	}
	return texts
}

func (p *Plan) encode() (string, error) {
	text, err := json.MarshalIndent(p, "", "  ")
	return string(text) + "\n", err
}
