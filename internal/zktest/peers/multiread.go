// Package peers walks a tree in the ways that zkdeck's own walk is compared with.
// Only benchmarks use it.
package peers

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

const (
	framesAhead = 8 // requests that MultiRead has under way

	opGetChildren = 8
	opMultiRead   = 22
	headerSize    = 16 // of a reply: xid, zxid, error
	multiHeader   = 9  // type, done, error
)

// MultiRead walks the tree below root, breadth-first, by multiReads of so many
// paths, on a connection of its own, and returns the number of znodes. It is about
// the least that can do so: it makes paths out of the replies, looks at nothing
// else, and takes any error for the end.
func MultiRead(addr, root string, paths int) (int, error) {
	c, err := connect(addr)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	queue, seen := []string{root}, 0
	var asked [][]string
	for len(queue)+len(asked) > 0 {
		for len(asked) < framesAhead && len(queue) > 0 {
			n := min(paths, len(queue))
			if err := c.write(multiRead(queue[:n])); err != nil {
				return seen, err
			}
			asked, queue = append(asked, queue[:n]), queue[n:]
		}
		body, err := c.read()
		if err != nil {
			return seen, err
		}
		if queue, err = children(body, asked[0], queue); err != nil {
			return seen, err
		}
		seen += len(asked[0])
		asked = asked[1:]
	}
	return seen, nil
}

// multiRead is a request for the children of the paths.
func multiRead(paths []string) []byte {
	header := func(b []byte, op int32, done byte) []byte {
		b = append(binary.BigEndian.AppendUint32(b, uint32(op)), done)
		return append(b, 255, 255, 255, 255)
	}
	b := binary.BigEndian.AppendUint32(nil, 1) // the xid; replies come in order
	b = binary.BigEndian.AppendUint32(b, opMultiRead)
	for _, p := range paths {
		b = header(b, opGetChildren, 0)
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(append(b, p...), 0)
	}
	return header(b, -1, 1)
}

// children adds the paths of the children that a reply tells of.
func children(body []byte, parents, to []string) ([]string, error) {
	at := headerSize
	for _, p := range parents {
		if at+multiHeader+4 > len(body) || binary.BigEndian.Uint32(body[at:]) != opGetChildren {
			return to, errors.New("the server did not list " + p)
		}
		at += multiHeader
		n := binary.BigEndian.Uint32(body[at:])
		at += 4
		for range n {
			size := int(binary.BigEndian.Uint32(body[at:]))
			at += 4
			to = append(to, p+"/"+string(body[at:at+size]))
			at += size
		}
	}
	return to, nil
}

// conn is a bare session.
type conn struct {
	net.Conn
	in *bufio.Reader
}

func connect(addr string) (*conn, error) {
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &conn{raw, bufio.NewReaderSize(raw, 64<<10)}
	request := make([]byte, 4+8+4+8+4+16+1) // version, zxid, timeout, session, password, read-only
	binary.BigEndian.PutUint32(request[12:], 60_000)
	binary.BigEndian.PutUint32(request[24:], 16)
	if err = c.write(request); err == nil {
		_, err = c.read()
	}
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("connecting to %s: %w", addr, err)
	}
	return c, nil
}

func (c *conn) write(body []byte) error {
	_, err := c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	return err
}

func (c *conn) read() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[:]))
	_, err := io.ReadFull(c.in, body)
	return body, err
}
