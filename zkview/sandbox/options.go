package sandbox

import (
	"fmt"
	"log/slog"
	"time"
)

// Options are how a [Server] is started. The zero value of each field is a default.
type Options struct {
	// Listen is host:port. The default is "127.0.0.1:0", a free port on loopback.
	Listen string
	// TickTime is 2 s by default. Session timeouts are clamped to 2..20 of it, and
	// sessions end at multiples of it.
	TickTime time.Duration
	// ContainerCheck is how often empty containers and TTL znodes that are due are
	// deleted (znode.container.checkIntervalMs): by default once a minute, or each 30
	// ticks where that is sooner.
	ContainerCheck time.Duration
	// Version is what the server acts like, "3.8.0" by default. It takes versions
	// from 3.4 on; operations that are newer than the version are unknown.
	Version string
	// MaxFrame is the longest request in bytes, 0xfffff by default as jute.maxbuffer
	// is. A longer one ends its connection.
	MaxFrame int
	// MaxConnections is how many there may be at a time, 1000 by default. More are
	// closed as they come.
	MaxConnections int
	// MaxMemory limits what the znodes take, an estimate in bytes, 4 GiB by default.
	// Writes that would need more fail.
	MaxMemory int64
	// Superuser is "super:<digest>", whom no ACL stops
	// (zookeeper.DigestAuthenticationProvider.superDigest). Empty: nobody.
	Superuser string
	// Prepare, if not nil, is called by Start, and nobody who connects to Listen is
	// answered before it returns, so that nobody sees the data half there. Clients that
	// take part in it connect to address, which is gone then. An error ends it all.
	Prepare func(s *Server, address string) error
	// Logger is told of connections refused and ended. Nil: nobody.
	Logger *slog.Logger
	// Now is the clock of sessions and Stats; time.Now by default.
	Now func() time.Time
}

const (
	defaultTick        = 2 * time.Second
	defaultVersion     = "3.8.0"
	defaultMaxFrame    = 0xfffff
	defaultConnections = 1000
	defaultMemory      = 4 << 30
)

// withDefaults fills in what is not set, and refuses what makes no sense.
func (o Options) withDefaults() (Options, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.TickTime == 0 {
		o.TickTime = defaultTick
	}
	if o.ContainerCheck == 0 {
		// With shorter ticks than usual all else is faster, and so is this.
		o.ContainerCheck = min(30*o.TickTime, time.Minute)
	}
	if o.Version == "" {
		o.Version = defaultVersion
	}
	if o.MaxFrame == 0 {
		o.MaxFrame = defaultMaxFrame
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = defaultConnections
	}
	if o.MaxMemory == 0 {
		o.MaxMemory = defaultMemory
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case o.TickTime < time.Millisecond:
		return o, fmt.Errorf("a tick of %v is too short: at least 1ms", o.TickTime)
	case o.ContainerCheck < 0:
		return o, fmt.Errorf("containers cannot be looked at every %v", o.ContainerCheck)
	case o.MaxFrame < 0 || o.MaxFrame > 1<<30:
		return o, fmt.Errorf("requests of up to %d bytes: give a limit between 1 and 1 GiB", o.MaxFrame)
	case o.MaxConnections < 0 || o.MaxMemory < 0:
		return o, fmt.Errorf("%d connections and %d bytes: limits cannot be negative", o.MaxConnections, o.MaxMemory)
	}
	return o, nil
}
