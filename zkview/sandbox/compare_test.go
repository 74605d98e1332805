package sandbox_test

import (
	"flag"
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

func sandboxServer(t *testing.T) string { return sandboxWithTick(t, time.Second) }

func sandboxWithTick(t *testing.T, tick time.Duration) string {
	s, err := sandbox.Start(sandbox.Options{TickTime: tick, ContainerCheck: 24 * time.Hour, Superuser: superDigest})
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
// sandbox and a real server and compares all that both send. Unless told otherwise
// they are the same in each run, so that a change is judged by itself. By hand it runs
// longer, and with others each time:
//
//	go test -run 'TestCompare$' -v -rapid.checks 5000 -rapid.seed $RANDOM -timeout 30m ./zkview/sandbox
func TestCompare(t *testing.T) {
	seed := flag.Lookup("rapid.seed")
	if was := seed.Value.String(); was == seed.DefValue {
		if err := flag.Set("rapid.seed", "380"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = flag.Set("rapid.seed", was) }()
	}
	a := &peer{name: "real", addr: realServer(t)}
	b := &peer{name: "sandbox", addr: sandboxServer(t)}
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
