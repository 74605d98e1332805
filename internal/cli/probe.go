package cli

import (
	"context"
	"errors"
	"net"
	"time"

	"zkdeck/zkview/wire"
)

// silenceTime is how long a port may stay silent before nothing answers there. A
// person waits for it with an empty screen. A variable for tests, on busy machines.
var silenceTime = 250 * time.Millisecond

// silent is empty if a ZooKeeper answers at address, whatever it says, or a sentence
// about why none does. A refused connection is told at once, and in any case it takes
// no longer than silenceTime.
func silent(ctx context.Context, address string) string {
	ctx, cancel := context.WithTimeout(ctx, silenceTime)
	defer cancel()
	_, err := wire.FourLetter(ctx, func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}, "srvr")
	var other *wire.NotZooKeeperError
	switch {
	case err == nil, errors.Is(err, wire.ErrNotWhitelisted), errors.Is(err, wire.ErrNotServing), errors.Is(err, wire.ErrTooLong):
		return ""
	case errors.As(err, &other) && other.Speaks == "TLS":
		return "What answers at " + address + " speaks TLS; zkdeck --tls connects to it."
	case errors.As(err, &other):
		return "What answers at " + address + " speaks " + other.Speaks + ", which is not ZooKeeper's protocol."
	}
	return "Nothing answers at " + address + "."
}
