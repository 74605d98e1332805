package tui

import (
	"fmt"
	"sync"
	"time"

	"zkdeck/internal/lockview"
	"zkdeck/lockctl"
	"zkdeck/lockctl/lab"
	"zkdeck/zkview"
	"zkdeck/zkview/sandbox"
)

const (
	// labTimeout is the session timeout of workers: that of a crash that one waits for.
	labTimeout = 6 * time.Second
	// labTick is the tick of the sandbox: a session ends within one of its timeout.
	labTick = time.Second
)

// labPlace is where runs are.
type labPlace struct {
	name string // safe
	// open opens a session of a worker, over connections that dial makes.
	open func(dial lab.Dial) (lockctl.Session, error)
}

// labCluster is the cluster of a session.
func labCluster(s *zkview.Session, name string) labPlace {
	return labPlace{name, func(dial lab.Dial) (lockctl.Session, error) {
		cfg := s.Config()
		cfg.Timeout, cfg.Dial = labTimeout, dial
		return lockview.OpenSession(cfg)
	}}
}

// labBox is the sandbox of the lab, which is there from when it is first asked for. It
// may be used by many at once.
type labBox struct {
	mu     sync.Mutex
	server *sandbox.Server
	ended  bool
}

// place is the sandbox, which it starts if that is due. It blocks for that.
func (b *labBox) place() (*labPlace, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server == nil && !b.ended {
		s, err := sandbox.Start(sandbox.Options{TickTime: labTick})
		if err != nil {
			return nil, fmt.Errorf("start a sandbox for the lab: %w", err)
		}
		b.server = s
	}
	if b.server == nil {
		return nil, lockctl.ErrEnded
	}
	cfg := zkview.Config{Servers: b.server.Addr(), Timeout: labTimeout}
	return &labPlace{"a sandbox of its own", func(dial lab.Dial) (lockctl.Session, error) {
		cfg := cfg
		cfg.Dial = dial
		return lockview.OpenSession(cfg)
	}}, nil
}

// close ends the sandbox.
func (b *labBox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	if b.server != nil {
		_ = b.server.Close() // nothing in it was to be kept
		b.server = nil
	}
}
