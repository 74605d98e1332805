package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// ErrNoAnswer is a server that took the connection and closed it without a word.
// ZooKeeper does so when it has no quorum, when a client's address has
// maxClientCnxns connections already, when it has not caught up with what the
// session has seen, and on a TLS port that is spoken to in plain text.
var ErrNoAnswer = errors.New("closed the connection before answering")

// NotZooKeeperError is an address where something else than ZooKeeper listens.
type NotZooKeeperError struct {
	Address string
	// Speaks is what was recognised: "HTTP", "TLS", "SSH", "plain text" (TLS was
	// expected), "nothing" (the handshake ran out of time), or "another protocol".
	Speaks string
}

// Error is "127.0.0.1:8080 answers, but speaks HTTP".
func (e *NotZooKeeperError) Error() string {
	if e.Speaks == speaksNothing {
		return e.Address + " accepts connections, but says nothing"
	}
	return e.Address + " answers, but speaks " + e.Speaks
}

const (
	speaksNothing = "nothing"
	speaksPlain   = "plain text"
	speaksOther   = "another protocol"
)

// sniff tells a protocol by its first bytes.
func sniff(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("HTTP")), bytes.HasPrefix(b, []byte("<htm")), bytes.HasPrefix(b, []byte("<!DO")):
		return "HTTP"
	case bytes.HasPrefix(b, []byte("SSH-")):
		return "SSH"
	case len(b) >= 2 && b[0] >= 0x14 && b[0] <= 0x17 && b[1] == 3:
		return "TLS"
	default:
		return speaksOther
	}
}

// plainError says in our words what err says in a library's, which would only
// repeat the address and the reason.
type plainError struct {
	text string
	err  error
}

func (e *plainError) Error() string { return e.text }

func (e *plainError) Unwrap() error { return e.err }

// dialError says in a sentence why no TCP connection came about.
func dialError(address string, limit time.Duration, err error) error {
	var dns *net.DNSError
	switch {
	case isHangUp(err): // closed so soon that connect saw it
		return noAnswer(address, true)
	case errors.Is(err, syscall.ECONNREFUSED):
		return &plainError{"connection refused by " + address, err}
	case errors.As(err, &dns):
		return &plainError{"the name " + dns.Name + " cannot be resolved: " + dns.Err, err}
	case isTimeout(err):
		return &plainError{fmt.Sprintf("%s does not answer: no connection within %v", address, limit), err}
	default:
		return fmt.Errorf("no connection to %s: %w", address, err)
	}
}

// noAnswer is ErrNoAnswer with what it can mean.
func noAnswer(address string, plain bool) error {
	hint := ""
	if plain {
		hint = " or it expects TLS,"
	}
	return fmt.Errorf("%s %w: it is not serving (no quorum?),%s or it has too many connections from here (maxClientCnxns)",
		address, ErrNoAnswer, hint)
}

// tlsError says in a sentence why TLS did not come about.
func tlsError(address string, limit time.Duration, err error) error {
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &plain):
		speaks := sniff(plain.RecordHeader[:])
		if speaks == speaksOther || speaks == "TLS" {
			speaks = speaksPlain
		}
		return &NotZooKeeperError{Address: address, Speaks: speaks}
	case isTimeout(err):
		return fmt.Errorf("%s accepts connections, but did not finish TLS within %v: %w", address, limit, err)
	case isHangUp(err):
		return fmt.Errorf("%s %w in TLS: it may be a port without TLS", address, ErrNoAnswer)
	default:
		return fmt.Errorf("TLS with %s: %w", address, err)
	}
}

// handshakeError says in a sentence why no whole ConnectResponse came after got
// bytes.
func (c *Conn) handshakeError(got int, err error) error {
	switch {
	case c.ended():
		return c.endReason()
	case isTimeout(err) && got == 0:
		return &NotZooKeeperError{Address: c.address, Speaks: c.provoke()}
	case isTimeout(err):
		return fmt.Errorf("%s stopped in the middle of its answer: %w", c.address, err)
	case isHangUp(err) && got == 0:
		return noAnswer(c.address, c.conn == c.raw)
	case isHangUp(err):
		return fmt.Errorf("%s closed the connection in the middle of its answer: %w", c.address, err)
	default:
		return fmt.Errorf("handshake with %s: %w", c.address, err)
	}
}

// provokeTime is how long a silent server has to answer an empty line.
const provokeTime = 2 * time.Second

// provoke ends the request of a server that reads lines, as HTTP servers do: many
// wait for the end of our ConnectRequest as for that of a header. To ZooKeeper it
// is a frame that is too long, but this connection is given up already.
func (c *Conn) provoke() string {
	var answer [16]byte
	if err := c.conn.SetDeadline(time.Now().Add(provokeTime)); err != nil {
		return speaksNothing
	}
	if _, err := c.conn.Write([]byte("\r\n\r\n")); err != nil {
		return speaksNothing
	}
	n, err := io.ReadAtLeast(c.conn, answer[:], 4)
	if err != nil {
		return speaksNothing
	}
	return sniff(answer[:n])
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		(errors.As(err, &ne) && ne.Timeout())
}

func isHangUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
