package zkview

import (
	"context"

	"github.com/go-zookeeper/zk"
)

// The reads share these rules: they wait for a connection and are sent again when
// one is lost, until ctx ends (after 10 s if it has no deadline); they leave no
// watch; their errors are *OpError.

// withStat pairs an answer with its Stat.
type withStat[T any] struct {
	value T
	stat  Stat
}

// Get reads data and Stat of a znode. The caller owns the data.
func (s *Session) Get(ctx context.Context, path string) ([]byte, Stat, error) {
	r, err := read(ctx, s, "getData", path, s.getting(path))
	return r.value, r.stat, err
}

func (s *Session) getting(path string) func(*link) (withStat[[]byte], error) {
	return func(l *link) (withStat[[]byte], error) {
		data, stat, err := l.conn.Get(s.servers.abs(path))
		return withStat[[]byte]{data, statOf(stat)}, err
	}
}

// Stat reads the Stat of a znode; its error matches [ErrNoNode] when there is
// none.
func (s *Session) Stat(ctx context.Context, path string) (Stat, error) {
	return read(ctx, s, "exists", path, s.statting(path))
}

func (s *Session) statting(path string) func(*link) (Stat, error) {
	return func(l *link) (Stat, error) {
		exists, stat, err := l.conn.Exists(s.servers.abs(path))
		if err == nil && !exists {
			err = zk.ErrNoNode
		}
		return statOf(stat), err
	}
}

// Children lists the names of the children of a znode, in no order.
func (s *Session) Children(ctx context.Context, path string) ([]string, Stat, error) {
	r, err := read(ctx, s, "getChildren", path, s.listing(path))
	return r.value, r.stat, err
}

func (s *Session) listing(path string) func(*link) (withStat[[]string], error) {
	return func(l *link) (withStat[[]string], error) {
		names, stat, err := l.conn.Children(s.servers.abs(path))
		return withStat[[]string]{names, statOf(stat)}, err
	}
}

// ACL reads the access control list of a znode. A server masks digests from
// those who lack the admin permission.
func (s *Session) ACL(ctx context.Context, path string) ([]ACL, Stat, error) {
	r, err := read(ctx, s, "getACL", path, func(l *link) (withStat[[]ACL], error) {
		acl, stat, err := l.conn.GetACL(s.servers.abs(path))
		return withStat[[]ACL]{aclFrom(acl), statOf(stat)}, err
	})
	return r.value, r.stat, err
}

// Sync makes the server that we are on catch up with the leader, so that what is
// read next is not older than this moment.
func (s *Session) Sync(ctx context.Context, path string) error {
	_, err := read(ctx, s, "sync", path, func(l *link) (string, error) {
		return l.conn.Sync(s.servers.abs(path))
	})
	return err
}

// statOf takes over the library's Stat, which it returns empty with an error.
func statOf(st *zk.Stat) Stat {
	if st == nil {
		return Stat{}
	}
	return Stat{
		Czxid: st.Czxid, Mzxid: st.Mzxid, Pzxid: st.Pzxid,
		CtimeMS: st.Ctime, MtimeMS: st.Mtime,
		Version: st.Version, Cversion: st.Cversion, Aversion: st.Aversion,
		EphemeralOwner: st.EphemeralOwner,
		DataLength:     st.DataLength, NumChildren: st.NumChildren,
	}
}

func aclFrom(list []zk.ACL) []ACL {
	acl := make([]ACL, len(list))
	for i, a := range list {
		acl[i] = ACL{Perms(a.Perms), a.Scheme, a.ID}
	}
	return acl
}

func aclTo(list []ACL) []zk.ACL {
	acl := make([]zk.ACL, len(list))
	for i, a := range list {
		acl[i] = zk.ACL{Perms: int32(a.Perms), Scheme: a.Scheme, ID: a.ID}
	}
	return acl
}
