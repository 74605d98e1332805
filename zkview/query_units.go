package zkview

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// unit is a number behind a word.
type unit struct {
	name string
	n    float64
}

// sizeUnits are decimal, as sizes are shown; Ki and its like are binary.
var sizeUnits = []unit{
	{"", 1},
	{"b", 1},
	{"k", 1e3},
	{"kb", 1e3},
	{"m", 1e6},
	{"mb", 1e6},
	{"g", 1e9},
	{"gb", 1e9},
	{"ki", 1 << 10},
	{"kib", 1 << 10},
	{"mi", 1 << 20},
	{"mib", 1 << 20},
	{"gi", 1 << 30},
	{"gib", 1 << 30},
}

// ageUnits are in milliseconds.
var ageUnits = []unit{
	{"ms", 1},
	{"s", 1e3},
	{"m", 60e3},
	{"h", 3600e3},
	{"d", 86400e3},
	{"w", 7 * 86400e3},
	{"y", 365 * 86400e3},
}

// measure reads a number as one of a kind: bytes, milliseconds or a count.
type measure func(text string) (int64, error)

// ParseSize reads a number of bytes: "212", "1.5k", "2MB" (decimal), "4KiB".
func ParseSize(text string) (int64, error) {
	n, rest, err := amount(text, sizeUnits)
	if err != nil || rest != "" {
		return 0, fmt.Errorf("%q is no size; write bytes, or a number with k, M or G (1000s) or Ki, Mi or Gi (1024s), such as 100k", text)
	}
	return n, nil
}

// ParseAge reads how long ago something was: "90s", "1h30m", "7d", "2w". A day is 24
// hours and a year 365 days.
func ParseAge(text string) (time.Duration, error) {
	ms, err := ageMillis(text)
	if err != nil {
		return 0, err
	}
	if ms > math.MaxInt64/int64(time.Millisecond) {
		return 0, fmt.Errorf("%q is longer than 292 years", text)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

func ageMillis(text string) (int64, error) {
	sum := int64(0)
	for rest := text; ; {
		n, after, err := amount(rest, ageUnits)
		if err != nil || sum+n > math.MaxInt64/4 {
			return 0, fmt.Errorf("%q is no age; write a number with s, m, h, d, w or y, such as 90s, 1h30m or 7d", text)
		}
		sum += n
		if rest = after; rest == "" {
			return sum, nil
		}
	}
}

// count reads a whole number.
func count(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > math.MaxInt32 || n < math.MinInt32 { // the server's counters
		return 0, fmt.Errorf("%q is no whole number that can be counted to; write one such as 10", text)
	}
	return n, nil
}

var errAmount = errors.New("not a number with a unit")

// amount reads the number and unit at the start of text; both must be there, unless
// the unit may be "".
func amount(text string, units []unit) (n int64, rest string, err error) {
	i := 0
	for i < len(text) && (text[i]-'0' <= 9 || text[i] == '.') {
		i++
	}
	j := i
	for j < len(text) && (text[j]|0x20)-'a' < 26 {
		j++
	}
	f, err := strconv.ParseFloat(text[:i], 64)
	if err != nil {
		return 0, "", errAmount
	}
	for _, u := range units {
		if strings.EqualFold(u.name, text[i:j]) {
			if f *= u.n; f > math.MaxInt64/8 {
				return 0, "", errAmount
			}
			return int64(math.Round(f)), text[j:], nil
		}
	}
	return 0, "", errAmount
}

// parseRange reads what a number may be: >n >=n <n <=n =n n low..high low.. ..high.
func parseRange(text string, read measure) (low, high int64, err error) {
	low, high = math.MinInt64, math.MaxInt64
	if a, b, ok := strings.Cut(text, ".."); ok {
		if a == "" && b == "" {
			return 0, 0, errors.New("a range needs a number on one side of the .. at least, such as 100..200")
		}
		if a != "" {
			if low, err = read(a); err != nil {
				return 0, 0, err
			}
		}
		if b != "" {
			if high, err = read(b); err != nil {
				return 0, 0, err
			}
		}
		if low > high {
			return 0, 0, fmt.Errorf("nothing is in the range %s; write the smaller number first", text)
		}
		return low, high, nil
	}
	number := strings.TrimLeft(text, "<>=")
	n, err := read(number)
	if err != nil {
		return 0, 0, err
	}
	switch op := text[:len(text)-len(number)]; op {
	case ">":
		return n + 1, high, nil
	case ">=":
		return n, high, nil
	case "<":
		return low, n - 1, nil
	case "<=":
		return low, n, nil
	case "", "=":
		return n, n, nil
	default:
		return 0, 0, fmt.Errorf("%q compares nothing; there are > >= < <= and =", op)
	}
}

// parseOwner reads a session id: hexadecimal, with or without 0x, or decimal as
// go-zookeeper prints it. Digits alone may be either, so there are two readings.
func parseOwner(text string) (owners [2]int64, err error) {
	wrong := fmt.Errorf("%q is no session id; write it as ZooKeeper does, such as owner:0x100000a5b3c0001", text)
	digits, isHex := strings.CutPrefix(strings.ToLower(text), "0x")
	hex, hexErr := strconv.ParseUint(digits, 16, 64)
	dec, decErr := strconv.ParseInt(text, 10, 64)
	switch {
	case hexErr == nil && (isHex || decErr != nil):
		owners = [2]int64{int64(hex), int64(hex)}
	case hexErr == nil && decErr == nil:
		owners = [2]int64{int64(hex), dec}
	case decErr == nil:
		owners = [2]int64{dec, dec}
	default:
		return owners, wrong
	}
	if owners[0] == 0 {
		return owners, errors.New("no session has the id 0; -is:ephemeral finds what has no owner")
	}
	return owners, nil
}
