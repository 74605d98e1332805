package zkview

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// What the notes of a move say about znodes that stay in the source.
var (
	errNotCopied     = errors.New("it was not copied, and stays in the source")
	errSinceCopied   = errors.New("somebody changed it after it was read for the copy; its present state stays in the source")
	errMoveUnsettled = errors.New("the copy is not whole, so that nothing was deleted in the source")
)

// deleteSource deletes the source of a move, if it was copied whole: each znode is
// read again first, and goes only as it was when it was copied.
func (a *applier) deleteSource(ctx context.Context) error {
	if r := &a.report; r.Failed+r.Unknown+r.NotAttempted > 0 {
		r.Kept = a.p.summary.Znodes
		return errMoveUnsettled
	}
	removal, seen, err := a.sourceNodes()
	if err == nil {
		err = a.verify(ctx, removal, seen)
	}
	if err != nil {
		a.report.Kept = a.p.summary.Znodes
		return fmt.Errorf("everything is copied, and nothing was deleted in the source: %w", err)
	}
	report, err := removal.Apply(ctx, func(p TransferProgress) { a.pace.say(false, p) })
	a.report.Deleted, a.report.Undecided = report.Deleted+report.Vanished, report.Unknown
	a.report.Kept = report.Kept + report.Remaining
	for _, n := range report.Notes {
		a.notes.add(n.Path, n.Err)
	}
	a.notes.more += report.MoreNotes
	if err != nil {
		return fmt.Errorf("everything is copied, but not all of the source is deleted: %w", err)
	}
	return nil
}

// sourceNodes makes a removal of what was copied, and returns with it in which state
// each znode was. What was not copied is kept, with what is above it.
func (a *applier) sourceNodes() (*Removal, []seenState, error) {
	p, m := a.p, a.p.move
	if _, err := p.source.Seek(p.begin, io.SeekStart); err != nil {
		return nil, nil, fmt.Errorf("reading the copy: %w", err)
	}
	reader, err := newExportReader(p.source, p.o.Edited)
	if err != nil {
		return nil, nil, err
	}
	r := newRemoval(m.s)
	var seen []seenState
	inner := map[string]int32{}
	for i := 0; ; i++ {
		rec, err := reader.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		n := node{name: m.from, parent: -1, version: rec.seen.version}
		if i > 0 {
			n.name, n.parent = lastName(rec.Path), inner[parentOf(rec.Path)]
		}
		r.nodes, seen = append(r.nodes, n), append(seen, rec.seen)
		if rec.seen.children > 0 {
			inner[rec.Path] = int32(i)
		}
		switch p.actions[i] {
		case PlanCreate, PlanOverwrite, PlanSame:
		default:
			r.notes.add(absolute(rec.Path, m.from), errNotCopied)
			r.keep(int32(i))
		}
	}
	r.segments = []segment{{0, len(r.nodes)}}
	return r, seen, nil
}

// verify reads the Stat of every znode that is to be deleted again: one that was
// changed, or deleted and created again, stays.
func (a *applier) verify(ctx context.Context, r *Removal, seen []seenState) error {
	const batch = 512
	for lo := 0; lo < len(r.nodes); lo += batch {
		if err := awaitReady(ctx, r.s, func(string) {}); err != nil {
			return err
		}
		hi := min(lo+batch, len(r.nodes))
		paths := make([]string, hi-lo)
		for i := range paths {
			paths[i] = r.path(int32(lo + i))
		}
		answers, err := r.s.readMany(ctx, paths)
		if err != nil {
			return err
		}
		for i := range answers {
			a.verified(r, int32(lo+i), seen[lo+i], &answers[i])
		}
		a.pace.say(false, TransferProgress{Phase: PhaseVerifying, Done: int64(hi), Total: int64(len(r.nodes))})
	}
	return nil
}

// verified decides about one znode.
func (a *applier) verified(r *Removal, i int32, then seenState, now *readAnswer) {
	switch is := seenOf(now.stat); {
	case r.nodes[i].fate != fatePending:
	case errors.Is(now.err, ErrNoNode):
		r.nodes[i].fate = fateVanished
		r.report.Vanished++
	case now.err != nil, is.czxid != then.czxid, is.mzxid != then.mzxid, is.version != then.version, is.aversion != then.aversion:
		r.notes.add(r.path(i), errSinceCopied)
		r.keep(i)
	}
}
