package zkview

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
)

// keyed is a name's place in a slice together with the first eight bytes of an
// encoding that sorts as CompareNames does.
type keyed struct {
	key uint64
	at  uint32
}

// alike is up to how many names with the same key are sorted by comparing them; more
// get new keys from what follows.
const alike = 24

// sortNames returns names in natural order, without repetitions, as entries with
// key 0. Names of many siblings differ in few bytes behind a common prefix, so most of
// the work is a radix sort of eight-byte keys.
func sortNames(names []string) []entry[int64] {
	if len(names) == 0 {
		return nil
	}
	ks := make([]keyed, len(names))
	for i := range ks {
		ks[i].at = uint32(i)
	}
	ks = sortKeyed(names, ks, 0)
	es := make([]entry[int64], 0, len(names))
	for i, k := range ks {
		// Only equal keys are worth a look at the names, which lie all over the memory.
		if i > 0 && k.key == ks[i-1].key && names[k.at] == names[ks[i-1].at] {
			continue
		}
		es = append(es, entry[int64]{name: names[k.at]})
	}
	return es
}

// sortKeyed sorts the names that ks points to, which are equal in their first skip
// bytes. The result is ks or a slice of its own.
func sortKeyed(names []string, ks []keyed, skip int) []keyed {
	skip = commonPrefix(names, ks, skip)
	seen := fillKeys(names, ks, skip)
	ks, low := radix(ks, seen)
	for i := 0; i < len(ks); {
		j := i + 1
		for j < len(ks) && ks[j].key>>(8*low) == ks[i].key>>(8*low) {
			j++
		}
		if j-i > 1 {
			sortRun(names, ks[i:j], skip)
		}
		i = j
	}
	return ks
}

// sortRun sorts names that radix left in any order: their keys may differ in low bytes.
func sortRun(names []string, run []keyed, skip int) {
	if len(run) <= alike {
		slices.SortFunc(run, func(a, b keyed) int {
			if a.key != b.key {
				return cmp.Compare(a.key, b.key)
			}
			return CompareNames(names[a.at], names[b.at])
		})
		return
	}
	slices.SortFunc(run, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	for i := 0; i < len(run); {
		j := i + 1
		for j < len(run) && run[j].key == run[i].key {
			j++
		}
		same, key := run[i:j], run[i].key
		i = j
		if len(same) > alike && commonPrefix(names, same, skip) > skip {
			copy(same, sortKeyed(names, same, skip))
			for k := range same {
				same[k].key = key
			}
		} else if len(same) > 1 {
			slices.SortFunc(same, func(a, b keyed) int { return CompareNames(names[a.at], names[b.at]) })
		}
	}
}

// fillKeys sets the keys and counts the values of each of their bytes. Long slices are
// shared out among the processors.
func fillKeys(names []string, ks []keyed, skip int) *[8][256]uint32 {
	n := 1
	if len(ks) > 20_000 {
		n = min(runtime.GOMAXPROCS(0), 8)
	}
	counts := make([][8][256]uint32, n)
	fill := func(part int) {
		seen := &counts[part]
		for i := part * len(ks) / n; i < (part+1)*len(ks)/n; i++ {
			k := sortKey(names[ks[i].at], skip)
			ks[i].key = k
			for b := range 8 {
				seen[b][byte(k>>(8*b))]++
			}
		}
	}
	var wg sync.WaitGroup
	for part := 1; part < n; part++ {
		wg.Go(func() { fill(part) })
	}
	fill(0)
	wg.Wait()
	for _, c := range counts[1:] {
		for b := range c {
			for v, k := range c[b] {
				counts[0][b][v] += k
			}
		}
	}
	return &counts[0]
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

// commonPrefix is the length of what all the names begin with, at least skip, up to
// where the first number behind skip may begin.
func commonPrefix(names []string, ks []keyed, skip int) int {
	first := names[ks[0].at]
	p := len(first)
	for _, k := range ks[1:] {
		n := names[k.at]
		p = min(p, len(n))
		if n[skip:p] == first[skip:p] {
			continue
		}
		for p = skip; n[p] == first[p]; p++ {
		}
		if p == skip {
			break
		}
	}
	return max(skip, tokenStart(first, p))
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
