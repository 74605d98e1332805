package wire_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/zkview/wire"
)

// TestSetWatchesKeepTheZxidOfTheHandshake is fault A: the library stamps each
// batch of watches with the last zxid at that moment, and what changed between the
// connect request and then is never told.
func TestSetWatchesKeepTheZxidOfTheHandshake(t *testing.T) {
	// Driven by hand, since the library's race is hard to win on purpose.
	got := make(chan []byte, 1)
	addr := listen(t, func(c net.Conn) {
		readFrame(c)
		_, _ = c.Write(connectResponse(77, 10*time.Second))
		got <- readFrame(c)
	})
	d := &wire.Dialer{}
	defer d.Close()
	c, err := d.Dial("tcp", addr, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write(connectRequest(0x13ce, 0))
	if _, err := c.Read(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	var e wire.Encoder
	e.Int(1)
	e.Int(int32(wire.OpSetWatches))
	e.Long(0x13e2)
	e.Int(1)
	e.Ustring("/a")
	e.Int(0)
	e.Int(0)
	sent := framed(e.Bytes())
	before := string(sent)
	if n, err := c.Write(sent); n != len(sent) || err != nil {
		t.Fatal(n, err)
	}
	f := wait(t, got, "setWatches")
	if zxid := binary.BigEndian.Uint64(f[8:]); zxid != 0x13ce {
		t.Errorf("relativeZxid is %#x, want the handshake's 0x13ce", zxid)
	}
	if string(sent) != before {
		t.Error("Write changed the caller's slice")
	}
}

// connectRequest is a frame as go-zookeeper writes it.
func connectRequest(zxid, session int64) []byte {
	var e wire.Encoder
	e.Int(0)
	e.Long(zxid)
	e.Int(10000)
	e.Long(session)
	e.Buffer(make([]byte, 16))
	return framed(e.Bytes())
}

func TestReadOnlyByte(t *testing.T) {
	for _, allow := range []bool{false, true} {
		got := make(chan []byte, 10)
		addr := listen(t, func(c net.Conn) {
			got <- readFrame(c)
			r := connectResponse(77, 10*time.Second)
			r[len(r)-1] = 1
			_, _ = c.Write(r)
			readFrame(c)
		})
		shook := make(chan wire.Handshake, 10)
		d := &wire.Dialer{AllowReadOnly: allow, Events: wire.Events{
			Handshake: func(_ *wire.Conn, h wire.Handshake) { shook <- h },
		}}
		connect(t, d, 10*time.Second, addr)
		f := wait(t, got, "connect request")
		if allow && (len(f) != 45 || f[44] != 1) || !allow && len(f) != 44 {
			t.Errorf("AllowReadOnly %v: a connect request of %d bytes", allow, len(f))
		}
		h := wait(t, shook, "handshake")
		if !h.ReadOnly || h.Resumed || h.Expired || h.SessionID != 77 || h.Timeout != 10*time.Second || h.Address != addr {
			t.Errorf("handshake: %+v", h)
		}
	}
}

func TestResumedAndExpired(t *testing.T) {
	var n atomic.Int32
	hold := make(chan struct{})
	addr := listen(t, func(c net.Conn) {
		readFrame(c)
		switch n.Add(1) {
		case 1, 2: // granted, then resumed
			_, _ = c.Write(connectResponse(77, 10*time.Second))
		case 3: // gone; the library does not close this connection, we must
			_, _ = c.Write(connectResponse(0, 0))
			if readFrame(c) == nil {
				close(hold)
			}
		default:
			_, _ = c.Write(connectResponse(78, 10*time.Second))
			readFrame(c)
		}
	})
	shook := make(chan wire.Handshake, 100)
	d := &wire.Dialer{
		Backoff: wire.Backoff{First: time.Millisecond},
		Events:  wire.Events{Handshake: func(_ *wire.Conn, h wire.Handshake) { shook <- h }},
	}
	connect(t, d, 10*time.Second, addr)
	for i, want := range []wire.Handshake{
		{SessionID: 77}, {SessionID: 77, Resumed: true}, {Expired: true}, {SessionID: 78},
	} {
		got := wait(t, shook, "handshake")
		if got.SessionID != want.SessionID || got.Resumed != want.Resumed || got.Expired != want.Expired {
			t.Errorf("handshake %d: %+v, want %+v", i, got, want)
		}
	}
	wait(t, hold, "the end of the connection whose session had expired")
}

// TestExpiredConnectionIsClosed: go-zookeeper forgets it open, and does not dial
// again if it is being closed.
func TestExpiredConnectionIsClosed(t *testing.T) {
	addr := listen(t, send(connectResponse(0, 0)))
	d := &wire.Dialer{}
	defer d.Close()
	c, err := d.Dial("tcp", addr, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(connectRequest(1, 77)); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, len(connectResponse(0, 0)))
	if _, err := io.ReadFull(c, answer); err != nil {
		t.Fatalf("the library cannot read that its session has expired: %v", err)
	}
	wait(t, c.(*wire.Conn).Done(), "the end of the connection")
	if _, err := c.Read(answer); !errors.Is(err, wire.SessionExpired) {
		t.Errorf("Read: %v", err)
	}
}

// TestDialEndsTheConnectionBefore: go-zookeeper may leave one open.
func TestDialEndsTheConnectionBefore(t *testing.T) {
	addr := listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	d := &wire.Dialer{}
	defer d.Close()
	first, err := d.Dial("tcp", addr, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Dial("tcp", addr, 0); err != nil {
		t.Fatal(err)
	}
	wait(t, first.(*wire.Conn).Done(), "the end of the first connection")
}

// TestSlowReply: a reply that takes longer than the library's read deadline, two
// thirds of the session timeout, gets through as long as bytes keep coming.
func TestSlowReply(t *testing.T) {
	// Pieces that come much more often than they must, on a machine that may stand still.
	const timeout, pieces = 4 * time.Second, 25
	addr := listen(t, func(c net.Conn) {
		readFrame(c)
		_, _ = c.Write(connectResponse(77, timeout))
		for {
			f := readFrame(c)
			if f == nil {
				return
			}
			xid := int32(binary.BigEndian.Uint32(f))
			if xid < 0 {
				_, _ = c.Write(answer(xid, 0, 0, nil))
				continue
			}
			out := answer(xid, 1, 0, listing(1000))
			for len(out) > 0 {
				n := min(len(out), len(listing(1000))/pieces)
				_, _ = c.Write(out[:n])
				out = out[n:]
				<-time.After(timeout * 10 / 6 / pieces) // in all 10/6 of the session timeout
			}
		}
	})
	var sizes sync.Map
	d := &wire.Dialer{}
	z := connect(t, d, timeout, addr)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				if c := d.Current(); c != nil {
					if s := c.Stats(); s.FrameSize > 0 {
						sizes.Store(s.FrameSize, s.FrameGot)
					}
				}
			}
		}
	})
	names, _, err := z.Children("/big")
	close(stop)
	wg.Wait()
	if len(names) != 1000 || err != nil {
		t.Errorf("Children: %d names, %v", len(names), err)
	}
	if got, ok := sizes.Load(int64(20 + len(listing(1000)))); !ok || got.(int64) == 0 {
		t.Errorf("progress was not told: %v", got)
	}
}

