package sandbox

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"zkdeck/zkview/wire"
)

// Limits of a connection in time.
const (
	// handshakeTime is how long a client may take for its first frame
	// (NIOServerCnxnFactory.sessionlessCnxnTimeout).
	handshakeTime = 10 * time.Second
	// partingTime is how long a client may take to read what is still to be told
	// before its connection ends, and then to close its side.
	partingTime = 3 * time.Second
)

// reusedFrame is the largest buffer for requests that a connection keeps.
const reusedFrame = 64 << 10

// errFinish ends a connection when all that is queued has been sent.
var errFinish = errors.New("no more is said on this connection")

// conn is a connection of a socket. Two goroutines belong to it: serve reads and
// answers, write sends.
type conn struct {
	*peer
	server *Server
	socket net.Conn
	in     *bufio.Reader
	frame  []byte
	out    *queue
	gone   chan struct{}
	once   sync.Once
	sender sync.WaitGroup

	// Of the goroutine that reads.
	acts    release
	session *session
	caller  caller
	reply   wire.Encoder
}

func newConn(s *Server, socket net.Conn, address netip.AddrPort) *conn {
	out := newQueue()
	c := &conn{
		peer:   newPeer(address, s.opts.Now(), out.waiting),
		server: s, socket: socket, in: bufio.NewReaderSize(socket, 16<<10),
		out: out, gone: make(chan struct{}),
	}
	c.caller = caller{watcher: c, ids: []wire.Identity{{Scheme: "ip", ID: javaHost(address.Addr())}}}
	return c
}

func (c *conn) about() *peer { return c.peer }

// cut ends the connection at once; what is queued is lost.
func (c *conn) cut(why string) {
	c.once.Do(func() {
		c.server.log.Info("connection ends", "client", c.address, "why", why)
		close(c.gone)
		c.out.end()
		c.socket.Close()
	})
}

// serve reads and answers until the connection ends, and cleans up.
func (c *conn) serve() {
	s := c.server
	defer s.group.Done()
	err := c.converse()
	if errors.Is(err, errFinish) {
		c.part()
	} else if err != nil {
		s.stats.dropped.Add(1)
	}
	c.cut(fmt.Sprint(err))
	c.sender.Wait()
	s.leave(c, c.session)
}

// part lets the client read what is queued, and waits for it to close its side: a
// socket that is closed with bytes unread takes back what was sent. Once the client
// sees the end, nobody is told of the connection any more.
func (c *conn) part() {
	c.out.finish()
	c.sender.Wait()
	c.server.detach(c, c.session)
	c.parted.Store(true)
	if half, ok := c.socket.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_ = c.socket.SetReadDeadline(time.Now().Add(partingTime))
		_, _ = io.Copy(io.Discard, c.in)
	}
}

// converse is the whole conversation: a four letter word, or a handshake and
// requests.
func (c *conn) converse() error {
	_ = c.socket.SetReadDeadline(time.Now().Add(handshakeTime))
	head, err := c.in.Peek(4)
	if err != nil {
		return fmt.Errorf("waiting for the first frame: %w", err)
	}
	if word, ok := fourLetters[string(head)]; ok {
		_, _ = c.in.Discard(4)
		c.countIn(4)
		return c.tell(word)
	}
	frame, err := c.readFrame()
	if err != nil {
		return err
	}
	c.sender.Add(1)
	go c.write()
	if err := c.connect(frame); err != nil {
		return err
	}
	_ = c.socket.SetReadDeadline(time.Time{})
	for {
		if err := c.room(); err != nil {
			return err
		}
		frame, err := c.readFrame()
		if err != nil {
			return err
		}
		if err := c.handle(frame); err != nil {
			return err
		}
	}
}

// room waits until the client has read enough of what it was told.
func (c *conn) room() error {
	for c.out.full() {
		select {
		case <-c.out.space:
		case <-c.gone:
			return net.ErrClosed
		}
	}
	return nil
}

// readFrame reads the next frame, which is valid until the one after.
func (c *conn) readFrame() ([]byte, error) {
	head, err := c.in.Peek(4)
	if err != nil {
		return nil, fmt.Errorf("reading a request: %w", err)
	}
	n := int32(binary.BigEndian.Uint32(head))
	if n < 0 || int(n) > c.server.opts.MaxFrame {
		return nil, fmt.Errorf("a frame of %d bytes: the limit is %d", n, c.server.opts.MaxFrame)
	}
	_, _ = c.in.Discard(4)
	c.countIn(4 + int(n))
	if n > reusedFrame { // grows as it comes: who only says that much costs nothing
		var long bytes.Buffer
		if _, err := io.CopyN(&long, c.in, int64(n)); err != nil {
			return nil, fmt.Errorf("reading a request of %d bytes: %w", n, err)
		}
		return long.Bytes(), nil
	}
	if cap(c.frame) < int(n) {
		c.frame = make([]byte, n, max(int(n), 1<<10))
	}
	c.frame = c.frame[:n]
	if _, err := io.ReadFull(c.in, c.frame); err != nil {
		return nil, fmt.Errorf("reading a request of %d bytes: %w", n, err)
	}
	return c.frame, nil
}

func (c *conn) countIn(n int) {
	c.received.Add(1)
	c.server.stats.received.Add(1)
	c.server.stats.bytesIn.Add(int64(n))
}

// write sends what is queued.
func (c *conn) write() {
	defer c.sender.Done()
	for {
		next, more := c.out.take()
		if !more {
			return
		}
		if len(next.bytes) == 0 {
			select {
			case <-c.out.wake:
			case <-c.gone:
				return
			}
			continue
		}
		if !c.until(next.due) {
			return
		}
		if c.out.closing() {
			_ = c.socket.SetWriteDeadline(time.Now().Add(partingTime))
		}
		c.out.leaves(next)
		if _, err := c.socket.Write(next.bytes); err != nil {
			c.cut(fmt.Sprintf("sending: %v", err))
			return
		}
		c.out.written(next)
	}
}

// until waits for a moment, and reports whether the connection is still there.
func (c *conn) until(due time.Time) bool {
	wait := time.Until(due)
	if due.IsZero() || wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.gone:
		return false
	}
}

// event queues a watch event. The server's lock is held.
func (c *conn) event(kind int32, path string) {
	var e wire.Encoder
	e.Int(-1) // ClientCnxn.NOTIFICATION_XID
	e.Long(-1)
	e.Int(0)
	e.Int(kind)
	e.Int(stateSyncConnected)
	e.Ustring(javaText(path))
	c.sent.Add(1)
	if waiting := c.send(e.Bytes(), true); waiting > maxUnread {
		c.cut(fmt.Sprintf("the client does not read its events: %d bytes wait", waiting))
	}
}

// stateSyncConnected is the state that comes with every event
// (Watcher.Event.KeeperState).
const stateSyncConnected = 3

// send queues a frame and returns how many bytes of events wait.
func (c *conn) send(body []byte, event bool) int {
	c.server.stats.reply(len(body))
	return c.out.push(body, event, time.Duration(c.server.delay.Load()))
}
