package sandbox

import (
	"encoding/binary"
	"sync"
	"time"
)

// Limits of what waits for a client to read it.
const (
	// maxBacklog is how many bytes may wait before no further request of the
	// connection is read.
	maxBacklog = 1 << 20
	// maxUnread is how many bytes of watch events may wait before the next one ends the
	// connection: its client has stopped reading, and would be told too late anyway.
	maxUnread = 16 << 20
	// chunkSize is about how much is written at a time.
	chunkSize = 64 << 10
)

// chunk is frames that may be written from a time on.
type chunk struct {
	bytes  []byte
	frames int
	events int       // bytes of events
	due    time.Time // zero: at once
}

// queue is what a connection has still to send, in order. Anybody adds to it
// without waiting, one goroutine takes from it.
type queue struct {
	mu     sync.Mutex
	chunks []chunk
	size   int // bytes in chunks and in the one being written
	events int // bytes of events in them
	frames int
	spare  []byte // of a chunk that was written
	last   bool   // nothing comes after what is here
	ended  bool   // nobody takes any more

	wake  chan struct{} // there is something to take; one waits
	space chan struct{} // there is room again; one waits
}

func newQueue() *queue {
	return &queue{wake: make(chan struct{}, 1), space: make(chan struct{}, 1)}
}

// push adds a frame, to be written after delay. It returns how many bytes of events
// wait now.
func (q *queue) push(body []byte, event bool, delay time.Duration) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.last || q.ended {
		return 0
	}
	var due time.Time
	if delay > 0 {
		due = time.Now().Add(delay)
	}
	n := len(q.chunks)
	if n == 0 || !due.IsZero() || !q.chunks[n-1].due.IsZero() || len(q.chunks[n-1].bytes) > chunkSize {
		q.chunks = append(q.chunks, chunk{bytes: q.spare[:0], due: due})
		q.spare = nil
		n++
	}
	c := &q.chunks[n-1]
	c.bytes = binary.BigEndian.AppendUint32(c.bytes, uint32(len(body)))
	c.bytes = append(c.bytes, body...)
	c.frames++
	q.frames++
	q.size += 4 + len(body)
	if event {
		c.events += 4 + len(body)
		q.events += 4 + len(body)
	}
	signal(q.wake)
	return q.events
}

// finish says that nothing comes after what is there.
func (q *queue) finish() {
	q.mu.Lock()
	q.last = true
	q.mu.Unlock()
	signal(q.wake)
}

// end drops what is there; whoever waits is woken.
func (q *queue) end() {
	q.mu.Lock()
	q.ended, q.chunks = true, nil
	q.mu.Unlock()
	signal(q.wake)
	signal(q.space)
}

// take returns the next chunk. more is false if there will not be one; a chunk
// without bytes means to wait for wake.
func (q *queue) take() (c chunk, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.chunks) == 0 {
		return chunk{}, !q.last && !q.ended
	}
	c = q.chunks[0]
	q.chunks[0] = chunk{}
	if q.chunks = q.chunks[1:]; len(q.chunks) == 0 {
		q.chunks = nil
	}
	return c, true
}

// leaves says that a chunk is about to be written.
func (q *queue) leaves(c chunk) {
	q.mu.Lock()
	q.frames -= c.frames
	q.mu.Unlock()
}

// written gives a chunk back that take returned.
func (q *queue) written(c chunk) {
	q.mu.Lock()
	q.size -= len(c.bytes)
	q.events -= c.events
	if cap(c.bytes) <= 4*chunkSize {
		q.spare = c.bytes
	}
	q.mu.Unlock()
	signal(q.space)
}

// full reports whether the connection should not be read for now.
func (q *queue) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.size > maxBacklog && !q.ended
}

// closing reports whether nothing comes after what is there.
func (q *queue) closing() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last
}

// waiting is how many frames nobody has begun to write.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.frames
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
