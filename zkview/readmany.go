package zkview

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
)

// ReadMany reads Stat and value of many znodes by few requests, on a server before 3.6
// by one for each. The answers are in the order of paths, each with an Err of its own
// if it cannot be read; Children is what Stat says. Of each value at most keep bytes
// are kept, 0 is all; the caller owns them. Of a znode that may not be read there is
// the Stat beside its Err, which asking for takes a request for each.
//
// A value of more than [HeldAction] bytes is not transferred again and again: while it
// is as it was when it was read less than a minute ago, its first 256 bytes are what
// there is; if it has changed meanwhile and is still as long, there are none.
//
// It waits for a connection and goes on when one is lost, until all is read or ctx
// ends, or the session; that is the error of the call. The requests are background
// ones if ctx is (see [Background]).
func (s *Session) ReadMany(ctx context.Context, paths []string, keep int) ([]Znode, error) {
	r := bulkRead{s: s, ctx: ctx, keep: keep, answers: make([]Znode, len(paths)), at: make(map[string][]int, len(paths))}
	for i, path := range paths {
		r.answers[i] = Znode{Path: path, Err: &OpError{"getData", path, ErrNoNode}} // unless it is found
		if !strings.HasPrefix(path, "/") || path != "/" && strings.HasSuffix(path, "/") {
			r.answers[i].Err = &OpError{"getData", path, ErrBadPath}
			continue
		}
		r.at[path] = append(r.at[path], i)
	}
	if err := r.big(); err != nil {
		return nil, err
	}
	if err := r.rest(paths); err != nil {
		return nil, err
	}
	if err := r.denied(); err != nil {
		return nil, err
	}
	return r.answers, nil
}

// bulkRead is a ReadMany under way.
type bulkRead struct {
	s       *Session
	ctx     context.Context
	keep    int
	answers []Znode
	at      map[string][]int // the places of the paths that are still to be read
}

// put takes in the answer about a path.
func (r *bulkRead) put(z Znode) {
	for n, i := range r.at[z.Path] {
		if n > 0 {
			z.Data = bytes.Clone(z.Data)
		}
		r.answers[i] = z
	}
}

// big settles the znodes whose values are known to be long, by their Stats alone.
func (r *bulkRead) big() error {
	return r.stats(r.s.bigs.among(r.at), func(z Znode) {
		if z.Stat.DataLength > HeldAction {
			z.Data = r.cut(r.s.bigs.head(z.Path, z.Stat.Mzxid))
			r.put(z)
			delete(r.at, z.Path)
		}
	})
}

// denied adds the Stats of those that may not be read: whether a znode exists is told
// to everybody.
func (r *bulkRead) denied() error {
	var paths []string
	for path, at := range r.at {
		if errors.Is(r.answers[at[0]].Err, ErrNoAuth) {
			paths = append(paths, path)
		}
	}
	return r.stats(paths, func(z Znode) {
		z.Err = r.answers[r.at[z.Path][0]].Err
		r.put(z)
	})
}

// stats asks for Stats, a few at a time, and gives those that there are to take, one
// at a time.
func (r *bulkRead) stats(paths []string, take func(Znode)) error {
	var all sync.WaitGroup
	var mu sync.Mutex
	next := make(chan string)
	for range min(readCalls, len(paths)) {
		all.Go(func() {
			for path := range next {
				stat, err := r.s.Stat(r.ctx, path)
				mu.Lock()
				if err == nil {
					take(Znode{Path: path, Stat: stat, Children: int(stat.NumChildren)})
				}
				mu.Unlock()
			}
		})
	}
	for _, path := range paths {
		next <- path
	}
	close(next)
	all.Wait()
	return context.Cause(r.ctx)
}

// cut is the part of a value that is kept.
func (r *bulkRead) cut(data []byte) []byte {
	if r.keep > 0 && len(data) > r.keep {
		return data[:r.keep]
	}
	return data
}

// rest reads all others as a walk reads: by requests whose answers are bounded, ever
// more paths in one while they are short.
func (r *bulkRead) rest(paths []string) error {
	o := WalkOptions{Stat: true, Data: true, Fast: true}
	b := defaultWalkBounds(WalkOptions{Stat: true})
	w := newWalker(r.s, o, b, r.take)
	w.root = r.s.servers.abs("/")
	kin := &walkListing{} // all: what is learned of some helps with others
	for i, path := range paths {
		if at := r.at[path]; len(at) > 0 && at[0] == i {
			w.add(task{path: r.s.servers.abs(path), kin: kin, leaf: true})
		}
	}
	_, err := w.to(r.ctx)
	return err
}

// take takes in a batch of a walker.
func (r *bulkRead) take(batch []Znode) error {
	for _, z := range batch {
		if z.Err == nil {
			r.s.bigs.note(z)
		}
		z.Data = bytes.Clone(r.cut(z.Data)) // it shares memory with a whole reply
		r.put(z)
	}
	return nil
}
