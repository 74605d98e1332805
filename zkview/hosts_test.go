package zkview

import (
	"context"
	"fmt"
	"net"
	"slices"
	"testing"

	"zkdeck/internal/zktest"
)

// lap collects the addresses of one lap.
func lap(h *hosts) []string {
	var addresses []string
	for {
		h.mu.Lock()
		over := h.tried == len(h.names) && len(h.queue) == 0
		h.mu.Unlock()
		if over {
			slices.Sort(addresses)
			return addresses
		}
		a, _ := h.advance(context.Background())
		addresses = append(addresses, a)
	}
}

func TestHostsResolveEachLap(t *testing.T) {
	answers := map[string][]string{"one": {"10.0.0.1"}, "many": {"10.0.1.1", "10.0.1.2"}}
	h := newHosts([]string{"one:1", "many:2", "bad:3", "[::1]:4"}, func(_ context.Context, host string) ([]string, error) {
		if ips := answers[host]; ips != nil {
			return ips, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: host}
	})
	first := []string{"10.0.0.1:1", "10.0.1.1:2", "10.0.1.2:2", "[::1]:4", "bad:3"}
	if got := lap(h); !slices.Equal(got, first) {
		t.Errorf("first lap %q, want %q", got, first)
	}
	answers["one"] = []string{"10.9.9.9"}
	answers["bad"] = []string{"10.0.3.3"}
	if _, again := h.advance(context.Background()); !again {
		t.Error("the second lap does not tell that it is one")
	}
	h.connected()
	h.queue = nil
	second := []string{"10.0.1.1:2", "10.0.1.2:2", "10.0.3.3:3", "10.9.9.9:1", "[::1]:4"}
	if got := lap(h); !slices.Equal(got, second) {
		t.Errorf("second lap %q, want %q", got, second)
	}
	if l := h.labelOf("10.9.9.9:1"); l != "one:1" {
		t.Errorf("label %q, want the name", l)
	}
	if l := h.labelOf("10.0.1.2:2"); l != "10.0.1.2:2" {
		t.Errorf("label %q, want the address, as the name stands for two", l)
	}
	if n := h.hostOf("10.0.1.2:2"); n != "many" {
		t.Errorf("host %q, want many", n)
	}
}

func TestHostsAreShuffled(t *testing.T) {
	names := make([]string, 20)
	for i := range names {
		names[i] = fmt.Sprintf("10.0.0.%d:2181", i)
	}
	a, b := newHosts(names, nil), newHosts(names, nil)
	if slices.Equal(a.names, b.names) {
		t.Error("the same order twice")
	}
}

func TestHostsSuccessBeginsANewLap(t *testing.T) {
	h := newHosts([]string{"10.0.0.1:1", "10.0.0.2:1"}, nil)
	for i := range 6 {
		if _, again := h.advance(context.Background()); again {
			t.Fatalf("try %d waits, though the one before was a success", i)
		}
		h.connected()
	}
}

func TestBadNameDoesNotSinkTheRest(t *testing.T) {
	s := openTest(t, Config{Servers: "zkdeck-no-such-host.invalid:2181," + zktest.Shared(t)})
	if _, err := s.Stat(testCtx(t), "/"); err != nil {
		t.Fatal(err)
	}
}

func TestNameThatDoesNotResolveIsSaid(t *testing.T) {
	s := openTest(t, Config{Servers: "zkdeck-no-such-host.invalid"})
	whyHas(t, s, "zkdeck-no-such-host.invalid", "resolve")
}

func TestPin(t *testing.T) {
	ens := zktest.Shared(t)
	s := openTest(t, Config{Servers: "127.0.0.1:1,127.0.0.1:2", Pin: ens})
	connected(t, s)
	if st := s.Status(); st.Server != ens || st.Servers != 1 {
		t.Errorf("on %s of %d, want %s", st.Server, st.Servers, ens)
	}
}

func TestOpenRefusesOnlyBadConfiguration(t *testing.T) {
	for _, cfg := range []Config{
		{}, {Servers: "h1:x"}, {Servers: "h1", Pin: "a:b:c"}, {Servers: "h1", Timeout: -1}, {Servers: "h1", Auth: []Auth{{}}},
	} {
		if s, err := Open(cfg); err == nil {
			s.Close()
			t.Errorf("Open(%+v) accepts", cfg)
		}
	}
}
