package zkview

import (
	"context"
	"fmt"
	"io"
)

// ImportOptions say how an import or a copy is put into a target.
type ImportOptions struct {
	// To is where the root of the source goes; empty is where it was exported from.
	To         string
	OnConflict Conflict
	// NoACL creates everything open to everyone, and neither compares nor changes ACLs.
	NoACL bool
	// NoParents refuses a target whose parent does not exist, instead of creating it.
	NoParents bool
	// EphemeralsAsPersistent creates the ephemerals of the source as persistent
	// znodes; they are left out otherwise, since as ephemerals they would be ours and
	// vanish with our session.
	EphemeralsAsPersistent bool
	// LeaveEphemerals lets a move go on where ephemerals are in the source: they and
	// their parents stay there.
	LeaveEphemerals bool
	// Edited takes a file that was changed after it was written: neither the number
	// of its lines nor its checksum need be right.
	Edited bool
	// Progress, if not nil, is called some ten times a second while the plan is made.
	Progress func(TransferProgress)
}

// PlanImport reads an export to its end, compares it with what is at the target, and
// tells what an import would do. It changes nothing. The export begins where src
// stands; src is read again by [Plan.Apply], and must stay open and as it is until
// then. Little of it is held: a file may be larger than memory.
//
// PlanImport blocks until all is read and compared, or ctx ends. What is wrong with
// the file is a *[FileError] or one of [ErrNotExport], [ErrFileCut] …
func (s *Session) PlanImport(ctx context.Context, src io.ReadSeeker, o ImportOptions) (*Plan, error) {
	begin, err := src.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, fmt.Errorf("reading the export: %w", err)
	}
	if o.To == "" {
		reader, err := newExportReader(src, true)
		if err != nil {
			return nil, err
		}
		o.To = reader.Header.Root
	}
	p := &Plan{s: s, to: o.To, source: src, begin: begin, o: o}
	if err := s.checkTarget(o.To); err != nil {
		return nil, err
	}
	if err := p.build(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// checkTarget is nil, or why nothing can be put there.
func (s *Session) checkTarget(to string) error {
	err := CheckPath(to)
	if err == nil && s.system(to) {
		err = ErrSystem
	}
	if err != nil {
		return &OpError{"create", to, err}
	}
	return nil
}