// listing is the body of a getChildren2 reply.
func listing(n int) []byte {
	var e wire.Encoder
	e.Int(int32(n))
	for i := range n {
		e.Ustring(fmt.Sprintf("child-with-a-name-%010d", i))
	}
	return append(e.Bytes(), stat()...)
}

func TestSilenceIsNoticed(t *testing.T) {
	mute := listen(t, func(c net.Conn) {
		readFrame(c)
		_, _ = c.Write(connectResponse(77, 300*time.Millisecond))
		for readFrame(c) != nil {
		}
	})
	closed := make(chan error, 10)
	d := &wire.Dialer{Events: wire.Events{Closed: func(_ *wire.Conn, err error) { closed <- err }}}
	connect(t, d, 300*time.Millisecond, mute)
	var ne net.Error
	if err := wait(t, closed, "Closed"); !errors.As(err, &ne) || !ne.Timeout() {
		t.Errorf("closed with %v", err)
	}
}

func TestPingsAreMeasured(t *testing.T) {
	addr := listen(t, fake(300*time.Millisecond, func(call) []byte { return []byte{} }))
	pongs := make(chan time.Duration, 10)
	d := &wire.Dialer{Events: wire.Events{Pong: func(rtt time.Duration) {
		select {
		case pongs <- rtt:
		default:
		}
	}}}
	connect(t, d, 300*time.Millisecond, addr)
	for range 3 {
		if rtt := wait(t, pongs, "pong"); rtt <= 0 || rtt > 5*time.Second {
			t.Errorf("rtt %v", rtt)
		}
	}
}

