package wire

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Backoff says how long [Dialer.Dial] waits before it tries an address again
// that failed, or that accepted a session and dropped it. The first try of every
// address is made at once; the wait before the next is First, and then four
// times First, doubling up to Max. Each is shortened at random by up to a half.
// A connection that was answered and lived for Settle clears the record of all
// addresses.
//
// go-zookeeper itself has no back-off once a session was granted: with two
// servers that accept and drop it makes more than a thousand connections a
// second.
type Backoff struct {
	First  time.Duration // default 50 ms
	Max    time.Duration // default 3 s
	Settle time.Duration // default 2 s
}

func (b Backoff) withDefaults() Backoff {
	b.First = orDefault(b.First, 50*time.Millisecond)
	b.Max = orDefault(b.Max, 3*time.Second)
	b.Settle = orDefault(b.Settle, 2*time.Second)
	return b
}

func orDefault(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

// delay is the wait after the given number of failures in a row; jitter is
// between 0 and 1.
func (b Backoff) delay(failures int, jitter float64) time.Duration {
	if failures <= 0 {
		return 0
	}
	d := b.First
	for i := 1; i < failures && d < b.Max; i++ {
		d *= 2
		if i == 1 {
			d *= 2
		}
	}
	d = min(d, b.Max)
	return d - time.Duration(jitter*float64(d)/2)
}

// penalties is the record of what failed. It counts per address, so that a dead
// server does not slow down the way to the next one.
type penalties struct {
	mu     sync.Mutex
	failed map[string]int
	until  map[string]time.Time
}

// add records a failure of address.
func (p *penalties) add(address string, b Backoff) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed == nil {
		p.failed, p.until = map[string]int{}, map[string]time.Time{}
	}
	p.failed[address]++
	p.until[address] = time.Now().Add(b.delay(p.failed[address], rand.Float64()))
}

// clear forgives every address.
func (p *penalties) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.failed)
	clear(p.until)
}

// wait blocks until address may be tried, or ctx ends.
func (p *penalties) wait(ctx context.Context, address string) error {
	p.mu.Lock()
	until := p.until[address]
	p.mu.Unlock()
	d := time.Until(until)
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
