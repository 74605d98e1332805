package lockctl

import "strings"

// weakNames are prefixes that a recipe has and others may have too.
var weakNames = []struct {
	prefix string
	family family
	mode   Mode
}{
	{"lock-", plainLock, Exclusive},
	{"lock_id_", naive, Exclusive},
	{"lock_", plainLock, Exclusive},
	{"read-", plainRW, Read},
	{"write-", plainRW, Write},
	{"semaphore-", plainSemaphore, Place},
	{"ex", zkRuby, Write},
	{"sh", zkRuby, Read},
	{"sem", zkRubySemaphore, Place},
	{"ballot", zkRubyElection, Exclusive},
	{"n_", electionSupport, Exclusive},
	{"member_", twitter, Exclusive},
	{"V_", auditor, Exclusive},
	{"zlock-", accumulo, Exclusive}, // before Accumulo 2.1
	{"", bare, Exclusive},
}

// labels are what stands before an id: <label>-<id>-N.
var labels = []struct {
	prefix    string
	hex, uuid family
	mode      Mode
}{
	{"lock-", aiozkLock, aiozkLock, Exclusive},
	{"read-", aiozkRW, avoutRW, Read},
	{"write-", aiozkRW, avoutRW, Write},
	{"candidate-", aiozkElection, aiozkElection, Exclusive},
	{"lease-", aiozkSemaphore, aiozkSemaphore, Place},
}

// guided are what stands behind the GUID of ZooKeeper's recipes document.
var guided = []struct {
	infix  string
	family family
	mode   Mode
}{
	{"lock-", recipesLock, Exclusive},
	{"read-", recipesRW, Read},
	{"write-", recipesRW, Write},
	{"n_", recipesElection, Exclusive},
	{"", avout, Exclusive},
}

// weakName knows the names that need more than themselves to be believed. The name
// begins at the byte numbered from.
func weakName(name string, from int) (tag, bool) {
	for _, w := range weakNames {
		if t, ok := after(name, from, w.prefix, w.family, w.mode); ok {
			return t, true
		}
	}
	for _, l := range labels {
		if !strings.HasPrefix(name[from:], l.prefix) {
			continue
		}
		id := from + len(l.prefix)
		f, end := l.uuid, idEnd(name, id)
		if end == id+32 {
			f = l.hex
		}
		if end < len(name) && end > id && name[end] == '-' {
			if t, ok := numbered(name, end+1, f, l.mode); ok {
				return t.identified(id, end), true
			}
		}
	}
	if end := idEnd(name, from); end > from && end < len(name) && name[end] == '-' {
		for _, g := range guided {
			if t, ok := after(name, end+1, g.infix, g.family, g.mode); ok {
				return t.identified(from, end), true
			}
		}
	}
	return tailName(name, from)
}

// tailName knows names of which the middle is free.
func tailName(name string, from int) (tag, bool) {
	s := name[from:]
	switch {
	case strings.HasPrefix(s, "member_"):
		return distributedLogName(name, from)
	case strings.HasPrefix(s, "latch-"):
		if at, seq, ok := splitSequence(name); ok && at > from+len("latch-")+1 && name[at-1] == '-' {
			t := tag{family: rustLatch, mode: Exclusive, seq: seq, sequential: true, at: int32(at)}
			return t.identified(from+len("latch-"), at-1), true
		}
	}
	// kazoo finds its contenders by what stands before the number (regex search).
	if at, seq, ok := splitSequence(name); ok {
		t := tag{family: kazooLock, mode: Exclusive, seq: seq, sequential: true, at: int32(at)}
		if strings.HasSuffix(name[from:at], "__lock__") {
			return t, true
		}
		if strings.HasSuffix(name[from:at], "__rlock__") {
			t.mode = Read
			return t, true
		}
	}
	return tag{}, false
}

// distributedLogName is member_<client>_s<session>_N, the session padded with blanks to
// ten places.
func distributedLogName(name string, from int) (tag, bool) {
	at, seq, ok := splitSequence(name)
	if !ok || at < from+len("member_")+4 || name[at-1] != '_' {
		return tag{}, false
	}
	s := strings.LastIndex(name[from:at-1], "_s")
	if s < len("member_")-1 {
		return tag{}, false
	}
	digits := strings.TrimPrefix(strings.TrimLeft(name[from+s+2:at-1], " "), "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return tag{}, false
	}
	t := tag{family: distributedLog, mode: Exclusive, seq: seq, sequential: true, at: int32(at)}
	return t.identified(from+len("member_"), at-1), true
}

// idEnd is where a GUID that begins at from ends: a UUID or 32 hex digits; from itself
// if there is none.
func idEnd(name string, from int) int {
	switch {
	case isUUID(name[from:]):
		return from + 36
	case isHex(name[from:], 32):
		return from + 32
	}
	return from
}

// traps are prefixes of sequential znodes that are no contenders: queues (recipes.mdx,
// Curator's and kazoo's, Solr's), logs and tasks (ClickHouse), groups (Mesos),
// BookKeeper's ids.
var traps = map[string]bool{
	"queue-": true, "qn-": true, "qnr-": true, "block-": true, "abandonable_lock-": true, "log-": true, "query-": true,
	"task-": true, "info_": true, "json.info_": true, "id_": true, "urL": true,
}

// trapStem tells whether sequential znodes of this prefix are something else than
// contenders.
func trapStem(stem string) bool {
	if traps[stem] || strings.HasSuffix(stem, "__party__") || strings.HasPrefix(stem, "queue-") {
		return true
	}
	// entry-PPP- of kazoo's Queue and any other priority of three digits.
	n := len(stem)
	if n < 5 || stem[n-1] != '-' || stem[n-5] != '-' {
		return false
	}
	for _, c := range []byte(stem[n-4 : n-1]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
