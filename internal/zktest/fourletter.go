package zktest

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// probeTimeout bounds one question to a server: a stopped one takes connections
// and never answers.
const probeTimeout = time.Second

// Ask sends a four-letter word, such as "wchp" or "dump", to the server at addr and
// returns the whole answer. It fails the test if there is none.
func Ask(tb TB, addr, word string) string {
	tb.Helper()
	var answer string
	err := poll("waiting for the answer to "+word, func() (bool, error) {
		var err error
		answer, err = ask(addr, word)
		return err == nil, nil
	})
	if err != nil {
		tb.Fatalf("zktest: %v", err)
	}
	return answer
}

// ask sends a four-letter word and returns the whole answer.
func ask(addr, word string) (string, error) {
	conn, err := net.DialTimeout("tcp", addr, probeTimeout)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(probeTimeout)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, word); err != nil {
		return "", fmt.Errorf("asking %s for %s: %w", addr, word, err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return "", fmt.Errorf("asking %s for %s: %w", addr, word, err)
	}
	return string(answer), nil
}

// Mode is what srvr calls the role of the server at addr: leader, follower,
// observer, standalone or read-only; "" while it does not serve.
func Mode(addr string) string {
	m, _ := mode(addr)
	return m
}

// mode is [Mode], and why there is no answer.
func mode(addr string) (string, error) {
	answer, err := ask(addr, "srvr")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(answer) {
		if m, ok := strings.CutPrefix(line, "Mode: "); ok {
			return strings.TrimSpace(m), nil
		}
	}
	return "", nil
}
