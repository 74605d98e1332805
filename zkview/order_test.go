package zkview

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestCompareNames(t *testing.T) {
	for _, names := range [][]string{
		{"", "a", "b"},
		{"lock-9", "lock-10", "lock-0000000011", "lock-12"},
		{"lock-01", "lock-1", "lock-2"},
		{"n_2147483646", "n_2147483647", "n_-2147483648", "n_-2147483647", "n_-000000001"},
		{"lock-2147483646", "lock-2147483647", "lock--2147483648", "lock--000000002", "lock--000000001"},
		{"2147483647", "-2147483648", "-000000001"},
		{"job-5", "job-123456789"}, // no sign: it follows a letter
		{"a-1-b", "a-2-a", "a-10"},
		{"v1.2", "v1.10", "v2"},
		{"x99999999999999999998", "x99999999999999999999", "x100000000000000000000"},
		{"A", "B", "a"},
		{"a\xff", "a\xff1"},
	} {
		for i, a := range names {
			for j, b := range names {
				if got := CompareNames(a, b); got != cmp.Compare(i, j) {
					t.Errorf("CompareNames(%q, %q) = %d, want %d", a, b, got, cmp.Compare(i, j))
				}
			}
		}
	}
}

// anyName is a name of the parts that make an order difficult.
var anyName = rapid.Custom(func(t *rapid.T) string {
	s := ""
	for range rapid.IntRange(0, 5).Draw(t, "parts") {
		s += rapid.SampledFrom([]string{
			"-", "--", "lock-", "a", "Z", "_", "0", "00", "1", "9", "10", "000000001", "0000000012", "2147483648",
			"2147483647", "99999999999999999999", "\xff", "é", "/", ":",
		}).Draw(t, "part")
	}
	return s
})

func TestCompareNamesIsTotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyName.Draw(t, "a"), anyName.Draw(t, "b"), anyName.Draw(t, "c")
		if CompareNames(a, b) != -CompareNames(b, a) || (CompareNames(a, b) == 0) != (a == b) {
			t.Fatalf("%q %q: %d and %d", a, b, CompareNames(a, b), CompareNames(b, a))
		}
		if CompareNames(a, b) < 0 && CompareNames(b, c) < 0 && CompareNames(a, c) >= 0 {
			t.Fatalf("%q < %q < %q, but the first is not before the last", a, b, c)
		}
	})
}

func TestSortNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := anyName.Draw(t, "prefix")
		names := rapid.SliceOfN(anyName, 0, 50).Draw(t, "names")
		for i := range names {
			names[i] = prefix + names[i]
		}
		var got []string
		for _, e := range sortNames(names) {
			got = append(got, e.name)
		}
		slices.SortFunc(names, CompareNames)
		if names = slices.Compact(names); !slices.Equal(got, names) {
			t.Fatalf("got %q, want %q", got, names)
		}
	})
}

// TestSortNamesOfAllKinds has enough names for the radix sort, some of them twice.
func TestSortNamesOfAllKinds(t *testing.T) {
	for _, parts := range [][]string{
		{"1", "2", "0", "00000000", "-"},
		{"lock-", "n_-", "-", "000000001", "0000000012", "2147483647", "99999999999999999999"},
		{"12345678", "12345679", "00000000", "/", ":", "a", "\xff", "é"},
		{"a", "b", "same", "same-000000", "long.common.part-"},
	} {
		names := make([]string, 5000)
		for i := range names {
			for range rand.IntN(8) {
				names[i] += parts[rand.IntN(len(parts))]
			}
		}
		var got []string
		for _, e := range sortNames(names) {
			got = append(got, e.name)
		}
		slices.SortFunc(names, CompareNames)
		if names = slices.Compact(names); !slices.Equal(got, names) {
			t.Errorf("of %q: %d names in another order, want %d", parts, len(got), len(names))
		}
	}
}

func TestEightDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.ByteRange('0', '9'), 8, 8).Draw(t, "digits")
		b[rapid.IntRange(0, 7).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		want, err := strconv.ParseUint(string(b), 10, 64)
		if got, ok := eightDigits(string(b)); ok != (err == nil) || ok && got != want {
			t.Fatalf("eightDigits(%q) = %d, %v", b, got, ok)
		}
	})
}

const many = 312_763

// shapes are siblings as they are met in the field, in a server's order: none.
var shapes = []struct {
	name string
	make func(i int) string
}{
	{"sequence", func(i int) string { return fmt.Sprintf("lock-%010d", i) }},
	{"curator", func(i int) string { return fmt.Sprintf("_c_%016x%016x-lock-%010d", rand.Uint64(), rand.Uint64(), i) }},
	{"uuid", func(i int) string { return fmt.Sprintf("%08x-%04x-%016x", rand.Uint32(), i&0xffff, rand.Uint64()) }},
	{"words", func(i int) string { return fmt.Sprintf("customer-%c%c.order.%d", 'a'+i%26, 'a'+i/26%26, i) }},
}

func siblings(name func(int) string, n int) []string {
	names := make([]string, n)
	for i, k := range rand.Perm(n) {
		names[i] = name(k)
	}
	return names
}

func TestSortManyNames(t *testing.T) {
	for _, s := range shapes {
		names := siblings(s.make, 20_000)
		es := sortNames(names)
		if len(es) != len(names) || !slices.IsSortedFunc(es, func(a, b entry[int64]) int { return CompareNames(a.name, b.name) }) {
			t.Errorf("%s: %d of %d, or not in order", s.name, len(es), len(names))
		}
	}
}
