package lockctl

import (
	"slices"
	"strconv"
	"strings"
)

// setForeign lists the children that take no part in a queue of these families, with
// what they do to the clients.
func (l *Lock) setForeign(d *Directory, s *surveyed, of ...family) {
	n := 0
	for _, t := range s.tags {
		if !slices.Contains(of, t.family) {
			n++
		}
	}
	if n == 0 {
		return
	}
	l.Foreign = make([]Foreign, 0, n)
	var broken, blocking []string
	for i, t := range s.tags {
		if slices.Contains(of, t.family) {
			continue
		}
		f := Foreign{Node: d.Children[i].Name}
		blocks := false
		for _, g := range of {
			effect, block := foreignEffect(g, f.Node)
			if f.Effect == "" {
				f.Effect = effect
			}
			blocks = blocks || block
		}
		switch {
		case blocks:
			blocking = append(blocking, f.Node)
		case f.Effect != "":
			broken = append(broken, f.Node)
		}
		l.Foreign = append(l.Foreign, f)
	}
	if len(blocking) > 0 && len(of) == 1 && len(l.Contenders) > 0 {
		l.Contenders[0].Role = Unknown // by its own rule it is behind the foreign child
	}
	l.warnForeign(broken, blocking)
}

// foreignEffect is what a child that is no contender does to a recipe's clients, by how
// each reads the list of children. Blocks tells that they wait for it.
func foreignEffect(f family, name string) (effect string, blocks bool) {
	switch f {
	case goZooKeeper:
		if !goParses(name) {
			return "breaks go-zookeeper's Lock: it fails and leaves its own node behind", false
		}
	case electionSupport:
		if !strings.HasPrefix(name, "n_") {
			return "breaks LeaderElectionSupport: NumberFormatException", false
		}
	case zooLock:
		if !strings.Contains(name, "-") {
			return "crashes zoo_lock.c", false
		}
	case zkRuby, zkRubyElection, zkRubySemaphore:
		if name != "leader_ack" {
			return "zk-ruby takes it for the first in the queue", true
		}
	case naive:
		if name < "lock_id_" {
			return "everybody waits for it: names are sorted as they are", true
		}
	case twitter:
		if name < "member_" {
			return "everybody waits for it: names are sorted as they are", true
		}
	case curatorMutex:
		if !strings.Contains(name, "lock-") && name < "0" {
			return "Curator sorts it before all contenders", true
		}
	case kazooPlace:
		return "kazoo counts it as a place that is taken", false
	}
	return "", false
}

// goParses is go-zookeeper's parseSeq: what follows the last "lock-", else the last
// "__", has to be a number.
func goParses(name string) bool {
	rest := name
	if i := strings.LastIndex(name, "lock-"); i >= 0 {
		rest = name[i+len("lock-"):]
	} else if i := strings.LastIndex(name, "__"); i >= 0 {
		rest = name[i+len("__"):]
	}
	_, err := strconv.Atoi(rest)
	return err == nil
}
