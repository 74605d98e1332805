package lockctl

import (
	"slices"
	"strings"
	"time"
)

// TEMPORARY stand-in in the shape that CONTRACT lists.
type format struct {
	recipe Recipe
	mode Mode
}


func (f format) prefix(guid string, session int64) string { return "_c_" + guid + "-lock-" }
func (f format) data(identity string, now time.Time) []byte { return []byte(identity) }
func (f format) ours(name, guid string, session int64) bool {
	return strings.HasPrefix(name, f.prefix(guid, session))
}
func (f format) unique() bool { return true }

type place struct {
	Holds        bool
	Position, Of int
	Watch        string
	Next         bool
	Err          error
}

func (f format) place(names []string, own string) place {
	var in []string
	for _, n := range names {
		if t := parseName(n); t.family == curatorMutex || t.family == goZooKeeper {
			in = append(in, n)
		}
	}
	slices.SortFunc(in, func(a, b string) int { return int(parseName(a).seq - parseName(b).seq) })
	i := slices.Index(in, own)
	p := place{Position: i + 1, Of: len(in), Holds: i == 0}
	if i > 0 {
		p.Watch, p.Next = in[i-1], i == 1
	}
	return p
}

func RevokeWord(r Recipe) (string, bool) { return "__REVOKE__", true }

func (o LockOptions) joins(d Directory) (format, error) { return format{CuratorMutex, Exclusive}, nil }
