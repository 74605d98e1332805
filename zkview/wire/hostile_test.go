package wire_test

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/zkview/wire"
)

// refusals are the errors that a Dialer's Refused tells.
func refusals(d *wire.Dialer) <-chan error {
	ch := make(chan error, 100)
	d.Events.Refused = func(_ string, err error) {
		select {
		case ch <- err:
		default:
		}
	}
	return ch
}

// send answers the connect request, or whatever comes first, with fixed bytes,
// and keeps the connection open.
func send(b []byte) func(net.Conn) {
	return func(c net.Conn) {
		readFrame(c)
		_, _ = c.Write(b)
		readFrame(c)
	}
}

func TestOddListeners(t *testing.T) {
	short := connectResponse(5, time.Second)
	huge := binary.BigEndian.AppendUint32(nil, 1_200_000_000)
	const brief = 3 * time.Second // for those who say nothing more
	for name, tc := range map[string]struct {
		serve    func(net.Conn)
		want     string
		patience time.Duration
	}{
		"HTTP":              {send([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")), "answers, but speaks HTTP", 0},
		"SSH":               {send([]byte("SSH-2.0-OpenSSH_9.2\r\n")), "answers, but speaks SSH", 0},
		"TLS alert":         {send([]byte{0x15, 3, 1, 0, 2, 2, 70}), "answers, but speaks TLS", 0},
		"silence":           {send(nil), "accepts connections, but says nothing", brief},
		"half an answer":    {send(short[:20]), "stopped in the middle of its answer", brief},
		"one byte":          {send(short[:1]), "stopped in the middle of its answer", brief},
		"1.2 GB":            {send(huge), "answers, but speaks another protocol", 0},
		"negative length":   {send([]byte{0xff, 0xff, 0xff, 0xf0}), "answers, but speaks another protocol", 0},
		"3 bytes":           {send([]byte{0, 0, 0, 3, 1, 2, 3}), "answers, but speaks another protocol", 0},
		"closing at once":   {func(net.Conn) {}, "closed the connection before answering", 0},
		"closing half-way":  {func(c net.Conn) { readFrame(c); _, _ = c.Write(short[:20]) }, "closed the connection in the middle of its answer", 0},
		"timeout zero":      {send(connectResponse(5, 0)), "connect response that makes no sense", 0},
		"negative timeout":  {send(connectResponse(5, -time.Second)), "connect response that makes no sense", 0},
		"password too long": {send(append([]byte{0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 5, 0x7f}, make([]byte, 19)...)), "connect response that makes no sense", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := listen(t, tc.serve)
			d := &wire.Dialer{HandshakeTimeout: tc.patience}
			refused := refusals(d)
			connect(t, d, 30*time.Second, addr)
			err := wait(t, refused, "the refusal")
			if !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), addr) {
				t.Errorf("refused with %q, want %s … %s", err, addr, tc.want)
			}
		})
	}
}

func TestRealHTTPAndTLSListeners(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	closing := listen(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 5)) })
	insecure := &tls.Config{InsecureSkipVerify: true}
	const brief = 2 * time.Second // for who waits for a line
	for name, tc := range map[string]struct {
		addr     string
		tls      *tls.Config
		want     string
		patience time.Duration
	}{
		"TLS to HTTP":          {plain.Listener.Addr().String(), insecure, "answers, but speaks HTTP", 0},
		"plain to HTTP":        {plain.Listener.Addr().String(), nil, "answers, but speaks HTTP", brief},
		"TLS to plain":         {closing, insecure, "it may be a port without TLS", 0},
		"plain to TLS":         {secure.Listener.Addr().String(), nil, "answers, but speaks TLS", 0},
		"unknown certificate":  {secure.Listener.Addr().String(), &tls.Config{}, "certificate", 0},
		"nothing listens here": {"127.0.0.1:1", nil, "connection refused by 127.0.0.1:1", 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := &wire.Dialer{TLS: tc.tls, HandshakeTimeout: tc.patience}
			refused := refusals(d)
			connect(t, d, 30*time.Second, tc.addr)
			err := wait(t, refused, "the refusal")
			if tc.want == "answers, but speaks TLS" && errors.Is(err, wire.ErrNoAnswer) && strings.Contains(err.Error(), "expects TLS") {
				return // net/http sends its alert only if it can tell the record
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("refused with %q, want %q", err, tc.want)
			}
		})
	}
}

// asks are requests that go-zookeeper can be made to send.
var asks = map[string]func(z *zk.Conn) error{
	"children": func(z *zk.Conn) error { _, _, err := z.Children("/a"); return err },
	"acl":      func(z *zk.Conn) error { _, _, err := z.GetACL("/a"); return err },
	"data":     func(z *zk.Conn) error { _, _, err := z.Get("/a"); return err },
	"exists":   func(z *zk.Conn) error { _, _, err := z.Exists("/a"); return err },
	"create":   func(z *zk.Conn) error { _, err := z.Create("/a", nil, 0, nil); return err },
	"multi":    func(z *zk.Conn) error { _, err := z.Multi(&zk.DeleteRequest{Path: "/a"}); return err },
}

// body is a reply of ints, and then some bytes of zero.
func body(zeros int, ints ...int32) func(call) []byte {
	return func(k call) []byte {
		var e wire.Encoder
		for _, n := range ints {
			e.Int(n)
		}
		return answer(k.xid, 1, 0, append(e.Bytes(), make([]byte, zeros)...))
	}
}

// raw is a frame whose length lies.
func raw(length int32, then func(call) []byte) func(call) []byte {
	return func(k call) []byte {
		b := then(k)
		binary.BigEndian.PutUint32(b, uint32(length))
		return b
	}
}