func TestRemoveWatchesEndsTheLibrarysToo(t *testing.T) {
	addr := listen(t, fake(10*time.Second, func(k call) []byte {
		switch k.op {
		case wire.OpRemoveWatches:
			if k.body[3] == byte(len("/none")) {
				return answer(k.xid, 1, int32(wire.NoWatcher), nil)
			}
			return answer(k.xid, 1, 0, nil)
		case wire.OpGetChildren2, wire.OpGetData:
			return answer(k.xid, 1, 0, append(make([]byte, 4), stat()...))
		default:
			return answer(k.xid, 1, 0, stat())
		}
	}))
	up := make(chan *wire.Conn, 1)
	d := &wire.Dialer{Events: wire.Events{Handshake: func(c *wire.Conn, _ wire.Handshake) { up <- c }}}
	z := connect(t, d, 10*time.Second, addr)
	c := wait(t, up, "handshake")
	for _, tc := range []struct {
		path string
		kind wire.WatchKind
		err  error
		ends []string
	}{
		{"/d", wire.DataWatch, nil, []string{"data", "exist"}},
		{"/c", wire.ChildrenWatch, nil, []string{"child"}},
		{"/a", wire.AnyWatch, nil, []string{"data", "exist", "child"}},
		{"/none", wire.AnyWatch, wire.NoWatcher, []string{"data", "exist", "child"}},
	} {
		_, _, data, err1 := z.GetW(tc.path)
		_, _, exist, err2 := z.ExistsW(tc.path)
		_, _, child, err3 := z.ChildrenW(tc.path)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		if err := c.RemoveWatches(t.Context(), tc.path, tc.kind); !errors.Is(err, tc.err) {
			t.Errorf("%s: %v", tc.path, err)
		}
		if _, _, err := z.Exists("/x"); err != nil { // so that the event has been read
			t.Fatal(err)
		}
		chans := map[string]<-chan zk.Event{"data": data, "exist": exist, "child": child}
		for _, kind := range tc.ends {
			if ev := wait(t, chans[kind], kind+" watch of "+tc.path); int32(ev.State) != wire.RemovedState || ev.Path != tc.path {
				t.Errorf("%s watch of %s ended with %+v", kind, tc.path, ev)
			}
			delete(chans, kind)
		}
		for kind, ch := range chans {
			select {
			case ev := <-ch:
				t.Errorf("%s watch of %s ended with %+v", kind, tc.path, ev)
			default:
			}
		}
	}
}

func TestAuthIsNotTold(t *testing.T) {
	addr := listen(t, fake(10*time.Second, func(k call) []byte { return answer(k.xid, 1, 0, nil) }))
	ops := make(chan wire.Op, 10)
	z := connect(t, &wire.Dialer{Events: wire.Events{Op: func(o wire.Op) { ops <- o }}}, 10*time.Second, addr)
	if err := z.AddAuth("digest", []byte("user:secret")); err != nil {
		t.Fatal(err)
	}
	if o := wait(t, ops, "op"); o.Code != wire.OpAuth || o.Path != "" {
		t.Errorf("reported: %+v", o)
	}
}
