package sandbox

import (
	"math"

	"zkdeck/zkview/wire"
)

// node is a znode. A million of them are wanted in memory: a field more costs
// megabytes, and so what a leaf has not is behind a pointer.
type node struct {
	name                string
	data                []byte // never written to: a reply may still hold it
	kids                *children
	czxid, mzxid, pzxid int64
	ctime, mtime        int64 // ms
	owner               int64 // of an ephemeral znode its session; see ownerKind
	version, aversion   int32
	created             int32 // children ever created; the real server's internal cversion
	acl                 aclID
}

// child is the child of that name, or nil.
func (n *node) child(name string) *node {
	if n.kids == nil {
		return nil
	}
	return n.kids.get(name)
}

func (n *node) adopt(child *node) {
	if n.kids == nil {
		n.kids = &children{}
	}
	n.kids.add(child)
}

// disown takes the child of that name out and returns it, or nil.
func (n *node) disown(name string) *node {
	if n.kids == nil {
		return nil
	}
	child := n.kids.remove(name)
	if len(n.kids.list) == 0 {
		n.kids = nil
	}
	return child
}

func (n *node) numChildren() int {
	if n.kids == nil {
		return 0
	}
	return len(n.kids.list)
}

// names are the children's, in an order that depends on nothing but what was done.
func (n *node) names() []string {
	if n.kids == nil {
		return []string{}
	}
	names := make([]string, len(n.kids.list))
	for i, k := range n.kids.list {
		names[i] = k.name
	}
	return names
}

// below is how many znodes are under n.
func (n *node) below() int {
	sum := n.numChildren()
	if n.kids != nil {
		for _, k := range n.kids.list {
			sum += k.below()
		}
	}
	return sum
}

// stat is what clients see. They are told the count of changes to the children, each
// created child and each that is no more, and of the owner only what is a session
// (DataNode.copyStat).
func (n *node) stat() wire.Stat {
	kids := int32(n.numChildren())
	s := wire.Stat{
		Czxid: n.czxid, Mzxid: n.mzxid, Pzxid: n.pzxid, CtimeMS: n.ctime, MtimeMS: n.mtime,
		Version: n.version, Cversion: n.created*2 - kids, Aversion: n.aversion,
		DataLength: int32(len(n.data)), NumChildren: kids,
	}
	if kindOf(n.owner) == ownedBySession {
		s.EphemeralOwner = n.owner
	}
	return s
}

// ownerKind is what an ephemeralOwner says: none, a session, a container, or a TTL
// (org.apache.zookeeper.server.EphemeralType with extendedTypesEnabled).
type ownerKind uint8

const (
	ownedByNone ownerKind = iota
	ownedBySession
	ownedAsContainer
	ownedForTime
)

const (
	containerOwner = math.MinInt64
	ttlOwner       = -1 << 56 // 0xff00000000000000, and the milliseconds
	maxTTL         = 1<<40 - 1
)

func kindOf(owner int64) ownerKind {
	switch {
	case owner == 0:
		return ownedByNone
	case owner == containerOwner:
		return ownedAsContainer
	case owner&^maxTTL == ttlOwner:
		return ownedForTime
	}
	return ownedBySession
}
