package sandbox

import (
	"strings"

	"zkdeck/zkview/wire"
)

// write does what r asks for, or nothing and answers with a code. Either takes a
// zxid, as on the real server, which writes failures to its log too. Watches have
// fired when it returns.
func (t *tree) write(by *caller, r *request) result {
	b := &batch{t: t, by: by, zxid: t.next(), now: t.cfg.now().UnixMilli()}
	if r.op == wire.OpMulti {
		return b.multi(r)
	}
	x, code := b.prepare(r)
	if code != 0 {
		return result{op: r.op, code: code, zxid: b.zxid}
	}
	return t.apply(&x, b)
}

// batch is one request that writes. As in the real server each operation is first
// held against the tree (PrepRequestProcessor), and only when all of them may be done
// the tree changes (DataTree).
type batch struct {
	t         *tree
	by        *caller
	zxid, now int64
	grown     int64 // bytes that what is prepared takes
	// seen is what the operations before have made of znodes, nil outside a multi. The
	// root is there as "" for its children and as "/" for itself, and an operation on
	// the one does not see what was prepared on the other: nor does the real server's.
	seen map[string]change
}

// change is a znode as it will be once what was prepared before is done.
type change struct {
	gone                       bool
	version, aversion, created int32
	kids                       int
	owner                      int64
	acl                        []wire.ACL
	data                       []byte
}

// txn is an operation that may be done. number is the version that the znode gets,
// or the count of children ever created that its parent gets.
type txn struct {
	op     wire.OpCode
	path   string
	data   []byte
	acl    []wire.ACL
	owner  int64
	number int32
}

// look is the znode at path, as the operations before leave it.
func (b *batch) look(path string) (change, bool) {
	if c, ok := b.seen[path]; ok {
		return c, !c.gone
	}
	n := b.t.find(path)
	if n == nil {
		return change{}, false
	}
	return change{
		version: n.version, aversion: n.aversion, created: n.created,
		kids: n.numChildren(), owner: n.owner, acl: b.t.acls.get(n.acl), data: n.data,
	}, true
}

func (b *batch) note(path string, c change) {
	if b.seen != nil {
		b.seen[path] = c
	}
}

func (b *batch) may(c *change, perms int32) bool { return allowed(c.acl, perms, b.by.ids) }

// prepare holds one operation against the tree. Which of several errors is told is
// decided by the order of the checks, which is the real server's.
func (b *batch) prepare(r *request) (txn, wire.Code) {
	switch r.op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		return b.prepareCreate(r)
	case wire.OpDelete, wire.OpDeleteContainer:
		return b.prepareDelete(r)
	case wire.OpSetData:
		return b.prepareSetData(r)
	case wire.OpSetACL:
		return b.prepareSetACL(r)
	case wire.OpCheck:
		return b.prepareCheck(r)
	case wire.OpReconfig:
		return txn{}, wire.ReconfigDisabled
	}
	return txn{}, wire.Unimplemented
}

// nextVersion is what version becomes, if it is the expected one. It wraps.
func nextVersion(version, expected int32) (int32, wire.Code) {
	if expected != -1 && expected != version {
		return 0, wire.BadVersion
	}
	return version + 1, 0
}

func (b *batch) prepareDelete(r *request) (txn, wire.Code) {
	above, ok := parentOf(r.path)
	if !ok || special(r.path) {
		return txn{}, wire.BadArguments
	}
	parent, ok := b.look(above)
	if !ok {
		return txn{}, wire.NoNode
	}
	if r.op == wire.OpDelete && !b.may(&parent, permDelete) {
		return txn{}, wire.NoAuth
	}
	c, ok := b.look(r.path)
	if !ok {
		return txn{}, wire.NoNode
	}
	if r.op == wire.OpDelete {
		if _, code := nextVersion(c.version, r.version); code != 0 {
			return txn{}, code
		}
	}
	if c.kids > 0 {
		return txn{}, wire.NotEmpty
	}
	if r.op == wire.OpDeleteContainer && kindOf(c.owner) == ownedBySession {
		return txn{}, wire.BadVersion
	}
	parent.kids--
	b.note(above, parent)
	b.note(r.path, change{gone: true})
	return txn{op: r.op, path: r.path}, 0
}

func (b *batch) prepareSetData(r *request) (txn, wire.Code) {
	if !validPath(r.path) {
		return txn{}, wire.BadArguments
	}
	c, ok := b.look(r.path)
	if !ok {
		return txn{}, wire.NoNode
	}
	if !b.may(&c, permWrite) {
		return txn{}, wire.NoAuth
	}
	if code := b.t.checkQuota(r.path, int64(len(r.data)-len(c.data)), 0); code != 0 {
		return txn{}, code
	}
	version, code := nextVersion(c.version, r.version)
	if code != 0 {
		return txn{}, code
	}
	if !b.room(int64(len(r.data) - len(c.data))) {
		return txn{}, wire.SystemError
	}
	c.version, c.data = version, r.data
	b.note(r.path, c)
	return txn{op: r.op, path: r.path, data: r.data, number: version}, 0
}

// prepareSetACL leaves the list of the change as it is: what comes later in a multi
// is still checked against the old one, as on the real server.
func (b *batch) prepareSetACL(r *request) (txn, wire.Code) {
	if !validPath(r.path) {
		return txn{}, wire.BadArguments
	}
	list, ok := fixACL(b.by.ids, r.acl)
	if !ok {
		return txn{}, wire.InvalidACL
	}
	c, ok := b.look(r.path)
	if !ok {
		return txn{}, wire.NoNode
	}
	if !b.may(&c, permAdmin) {
		return txn{}, wire.NoAuth
	}
	version, code := nextVersion(c.aversion, r.version)
	if code != 0 {
		return txn{}, code
	}
	c.aversion = version
	b.note(r.path, c)
	return txn{op: r.op, path: r.path, acl: list, number: version}, 0
}

func (b *batch) prepareCheck(r *request) (txn, wire.Code) {
	if !validPath(r.path) {
		return txn{}, wire.BadArguments
	}
	c, ok := b.look(r.path)
	if !ok {
		return txn{}, wire.NoNode
	}
	if !b.may(&c, permRead) {
		return txn{}, wire.NoAuth
	}
	version, code := nextVersion(c.version, r.version)
	return txn{op: r.op, path: r.path, number: version}, code
}

// room says whether so many bytes more may be held, and logs it if not, once a
// minute. Clients get SystemError then: ZooKeeper has no code for a full server, and
// this one all of them know.
func (b *batch) room(bytes int64) bool {
	t := b.t
	if bytes <= 0 || t.cfg.maxMemory == 0 {
		return true
	}
	b.grown += bytes
	if t.memory+b.grown <= t.cfg.maxMemory {
		return true
	}
	if now := t.cfg.now(); now.Sub(t.saidFull).Minutes() >= 1 {
		t.saidFull = now
		t.cfg.logger.Warn("the sandbox is full: writes that need memory fail with SystemError; delete something or raise the limit",
			"bytes", t.memory, "limit", t.cfg.maxMemory)
	}
	return false
}

// splitPath is the parent's path and the name of a path that has a slash.
func splitPath(path string) (parent, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:i], path[i+1:]
}
