package sandbox_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"

	"zkdeck/zkview/wire"
)

// scene is something that is done to a server, and what was seen of it.
type scene struct {
	name string
	do   func(addr string) string
}

// play holds the scenes on both servers against each other.
func play(t *testing.T, theirs, ours string, scenes []scene) {
	t.Helper()
	for _, s := range scenes {
		a, b := s.do(theirs), s.do(ours)
		if a != b {
			t.Errorf("%s:\n%s", s.name, udiff.Unified("real", "sandbox", a+"\n", b+"\n"))
		}
	}
	t.Logf("compared %d scenes", len(scenes))
}

// TestCompareHandshake compares the answers to connect requests of all sorts.
func TestCompareHandshake(t *testing.T) {
	t.Parallel()
	var scenes []scene
	add := func(name string, do func(addr string) string) { scenes = append(scenes, scene{name, do}) }
	for _, ms := range []int32{0, 1, -1, 1999, 2000, 2001, 19_999, 20_000, 20_001, 2147483647, -2147483648} {
		add(fmt.Sprintf("timeout %d", ms), func(addr string) string { return greeted(addr, handshake{timeout: ms, password: make([]byte, 16)}) })
	}
	for name, h := range map[string]handshake{
		"without readOnly":          {timeout: 9000, password: make([]byte, 16), old: true},
		"readOnly":                  {timeout: 9000, password: make([]byte, 16), readOnly: true},
		"another protocol version":  {timeout: 9000, password: make([]byte, 16), version: 7},
		"no password":               {timeout: 9000},
		"a short password":          {timeout: 9000, password: []byte("x")},
		"unknown session":           {timeout: 9000, session: 4711, password: make([]byte, 16)},
		"unknown session, old":      {timeout: 9000, session: 4711, password: make([]byte, 16), old: true},
		"unknown, no password":      {timeout: 9000, session: 4711},
		"negative session":          {timeout: 9000, session: -4711, password: make([]byte, 16)},
		"a zxid of the future":      {timeout: 9000, zxid: 1 << 50, password: make([]byte, 16)},
		"future and readOnly":       {timeout: 9000, zxid: 1 << 50, password: make([]byte, 16), readOnly: true},
		"a negative zxid":           {timeout: 9000, zxid: -5, password: make([]byte, 16)},
		"unknown and of the future": {timeout: 9000, zxid: 1 << 50, session: 4711, password: make([]byte, 16)},
	} {
		add(name, func(addr string) string { return greeted(addr, h) })
	}
	whole := handshake{timeout: 9000, password: make([]byte, 16)}.encode()
	for n := range len(whole) {
		add(fmt.Sprintf("%d of %d bytes", n, len(whole)), func(addr string) string { return sent(addr, framed(whole[:n])) })
	}
	add("bytes after it", func(addr string) string { return sent(addr, framed(append(bytes.Clone(whole), 1, 2, 3))) })
	add("a password longer than the frame", func(addr string) string {
		b := bytes.Clone(whole)
		binary.BigEndian.PutUint32(b[24:], 1000)
		return sent(addr, framed(b))
	})
	add("a negative password", func(addr string) string {
		b := bytes.Clone(whole)
		binary.BigEndian.PutUint32(b[24:], 0xfffffffe)
		return sent(addr, framed(b))
	})
	for _, length := range []uint32{0x100000, 0x7fffffff, 0x80000000, 0xffffffff} {
		add(fmt.Sprintf("a frame of %#x bytes", length), func(addr string) string { return sent(addr, binary.BigEndian.AppendUint32(nil, length)) })
	}
	for _, word := range []string{"abcd", "RUOK", "quit", "GET "} {
		add(word, func(addr string) string { return sent(addr, []byte(word)) })
	}
	add("a session is resumed", resumed)
	add("a session with the wrong password", wrongPassword)
	add("a closed session", closedSession)
	add("an expired session", expiredSession)
	play(t, realServer(t), sandboxServer(t), scenes)
}

// greeted tells the answer to a connect request, and whether the connection stays.
func greeted(addr string, h handshake) string {
	c, err := dialRaw(addr)
	if err != nil {
		return err.Error()
	}
	defer c.close()
	return told(c, func() error { return c.write(h.encode()) })
}

