package demo

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"time"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

// lock is a directory in which contenders queue by ephemeral sequential znodes, as
// all lock recipes do; they differ in names, values and in what they watch.
type lock struct {
	dir        string
	containers bool // parents that are gone are made as containers
	// pattern recognises contenders. Its last group is the sequence number, the one
	// before, where there is one, the kind of contender. Other children are ignored.
	pattern *regexp.Regexp
	// herd has everybody watch the children of dir instead of a predecessor.
	herd bool
	// before is whom the i-th of the queue waits for, -1 if it holds the lock. Nil is
	// first come, first served.
	before func(queue []member, i int) int
}

// member is a contender as seen from outside.
type member struct {
	name, kind string
	seq        int64
}

// members are the contenders among names in the order of the queue.
func (l *lock) members(names []string) []member {
	var queue []member
	for _, n := range names {
		groups := l.pattern.FindStringSubmatch(n)
		if groups == nil {
			continue
		}
		seq, err := strconv.ParseInt(groups[len(groups)-1], 10, 32)
		if err != nil {
			continue
		}
		m := member{name: n, seq: seq}
		if len(groups) == 3 {
			m.kind = groups[1]
		}
		queue = append(queue, m)
	}
	slices.SortFunc(queue, func(a, b member) int { return int(a.seq - b.seq) })
	return queue
}

// join queues. The node it returns is this session's own.
func (l *lock) join(v *visit, prefix string, data []byte) (string, error) {
	parents := sandbox.Persistent
	if l.containers {
		parents = sandbox.Container
	}
	return v.put(l.dir+"/"+prefix, data, sandbox.Ephemeral|sandbox.Sequential, parents)
}

// await waits until node, of this session, holds the lock, for as long as patience
// lasts. False without an error is that the node is gone or patience is at its end.
func (l *lock) await(v *visit, node string, patience time.Duration) (bool, error) {
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		moved := newSignal()
		held, err := l.ask(v, node, moved)
		if held || err != nil {
			return held, err
		}
		if ok, err := l.waiting(v, node, moved, end.C); !ok || err != nil {
			return false, err
		}
	}
}

// ask reports whether node holds the lock, and if not lets moved tell when to ask
// again.
func (l *lock) ask(v *visit, node string, moved *signal) (bool, error) {
	for {
		var herd func()
		if l.herd {
			herd = moved.arm()
		}
		names, err := v.Children(l.dir, herd)
		if errors.Is(err, wire.NoNode) {
			moved.fire() // with the directory the node is gone: waiting finds out
			return false, nil
		}
		if err != nil {
			return false, err
		}
		queue := l.members(names)
		own := slices.IndexFunc(queue, func(m member) bool { return l.dir+"/"+m.name == node })
		if own < 0 {
			moved.fire()
			return false, nil
		}
		ahead := own - 1
		if l.before != nil {
			ahead = l.before(queue, own)
		}
		if ahead < 0 {
			// The list may show a node of this name that a person made.
			return v.owns(node, nil)
		}
		if l.herd {
			return false, nil
		}
		if gone, err := v.watch(l.dir+"/"+queue[ahead].name, moved); !gone || err != nil {
			return false, err
		}
	}
}

// watch has s tell when the znode changes or goes. True is that it has gone already.
func (v *visit) watch(path string, s *signal) (bool, error) {
	watch := s.arm()
	// As the recipes do: exists would leave a watch on a name that never comes back.
	_, _, err := v.Get(path, watch)
	if errors.Is(err, wire.NoAuth) {
		var there bool
		_, there, err = v.Exists(path, watch) // which every ACL allows
		return err == nil && !there, err
	}
	if errors.Is(err, wire.NoNode) {
		s.armed.Store(false) // a request that fails leaves no watch
		return true, nil
	}
	return false, err
}

// waiting waits until moved tells or patience is at its end, which is false, as is
// that the node is gone.
func (l *lock) waiting(v *visit, node string, moved *signal, patience <-chan time.Time) (bool, error) {
	for {
		look := time.NewTimer(v.seconds(beat))
		told := false
		select {
		case <-moved.c:
			told = true
		case <-look.C:
		case <-patience:
			look.Stop()
			return false, nil
		case <-v.ctx.Done():
			look.Stop()
			return false, v.ctx.Err()
		}
		look.Stop()
		if ok, err := v.owns(node, nil); !ok || err != nil {
			return false, err
		}
		if told {
			return true, nil
		}
	}
}

// turn is one time that a contender wants the lock.
type turn struct {
	prefix   string
	data     []byte
	patience span // how long it waits for its turn
	holds    span // and has it then
}

// take queues, waits, holds and releases. A turn that a person ended, by deleting
// the node, ends without an error.
func (l *lock) take(v *visit, t turn) error {
	node, err := l.join(v, t.prefix, t.data)
	if err != nil {
		return err
	}
	held, err := l.await(v, node, v.within(t.patience))
	if err != nil {
		return err
	}
	if held {
		v.life.options.claims(l.dir, node, true)
		_, err = v.during(v.within(t.holds), hold{path: node})
		v.life.options.claims(l.dir, node, false)
		if err != nil {
			return err
		}
	}
	return v.release(node)
}

// release deletes a node of this session: not another's of the same name.
func (v *visit) release(node string) error {
	if own, err := v.owns(node, nil); !own || err != nil {
		return err
	}
	return v.drop(node)
}
