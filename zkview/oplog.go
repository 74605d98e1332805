package zkview

import (
	"sync"
	"time"
)

// opLogSize is how many requests an [OpLog] remembers.
const opLogSize = 2000

// OpEntry is one request that was sent, and what came of it.
type OpEntry struct {
	// Seq numbers the entries of a log from 1, in order of completion.
	Seq uint64
	// Op is the operation in ZooKeeper's own term ("getData", "setWatches"), Path
	// its path below the chroot, empty for operations without one. Version is what
	// a guarded write expected (-1 for any), Ops the number of parts of a multi.
	Op      string
	Path    string
	Version int32
	Ops     int
	// Watch tells that the request left a watch.
	Watch bool
	// Result is "ok" or the reason in words; Err is that reason, nil for ok.
	Result string
	Err    error
	// Zxid is the transaction id in the reply header, zero when no reply came.
	Zxid int64
	// Sent is when the request left, Took how long the answer took.
	Sent time.Time
	Took time.Duration
	// Out and In are the sizes of request and reply in bytes.
	Out, In int
}

// OpLog is a ring of the latest 2,000 requests of a session, pings left out. It
// is safe for concurrent use and never blocks the session.
type OpLog struct {
	changed chan struct{}

	mu   sync.Mutex
	ring []OpEntry
	last uint64 // Seq of the latest entry
}

func newOpLog() *OpLog {
	return &OpLog{changed: make(chan struct{}, 1)}
}

// Changed gets a value after entries were added, for one reader; several
// additions may share one value.
func (l *OpLog) Changed() <-chan struct{} { return l.changed }

// Since returns the entries after seq that are still remembered, oldest first;
// Since(0) returns all.
func (l *OpLog) Since(seq uint64) []OpEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq >= l.last {
		return nil
	}
	n := min(int(min(l.last-seq, opLogSize)), len(l.ring))
	entries := make([]OpEntry, 0, n)
	for i := l.last - uint64(n); i < l.last; i++ {
		entries = append(entries, l.ring[i%opLogSize])
	}
	return entries
}

// Note adds an entry that is no request: what was done by several of them, on whose
// word, in the reader's terms. A nil err is of one that went well. It does not block.
func (l *OpLog) Note(at time.Time, op, path, text string, err error) {
	l.add(OpEntry{Op: op, Path: path, Version: -1, Result: text, Err: err, Sent: at})
}

func (l *OpLog) add(e OpEntry) {
	l.mu.Lock()
	e.Seq = l.last + 1
	if len(l.ring) < opLogSize {
		l.ring = append(l.ring, e)
	} else {
		l.ring[l.last%opLogSize] = e
	}
	l.last++
	l.mu.Unlock()
	signal(l.changed)
}
