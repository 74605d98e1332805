package zkview

import (
	"bytes"
	"sync"
	"time"
)

const (
	// bigHead is how much of a long value is remembered, bigKept of how many.
	bigHead = 256
	bigKept = 1000
	// bigAgain is after what time a long value is read again.
	bigAgain = time.Minute
)

// bigValues are the beginnings of long values that were read of late. The zero value
// is ready.
type bigValues struct {
	mu    sync.Mutex
	known map[string]bigValue // by path below the chroot
}

type bigValue struct {
	mzxid int64
	head  []byte
	read  time.Time
}

// note remembers a value that is long, and forgets one that is not any more.
func (b *bigValues) note(z Znode) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if z.Stat.DataLength <= HeldAction {
		delete(b.known, z.Path)
		return
	}
	if b.known == nil {
		b.known = map[string]bigValue{}
	}
	if _, have := b.known[z.Path]; !have && len(b.known) >= bigKept {
		for path := range b.known { // any
			delete(b.known, path)
			break
		}
	}
	b.known[z.Path] = bigValue{z.Stat.Mzxid, bytes.Clone(z.Data[:min(len(z.Data), bigHead)]), time.Now()}
}

// among are the paths of a set that are known to be long and were read of late.
func (b *bigValues) among(paths map[string][]int) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []string
	for path, v := range b.known {
		if _, ok := paths[path]; ok && time.Since(v.read) < bigAgain {
			found = append(found, path)
		}
	}
	return found
}

// head is the beginning of a value, nil if it has changed since it was read.
func (b *bigValues) head(path string, mzxid int64) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if v, have := b.known[path]; have && v.mzxid == mzxid {
		return bytes.Clone(v.head)
	}
	return nil
}
