package zkview

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// CensusOptions say what a census asks.
type CensusOptions struct {
	// Watches asks for what is watched too, which costs the servers most: they hold
	// back changes of watches while they print them.
	Watches bool
	// AdminPort is where a server's AdminServer is looked for if its four letter words
	// are refused; 0 is 8080, where it listens by default.
	AdminPort int
}

// Census is what the servers of a cluster said of who is connected to them.
type Census struct {
	At time.Time
	// Zxid is the highest that the session had seen before the servers were asked.
	Zxid    int64
	Servers []ServerAnswer
	// Unasked are sentences on servers that could not be asked, because nothing says
	// on which port they serve clients, or because the session is pinned. Safe to print.
	Unasked []string
}

// ServerAnswer is what one server said.
type ServerAnswer struct {
	Address string // host:port, as a person knows it; safe to print
	// Mode, Version and Zxid are from srvr, as in [Status]; empty if it was not answered.
	Mode, Version string
	Zxid          int64
	// Connections are the clients with a session that are connected to this server,
	// by session. Nil: not known.
	Connections map[int64]Connection
	// Sessions are those that this server knows: a leader and a standalone server all
	// of them, others those of which they have heard. Nil: not known.
	Sessions map[int64]bool
	// Watches are the sessions that watch the data of a path, among this server's
	// clients; the paths are the session's, what is outside of its chroot is left out.
	// Nil: not known.
	Watches map[string][]int64
	// Errs are the words that it did not answer, or not in full.
	Errs []*CensusError
}

// Connection is a client's.
type Connection struct {
	Address string // host:port, safe to print
	// Since is when it was established, by the server's clock; zero if it did not say.
	Since time.Time
}

// answered reports whether a word was answered in full.
func (a *ServerAnswer) answered(word string) bool {
	return !slices.ContainsFunc(a.Errs, func(e *CensusError) bool { return e.Word == word })
}

// Census asks every server at once for srvr, cons, dump and, if wanted, wchp: those
// of the connect string, and those that /zookeeper/config names, if it can be read.
// With a pin, only those that the configuration names are asked. A word that a
// server's whitelist refuses is asked of its AdminServer.
//
// It waits for a connection, then for the slowest server: one that says nothing is
// given up after 3 s, one that does not end after 15 s. What a server did not answer
// stands in its Errs; the error of the call is ctx's, or [ErrClosed].
func (s *Session) Census(ctx context.Context, o CensusOptions) (Census, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()

	config, err := s.ensembleConfig(ctx)
	if err != nil {
		return Census{}, s.censusError(err)
	}
	c := Census{At: time.Now(), Zxid: s.lastZxid()}
	servers, unasked := s.censusServers(ctx, config)
	c.Unasked = unasked
	c.Servers = make([]ServerAnswer, len(servers))
	var all sync.WaitGroup
	for i, to := range servers {
		all.Go(func() { c.Servers[i] = s.askServer(ctx, to, o) })
	}
	all.Wait()
	if ctx.Err() != nil {
		return Census{}, s.censusError(context.Cause(ctx))
	}
	return c, nil
}

// censusError is why a census ended early.
func (s *Session) censusError(err error) error {
	if s.ctx.Err() != nil {
		err = ErrClosed
	}
	return &OpError{"census", "/", err}
}

// ensembleConfig reads /zookeeper/config, which is on every server from 3.5 on, not
// below a chroot, and readable by all unless somebody has changed that. Where it
// cannot be read it is empty.
func (s *Session) ensembleConfig(ctx context.Context) (string, error) {
	for {
		if err := s.Ready(ctx); err != nil {
			return "", err
		}
		const path = "/zookeeper/config"
		text, err := read(Background(ctx), s, "getData", path, func(l *link) (string, error) {
			data, _, err := l.conn.Get(path)
			return string(data), err
		})
		switch {
		case err == nil:
			return text, nil
		case ctx.Err() != nil:
			return "", context.Cause(ctx)
		case errors.Is(err, ErrClosed):
			return "", err
		case errors.Is(err, ErrNotSent), errors.Is(err, ErrUnknownOutcome), errors.Is(err, context.DeadlineExceeded):
			continue // no connection
		}
		s.log.Info("census: the configuration of the ensemble cannot be read", "err", err)
		return "", nil
	}
}
