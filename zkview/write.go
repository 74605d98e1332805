package zkview

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"
)

// maxFrame is the longest request that a server takes by default (jute.maxbuffer,
// 0xfffff); it closes the connection over a longer one, with every other request
// that is under way.
const maxFrame = 0xfffff

// CreateOptions say what kind of znode to create.
type CreateOptions struct {
	// Kind is how long it lives; TTL only with the kind TTL, which a server must
	// have enabled (zookeeper.extendedTypesEnabled).
	Kind Kind
	TTL  time.Duration
	// Sequential appends ten digits, the parent's cversion.
	Sequential bool
	// ACL is who may do what; everyone everything if empty.
	ACL []ACL
}

// PathVersion names a znode in a certain state; Version -1 is any.
type PathVersion struct {
	Path    string
	Version int32
}

// The writes share these rules: they wait for a connection while ctx lives (10 s
// if it has no deadline), but run only in the session that was there when they
// were called; what may have been sent is never blindly sent again. Where a
// version guards the write and the answer was lost, the znode is read again to
// find out. Their errors are *OpError, matching [ErrNotSent] when certainly
// nothing was done and [ErrUnknownOutcome] when nobody knows.

// Create creates a znode and returns its path, which for a sequential one ends in
// the number given by the server. For a sequential znode, path may end with "/".
func (s *Session) Create(ctx context.Context, path string, data []byte, o CreateOptions) (string, error) {
	const op = "create"
	flags, err := createFlags(o)
	if err == nil {
		err = checkCreate(path, o.Sequential)
	}
	if err != nil {
		return "", &OpError{op, path, err}
	}
	acl := o.ACL
	if len(acl) == 0 {
		acl = OpenACL()
	}
	w := writing{op: op, path: path, size: len(path) + len(data) + aclSize(acl) + 40}
	created, err := write(ctx, s, w, func(l *link) (string, error) {
		abs := s.servers.abs(path)
		if path == "/" && o.Sequential {
			abs = s.servers.Chroot + "/" // a child of it, not its brother
		}
		switch {
		case o.Kind == Container:
			return l.conn.CreateContainer(abs, data, flags, aclTo(acl))
		case o.Kind == TTL:
			return l.conn.CreateTTL(abs, data, flags, aclTo(acl), o.TTL)
		default:
			return l.conn.Create(abs, data, flags, aclTo(acl))
		}
	}, nil)
	if err != nil {
		return "", err
	}
	return s.servers.rel(created), nil
}

// createFlags are the library's flags for the options, or why there are none.
func createFlags(o CreateOptions) (int32, error) {
	if o.Kind != TTL && o.TTL != 0 {
		return 0, fmt.Errorf("%w: a time to live is for TTL znodes only", ErrBadArguments)
	}
	switch o.Kind {
	case Ephemeral:
		if o.Sequential {
			return zk.FlagEphemeralSequential, nil
		}
		return zk.FlagEphemeral, nil
	case Container:
		if o.Sequential {
			return 0, fmt.Errorf("%w: a container cannot be sequential", ErrBadArguments)
		}
		return zk.FlagContainer, nil
	case TTL:
		if o.TTL < time.Millisecond || o.TTL.Milliseconds() > ttlValueMask {
			return 0, fmt.Errorf("%w: a time to live is between 1 ms and %d ms", ErrBadArguments, int64(ttlValueMask))
		}
		if o.Sequential {
			return zk.FlagPersistentSequentialWithTTL, nil
		}
		return zk.FlagTTL, nil
	default:
		if o.Sequential {
			return zk.FlagSequence, nil
		}
		return zk.FlagPersistent, nil
	}
}

// checkCreate checks a path to create; the server completes that of a sequential
// znode, whose own name may so be empty.
func checkCreate(path string, sequential bool) error {
	full := path
	if sequential {
		full += "0"
	}
	if err := CheckPath(full); err != nil {
		return err
	}
	if full == "/" {
		return nil // exists: let the server say so
	}
	return CheckName(full[strings.LastIndexByte(full, '/')+1:])
}

