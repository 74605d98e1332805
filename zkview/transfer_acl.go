package zkview

import (
	"context"

	"zkdeck/zkview/wire"
)

// fullACL is [Session.ACL] by a request of our own, which spares
// the reflection of the library: the ACLs of a subtree cannot be asked for in one frame.
func (s *Session) fullACL(ctx context.Context, path string) ([]ACL, error) {
	return read(ctx, s, "getACL", path, func(l *link) ([]ACL, error) {
		s.mu.Lock()
		conn := l.wire
		s.mu.Unlock()
		if conn == nil {
			return nil, errNoConn
		}
		var e wire.Encoder
		e.Ustring(s.servers.abs(path))
		body, _, err := conn.Call(ctx, wire.OpGetACL, e.Bytes())
		if err != nil {
			return nil, err
		}
		d := wire.NewDecoder(body)
		acl := make([]ACL, d.Vector(12))
		for i := range acl {
			acl[i] = ACL{Perms(d.Int()), d.Ustring(), d.Ustring()}
		}
		return acl, d.Err()
	})
}
