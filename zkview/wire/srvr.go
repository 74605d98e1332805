package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ServerInfo is what a server says of itself in answer to "srvr".
type ServerInfo struct {
	// Product is what stands before "version": "Zookeeper", "ClickHouse Keeper".
	Product string
	// Version is "3.8.0", without a revision or date of build.
	Version string
	// Mode is "leader", "follower", "observer", "standalone" or "read-only".
	Mode                   string
	Zxid                   int64
	NodeCount, Connections int64
	// ReadOnly: the server has no quorum and serves reads only.
	ReadOnly bool
}

// ErrNotSrvr is a text that is no answer to "srvr".
var ErrNotSrvr = errors.New("not an answer to srvr")

// ParseSrvr reads the answer to "srvr" (or "stat"). Lines that it does not know,
// or whose values make no sense, are passed over: they differ between versions,
// and Debian's build prints "3.8.0-${mvngit.commit.id}". What it returns is short
// and of printable ASCII. Without a version and a mode the text is refused with
// [ErrNotSrvr].
func ParseSrvr(text string) (ServerInfo, error) {
	var s ServerInfo
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		if !isWord(key) || !isWord(value[:cutAt(value, ",")]) {
			continue
		}
		switch strings.ToLower(key) {
		case "mode":
			s.Mode = value
			s.ReadOnly = value == "read-only"
		case "zxid":
			s.Zxid = number(value)
		case "node count":
			s.NodeCount = number(value)
		case "connections":
			s.Connections = number(value)
		default:
			if product, ok := strings.CutSuffix(key, " version"); ok && s.Version == "" {
				s.Product = product
				s.Version = strings.TrimPrefix(value[:cutAt(value, "-, ")], "v")
			}
		}
	}
	if s.Version == "" && s.Mode == "" {
		return s, fmt.Errorf("%w: %.60q", ErrNotSrvr, text)
	}
	return s, nil
}

// isWord tells what a server may say of itself from what somebody wants on a
// terminal.
func isWord(s string) bool {
	const longest = 100
	return len(s) <= longest && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// cutAt is the place of the first of the characters in s, or its end.
func cutAt(s, chars string) int {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return i
	}
	return len(s)
}

// number reads a decimal or 0x number, zero if it is none.
func number(s string) int64 {
	if n, err := strconv.ParseInt(s, 0, 64); err == nil {
		return n
	}
	n, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return 0
	}
	return int64(n)
}
