package sandbox

import "zkdeck/zkview/wire"

// request is a decoded request, or one of a multi or multiRead. Which fields mean
// something depends on op.
type request struct {
	op      wire.OpCode
	path    string
	noPath  bool   // of the create operations and removeWatches: the path was jute's null
	data    []byte // nil is jute's null buffer, and is not the same as an empty one; the tree copies it
	acl     []wire.ACL
	flags   int32 // of the create operations: org.apache.zookeeper.CreateMode
	ttl     int64 // ms, of createTTL
	version int32 // -1: any
	watch   bool  // of exists, getData, getChildren and getChildren2
	kind    int32 // of addWatch: its mode; of checkWatches and removeWatches: the type of watches
	ops     []request
	set     *setWatches
}

// setWatches are the watches that a client had on the connection before, and the
// zxid that it had seen then.
type setWatches struct {
	since                                     int64
	data, exist, child, persistent, recursive []string
}

// result is the answer to a request, or to one of a multi or multiRead. With a
// code other than zero nothing else holds but op and zxid. A result among those of a
// multi or multiRead has the op by which it is encoded: error, with the code (zero
// too); create2 for createContainer and createTTL; else that of its request. It may be
// encoded after the lock was let go: the tree does not change what a result holds.
type result struct {
	op      wire.OpCode
	code    wire.Code
	zxid    int64 // the reply header's: of the write, or the last that the tree has seen
	path    string
	data    []byte
	stat    wire.Stat
	hasStat bool // create answers with the path alone, the other creates with both
	acl     []wire.ACL
	names   []string
	number  int32 // of getAllChildrenNumber
	results []result
}

// caller is who asks: a session on its connection.
type caller struct {
	session int64
	ids     []wire.Identity // by which ACLs know it, the address as {"ip", "127.0.0.1"} first
	watcher watcher         // nil leaves no watches
}

// watcher is a connection, to which watches belong. event is called with the
// server's lock held: it only queues.
type watcher interface {
	event(kind int32, path string)
}
