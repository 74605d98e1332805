package lockview

import (
	"context"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// writer writes on a browsing session.
type writer struct{ session *zkview.Session }

// Writer returns what asking a holder for its lock, and breaking it, needs of the
// session that a person browses with, which it does not close. Its calls end with their
// context, after 10 s if it has no deadline, and write nothing twice.
func Writer(s *zkview.Session) lockctl.Writer { return writer{s} }

// Get reads value and Stat. With watch, its next change is told by the session's
// subscriptions.
func (w writer) Get(ctx context.Context, path string, watch bool) ([]byte, lockctl.Stat, error) {
	get := w.session.Get
	if watch {
		get = w.session.WatchData
	}
	data, stat, err := get(ctx, path)
	return data, statOf(stat), sessionError(err)
}

// Set writes a value.
func (w writer) Set(ctx context.Context, path string, data []byte, version int32) (lockctl.Stat, error) {
	stat, err := w.session.Set(ctx, path, data, version)
	return statOf(stat), sessionError(err)
}

// Delete deletes a znode.
func (w writer) Delete(ctx context.Context, path string, version int32) error {
	return sessionError(w.session.Delete(ctx, path, version))
}

// Sync waits until the server has all that was committed.
func (w writer) Sync(ctx context.Context, path string) error {
	return sessionError(w.session.Sync(ctx, path))
}
