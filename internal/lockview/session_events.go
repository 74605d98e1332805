package lockview

import (
	"context"
	"errors"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// Events starts a queue of what the session is told.
func (s session) Events() lockctl.SessionEvents { return sessionEvents{s.Single.Events()} }

// sessionEvents is the queue in lockctl's words.
type sessionEvents struct{ *zkview.SingleEvents }

var eventKinds = map[zkview.EventKind]lockctl.SessionEventKind{
	zkview.Deleted:         lockctl.NodeDeleted,
	zkview.DataChanged:     lockctl.NodeWritten,
	zkview.ChildrenChanged: lockctl.ChildrenChanged,
	zkview.Lost:            lockctl.ConnectionLost,
	zkview.Resync:          lockctl.ConnectionMade,
	zkview.Over:            lockctl.SessionOver,
}

// Next waits for events and returns all that wait.
func (e sessionEvents) Next(ctx context.Context) ([]lockctl.SessionEvent, error) {
	for {
		events, err := e.SingleEvents.Next(ctx)
		if err != nil {
			return nil, sessionError(err)
		}
		told := make([]lockctl.SessionEvent, 0, len(events))
		for _, ev := range events {
			if kind, ok := eventKinds[ev.Kind]; ok { // no watch that we leave tells of a creation
				told = append(told, lockctl.SessionEvent{Kind: kind, Path: ev.Path, At: ev.At})
			}
		}
		if len(told) > 0 {
			return told, nil
		}
	}
}

// sessionErrors are the errors of zkview that lockctl has a name for, those first that
// say most about what was done.
var sessionErrors = []struct{ from, to error }{
	{zkview.ErrNoNode, lockctl.ErrGone},
	{zkview.ErrNodeExists, lockctl.ErrExists},
	{zkview.ErrBadVersion, lockctl.ErrChanged},
	{zkview.ErrNoAuth, lockctl.ErrDenied},
	{zkview.ErrBadPath, lockctl.ErrDenied},
	{zkview.ErrReadOnly, lockctl.ErrReadOnly},
	{zkview.ErrSessionOver, lockctl.ErrEnded},
	{zkview.ErrClosed, lockctl.ErrEnded},
	{zkview.ErrUnknownOutcome, lockctl.ErrUnknown},
	{zkview.ErrNotSent, lockctl.ErrNotSent},
}

// sessionError makes errors what lockctl tests for; their text stays. One that matches
// several of zkview's matches as many of lockctl's.
func sessionError(err error) error {
	if err == nil {
		return nil
	}
	told := err
	for _, m := range sessionErrors {
		if errors.Is(err, m.from) && !errors.Is(told, m.to) {
			told = mapped{told, m.to}
		}
	}
	return told
}
