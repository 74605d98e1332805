//go:build unix

package lockctl_test

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// claim is for how long a worker's lease has said that it is held.
type claim struct {
	token    int64
	node     string
	worker   int
	from, to int64 // of clock
}

// record is what all workers say.
type record struct {
	mu     sync.Mutex
	claims map[int64]*claim // by token
	latest int64            // the highest token
	open   map[int]int64    // by worker: the token that it claims now
	long   map[int]int64    // by worker: the token that it holds for long
	broken map[string]span  // znodes that the nemesis has deleted, and when
	faults []string
	waker  chan struct{} // closed and replaced with each new claim
}

// span is a time of which only the beginning and the end are known.
type span struct{ from, to int64 } // of clock

func newRecord() *record {
	return &record{claims: map[int64]*claim{}, open: map[int]int64{}, long: map[int]int64{}, broken: map[string]span{}, waker: make(chan struct{})}
}

// read takes in all that a worker says.
func (r *record) read(worker int, out io.Reader) {
	for s := bufio.NewScanner(out); s.Scan(); {
		r.line(worker, s.Text())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, worker)
	delete(r.long, worker)
}

func (r *record) line(worker int, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var token, at int64
	var node string
	switch {
	case scanned(text, "held %d %s %d", &token, &node, &at):
		r.held(worker, token, node, at)
	case scanned(text, "long %d", &token):
		r.long[worker] = token
	case scanned(text, "left %d %d", &token, &at):
		delete(r.open, worker)
		delete(r.long, worker)
	default:
		r.faults = append(r.faults, fmt.Sprintf("worker %d: %s", worker, text))
	}
}

func scanned(text, format string, args ...any) bool {
	word, _, _ := strings.Cut(format, " ")
	n, err := fmt.Sscanf(text, format, args...)
	return strings.HasPrefix(text, word) && err == nil && n == len(args)
}

func (r *record) held(worker int, token int64, node string, at int64) {
	c := r.claims[token]
	if c == nil {
		c = &claim{token: token, node: node, worker: worker, from: at}
		r.claims[token] = c
		r.latest = max(r.latest, token)
		close(r.waker)
		r.waker = make(chan struct{})
	}
	if c.worker != worker {
		r.faults = append(r.faults, fmt.Sprintf("token %d is claimed by workers %d and %d", token, c.worker, worker))
	}
	c.to = at
	r.open[worker] = token
}

// holder is a worker that claims the lock, for some time to come, and with which claim.
func (r *record) holder() (worker int, c claim, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for w, token := range r.long {
		if r.open[w] == token && token == r.latest {
			return w, *r.claims[token], true
		}
	}
	return 0, claim{}, false
}

// breaks deletes a znode, and notes when: whose it is may have come to hold the lock, or
// come to do so meanwhile.
func (r *record) breaks(node string, remove func()) {
	s := span{from: clock()}
	remove()
	s.to = clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken[node] = s
}

// progress waits for a grant that is claimed after now.
func (r *record) progress(patience time.Duration) bool {
	r.mu.Lock()
	since := r.latest
	r.mu.Unlock()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		r.mu.Lock()
		latest, waker := r.latest, r.waker
		r.mu.Unlock()
		if latest > since {
			return true
		}
		select {
		case <-waker:
		case <-limit.C:
			return false
		}
	}
}

// verdict is what is wrong with the whole record: claims that overlap, tokens that do
// not grow, claims that go on although their znode was deleted long ago.
func (r *record) verdict(timeout time.Duration) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	bad := slices.Clone(r.faults)
	all := slices.SortedFunc(maps.Values(r.claims), func(a, b *claim) int { return cmp.Compare(a.from, b.from) })
	for i, c := range all {
		end := c.to
		if broken, ok := r.broken[c.node]; ok && end > broken.from {
			if late := time.Duration(end - broken.to); late > timeout {
				bad = append(bad, fmt.Sprintf("token %d was claimed for %v after its znode was deleted", c.token, late))
			}
			end = max(broken.from, c.from)
		}
		if i == len(all)-1 {
			break
		}
		next := all[i+1]
		if next.from <= end {
			bad = append(bad, fmt.Sprintf("token %d of worker %d was claimed to %v after token %d of worker %d began to be",
				c.token, c.worker, time.Duration(end-next.from), next.token, next.worker))
		}
		if next.token <= c.token {
			bad = append(bad, fmt.Sprintf("token %d was granted after token %d", next.token, c.token))
		}
	}
	return bad
}

// writes is what is wrong with the guarded writes, whose names are in the order in
// which they were done: the token of a later one is never lower.
func verdictOnWrites(names []string) []string {
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(after(a), after(b)) })
	var bad []string
	for i := 1; i < len(names); i++ {
		if names[i][:16] < names[i-1][:16] {
			bad = append(bad, fmt.Sprintf("guarded write %s was done after %s", names[i], names[i-1]))
		}
	}
	return bad
}

// after is the sequence number of a guarded write.
func after(name string) string { return name[strings.LastIndexByte(name, '-')+1:] }
