package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// askSrvr is what srvr says at an address, or why it says nothing.
func askSrvr(address string) string {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "srvr"); err != nil {
		return err.Error()
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestPrepare sees that who comes while the data goes in is answered when all of it
// is there.
func TestPrepare(t *testing.T) {
	const znodes = 1000
	came := make(chan string, 1)
	s := start(t, Options{Prepare: func(s *Server, address string) error {
		listen := s.Addr()
		go func() { came <- askSrvr(listen) }()
		if text := askSrvr(address); !strings.Contains(text, "Node count:") {
			t.Errorf("at %s it says %q", address, text)
		}
		c, err := s.Open("10.0.0.1:1", time.Minute)
		if err != nil {
			return err
		}
		for i := range znodes {
			if _, err := c.Create(fmt.Sprint("/x", i), nil, Persistent); err != nil {
				return err
			}
		}
		return c.Close()
	}})
	now := askSrvr(s.Addr())
	_, count, _ := strings.Cut(now, "Node count: ")
	if text := <-came; count == "" || !strings.Contains(text, "Node count: "+count) {
		t.Errorf("who came before was told %q, who comes now %q", text, now)
	}

	want := errors.New("no data")
	if _, err := Start(Options{Prepare: func(*Server, string) error { return want }}); !errors.Is(err, want) {
		t.Errorf("it started: %v", err)
	}
}
