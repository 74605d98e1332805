package wire

import (
	"context"
	"encoding/binary"
	"errors"
)

// FollowedState is the State (zk.Event.State) of the event that [Conn.Follow] puts
// into go-zookeeper's stream. No server sends it. The event tells of no change.
const FollowedState int32 = 0x7762 // "wb"

// recursiveMode is AddWatchMode.PERSISTENT_RECURSIVE.
const recursiveMode = 1

// Follow asks for a persistent recursive watch on path (opcode 106, servers from
// 3.6 on): from then on go-zookeeper's event callback gets an event for each
// creation, change and deletion of path and of what is below it, in the server's
// order. path need not exist. The watch ends with the connection.
//
// A server up to 3.8 keeps one watch mode for a path and a connection, so the
// library's one-shot watches on path itself are gone then (ZOOKEEPER-4466). The
// library is told: in the reply's place it reads a NodeDeleted of path with the
// state [FollowedState], which ends them. It also marks, in the order of the events,
// from where on none is missed.
//
// It blocks and fails as Call does. If ctx ends while the request is under way,
// the watch is there all the same.
func (c *Conn) Follow(ctx context.Context, path string) error {
	c.follow(path)
	var e Encoder
	e.Ustring(path)
	e.Int(recursiveMode)
	_, _, err := c.call(ctx, OpAddWatch, e.Bytes(), callState{after: func(code Code) []byte {
		if code != 0 {
			return nil
		}
		return madeEvent(eventDeleted, FollowedState, path)
	}})
	if code := Code(0); errors.As(err, &code) {
		c.unfollow(path)
	}
	return err
}

// follow notes that one-shot watches on path must not be registered again.
func (c *Conn) follow(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.followed == nil {
		c.followed = map[string]bool{}
	}
	c.followed[path] = true
}

// unfollow takes that back.
func (c *Conn) unfollow(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.followed, path)
}

// withoutFollowed is a setWatches frame of the library's without the paths that are
// followed: it may be on its way when a path comes to be followed, and would turn the
// recursive watch into a one-shot one on a server up to 3.8. Without such paths it is
// p itself. c.mu is held.
func (c *Conn) withoutFollowed(p []byte) []byte {
	if len(c.followed) == 0 {
		return p
	}
	d := NewDecoder(p[12:])
	var e Encoder
	e.Long(d.Long())
	left := false
	for range 3 { // data, exist, child
		var keep []string
		for range d.Vector(4) {
			if path := d.Ustring(); c.followed[path] {
				left = true
			} else {
				keep = append(keep, path)
			}
		}
		e.Int(int32(len(keep)))
		for _, path := range keep {
			e.Ustring(path)
		}
	}
	if !left || d.Err() != nil {
		return p
	}
	return frame(int32(binary.BigEndian.Uint32(p[4:])), OpSetWatches, e.Bytes())
}
