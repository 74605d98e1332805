package sandbox

import (
	"strings"

	"zkdeck/zkview/wire"
)

// The znodes of a quota, under /zookeeper/quota and the path that it is for
// (org.apache.zookeeper.Quotas).
const (
	limitName = "zookeeper_limits"
	statName  = "zookeeper_stats"
)

func limitPath(path string) string { return quotaPath + path + "/" + limitName }
func statPath(path string) string  { return quotaPath + path + "/" + statName }

// quotaCreated looks whether the znode that was created is one of a quota: the limits
// switch it on, and into the stats goes what is there already.
func (t *tree) quotaCreated(parent, name string) {
	of, ok := strings.CutPrefix(parent, quotaPath)
	if !ok {
		return
	}
	switch name {
	case limitName:
		t.quotas.add(of)
	case statName:
		var u track
		if n := t.find(of); n != nil {
			count, bytes := n.usage()
			u = track{"count": count, "bytes": bytes}
		} else {
			u = track{"count": 0, "bytes": 0}
		}
		if n := t.find(statPath(of)); n != nil {
			t.setNodeData(n, u.encode())
		}
	}
}

func (t *tree) quotaDeleted(parent, name string) {
	if of, ok := strings.CutPrefix(parent, quotaPath); ok && name == limitName {
		t.quotas.remove(of)
	}
}

// usage is what a quota on n counts.
func (n *node) usage() (count, bytes int64) {
	count, bytes = 1, int64(len(n.data))
	if n.kids != nil {
		for _, k := range n.kids.list {
			c, b := k.usage()
			count, bytes = count+c, bytes+b
		}
	}
	return count, bytes
}

// countQuota adds to the stats of the quota that path is under, of several that of
// the longest path. Only the data of the stats changes, and no watch sees it.
func (t *tree) countQuota(path string, bytes, count int64) {
	of := t.quotas.longest(path)
	if of == "" {
		return
	}
	n := t.find(statPath(of))
	if n == nil {
		return
	}
	u, ok := parseTrack(n.data)
	if !ok {
		u = track{} // somebody wrote over it; the real server stops here
	}
	u["count"] = u.get("count") + count
	u["bytes"] = u.get("bytes") + bytes
	t.setNodeData(n, u.encode())
}

// checkQuota refuses what would go over a hard limit, if limits are enforced, and logs
// what goes over a soft one (ZooKeeperServer.checkQuota). It looks at the tree, not at
// what was prepared before in the same multi. Limits or stats that cannot be read are
// a MarshallingError.
func (t *tree) checkQuota(path string, bytes, count int64) wire.Code {
	if !t.cfg.enforceQuota {
		return 0
	}
	of := t.quotas.longest(path)
	if of == "" {
		return 0
	}
	limitNode, statNode := t.find(limitPath(of)), t.find(statPath(of))
	if limitNode == nil {
		return 0
	}
	limits, ok := parseTrack(limitNode.data)
	if !ok {
		return wire.MarshallingError
	}
	if count == 0 || !limits.limited("count") {
		count = 0
	}
	if bytes == 0 || !limits.limited("bytes") {
		bytes = 0
	}
	if count == 0 && bytes == 0 || statNode == nil {
		return 0
	}
	used, ok := parseTrack(statNode.data)
	if !ok {
		return wire.MarshallingError
	}
	if count != 0 && t.over(of, "count", limits, used.get("count")+count) ||
		bytes != 0 && t.over(of, "bytes", limits, used.get("bytes")+bytes) {
		return wire.QuotaExceeded
	}
	return 0
}

// over says whether a hard limit is exceeded. Where there is one the soft one is not
// looked at.
func (t *tree) over(path, what string, limits track, would int64) bool {
	limit, hard := limits.get(hardName[what]), true
	if limit < 0 {
		limit, hard = limits.get(what), false
	}
	if would <= limit {
		return false
	}
	t.cfg.logger.Warn("quota exceeded", "path", path, what, would, "limit", limit, "hard", hard)
	return hard
}
