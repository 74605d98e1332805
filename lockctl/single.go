package lockctl

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// leaseHolder is the znode of kazoo's NonBlockingLease.
const leaseHolder = "lease_holder"

// exclusive are names of ephemeral znodes by which one is meant to be alone.
var exclusive = map[string]bool{
	"activestandbyelectorlock": true, "controller": true, "leader": true, "master": true, "active": true, "lock": true,
	"mutex": true, "owner": true, "coordinator": true, "overseer": true, "primary": true,
}

// exclusiveName tells whether a znode of this name may be a lock by itself.
func exclusiveName(name string) bool {
	if len(name) > 64 {
		return false
	}
	s := strings.ToLower(name)
	if exclusive[s] {
		return true
	}
	for _, w := range []string{"lock", "leader", "mutex"} {
		if p, ok := strings.CutSuffix(s, w); ok && p != "" && strings.IndexByte("-_.", p[len(p)-1]) >= 0 {
			return true
		}
	}
	return false
}

// single recognises znodes that are locks by themselves.
func single(d *Directory, c *Cluster) []Lock {
	beside := map[string]bool{}
	for i := range d.Children {
		switch n := d.Children[i].Name; n {
		case "members", "initialize", "controller_epoch":
			beside[n] = true
		}
	}
	_, base := split(d.Path)
	shed, lock := strings.Contains(strings.ToLower(base), "shedlock"), hintsOf(d.Path).lock
	var locks []Lock
	for i := range d.Children {
		n := &d.Children[i]
		if n.Stat.NumChildren > 0 {
			continue
		}
		ephemeral := n.Stat.EphemeralOwner != 0 || !n.Stat.Known()
		switch {
		case n.Name == leaseHolder:
			if l, ok := kazooLease(d, c, n); ok {
				locks = append(locks, l)
			}
		case ephemeral && exclusiveName(n.Name):
			locks = append(locks, exclusiveNode(d, c, n, beside))
		case n.Stat.EphemeralOwner == 0 && (shed || lock):
			if l, ok := shedLock(d, c, n, shed); ok {
				locks = append(locks, l)
			}
		}
	}
	return locks
}

func (l *Lock) one(d *Directory, c *Cluster, n *Node, r Role) *Contender {
	l.Contenders = []Contender{{
		Dir: d.Path, Node: n.Name, Recipe: l.Recipe, Mode: Exclusive, Role: r, Session: n.Stat.EphemeralOwner,
		Address: c.Addresses[n.Stat.EphemeralOwner], Identity: identityOf(n.Data), Data: n.Data, Stat: n.Stat, WaitsFor: NobodyBefore,
	}}
	return &l.Contenders[0]
}

// exclusiveNode is an ephemeral znode: whoever creates it has the lock, the others
// watch it.
func exclusiveNode(d *Directory, c *Cluster, n *Node, beside map[string]bool) Lock {
	l := Lock{
		Path: join(d.Path, n.Name), Recipe: SingleNode, Kind: ExclusiveNode, Certainty: Likely,
		Limit: 1, Wake: WakeAll, NextSequence: NoSequence,
	}
	switch {
	case n.Name == "ActiveStandbyElectorLock":
		l.Recipe, l.Certainty = HadoopElector, Certain
	case n.Name == "controller" && (beside["controller_epoch"] || bytes.Contains(n.Data, []byte(`"brokerid"`))):
		l.Recipe, l.Certainty = KafkaController, Certain
	case n.Name == "leader" && (beside["members"] || beside["initialize"]):
		l.Recipe, l.Certainty = Patroni, Certain
	}
	if !n.Stat.Known() {
		l.Certainty = Possible
	}
	l.one(d, c, n, Holder)
	for _, s := range c.Watches[l.Path] {
		if s != n.Stat.EphemeralOwner {
			l.Standbys = append(l.Standbys, s)
		}
	}
	l.warnSessions(c)
	return l
}

// shedLock is a persistent znode whose value is until when it is held. In a directory
// of ShedLock's own name a value that cannot be read holds too; elsewhere only one that
// can be read makes it a lock.
func shedLock(d *Directory, c *Cluster, n *Node, own bool) (Lock, bool) {
	if t := parseName(n.Name); t.sequential {
		return Lock{}, false
	}
	l := Lock{
		Path: join(d.Path, n.Name), Recipe: ShedLock, Kind: TimedLease, Certainty: Likely,
		Limit: 1, Wake: WakeNobody, NextSequence: NoSequence,
	}
	until, ok := isoInstant(n.Data)
	switch {
	case ok:
		l.Until = until
	case !own:
		return l, false
	case n.Data == nil && n.Stat.DataLength > 0 || !n.Stat.Known():
		l.Certainty = Possible
	}
	if own && l.Certainty != Possible {
		l.Certainty = Certain
	}
	l.lease(d, c, n, ok)
	return l, true
}

// lease sets the contender of a lease that lasts until a time: nobody when that is over.
func (l *Lock) lease(d *Directory, c *Cluster, n *Node, said bool) {
	switch {
	case said && c.Now == 0, l.Certainty == Possible:
		l.one(d, c, n, Unknown)
	case said && l.Until <= c.Now:
	default:
		l.one(d, c, n, Holder)
	}
	for i := range l.Contenders { // the value is no name
		l.Contenders[i].Identity = ""
	}
}

// isoInstant reads an instant as java.time.Instant writes it, in UTC.
func isoInstant(data []byte) (milliseconds int64, ok bool) {
	if len(data) < len("2006-01-02T15:04:05Z") || len(data) > len("2006-01-02T15:04:05.000000000Z") || data[len(data)-1] != 'Z' {
		return 0, false
	}
	t, err := time.Parse(time.RFC3339Nano, string(data))
	return t.UnixMilli(), err == nil
}

// leaseIn finds a lease of kazoo's where its clients queue at the moment: they take a
// lock in the same directory for as long as they look at the lease.
func leaseIn(d *Directory, c *Cluster) (Lock, bool) {
	for i := range d.Children {
		if n := &d.Children[i]; n.Name == leaseHolder && n.Stat.NumChildren == 0 {
			return kazooLease(d, c, n)
		}
	}
	return Lock{}, false
}

// kazooLease is kazoo's NonBlockingLease: JSON with version, holder and end, which is
// in UTC without saying so.
func kazooLease(d *Directory, c *Cluster, n *Node) (Lock, bool) {
	l := Lock{
		Path: d.Path, Recipe: KazooLease, Kind: TimedLease, Certainty: Certain,
		Limit: 1, Wake: WakeNobody, NextSequence: NoSequence,
	}
	if n.Stat.EphemeralOwner != 0 {
		return l, false
	}
	if n.Data == nil {
		l.Certainty = Possible
		l.one(d, c, n, Unknown)
		return l, true
	}
	var v struct{ Holder, End string }
	if json.Unmarshal(n.Data, &v) != nil || v.End == "" {
		return l, false
	}
	end, err := time.Parse("2006-01-02T15:04:05", v.End)
	if err == nil {
		l.Until = end.UnixMilli()
	}
	l.lease(d, c, n, err == nil)
	for i := range l.Contenders {
		l.Contenders[i].Identity = identityOf([]byte(v.Holder))
	}
	return l, true
}
