package zkview

import "strings"

// Field is what siblings are sorted by.
type Field uint8

// The fields to sort by. All but ByName need the Stat of every sibling.
const (
	ByName Field = iota
	ByCreated
	ByModified
	ByChildren
	BySize
)

// String is the word a person types for the field.
func (f Field) String() string {
	switch f {
	case ByCreated:
		return "ctime"
	case ByModified:
		return "mtime"
	case ByChildren:
		return "children"
	case BySize:
		return "size"
	default:
		return "name"
	}
}

// Order is how siblings are sorted. Siblings that are equal in By, and those whose
// Stat is not known (they come last both ways), stand in the natural order of
// their names.
type Order struct {
	By   Field
	Desc bool
}

// unknownKey sorts siblings without a Stat behind all others.
const unknownKey = 1<<63 - 1

// key maps a Stat to a number that is smaller the earlier the znode stands. It is
// 0 for every znode when the order is by name.
func (o Order) key(s *Stat) int64 {
	if o.By == ByName {
		return 0
	}
	if s == nil {
		return unknownKey
	}
	var k int64
	switch o.By {
	case ByCreated:
		k = s.CtimeMS
	case ByModified:
		k = s.MtimeMS
	case ByChildren:
		k = int64(s.NumChildren)
	case BySize:
		k = int64(s.DataLength)
	}
	k = max(min(k, unknownKey-1), -(unknownKey - 1)) // a server may claim any number
	if o.Desc {
		return -k
	}
	return k
}

// compare is the order of entries whose keys were made by o.key.
func (o Order) compare() func(a, b *entry[int64]) int {
	if o.By == ByName && o.Desc {
		return func(a, b *entry[int64]) int { return CompareNames(b.name, a.name) }
	}
	if o.By == ByName {
		return byName[int64]
	}
	return func(a, b *entry[int64]) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return CompareNames(a.name, b.name)
	}
}

func byName[V any](a, b *entry[V]) int { return CompareNames(a.name, b.name) }

// CompareNames is the natural order of znode names: runs of digits compare as
// numbers (lock-9 before lock-10), everything else as bytes, and names that are
// equal so far as bytes. It is a total order.
//
// A sequence number that has wrapped is printed with its sign ("lock--2147483648",
// "n_-000000001"; PrepRequestProcessor formats the parent's int32 cversion with
// %010d). Such a tail, a sign that follows no letter or digit and 9 or 10 digits up to
// the end, stands behind 2147483647, where the counter reached it.
func CompareNames(a, b string) int {
	if a == b { // much faster than the loop, and the usual case where listings are compared
		return 0
	}
	n := min(len(a), len(b))
	p := 0
	for p < n && a[p] == b[p] {
		p++
	}
	p = tokenStart(a, p)
	for i, j := p, p; ; {
		if i >= len(a) || j >= len(b) {
			switch {
			case i < len(a):
				return 1
			case j < len(b):
				return -1
			}
			return strings.Compare(a, b)
		}
		na, ni := number(a, i)
		nb, nj := number(b, j)
		switch {
		case ni > i && nj > j:
			if c := na.compare(nb); c != 0 {
				return c
			}
			i, j = ni, nj
		default:
			ca, cb := a[i], b[j]
			if ni > i {
				ca = '0' // a signed number stands where a digit would
			}
			if nj > j {
				cb = '0'
			}
			if ca != cb {
				if ca < cb {
					return -1
				}
				return 1
			}
			i, j = i+1, j+1
		}
	}
}

// tokenStart moves p, up to which two names are equal, back to where a number that
// p may lie in has begun in either.
func tokenStart(s string, p int) int {
	for p > 0 && (s[p-1]-'0' <= 9 || s[p-1] == '-' && maySign(s, p-1)) {
		p--
	}
	return p
}

// digits is a number in a name: its digits, without leading zeros if more than 18, or,
// for a wrapped sequence number, its value as the uint32 that the counter passed.
type digits struct {
	s string
	v uint64 // the value if s has at most 18 digits, else anything
}

func (a digits) compare(b digits) int {
	if len(a.s) <= 18 && len(b.s) <= 18 {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return 0
	}
	if len(a.s) != len(b.s) {
		if len(a.s) < len(b.s) {
			return -1
		}
		return 1
	}
	return strings.Compare(a.s, b.s)
}

// number reads the number that begins at s[i]; end is i if there is none.
func number(s string, i int) (d digits, end int) {
	start := i
	neg := s[i] == '-'
	if neg {
		if !signed(s, i) {
			return digits{}, i
		}
		start++
	}
	end = start
	for end+8 <= len(s) {
		v, ok := eightDigits(s[end : end+8])
		if !ok {
			break
		}
		d.v = d.v*1e8 + v
		end += 8
	}
	for end < len(s) && s[end]-'0' <= 9 {
		d.v = d.v*10 + uint64(s[end]-'0')
		end++
	}
	for end-start > 18 && s[start] == '0' {
		start++
	}
	d.s = s[start:end]
	if neg {
		d.v = 1<<32 - d.v
	}
	return d, end
}

// eightDigits is the value of eight digits; ok is false if they are not. It works on
// all of them at once: tens, then hundreds, then ten thousands.
func eightDigits(s string) (v uint64, ok bool) {
	_ = s[7]
	v = uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	const ones = 0x0101010101010101
	if (v|(v+6*ones))&(0xf0*ones) != '0'*ones || v&('0'*ones) != '0'*ones {
		return 0, false
	}
	v = (v & (0xf * ones)) * (10<<8 + 1) >> 8
	v = (v & 0x00ff00ff00ff00ff) * (100<<16 + 1) >> 16
	v = (v & 0x0000ffff0000ffff) * (10000<<32 + 1) >> 32
	return v, true
}

// signed tells that s[i], a minus, is the sign of a wrapped sequence number.
func signed(s string, i int) bool {
	n := len(s) - i - 1
	if n != 9 && n != 10 {
		return false
	}
	if !maySign(s, i) {
		return false
	}
	v := uint64(0)
	for _, c := range []byte(s[i+1:]) {
		if c-'0' > 9 {
			return false
		}
		v = v*10 + uint64(c-'0')
	}
	return v > 0 && v <= 1<<31 && (n == 9 || v > 999999999)
}

// maySign tells that the minus s[i] is a sign for all that stands before it.
func maySign(s string, i int) bool {
	if i == 0 {
		return true
	}
	c := s[i-1]
	return (c|0x20)-'a' >= 26 && c-'0' > 9
}
