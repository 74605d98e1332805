package lab

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// packed is a frame of numbers (of 4 bytes), texts, bytes and other things.
func packed(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch v := p.(type) {
		case int:
			b = binary.BigEndian.AppendUint32(b, uint32(int32(v)))
		case int64:
			b = binary.BigEndian.AppendUint64(b, uint64(v))
		case string:
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
		case byte:
			b = append(b, v)
		}
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// However the frames are cut into pieces, the same is taken from them.
func TestFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []byte
		var want [][]byte
		for range rapid.IntRange(0, 8).Draw(t, "frames") {
			body := bytes.Repeat([]byte{byte(len(want) + 1)}, rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(keptOfFrame-2, keptOfFrame+2)).Draw(t, "size"))
			all = append(append(all, binary.BigEndian.AppendUint32(nil, uint32(len(body)))...), body...)
			want = append(want, body[:min(len(body), keptOfFrame)])
		}
		var f frames
		var got [][]byte
		for len(all) > 0 {
			n := rapid.IntRange(1, len(all)).Draw(t, "piece")
			f.feed(all[:n], func(body []byte) { got = append(got, bytes.Clone(body)) })
			all = all[n:]
		}
		if len(got) != len(want) {
			t.Fatalf("%d frames of %d", len(got), len(want))
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i]) {
				t.Fatalf("frame %d has %d bytes, not %d", i, len(got[i]), len(want[i]))
			}
		}
	})
}

// wired is a connection over a line to a server that is a test.
func wired(t *testing.T) (l *line, client net.Conn, server net.Conn) {
	t.Helper()
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	l = newLine("/lab/fair", &tally{}, func() {}, func(string) {})
	client, err = l.dial(t.Context(), "tcp", at.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = at.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.cut(); _ = server.Close() })
	return l, client, server
}

func passes(t *testing.T, from io.Writer, to io.Reader, frames ...[]byte) {
	t.Helper()
	all := bytes.Join(frames, nil)
	if _, err := from.Write(all); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(all))
	if _, err := io.ReadFull(to, got); err != nil || !bytes.Equal(got, all) {
		t.Fatalf("passed on: %x, not %x: %v", got, all, err)
	}
}

// What passes is counted, but for what keeps the session; watches are known from when they
// are left to when they fire; events about the own znode wake nobody.
func TestLineCounts(t *testing.T) {
	t.Parallel()
	l, client, server := wired(t)
	const dir = "/lab/fair"
	passes(t, client, server, packed(0, 0, 0), packed(-2, opPing), packed(1, opSync, "/"), packed(-4, opAuth, 0),
		packed(-8, opSetWatches, 0), packed(2, opCloseSession))
	if n := l.tally.requests.Load(); n != 0 {
		t.Errorf("%d requests keep the session", n)
	}
	passes(t, client, server, packed(3, opGetData, dir+"/a", byte(1)), packed(4, opGetChildren2, dir, byte(1)),
		packed(5, opGetData, dir+"/b", byte(1)), packed(6, opGetData, dir+"/c", byte(0)), packed(7, opSync, dir), packed(8, opGetData, dir+"/own", byte(1)))
	if n := l.tally.requests.Load(); n != 6 {
		t.Errorf("%d requests", n)
	}
	l.made(dir + "/own")
	none := func(at time.Time) time.Time { return at }
	event := func(kind int, path string) []byte { return packed(xidEvent, int64(-1), 0, kind, 3, path) }
	if w := l.showWatches(dir, time.Now(), time.Now(), none); len(w) != 0 {
		t.Errorf("watched before the answer: %v", w)
	}
	passes(t, server, client, packed(0, 0, 0), packed(3, int64(9), 0), packed(4, int64(9), 0), packed(5, int64(9), -101), packed(6, int64(9), 0), packed(8, int64(9), 0))
	if w := l.showWatches(dir, time.Now(), time.Now(), none); len(w) != 2 || w[0].Node != "" || w[1].Node != "a" || !l.watched(dir+"/a") || !l.watched(dir+"/z") || l.watched("/lab/a") {
		t.Errorf("watched: %v", w)
	}
	let := time.Now()
	passes(t, server, client, event(eventDeleted, dir+"/own"), event(eventDeleted, dir+"/a"), event(eventChildren, dir))
	if n := l.tally.wakeups.Load(); n != 2 {
		t.Errorf("%d wake-ups", n)
	}
	w := l.showWatches(dir, time.Now(), time.Now(), none)
	if len(w) != 2 || w[0].Fired.IsZero() || w[1].Fired.IsZero() {
		t.Errorf("fired: %v", w)
	}
	if w := l.showWatches(dir, time.Now().Add(firedShown), time.Now(), none); len(w) != 0 {
		t.Errorf("later: %v", w)
	}
	if w := l.showWatches(dir, time.Now().Add(firedShown), let, none); len(w) != 2 || !w[0].Last || !w[1].Last {
		t.Errorf("by the last request that went: %v", w)
	}
	passes(t, client, server, packed(9, opGetData, dir+"/d", byte(1)), packed(10, opRemoveWatches, dir+"/d", 3))
	passes(t, server, client, packed(9, int64(9), 0), packed(10, int64(9), 0))
	if l.watched(dir + "/d") {
		t.Error("a watch that was removed is there")
	}
}

// What is not ZooKeeper's protocol passes as it is, and nothing is counted.
func TestLineVeiled(t *testing.T) {
	t.Parallel()
	l, client, server := wired(t)
	passes(t, client, server, []byte{0x16, 3, 1, 2, 0, 1, 0}, []byte("what TLS says"))
	passes(t, server, client, []byte{0x16, 3, 3, 0, 7})
	if !l.veiled() || l.tally.requests.Load() != 0 || len(l.showWatches("", time.Now(), time.Now(), nil)) != 0 {
		t.Error("it is taken for ZooKeeper's")
	}
}

// Nothing passes on a frozen line, in either direction, and its connection stays open, also
// where this side closes it; one that is cut is closed, and there is no other.
func TestLineFreezesAndIsCut(t *testing.T) {
	t.Parallel()
	l, client, server := wired(t)
	passes(t, client, server, packed(0))
	l.freeze()
	done := make(chan string, 2)
	go func() {
		_, err := client.Write(packed(1, opExists, "/a", byte(0)))
		done <- map[bool]string{true: "written", false: "not written"}[err == nil]
	}()
	if _, err := server.Write(packed(0)); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := client.Read(make([]byte, 4))
		done <- map[bool]string{true: "read", false: "not read"}[err == nil]
	}()
	if sent := l.sentLast(); sent.IsZero() {
		t.Error("nothing was sent")
	}
	if l.tally.requests.Load() != 0 {
		t.Error("something is counted that has not left")
	}
	l.thaw()
	if a, b := <-done, <-done; a == b || len(a)+len(b) != len("written")+len("read") {
		t.Errorf("thawed: %s, %s", a, b)
	}
	l.freeze()
	go func() { _, _ = client.Read(make([]byte, 100)); done <- "" }()
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	<-done
	_ = server.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := io.ReadAll(server); err == nil {
		t.Error("the connection of a frozen line is closed")
	}
	l.cut()
	_ = server.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadAll(server); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("cut, and open")
	}
	if _, err := l.dial(t.Context(), "tcp", server.LocalAddr().String()); err == nil {
		t.Error("another connection is made")
	}
}
