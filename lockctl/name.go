package lockctl

import "strings"

// tag is what a name says.
type tag struct {
	family family
	mode   Mode
	seq    int32
	// sequential tells that seq is set; the number begins at the byte numbered at.
	sequential bool
	at         int32
	// id is where the name has a GUID, or for a session's id its digits.
	idFrom, idTo int32
	// trap is a name that looks like a contender's and is not.
	trap bool
}

// id is the part of the name that should be there once.
func (t tag) id(name string) string { return name[t.idFrom:t.idTo] }

// numbered makes a tag of the family if what follows the first at bytes is a sequence
// number, and nothing else is.
func numbered(name string, at int, f family, m Mode) (tag, bool) {
	seq, ok := parseSequence(name[at:])
	if !ok {
		return tag{}, false
	}
	return tag{family: f, mode: m, seq: seq, sequential: true, at: int32(at)}, true
}

// after is [numbered] for a name that has prefix at the byte numbered from.
func after(name string, from int, prefix string, f family, m Mode) (tag, bool) {
	if !strings.HasPrefix(name[from:], prefix) {
		return tag{}, false
	}
	return numbered(name, from+len(prefix), f, m)
}

// identified sets where the id is.
func (t tag) identified(from, to int) tag {
	t.idFrom, t.idTo = int32(from), int32(to)
	return t
}

// parseName says what a name may be. The families that nobody else's names look like
// come first, because they settle where a negative number begins: the tail of
// "lock--2147483648".
func parseName(name string) tag {
	if t, ok := strongName(name); ok {
		return t
	}
	if len(name) == 32 && isHex(name, 32) {
		return tag{family: kazooPlace, mode: Place, at: int32(len(name))}
	}
	at, seq, ok := splitSequence(name)
	if !ok {
		return tag{}
	}
	if trapStem(name[:at]) {
		return tag{trap: true, seq: seq, sequential: true, at: int32(at)}
	}
	if t, ok := weakName(name, 0); ok {
		return t
	}
	return tag{family: other, mode: Exclusive, seq: seq, sequential: true, at: int32(at)}
}

// strongName knows the names that only one library makes, and those whose id
// has to be compared with the owner.
func strongName(name string) (tag, bool) {
	if len(name) < 12 {
		return tag{}, false
	}
	switch name[0] {
	case '_':
		return protectedName(name)
	case 'z':
		if end := len("zlock#") + 36; strings.HasPrefix(name, "zlock#") && len(name) > end && isUUID(name[len("zlock#"):]) && name[end] == '#' {
			t, ok := numbered(name, end+1, accumulo, Exclusive)
			return t.identified(len("zlock#"), end), ok
		}
	case 'f':
		return fateName(name)
	case 'L':
		return hiveName(name)
	case 'x':
		return sessionName(name)
	}
	if isHex(name, 32) {
		for _, k := range []struct {
			infix string
			mode  Mode
		}{{"__lock__", Exclusive}, {"__rlock__", Read}} {
			if t, ok := after(name, 32, k.infix, kazooLock, k.mode); ok {
				return t.identified(0, 32), true
			}
		}
		if strings.HasPrefix(name[32:], "__party__") {
			return tag{trap: true, at: int32(len(name))}, true
		}
	}
	return solrName(name)
}

