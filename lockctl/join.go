package lockctl

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"zkdeck/internal/safetext"
)

// joins is the format by which to queue in a directory that was listed: the one asked
// for, the one of the queue that is there, or in an empty directory the usual one. A
// directory that does not exist is an empty one. Of children whose names prove nothing
// the Stats should be at hand.
//
// It fails with [ErrMixed] where clients would not wait for each other, with
// [ErrForeign] where there is something else than a lock, and with [ErrExhausted] near
// the end of the directory's counter. Each says what was found, what would happen and
// what to do. Force has it go on, where ZooKeeper can do it at all.
func (o LockOptions) joins(d Directory) (format, error) {
	wanted, err := formatFor(o.Recipe, o.Mode, o.Slots)
	if err != nil {
		return format{}, err
	}
	if err := impossible(&d); err != nil {
		return format{}, err
	}
	f, err := among(&d, o, wanted)
	if err == nil {
		err = worn(&d)
	}
	if err != nil {
		if !o.Force {
			return format{}, err
		}
		f.notes = append(f.notes, "Forced: "+safetext.CleanLine(err.Error()))
	}
	f.forced = o.Force
	return f, nil
}

// impossible refuses where no znode can be made, or none should ever be.
func impossible(d *Directory) error {
	switch {
	case d.Path == "/zookeeper" || strings.HasPrefix(d.Path, "/zookeeper/"):
		return fmt.Errorf("%w: /zookeeper is the servers' own; choose another path", ErrForeign)
	case d.Stat.EphemeralOwner != 0:
		return fmt.Errorf("%w: it is an ephemeral znode, which can have no children; choose another path", ErrForeign)
	}
	return nil
}

// worn refuses a directory whose counter is near its end or past it.
func worn(d *Directory) error {
	const remedy = "delete the directory when it is empty, it starts at 0 again; or force it, which may let two in"
	switch next := d.Stat.NextSequence(); {
	case next == math.MaxInt32:
		return fmt.Errorf("%w: its counter stands at 2147483647, from where on contenders get equal numbers: %s", ErrExhausted, remedy)
	case next > math.MaxInt32-nearEnd:
		return fmt.Errorf("%w: %d are left until 2147483647, after which contenders get equal ones: %s", ErrExhausted, math.MaxInt32-next, remedy)
	}
	for i := range d.Children {
		if t := parseName(d.Children[i].Name); t.sequential && t.seq < 0 && t.family != none {
			return fmt.Errorf("%w: %s is behind number 2147483647, and clients sort it before older ones: %s", ErrExhausted, clean(d.Children[i].Name), remedy)
		}
	}
	return nil
}

// among chooses by what is in the directory. With an error it is what to use by force.
func among(d *Directory, o LockOptions, wanted format) (format, error) {
	empty := len(d.Children) == 0
	d, err := aroundSemaphore(d, wanted)
	if err != nil {
		return wanted, err
	}
	if len(d.Children) == 0 {
		if _, ok := kazooPlaces(d.Data); ok && empty && o.Recipe == "" && o.Slots > 0 {
			wanted, err = formatFor(KazooSemaphore, o.Mode, o.Slots) // who writes it is gone, its value stays
		}
		return wanted, err
	}
	locks := Recognise(*d, Cluster{})
	switch {
	case len(locks) == 0:
		return beside(d, wanted)
	case len(locks) > 1, locks[0].Path != d.Path:
		return wanted, notTaken(&locks[0])
	}
	l := &locks[0]
	if l.Recipe == Mixed {
		f := wanted
		if shapeOf(l.Contenders[0].Recipe) != nil && o.Recipe == "" {
			if first, err := formatFor(l.Contenders[0].Recipe, o.Mode, o.Slots); err == nil {
				f = first
			}
		}
		return f, fmt.Errorf("%w: there are %s; whoever of one recipe is let in, another may be let in as well. Use a directory of your own, or force it",
			ErrMixed, recipesOf(l))
	}
	f, err := wanted.queued(d, l, o)
	if err != nil {
		return f, err
	}
	return f.noted(d, l), nil
}

