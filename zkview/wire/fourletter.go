package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// The ways in which a server refuses a four letter word.
var (
	// ErrNotWhitelisted: 4lw.commands.whitelist does not name the word.
	ErrNotWhitelisted = errors.New("the server does not allow this command (4lw.commands.whitelist)")
	// ErrNotServing: the server has no quorum and can tell nothing.
	ErrNotServing = errors.New("the server is not currently serving requests")
	// ErrTooLong: the answer was cut at 16 MiB.
	ErrTooLong = errors.New("the answer is too long")
)

const maxFourLetter = 16 << 20

// FourLetter asks a server one of its four letter words ("srvr", "mntr", "wchs")
// on a connection of its own, which dial makes, and returns the text as it came:
// untrusted, not stripped of anything. It blocks until the server has closed the
// connection or ctx ends. The errors are [ErrNotWhitelisted], [ErrNotServing],
// [ErrTooLong] (with what came), [ErrNoAnswer] or a [NotZooKeeperError], or of the
// network.
func FourLetter(ctx context.Context, dial func(ctx context.Context) (net.Conn, error), word string) (string, error) {
	if len(word) != 4 {
		return "", fmt.Errorf("%q is not a four letter word", word)
	}
	conn, err := dial(ctx)
	if err != nil {
		return "", fmt.Errorf("%s: %w", word, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	text, err := ask(conn, word)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return text, fmt.Errorf("%s: %w", word, err)
	}
	return text, nil
}

// ask sends the word and reads the answer.
func ask(conn net.Conn, word string) (string, error) {
	address := conn.RemoteAddr().String()
	if _, err := conn.Write([]byte(word)); err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(conn, maxFourLetter+1))
	if len(b) == 0 && (err == nil || isHangUp(err)) {
		return "", fmt.Errorf("%s %w", address, ErrNoAnswer)
	}
	if err != nil && !isHangUp(err) { // a reset after the answer is as good as an end
		return "", err
	}
	if speaks := sniff(b); speaks != speaksOther {
		return "", &NotZooKeeperError{Address: address, Speaks: speaks}
	}
	text := string(b)
	head := text[:min(len(text), 200)]
	switch {
	case len(b) > maxFourLetter:
		return text[:maxFourLetter], ErrTooLong
	case strings.Contains(head, "not in the whitelist"), strings.Contains(head, "not executed because it is not in"):
		return "", ErrNotWhitelisted
	case strings.Contains(head, "not currently serving requests"):
		return "", ErrNotServing
	}
	return text, nil
}
