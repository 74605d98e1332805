package sandbox

import (
	"log/slog"
	"time"

	"zkdeck/zkview/wire"
)

// treeConfig is what a tree is made with. The zero value of each field is a default.
type treeConfig struct {
	now          func() time.Time // nil: time.Now
	maxMemory    int64            // estimate of bytes held above which writes that grow fail; 0: no limit
	enforceQuota bool             // zookeeper.enforceQuota: hard limits refuse
	logger       *slog.Logger     // nil: silent
}

// tree is the znodes, their quotas and their watches.
type tree struct {
	cfg  treeConfig
	zxid int64
}

func newTree(c treeConfig) *tree { return &tree{cfg: c} }

// read answers under the read lock.
func (t *tree) read(by *caller, r *request) result {
	return result{op: r.op, code: wire.NoNode, zxid: t.zxid}
}

// write answers under the write lock.
func (t *tree) write(by *caller, r *request) result {
	t.zxid++
	return result{op: r.op, code: wire.NoNode, zxid: t.zxid}
}

func (t *tree) openSession(id int64, timeoutMS int32) int64 { t.zxid++; return t.zxid }

func (t *tree) closeSession(id int64) int64 { t.zxid++; return t.zxid }

func (t *tree) addWatch(by *caller, r *request) result { return result{op: r.op, zxid: t.zxid} }

func (t *tree) checkWatches(by *caller, r *request) result { return result{op: r.op, zxid: t.zxid} }

func (t *tree) removeWatches(by *caller, r *request) result { return result{op: r.op, zxid: t.zxid} }

func (t *tree) setWatches(by *caller, s *setWatches) {}

func (t *tree) forget(w watcher) {}

// expire deletes TTL and container znodes that are due; under the write lock.
func (t *tree) expire() {}

func (t *tree) setConfig(text string) {}

func (t *tree) lastZxid() int64 { return t.zxid }

// count: znodes as the real server counts them (the root twice), the length of all
// paths and data (approximate_data_size), ephemeral znodes, and the estimate that
// maxMemory limits.
func (t *tree) count() (znodes int, bytes int64, ephemerals int, memory int64) { return }

// ephemerals are the paths of a session's, sorted.
func (t *tree) ephemerals(session int64) []string { return nil }

// ephemeralSessions are the sessions that have some, sorted.
func (t *tree) ephemeralSessions() []int64 { return nil }

// watchCounts: connections that have watches, paths watched, and watches in all
// (wchs).
func (t *tree) watchCounts() (connections, paths, total int) { return }

// watchesByPath: sessions by path (wchp); watchesBySession: paths by session (wchc).
func (t *tree) watchesByPath() map[string][]int64 { return nil }

func (t *tree) watchesBySession() map[int64][]string { return nil }
