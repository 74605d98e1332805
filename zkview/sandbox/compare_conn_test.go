package sandbox_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"zkdeck/zkview/wire"
)

// answerLimit is how long a test waits for a frame. It only ends what hangs.
const answerLimit = time.Minute

const (
	eventXid int32 = -1
	pingXid  int32 = -2
	authXid  int32 = -4
)

// rawConn is a connection to a server which speaks in frames, and keeps each frame
// that comes in the order in which it came.
type rawConn struct {
	nc       net.Conn
	r        *bufio.Reader
	open     bool
	xid      int32
	asked    map[int32]wire.OpCode
	session  int64
	password []byte
	timeout  int32
	zxid     int64 // the last that a reply told
}

// handshake is a connect request.
type handshake struct {
	version  int32
	zxid     int64
	timeout  int32
	session  int64
	password []byte
	old      bool // without the readOnly byte
	readOnly bool
}

func (h handshake) encode() []byte {
	var e wire.Encoder
	e.Int(h.version)
	e.Long(h.zxid)
	e.Int(h.timeout)
	e.Long(h.session)
	e.Buffer(h.password)
	if !h.old {
		e.Bool(h.readOnly)
	}
	return e.Bytes()
}

// dialRaw connects and says nothing yet.
func dialRaw(addr string) (*rawConn, error) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &rawConn{nc: nc, r: bufio.NewReader(nc), open: true, asked: map[int32]wire.OpCode{}}, nil
}

// openRaw opens a session, or resumes the one that h names.
func openRaw(addr string, h handshake) (*rawConn, error) {
	c, err := dialRaw(addr)
	if err != nil {
		return nil, err
	}
	answer, err := c.greet(h)
	if err != nil {
		c.close()
		return nil, err
	}
	d := wire.NewDecoder(answer)
	d.Int()
	c.timeout, c.session = d.Int(), d.Long()
	c.password = append([]byte(nil), d.Buffer()...)
	if d.Err() != nil || c.timeout == 0 {
		c.close()
		return nil, fmt.Errorf("opening a session: refused (%x)", answer)
	}
	return c, nil
}

// greet sends the connect request and returns the answer.
func (c *rawConn) greet(h handshake) ([]byte, error) {
	if err := c.write(h.encode()); err != nil {
		return nil, err
	}
	return c.read()
}

func (c *rawConn) close() {
	c.open = false
	_ = c.nc.Close()
}

// write sends a frame.
func (c *rawConn) write(body []byte) error {
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	return c.writeBytes(append(frame, body...))
}

func (c *rawConn) writeBytes(b []byte) error {
	_ = c.nc.SetDeadline(time.Now().Add(answerLimit))
	_, err := c.nc.Write(b)
	return err
}

// read returns the next frame.
func (c *rawConn) read() ([]byte, error) {
	_ = c.nc.SetDeadline(time.Now().Add(answerLimit))
	var head [4]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > 64<<20 {
		return nil, fmt.Errorf("a frame of %d bytes", n)
	}
	body := make([]byte, n)
	_, err := io.ReadFull(c.r, body)
	return body, err
}

// ask sends a request and returns all frames up to its reply; the connection is
// closed if the server closes it instead, or after it when last is set.
func (c *rawConn) ask(op wire.OpCode, body []byte, last bool) ([][]byte, error) {
	xid := pingXid
	switch op {
	case wire.OpPing:
	case wire.OpAuth:
		xid = authXid
	default:
		c.xid++
		xid = c.xid
	}
	c.asked[xid] = op
	var e wire.Encoder
	e.Int(xid)
	e.Int(int32(op))
	if err := c.write(append(e.Bytes(), body...)); err != nil {
		c.close()
		return nil, nil //nolint:nilerr // closed by the server is an answer too
	}
	return c.until(xid, last)
}

func (c *rawConn) until(xid int32, last bool) ([][]byte, error) {
	var frames [][]byte
	for {
		f, err := c.read()
		if ne := net.Error(nil); err != nil {
			if asTimeout(err, &ne) {
				return frames, fmt.Errorf("waiting for the reply to %v: %w", c.asked[xid], err)
			}
			c.close()
			return frames, nil
		}
		frames = append(frames, f)
		if len(f) < 16 {
			continue
		}
		if got := int32(binary.BigEndian.Uint32(f)); got != eventXid {
			c.zxid = int64(binary.BigEndian.Uint64(f[4:]))
			switch code := wire.Code(binary.BigEndian.Uint32(f[12:])); {
			case got != xid || last:
			case code == wire.AuthFailed, code == wire.Unimplemented: // which end the connection
			default:
				return frames, nil
			}
		}
	}
}