// queued is the format of the queue that is there, unless that is not the one asked for.
func (f format) queued(d *Directory, l *Lock, o LockOptions) (format, error) {
	here := shapeOf(l.Recipe)
	if here == nil {
		return f, notTaken(l)
	}
	if o.Recipe == "" {
		g, err := formatFor(l.Recipe, o.Mode, o.Slots)
		if l.Recipe == KazooLock && (o.Mode == Read || o.Mode == Write) {
			g, err = formatFor(KazooRWLock, o.Mode, o.Slots)
		}
		if err != nil {
			return f, fmt.Errorf("%w: %s is queued here (%s), and %w. Use another directory, or force it", ErrMixed, l.Recipe, counted(l), err)
		}
		f = g
	}
	switch {
	case !sameQueue(f.recipe, l.Recipe):
		return f, fmt.Errorf("%w: %s is queued here (%s) and would not wait for a %s, so that two hold. Choose the recipe %s, or another directory, or force it",
			ErrMixed, l.Recipe, counted(l), f.recipe, l.Recipe)
	case l.Recipe == KazooSemaphore && l.Limit > 0 && l.Limit != f.slots:
		return f, otherSlots(l.Limit, f.slots)
	case l.Recipe == KazooLock && f.mode == Read && o.Recipe == "":
		return f, fmt.Errorf("%w: kazoo's locks are queued here (%s), and if they are no write locks they do not wait for a reader. Choose the recipe %s if they are, or another directory, or force it",
			ErrMixed, counted(l), KazooRWLock)
	case l.Certainty == Possible && o.Recipe == "" && !seenAny(l):
		return f, fmt.Errorf("%w: by their names the children may be of %s, but none of them can be read. Choose the recipe if you know it, or force it", ErrForeign, l.Recipe)
	}
	if n := f.variant(l); n != "" {
		return f, fmt.Errorf("%w: %s is not named as %s does it, so that it may not wait for us. Use another directory, or force it", ErrMixed, clean(n), f.recipe)
	}
	if n := unknownContender(d, l); n != "" {
		return f, fmt.Errorf("%w: beside %s there is %s, which may be a contender of a recipe that is not known. Use another directory, or force it", ErrMixed, l.Recipe, clean(n))
	}
	return f, nil
}

// sameQueue tells whether two recipes wait for each other.
func sameQueue(a, b Recipe) bool {
	if a == b {
		return true
	}
	for _, q := range [][]Recipe{{CuratorMutex, GoZooKeeper}, {WriteLock, ZooLock}, {KazooLock, KazooRWLock}} {
		if slices.Contains(q, a) && slices.Contains(q, b) {
			return true
		}
	}
	return false
}

// seenAny tells whether one of the contenders was seen to be ephemeral.
func seenAny(l *Lock) bool {
	return slices.ContainsFunc(l.Contenders, func(c Contender) bool { return c.Session != 0 })
}

// variant is a contender that has another prefix than the recipe's, where its clients
// find each other by that.
func (f format) variant(l *Lock) string {
	if f.shape.id != noID {
		return ""
	}
	for i := range l.Contenders {
		c := &l.Contenders[i]
		switch c.Node[:c.name.at] {
		case f.shape.exclusive, f.shape.read, f.shape.write:
		default:
			return c.Node
		}
	}
	return ""
}

// unknownContender is a child with a number and a prefix that no recipe has, if it is
// not seen to be persistent.
func unknownContender(d *Directory, l *Lock) string {
	if len(l.Foreign) == 0 {
		return ""
	}
	for i := range d.Children {
		n := &d.Children[i]
		if t := parseName(n.Name); t.family == other && (n.Stat.EphemeralOwner != 0 || !n.Stat.Known()) {
			return n.Name
		}
	}
	return ""
}

// noted adds what is to be known of a queue that is joined.
func (f format) noted(d *Directory, l *Lock) format {
	for _, w := range l.Warnings {
		if w.Code == WarnForeign {
			f.notes = append(f.notes, w.Text)
		}
	}
	if l.Kind == Election {
		f.notes = append(f.notes, fmt.Sprintf("%s speaks of an election: whoever takes this lock is taken for its leader.", clean(d.Path)))
	}
	return f
}
