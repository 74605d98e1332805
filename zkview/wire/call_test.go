package wire_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

func TestCallBesideTheLibrary(t *testing.T) {
	addr := listen(t, fake(10*time.Second, func(k call) []byte {
		switch k.op {
		case wire.OpWhoAmI:
			return answer(k.xid, 5, 0, []byte("me"))
		case wire.OpAddWatch:
			return answer(k.xid, 6, int32(wire.NoAuth), nil)
		default:
			return answer(k.xid, 7, 0, stat())
		}
	}))
	ops := make(chan wire.Op, 1000)
	up := make(chan *wire.Conn, 1)
	d := &wire.Dialer{Events: wire.Events{
		Handshake: func(c *wire.Conn, _ wire.Handshake) { up <- c },
		Op:        func(o wire.Op) { ops <- o },
	}}
	z := connect(t, d, 10*time.Second, addr)
	c := wait(t, up, "handshake")
	if d.Current() != c {
		t.Fatal("Current is not the connection that shook hands")
	}

	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if ok, _, err := z.Exists("/a/b"); !ok || err != nil {
				t.Errorf("Exists: %v %v", ok, err)
			}
		})
		wg.Go(func() {
			body, zxid, err := c.Call(t.Context(), wire.OpWhoAmI, nil)
			if !bytes.Equal(body, []byte("me")) || zxid != 5 || err != nil {
				t.Errorf("Call: %q %d %v", body, zxid, err)
			}
		})
		wg.Go(func() {
			_, _, err := c.Call(t.Context(), wire.OpAddWatch, []byte("\x00\x00\x00\x02/x\x00\x00\x00\x01"))
			if !errors.Is(err, wire.NoAuth) {
				t.Errorf("Call: %v, want NoAuth", err)
			}
		})
	}
	wg.Wait()
	seen := map[wire.OpCode]int{}
	for range 60 {
		o := wait(t, ops, "op")
		seen[o.Code]++
		switch {
		case o.Code == wire.OpExists && (o.Path != "/a/b" || o.In != 88 || o.Zxid != 7):
			t.Errorf("exists reported as %+v", o)
		case o.Code == wire.OpAddWatch && (o.Path != "/x" || !o.Watch || o.Err != int32(wire.NoAuth)):
			t.Errorf("addWatch reported as %+v", o)
		}
	}
	if seen[wire.OpExists] != 20 || seen[wire.OpWhoAmI] != 20 || seen[wire.OpAddWatch] != 20 {
		t.Errorf("reported: %v", seen)
	}
	if s := c.Stats(); s.LastZxid != 7 || s.BytesIn == 0 || s.BytesOut == 0 || s.RTT == 0 || s.FrameSize != 0 {
		t.Errorf("stats: %+v", s)
	}
}

func TestCallGivesUpAndTheStreamGoesOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	addr := listen(t, fake(10*time.Second, func(k call) []byte {
		if k.op == wire.OpWhoAmI {
			cancel()
			<-release
			return answer(k.xid, 5, 0, make([]byte, 3<<20))
		}
		return answer(k.xid, 7, 0, stat())
	}))
	up := make(chan *wire.Conn, 1)
	ops := make(chan wire.Op, 10)
	d := &wire.Dialer{Events: wire.Events{
		Handshake: func(c *wire.Conn, _ wire.Handshake) { up <- c },
		Op:        func(o wire.Op) { ops <- o },
	}}
	z := connect(t, d, 10*time.Second, addr)
	c := wait(t, up, "handshake")

	_, _, err := c.Call(ctx, wire.OpWhoAmI, nil)
	close(release)
	if !errors.Is(err, wire.ErrNoReply) || !errors.Is(err, context.Canceled) {
		t.Fatalf("Call: %v, want no reply because it was cancelled", err)
	}
	if ok, _, err := z.Exists("/a"); !ok || err != nil {
		t.Fatalf("Exists after an abandoned call: %v %v", ok, err)
	}
	if o := wait(t, ops, "op"); o.Code != wire.OpWhoAmI || o.Lost {
		t.Errorf("reported: %+v", o)
	}
}

