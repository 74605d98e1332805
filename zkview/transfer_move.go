package zkview

import "context"

// deleteSource deletes the source of a move, if it was copied whole.
func (a *applier) deleteSource(ctx context.Context) error {
	return nil
}
