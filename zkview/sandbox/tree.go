package sandbox

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"zkdeck/zkview/wire"
)

// The znodes that the server makes itself (org.apache.zookeeper.server.DataTree).
const (
	procPath   = "/zookeeper"
	quotaPath  = "/zookeeper/quota"
	configPath = "/zookeeper/config"
)

// treeConfig is what a tree is made with. The zero value of each field is a default.
type treeConfig struct {
	now          func() time.Time // nil: time.Now
	maxMemory    int64            // estimate of bytes held above which writes that grow fail; 0: no limit
	enforceQuota bool             // zookeeper.enforceQuota: hard limits refuse
	logger       *slog.Logger     // nil: silent
}

// tree is the znodes, what counts them, and their watches. The lock of the server
// guards all but the watches, which have their own: read and what only tells
// something want it held for reading, the rest for writing.
type tree struct {
	cfg  treeConfig
	root *node
	acls aclTable
	zxid int64 // the last one, be it of a write that failed

	nodes     int   // with the root
	dataSize  int64 // paths and data, the real server's approximate_data_size
	memory    int64 // estimate of bytes held, which maxMemory limits
	saidFull  time.Time
	temporary map[int64]map[string]struct{} // ephemeral znodes of a session
	lent      map[string]struct{}           // containers and TTL znodes
	quotas    quotaTrie
	watches   watchTables
}

// newTree makes a tree as a server has it that was never used: with /zookeeper,
// /zookeeper/config and /zookeeper/quota, all at zxid 0 and in 1970.
func newTree(c treeConfig) *tree {
	if c.now == nil {
		c.now = time.Now
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	t := &tree{
		cfg: c, root: &node{data: []byte{}}, acls: newACLTable(),
		temporary: map[int64]map[string]struct{}{}, lent: map[string]struct{}{},
	}
	t.watches.init()
	t.weigh(1, len("/"), 0)
	t.root.acl = t.acls.intern(openACL)
	proc := t.furnish(t.root, procPath, openACL)
	t.furnish(proc, quotaPath, openACL)
	config := t.furnish(proc, configPath, readACL)
	config.aversion = -1 // the real server sets this ACL with "version -1"
	return t
}

// furnish adds a znode that no client has created.
func (t *tree) furnish(parent *node, path string, acl []wire.ACL) *node {
	_, name := splitPath(path)
	n := &node{name: name, data: []byte{}, acl: t.acls.intern(acl)}
	parent.adopt(n)
	t.weigh(1, len(path), len(name))
	return n
}

// nodeCost is what a znode takes beside its name and data: the struct, its place
// among its parent's children and what the allocator rounds up. BenchmarkMillion
// compares it with the truth.
const nodeCost = 144

// weigh counts nodes that came (1) or went (-1), with the length of the path and of
// what is held.
func (t *tree) weigh(nodes, path, held int) {
	t.nodes += nodes
	t.dataSize += int64(nodes * path)
	t.memory += int64(nodes * (nodeCost + held))
}

// setNodeData replaces the data of n and counts it.
func (t *tree) setNodeData(n *node, data []byte) {
	diff := int64(len(data) - len(n.data))
	t.dataSize += diff
	t.memory += diff
	n.data = data
}

// find is the znode at path, or nil. The root is found as "" too, as in the real
// server; any other path that no client could create is nobody's.
func (t *tree) find(path string) *node {
	if path == "" || path == "/" {
		return t.root
	}
	if path[0] != '/' {
		return nil
	}
	n, rest := t.root, path[1:]
	for n != nil {
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			return n.child(rest)
		}
		n, rest = n.child(rest[:i]), rest[i+1:]
	}
	return nil
}

// next takes a zxid.
func (t *tree) next() int64 {
	t.zxid++
	return t.zxid
}

func (t *tree) lastZxid() int64 { return t.zxid }

// openSession takes the zxid of a session's creation.
func (t *tree) openSession(int64, int32) int64 { return t.next() }

// closeSession takes the zxid of a session's end and deletes its ephemeral znodes,
// in the order of their paths (the real server's is that of a HashSet).
func (t *tree) closeSession(id int64) int64 {
	zxid := t.next()
	paths := t.ephemerals(id)
	delete(t.temporary, id)
	for _, p := range paths {
		t.applyDelete(p, zxid)
	}
	return zxid
}

// setConfig sets the text of /zookeeper/config as a member of an ensemble does when
// it starts: with version -1 and no zxid, for no watch to see.
func (t *tree) setConfig(text string) {
	n := t.find(configPath)
	t.setNodeData(n, []byte(text))
	n.version, n.mtime = -1, t.cfg.now().UnixMilli()
}

// count is how many znodes there are, as the real server counts them (the root,
// which it holds under "/" and "", twice), the length of all paths and data (its
// approximate_data_size), the ephemeral znodes, and the estimate of bytes held that
// maxMemory limits.
func (t *tree) count() (znodes int, bytes int64, ephemerals int, memory int64) {
	for _, paths := range t.temporary {
		ephemerals += len(paths)
	}
	return t.nodes + 1, t.dataSize, ephemerals, t.memory
}

// ephemerals are the paths of a session's ephemeral znodes, sorted.
func (t *tree) ephemerals(session int64) []string {
	return slices.Sorted(maps.Keys(t.temporary[session]))
}

// ephemeralSessions are the sessions that have or had ephemeral znodes, sorted. The
// real server lists one until it ends, also after the last of them was deleted.
func (t *tree) ephemeralSessions() []int64 {
	return slices.Sorted(maps.Keys(t.temporary))
}
