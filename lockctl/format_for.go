package lockctl

import (
	"fmt"
	"slices"
	"strings"
)

// Takeable are the recipes by which a lock can be taken, in order.
func Takeable() []Recipe {
	all := make([]Recipe, len(shapes))
	for i := range shapes {
		all[i] = shapes[i].recipe
	}
	slices.Sort(all)
	return all
}

func shapeOf(r Recipe) *shape {
	for i := range shapes {
		if shapes[i].recipe == r {
			return &shapes[i]
		}
	}
	return nil
}

// formatFor is the format of a recipe; of "" the one that most clients respect. It fails
// where that recipe cannot be taken, or has no such mode or no places; the errors name
// those that do.
func formatFor(r Recipe, mode Mode, slots int) (format, error) {
	if r == "" {
		r = usual(mode, slots)
	}
	s := shapeOf(r)
	if s == nil {
		return format{}, fmt.Errorf("the recipe %q cannot be taken: there are %s", clean(string(r)), listed(func(*shape) bool { return true }))
	}
	switch {
	case slots < 0:
		return format{}, fmt.Errorf("%d places: a semaphore has at least one", slots)
	case slots > 0 && !s.places():
		return format{}, fmt.Errorf("%s has no places to take one of: a semaphore is %s", r, listed((*shape).places))
	case slots == 0 && s.places():
		return format{}, fmt.Errorf("%s is a semaphore: say how many places there are", r)
	case slots > 0 && (mode == Read || mode == Write):
		return format{}, fmt.Errorf("%s has places, and no readers and writers", r)
	}
	f := format{recipe: r, mode: mode, slots: slots, shape: s}
	switch {
	case s.places():
		f.mode = Place
	case mode == "" || mode == Exclusive:
		f.mode = Exclusive
		if s.exclusive == "" && s.write != "" {
			f.mode = Write
		}
	case mode != Read && mode != Write:
		return format{}, fmt.Errorf("%q is no mode: there are %s, %s and %s", clean(string(mode)), Exclusive, Read, Write)
	case s.write == "":
		return format{}, fmt.Errorf("%s has no readers and writers: a read-write lock is %s", r, listed(func(s *shape) bool { return s.write != "" }))
	}
	return f, nil
}

// usual is the recipe for a directory in which nobody queues: Curator's names are
// respected by Curator, go-zookeeper, WriteLock, and kazoo with its extra_lock_patterns.
func usual(mode Mode, slots int) Recipe {
	switch {
	case slots > 0:
		return CuratorSemaphore
	case mode == Read || mode == Write:
		return CuratorRWLock
	}
	return CuratorMutex
}

// places tells whether it is a semaphore.
func (s *shape) places() bool { return s.recipe == CuratorSemaphore || s.recipe == KazooSemaphore }

// listed names recipes.
func listed(which func(*shape) bool) string {
	var names []string
	for i := range shapes {
		if which(&shapes[i]) {
			names = append(names, string(shapes[i].recipe))
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
