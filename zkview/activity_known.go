package zkview

import (
	"container/list"
	"time"
)

// Limits of what an Activity remembers.
const (
	knownBytes = 16 << 20
	knownPaths = 50_000
)

// knownValue is what was last read of a znode.
type knownValue struct {
	path     string
	stat     Stat
	value    []byte
	hasValue bool
	// before is the value before stat.Mzxid, if that was known.
	before    []byte
	hasBefore bool
	read      time.Time // when value was
	round     int       // the last reading of the subtree that has come past
	place     *list.Element
}

func (k *knownValue) size() int { return len(k.path) + len(k.value) + len(k.before) + 200 }

// knownValues remembers what was read of znodes, those read last, within a bound.
type knownValues struct {
	byPath map[string]*knownValue
	order  list.List // of *knownValue, read last in front
	bytes  int
}

func newKnownValues() *knownValues { return &knownValues{byPath: map[string]*knownValue{}} }

// put remembers a reading, which is older than the one before if it lags: then that
// stays. It returns what is known now.
func (m *knownValues) put(path string, stat Stat, value []byte, hasValue bool) *knownValue {
	k := m.byPath[path]
	switch {
	case k == nil:
		k = &knownValue{path: path}
		k.place = m.order.PushFront(k)
		m.byPath[path] = k
	case k.stat.Czxid == stat.Czxid && k.stat.Mzxid > stat.Mzxid:
		return k
	default:
		m.bytes -= k.size()
		m.order.MoveToFront(k.place)
		switch {
		case k.stat.Czxid != stat.Czxid:
			k.before, k.hasBefore = nil, false
		case k.stat.Mzxid != stat.Mzxid:
			k.before, k.hasBefore = k.value, k.hasValue
		case !hasValue: // the same state, of which we know more
			value, hasValue = k.value, k.hasValue
		}
	}
	k.stat, k.value, k.hasValue = stat, value, hasValue
	m.bytes += k.size()
	for (m.bytes > knownBytes || len(m.byPath) > knownPaths) && m.order.Len() > 1 {
		m.drop(m.order.Back().Value.(*knownValue))
	}
	return k
}

// drop forgets a znode.
func (m *knownValues) drop(k *knownValue) {
	m.bytes -= k.size()
	m.order.Remove(k.place)
	delete(m.byPath, k.path)
}

// missing returns, and forgets, the znodes that a reading of the subtree has not come
// past, but those that skip tells.
func (m *knownValues) missing(round int, skip func(path string) bool) []*knownValue {
	var gone []*knownValue
	for path, k := range m.byPath {
		if k.round != round && !skip(path) {
			gone = append(gone, k)
		}
	}
	for _, k := range gone {
		m.drop(k)
	}
	return gone
}