func TestHostileReplies(t *testing.T) {
	event := func(call) []byte { return answer(-1, -1, 0, []byte{0, 0, 0, 1, 0, 0, 0, 3}) }
	for name, tc := range map[string]struct {
		respond func(call) []byte
		asks    string
	}{
		"frame of 3 bytes":      {func(call) []byte { return []byte{0, 0, 0, 3, 1, 2, 3} }, "children acl data exists create multi"},
		"frame of 0 bytes":      {func(call) []byte { return []byte{0, 0, 0, 0} }, "exists"},
		"frame of 15 bytes":     {func(call) []byte { return framed(make([]byte, 15)) }, "exists"},
		"negative frame":        {raw(-2, body(0)), "children exists multi"},
		"frame of 1.2 GB":       {raw(1_200_000_000, body(0)), "children exists multi"},
		"long stat":             {raw(800<<20, body(0)), "exists create"},
		"vector of -2":          {body(80, -2), "children acl"},
		"vector of 2 billion":   {body(80, 1<<31-1), "children acl"},
		"name beyond the frame": {body(80, 1, 256), "children"},
		"negative name":         {body(80, 1, -7), "children"},
		"scheme beyond":         {body(80, 1, 31, 256), "acl"},
		"id beyond":             {body(80, 1, 31, 0, 1<<30), "acl"},
		"data beyond the frame": {body(80, 1<<31-1), "data create"},
		"negative data":         {body(80, -2), "data create"},
		"no body":               {body(0), "children acl data exists create multi"},
		"stat cut short":        {body(60, 0), "children acl data exists"},
		"multi cut short":       {body(1, 2), "multi"},
		"multi without an end":  {body(5, 2), "multi"},
		"error cut short":       {body(5+2, -1), "multi"},
		"event without a path":  {event, "exists"},
		"event of 200 MB":       {raw(200<<20, event), "exists"},
	} {
		for _, op := range strings.Fields(tc.asks) {
			t.Run(name+" to "+op, func(t *testing.T) {
				t.Parallel()
				addr := listen(t, fake(30*time.Second, tc.respond))
				closed := make(chan error, 100)
				d := &wire.Dialer{Events: wire.Events{Closed: func(_ *wire.Conn, err error) { closed <- err }}}
				z := connect(t, d, 30*time.Second, addr)
				if err := asks[op](z); !errors.Is(err, zk.ErrConnectionClosed) {
					t.Errorf("request ended with %v", err)
				}
				if err := wait(t, closed, "Closed"); err == nil || !strings.Contains(err.Error(), "not ZooKeeper's protocol") {
					t.Errorf("closed with %v", err)
				}
			})
		}
	}
}

func TestNullVectorsBecomeEmpty(t *testing.T) {
	addr := listen(t, fake(30*time.Second, func(k call) []byte {
		return answer(k.xid, 1, 0, append([]byte{0xff, 0xff, 0xff, 0xff}, stat()...))
	}))
	z := connect(t, &wire.Dialer{}, 30*time.Second, addr)
	if names, _, err := z.Children("/a"); len(names) != 0 || err != nil {
		t.Errorf("Children: %v %v", names, err)
	}
	if acl, _, err := z.GetACL("/a"); len(acl) != 0 || err != nil {
		t.Errorf("GetACL: %v %v", acl, err)
	}
	if data, _, err := z.Get("/a"); data != nil || err != nil {
		t.Errorf("Get: %v %v", data, err)
	}
}

// TestAcceptThenDrop is the storm: go-zookeeper alone makes more than a thousand
// connections a second to two such servers.
func TestAcceptThenDrop(t *testing.T) {
	var accepted atomic.Int32
	drop := func(c net.Conn) {
		if readFrame(c) != nil {
			accepted.Add(1)
			_, _ = c.Write(connectResponse(9, 10*time.Second))
		}
	}
	d := &wire.Dialer{Backoff: wire.Backoff{First: 20 * time.Millisecond, Max: 200 * time.Millisecond}}
	dials := make(chan string, 1000)
	d.Events.Dialing = func(a string) { dials <- a }
	begun := time.Now()
	connect(t, d, 10*time.Second, listen(t, drop), listen(t, drop))
	for range 12 {
		wait(t, dials, "a dial")
	}
	// Six tries each: 0, 10-20, 40-80, 80-160, 100-200, 100-200 ms.
	if took := time.Since(begun); took < 300*time.Millisecond {
		t.Errorf("12 dials in %v", took)
	}
}

func TestCloseEndsBackoff(t *testing.T) {
	d := &wire.Dialer{Backoff: wire.Backoff{First: time.Hour, Max: time.Hour}}
	if _, err := d.Dial("tcp", "127.0.0.1:1", 0); err == nil {
		t.Fatal("connected to port 1")
	}
	result := make(chan error, 1)
	go func() {
		_, err := d.Dial("tcp", "127.0.0.1:1", 0)
		result <- err
	}()
	d.Close()
	if err := wait(t, result, "Dial"); !errors.Is(err, wire.ErrDialerClosed) {
		t.Errorf("Dial: %v", err)
	}
	if _, err := d.Dial("tcp", "127.0.0.1:1", 0); !errors.Is(err, wire.ErrDialerClosed) {
		t.Errorf("Dial after Close: %v", err)
	}
}

func TestNotZooKeeperErrorText(t *testing.T) {
	for speaks, want := range map[string]string{
		"HTTP":    "h:1 answers, but speaks HTTP",
		"nothing": "h:1 accepts connections, but says nothing",
	} {
		if got := fmt.Sprint(&wire.NotZooKeeperError{Address: "h:1", Speaks: speaks}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
