package sandbox

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// track is the text of limits and stats, "count=2,bytes=100=;byteHardLimit=5"
// (org.apache.zookeeper.StatsTrack).
type track map[string]int64

var hardName = map[string]string{"count": "countHardLimit", "bytes": "byteHardLimit"}

// get is -1, no limit, for what is not there.
func (u track) get(key string) int64 {
	if v, ok := u[key]; ok {
		return v
	}
	return -1
}

func (u track) limited(what string) bool {
	return u.get(what) > -1 || u.get(hardName[what]) > -1
}

// parseTrack reads text as Java's class does. It is false where that throws.
func parseTrack(text []byte) (track, bool) {
	u := track{}
	if text == nil {
		return nil, false
	}
	if len(text) == 0 {
		return u, true
	}
	separated := func(c rune) bool { return c == ',' || c == ';' }
	s := strings.TrimRightFunc(string(text), separated)
	if s == "" {
		return u, true
	}
	if separated(rune(s[0])) {
		return nil, false
	}
	for pair := range strings.FieldsFuncSeq(s, separated) {
		key, value, ok := strings.Cut(strings.TrimRight(pair, "="), "=")
		if !ok {
			return nil, false
		}
		value, _, _ = strings.Cut(value, "=")
		n := int64(-1)
		if value != "" {
			var err error
			if n, err = strconv.ParseInt(value, 10, 64); err != nil {
				return nil, false
			}
		}
		u[key] = n
	}
	return u, true
}

// encode puts count and bytes first, for those who know nothing else, and a second
// "=" before the rest, at which they stop reading.
func (u track) encode() []byte {
	b := []byte("count=" + strconv.FormatInt(u.get("count"), 10) + ",bytes=" + strconv.FormatInt(u.get("bytes"), 10))
	first := true
	for _, key := range slices.Sorted(maps.Keys(u)) {
		if key == "count" || key == "bytes" {
			continue
		}
		if first {
			b = append(b, '=')
			first = false
		}
		b = append(b, ";"+key+"="...)
		b = strconv.AppendInt(b, u[key], 10)
	}
	return b
}
