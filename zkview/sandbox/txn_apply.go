package sandbox

import (
	"bytes"
	"strings"

	"zkdeck/zkview/wire"
)

// apply does what was prepared and fires the watches. What it answers has the op by
// which the result is encoded.
func (t *tree) apply(x *txn, b *batch) result {
	r := result{op: x.op, zxid: b.zxid, path: x.path}
	switch x.op {
	case wire.OpCreate:
		t.applyCreate(x, b)
	case wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		r.stat, r.hasStat = t.applyCreate(x, b), true
	case wire.OpDelete, wire.OpDeleteContainer:
		t.applyDelete(x.path, b.zxid)
	case wire.OpSetData:
		n := t.find(x.path)
		before := int64(len(n.data))
		t.setNodeData(n, bytes.Clone(x.data))
		n.mtime, n.mzxid, n.version = b.now, b.zxid, x.number
		r.stat, r.hasStat = n.stat(), true
		t.countQuota(x.path, int64(len(x.data))-before, 0)
		t.watches.fire(onData, x.path, eventChanged, t.acls.get(n.acl), nil)
	case wire.OpSetACL:
		n := t.find(x.path)
		t.acls.release(n.acl)
		n.acl, n.aversion = t.acls.intern(x.acl), x.number
		r.stat, r.hasStat = n.stat(), true
	}
	return r
}

// applyCreate adds the znode and returns its Stat of that moment. The parent counts
// the children it ever had: at 2147483647 the count stays, and with it the number of
// sequential names and the parent's pzxid.
func (t *tree) applyCreate(x *txn, b *batch) wire.Stat {
	above, name := splitPath(x.path)
	parent := t.find(above)
	if x.number > parent.created {
		parent.created, parent.pzxid = x.number, b.zxid
	}
	n := &node{
		name: strings.Clone(name), acl: t.acls.intern(x.acl), owner: x.owner,
		czxid: b.zxid, mzxid: b.zxid, pzxid: b.zxid, ctime: b.now, mtime: b.now,
	}
	parent.adopt(n)
	t.weigh(1, len(x.path), held(n, x.path))
	t.setNodeData(n, bytes.Clone(x.data))
	t.own(n, x.path)
	s := n.stat()
	t.quotaCreated(above, name)
	t.countQuota(x.path, int64(len(x.data)), 1)
	t.watches.fire(onData, x.path, eventCreated, x.acl, nil)
	t.watches.fire(onChildren, orRoot(above), eventChildren, t.acls.get(parent.acl), nil)
	return s
}

// applyDelete takes the znode out, if it is there.
func (t *tree) applyDelete(path string, zxid int64) {
	above, name := splitPath(path)
	parent := t.find(above)
	if parent == nil {
		return
	}
	n := parent.disown(name)
	if n == nil {
		return
	}
	parent.pzxid = zxid
	size := int64(len(n.data))
	t.setNodeData(n, nil)
	t.weigh(-1, len(path), held(n, path))
	acl := t.acls.get(n.acl)
	t.acls.release(n.acl)
	t.disown(n, path)
	t.quotaDeleted(above, name)
	t.countQuota(path, -size, -1)
	told := t.watches.fire(onData, path, eventDeleted, acl, nil)
	t.watches.fire(onChildren, path, eventDeleted, acl, told)
	t.watches.fire(onChildren, orRoot(above), eventChildren, t.acls.get(parent.acl), nil)
}

// own lists a znode that will not stay: with its session, or among the containers
// and those with a TTL.
func (t *tree) own(n *node, path string) {
	switch kindOf(n.owner) {
	case ownedBySession:
		if t.temporary[n.owner] == nil {
			t.temporary[n.owner] = map[string]struct{}{}
		}
		t.temporary[n.owner][strings.Clone(path)] = struct{}{}
	case ownedAsContainer, ownedForTime:
		t.lent[strings.Clone(path)] = struct{}{}
	}
}

func (t *tree) disown(n *node, path string) {
	switch kindOf(n.owner) {
	case ownedBySession:
		delete(t.temporary[n.owner], path)
	case ownedAsContainer, ownedForTime:
		delete(t.lent, path)
	}
}

// held is what a znode takes beside its struct and data: its name, and its path if
// own lists it.
func held(n *node, path string) int {
	if n.owner == 0 {
		return len(n.name)
	}
	return len(n.name) + len(path) + listedCost
}

// listedCost is what an entry in a map of paths takes beside the path.
const listedCost = 40

func orRoot(parent string) string {
	if parent == "" {
		return "/"
	}
	return parent
}
