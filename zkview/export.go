package zkview

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// ExportOptions say what of a subtree is taken.
type ExportOptions struct {
	// Ephemerals takes ephemeral znodes too, marked as what they are.
	Ephemerals bool
	// NoACL does not read ACLs, which cost one request a znode.
	NoACL bool
	// Rate bounds the requests a second of the walk, as in [WalkOptions]; Fast lifts
	// the bound.
	Rate int
	Fast bool
	// Progress, if not nil, is called some ten times a second.
	Progress func(TransferProgress)

	seen bool // note in which state each znode was seen
}

// ExportReport tells what was exported, also when it ended with an error.
type ExportReport struct {
	// Znodes are in the export, the Unread ones among them; Bytes is their data.
	Znodes, Bytes int64
	// LeftOut are the ephemerals that were not asked for, Ephemerals those that were.
	LeftOut, Ephemerals int64
	// Unread could not be read: their place is marked, what is below them is missing.
	Unread int64
	// Hidden ACLs were shown in part or not at all: the export says so, and an import
	// does not take them for whole.
	Hidden int64
	// Gone were deleted while we read.
	Gone int64

	Notes     []Note
	MoreNotes int64
	Elapsed   time.Duration
}

// Export writes root and what is below it to w as JSON lines, parents before their
// children; the format is described in export_file.go. /zookeeper is never part of
// it. An export is no snapshot: what others change meanwhile may be in it or not,
// but a znode is never in it without its parents.
//
// Export blocks until all is written, ctx ends, or reading or writing fails; what
// was written then has no trailer, and no import takes it for whole. What it may
// not read it notes and leaves out: see [ExportReport.Unread].
func (s *Session) Export(ctx context.Context, root string, w io.Writer, o ExportOptions) (ExportReport, error) {
	var report ExportReport
	if err := CheckPath(root); err != nil {
		return report, &OpError{"export", root, err}
	}
	out, err := newExportWriter(w, ExportHeader{
		Root: root, At: time.Now(), Servers: s.servers.String(), ACL: !o.NoACL, Ephemerals: o.Ephemerals,
	}, o.seen)
	if err != nil {
		return report, err
	}
	report, err = s.records(ctx, root, o, func(batch []Record) error {
		for i := range batch {
			if err := out.record(&batch[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		out.trailer.LeftOut = report.LeftOut
		err = out.end()
	}
	return report, err
}

// records reads a subtree as records, in batches that are visit's only until it
// returns.
func (s *Session) records(ctx context.Context, root string, o ExportOptions, visit func([]Record) error) (ExportReport, error) {
	x := &extraction{s: s, root: root, o: o, pace: newPace(o.Progress), dropped: map[string]bool{}, visit: visit}
	if s.system(root) {
		return x.report, &OpError{"export", root, ErrSystem}
	}
	progress, err := s.Walk(ctx, root, WalkOptions{
		Stat: true, Data: true, Rate: o.Rate, Fast: o.Fast,
		Prune: s.system,
		Progress: func(p WalkProgress) {
			x.pace.say(false, TransferProgress{Done: x.report.Znodes, Bytes: x.report.Bytes, Waiting: p.Waiting})
		},
	}, func(batch []Znode) error { return x.take(ctx, batch) })
	x.report.Gone += progress.Gone
	x.report.Notes, x.report.MoreNotes = x.notes.list, x.notes.more
	x.report.Elapsed = time.Since(x.pace.began)
	if err == nil {
		x.pace.say(true, TransferProgress{Done: x.report.Znodes, Total: x.report.Znodes, Bytes: x.report.Bytes})
	}
	return x.report, err
}

// extraction makes records of what a walk comes past.
type extraction struct {
	s      *Session
	root   string
	o      ExportOptions
	visit  func([]Record) error
	pace   *pace
	report ExportReport
	notes  notes
	batch  []Record
	// dropped are znodes that went away while we read: what was seen below them is
	// not there any more either.
	dropped map[string]bool
}

// take hands one batch of the walk on.
func (x *extraction) take(ctx context.Context, batch []Znode) error {
	x.batch = x.batch[:0]
	kept := make([]*Znode, 0, len(batch))
	for i := range batch {
		z := &batch[i]
		switch {
		case x.s.system(z.Path):
			continue
		case z.Err == nil && z.Stat.Kind() == Ephemeral && !x.o.Ephemerals && z.Path != x.root:
			x.report.LeftOut++
			continue
		case z.Err != nil && z.Path == x.root:
			return fmt.Errorf("nothing can be exported: %w", z.Err)
		}
		x.batch = append(x.batch, recordOf(z, x.root))
		kept = append(kept, z)
	}
	gone, err := x.acls(ctx, kept)
	if err != nil {
		return err
	}
	out := x.batch[:0]
	for i := range x.batch {
		if r := &x.batch[i]; gone[i] || x.lostParent(kept[i].Path) {
			x.dropped[kept[i].Path] = true
			x.report.Gone++
		} else {
			x.count(r, kept[i])
			out = append(out, *r)
		}
	}
	x.pace.say(false, TransferProgress{Done: x.report.Znodes, Bytes: x.report.Bytes})
	if err := x.visit(out); err != nil {
		return err
	}
	return ctx.Err()
}

func (x *extraction) lostParent(path string) bool {
	return len(x.dropped) > 0 && path != x.root && x.dropped[parentOf(path)]
}

func (x *extraction) count(r *Record, z *Znode) {
	x.report.Znodes++
	x.report.Bytes += int64(len(r.Data))
	switch {
	case r.Unread != "":
		x.report.Unread++
		x.notes.add(z.Path, z.Err)
		return
	case r.Kind == Ephemeral:
		x.report.Ephemerals++
	}
	if r.ACLHidden {
		x.report.Hidden++
		x.notes.add(z.Path, errHidden)
	}
}

// errHidden is what a note says of an ACL that the server did not show whole.
var errHidden = errors.New("the server hides part of its ACL from who lacks the admin permission")

// acls reads the ACLs of a batch, one request each, and tells which znodes are no
// longer there.
func (x *extraction) acls(ctx context.Context, kept []*Znode) ([]bool, error) {
	gone := make([]bool, len(kept))
	if x.o.NoACL {
		return gone, nil
	}
	var at []int
	var paths []string
	for i, z := range kept {
		if z.Err == nil {
			at, paths = append(at, i), append(paths, z.Path)
		}
	}
	answers, err := x.s.readACLs(ctx, paths)
	if err != nil {
		return nil, err
	}
	for n, a := range answers {
		switch i := at[n]; {
		case errors.Is(a.err, ErrNoNode):
			gone[i] = true
		case a.err != nil:
			x.batch[i].ACLHidden = true
		default:
			x.batch[i].setACL(a.acl)
		}
	}
	return gone, nil
}
