package zkview

import "zkdeck/zkview/wire"

// stats reports whether a walk reads more than names.
func (w *walker) stats() bool { return w.o.Stat || w.o.Data }

// add puts a znode before the queue, in its first step.
func (w *walker) add(t task) {
	if w.first(&t) {
		w.pending = append(w.pending, t)
	}
}

// first decides what is asked of a znode first. It is false where nothing is: then
// the znode was visited.
func (w *walker) first(t *task) bool {
	if w.stats() {
		return true // getData; the rest is decided when its Stat is known
	}
	t.list = true
	switch {
	case w.pruned(t.path):
		if t.kin != nil {
			w.emit(Znode{Path: w.s.servers.rel(t.path)})
			return false
		}
		t.list, t.leaf = false, true // only whether it exists
	case w.atDepth(t.depth):
		t.leaf = true
	}
	return true
}

func (w *walker) atDepth(depth int) bool { return w.o.Depth > 0 && depth >= w.o.Depth }

func (w *walker) pruned(path string) bool {
	return w.o.Prune != nil && w.o.Prune(w.s.servers.rel(path))
}

// build makes the next request; nil if nothing was left to be asked.
func (w *walker) build() *frame {
	f := w.newFrame()
	room, size := w.bounds.target, 0
	most := w.ops
	if len(w.pending) > 0 {
		most = w.pending[0].most(most)
	}
	if w.p.Slow {
		most = 1
	}
	fits := func(path string, expect int) bool {
		return len(f.tasks) == 0 || len(f.tasks) < most && f.expect+expect <= room && size+wire.OpSize(path) <= w.bounds.request
	}
	put := func(t task, expect int) {
		f.tasks = append(f.tasks, t)
		f.expect += expect
		size += wire.OpSize(t.path)
	}
	taken := 0
	for taken < len(w.pending) {
		t := &w.pending[taken]
		expect := w.expected(t)
		if !fits(t.path, expect) || len(f.tasks) > 0 && (t.alone || t.suspect() != f.tasks[0].suspect()) {
			break
		}
		put(*t, expect)
		if taken++; t.alone {
			break
		}
	}
	clear(w.pending[:taken])
	if w.pending = w.pending[taken:]; len(w.pending) == 0 {
		w.pending = nil
		if taken == 0 || !f.tasks[0].alone && !f.tasks[0].suspect() {
			w.fromQueue(most, fits, put, f)
		}
	}
	if len(f.tasks) == 0 {
		return nil
	}
	for i := range f.tasks {
		f.ops = append(f.ops, f.tasks[i].op())
	}
	f.after = w.after
	return f
}

// fromQueue adds what waits in the queue.
func (w *walker) fromQueue(most int, fits func(string, int) bool, put func(task, int), f *frame) {
	w.queue.tidy()
	for i := 0; len(f.tasks) < most && len(w.batch) < walkBatch; i++ {
		l := w.queue.at(i)
		if l == nil {
			break
		}
		few := most
		if w.stats() && l.read == 0 {
			few = min(few, fewPerKin)
		}
		for n := 0; n < few && l.names.Len() > 0; n++ {
			path := l.next(&w.buf)
			w.queue.znodes--
			t := task{path: path, depth: l.depth, kin: l}
			if !w.first(&t) {
				continue
			}
			expect := w.expected(&t)
			if !fits(path, expect) {
				w.pending = append(w.pending, t) // the first of the next one
				return
			}
			put(t, expect)
			if len(f.tasks) >= most {
				break
			}
		}
	}
	w.queue.tidy()
}

// expected is the likely size of the answer to a task.
func (w *walker) expected(t *task) int {
	switch {
	case t.list && t.stat != nil:
		return 16 + likelyName*max(0, int(t.stat.Stat.NumChildren))
	case t.list:
		return w.listSize
	case t.kin != nil && t.kin.read > 0:
		return int(t.kin.bytes / t.kin.read)
	default:
		return max(w.dataSize, likelyData)
	}
}

func (w *walker) newFrame() *frame {
	if n := len(w.free); n > 0 {
		f := w.free[n-1]
		w.free = w.free[:n-1]
		return f
	}
	return &frame{}
}

// take settles a frame.
func (w *walker) take(f *frame) error {
	w.flight--
	w.asked -= len(f.tasks)
	w.expect -= f.expect
	if f.err != nil {
		return w.failed(f)
	}
	w.p.Slow = !f.many
	total := 0
	lists, listBytes, data, dataBytes := 0, 0, 0, 0
	for i := range f.tasks {
		t, r := &f.tasks[i], &f.results[i]
		size := r.Size()
		total += size
		if t.list {
			lists, listBytes = lists+1, listBytes+size
		} else {
			data, dataBytes = data+1, dataBytes+size
			if t.kin != nil {
				t.kin.read++
				t.kin.bytes += int64(size)
			}
		}
		if err := w.settle(t, r, total); err != nil {
			return err
		}
	}
	w.p.Bytes += int64(total)
	w.listSize, w.dataSize = drift(w.listSize, listBytes, lists), drift(w.dataSize, dataBytes, data)
	if len(f.tasks) >= w.ops && total < w.bounds.target {
		w.ops = min(2*w.ops, w.bounds.ops)
	} else if total > 2*w.bounds.target && len(f.tasks) > 1 {
		w.ops = max(1, w.ops/2)
	}
	clear(f.tasks)
	clear(f.ops)
	*f = frame{tasks: f.tasks[:0], ops: f.ops[:0]}
	w.free = append(w.free, f)
	return nil
}

// drift moves a mean towards that of the latest answers.
func drift(mean, bytes, n int) int {
	if n == 0 {
		return mean
	}
	return (3*mean + bytes/n + 3) / 4
}

// settle takes in the answer to one task.
func (w *walker) settle(t *task, r *wire.ReadResult, reply int) error {
	switch {
	case r.Err == wire.NoNode:
		return w.gone(t, t.op().Code.String())
	case r.Err != 0:
		return w.refuse(t, codeError(int32(r.Err)))
	case t.list:
		z := w.znode(t)
		z.Children = r.Names.Len()
		if !t.leaf {
			w.queue.push(t.path, t.depth+1, r.Names.Own())
		}
		w.emit(z)
		return nil
	}
	z := w.znode(t)
	if w.stats() {
		z.Stat, z.Children = Stat(r.Stat), int(r.Stat.NumChildren)
	}
	if w.o.Data {
		z.Data = r.Data
	}
	w.listNext(t, z, r.Stat.NumChildren > 0)
	return nil
}

// listNext asks for the children of a znode whose data was read or refused, or
// visits it where there are none to be visited.
func (w *walker) listNext(t *task, z Znode, some bool) {
	if t.leaf || !some || w.atDepth(t.depth) || w.pruned(t.path) {
		w.emit(z)
		return
	}
	next := *t
	next.list, next.alone, next.lost, next.stat = true, false, 0, &z
	w.pending = append(w.pending, next)
}

// refuse settles a task that the server does not answer: the znode is visited with
// the error, and with what else could be read of it.
func (w *walker) refuse(t *task, err error) error {
	z := w.znode(t)
	if z.Err == nil {
		z.Err = &OpError{t.op().Code.String(), z.Path, err}
	}
	if t.list {
		w.emit(z)
		return nil
	}
	w.listNext(t, z, true)
	return nil
}

// znode is what is known of a task's znode.
func (w *walker) znode(t *task) Znode {
	if t.stat != nil {
		return *t.stat
	}
	return Znode{Path: w.s.servers.rel(t.path)}
}
