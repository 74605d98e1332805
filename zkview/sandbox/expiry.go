package sandbox

import (
	"slices"

	"zkdeck/zkview/wire"
)

// expire deletes the containers that had children and have none any more, and the
// childless znodes whose data is older than their TTL, each with a zxid of its own
// (ContainerManager, which looks once a minute). The caller holds the lock for
// writing.
func (t *tree) expire() {
	now := t.cfg.now().UnixMilli()
	var due []string
	for path := range t.lent {
		if t.find(path).due(now) {
			due = append(due, path)
		}
	}
	slices.Sort(due)
	for _, path := range due {
		t.write(&caller{}, &request{op: wire.OpDeleteContainer, path: path})
	}
}

// due says whether a container or a znode with a TTL is to go at the time now, in ms.
func (n *node) due(now int64) bool {
	if n.kids != nil {
		return false
	}
	if kindOf(n.owner) == ownedAsContainer {
		return n.created > 0
	}
	return now-n.mtime > n.owner&maxTTL
}
