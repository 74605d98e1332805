package zkview

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// PlanAction is what is to become of one znode of a source.
type PlanAction uint8

// The actions of a plan.
const (
	PlanCreate PlanAction = iota
	PlanSame              // it is there already, alike
	PlanOverwrite
	PlanSkip     // it is there and differs, and stays as it is
	PlanConflict // it is there and differs, and conflicts fail
	PlanLeaveOut // an ephemeral, or it was not readable in the source
	PlanRefuse   // no server would take it, or zkdeck does not write there
	planActions
)

// String is a word for a preview: "create" …
func (a PlanAction) String() string {
	switch a {
	case PlanCreate:
		return "create"
	case PlanSame:
		return "same"
	case PlanOverwrite:
		return "overwrite"
	case PlanSkip:
		return "skip"
	case PlanConflict:
		return "conflict"
	case PlanLeaveOut:
		return "leave out"
	default:
		return "refuse"
	}
}

// PlanItem is one znode of a plan.
type PlanItem struct {
	Path   string // at the target
	Action PlanAction
	Kind   Kind
	Bytes  int   // of data
	Why    error // nil where the action says it all
}

// MaxPlanItems is how many items a plan keeps for its preview. All are counted.
const MaxPlanItems = 100_000

// planExamples is how many items of each action a summary shows.
const planExamples = 5

// PlanSummary counts what a plan would do.
type PlanSummary struct {
	Znodes int64 // in the source
	Bytes  int64 // of data to be written

	Create, Same, Overwrite, Skip, Conflict, LeftOut, Refused int64
	// Ephemerals and Unread are among those left out.
	Ephemerals, Unread int64
	// Parents of the target are missing and would be created.
	Parents int64
	// Examples are the first items of each action.
	Examples map[PlanAction][]PlanItem
	// Blocked is nil, or why Apply would refuse without changing anything.
	Blocked error
}

// Changes is how many znodes would be created or overwritten.
func (s PlanSummary) Changes() int64 { return s.Create + s.Overwrite + s.Parents }

// Plan is what an import, a copy or a move would do, found out without changing
// anything. It is for one goroutine at a time, and keeps 5 bytes a znode of the
// source beside the items for the preview (some 40 while it is made); the source
// stays where it is, and is read again by Apply.
type Plan struct {
	s      *Session // the target's
	to     string
	source io.ReadSeeker
	begin  int64 // of the export in the source
	o      ImportOptions
	header ExportHeader

	actions []PlanAction // one a record
	sums    []uint32     // of the lines, to see that the file is still the same
	overs   []overwrite  // of those to overwrite, in order
	parents []string     // missing ones, the highest first
	items   []PlanItem
	summary PlanSummary
	used    bool

	move  *moving  // nil unless the source is to be deleted
	spool *os.File // of a copy
}

// overwrite is the state in which a znode is to be overwritten, and what of it.
type overwrite struct {
	version, aversion int32
	data, acl         bool
}

// moving is the source of a move.
type moving struct {
	s    *Session
	from string
}

// Summary counts what the plan would do.
func (p *Plan) Summary() PlanSummary { return p.summary }

// Source is the header of the export that the plan was made of; of a copy, it
// tells where and when the source was read.
func (p *Plan) Source() ExportHeader { return p.header }

// Target is the path at which the root of the source is put.
func (p *Plan) Target() string { return p.to }

// Len is how many items there are for a preview, at most MaxPlanItems.
func (p *Plan) Len() int { return len(p.items) }

// Items are the items from (including) and to (excluding), in the order of the
// source: parents before children. Numbers out of range are cut.
func (p *Plan) Items(from, to int) []PlanItem {
	from, to = max(from, 0), min(to, len(p.items))
	if from >= to {
		return nil
	}
	return p.items[from:to]
}

// Close gives up what a plan of a copy holds: the source as it was read, in a
// temporary file. A plan of an import holds nothing; its file is the caller's.
func (p *Plan) Close() error {
	if p.spool == nil {
		return nil
	}
	name := p.spool.Name()
	err := p.spool.Close()
	p.spool = nil
	if gone := os.Remove(name); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// add notes an item.
func (p *Plan) add(item PlanItem, sum uint32, over overwrite) {
	p.actions = append(p.actions, item.Action)
	p.sums = append(p.sums, sum)
	if item.Action == PlanOverwrite {
		p.overs = append(p.overs, over)
	}
	if len(p.items) < MaxPlanItems {
		p.items = append(p.items, item)
	}
	s := &p.summary
	if len(s.Examples[item.Action]) < planExamples {
		s.Examples[item.Action] = append(s.Examples[item.Action], item)
	}
	s.Znodes++
	switch item.Action {
	case PlanCreate:
		s.Create++
		s.Bytes += int64(item.Bytes)
	case PlanSame:
		s.Same++
	case PlanOverwrite:
		s.Overwrite++
		s.Bytes += int64(item.Bytes)
	case PlanSkip:
		s.Skip++
	case PlanConflict:
		s.Conflict++
	case PlanLeaveOut:
		s.LeftOut++
	default:
		s.Refused++
	}
}

// block works out whether Apply may do anything at all.
func (p *Plan) block() {
	s := &p.summary
	switch {
	case s.Conflict > 0:
		s.Blocked = fmt.Errorf("%w: %d of them, the first is %s", ErrConflict, s.Conflict, s.Examples[PlanConflict][0].Path)
	case p.move == nil:
	case s.Unread > 0:
		s.Blocked = fmt.Errorf("%w: %d znodes cannot be read, the first is %s", ErrIncomplete, s.Unread, p.firstLeftOut(false))
	case s.Refused > 0:
		s.Blocked = fmt.Errorf("%w: %d znodes cannot be put there, the first is %s: %w", ErrIncomplete, s.Refused, s.Examples[PlanRefuse][0].Path, s.Examples[PlanRefuse][0].Why)
	case s.Ephemerals > 0 && !p.o.LeaveEphemerals:
		s.Blocked = fmt.Errorf("%w: %d ephemerals in it belong to sessions that live, the first would be %s", ErrIncomplete, s.Ephemerals, p.firstLeftOut(true))
	}
}

func (p *Plan) firstLeftOut(ephemeral bool) string {
	for _, item := range p.summary.Examples[PlanLeaveOut] {
		if (item.Kind == Ephemeral) == ephemeral {
			return item.Path
		}
	}
	return "not shown here"
}
