package sandbox

import (
	"sync"
	"sync/atomic"
	"time"
)

// stats are the counters of a server (org.apache.zookeeper.server.ServerStats and
// ServerMetrics).
type stats struct {
	received, sent         atomic.Int64 // packets
	bytesIn, bytesOut      atomic.Int64
	connects, revalidated  atomic.Int64
	rejected, dropped      atomic.Int64
	expired, authFailed    atomic.Int64
	lastReply              atomic.Int64 // bytes
	smallestReply, largest atomic.Int64

	mu             sync.Mutex
	requests       int64
	min, max, took time.Duration
}

// latency counts a request.
func (s *stats) latency(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests == 0 || took < s.min {
		s.min = took
	}
	s.max = max(s.max, took)
	s.took += took
	s.requests++
}

// latencies are the least, the mean and the greatest in milliseconds.
func (s *stats) latencies() (least int64, mean float64, most int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests > 0 {
		mean = float64(s.took.Microseconds()) / 1000 / float64(s.requests)
	}
	return s.min.Milliseconds(), mean, s.max.Milliseconds()
}

// reply counts a frame that goes out.
func (s *stats) reply(size int) {
	s.sent.Add(1)
	s.bytesOut.Add(int64(4 + size))
	n := int64(size)
	s.lastReply.Store(n)
	for old := s.largest.Load(); n > old && !s.largest.CompareAndSwap(old, n); old = s.largest.Load() {
	}
	for old := s.smallestReply.Load(); (old == 0 || n < old) && !s.smallestReply.CompareAndSwap(old, n); old = s.smallestReply.Load() {
	}
}

// reset is srst.
func (s *stats) reset() {
	for _, n := range []*atomic.Int64{
		&s.received, &s.sent, &s.bytesIn, &s.bytesOut, &s.connects, &s.revalidated, &s.rejected,
		&s.dropped, &s.expired, &s.authFailed, &s.lastReply, &s.smallestReply, &s.largest,
	} {
		n.Store(0)
	}
	s.mu.Lock()
	s.requests, s.min, s.max, s.took = 0, 0, 0, 0
	s.mu.Unlock()
}
