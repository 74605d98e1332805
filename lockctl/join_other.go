package lockctl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"zkdeck/internal/safetext"
)

// keptBeside is how many znodes that are nobody's contenders may be in a directory of which
// nothing else says that it is of a lock.
const keptBeside = 4

// beside lets us begin a queue beside a few values, as a config or a meta: ZooKeeper
// does not tell what a directory is for, but one of these does. Anything that might be a
// contender or a member of something, or the upper part of a tree, is refused.
func beside(d *Directory, f format) (format, error) {
	refuse := func(what string) (format, error) {
		return f, fmt.Errorf("%w: %s. A znode of ours might be taken for another of these. Choose a directory of its own, or force it", ErrForeign, what)
	}
	for i := range d.Children {
		n := &d.Children[i]
		name := safetext.TruncateMiddle(clean(n.Name), 60)
		switch t := parseName(n.Name); {
		case n.Stat.NumChildren > 0:
			return refuse(fmt.Sprintf("%s has children, contenders have none", name))
		case t.sequential:
			return refuse(fmt.Sprintf("%s has a sequence number and is no lock's: of a queue, a log or a group", name))
		case n.Stat.EphemeralOwner != 0:
			return refuse(fmt.Sprintf("%s is ephemeral and has no sequence number: a member of something, or a lock by itself", name))
		case !n.Stat.Known() && !hintsOf(d.Path).lock:
			return refuse(fmt.Sprintf("it is not known what %s is, which cannot be read", name))
		}
	}
	if n := len(d.Children); n > keptBeside && !hintsOf(d.Path).lock {
		return refuse(fmt.Sprintf("%s znodes are here, none of them a lock's", humanize.Comma(int64(n))))
	}
	return f.wary(d), nil
}

// wary notes what children that are no contenders do to the clients that may queue here.
func (f format) wary(d *Directory) format {
	of := []family{}
	for g, t := range families {
		if t.recipe == f.recipe || t.recipe != "" && sameQueue(t.recipe, f.recipe) {
			of = append(of, family(g))
		}
	}
	var effects []string
	by := map[string][]string{}
	for i := range d.Children {
		for _, g := range of {
			if effect, _ := foreignEffect(g, d.Children[i].Name); effect != "" {
				if by[effect] == nil {
					effects = append(effects, effect)
				}
				by[effect] = append(by[effect], d.Children[i].Name)
				break
			}
		}
	}
	for _, e := range effects {
		f.notes = append(f.notes, fmt.Sprintf("%s: %s.", named(by[e]), e))
	}
	return f
}

// queueDir and placesDir are the directories of a semaphore of Curator's, below its path
// (InterProcessSemaphoreV2.LOCK_PARENT, LEASE_PARENT).
const (
	queueDir  = "locks"
	placesDir = "leases"
)

// aroundSemaphore leaves out what belongs to a semaphore of Curator's, if that is to be
// taken; it refuses to take something else where one is.
func aroundSemaphore(d *Directory, f format) (*Directory, error) {
	own := func(n Node) bool { return n.Name == queueDir || n.Name == placesDir }
	if f.recipe == CuratorSemaphore {
		rest := *d
		rest.Children = slices.DeleteFunc(slices.Clone(d.Children), own)
		return &rest, nil
	}
	names := 0
	for _, n := range d.Children {
		if own(n) {
			names++
		}
	}
	if names == 2 {
		return d, fmt.Errorf("%w: a semaphore of Curator's is here (locks and leases), and its clients would not wait for a %s. Say how many places it has, or choose another directory, or force it", ErrMixed, f.recipe)
	}
	return d, nil
}

// notTaken refuses what is recognised and has no shape.
func notTaken(l *Lock) error {
	if l.Recipe == CuratorSemaphore {
		return fmt.Errorf("%w: these are the places of a semaphore of Curator's. Take %s, and say how many places it has", ErrForeign, clean(l.Path))
	}
	what := string(l.Recipe)
	switch l.Kind {
	case Election, Semaphore, TimedLease, ExclusiveNode:
		what += ", " + article(string(l.Kind))
	}
	return fmt.Errorf("%w: this is %s (%s), by which no lock can be taken; there are %s. Choose another directory, or force it",
		ErrForeign, what, counted(l), listed(func(*shape) bool { return true }))
}

func article(noun string) string {
	if strings.IndexByte("aeiou", noun[0]) >= 0 {
		return "an " + noun
	}
	return "a " + noun
}

// counted says how many contenders there are, and who is the first.
func counted(l *Lock) string {
	n := len(l.Contenders)
	if n == 0 {
		return "nobody holds it"
	}
	first := &l.Contenders[0]
	who := first.Identity
	if who == "" {
		who = clean(first.Node)
	}
	return fmt.Sprintf("%s, the first is %s", plural(n, "contender"), safetext.TruncateMiddle(who, 60))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return humanize.Comma(int64(n)) + " " + noun + "s"
}

// recipesOf names the recipes that meet, with how many contenders each has.
func recipesOf(l *Lock) string {
	var order []Recipe
	n := map[Recipe]int{}
	for i := range l.Contenders {
		r := l.Contenders[i].Recipe
		if n[r] == 0 {
			order = append(order, r)
		}
		n[r]++
	}
	slices.Sort(order)
	parts := make([]string, len(order))
	for i, r := range order {
		parts[i] = fmt.Sprintf("%s (%d)", r, n[r])
	}
	return strings.Join(parts, ", ")
}
