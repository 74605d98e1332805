//go:build interop

package interop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// scene is what clients do with a directory, and what the recogniser is to say of it.
type scene struct {
	name, path string
	hold       int    // how many clients say that they hold
	want       string // see told
	unproven   string // what it says without the servers' watches, if not the same
	then       []step
}

// step is what comes next in a scene.
type step struct {
	release string // who lets go, or gives up waiting
	hold    int
	want    string
}

// proofs are what is in told only with the servers' watches.
var proofs = strings.NewReplacer("+", "")

func (s scene) play(t *testing.T, addr string, h *holders) {
	h.t = t
	l := look{t, addr, zktest.Connect(t, addr)}
	path := zktest.RootOn(t, addr) + s.path
	said := h.do("open %s %s %d", s.name, path, s.hold)
	defer h.do("close")
	see(l, path, said, s.want, cmp.Or(s.unproven, proofs.Replace(s.want)))
	for _, next := range s.then {
		said := h.do("release %s %d", next.release, next.hold)
		see(l, path, said, next.want, "")
	}
}

// see looks at a directory and compares: with what is wanted, and with what the clients
// say. What they hold is settled; a client that waits may be about to set its watch, or
// to queue for a semaphore's next place.
func see(l look, path string, said claims, want, unproven string) {
	l.t.Helper()
	var locks []lockctl.Lock
	same := func(want string, c func() lockctl.Cluster) {
		l.t.Helper()
		got := ""
		for end := time.Now().Add(patience); ; {
			cluster := c()
			locks = l.locks(path, cluster)
			if got = told(path, locks, said); got == want {
				return
			}
			if time.Now().After(end) {
				l.t.Fatalf("\ngot  %s\nwant %s", got, want)
			}
		}
	}
	if unproven != "" {
		same(unproven, func() lockctl.Cluster { return lockctl.Cluster{Now: time.Now().UnixMilli()} })
	}
	same(want, l.cluster)
	for _, k := range locks {
		if len(said.Who) > 0 {
			agree(l.t, k, said)
		}
	}
}

// told writes what was recognised, a line for each lock: what of its path is below
// path, recipe, kind and limit, then each contender in order by its client's name,
// "=h" that holds, "=w>x" that waits for x, "=w>>x" for x and all before it, "=u" of
// which it is not known; + if it was seen to wait. (q) is a contender in a semaphore's queue. Then
// the codes of the warnings.
func told(path string, locks []lockctl.Lock, said claims) string {
	var lines []string
	for i := range locks {
		l := &locks[i]
		var b strings.Builder
		if below := strings.TrimPrefix(l.Path, path); below != "" {
			b.WriteString(below + " ")
		}
		fmt.Fprintf(&b, "%s %s/%d:", l.Recipe, l.Kind, l.Limit)
		for _, k := range l.Contenders {
			fmt.Fprintf(&b, " %s=%c", name(l, k, said), k.Role[0])
			switch {
			case k.WaitsFor < 0:
			case k.All:
				b.WriteString(">>" + name(l, l.Contenders[k.WaitsFor], said))
			default:
				b.WriteString(">" + name(l, l.Contenders[k.WaitsFor], said))
			}
			if k.Seen {
				b.WriteByte('+')
			}
		}
		for _, w := range l.Warnings {
			fmt.Fprintf(&b, " !%s", w.Code)
		}
		for _, f := range l.Foreign {
			fmt.Fprintf(&b, " (%s)", f.Node)
		}
		lines = append(lines, b.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// name is what a contender's client calls itself.
func name(l *lockctl.Lock, k lockctl.Contender, said claims) string {
	n := said.by(k).Name
	if n == nobody {
		n = cmp.Or(k.Identity, n)
	}
	if l.Recipe == lockctl.CuratorSemaphore || l.Recipe == lockctl.KazooSemaphore {
		if k.Mode != lockctl.Place {
			n += "(q)"
		}
	}
	return n
}

// agree compares a lock with what its clients say of themselves.
func agree(t *testing.T, l lockctl.Lock, said claims) {
	t.Helper()
	holds := map[string]bool{}
	var nodes, identities []string
	for i, k := range l.Contenders {
		nodes, identities = append(nodes, k.Node), append(identities, k.Identity)
		c := said.by(k)
		if c.Name == nobody {
			if k.Session != 0 {
				t.Errorf("nobody claims %s of session 0x%x", k.Node, k.Session)
			}
			continue
		}
		holds[c.Name] = holds[c.Name] || k.Role == lockctl.Holder
		if k.Address == "" {
			t.Errorf("%s: no address", k.Node)
		}
		if !k.Stat.Known() || i > 0 && l.Contenders[i-1].Dir == k.Dir && l.Contenders[i-1].Stat.Czxid >= k.Stat.Czxid {
			t.Errorf("%s has czxid %d", k.Node, k.Stat.Czxid)
		}
		if c.Identity != nil && c.Mode == string(k.Mode) && *c.Identity != k.Identity {
			t.Errorf("%s says to be %q, and was taken for %q", k.Node, *c.Identity, k.Identity)
		}
		if c.Node != nil && k.Role == lockctl.Holder && *c.Node != k.Node {
			t.Errorf("%s says to have %s, and was taken for %s", c.Name, *c.Node, k.Node)
		}
		if c.Before != nil && k.Role == lockctl.Waiter && l.Contenders[k.WaitsFor].Node != *c.Before {
			t.Errorf("%s says to wait for %s, and was taken to wait for %s", c.Name, *c.Before, l.Contenders[k.WaitsFor].Node)
		}
	}
	for _, c := range said.Who {
		if is, there := holds[c.Name]; there && c.Holds != nil && is != *c.Holds {
			t.Errorf("%s says it holds: %v; it was taken to hold: %v", c.Name, *c.Holds, is)
		}
	}
	listed := func(all []string) []string { // a library may list its readers alone
		return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !slices.Contains(said.Order, s) })
	}
	if got := listed(nodes); len(said.Order) > 0 && !slices.Equal(got, said.Order) {
		if got := listed(identities); !slices.Equal(got, said.Order) {
			t.Errorf("the queue is %q of %q, the library says %q", nodes, identities, said.Order)
		}
	}
}