// aclSize is the length of an ACL on the wire.
func aclSize(acl []ACL) int {
	n := 4
	for _, a := range acl {
		n += 12 + len(a.Scheme) + len(a.ID)
	}
	return n
}

// Set replaces the data of a znode whose version is the given one (-1: any), and
// returns its new Stat.
func (s *Session) Set(ctx context.Context, path string, data []byte, version int32) (Stat, error) {
	w := writing{op: "setData", path: path, size: len(path) + len(data) + 20}
	return write(ctx, s, w, func(l *link) (Stat, error) {
		stat, err := l.conn.Set(s.servers.abs(path), data, version)
		return statOf(stat), err
	}, settleSet(s, path, data, version))
}

// Delete deletes a znode whose version is the given one (-1: any) and that has no
// children.
func (s *Session) Delete(ctx context.Context, path string, version int32) error {
	w := writing{op: "delete", path: path, size: len(path) + 16}
	_, err := write(ctx, s, w, func(l *link) (struct{}, error) {
		return struct{}{}, l.conn.Delete(s.servers.abs(path), version)
	}, settleDelete(s, PathVersion{path, version}))
	return err
}

// SetACL replaces the access control list of a znode whose ACL version is the
// given one (-1: any), and returns its new Stat.
func (s *Session) SetACL(ctx context.Context, path string, acl []ACL, aversion int32) (Stat, error) {
	w := writing{op: "setACL", path: path, size: len(path) + aclSize(acl) + 20}
	return write(ctx, s, w, func(l *link) (Stat, error) {
		stat, err := l.conn.SetACL(s.servers.abs(path), aclTo(acl), aversion)
		return statOf(stat), err
	}, settleSetACL(s, path, acl, aversion))
}

// DeleteMany deletes all the znodes in one transaction, in the given order, or
// none: children come before their parents. The path of the error is that of the
// znode which prevented it.
func (s *Session) DeleteMany(ctx context.Context, nodes []PathVersion) error {
	const op = "multi"
	if len(nodes) == 0 {
		return nil
	}
	size := 20
	ops := make([]any, len(nodes))
	for i, n := range nodes {
		if err := CheckPath(n.Path); err != nil {
			return &OpError{op, n.Path, err}
		}
		size += len(s.servers.abs(n.Path)) + 17
		ops[i] = &zk.DeleteRequest{Path: s.servers.abs(n.Path), Version: n.Version}
	}
	culprit := nodes[0].Path
	w := writing{op: op, path: culprit, size: size}
	failed, err := write(ctx, s, w, func(l *link) (int, error) {
		results, err := l.conn.Multi(ops...)
		for i, r := range results {
			if r.Error != nil {
				return i, r.Error
			}
		}
		return 0, err
	}, settleDeleteMany(s, nodes))
	var opErr *OpError
	if errors.As(err, &opErr) && failed < len(nodes) {
		opErr.Path = nodes[failed].Path
	}
	return err
}

// EnsureParents creates the parents of path that are missing, persistent and
// empty, with the given ACL (everyone everything if empty).
func (s *Session) EnsureParents(ctx context.Context, path string, acl []ACL) error {
	if err := CheckPath(path); err != nil {
		return &OpError{"create", path, err}
	}
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	return s.ensure(ctx, parentOf(path), acl)
}

// ensure creates path unless it exists, and its parents first where they are
// missing: most often one request finds that nothing is.
func (s *Session) ensure(ctx context.Context, path string, acl []ACL) error {
	if path == "/" && s.servers.Chroot == "" {
		return nil
	}
	if _, err := s.Stat(ctx, path); !errors.Is(err, ErrNoNode) {
		return err
	}
	if path != "/" {
		if err := s.ensure(ctx, parentOf(path), acl); err != nil {
			return err
		}
	}
	for {
		_, err := s.Create(ctx, path, nil, CreateOptions{ACL: acl})
		switch {
		case err == nil, errors.Is(err, ErrNodeExists):
			return nil
		case errors.Is(err, ErrUnknownOutcome) && ctx.Err() == nil:
			continue // it does no harm twice
		default:
			return err
		}
	}
}

// parentOf is the path above, "/" above "/".
func parentOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}
