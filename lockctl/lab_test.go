package lockctl

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// lab is a ZooKeeper in memory, for a bubble of testing/synctest: all time is the
// bubble's. A leader orders what is written, servers take it over with a lag, and
// sessions are connected to one of them by connections that delay, stall and break.
// What is kept of ZooKeeper is what locks rest on:
//
//   - requests of a connection are done in order, and answered in order;
//   - a server tells of a change before it answers anything that shows the change;
//   - who comes back is not connected to a server that knows less than it has seen;
//   - what was sent over an old connection may still be done until there is a new one;
//   - the leader ends a session that it has not heard of for its timeout, to the moment.
type lab struct {
	mu       sync.Mutex
	rng      *rand.Rand
	log      []labTxn
	leader   labTree
	servers  []*labServer
	sessions []*labSession
	delay    time.Duration // of a packet, at most
	ended    chan struct{}
	wg       sync.WaitGroup
}

// labTxn is a change that the leader has ordered.
type labTxn struct {
	kind  string // create, delete, set, close
	path  string
	data  []byte
	owner int64
	zxid  int64
}

type labNode struct {
	data []byte
	stat Stat
	made int32 // children ever
}

type labTree map[string]*labNode

func newLab(seed uint64) *lab {
	b := &lab{rng: rand.New(rand.NewPCG(seed, 1)), leader: labTree{"/": {}}, delay: 4 * time.Millisecond, ended: make(chan struct{})}
	for range 3 {
		b.servers = append(b.servers, &labServer{lab: b, tree: labTree{"/": {}}, watches: map[string]map[*labConn]bool{}})
	}
	b.wg.Go(b.replicate)
	return b
}

// close ends all sessions and waits for what was started.
func (b *lab) close() {
	b.mu.Lock()
	all := append([]*labSession(nil), b.sessions...)
	b.mu.Unlock()
	for _, s := range all {
		_ = s.Close()
	}
	close(b.ended)
	b.wg.Wait()
}

// after is a delay of a packet.
func (b *lab) after() time.Duration { return time.Duration(b.rng.Int64N(int64(b.delay) + 1)) }

// replicate has servers take over what was written, each with a lag of its own.
func (b *lab) replicate() {
	for {
		select {
		case <-b.ended:
			return
		case <-time.After(time.Millisecond):
		}
		b.mu.Lock()
		for _, sv := range b.servers {
			if len(sv.lagging) == 0 && b.rng.IntN(3) > 0 {
				sv.catchUp(len(b.log))
			}
		}
		b.mu.Unlock()
	}
}

// labServer is a server, which has taken over the first applied changes.
type labServer struct {
	lab     *lab
	tree    labTree
	applied int
	watches map[string]map[*labConn]bool // of data by the path, of children by "/"+path
	lagging string                       // not empty: it stands still
}

// catchUp takes over changes up to the one numbered upTo, and tells who watches.
func (sv *labServer) catchUp(upTo int) {
	for sv.applied < upTo {
		t := sv.lab.log[sv.applied]
		sv.applied++
		for _, path := range sv.tree.apply(t) {
			kind := NodeDeleted
			switch t.kind {
			case "set":
				kind = NodeWritten
			case "create":
				kind = 0
			}
			sv.fire(path, kind)
			dir, _ := split(path)
			if t.kind != "set" {
				sv.fire("/"+dir, ChildrenChanged)
			}
		}
		if t.kind == "close" {
			for _, s := range sv.lab.sessions {
				if s.id == t.owner && s.conn != nil && s.conn.server == sv {
					s.conn.toClient(s.conn.lose)
				}
			}
		}
	}
}

func (sv *labServer) fire(key string, kind SessionEventKind) {
	if kind == 0 {
		return
	}
	path := strings.TrimPrefix(key, "/")
	if kind != ChildrenChanged {
		path = key
	}
	for c := range sv.watches[key] {
		c.toClient(func() { c.of.tell(kind, path) })
	}
	delete(sv.watches, key)
}

func (sv *labServer) watch(key string, c *labConn) {
	if sv.watches[key] == nil {
		sv.watches[key] = map[*labConn]bool{}
	}
	sv.watches[key][c] = true
}

// apply makes a change, and returns the paths that changed.
func (t labTree) apply(x labTxn) []string {
	switch x.kind {
	case "create":
		dir, _ := split(x.path)
		t[x.path] = &labNode{data: x.data, stat: Stat{Czxid: x.zxid, Mzxid: x.zxid, EphemeralOwner: x.owner}}
		t[dir].made++
		t[dir].stat.NumChildren++
	case "delete":
		t.drop(x.path)
	case "set":
		n := *t[x.path]
		n.data, n.stat.Mzxid = x.data, x.zxid
		n.stat.Version++
		t[x.path] = &n
	case "close":
		var gone []string
		for path, n := range t {
			if n.stat.EphemeralOwner == x.owner && x.owner != 0 {
				gone = append(gone, path)
			}
		}
		for _, path := range gone {
			t.drop(path)
		}
		return gone
	}
	return []string{x.path}
}

func (t labTree) drop(path string) {
	dir, _ := split(path)
	delete(t, path)
	t[dir].stat.NumChildren--
}

func (t labTree) stat(path string) Stat {
	n := t[path]
	st := n.stat
	st.Cversion, st.DataLength = 2*n.made-st.NumChildren, int32(len(n.data))
	return st
}

func (t labTree) children(dir string) []string {
	var names []string
	for path := range t {
		if in, name := split(path); in == dir && path != "/" {
			names = append(names, name)
		}
	}
	return names
}

// write has the leader order a change.
func (b *lab) write(x labTxn) Stat {
	x.zxid = int64(len(b.log) + 1)
	b.log = append(b.log, x)
	b.leader.apply(x)
	if b.leader[x.path] == nil {
		return Stat{}
	}
	return b.leader.stat(x.path)
}

func (b *lab) create(path string, data []byte, owner int64, sequential bool) (string, Stat, error) {
	dir, name := split(path)
	in := b.leader[dir]
	if in == nil {
		return "", Stat{}, fmt.Errorf("create %s: %w", path, ErrGone)
	}
	if sequential {
		name += fmt.Sprintf("%010d", in.made)
	}
	path = join(dir, name)
	if b.leader[path] != nil {
		return "", Stat{}, fmt.Errorf("create %s: %w", path, ErrExists)
	}
	return path, b.write(labTxn{kind: "create", path: path, data: data, owner: owner}), nil
}

func (b *lab) remove(path string, version int32) error {
	switch n := b.leader[path]; {
	case n == nil:
		return fmt.Errorf("delete %s: %w", path, ErrGone)
	case version >= 0 && n.stat.Version != version:
		return fmt.Errorf("delete %s: %w", path, ErrChanged)
	}
	b.write(labTxn{kind: "delete", path: path})
	return nil
}

func (b *lab) set(path string, data []byte, version int32) (Stat, error) {
	switch n := b.leader[path]; {
	case n == nil:
		return Stat{}, fmt.Errorf("set %s: %w", path, ErrGone)
	case version >= 0 && n.stat.Version != version:
		return Stat{}, fmt.Errorf("set %s: %w", path, ErrChanged)
	}
	return b.write(labTxn{kind: "set", path: path, data: data}), nil
}

// names is what the leader has in a directory.
func (b *lab) names(dir string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leader.children(dir)
}

// has tells whether the leader has a znode.
func (b *lab) has(path string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leader[path] != nil
}

// do does something as somebody else.
func (b *lab) do(as func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	as()
}