// protectedName is Curator's protection mode, _c_<uuid>-, and go-zookeeper's, which has
// no dashes in the id.
func protectedName(name string) (tag, bool) {
	if !strings.HasPrefix(name, "_c_") {
		return tag{}, false
	}
	id := 3 + 36
	curator := isUUID(name[3:])
	if !curator {
		if id = 3 + 32; !isHex(name[3:], 32) {
			return tag{}, false
		}
	}
	if len(name) <= id || name[id] != '-' {
		return tag{}, false
	}
	base := id + 1
	if !curator {
		if t, ok := after(name, base, "lock-", goZooKeeper, Exclusive); ok {
			return t.identified(3, id), true
		}
	} else {
		for _, k := range curatorNames {
			if t, ok := after(name, base, k.infix, k.family, k.mode); ok {
				return t.identified(3, id), true
			}
		}
	}
	// The protection of either library around somebody else's name.
	if t, ok := weakName(name, base); ok {
		return t.identified(3, id), true
	}
	at, seq, ok := splitSequence(name[base:])
	if !ok {
		return tag{}, false
	}
	if trapStem(name[base : base+at]) {
		return tag{trap: true, seq: seq, sequential: true, at: int32(base + at)}, true
	}
	return tag{family: other, mode: Exclusive, seq: seq, sequential: true, at: int32(base + at)}.identified(3, id), true
}

var curatorNames = []struct {
	infix  string
	family family
	mode   Mode
}{
	{"lock-", curatorMutex, Exclusive},
	{"__READ__", curatorRW, Read},
	{"__WRIT__", curatorRW, Write},
	{"latch-", curatorLatch, Exclusive},
	{"lease-", curatorLease, Place},
}

// fateName is Accumulo's flock#READ:<id>#N; ranges may follow the id.
func fateName(name string) (tag, bool) {
	rest, ok := strings.CutPrefix(name, "flock#")
	if !ok {
		return tag{}, false
	}
	end := strings.LastIndexByte(name, '#') + 1
	mode := Write
	if strings.HasPrefix(rest, "READ") {
		mode = Read
	}
	t, ok := numbered(name, end, accumuloFate, mode)
	if ok && end > len("flock#") {
		t = t.identified(len("flock#"), end-1)
	}
	return t, ok
}

func hiveName(name string) (tag, bool) {
	for _, k := range []struct {
		prefix string
		mode   Mode
	}{{"LOCK-SHARED-", Read}, {"LOCK-EXCLUSIVE-", Write}, {"LOCK-SEMI_SHARED-", Read}} {
		if t, ok := after(name, 0, k.prefix, hive, k.mode); ok {
			return t, true
		}
	}
	return tag{}, false
}

// sessionName is x-<session>-N: decimal and signed of Java's WriteLock, 16 hex digits
// of C's zoo_lock. Where both can be the owner settles it.
func sessionName(name string) (tag, bool) {
	if !strings.HasPrefix(name, "x-") {
		return tag{}, false
	}
	if isHex(name[2:], 16) && len(name) > 18 && name[18] == '-' {
		if t, ok := numbered(name, 19, zooLock, Exclusive); ok {
			return t.identified(2, 18), true
		}
	}
	end := 2
	if end < len(name) && name[end] == '-' {
		end++
	}
	from := end
	for end < len(name) && name[end] >= '0' && name[end] <= '9' {
		end++
	}
	if end == from || end == len(name) || name[end] != '-' {
		return tag{}, false
	}
	t, ok := numbered(name, end+1, writeLock, Exclusive)
	return t.identified(2, end), ok
}

// solrName is <session>-<node>-n_N.
func solrName(name string) (tag, bool) {
	at := strings.LastIndex(name, "-n_")
	if at < 0 {
		return tag{}, false
	}
	end := 0
	if name[0] == '-' {
		end = 1
	}
	from := end
	for end < at && name[end] >= '0' && name[end] <= '9' {
		end++
	}
	if end == from || end+1 >= at || name[end] != '-' {
		return tag{}, false
	}
	t, ok := numbered(name, at+3, solr, Exclusive)
	return t.identified(0, end), ok
}

// isHex tells whether s begins with n lower-case hexadecimal digits.
func isHex(s string, n int) bool {
	if len(s) < n {
		return false
	}
	for i := range n {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// isUUID tells whether s begins with a UUID in its usual form, in lower case.
func isUUID(s string) bool {
	return len(s) >= 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		isHex(s, 8) && isHex(s[9:], 4) && isHex(s[14:], 4) && isHex(s[19:], 4) && isHex(s[24:], 12)
}
