package zktest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// Znode is a persistent znode of the data that servers start with: see [WithData].
type Znode struct {
	Path string
	Data []byte
	// Counter is how many children it ever had, which is the number that its next
	// sequential child gets. Less than it has in the data is as many as it has there.
	Counter int32
}

// WithData has the servers start with these znodes, open to everybody, as if they had
// been there for long: a counter that stands where it takes weeks to get, or so many
// znodes that creating them would take minutes. Parents come before their children;
// "/" may be given for its counter. The sequence is gone through several times.
func WithData(znodes iter.Seq[Znode]) Option {
	return func(s *settings) { s.data = znodes }
}

// NearEnd is the data of a znode whose next sequential children are to be 2147483644,
// …45, …46 and …47, after which the counter moves no more (ZOOKEEPER-3249).
func NearEnd(path string) iter.Seq[Znode] {
	return func(yield func(Znode) bool) {
		for at := 1; at < len(path); at++ {
			if path[at] == '/' && !yield(Znode{Path: path[:at]}) {
				return
			}
		}
		yield(Znode{Path: path, Counter: 1<<31 - 4})
	}
}

// The numbers of ACLs in a snapshot.
const (
	openACL     = -1 // ReferenceCountedACLCache.OPEN_UNSAFE_ACL_ID: needs no entry
	readOnlyACL = 1
)

// writeSnapshot writes a snapshot of the data into version-2 below dataDir, as the
// server's FileSnap does: a header, sessions (there are none), ACLs, the znodes from
// the root on, "/" for their end, and a checksum. It has the digest that 3.6 and later
// add left out, as snapshots of older ones do.
func writeSnapshot(dataDir string, data iter.Seq[Znode]) error {
	children, zxid := map[string]int32{}, int64(0)
	var root Znode
	for n := range data {
		zxid++
		if n.Path == "/" {
			root = n
			continue
		}
		children[n.Path[:strings.LastIndexByte(n.Path, '/')]]++
	}
	dir := filepath.Join(dataDir, "version-2")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("writing a snapshot: %w", err)
	}
	file, err := os.Create(filepath.Join(dir, fmt.Sprintf("snapshot.%x", max(zxid, 1))))
	if err != nil {
		return fmt.Errorf("writing a snapshot: %w", err)
	}
	defer file.Close()
	w := newSnapshotWriter(file)
	root.Path = "" // which is how the tree names it
	w.znode(root, children, 0, openACL)
	for _, path := range []string{"/zookeeper", "/zookeeper/quota"} {
		w.znode(Znode{Path: path}, nil, 0, openACL)
	}
	w.znode(Znode{Path: "/zookeeper/config"}, nil, 0, readOnlyACL)
	zxid = 0
	for n := range data {
		zxid++
		if n.Path != "/" {
			w.znode(n, children, zxid, openACL)
		}
	}
	if err := w.seal(); err != nil {
		return fmt.Errorf("writing %s: %w", file.Name(), err)
	}
	return file.Close()
}

// snapshotWriter writes jute, ZooKeeper's encoding. Its first error stays.
type snapshotWriter struct {
	out *bufio.Writer
	sum interface{ Sum32() uint32 }
	buf []byte
	err error
}

// newSnapshotWriter writes all that comes before the znodes.
func newSnapshotWriter(f io.Writer) *snapshotWriter {
	sum := adler32.New()
	w := &snapshotWriter{out: bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<16), sum: sum}
	b := append([]byte(nil), "ZKSN"...)
	b = binary.BigEndian.AppendUint32(b, 2) // the format's version
	b = appendInt64(b, -1)                  // the database's id
	b = binary.BigEndian.AppendUint32(b, 0) // sessions
	b = binary.BigEndian.AppendUint32(b, 1) // ACLs that are used below
	b = appendInt64(b, readOnlyACL)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint32(b, 1) // ZooDefs.Perms.READ
	b = appendString(b, "world")
	b = appendString(b, "anyone")
	_, w.err = w.out.Write(b)
	return w
}

// snapshotTime is when the data of a snapshot was created: long ago.
const snapshotTime = 1_600_000_000_000

// znode writes a path, and the znode as DataNode.serialize does. StatPersisted has the
// counter itself for its cversion.
func (w *snapshotWriter) znode(n Znode, children map[string]int32, zxid, acl int64) {
	if w.err != nil {
		return
	}
	b := appendString(w.buf[:0], n.Path)
	b = appendString(b, string(n.Data))
	b = appendInt64(b, acl)
	when := int64(0)
	if zxid > 0 {
		when = snapshotTime
	}
	for _, v := range []int64{zxid, zxid, when, when} { // created and modified
		b = appendInt64(b, v)
	}
	b = binary.BigEndian.AppendUint32(b, 0) // the value's version
	b = binary.BigEndian.AppendUint32(b, uint32(max(n.Counter, children[n.Path])))
	b = binary.BigEndian.AppendUint32(b, 0) // the ACL's
	b = appendInt64(b, 0)                   // no owner
	b = appendInt64(b, zxid)
	w.buf = b
	_, w.err = w.out.Write(b)
}

// seal writes the end, whose checksum is of all before it.
func (w *snapshotWriter) seal() error {
	if w.err == nil {
		_, w.err = w.out.Write(appendString(nil, "/"))
	}
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err == nil {
		_, w.err = w.out.Write(appendString(appendInt64(nil, int64(w.sum.Sum32())), "/"))
	}
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}

func appendInt64(b []byte, v int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(v)) }

func appendString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}
