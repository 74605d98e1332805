package demo

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// uuid is a random UUID, version 4, as java.util.UUID prints it.
func uuid(r *rand.Rand) string {
	h := hex32(r)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// hex32 is the same without dashes, as Python's uuid4().hex.
func hex32(r *rand.Rand) string {
	return fmt.Sprintf("%016x%016x", r.Uint64()&^(0xf<<12)|4<<12, r.Uint64()&^(0x3<<62)|2<<62)
}

// millis is now as Java counts it.
func millis() string { return strconv.FormatInt(time.Now().UnixMilli(), 10) }

// digestID is the id of an ACL of scheme digest
// (org.apache.zookeeper.server.auth.DigestAuthenticationProvider.generateDigest): SHA-1
// by definition.
func digestID(user, password string) string {
	sum := sha1.Sum([]byte(user + ":" + password))
	return user + ":" + base64.StdEncoding.EncodeToString(sum[:])
}