func sent(addr string, b []byte) string {
	c, err := dialRaw(addr)
	if err != nil {
		return err.Error()
	}
	defer c.close()
	return told(c, func() error { return c.writeBytes(b) })
}

func framed(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

func told(c *rawConn, do func() error) string {
	if do() != nil {
		return "closed"
	}
	answer, err := c.read()
	if err != nil {
		return ended(err)
	}
	d := wire.NewDecoder(answer)
	version, timeout, session, password := d.Int(), d.Int(), d.Long(), d.Buffer()
	text := fmt.Sprintf("version %d timeout %d session %v password of %d, zeros %v, then %x", version, timeout, session != 0,
		len(password), !slices.ContainsFunc(password, func(b byte) bool { return b != 0 }), answer[len(answer)-d.Len():])
	if d.Err() != nil {
		return fmt.Sprintf("%x", answer)
	}
	frames, err := c.ask(wire.OpPing, nil, false)
	switch {
	case err != nil:
		return text + ", " + err.Error()
	case len(frames) == 0:
		return text + ", closed"
	}
	return text + ", serves"
}

func ended(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "reset") {
		return "closed"
	}
	return err.Error()
}

// resumed takes a session over from a connection that is still open.
func resumed(addr string) string {
	first, err := openRaw(addr, handshake{timeout: 9000, password: make([]byte, 16)})
	if err != nil {
		return err.Error()
	}
	defer first.close()
	second, err := openRaw(addr, handshake{timeout: 15_000, session: first.session, password: first.password})
	if err != nil {
		return err.Error()
	}
	defer second.close()
	_, gone := first.read()
	return fmt.Sprintf("timeout %d, same session %v, same password %v, the old connection is %s",
		second.timeout, first.session == second.session, bytes.Equal(first.password, second.password), ended(gone))
}

func wrongPassword(addr string) string {
	first, err := openRaw(addr, handshake{timeout: 9000, password: make([]byte, 16)})
	if err != nil {
		return err.Error()
	}
	defer first.close()
	text := greeted(addr, handshake{timeout: 9000, session: first.session, password: bytes.Repeat([]byte{7}, 16)})
	_, gone := first.read()
	again := greeted(addr, handshake{timeout: 9000, session: first.session, password: first.password})
	return fmt.Sprintf("%s; the session's own connection is %s; with the right one %s", text, ended(gone), again)
}

func closedSession(addr string) string {
	first, err := openRaw(addr, handshake{timeout: 9000, password: make([]byte, 16)})
	if err != nil {
		return err.Error()
	}
	if _, err := first.ask(wire.OpCloseSession, nil, true); err != nil {
		return err.Error()
	}
	return greeted(addr, handshake{timeout: 9000, session: first.session, password: first.password})
}

// expiredSession leaves a session alone until another one hears that its ephemerals
// went. It must not expire before that one has seen them.
func expiredSession(addr string) string {
	other, err := openRaw(addr, handshake{timeout: 20_000, password: make([]byte, 16)})
	if err != nil {
		return err.Error()
	}
	defer other.close()
	first, err := openRaw(addr, handshake{timeout: 4000, password: make([]byte, 16)})
	if err != nil {
		return err.Error()
	}
	first.close()
	first, err = openRaw(addr, handshake{timeout: 4000, session: first.session, password: first.password})
	if err != nil {
		return err.Error()
	}
	defer first.close()
	as := func(s string) string { return s }
	if _, err := first.ask(wire.OpCreate, step{op: wire.OpCreate, path: "/left", acl: openACL, flags: 1}.encode(as, 0), false); err != nil {
		return err.Error()
	}
	frames, err := other.ask(wire.OpExists, step{op: wire.OpExists, path: "/left", watch: true}.encode(as, 0), false)
	if err != nil {
		return err.Error()
	}
	x := &reader{base: other.zxid - 3, sessions: map[int64]int{first.session: 0}}
	event, err := other.read()
	if err != nil {
		return err.Error()
	}
	_, gone := first.read()
	return fmt.Sprintf("%s; %s; the session's connection is %s; then %s", x.line(other, frames[0]), x.line(other, event), ended(gone),
		greeted(addr, handshake{timeout: 9000, session: first.session, password: first.password}))
}
