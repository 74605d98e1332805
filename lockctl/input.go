package lockctl

// Stat is what the recogniser needs of a znode's Stat. The zero value is a Stat that
// is not at hand.
type Stat struct {
	Czxid, Mzxid   int64
	Ctime, Mtime   int64 // milliseconds since 1970, by the leader's clock
	Version        int32
	Cversion       int32 // 2*creates - NumChildren, see [Stat.NextSequence]
	EphemeralOwner int64 // 0 also for containers and TTL znodes (DataNode.copyStat masks them)
	DataLength     int32
	NumChildren    int32
}

// Known tells whether the Stat is at hand. Only the root and what a server makes when
// it first starts have a czxid of 0, and those are no contenders.
func (s Stat) Known() bool { return s.Czxid != 0 }

// Node is a child of a directory.
type Node struct {
	Name string
	Stat Stat   // zero: not at hand, or not allowed to see
	Data []byte // the value or its beginning, 256 bytes are enough; nil: not at hand
}

// Directory is the listing of a znode. Stat and Children should be of one reply
// (getChildren2): the numbers of children are held against the counter in Stat.
type Directory struct {
	Path     string
	Stat     Stat
	Data     []byte // of the znode itself; kazoo's Semaphore keeps its limit there
	Children []Node

	// Queue is the listing of the queue in front of a semaphore, which is another
	// directory: see [QueueOf]. Nil: not at hand, or there is none.
	Queue *Directory
}

// Cluster is what the servers' four-letter words say, from all servers together. A
// zero Cluster says nothing.
//
// Ask the servers first and list the directory then: what was created in between is
// told apart by Zxid, but a session that ended in between would be called alive.
type Cluster struct {
	// Zxid is the last zxid that was seen before the servers were asked. Contenders
	// created later are not judged by the answers. 0: all of them are.
	Zxid int64

	// Now is the time in milliseconds since 1970, against which timed leases are held.
	Now int64

	Addresses    map[int64]string // session to host:port, from `cons`
	AllAddresses bool             // every server answered `cons`

	// Sessions are those that live, from the leader's `dump`, which lists all of the
	// cluster. Nil: not known.
	Sessions map[int64]bool

	// Watches are the sessions with a data watch on a path, from `wchp`. Child watches
	// are not in it: DataTree.dumpWatches prints dataWatches alone.
	Watches    map[string][]int64
	AllWatches bool // every server answered `wchp`
}

// judges tells whether the answers of the servers are as new as a znode.
func (c *Cluster) judges(s Stat) bool { return c.Zxid == 0 || s.Czxid <= c.Zxid }
