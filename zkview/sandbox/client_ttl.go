package sandbox

import (
	"time"

	"zkdeck/zkview/wire"
)

// CreateTTL creates a persistent znode that the server deletes once it has had no
// children and no write for ttl, in whole milliseconds. Without an ACL everybody may
// do everything with it.
func (c *Client) CreateTTL(path string, data []byte, ttl time.Duration, acl ...wire.ACL) (string, error) {
	const persistentWithTTL = 5 // org.apache.zookeeper.CreateMode
	if len(acl) == 0 {
		acl = []wire.ACL{{Perms: 31, Scheme: "world", ID: "anyone"}}
	}
	res, err := c.change(&request{
		op: wire.OpCreateTTL, path: path, data: solid(data), acl: acl, flags: persistentWithTTL, ttl: ttl.Milliseconds(),
	})
	return res.path, err
}
