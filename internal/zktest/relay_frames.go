package zktest

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// relayed is one connection through a [Relay].
type relayed struct {
	relay          *Relay
	number         int
	client, server net.Conn
	once           sync.Once
	gone           chan struct{}

	mu      sync.Mutex
	session int64
	replies map[int32]*Trap // by xid, those whose reply is waited for
}

func (c *relayed) close() {
	c.once.Do(func() {
		close(c.gone)
		c.client.Close()
		c.server.Close()
	})
}

// flow waits while the relay is stalled.
func (c *relayed) flow() bool {
	c.relay.mu.Lock()
	flowing := c.relay.flowing
	c.relay.mu.Unlock()
	return c.await(flowing)
}

func (c *relayed) await(what <-chan struct{}) bool {
	select {
	case <-what:
		return true
	case <-c.gone:
		return false
	}
}

// ask hands the client's frames on; the length of the first is read already.
func (c *relayed) ask(length int) {
	for first := true; ; first = false {
		if !first {
			var err error
			if length, err = readLength(c.client); err != nil {
				return
			}
		}
		frame, err := readBody(c.client, length)
		if err != nil {
			return
		}
		if !first && len(frame) >= 12 && !c.request(frame) || !c.flow() {
			return
		}
		if _, err := c.server.Write(frame); err != nil {
			return
		}
	}
}

// request looks at a request before it is handed on, which it is if that is true.
func (c *relayed) request(frame []byte) bool {
	xid := int32(binary.BigEndian.Uint32(frame[4:]))
	q := Request{Connection: c.number, Op: int32(binary.BigEndian.Uint32(frame[8:]))}
	c.mu.Lock()
	q.Session = c.session
	c.mu.Unlock()
	q.Path, q.Watch = pathOf(q.Op, frame[12:])
	t := c.relay.caught(q)
	if t == nil {
		return true
	}
	switch t.fault {
	case HoldRequest:
		close(t.sprung)
		return c.await(t.release)
	case LoseRequest:
		c.relay.Cut()
		close(t.sprung)
		return false
	}
	c.mu.Lock()
	c.replies[xid] = t
	c.mu.Unlock()
	if t.fault != LoseReplies {
		return true
	}
	_, err := c.server.Write(frame) // and once more, as the caller does
	return err == nil
}

// caught notes a request and is the trap that it springs.
func (r *Relay) caught(q Request) *Trap {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, q)
	for i, t := range r.traps {
		if t.match(q) {
			r.traps = append(r.traps[:i:i], r.traps[i+1:]...)
			return t
		}
	}
	return nil
}

// answer hands the server's frames on.
func (c *relayed) answer() {
	twice := false
	for first := true; ; first = false {
		length, err := readLength(c.server)
		if err != nil {
			return
		}
		frame, err := readBody(c.server, length)
		if err != nil {
			return
		}
		switch {
		case first:
			c.granted(frame[4:])
		case len(frame) >= 8:
			c.mu.Lock()
			t := c.replies[int32(binary.BigEndian.Uint32(frame[4:]))]
			c.mu.Unlock()
			if t == nil {
				break
			}
			if t.fault == LoseReplies && !twice {
				twice = true // both are to be done
				continue
			}
			if !c.reply(t) {
				return
			}
		}
		if !c.flow() {
			return
		}
		if _, err := c.client.Write(frame); err != nil {
			return
		}
	}
}

// reply deals with a reply that a trap waits for; it is handed on if that is true.
func (c *relayed) reply(t *Trap) bool {
	select {
	case <-t.sprung:
		return true // it was another xid of that number
	default:
	}
	if t.fault == HoldReply {
		close(t.sprung)
		return c.await(t.release)
	}
	c.relay.Cut()
	close(t.sprung)
	return false
}

// granted notes the session of a ConnectResponse: version, timeout, id, password.
func (c *relayed) granted(body []byte) {
	if len(body) < 36 {
		return
	}
	session := int64(binary.BigEndian.Uint64(body[8:]))
	c.mu.Lock()
	c.session = session
	c.mu.Unlock()
	if session == 0 {
		return // it has expired
	}
	r := c.relay
	r.mu.Lock()
	defer r.mu.Unlock()
	r.session, r.password = session, append([]byte(nil), body[20:36]...)
}

func readLength(from io.Reader) (int, error) {
	var b [4]byte
	_, err := io.ReadFull(from, b[:])
	return int(binary.BigEndian.Uint32(b[:])), err
}

// readBody reads a frame whose length is known, and returns it with its length.
func readBody(from io.Reader, length int) ([]byte, error) {
	if length > 64<<20 {
		return nil, fmt.Errorf("a frame of %d bytes", length)
	}
	frame := make([]byte, 4+length)
	binary.BigEndian.PutUint32(frame, uint32(length))
	_, err := io.ReadFull(from, frame[4:])
	return frame, err
}

// pathOf is the path that a request begins with, and whether it leaves a watch.
func pathOf(op int32, body []byte) (string, bool) {
	switch op {
	case OpCreate, OpDelete, OpExists, OpGetData, 5, 6, 7, opGetChildren, OpSync, opGetChildren2, 13, OpCreate2, 18, OpCreateContainer, 21, 106:
	default:
		return "", false
	}
	if len(body) < 4 {
		return "", false
	}
	n := int(binary.BigEndian.Uint32(body))
	if n < 0 || n > len(body)-4 {
		return "", false
	}
	path, rest := string(body[4:4+n]), body[4+n:]
	switch op {
	case OpExists, OpGetData, opGetChildren, opGetChildren2:
		return path, len(rest) > 0 && rest[0] != 0
	}
	return path, op == 106
}

// closeSession takes a session over and closes it.
func closeSession(addr string, session int64, password []byte) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(startTimeout)); err != nil {
		return err
	}
	b := binary.BigEndian.AppendUint32(nil, 45)
	b = binary.BigEndian.AppendUint32(b, 0)      // the protocol's version
	b = appendInt64(b, 0)                        // the last zxid that was seen
	b = binary.BigEndian.AppendUint32(b, 60_000) // the timeout that is asked for
	b = appendInt64(b, session)
	b = appendString(b, string(password))
	b = append(b, 0) // no read-only server
	b = binary.BigEndian.AppendUint32(b, 8)
	b = binary.BigEndian.AppendUint32(b, 1) // xid
	op := opCloseSession
	b = binary.BigEndian.AppendUint32(b, uint32(op))
	if _, err := c.Write(b); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, c) // the server closes the connection once it is done
	return err
}
