package tui

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"zkdeck/config/ensemble"
	"zkdeck/config/zoocfg"
	"zkdeck/internal/safetext"
)

// realEnsembles are those of a store, each opened once.
type realEnsembles struct {
	store  *ensemble.Store
	logger *slog.Logger

	mu   sync.Mutex
	open map[string]*realEnsemble
}

var _ ensembleStore = (*realEnsembles)(nil)

func newRealEnsembles(s *ensemble.Store, logger *slog.Logger) *realEnsembles {
	return &realEnsembles{store: s, logger: logger, open: map[string]*realEnsemble{}}
}

func (r *realEnsembles) list(ctx context.Context) ([]ensembleListed, error) {
	all, err := r.store.List(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.open
	r.open = make(map[string]*realEnsemble, len(all))
	out := make([]ensembleListed, 0, len(all))
	for _, l := range all {
		one := ensembleListed{name: l.Name, err: l.Err}
		unit := was[l.Name]
		if unit != nil && unit.Dir() != l.Dir { // another of the same name
			unit = nil
		}
		if l.Err == nil {
			one.plan = *l.Plan
			if unit == nil {
				e, err := r.store.Open(l.Name)
				if one.err = err; err == nil {
					unit = &realEnsemble{e, r.logger}
				}
			}
		}
		if one.err == nil {
			r.open[l.Name], one.unit = unit, unit
		}
		out = append(out, one)
	}
	return out, nil
}

func (r *realEnsembles) orphans(ctx context.Context) ([]string, error) {
	all, err := r.store.Orphans(ctx)
	if errors.Is(err, ensemble.ErrUnsupported) {
		return nil, nil
	}
	var out []string
	for _, o := range all {
		out = append(out, fmt.Sprintf("Process %d runs %s, and belongs to no ensemble here; kill %d ends it", o.Pid, o.Config, o.Pid))
	}
	return out, err
}

func (r *realEnsembles) maker() wizardMaker { return newWizardMaker(r.store) }

// realEnsemble is an ensemble as the board uses it.
type realEnsemble struct {
	*ensemble.Ensemble
	logger *slog.Logger
}

var _ ensembleUnit = (*realEnsemble)(nil)

func (e *realEnsemble) add(ctx context.Context, observer bool, progress func(string)) (int, error) {
	m, err := e.Add(ctx, ensemble.AddWish{Observer: observer}, progress)
	return m.ID, err
}

func (e *realEnsemble) watch() ensembleWatcher {
	return e.Watch(ensemble.WatchOptions{Logger: e.logger})
}

func (e *realEnsemble) logs(ctx context.Context, ids []int, tail int, each func(logEntry) error) error {
	return e.Logs(ctx, ensemble.LogOptions{IDs: ids, Tail: tail, Follow: true}, func(l ensemble.LogLine) error {
		return each(logEntry{server: l.Server, at: l.At, level: l.Level, text: l.Text})
	})
}

// troubles are the sentences of an error that needs more than a line: what a check
// before the start has found, why a server did not come to serve, or what has several
// lines.
func troubles(err error) []string {
	var (
		check  *ensemble.PreflightError
		failed *ensemble.FailedError
	)
	switch {
	case errors.As(err, &check):
		var out []string
		for _, f := range check.Findings {
			if f.Severity == zoocfg.Error {
				out = append(out, findingText(&f))
			}
		}
		return out
	case errors.As(err, &failed):
		out := []string{upper(sentence(safetext.CleanLine(failed.Why)))}
		for _, t := range []string{failed.Line, failed.Mend} {
			if t != "" {
				out = append(out, upper(sentence(safetext.CleanLine(t))))
			}
		}
		return out
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) < 2 && len(err.Error()) < 100 {
		return nil
	}
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, upper(safetext.CleanLine(strings.TrimSpace(l))))
	}
	return out
}
