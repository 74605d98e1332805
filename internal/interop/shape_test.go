//go:build interop

package interop

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
)

// queue waits until the queue has one of these shapes, and is of a recipe of the family.
func (s *scenery) queue(want ...string) {
	s.t.Helper()
	got, recipe, known := "", "", false
	for end := time.Now().Add(patience); time.Now().Before(end); {
		got, recipe = s.shape()
		known = recipe == string(s.recipe) || slices.Contains(s.others, lockctl.Recipe(recipe))
		if known && slices.Contains(want, got) {
			return
		}
		for _, p := range s.in {
			waits := !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(w, p.name+"=w") })
			if waits && closed(p.holds) && !closed(p.over) {
				s.t.Fatalf("%s holds\n%s queue: %s", p.name, recipe, got)
			}
			if closed(p.over) && !slices.Contains([]string{"", "gave up", programEnded}, p.why) {
				s.t.Fatalf("%s: %s\n%s queue: %s", p.name, p.why, recipe, got)
			}
		}
	}
	s.t.Fatalf("%s: %s queue, as it is to be: %v\ngot  %s\nwant %s", s.path, recipe, known, got, strings.Join(want, "\nor   "))
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// shape is who is queued and how, in their order: "a=h" that holds, "b=w>a" that waits for
// a. Of a semaphore it is not told for whom somebody waits.
func (s *scenery) shape() (shape, recipe string) {
	var said claims
	for _, p := range s.in {
		if closed(p.ready) {
			said.Who = append(said.Who, claim{Name: p.name, Session: sessionText(p.session)})
		}
	}
	all := s.look.locks(s.path, s.look.cluster())
	if len(all) != 1 {
		return fmt.Sprintf("%d locks: %s", len(all), told(s.path, all, said)), ""
	}
	var order []string
	roles := map[string]string{}
	for _, k := range all[0].Contenders {
		n := s.who(k, said)
		switch role := "w"; {
		case k.Role == lockctl.Holder:
			roles[n] = "h"
		case s.slots == 0 && k.WaitsFor >= 0:
			role += ">" + s.who(all[0].Contenders[k.WaitsFor], said)
			fallthrough
		case roles[n] == "":
			roles[n] = role
		}
		if !slices.Contains(order, n) {
			order = append(order, n)
		}
	}
	for i, n := range order {
		order[i] = n + "=" + roles[n]
	}
	return strings.Join(order, " "), string(all[0].Recipe)
}

// who is the name of a contender, which those say as their identity whose session is not
// known.
func (s *scenery) who(k lockctl.Contender, said claims) string {
	n := said.by(k).Name
	if n == nobody && s.deck != nil {
		return k.Identity
	}
	return n
}

// empty fails the test if something is left in the directory.
func (s *scenery) empty() {
	s.t.Helper()
	for _, below := range []string{"", "/locks", "/leases", "-__lock__"} {
		names, _, err := s.look.conn.Children(s.path + below)
		names = slices.DeleteFunc(names, func(n string) bool { return n == "locks" || n == "leases" })
		if err != nil && !errors.Is(err, zk.ErrNoNode) || len(names) > 0 {
			s.t.Errorf("%s is not empty: %q, %v", s.path+below, names, err)
		}
	}
}

// full has as many hold as there are slots.
func (s *scenery) full(join func(name string) *party) []*party {
	s.t.Helper()
	var all []*party
	for k := range max(1, s.slots) {
		all = append(all, join(fmt.Sprintf("h%d", k)).hold())
	}
	return all
}

// of writes a shape: whom the holders are, and who waits in this order, each for the one
// before.
func (s *scenery) of(holders []*party, waiters ...string) string {
	var b strings.Builder
	before := ""
	for _, h := range holders {
		fmt.Fprintf(&b, " %s=h", h.name)
		before = h.name
	}
	for _, w := range waiters {
		if fmt.Fprintf(&b, " %s=w", w); s.slots == 0 {
			b.WriteString(">" + before)
		}
		before = w
	}
	return b.String()[1:]
}

// before is the znode for which ours has to wait.
func (s *scenery) before(u *ours) string {
	id := u.s.Status().ID
	for _, l := range s.look.locks(s.path, s.look.cluster()) {
		for _, k := range l.Contenders {
			if k.Session == id && k.WaitsFor >= 0 {
				return l.Contenders[k.WaitsFor].Node
			}
		}
	}
	return ""
}

// watches waits until ours says to wait for whom it is to wait by the family's rule.
func (s *scenery) watches(u *ours) {
	s.t.Helper()
	if s.slots > 0 || u == nil {
		return // it watches the children, or does not say so here
	}
	var want string
	for end := time.Now().Add(patience); time.Now().Before(end); {
		want = s.before(u)
		if want != "" && u.watched() == want {
			return
		}
	}
	s.t.Fatalf("ours says to wait for %q, and is to wait for %q", u.watched(), want)
}
