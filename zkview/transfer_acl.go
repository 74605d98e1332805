package zkview

import (
	"context"
	"errors"

	"zkdeck/zkview/wire"

	"golang.org/x/sync/errgroup"
)

// aclGroup is how many ACLs are asked for in one slot: no frame holds more than one
// question for an ACL, but many frames go into one packet.
const aclGroup = 32

// aclAnswer is the ACL of a znode, or an error about this path alone.
type aclAnswer struct {
	acl []ACL
	err error
}

// readACLs reads the ACLs of many znodes by requests of our own, which spares the
// reflection of the library. The answers stand in the order of paths; the error is
// that of the connection.
func (s *Session) readACLs(ctx context.Context, paths []string) ([]aclAnswer, error) {
	answers := make([]aclAnswer, len(paths))
	groups := (len(paths) + aclGroup - 1) / aclGroup
	err := inParallel(ctx, groups, func(ctx context.Context, g int) error {
		lo, hi := g*aclGroup, min((g+1)*aclGroup, len(paths))
		_, err := read(ctx, s, "getACL", paths[lo], func(l *link) (struct{}, error) {
			s.mu.Lock()
			conn := l.wire
			s.mu.Unlock()
			if conn == nil {
				return struct{}{}, errNoConn
			}
			var calls errgroup.Group
			for i := lo; i < hi; i++ {
				calls.Go(func() (err error) {
					answers[i], err = s.readACL(ctx, conn, paths[i])
					return err
				})
			}
			return struct{}{}, calls.Wait()
		})
		return err
	})
	return answers, err
}

// readACL asks for one ACL on a connection.
func (s *Session) readACL(ctx context.Context, conn *wire.Conn, path string) (a aclAnswer, err error) {
	var e wire.Encoder
	e.Ustring(s.servers.abs(path))
	body, _, err := conn.Call(ctx, wire.OpGetACL, e.Bytes())
	if errors.Is(err, wire.NoNode) || errors.Is(err, wire.NoAuth) {
		a.err = &OpError{"getACL", path, reason(err)}
		return a, nil
	}
	if err != nil {
		return a, err
	}
	d := wire.NewDecoder(body)
	a.acl = make([]ACL, d.Vector(12))
	for i := range a.acl {
		a.acl[i] = ACL{Perms(d.Int()), d.Ustring(), d.Ustring()}
	}
	return a, d.Err()
}
