package sandbox_test

import (
	"context"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"

	"zkdeck/zkview/wire"
)

// TestCompareFourLetterWords holds the shape of the answers to the real server's: the
// same lines with the same keys; numbers, times and paths are the server's own.
func TestCompareFourLetterWords(t *testing.T) {
	t.Parallel()
	theirs, ours := realServer(t), sandboxServer(t)
	words := []string{"ruok", "srvr", "stat", "mntr", "cons", "dump", "wchs", "wchc", "wchp", "conf", "envi", "isro", "dirs", "srst", "crst"}
	for _, addr := range []string{theirs, ours} {
		settle(t, addr)
	}
	for _, word := range words {
		a, b := shape(t, theirs, word), shape(t, ours, word)
		if word == "mntr" || word == "envi" { // the real one has hundreds about a JVM and a quorum
			a = onlyIn(a, b)
		}
		if a != b {
			t.Errorf("%s:\n%s", word, udiff.Unified("real", "sandbox", a, b))
		}
	}
}

// onlyIn are those lines of a that are in b too.
func onlyIn(a, b string) string {
	known := strings.SplitAfter(b, "\n")
	return strings.Join(slices.DeleteFunc(strings.SplitAfter(a, "\n"), func(l string) bool { return !slices.Contains(known, l) }), "")
}

// settle opens a session that has an ephemeral and watches.
func settle(t *testing.T, addr string) {
	t.Helper()
	c, err := openRaw(addr, handshake{timeout: 20_000, password: make([]byte, 16)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	as := func(s string) string { return s }
	for _, s := range []step{
		{op: wire.OpCreate, path: "/e", acl: openACL, flags: 1},
		{op: wire.OpGetData, path: "/e", watch: true},
		{op: wire.OpExists, path: "/f", watch: true},
		{op: wire.OpGetChildren, path: "/", watch: true},
		{op: wire.OpAddWatch, path: "/e", kind: 1},
	} {
		if _, err := c.ask(s.op, s.encode(as, 0), false); err != nil {
			t.Fatal(err)
		}
	}
}

var (
	hexNumber  = regexp.MustCompile(`0x[0-9a-f]+`)
	javaTime   = regexp.MustCompile(`[A-Z][a-z]{2} [A-Z][a-z]{2} \d+ [\d:]+ [A-Z]+ \d+`)
	number     = regexp.MustCompile(`-?\d+(\.\d+)?(E-?\d+)?`)
	keyAndRest = regexp.MustCompile(`^([A-Za-z_.]+)([=\t]).*`)
)

func shape(t *testing.T, addr, word string) string {
	t.Helper()
	text, err := wire.FourLetter(t.Context(), func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}, word)
	if err != nil {
		t.Errorf("%s: %v", word, err)
	}
	var lines []string
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "Zookeeper version:"):
			line = "Zookeeper version: V\n"
		case keyAndRest.MatchString(line) && word != "dirs":
			line = keyAndRest.ReplaceAllString(line, "${1}${2}")
		}
		line = hexNumber.ReplaceAllString(line, "X")
		line = javaTime.ReplaceAllString(line, "TIME")
		lines = append(lines, number.ReplaceAllString(line, "N"))
	}
	switch word {
	case "dump":
		lines = slices.Compact(lines) // ticks from which the sessions have moved on
	case "stat", "cons", "wchc", "wchp", "mntr": // the order of a hash table
		slices.Sort(lines)
		lines = slices.Compact(lines) // who asked before may be listed still
	}
	return strings.Join(lines, "")
}
