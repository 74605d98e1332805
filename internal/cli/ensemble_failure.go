package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/config/zoocfg"
	"zkdeck/internal/safetext"
)

// undoTime is how long what was started may take to be stopped again.
const undoTime = 30 * time.Second

// judge tells warnings, and returns what is an error.
func (j *ensembleJob) judge(findings []zoocfg.Finding) error {
	wrong := false
	for _, f := range once(findings) {
		wrong = wrong || f.Severity == zoocfg.Error
		if f.Severity == zoocfg.Warning {
			j.warn("warning: %s", findingText(f))
		}
	}
	if wrong {
		return refused(findings)
	}
	return nil
}

// once leaves out what was found in another file already: the servers of an ensemble
// have the same lines, and the same is wrong with them.
func once(findings []zoocfg.Finding) []zoocfg.Finding {
	seen := map[zoocfg.Finding]bool{}
	var kept []zoocfg.Finding
	for _, f := range findings {
		what := f
		what.File = ""
		if f.Line == 0 || !seen[what] {
			kept = append(kept, f)
		}
		seen[what] = true
	}
	return kept
}

// refused is the error about what keeps servers from starting: each with what it
// would do and the mend below it.
func refused(findings []zoocfg.Finding) error {
	var lines []string
	for _, f := range once(findings) {
		if f.Severity != zoocfg.Error {
			continue
		}
		lines = append(lines, placeText(f)+safetext.CleanLine(f.What))
		if f.Effect != "" {
			lines = append(lines, "  "+safetext.CleanLine(f.Effect))
		}
		if f.Mend != "" {
			lines = append(lines, "  mend: "+safetext.CleanLine(f.Mend))
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// findingText is a finding on one line, safe to print.
func findingText(f zoocfg.Finding) string {
	text := f.What
	if f.Effect != "" {
		text += ": " + f.Effect
	}
	if f.Mend != "" {
		text += "; " + f.Mend
	}
	return placeText(f) + safetext.CleanLine(text)
}

// placeText is where a finding stands, as "zoo.cfg:3: ", safe to print.
func placeText(f zoocfg.Finding) string {
	switch {
	case f.File == "":
		return ""
	case f.Line == 0:
		return safetext.Clean(tilde(f.File)) + ": "
	}
	return fmt.Sprintf("%s:%d: ", safetext.Clean(tilde(f.File)), f.Line)
}

// undo stops what was started since before, after a failure or an interrupt, and says
// what is left. Of a new ensemble whose start was interrupted nothing is left.
func (j *ensembleJob) undo(ctx context.Context, e *ensemble.Ensemble, before ensemble.Status, fresh bool, why error) error {
	j.endProgress()
	interrupted := ctx.Err() != nil
	if !interrupted {
		why = failure(ctx, e, why)
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	if interrupted && fresh {
		if err := patiently(clean, func() error { return e.Down(clean, true) }); err != nil {
			return fmt.Errorf("interrupted, and %s could not be taken down: %w; zkdeck ensemble down %s --purge does it", e.Name(), err, e.Name())
		}
		return fmt.Errorf("interrupted before it served: %s is stopped and its folder deleted", e.Name())
	}
	now, err := e.Status(clean)
	if err != nil {
		return errors.Join(why, err)
	}
	var ours, others []int
	for i, v := range now.Servers {
		switch {
		case !runs(v):
		case i < len(before.Servers) && before.Servers[i].Pid == v.Pid:
			others = append(others, v.ID)
		default:
			ours = append(ours, v.ID)
		}
	}
	if len(ours) > 0 {
		if err := patiently(clean, func() error { return e.Stop(clean, ours...) }); err != nil {
			return errors.Join(why, fmt.Errorf("stopping what was started: %w", err))
		}
	}
	if interrupted {
		why = fmt.Errorf("interrupted before %s served", e.Name())
	}
	return fmt.Errorf("%w\n%s", why, left(e.Name(), fresh, ours, others))
}

// left says what runs after a start that has failed.
func left(name string, fresh bool, stopped, others []int) string {
	var parts []string
	if len(stopped) > 0 {
		parts = append(parts, areText(stopped)+" stopped again")
	}
	if len(others) > 0 {
		verb := "go"
		if len(others) == 1 {
			verb = "goes"
		}
		parts = append(parts, serversText(others)+" "+verb+" on")
	}
	more := "zkdeck ensemble logs " + name + " says more, zkdeck ensemble up " + name + " tries again"
	if fresh {
		more += ", zkdeck ensemble down " + name + " --purge deletes it"
	}
	parts = append(parts, more)
	return strings.Join(parts, "; ")
}

// failure says why an ensemble does not serve, what the log says, and the mend.
func failure(ctx context.Context, e *ensemble.Ensemble, err error) error {
	var failed *ensemble.FailedError
	var preflight *ensemble.PreflightError
	switch {
	case errors.As(err, &failed):
		return errors.New(failedText(e.Name(), failed))
	case errors.As(err, &preflight):
		return fmt.Errorf("%s is not started: %w", e.Name(), refused(preflight.Findings))
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, errNotServing):
		s, err := e.Status(context.WithoutCancel(ctx))
		if err != nil {
			return fmt.Errorf("%s does not serve within --timeout, and it cannot be told why: %w", e.Name(), err)
		}
		return fmt.Errorf("%s does not serve within --timeout: %s", e.Name(), rolesText(s))
	}
	return err
}

// failedText says why an ensemble does not serve, what the log says, and the mend. It
// is safe to print.
func failedText(name string, failed *ensemble.FailedError) string {
	text := name
	if failed.Server != 0 {
		text = fmt.Sprintf("server %d of %s", failed.Server, name)
	}
	text += " does not serve: " + safetext.CleanLine(failed.Why)
	if failed.Line != "" {
		text += "\n  its log: " + safetext.CleanLine(failed.Line)
	}
	if failed.Mend != "" {
		text += "\n  mend: " + safetext.CleanLine(failed.Mend)
	}
	return text
}
