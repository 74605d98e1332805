package ensemble

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

const debianSrvr = "Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC\n" +
	"Latency min/avg/max: 3/9.0/15\nReceived: 15\nSent: 14\nConnections: 2\nOutstanding: 0\n" +
	"Zxid: 0x100000005\nMode: leader\nNode count: 8\nProposal sizes last/min/max: 94/48/94\n"

func TestParseAnswer(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       answer
		bad        bool
	}{
		{name: "srvr of Debian", text: debianSrvr, want: answer{"3.8.0", Leader, 0x100000005, 2}},
		{name: "srvr of 3.4", text: "Zookeeper version: 3.4.14-4c25d480e66aadd371de8bd2fd8da255ac140bcf, built on 03/06/2019 16:18 GMT\nConnections: 1\nZxid: 0x0\nMode: standalone\nNode count: 4\n", want: answer{"3.4.14", Standalone, 0, 1}},
		{name: "read-only", text: "Zookeeper version: 3.9.5, built on x\nREAD-ONLY mode; serving only read-only clients\nConnections: 3\nZxid: 0x200000001\nMode: read-only\n", want: answer{"3.9.5", ReadOnly, 0x200000001, 3}},
		{name: "line ends of another system", text: "Zookeeper version: 3.8.0-1, x\r\nMode: follower\r\n", want: answer{"3.8.0", Follower, 0, 0}},
		{name: "the highest zxid", text: "Mode: leader\nZxid: 0xffffffffffffffff\n", want: answer{"", Leader, -1, 0}},
		{name: "values that make no sense", text: "Zookeeper version: \x1b[31mred\nMode: follower\nZxid: many\nConnections: -4\n", want: answer{"", Follower, 0, 0}},
		{name: "cut short", text: debianSrvr[:120], bad: true},
		{name: "a mode that there is not", text: "Mode: emperor\n", bad: true},
		{name: "somebody else", text: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", bad: true},
		{name: "garbage", text: "\x00\xff\xfe::\t\n\n:\n", bad: true},
		{name: "nothing", bad: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseAnswer(c.text)
			if c.bad != (err != nil) || c.bad && !errors.Is(err, errOther) {
				t.Fatalf("error %v, want one: %v", err, c.bad)
			}
			if !c.bad && got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// answering serves every connection with talk until the test ends.
func answering(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			talk(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func reads(conn net.Conn) { _, _ = conn.Read(make([]byte, 4)) }

func TestAsk(t *testing.T) {
	for _, c := range []struct {
		name string
		talk func(net.Conn)
		want string
		err  error
	}{
		{name: "an answer", talk: func(c net.Conn) { reads(c); _, _ = c.Write([]byte("imok")) }, want: "imok"},
		{name: "in pieces", talk: func(c net.Conn) {
			reads(c)
			for _, b := range []byte("imok") {
				_, _ = c.Write([]byte{b})
			}
		}, want: "imok"},
		{name: "no quorum", talk: func(c net.Conn) {
			reads(c)
			_, _ = c.Write([]byte("This ZooKeeper instance is not currently serving requests\n"))
		}, err: errNotServing},
		{name: "hangs up", talk: reads, err: errHungUp},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ask(t.Context(), answering(t, c.talk), "srvr")
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestAskNobody(t *testing.T) {
	nobody := Member{Client: zktest.FreePorts(t)} // a port of the kernel's choice may be somebody's at once
	if _, err := ask(t.Context(), nobody.Addr(), "srvr"); !errors.Is(err, errRefused) {
		t.Errorf("error %v, want that nothing listens", err)
	}
}

// A paused server: the kernel takes the connection, and nobody reads it.
func TestAskOneThatIsSilent(t *testing.T) {
	l, err := net.Listen("tcp", Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := ask(t.Context(), l.Addr().String(), "srvr"); !errors.Is(err, errSilent) {
		t.Errorf("error %v, want that it is silent", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, l.Addr().String(), "srvr"); errors.Is(err, errSilent) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that the caller had no time", err)
	}
}

func TestAskOneThatNeverEnds(t *testing.T) {
	addr := answering(t, func(c net.Conn) {
		chunk := []byte(strings.Repeat("x", 64<<10))
		for {
			if _, err := c.Write(chunk); err != nil {
				return
			}
		}
	})
	got, err := ask(t.Context(), addr, "srvr")
	if err == nil && len(got) > maxAnswer {
		t.Errorf("%d bytes were taken", len(got))
	}
}
