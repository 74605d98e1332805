package zkview

import (
	"math"
	"time"
)

// Stat is the metadata that ZooKeeper keeps of a znode (the jute record Stat).
// The zero value is no znode's Stat.
type Stat struct {
	// Czxid, Mzxid and Pzxid are the transactions that created the znode, last
	// changed its data, and last changed its list of children.
	Czxid, Mzxid, Pzxid int64
	// CtimeMS and MtimeMS are milliseconds since the epoch on the clock of the
	// server that led when the znode was created and last changed.
	CtimeMS, MtimeMS int64
	// Version, Cversion and Aversion count changes of data, children and ACL.
	Version, Cversion, Aversion int32
	// EphemeralOwner is the owner session of an ephemeral, zero for a persistent
	// znode, and a marker for containers and TTL znodes; see [Stat.Kind].
	EphemeralOwner int64
	// DataLength is the size of the data in bytes, NumChildren the number of
	// direct children.
	DataLength, NumChildren int32
}

// Kind says how long a znode lives.
type Kind uint8

// The kinds of znode that a Stat can tell apart. Whether a znode was created
// sequential is not stored; only its name tells.
const (
	Persistent Kind = iota
	Ephemeral
	Container
	TTL
)

// String returns the word that ZooKeeper uses for the kind.
func (k Kind) String() string {
	switch k {
	case Ephemeral:
		return "ephemeral"
	case Container:
		return "container"
	case TTL:
		return "TTL"
	default:
		return "persistent"
	}
}

// containerOwner and ttlMask are the markers of EphemeralType in
// org.apache.zookeeper.server.EphemeralType (containers since 3.5.3, TTL znodes
// with zookeeper.extendedTypesEnabled).
const (
	containerOwner = math.MinInt64
	ttlMask        = -1 << 56
	ttlValueMask   = 1<<40 - 1
)

// Kind reads the kind of the znode from its EphemeralOwner.
func (s Stat) Kind() Kind {
	switch {
	case s.EphemeralOwner == 0:
		return Persistent
	case s.EphemeralOwner == containerOwner:
		return Container
	case s.EphemeralOwner&ttlMask == ttlMask:
		return TTL
	default:
		return Ephemeral
	}
}

// TTL is the time to live of a TTL znode, zero for any other.
func (s Stat) TTL() time.Duration {
	if s.Kind() != TTL {
		return 0
	}
	return time.Duration(s.EphemeralOwner&ttlValueMask) * time.Millisecond
}

// Created is the time of creation on the leader's clock.
func (s Stat) Created() time.Time { return time.UnixMilli(s.CtimeMS) }

// Modified is the time of the last data change on the leader's clock.
func (s Stat) Modified() time.Time { return time.UnixMilli(s.MtimeMS) }

// Newer reports whether s is a later state of the same path than o: recreated,
// or changed in data, children or ACL. Equal Stats are not newer.
func (s Stat) Newer(o Stat) bool {
	if s.Czxid != o.Czxid {
		return s.Czxid > o.Czxid
	}
	return s.Mzxid > o.Mzxid || s.Pzxid > o.Pzxid || s.Aversion > o.Aversion
}

// Perms is a set of ACL permissions.
type Perms int32

// The permissions of ZooKeeper (org.apache.zookeeper.ZooDefs.Perms).
const (
	PermRead Perms = 1 << iota
	PermWrite
	PermCreate
	PermDelete
	PermAdmin
	PermAll Perms = 1<<5 - 1
)

// String spells the permissions as zkCli does, "cdrwa" for all.
func (p Perms) String() string {
	s := ""
	for _, x := range []struct {
		perm Perms
		char string
	}{{PermCreate, "c"}, {PermDelete, "d"}, {PermRead, "r"}, {PermWrite, "w"}, {PermAdmin, "a"}} {
		if p&x.perm != 0 {
			s += x.char
		}
	}
	return s
}

// ACL is one entry of a znode's access control list.
type ACL struct {
	Perms  Perms
	Scheme string
	ID     string
}

// OpenACL lets everyone do everything: world:anyone:cdrwa.
func OpenACL() []ACL { return []ACL{{PermAll, "world", "anyone"}} }
