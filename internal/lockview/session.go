package lockview

import (
	"context"
	"strings"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// session is a lockctl.Session on one ZooKeeper session.
type session struct{ *zkview.Single }

var _ lockctl.Session = session{}

// OpenSession opens a ZooKeeper session for locks. It returns at once, connects in the
// background, and fails for a configuration that can never work only. Close it.
//
// A path that the client cannot carry counts as denied: asking again is of no use.
func OpenSession(cfg zkview.Config) (lockctl.Session, error) {
	s, err := zkview.OpenSingle(cfg)
	if err != nil {
		return nil, err
	}
	return session{s}, nil
}

// Status is how the session stands now.
func (s session) Status() lockctl.SessionStatus {
	st := s.Single.Status()
	told := lockctl.SessionStatus{
		Since: st.Since, Why: st.Why, ID: st.SessionID, Timeout: st.Timeout, Proven: st.Proven,
		Connection: st.Generation, Server: st.Server, ReadOnly: st.ReadOnly,
	}
	switch {
	case st.Over:
		told.State = lockctl.SessionEnded
	case st.State == zkview.Connected:
		told.State = lockctl.SessionLive
	case st.State == zkview.Suspended:
		told.State = lockctl.SessionSuspended
	}
	return told
}

// Enter creates an ephemeral sequential znode and lists the directory that it is in.
func (s session) Enter(ctx context.Context, prefix string, data []byte, acl []zk.ACL) (lockctl.Entered, error) {
	in, err := s.Single.Enter(ctx, prefix, data, aclOf(acl))
	if err != nil {
		return lockctl.Entered{}, sessionError(err)
	}
	return lockctl.Entered{
		Node: in.Path[strings.LastIndexByte(in.Path, '/')+1:], Stat: statOf(in.Stat),
		Names: in.Names, Dir: statOf(in.Dir), Err: sessionError(in.Err),
	}, nil
}

// Create creates a znode.
func (s session) Create(
	ctx context.Context, path string, data []byte, acl []zk.ACL, kind lockctl.NodeKind,
) (string, lockctl.Stat, error) {
	o := zkview.CreateOptions{ACL: aclOf(acl)}
	switch kind {
	case lockctl.ContainerNode:
		o.Kind = zkview.Container
	case lockctl.EphemeralNode:
		o.Kind = zkview.Ephemeral
	case lockctl.EphemeralSequentialNode:
		o.Kind, o.Sequential = zkview.Ephemeral, true
	}
	created, stat, err := s.Single.Create(ctx, path, data, o)
	return created, statOf(stat), sessionError(err)
}

// List lists the children of a znode.
func (s session) List(ctx context.Context, path string, watch bool) ([]string, lockctl.Stat, error) {
	names, stat, err := s.Children(ctx, path, watch)
	return names, statOf(stat), sessionError(err)
}

// Get reads value and Stat of a znode.
func (s session) Get(ctx context.Context, path string, watch bool) ([]byte, lockctl.Stat, error) {
	data, stat, err := s.Single.Get(ctx, path, watch)
	return data, statOf(stat), sessionError(err)
}

// Read reads children of a directory, as the source of a board does.
func (s session) Read(ctx context.Context, dir string, names []string) ([]lockctl.ReadNode, error) {
	znodes, err := s.ReadMany(ctx, below(dir, names), valueKept)
	if err != nil {
		return nil, sessionError(err)
	}
	return readNodes(names, znodes, sessionError), nil
}

// Set writes a value.
func (s session) Set(ctx context.Context, path string, data []byte, version int32) (lockctl.Stat, error) {
	stat, err := s.Single.Set(ctx, path, data, version)
	return statOf(stat), sessionError(err)
}

// Delete deletes a znode.
func (s session) Delete(ctx context.Context, path string, version int32) error {
	return sessionError(s.Single.Delete(ctx, path, version))
}

// Sync waits for the server to catch up.
func (s session) Sync(ctx context.Context, path string) error {
	return sessionError(s.Single.Sync(ctx, path))
}

func aclOf(acl []zk.ACL) []zkview.ACL {
	if len(acl) == 0 {
		return nil
	}
	own := make([]zkview.ACL, len(acl))
	for i, a := range acl {
		own[i] = zkview.ACL{Perms: zkview.Perms(a.Perms), Scheme: a.Scheme, ID: a.ID}
	}
	return own
}
