package lockctl

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// How much of a directory is read when it is listed. Of more than whole the first,
// the last and some between tell what it is.
const (
	whole       = 512
	sampleFirst = 128
	sampleLast  = 32
	sampleRest  = 96
)

// reply is what listing a directory brought.
type reply struct {
	d     *folder
	asked int
	at    time.Time
	names []string
	stat  Stat
	nodes map[string]ReadNode // those that were read
	own   *ReadNode           // the directory itself, if it was read
	none  bool                // it is none for sure
	err   error
}

// list lists a directory, and reads what is needed to recognise it. Sure tells that it
// is worth it whatever the names are. It blocks, and is called by a worker.
func (b *Board) list(ctx context.Context, path string, sure bool, c Cluster) *reply {
	r := &reply{}
	r.names, r.stat, r.err = b.src.List(ctx, path)
	r.at = b.now()
	if r.err != nil {
		return r
	}
	if r.stat.EphemeralOwner != 0 || !sure && !Promising(path, r.names) {
		r.none = true
		return r
	}
	pick := sample(path, r.names)
	if r.nodes, r.err = b.readAll(ctx, path, pick); r.err != nil {
		return r
	}
	if wantsOwn(r.names) && path != "/" {
		dir, base := split(path)
		own, err := b.src.Read(ctx, dir, []string{base})
		if err == nil && len(own) == 1 && own[0].Err == nil {
			r.own = &own[0]
		}
	}
	if !sure && len(r.names) > whole {
		d := Directory{Path: path, Stat: r.stat}
		for _, n := range r.nodes {
			if n.Err == nil || errors.Is(n.Err, ErrDenied) {
				d.Children = append(d.Children, n.Node)
			}
		}
		r.none = len(Recognise(d, c)) == 0 && !(wantsOwn(r.names) || QueuedFor(path) != "")
	}
	return r
}

// readAll reads children, some hundred a call.
func (b *Board) readAll(ctx context.Context, path string, names []string) (map[string]ReadNode, error) {
	nodes := make(map[string]ReadNode, len(names))
	for part := range slices.Chunk(names, whole) {
		read, err := b.src.Read(ctx, path, part)
		if err != nil {
			return nil, err
		}
		for i, n := range read[:min(len(read), len(part))] {
			n.Name = part[i]
			nodes[part[i]] = n
		}
	}
	return nodes, nil
}

// wantsOwn tells whether the value of the directory itself may be the limit of a
// semaphore of kazoo's.
func wantsOwn(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return len(n) == 32 && isHex(n, 32) })
}

// sample chooses the children to be read: all, or those that may be contenders, the
// first and the last of them and some between.
func sample(path string, names []string) []string {
	if len(names) <= whole {
		return names
	}
	type place struct {
		name string
		tag  tag
	}
	var may []place
	var single []string
	for _, n := range names {
		t := parseName(n)
		switch {
		case t.family != none:
			may = append(may, place{n, t})
		case (exclusiveName(n) || n == leaseHolder) && len(single) < sampleFirst:
			single = append(single, n)
		}
	}
	slices.SortFunc(may, func(a, b place) int {
		if d := a.tag.seq - b.tag.seq; d != 0 { // wraps on purpose
			return cmp.Compare(d, 0)
		}
		return cmp.Compare(a.name, b.name)
	})
	pick := single
	n := len(may)
	for i, p := range may {
		between := n - sampleFirst - sampleLast
		if i < sampleFirst || i >= n-sampleLast || between <= sampleRest || (i-sampleFirst)%(between/sampleRest+1) == 0 {
			pick = append(pick, p.name)
		}
	}
	if n == 0 && hintsOf(path).lock { // leases of ShedLock have any name
		for i := 0; i < len(names); i += len(names)/(sampleFirst+sampleRest) + 1 {
			pick = append(pick, names[i])
		}
	}
	return pick
}

// listed takes the reply of a listing.
func (b *Board) listed(r *reply) {
	d := r.d
	d.inFlight = false
	if b.dirs[d.path] != d {
		return
	}
	if r.asked != d.asked {
		b.listSoon(d)
		return
	}
	if r.err != nil && !errors.Is(r.err, ErrGone) && !errors.Is(r.err, ErrDenied) {
		d.tries++
		d.notUntil = time.Now().Add(min(time.Second<<min(d.tries, 5), 30*time.Second))
		b.log.Warn("a queue could not be listed", "path", d.path, "err", r.err)
		b.listSoon(d)
		return
	}
	d.tries = 0
	d.reply, d.due, d.flush = r, time.Now().Add(b.grace), 0
	b.partner(d, r)
	b.settling = append(b.settling, d)
}
