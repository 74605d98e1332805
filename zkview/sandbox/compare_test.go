package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zkdeck/internal/zktest"
	"zkdeck/zkview/sandbox"
)

// realServer starts a real server that forgets no container and that has a
// superuser.
func realServer(t *testing.T, opts ...zktest.Option) string {
	opts = append([]zktest.Option{
		zktest.TickTime(time.Second), zktest.Config("maxSessionTimeout=20000"),
		zktest.JVM("-Dzookeeper.DigestAuthenticationProvider.superDigest="+superDigest, "-Dznode.container.checkIntervalMs=100000000"),
	}, opts...)
	return zktest.Start(t, 1, opts...).Addr()
}

func sandboxServer(t *testing.T, tick time.Duration) string {
	s, err := sandbox.Start(sandbox.Options{TickTime: tick, Superuser: superDigest})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.Addr()
}

// tally counts what was compared.
type tally struct{ rounds, steps, lines, events int }

func (c *tally) add(lines []string) {
	c.steps++
	c.lines += len(lines)
	for _, l := range lines {
		if strings.Contains(l, ": event ") {
			c.events++
		}
	}
}

// TestCompare drives the same random operations of several sessions against the
// sandbox and a real server and compares all that both send. By hand it runs longer:
//
//	go test -run 'TestCompare$' -v -rapid.checks 5000 -timeout 30m ./zkview/sandbox
func TestCompare(t *testing.T) {
	t.Parallel()
	// With this tick the sandbox looks for containers to delete once a minute, and so
	// hardly ever within a round. The real one is told never to.
	const tick = 2 * time.Second
	a := &peer{name: "real", addr: realServer(t, zktest.TickTime(tick))}
	b := &peer{name: "sandbox", addr: sandboxServer(t, tick)}
	var count tally
	start := time.Now()
	rapid.Check(t, func(t *rapid.T) { round(t, a, b, steps(t), &count) })
	t.Logf("compared %d operations in %d rounds: %d replies and events, of which %d events, in %v",
		count.steps, count.rounds, count.lines, count.events, time.Since(start).Round(time.Millisecond))
}

func round(t *rapid.T, a, b *peer, steps []step, count *tally) {
	if err := equalise(a, b); err != nil {
		t.Fatalf("before a round: %v", err)
	}
	count.rounds++
	var told []string
	for _, s := range steps {
		la, lb := a.do(s), b.do(s)
		count.add(la)
		told = append(told, s.String())
		if !slices.Equal(la, lb) {
			t.Fatalf("after\n   %s\n%s says\n   %s\n%s says\n   %s", strings.Join(told, "\n   "),
				a.name, strings.Join(la, "\n   "), b.name, strings.Join(lb, "\n   "))
		}
		for _, l := range la {
			told = append(told, fmt.Sprintf("      -> %s", l))
		}
	}
}
