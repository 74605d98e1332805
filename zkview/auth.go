package zkview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"zkdeck/zkview/wire"
)

// errNoConn is a connection that went between the gate and the request.
var errNoConn = fmt.Errorf("%w: the connection was lost", ErrNotSent)

// AddAuth presents an identity, as zkCli's addauth, and keeps it for every later
// connection of the session. Its error matches [ErrAuthFailed] if the server
// rejected it; the server then closes the connection, and the identity is not
// kept. The secret is never logged.
func (s *Session) AddAuth(ctx context.Context, scheme string, secret []byte) error {
	const op = "auth"
	a := Auth{scheme, bytes.Clone(secret)}
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	var after uint64
	for try := 1; ; try++ {
		_, t, err := once(ctx, s, after, anyEpoch, func(l *link) (struct{}, error) {
			s.mu.Lock()
			conn := l.wire
			s.mu.Unlock()
			if conn == nil {
				return struct{}{}, errNoConn
			}
			return struct{}{}, presentOne(ctx, conn, a)
		})
		switch {
		case err == nil:
			s.mu.Lock()
			s.auth = append(s.auth, a)
			s.mu.Unlock()
			return nil
		case t.link == nil || !lost(err) || ctx.Err() != nil || try == readTries:
			return &OpError{op, scheme, err}
		}
		after = t.generation // to present it twice does no harm
	}
}

// presentAll presents identities on a new connection. One that the server rejects
// is given up, or the session would never get past it; [Status].Auth tells.
func (s *Session) presentAll(conn *wire.Conn, auth []Auth) error {
	for _, a := range auth {
		ctx, cancel := context.WithTimeout(s.ctx, s.tune.authTimeout)
		err := presentOne(ctx, conn, a)
		cancel()
		if err == nil {
			continue
		}
		if errors.Is(err, wire.AuthFailed) {
			s.giveUp(a)
		}
		return fmt.Errorf("presenting the %s identity: %w", a.Scheme, reason(err))
	}
	return nil
}

func (s *Session) giveUp(a Auth) {
	s.log.Warn("the server rejected an identity; going on without", "scheme", a.Scheme)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.auth = slices.DeleteFunc(s.auth, func(b Auth) bool {
		return b.Scheme == a.Scheme && bytes.Equal(b.Secret, a.Secret)
	})
	s.status.Auth = "the server rejected the " + a.Scheme + " identity"
	signal(s.changed)
}

// presentOne sends an AuthPacket (type 0, scheme, secret) past the library.
func presentOne(ctx context.Context, conn *wire.Conn, a Auth) error {
	var e wire.Encoder
	e.Int(0)
	e.Ustring(a.Scheme)
	e.Buffer(a.Secret)
	_, _, err := conn.Call(ctx, wire.OpAuth, e.Bytes())
	return err
}