func TestCallsEndWithTheConnection(t *testing.T) {
	got := make(chan struct{}, 10)
	addr := listen(t, fake(10*time.Second, func(k call) []byte { got <- struct{}{}; return []byte{} }))
	up := make(chan *wire.Conn, 10)
	lost := make(chan wire.Op, 10)
	closed := make(chan error, 10)
	d := &wire.Dialer{Events: wire.Events{
		Handshake: func(c *wire.Conn, _ wire.Handshake) { up <- c },
		Op:        func(o wire.Op) { lost <- o },
		Closed:    func(_ *wire.Conn, err error) { closed <- err },
	}}
	connect(t, d, 10*time.Second, addr)
	c := wait(t, up, "handshake")
	result := make(chan error, 1)
	go func() {
		_, _, err := c.Call(context.Background(), wire.OpWhoAmI, nil)
		result <- err
	}()
	wait(t, got, "the request at the server")
	why := errors.New("because")
	c.Kill(why)
	c.Kill(errors.New("too late"))
	if err := wait(t, result, "Call"); !errors.Is(err, wire.ErrNoReply) || !errors.Is(err, why) {
		t.Errorf("Call: %v", err)
	}
	if o := wait(t, lost, "op"); !o.Lost || o.Code != wire.OpWhoAmI {
		t.Errorf("reported: %+v", o)
	}
	if err := wait(t, closed, "Closed"); !errors.Is(err, why) {
		t.Errorf("Closed: %v", err)
	}
	if _, _, err := c.Call(t.Context(), wire.OpWhoAmI, nil); !errors.Is(err, wire.ErrNotSent) {
		t.Errorf("Call on a dead connection: %v", err)
	}
	if d.Current() == c {
		t.Error("a dead connection is current")
	}
}

// TestCallGivesUpWhileTheServerDoesNotRead: neither the one whose bytes are stuck
// half-way nor those behind it wait longer than their contexts, and what was never
// begun is not sent later.
func TestCallGivesUpWhileTheServerDoesNotRead(t *testing.T) {
	read := make(chan struct{})
	ops := make(chan wire.OpCode, 1000)
	addr := listen(t, func(c net.Conn) {
		readFrame(c)
		_, _ = c.Write(connectResponse(77, time.Minute))
		<-read
		for f := readFrame(c); f != nil; f = readFrame(c) {
			ops <- wire.OpCode(binary.BigEndian.Uint32(f[4:]))
			_, _ = c.Write(answer(int32(binary.BigEndian.Uint32(f)), 1, 0, nil))
		}
	})
	_, c := session(t, &wire.Dialer{}, addr)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	big := make([]byte, wire.MaxRequest)
	results := make(chan error, 100)
	const callers = 30
	for range callers {
		go func() {
			_, _, err := c.Call(ctx, wire.OpGetEphemerals, big)
			results <- err
		}()
	}
	// The writer is stuck once it has begun and the bytes sent stand still.
	for before := int64(-1); before != c.Stats().BytesOut || before < wire.MaxRequest; <-time.After(100 * time.Millisecond) {
		before = c.Stats().BytesOut
	}
	cancel()
	sent := 0
	for range callers {
		switch err := wait(t, results, "Call"); {
		case errors.Is(err, wire.ErrNoReply):
			sent++
		case !errors.Is(err, wire.ErrNotSent):
			t.Errorf("Call: %v", err)
		}
	}
	if sent == 0 || sent == callers {
		t.Errorf("%d of %d calls were begun", sent, callers)
	}
	close(read)
	if _, _, err := c.Call(t.Context(), wire.OpWhoAmI, nil); err != nil {
		t.Errorf("Call after the server reads again: %v", err)
	}
	got := 0
	for op := wait(t, ops, "request"); op != wire.OpWhoAmI; op = wait(t, ops, "request") {
		got++
	}
	if got != sent {
		t.Errorf("%d requests arrived, %d were reported as sent", got, sent)
	}
	if _, _, err := c.Call(t.Context(), wire.OpWhoAmI, make([]byte, wire.MaxRequest+1)); !errors.Is(err, wire.ErrTooBig) || !errors.Is(err, wire.ErrNotSent) {
		t.Errorf("Call too big: %v", err)
	}
}
