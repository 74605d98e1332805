package sandbox

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// ipRange reads "10.1.2.3" or "10.0.0.0/8". ZooKeeper's scheme ip knows no IPv6
// (IPAuthenticationProvider), and reads numbers as Java's Integer.parseInt does, "+1"
// among them.
func ipRange(s string) (addr, mask uint32, ok bool) {
	s, width, ranged := strings.Cut(s, "/")
	addr, ok = ipv4(s)
	bits := 32
	if ranged {
		var err error
		bits, err = strconv.Atoi(width)
		ok = ok && err == nil && bits >= 0 && bits <= 32
	}
	if !ok {
		return 0, 0, false
	}
	return addr, uint32(0xffffffff << (32 - bits)), true
}

func ipv4(s string) (uint32, bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return 0, false
	}
	var b [4]byte
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || v > 255 {
			return 0, false
		}
		b[i] = byte(v)
	}
	return binary.BigEndian.Uint32(b[:]), true
}

func validIP(id string) bool {
	_, _, ok := ipRange(id)
	return ok
}

// matchIP says whether the address of a client is in the range of an ACL.
func matchIP(client, acl string) bool {
	addr, mask, ok := ipRange(acl)
	if !ok {
		return false
	}
	from, ok := ipv4(client)
	return ok && from&mask == addr&mask
}
