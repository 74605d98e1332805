package zkview

import (
	"cmp"
	"slices"
)

// keyed is a name's place in a slice together with the first eight bytes of an
// encoding that sorts as CompareNames does.
type keyed struct {
	key uint64
	at  uint32
}

// sortNames returns names in natural order, without repetitions, as entries with
// key 0. Names of many siblings differ in few bytes behind a common prefix, so most of
// the work is a radix sort of eight-byte keys; only names that those cannot tell
// apart are compared.
func sortNames(names []string) []entry[int64] {
	if len(names) == 0 {
		return nil
	}
	skip := commonPrefix(names)
	ks := make([]keyed, len(names))
	var seen [8][256]uint32
	for i, n := range names {
		k := sortKey(n, skip)
		ks[i] = keyed{k, uint32(i)}
		for b := range 8 {
			seen[b][byte(k>>(8*b))]++
		}
	}
	ks, low := radix(ks, &seen)
	compare := func(a, b keyed) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return CompareNames(names[a.at], names[b.at])
	}
	for i := 0; i < len(ks); {
		j := i + 1
		for j < len(ks) && ks[j].key>>(8*low) == ks[i].key>>(8*low) {
			j++
		}
		if j-i > 1 {
			slices.SortFunc(ks[i:j], compare)
		}
		i = j
	}
	es := make([]entry[int64], 0, len(names))
	for _, k := range ks {
		if n := names[k.at]; len(es) == 0 || es[len(es)-1].name != n {
			es = append(es, entry[int64]{name: n})
		}
	}
	return es
}

// radix sorts by the leading bytes of the keys, as many as tell apart about four
// times as many names as there are. It returns the lowest byte that it sorted by.
// seen counts the values of each byte; it is used up.
func radix(ks []keyed, seen *[8][256]uint32) (sorted []keyed, low int) {
	low, spread := 8, 1
	for low > 0 && spread < 4*len(ks) {
		low--
		distinct := 0
		for _, n := range seen[low] {
			if n > 0 {
				distinct++
			}
		}
		spread *= distinct
	}
	tmp := make([]keyed, len(ks))
	for b := low; b < 8; b++ {
		count := &seen[b]
		if int(count[byte(ks[0].key>>(8*b))]) == len(ks) {
			continue // the same byte in all
		}
		at := uint32(0)
		for i, n := range count {
			count[i] = at
			at += n
		}
		for _, k := range ks {
			c := &count[byte(k.key>>(8*b))]
			tmp[*c] = k
			*c++
		}
		ks, tmp = tmp, ks
	}
	return ks, low
}

// commonPrefix is the length of what all names begin with, up to where the first
// number may begin.
func commonPrefix(names []string) int {
	first := names[0]
	p := len(first)
	for _, n := range names[1:] {
		p = min(p, len(n))
		if n[:p] == first[:p] {
			continue
		}
		k := 0
		for n[k] == first[k] {
			k++
		}
		p = k
	}
	return tokenStart(first, p)
}

// sortKey encodes what follows the first skip bytes of a name so that a smaller key
// means an earlier name: a byte as itself, a number as '0' plus the count of its
// bytes, then these.
func sortKey(s string, skip int) uint64 {
	var key uint64
	shift := 64
	put := func(c byte) {
		if shift > 0 {
			shift -= 8
			key |= uint64(c) << shift
		}
	}
	for i := skip; i < len(s) && shift > 0; {
		c := s[i]
		if c-'0' > 9 && c != '-' {
			put(c)
			i++
			continue
		}
		d, end := number(s, i)
		switch {
		case end == i:
			put(c)
			i++
			continue
		case len(d.s) > 18:
			put('9')
			put(byte(min(len(d.s), 255)))
			if len(d.s) < 255 {
				for k := 0; k < len(d.s) && shift > 0; k++ {
					put(d.s[k])
				}
			} else {
				return key // the count says no more; the rest is left to CompareNames
			}
		default:
			n := 0
			for n < 8 && d.v>>(8*n) > 0 {
				n++
			}
			put('0' + byte(n))
			for n--; n >= 0; n-- {
				put(byte(d.v >> (8 * n)))
			}
		}
		i = end
	}
	return key
}
