package lockctl

import "math"

// NextSequence is the number that the next sequential child would get, from the Stat
// of the parent. It is also the number of children ever created, because the counter
// counts them all, sequential or not, and deletes do not move it
// (PrepRequestProcessor: String.format("%010d", parentCVersion)).
//
// The Stat shows 2*counter - NumChildren in 32 bits (DataNode.copyStat), so the sign of
// the counter is lost: the result is from 0 to 2147483647. At 2147483647 servers since
// 3.6.0 stand still (ZOOKEEPER-3249), older ones go on at -2147483648.
func (s Stat) NextSequence() int64 {
	if !s.Known() {
		return NoSequence
	}
	return int64((uint32(s.Cversion) + uint32(s.NumChildren)) >> 1)
}

// given tells whether the server can have given a number while the counter stood at
// next. BookKeeper's urL%010d and other padded ids are found out so.
func given(seq int32, next int64) bool {
	return next == NoSequence || seq < 0 || int64(seq) < next || next == math.MaxInt32
}

// parseSequence reads what the server appends to the name of a sequential znode, and
// nothing else: "%010d" of an int32 is ten digits, or a minus and nine digits, or a
// minus and ten digits of which the first is 1 or 2.
func parseSequence(s string) (int32, bool) {
	digits, negative := s, false
	if s != "" && s[0] == '-' {
		digits, negative = s[1:], true
	}
	switch {
	case len(digits) == 10:
	case len(digits) == 9 && negative:
	default:
		return 0, false
	}
	n := int64(0)
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	if negative {
		if n == 0 || len(digits) == 10 && n < 1_000_000_000 {
			return 0, false
		}
		n = -n
	}
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, false
	}
	return int32(n), true
}

// splitSequence finds the number at the end of a name of which nothing else is known,
// and returns where it begins. "lock-2147483647" may be of the prefix "lock-" or, below
// zero, of "lock": prefixes that end in a dash are the rule.
func splitSequence(name string) (at int, seq int32, ok bool) {
	if at = len(name) - 10; at >= 0 {
		if seq, ok = parseSequence(name[at:]); ok {
			if seq < 0 || at < 2 || name[at-1] != '-' || name[at-2] != '-' {
				return at, seq, true
			}
			// "lock--2147483648": the second dash is the sign, if that can be.
			if below, ok := parseSequence(name[at-1:]); ok {
				return at - 1, below, true
			}
			return at, seq, true
		}
	}
	// -2147483648 has ten digits that fit no positive int32.
	if at = len(name) - 11; at >= 0 && name[at] == '-' {
		if seq, ok = parseSequence(name[at:]); ok {
			return at, seq, true
		}
	}
	return 0, 0, false
}
