package ensemble

import (
	"errors"
	"fmt"
	"net"
	"testing"

	"zkdeck/internal/zktest"
)

// listen has something listen on a port until the test is over.
func listen(t *testing.T, addr string) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
}

func TestPortsAreFound(t *testing.T) {
	s := newStore(t)
	taken := make(map[int]bool)
	for n := range 3 {
		p, err := s.Plan(t.Context(), Wish{Servers: 9, Observers: 9, Admin: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, port := range allPorts(p.Members) {
			if taken[port] || port >= ephemeralStart() {
				t.Errorf("plan %d has the port %d", n, port)
			}
			taken[port] = true
		}
		create(t, s, p) // is never started, and keeps its ports all the same
	}
}

func TestPortsFromABase(t *testing.T) {
	s := newStore(t)
	base := zktest.FreePorts(t)
	p := plan(t, s, Wish{Servers: 2, Observers: 1, Admin: true, BasePort: base})
	want := []Member{
		{ID: 1, Client: base, Quorum: base + 1, Election: base + 2, Admin: base + 9},
		{ID: 2, Client: base + 3, Quorum: base + 4, Election: base + 5, Admin: base + 10},
		{ID: 3, Observer: true, Client: base + 6, Quorum: base + 7, Election: base + 8, Admin: base + 11},
	}
	for i, m := range p.Members {
		if m != want[i] {
			t.Errorf("%+v, not %+v", m, want[i])
		}
	}
	listen(t, fmt.Sprintf("127.0.0.1:%d", base+5))
	var bad *WishError
	if _, err := s.Plan(t.Context(), Wish{Servers: 2, BasePort: base}); !errors.As(err, &bad) || bad.Field != "BasePort" {
		t.Errorf("a port in use: %v", err)
	}
}

func TestPortInUse(t *testing.T) {
	base := zktest.FreePorts(t)
	if inUse(t.Context(), base) {
		t.Error("a free port is in use")
	}
	listen(t, fmt.Sprintf(":%d", base))
	listen(t, fmt.Sprintf("127.0.0.1:%d", base+1))
	for _, port := range []int{base, base + 1} {
		if !inUse(t.Context(), port) {
			t.Errorf("nobody listens on %d", port)
		}
	}
}
