package zkview

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"zkdeck/internal/zktest"
)

// TestDial: the connection that Config.Dial makes is the one that a session runs over,
// and what it fails with is told.
func TestDial(t *testing.T) {
	var dialled []net.Conn
	one := openOne(t, Config{Servers: zktest.Shared(t), Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		dialled = append(dialled, c) // no two at once
		return c, err
	}})
	if _, _, err := one.Children(t.Context(), "/", false); err != nil {
		t.Fatal(err)
	}
	if len(dialled) != 1 || dialled[0].RemoteAddr().String() != one.Status().Server {
		t.Fatalf("%d connections were dialled, the session is on %s", len(dialled), one.Status().Server)
	}

	refusing := openOne(t, Config{Servers: zktest.Shared(t), Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("the cable is out")
	}})
	eventually(t, "the refusal is told", func() bool { return strings.Contains(refusing.Status().Why, "the cable is out") })
}
