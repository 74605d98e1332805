package zkview

import (
	"math/bits"
	"runtime"
	"slices"
	"sync"
)

const (
	// alike is up to how many names with the same key are sorted by comparing them; more
	// get new keys from what follows.
	alike = 24
	// fewKeys is up to how many keys slices.Sort is no slower than radix.
	fewKeys = 500
	// radixBits is how many bits of the keys one pass of radix takes at most, radixPasses
	// how many passes there are.
	radixBits, radixPasses = 11, 4
	// shares is in how many parts work is done at once at most, shareMin the size of
	// slices from which that is worth it.
	shares, shareMin = 8, 20_000
)

// sortNames returns names in natural order, without repetitions, as entries with
// key 0. Names of many siblings differ in few bytes behind a common prefix, so most of
// the work is a radix sort of numbers, each a short key and a name's place in names.
func sortNames(names []string) []entry[int64] {
	if len(names) == 0 {
		return nil
	}
	s := nameSorter{names: names, spare: make([]uint64, len(names))}
	s.place = 1<<bits.Len(uint(len(names)-1)) - 1
	ks := make([]uint64, len(names))
	for i := range ks {
		ks[i] = uint64(i)
	}
	s.sort(ks, 0)
	es := make([]entry[int64], len(names))
	share(len(ks), func(_, from, to int) {
		for i := from; i < to; i++ {
			es[i].name = s.name(ks[i])
		}
	})
	if s.twins {
		es = slices.CompactFunc(es, func(a, b entry[int64]) bool { return a.name == b.name })
	}
	return es
}

// nameSorter sorts names by way of numbers: in the low bits of one is a name's place,
// in the others as much of the name's key as there is room for.
type nameSorter struct {
	names []string
	spare []uint64
	place uint64 // the low bits
	twins bool   // two names may be equal
}

func (s *nameSorter) name(k uint64) string { return s.names[k&s.place] }

// sort sorts what ks points to: names that are equal in their first skip bytes. It
// sets the keys.
func (s *nameSorter) sort(ks []uint64, skip int) {
	skip = s.commonPrefix(ks, skip)
	for i, sorted := 0, s.sortKeys(ks, skip); i < len(ks); {
		j := i + 1
		for j < len(ks) && (ks[i]^ks[j])>>sorted == 0 {
			j++
		}
		if j-i > 1 {
			s.sortRun(ks[i:j], skip)
		}
		i = j
	}
}

// sortRun sorts names whose keys differ in few low bits if at all.
func (s *nameSorter) sortRun(run []uint64, skip int) {
	slices.Sort(run)
	for i := 0; i < len(run); {
		j := i + 1
		for j < len(run) && (run[i]^run[j])&^s.place == 0 {
			j++
		}
		same := run[i:j]
		i = j
		if len(same) > alike && s.commonPrefix(same, skip) > skip {
			s.sort(same, skip)
		} else if len(same) > 1 {
			slices.SortFunc(same, func(a, b uint64) int {
				c := CompareNames(s.name(a), s.name(b))
				s.twins = s.twins || c == 0
				return c
			})
		}
	}
}

// sortKeys makes keys of what follows the first skip bytes, less what is the same in
// all of them, and sorts by their bits from the one that it returns on.
func (s *nameSorter) sortKeys(ks []uint64, skip int) (sorted int) {
	keys := s.spare[:len(ks)]
	first := sortKey(s.name(ks[0]), skip)
	var differ [shares]uint64
	share(len(ks), func(part, from, to int) {
		for i := from; i < to; i++ {
			keys[i] = sortKey(s.name(ks[i]), skip)
			differ[part] |= keys[i] ^ first
		}
	})
	for _, d := range differ[1:] {
		differ[0] |= d
	}
	lead := bits.LeadingZeros64(differ[0])
	sorted = max(bits.TrailingZeros64(differ[0]<<lead), bits.Len64(s.place), 64-radixBits*radixPasses)
	passes := (64 - sorted + radixBits - 1) / radixBits
	if len(ks) <= fewKeys {
		sorted, passes = 64, 0
	}
	from, to := ks, keys
	if passes%2 == 1 { // so that the last pass ends in ks
		from, to = keys, ks
	}
	for i, k := range ks {
		from[i] = keys[i]<<lead&^s.place | k&s.place
	}
	for low := sorted; passes > 0; passes-- {
		width := (64 - low + passes - 1) / passes
		radix(from, to, low, width)
		from, to = to, from
		low += width
	}
	return sorted
}

// radix moves numbers in the order of width bits of theirs, from bit low on. Those that
// are equal in these keep their order.
func radix(from, to []uint64, low, width int) {
	var at [1 << radixBits]uint32
	mask := uint64(1)<<width - 1
	for _, k := range from {
		at[k>>low&mask]++
	}
	sum := uint32(0)
	for i, n := range at[:mask+1] {
		at[i] = sum
		sum += n
	}
	for _, k := range from {
		c := &at[k>>low&mask]
		to[*c] = k
		*c++
	}
}

// share calls do for the parts of a slice of n elements, those of a long one at once
// on several processors.
func share(n int, do func(part, from, to int)) {
	parts := 1
	if n >= shareMin {
		parts = min(runtime.GOMAXPROCS(0), shares)
	}
	var wg sync.WaitGroup
	for part := 1; part < parts; part++ {
		wg.Go(func() { do(part, part*n/parts, (part+1)*n/parts) })
	}
	do(0, 0, n/parts)
	wg.Wait()
}

// commonPrefix is the length of what all the names begin with, at least skip, up to
// where the first number behind skip may begin.
func (s *nameSorter) commonPrefix(ks []uint64, skip int) int {
	first := s.name(ks[0])
	var common [shares]int
	for part := range common {
		common[part] = len(first)
	}
	share(len(ks), func(part, from, to int) {
		p := len(first)
		for _, k := range ks[from:to] {
			n := s.name(k)
			p = min(p, len(n))
			if n[skip:p] != first[skip:p] {
				for p = skip; n[p] == first[p]; p++ {
				}
			}
		}
		common[part] = p
	})
	return max(skip, tokenStart(first, slices.Min(common[:])))
}

// sortKey encodes what follows the first skip bytes of a name so that a smaller key
// means an earlier name: a byte as itself, a number as '0' plus the count of its
// bytes, then these.
func sortKey(s string, skip int) (key uint64) {
	for i, used := skip, 0; i < len(s) && used < 64; {
		c, end := s[i], i
		var d digits
		if c-'0' <= 9 || c == '-' {
			d, end = number(s, i)
		}
		switch {
		case end == i:
			key |= uint64(c) << 56 >> used
			used += 8
			end++
		case len(d.s) > 18:
			n := min(len(d.s), 255)
			key |= (uint64('9')<<56 | uint64(n)<<48) >> used
			used += 16
			if n == 255 {
				return key // the count says no more; the rest is left to CompareNames
			}
			for k := 0; k < n && used < 64; k++ {
				key |= uint64(d.s[k]) << 56 >> used
				used += 8
			}
		default:
			n := (bits.Len64(d.v) + 7) / 8
			key |= (uint64('0'+n)<<56 | d.v<<(64-8*n)>>8) >> used
			used += 8 + 8*n
		}
		i = end
	}
	return key
}
