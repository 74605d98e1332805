package ensemble

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// LogOptions say which entries of the logs are wanted.
type LogOptions struct {
	// IDs are the servers, none for all.
	IDs []int
	// Tail is how many of the newest entries are wanted of all that are there, 0 for all
	// and -1 for none.
	Tail int
	// Follow goes on with what is written from now on, until the context ends.
	Follow bool
	// Match picks entries, nil for all.
	Match func(LogLine) bool
}

// followEvery is how often a followed log is looked at.
const followEvery = 100 * time.Millisecond

// Logs calls each with the entries of the servers' logs, merged by their times. It
// holds little in memory however large the logs are: the last Tail entries, or one of
// each server. A log that does not exist is an empty one; one that is followed may be
// cut off or replaced. It blocks until the end of the logs or, with Follow, until ctx
// ends, whose error it returns then. An error of each ends it.
func (e *Ensemble) Logs(ctx context.Context, o LogOptions, each func(LogLine) error) error {
	plan := e.Plan()
	ids := o.IDs
	if len(ids) == 0 {
		for _, m := range plan.Members {
			ids = append(ids, m.ID)
		}
	}
	var files []*logFile
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if _, ok := plan.Member(id); !ok {
			return fmt.Errorf("reading the logs: %w", e.noServer(id))
		}
		f := &logFile{server: id, path: plan.LogFile(id), match: o.Match, follow: o.Follow, lines: grouper{server: id}}
		defer f.close()
		files = append(files, f)
	}
	if err := readLogs(ctx, files, o.Tail, each); err != nil {
		return err
	}
	if !o.Follow {
		return nil
	}
	return followLogs(ctx, files, each)
}

// readLogs gives what is there by now, and leaves the files where that ended.
func readLogs(ctx context.Context, files []*logFile, tail int, each func(LogLine) error) error {
	if tail > 0 {
		var all []LogLine
		for _, f := range files {
			last, err := f.last(ctx, tail)
			if err != nil {
				return err
			}
			all = append(all, last...)
		}
		byTime(all)
		for _, e := range all[max(len(all)-tail, 0):] {
			if err := each(e); err != nil {
				return err
			}
		}
		return nil
	}
	for _, f := range files {
		if err := f.openFor(tail < 0); err != nil {
			return err
		}
	}
	return mergeLogs(ctx, files, each)
}

// mergeLogs gives the entries of files from where they are to where they end now, of
// all the oldest first.
func mergeLogs(ctx context.Context, files []*logFile, each func(LogLine) error) error {
	heads := make([]*LogLine, len(files))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		first := -1
		for i, f := range files {
			if heads[i] == nil {
				e, ok, err := f.next(ctx)
				if err != nil {
					return err
				}
				if !ok {
					continue
				}
				heads[i] = &e
			}
			if first < 0 || heads[i].At.Before(heads[first].At) {
				first = i
			}
		}
		if first < 0 {
			return nil
		}
		if err := each(*heads[first]); err != nil {
			return err
		}
		heads[first] = nil
	}
}

// followLogs gives what is written from now on. What comes within a tenth of a second
// is sorted by its times.
func followLogs(ctx context.Context, files []*logFile, each func(LogLine) error) error {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		more := false
		var batch []LogLine
		for _, f := range files {
			news, rest, err := f.news()
			if err != nil {
				return err
			}
			batch, more = append(batch, news...), more || rest
		}
		byTime(batch)
		for _, e := range batch {
			if err := each(e); err != nil {
				return err
			}
		}
		if more && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// byTime sorts entries, those of one server staying in their order.
func byTime(all []LogLine) {
	slices.SortStableFunc(all, func(a, b LogLine) int { return a.At.Compare(b.At) })
}
