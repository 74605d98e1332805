package wire

import (
	"context"
	"errors"
)

// WatchKind says which watches to remove
// (org.apache.zookeeper.Watcher.WatcherType).
type WatchKind int32

// The kinds that servers from 3.5 on understand. AnyWatch removes persistent ones
// too. Up to 3.8 the server rejects the kinds 4 and 5 that 3.9 added for those,
// so they are not offered.
const (
	ChildrenWatch WatchKind = 1 // of getChildren
	DataWatch     WatchKind = 2 // of getData and exists
	AnyWatch      WatchKind = 3
)

// RemovedState is the State (zk.Event.State) of the event by which
// [Conn.RemoveWatches] makes go-zookeeper forget its watches. No server sends it.
// An event with this state tells of no change: drop it.
const RemovedState int32 = 0x7761 // "wa"

// Types of events.
const (
	eventDeleted         = 2
	eventDataChanged     = 3
	eventChildrenChanged = 4
)

// RemoveWatches removes this session's watches of the kind on path, on the server
// (opcode 18, servers from 3.5 on) and then in go-zookeeper, which knows no way to
// do so: in the reply's place the library reads a WatcherEvent that ends them,
// with the state [RemovedState]. Its type is NodeDataChanged for DataWatch,
// NodeChildrenChanged for ChildrenWatch and NodeDeleted for AnyWatch. Watches that
// are armed by requests after this one are not touched.
//
// It blocks and fails as Call does. If the server has no such watch, the library
// is made to forget it nevertheless, and the error is NoWatcher. If ctx ends while
// the request is under way, the watches are removed all the same.
func (c *Conn) RemoveWatches(ctx context.Context, path string, kind WatchKind) error {
	var e Encoder
	e.Ustring(path)
	e.Int(int32(kind))
	_, _, err := c.call(ctx, OpRemoveWatches, e.Bytes(), callState{after: func(code Code) []byte {
		if code != 0 && !errors.Is(code, NoWatcher) {
			return nil
		}
		return removedEvent(path, kind)
	}})
	if kind == AnyWatch {
		c.unfollow(path)
	}
	return err
}

// removedEvent is a frame with the event that ends the library's watches.
func removedEvent(path string, kind WatchKind) []byte {
	event := int32(eventDeleted)
	switch kind {
	case DataWatch:
		event = eventDataChanged
	case ChildrenWatch:
		event = eventChildrenChanged
	}
	return madeEvent(event, RemovedState, path)
}

// madeEvent is a frame with an event that no server has sent.
func madeEvent(event, state int32, path string) []byte {
	var e Encoder
	e.Int(int32(16 + 12 + len(path)))
	e.Int(xidEvent)
	e.Long(-1)
	e.Int(0)
	e.Int(event)
	e.Int(state)
	e.Ustring(path)
	return e.Bytes()
}
