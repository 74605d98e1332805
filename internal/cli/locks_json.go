package cli

import (
	"math"
	"time"

	"zkdeck/lockctl"
)

// lockJSON is a lock for programs.
type lockJSON struct {
	Path         string          `json:"path"`
	Recipe       string          `json:"recipe"`
	Kind         string          `json:"kind"`
	Limit        *int            `json:"limit"`
	Holders      int             `json:"holders"`
	Waiters      int             `json:"waiters"`
	Grants       *int64          `json:"grants"`
	NextSequence *int64          `json:"nextSequence"`
	Contenders   []contenderJSON `json:"contenders"`
	Warnings     []warningJSON   `json:"warnings"`
	Foreign      []foreignJSON   `json:"foreign"`
}

// contenderJSON is a znode of a queue. What is not known is null.
type contenderJSON struct {
	Node     string  `json:"node"`
	Path     string  `json:"path"`
	Role     string  `json:"role"`
	Mode     string  `json:"mode"`
	Sequence *int32  `json:"sequence"`
	Czxid    *string `json:"czxid"`
	Session  *string `json:"session"`
	Address  *string `json:"address"`
	Identity *string `json:"identity"`
	QueuedAt *string `json:"queuedAt"`
	WaitsFor *string `json:"waitsFor"`
}

type warningJSON struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

type foreignJSON struct {
	Node   string  `json:"node"`
	Effect *string `json:"effect"`
}

// some is v, or null where it is the zero value, which here always means that it is not
// known.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// hexOrNull is a session or a zxid, null if it is 0.
func hexOrNull(n int64) *string {
	if n == 0 {
		return nil
	}
	return some(hex(n))
}

// stampOrNull is a time that ZooKeeper keeps, null if it is not known.
func stampOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return some(stamp(t))
}

// grants is how often a lock was granted, at most; false if that is not known. A counter
// at its end counts no more.
func grants(l *lockctl.Lock) (int64, bool) {
	if l.NextSequence == lockctl.NoSequence || l.NextSequence == math.MaxInt32 {
		return 0, false
	}
	n := l.NextSequence - int64(len(l.Foreign))
	for i := range l.Contenders {
		c := &l.Contenders[i]
		counted := c.Dir == l.Path || l.Recipe == lockctl.CuratorSemaphore && c.Dir == below(l.Path, "leases")
		if counted && c.Role != lockctl.Holder {
			n--
		}
	}
	return max(n, 0), true
}

// below is the path of a child.
func below(dir, name string) string {
	if dir == "/" {
		return dir + name
	}
	return dir + "/" + name
}

// jsonOfLock makes a lock ready for printing.
func jsonOfLock(v *lockctl.View) *lockJSON {
	out := &lockJSON{
		Path: v.Path, Recipe: string(v.Recipe), Kind: string(v.Kind), Limit: some(v.Limit),
		Holders: v.Holders(), Waiters: v.Waiters(),
		Contenders: make([]contenderJSON, 0, len(v.Contenders)), Warnings: []warningJSON{}, Foreign: []foreignJSON{},
	}
	if v.NextSequence != lockctl.NoSequence {
		out.NextSequence = &v.NextSequence
	}
	if n, ok := grants(&v.Lock); ok {
		out.Grants = &n
	}
	for i := range v.Contenders {
		out.Contenders = append(out.Contenders, jsonOfContender(v, &v.Contenders[i]))
	}
	for _, w := range v.Warnings {
		out.Warnings = append(out.Warnings, warningJSON{string(w.Code), w.Text})
	}
	for _, f := range v.Foreign {
		out.Foreign = append(out.Foreign, foreignJSON{f.Node, some(f.Effect)})
	}
	return out
}

func jsonOfContender(v *lockctl.View, c *lockctl.Contender) contenderJSON {
	out := contenderJSON{
		Node: c.Node, Path: below(c.Dir, c.Node), Role: string(c.Role), Mode: string(c.Mode),
		Czxid: hexOrNull(c.Stat.Czxid), Session: hexOrNull(c.Session), Address: some(c.Address), Identity: some(c.Identity),
		QueuedAt: stampOrNull(v.QueuedAt(c)),
	}
	if c.Sequential {
		out.Sequence = &c.Sequence
	}
	if c.WaitsFor >= 0 && c.WaitsFor < len(v.Contenders) {
		out.WaitsFor = &v.Contenders[c.WaitsFor].Node
	}
	return out
}

// deadlockJSON is a deadlock for programs.
type deadlockJSON struct {
	Chain []waitJSON `json:"chain"`
}

// waitJSON is one session of a deadlock: with its node in the queue of a lock it waits for
// a znode of the next one, the last for one of the first.
type waitJSON struct {
	Session   *string `json:"session"`
	Address   *string `json:"address"`
	Identity  *string `json:"identity"`
	Lock      string  `json:"lock"`
	Node      string  `json:"node"`
	WaitsFor  string  `json:"waitsFor"`
	Holds     string  `json:"holds"`
	HoldsNode string  `json:"holdsNode"`
}

func jsonOfDeadlock(d lockctl.Deadlock) deadlockJSON {
	out := deadlockJSON{Chain: make([]waitJSON, 0, len(d.Chain))}
	for _, w := range d.Chain {
		out.Chain = append(out.Chain, waitJSON{
			Session: hexOrNull(w.Session), Address: some(w.Address), Identity: some(w.Identity),
			Lock: w.Lock, Node: w.Node, WaitsFor: w.For, Holds: w.Holds, HoldsNode: w.HoldsNode,
		})
	}
	return out
}

// array writes values as a JSON array, each on a line of its own.
func array[T any](j *job, values []T) error {
	sep := "["
	for _, v := range values {
		_, _ = j.out.WriteString(sep)
		if err := j.line(v); err != nil {
			return err
		}
		sep = ","
	}
	if len(values) == 0 {
		_, _ = j.out.WriteString(sep)
	}
	_, err := j.out.WriteString("]\n")
	return err
}
