package sandbox

import (
	"encoding/binary"
	"regexp"
	"slices"
	"strings"

	"zkdeck/zkview/wire"
)

// Permissions (org.apache.zookeeper.ZooDefs.Perms).
const (
	permRead = 1 << iota
	permWrite
	permCreate
	permDelete
	permAdmin
	permAll = 1<<iota - 1
)

var (
	openACL = []wire.ACL{{Perms: permAll, Scheme: "world", ID: "anyone"}}
	readACL = []wire.ACL{{Perms: permRead, Scheme: "world", ID: "anyone"}}
)

// aclID is the place of a list in an aclTable.
type aclID uint32

// aclTable holds each list of ACLs once, for the znodes that share it.
type aclTable struct {
	lists []aclEntry
	ids   map[string]aclID
	free  []aclID
}

type aclEntry struct {
	list []wire.ACL
	key  string
	uses int
}

func newACLTable() aclTable { return aclTable{ids: map[string]aclID{}} }

// aclKey appends what is the same only for the same list.
func aclKey(b []byte, list []wire.ACL) []byte {
	for _, a := range list {
		b = binary.BigEndian.AppendUint32(b, uint32(a.Perms))
		b = binary.AppendUvarint(b, uint64(len(a.Scheme)))
		b = append(b, a.Scheme...)
		b = binary.AppendUvarint(b, uint64(len(a.ID)))
		b = append(b, a.ID...)
	}
	return b
}

// intern is the id of list, which one more znode has from now on. It keeps the list.
func (t *aclTable) intern(list []wire.ACL) aclID {
	key := aclKey(make([]byte, 0, 128), list)
	if id, ok := t.ids[string(key)]; ok {
		t.lists[id].uses++
		return id
	}
	e := aclEntry{list: list, key: string(key), uses: 1}
	if n := len(t.free); n > 0 {
		id := t.free[n-1]
		t.free = t.free[:n-1]
		t.lists[id], t.ids[e.key] = e, id
		return id
	}
	id := aclID(len(t.lists))
	t.lists = append(t.lists, e)
	t.ids[e.key] = id
	return id
}

// release says that one znode less has the list of that id.
func (t *aclTable) release(id aclID) {
	e := &t.lists[id]
	if e.uses--; e.uses == 0 {
		delete(t.ids, e.key)
		*e = aclEntry{}
		t.free = append(t.free, id)
	}
}

func (t *aclTable) get(id aclID) []wire.ACL { return t.lists[id].list }

// fixACL is the list that a znode gets when a client asks for this one, without what
// is there twice and with "auth" as the caller's own ids
// (PrepRequestProcessor.fixupACL). It is false for one that is not valid.
func fixACL(ids []wire.Identity, asked []wire.ACL) ([]wire.ACL, bool) {
	if len(asked) == 0 {
		return nil, false
	}
	fixed := make([]wire.ACL, 0, len(asked))
	for i, a := range asked {
		if slices.Contains(asked[:i], a) {
			continue
		}
		switch {
		case a.Scheme == "world" && a.ID == "anyone":
			fixed = append(fixed, a)
		case a.Scheme == "auth":
			known := false
			for _, id := range ids {
				if id.Scheme == "digest" { // the one scheme here that proves who somebody is
					known = true
					fixed = append(fixed, wire.ACL{Perms: a.Perms, Scheme: id.Scheme, ID: id.ID})
				}
			}
			if !known {
				return nil, false
			}
		case a.Scheme == "digest" && validDigest(a.ID), a.Scheme == "ip" && validIP(a.ID):
			fixed = append(fixed, a)
		default:
			return nil, false
		}
	}
	return fixed, true
}

// validDigest wants two parts; Java's split drops the empty ones at the end.
func validDigest(id string) bool {
	return strings.Count(strings.TrimRight(id, ":"), ":") == 1
}

// allowed says whether one of ids has one of the permissions
// (ZooKeeperServer.checkACL).
func allowed(list []wire.ACL, perms int32, ids []wire.Identity) bool {
	if len(list) == 0 {
		return true
	}
	for _, id := range ids {
		if id.Scheme == "super" {
			return true
		}
	}
	for _, a := range list {
		if a.Perms&perms == 0 {
			continue
		}
		if a.Scheme == "world" && a.ID == "anyone" {
			return true
		}
		for _, id := range ids {
			if id.Scheme != a.Scheme {
				continue
			}
			if a.Scheme == "digest" && a.ID == id.ID || a.Scheme == "ip" && matchIP(id.ID, a.ID) {
				return true
			}
		}
	}
	return false
}

var digestHash = regexp.MustCompile(`:.*`)

// maskACL is the list as somebody sees it who may not change it: without the hashes
// of passwords.
func maskACL(list []wire.ACL) []wire.ACL {
	masked := slices.Clone(list)
	for i, a := range masked {
		if a.Scheme == "digest" {
			masked[i].ID = digestHash.ReplaceAllString(a.ID, ":x")
		}
	}
	return masked
}
