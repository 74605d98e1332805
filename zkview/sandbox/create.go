package sandbox

import (
	"fmt"

	"zkdeck/zkview/wire"
)

// createMode is what the flags of a create say (org.apache.zookeeper.CreateMode).
type createMode struct{ ephemeral, sequential, container, ttl bool }

var createModes = [...]createMode{
	{},
	{ephemeral: true},
	{sequential: true},
	{ephemeral: true, sequential: true},
	{container: true},
	{ttl: true},
	{ttl: true, sequential: true},
}

func modeOf(flags int32) (createMode, bool) {
	if flags < 0 || int(flags) >= len(createModes) {
		return createMode{}, false
	}
	return createModes[flags], true
}

// prepareCreate holds a create of any kind against the tree
// (PrepRequestProcessor.pRequest2TxnCreate). The flags decide about the name and the
// session, the operation about the container and the TTL.
func (b *batch) prepareCreate(r *request) (txn, wire.Code) {
	mode, ok := modeOf(r.flags)
	if !ok || !validTTL(r, mode) {
		return txn{}, wire.BadArguments
	}
	if r.noPath {
		return txn{}, wire.MarshallingError
	}
	above, ok := parentOf(r.path)
	if !ok {
		return txn{}, wire.BadArguments
	}
	list, ok := fixACL(b.by.ids, r.acl)
	if !ok {
		return txn{}, wire.InvalidACL
	}
	parent, ok := b.look(above)
	if !ok {
		return txn{}, wire.NoNode
	}
	if !b.may(&parent, permCreate) {
		return txn{}, wire.NoAuth
	}
	path := r.path
	if mode.sequential {
		path += fmt.Sprintf("%010d", parent.created)
	}
	if !validPath(path) {
		return txn{}, wire.BadArguments
	}
	if _, there := b.look(path); there {
		return txn{}, wire.NodeExists
	}
	if kindOf(parent.owner) == ownedBySession {
		return txn{}, wire.NoChildrenForEphemerals
	}
	if code := b.t.checkQuota(path, int64(len(r.data)), 1); code != 0 {
		return txn{}, code
	}
	if !b.room(int64(nodeCost + len(path) - len(above) + len(r.data))) {
		return txn{}, wire.SystemError
	}
	x := txn{op: r.op, path: path, data: r.data, acl: list, number: parent.created + 1}
	x.owner = ownerIn(r, mode, b.by.session)
	parent.created++
	parent.kids++
	b.note(above, parent)
	b.note(path, change{owner: ownerByMode(r, mode, b.by.session), acl: list, data: r.data})
	return x, 0
}

// validTTL says whether the TTL fits the mode. createTTL with a mode that has none
// stops the real server; here it is an error like the others.
func validTTL(r *request, mode createMode) bool {
	if r.op == wire.OpCreateTTL {
		return mode.ttl && r.ttl > 0 && r.ttl <= maxTTL
	}
	return !mode.ttl
}

// ownerIn is the ephemeralOwner of the znode: what the operation says.
func ownerIn(r *request, mode createMode, session int64) int64 {
	switch {
	case r.op == wire.OpCreateContainer:
		return containerOwner
	case r.op == wire.OpCreateTTL:
		return ttlOwner | r.ttl
	case mode.ephemeral:
		return session
	}
	return 0
}

// ownerByMode is the ephemeralOwner that later operations of a multi see: what the
// flags say.
func ownerByMode(r *request, mode createMode, session int64) int64 {
	switch {
	case mode.container:
		return containerOwner
	case mode.ttl:
		return ttlOwner | r.ttl
	case mode.ephemeral:
		return session
	}
	return 0
}
