package zkview

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ReadExportHeader reads the first line of an export, which tells where it was
// made, and more of r than that. Its errors are those of [Session.PlanImport].
func ReadExportHeader(r io.Reader) (ExportHeader, error) {
	e, err := newExportReader(r, true)
	if err != nil {
		return ExportHeader{}, err
	}
	return e.Header, nil
}

// FindRecord reads an export up to the znode at path, which is relative to its
// root. It blocks until that is found, the export or ctx ends; a znode that is not
// in it is ErrNoNode.
func FindRecord(ctx context.Context, r io.Reader, path string) (Record, error) {
	e, err := newExportReader(r, true)
	if err != nil {
		return Record{}, err
	}
	for ctx.Err() == nil {
		record, err := e.read()
		switch {
		case errors.Is(err, io.EOF):
			return Record{}, fmt.Errorf("%s: %w in the export", path, ErrNoNode)
		case err != nil:
			return Record{}, err
		case record.Path == path:
			return record, nil
		}
	}
	return Record{}, ctx.Err()
}
