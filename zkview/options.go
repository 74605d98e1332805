package zkview

import "time"

// CreateOptions says how a znode is created. The zero value is a persistent
// znode that everyone may do everything with.
type CreateOptions struct {
	Kind       Kind
	Sequential bool
	// TTL is the time to live of a TTL znode, in whole milliseconds.
	TTL time.Duration
	// ACL is the access control list; empty means [OpenACL].
	ACL []ACL
}

// PathVersion names a state of a znode: a write guarded by it fails with
// ErrBadVersion if the znode has changed since. Version -1 guards nothing.
type PathVersion struct {
	Path    string
	Version int32
}
