package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"time"
)

func TestBackoffDelay(t *testing.T) {
	b := Backoff{}.withDefaults()
	for failures, ms := range []int{0, 50, 200, 400, 800, 1600, 3000, 3000} {
		want := time.Duration(ms) * time.Millisecond
		if got := b.delay(failures, 0); got != want {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
		if got := b.delay(failures, 1); got != want/2 {
			t.Errorf("after %d failures, jittered: %v, want %v", failures, got, want/2)
		}
	}
	if got := b.delay(math.MaxInt, 0); got != b.Max {
		t.Errorf("after very many failures: %v", got)
	}
}

func TestOnlyASettledConnectionClearsPenalties(t *testing.T) {
	for name, tc := range map[string]struct {
		answered bool
		age      time.Duration
		want     int
	}{
		"answered and old":   {true, time.Hour, 0},
		"answered and young": {true, 0, 3},
		"old and mute":       {false, time.Hour, 3},
	} {
		d := &Dialer{}
		for range 2 {
			d.penalties.add("h:1", Backoff{}.withDefaults())
		}
		client, server := net.Pipe()
		c := newConn(d, "h:1", client, client, time.Now())
		c.asked, c.answer, c.since = &connectRequest{}, &Handshake{SessionID: 1}, time.Now().Add(-tc.age)
		c.answered.Store(tc.answered)
		c.Kill(nil)
		server.Close()
		if got := d.penalties.failed["h:1"]; got != tc.want {
			t.Errorf("%s: %d failures on record, want %d", name, got, tc.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	rec := func(f func(e *Encoder)) []byte {
		var e Encoder
		f(&e)
		return e.Bytes()
	}
	acl := func(e *Encoder) {
		e.Int(1)
		e.Int(31)
		e.Ustring("world")
		e.Ustring("anyone")
	}
	header := func(e *Encoder, op OpCode) {
		e.Int(int32(op))
		e.Bool(op == -1)
		e.Int(-1)
	}
	for _, tc := range []struct {
		body []byte
		want Op
	}{
		{rec(func(e *Encoder) { e.Ustring("/a"); e.Bool(true) }), Op{Code: OpGetData, Path: "/a", Watch: true}},
		{rec(func(e *Encoder) { e.Ustring("/a"); e.Bool(false) }), Op{Code: OpGetChildren2, Path: "/a"}},
		{rec(func(e *Encoder) { e.Ustring("/a"); e.Int(7) }), Op{Code: OpDelete, Path: "/a", Version: 7}},
		{rec(func(e *Encoder) { e.Ustring("/a"); e.Buffer([]byte("xyz")); e.Int(8) }), Op{Code: OpSetData, Path: "/a", Version: 8}},
		{rec(func(e *Encoder) { e.Ustring("/a"); acl(e); e.Int(9) }), Op{Code: OpSetACL, Path: "/a", Version: 9}},
		{rec(func(e *Encoder) { e.Ustring("/a"); e.Buffer(nil); acl(e); e.Int(3) }), Op{Code: OpCreate, Path: "/a"}},
		{rec(func(e *Encoder) { e.Ustring("/a"); e.Int(1) }), Op{Code: OpAddWatch, Path: "/a", Watch: true}},
		{rec(func(e *Encoder) { e.Int(0); e.Ustring("digest"); e.Buffer([]byte("u:p")) }), Op{Code: OpAuth}},
		{rec(func(e *Encoder) {
			e.Long(5)
			e.Int(2)
			e.Ustring("/a")
			e.Ustring("/b")
			e.Int(0)
			e.Int(1)
			e.Ustring("/c")
		}), Op{Code: OpSetWatches, Ops: 3}},
		{rec(func(e *Encoder) {
			header(e, OpCheck)
			e.Ustring("/first")
			e.Int(1)
			header(e, OpCreate)
			e.Ustring("/a")
			e.Buffer([]byte("d"))
			acl(e)
			e.Int(0)
			header(e, OpSetData)
			e.Ustring("/b")
			e.Buffer(nil)
			e.Int(-1)
			header(e, OpDelete)
			e.Ustring("/c")
			e.Int(-1)
			header(e, OpError)
		}), Op{Code: OpMulti, Path: "/first", Ops: 4}},
		{rec(func(e *Encoder) {
			header(e, OpGetData)
			e.Ustring("/a")
			e.Bool(false)
			header(e, OpGetChildren)
			e.Ustring("/b")
			e.Bool(false)
			header(e, OpError)
		}), Op{Code: OpMultiRead, Path: "/a", Ops: 2}},
		{[]byte{0, 0, 1, 0, 'x'}, Op{Code: OpGetData}},
		{nil, Op{Code: OpDelete}},
	} {
		got := Op{Code: tc.want.Code}
		got.describe(tc.body)
		if got != tc.want {
			t.Errorf("%v: %+v, want %+v", tc.want.Code, got, tc.want)
		}
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		OpGetChildren2.String():         "getChildren2",
		OpCode(42).String():             "op 42",
		NoNode.Error():                  "NoNode (-101)",
		Code(-999).Error():              "server error -999",
		OpSetWatches.String():           "setWatches",
		error(QuotaExceeded).Error():    "QuotaExceeded (-125)",
		OpGetAllChildrenNumber.String(): "getAllChildrenNumber",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestJuteThereAndBack(t *testing.T) {
	var e Encoder
	e.Int(-3)
	e.Long(1 << 40)
	e.Bool(true)
	e.Ustring("grüß")
	e.Buffer(nil)
	e.Buffer([]byte{})
	e.Int(2)
	e.Ustring("a")
	e.Ustring("b")
	d := NewDecoder(e.Bytes())
	if d.Int() != -3 || d.Long() != 1<<40 || !d.Bool() || d.Ustring() != "grüß" {
		t.Error("scalars")
	}
	if b := d.Buffer(); b != nil {
		t.Error("the null buffer is not nil")
	}
	if b := d.Buffer(); b == nil || len(b) != 0 {
		t.Error("the empty buffer is nil")
	}
	if d.Vector(4) != 2 || d.Ustring() != "a" || d.Ustring() != "b" || d.Len() != 0 || d.Err() != nil {
		t.Error("vector")
	}
	if d.Int(); !errors.Is(d.Err(), ErrMalformed) {
		t.Error("reading past the end is no error")
	}
}

const srvr380 = `Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC
Latency min/avg/max: 0/0.6842/7
Received: 22
Sent: 21
Connections: 3
Outstanding: 0
Zxid: 0x100000005
Mode: follower
Node count: 7
`

func TestParseSrvr(t *testing.T) {
	for _, tc := range []struct {
		text string
		want ServerInfo
	}{
		{srvr380, ServerInfo{"Zookeeper", "3.8.0", "follower", 0x100000005, 7, 3, false}},
		{
			"Zookeeper version: 3.9.4-7246445ec281f3dbf53dc54e970c914f39713903, built on 2025-08-19 19:53 UTC\r\nMode: read-only\r\n",
			ServerInfo{Product: "Zookeeper", Version: "3.9.4", Mode: "read-only", ReadOnly: true},
		},
		{
			"Zookeeper version: 3.4.14-4c25d480e66aadd371de8bd2fd8da255ac140bcf, built on 03/06/2019 16:18 GMT\nZxid: 0xffffffffffffffff\nMode: standalone\n",
			ServerInfo{Product: "Zookeeper", Version: "3.4.14", Mode: "standalone", Zxid: -1},
		},
		{
			"ClickHouse Keeper version: v23.3.1.2823-testing-46e85357ce2da2a99f56ee83a079e892d7ec3726, built on 2023\nMode: leader\nNode count: x\n",
			ServerInfo{Product: "ClickHouse Keeper", Version: "23.3.1.2823", Mode: "leader"},
		},
		{
			"\x1b]0;x version: 1\nZookeeper version: 3.\x1b[2J8\nMode: \u202eredael\nMode: " + strings.Repeat("x", 1000) +
				"\nZookeeper version: 3.9.0-1, built\x1b on\nMode: \xff\nMode: follower\n",
			ServerInfo{Product: "Zookeeper", Version: "3.9.0", Mode: "follower"},
		},
	} {
		got, err := ParseSrvr(tc.text)
		if err != nil || got != tc.want {
			t.Errorf("%.40q: %+v %v, want %+v", tc.text, got, err, tc.want)
		}
	}
	for _, text := range []string{"", "imok", "<html>\nfoo: bar"} {
		if _, err := ParseSrvr(text); !errors.Is(err, ErrNotSrvr) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFourLetter(t *testing.T) {
	long := strings.Repeat("x", maxFourLetter+10)
	for answer, want := range map[string]error{
		srvr380: nil,
		"":      ErrNoAnswer,
		"srvr is not executed because it is not in the whitelist.\n":     ErrNotWhitelisted,
		"This ZooKeeper instance is not currently serving requests\n":    ErrNotServing,
		"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nno": &NotZooKeeperError{"", "HTTP"},
		long: ErrTooLong,
	} {
		client, server := net.Pipe()
		go func() {
			_, _ = io.ReadFull(server, make([]byte, 4))
			_, _ = io.WriteString(server, answer)
			server.Close()
		}()
		got, err := FourLetter(t.Context(), func(ctx context.Context) (net.Conn, error) { return client, nil }, "srvr")
		var odd *NotZooKeeperError
		switch {
		case errors.As(want, &odd):
			if !errors.As(err, &odd) || odd.Speaks != "HTTP" {
				t.Errorf("%.20q: %v", answer, err)
			}
		case !errors.Is(err, want):
			t.Errorf("%.20q: %v, want %v", answer, err, want)
		case want == nil && got != answer:
			t.Errorf("%.20q came as %.20q", answer, got)
		}
	}
}

// feedAll walks over a record cut into pieces of the given size.
func feedAll(plan []part, record []byte, size int) error {
	w := newWalker(plan, int64(len(record)))
	for len(record) > 0 {
		n := min(size, len(record))
		if err := w.feed(record[:n]); err != nil {
			return err
		}
		record = record[n:]
	}
	return w.end()
}

func TestWalkerInPieces(t *testing.T) {
	var list, acls, multi Encoder
	list.Int(3)
	acls.Int(2)
	for _, s := range []string{"", "a", strings.Repeat("long", 10)} {
		list.Ustring(s)
	}
	for range 2 {
		acls.Int(31)
		acls.Ustring("world")
		acls.Ustring("")
	}
	list.buf = append(list.buf, make([]byte, 68)...)
	acls.buf = append(acls.buf, make([]byte, 68)...)
	for _, op := range []OpCode{OpCreate, OpDelete, OpSetData, OpError, OpCheck} {
		multi.Int(int32(op))
		multi.Bool(false)
		multi.Int(0)
		switch op {
		case OpCreate:
			multi.Ustring("/a")
		case OpSetData:
			multi.buf = append(multi.buf, make([]byte, 68)...)
		case OpError:
			multi.Int(-2)
		}
	}
	multi.Int(-1)
	multi.Bool(true)
	multi.Int(-1)
	for code, record := range map[OpCode][]byte{
		OpGetChildren2: list.Bytes(), OpGetACL: acls.Bytes(), OpMulti: multi.Bytes(),
		OpGetData: append([]byte{255, 255, 255, 255}, make([]byte, 68)...),
	} {
		for size := 1; size <= len(record); size++ {
			if err := feedAll(replyPlans[code], record, size); err != nil {
				t.Fatalf("%v in pieces of %d: %v", code, size, err)
			}
		}
		for cut := range record {
			if err := feedAll(replyPlans[code], record[:cut], 7); !errors.Is(err, ErrMalformed) {
				t.Fatalf("%v cut to %d of %d: %v", code, cut, len(record), err)
			}
		}
		if err := feedAll(replyPlans[code], append(bytes.Clone(record), 1, 2, 3), 5); err != nil {
			t.Errorf("%v with more behind it: %v", code, err)
		}
	}
}

func TestStatThereAndBack(t *testing.T) {
	want := Stat{
		Czxid: 1, Mzxid: 2, Pzxid: 3, CtimeMS: 4, MtimeMS: 5, Version: 6, Cversion: 7, Aversion: -1,
		EphemeralOwner: math.MinInt64, DataLength: 9, NumChildren: 10,
	}
	var e Encoder
	e.Long(0)
	e.Reset()
	e.Stat(want)
	d := NewDecoder(e.Bytes())
	if got := d.Stat(); got != want || d.Len() != 0 || d.Err() != nil {
		t.Errorf("%+v, %d bytes left, %v", got, d.Len(), d.Err())
	}
}
