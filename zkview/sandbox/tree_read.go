package sandbox

import (
	"strings"

	"zkdeck/zkview/wire"
)

// read answers what changes nothing, and leaves the watches that were asked for. What
// it answers with stays as it is when the tree changes.
func (t *tree) read(by *caller, r *request) result {
	a := result{op: r.op, zxid: t.zxid}
	switch r.op {
	case wire.OpExists:
		t.exists(&a, by, r)
	case wire.OpGetData, wire.OpGetChildren, wire.OpGetChildren2:
		a.code = t.get(&a, by, r)
	case wire.OpGetACL:
		t.getACL(&a, by, r)
	case wire.OpGetAllChildrenNumber:
		a.number, a.code = t.allChildren(by, r)
	case wire.OpSync:
		a.path = r.path
	case wire.OpGetEphemerals:
		a.names = t.ownEphemerals(by, r.path)
	case wire.OpMultiRead:
		a = t.multiRead(a, by, r)
	default:
		a.code = wire.Unimplemented
	}
	return a
}

// exists needs no permission and leaves its watch also where there is no znode.
func (t *tree) exists(a *result, by *caller, r *request) {
	if strings.IndexByte(r.path, 0) >= 0 {
		a.code = wire.BadArguments
		return
	}
	if r.watch {
		t.watches.arm(onData, r.path, by, watchOnce)
	}
	n := t.find(r.path)
	if n == nil {
		a.code = wire.NoNode
		return
	}
	a.stat, a.hasStat = n.stat(), true
}

// readable is the znode at path, if the caller has one of the permissions.
func (t *tree) readable(path string, by *caller, perms int32) (*node, wire.Code) {
	n := t.find(path)
	if n == nil {
		return nil, wire.NoNode
	}
	if !allowed(t.acls.get(n.acl), perms, by.ids) {
		return nil, wire.NoAuth
	}
	return n, 0
}

// get answers getData, getChildren and getChildren2.
func (t *tree) get(a *result, by *caller, r *request) wire.Code {
	n, code := t.readable(r.path, by, permRead)
	if code != 0 {
		return code
	}
	table := onChildren
	switch r.op {
	case wire.OpGetData:
		table = onData
		a.data = n.data
		a.stat, a.hasStat = n.stat(), true
	case wire.OpGetChildren2:
		a.stat, a.hasStat = n.stat(), true
		a.names = n.names()
	default:
		a.names = n.names()
	}
	if r.watch {
		t.watches.arm(table, r.path, by, watchOnce)
	}
	return 0
}

func (t *tree) getACL(a *result, by *caller, r *request) {
	n, code := t.readable(r.path, by, permRead|permAdmin)
	if code != 0 {
		a.code = code
		return
	}
	a.acl = t.acls.get(n.acl)
	a.stat, a.hasStat = n.stat(), true
	if !allowed(a.acl, permAdmin, by.ids) {
		a.acl = maskACL(a.acl)
	}
}

// allChildren is the number of znodes below. Of "" it has the root in it, as the real
// server's has: to that all paths with a slash are below "".
func (t *tree) allChildren(by *caller, r *request) (int32, wire.Code) {
	n, code := t.readable(r.path, by, permRead)
	switch {
	case code != 0:
		return 0, code
	case r.path == "":
		return int32(t.nodes), 0
	case n == t.root:
		return int32(t.nodes - 1), 0
	}
	return int32(n.below()), 0
}

// ownEphemerals are the session's own whose path starts with prefix, be it in the
// middle of a name.
func (t *tree) ownEphemerals(by *caller, prefix string) []string {
	paths := t.ephemerals(by.session)
	trimmed := strings.TrimFunc(prefix, func(c rune) bool { return c <= ' ' })
	if trimmed == "" || trimmed == "/" {
		return paths
	}
	kept := paths[:0]
	for _, p := range paths {
		if strings.HasPrefix(p, prefix) {
			kept = append(kept, p)
		}
	}
	return kept
}

// multiRead answers each read by itself; it leaves no watches, whatever the reads
// ask for (Op.GetData, Op.GetChildren).
func (t *tree) multiRead(a result, by *caller, r *request) result {
	a.results = make([]result, len(r.ops))
	for i := range r.ops {
		op := r.ops[i]
		op.watch = false
		one := &a.results[i]
		*one = result{op: op.op, zxid: t.zxid}
		switch op.op {
		case wire.OpGetData, wire.OpGetChildren:
			if one.code = t.get(one, by, &op); one.code != 0 {
				one.op = wire.OpError
			}
		default:
			return result{op: r.op, code: wire.MarshallingError, zxid: t.zxid}
		}
	}
	return a
}
