package sandbox

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"zkdeck/zkview/wire"
)

// auth adds an identity to the connection (ZooKeeperServer.processPacket). A
// scheme that is none ends it.
func (c *conn) auth(q inquiry, d *wire.Decoder) error {
	d.Int() // type, unused
	scheme, secret := d.Ustring(), d.Buffer()
	if d.Err() != nil {
		return fmt.Errorf("auth request: %w", d.Err())
	}
	ids, ok := identify(scheme, secret, c.caller.ids[0].ID, c.server.opts.Superuser)
	if scheme == "digest" && secret == nil {
		ok = false
	}
	if !ok {
		c.server.stats.authFailed.Add(1)
		c.server.log.Warn("authentication failed", "client", c.address, "scheme", scheme)
		c.header(q, 0, wire.AuthFailed)
		c.submit(q, 0)
		return errFinish
	}
	s := c.server
	s.mu.RLock()
	c.caller.ids = withIdentities(c.caller.ids, ids)
	s.tree.authenticated(&c.caller)
	s.mu.RUnlock()
	c.header(q, 0, 0)
	c.submit(q, 0)
	return nil
}

// identify returns what a client is known by that proves itself under a scheme.
func identify(scheme string, secret []byte, address, superuser string) ([]wire.Identity, bool) {
	switch scheme {
	case "ip": // IPAuthenticationProvider: whatever is sent, the address
		return []wire.Identity{{Scheme: "ip", ID: address}}, true
	case "digest":
		id := Digest(string(secret))
		ids := []wire.Identity{{Scheme: "digest", ID: id}}
		if superuser != "" && id == superuser {
			ids = append(ids, wire.Identity{Scheme: "super"})
		}
		return ids, true
	default:
		return nil, false
	}
}

// Digest is how an ACL of the scheme digest, and [Options.Superuser], name who knows
// the secret "user:password": user:base64(SHA1(user:password))
// (DigestAuthenticationProvider).
func Digest(secret string) string {
	user, _, _ := strings.Cut(secret, ":")
	sum := sha1.Sum([]byte(secret))
	return user + ":" + base64.StdEncoding.EncodeToString(sum[:])
}

// withIdentities adds those that are not there yet. The result is a new slice: the
// tree may still look at the old one.
func withIdentities(have, more []wire.Identity) []wire.Identity {
	have = slices.Clone(have)
	for _, id := range more {
		if !slices.Contains(have, id) {
			have = append(have, id)
		}
	}
	return have
}

// sasl answers as a server without JAAS configuration: with no token, which is no
// failure (ZooKeeperServer.processSasl).
func (c *conn) sasl(q inquiry, d *wire.Decoder) error {
	token := d.Buffer()
	if d.Err() != nil || token == nil {
		return fmt.Errorf("sasl request: %w", wire.ErrMalformed)
	}
	c.header(q, 0, 0)
	c.reply.Buffer(nil)
	c.submit(q, 0)
	return nil
}

// whoAmI lists the identities, without what is secret in them.
func (c *conn) whoAmI(q inquiry, zxid int64) error {
	c.header(q, zxid, 0)
	e := &c.reply
	e.Int(int32(len(c.caller.ids)))
	for _, id := range c.caller.ids {
		user := id.ID
		if id.Scheme == "digest" {
			user, _, _ = strings.Cut(user, ":")
		}
		e.Ustring(id.Scheme)
		e.Ustring(javaText(user))
	}
	c.submit(q, zxid)
	return nil
}
