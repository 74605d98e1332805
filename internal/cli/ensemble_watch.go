package cli

import (
	"context"
	"fmt"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// watchEnsemble prints what an ensemble does, then what happens to it, until it is
// interrupted.
func (j *ensembleJob) watchEnsemble(ctx context.Context, e *ensemble.Ensemble, asJSON bool) error {
	w := e.Watch(ensemble.WatchOptions{Logger: j.store.Logger})
	defer w.Close()
	select { // the first look: what happens after it is told
	case <-w.Changed():
	case <-ctx.Done():
		return nil
	}
	if err := j.printStatus(e, w.Status(), asJSON); err != nil {
		return err
	}
	if err := j.flush(); err != nil {
		return err
	}
	var last ensemble.Event
	for {
		for _, event := range eventsAfter(w.Events(), last) {
			last = event
			if err := j.printEvent(event, asJSON); err != nil {
				return err
			}
		}
		if err := j.flush(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil // which is how it ends
		case _, more := <-w.Changed():
			if !more {
				return nil // the ensemble is gone
			}
		}
	}
}

// eventsAfter are those after the last that was printed.
func eventsAfter(events []ensemble.Event, last ensemble.Event) []ensemble.Event {
	for i := len(events) - 1; i >= 0; i-- {
		if events[i] == last {
			return events[i+1:]
		}
	}
	return events
}

func (j *ensembleJob) printEvent(event ensemble.Event, asJSON bool) error {
	var err error
	if asJSON {
		err = j.line(event)
	} else {
		_, err = fmt.Fprintf(j.out, "%s  %s\n", event.At.Format(time.TimeOnly), safetext.CleanLine(event.Text))
	}
	if err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}
