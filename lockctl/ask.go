package lockctl

import (
	"context"
	"time"

	"zkdeck/internal/safetext"
)

const (
	askSoon    = 5 * time.Second // between two askings because of a session that is not known
	askWatches = time.Minute
	askBroken  = 10 * time.Second // after one that failed
)

// asking is what the servers said.
type asking struct {
	answers Answers
	askErr  error
	// cluster is what the recogniser is given: the last answers, and of those without
	// watches the watches before.
	cluster         Cluster
	answered        int // how many answers there were
	answeredWatches int // and with watches
	underway        bool
	askedAt         time.Time
	watchesAt       time.Time
	askNext         time.Time // after a failure
	stranger        bool      // a session queues that is not known
	wantWatches     bool      // a lock was opened
}

// judged is what the servers said, as of now.
func (b *Board) judged() Cluster {
	c := b.cluster
	c.Now = b.now().UnixMilli()
	return c
}

// asked tells whether the servers have to be asked before all is known.
func (b *Board) asked() bool {
	return b.underway || len(b.locks) > 0 && b.answered == 0 && b.askErr == nil
}

// addressable tells whether waiting for an address is of use.
func (b *Board) addressable() bool { return b.asked() || b.stranger && b.askErr == nil }

// unknown notes a session of a contender.
func (b *Board) unknown(session int64) {
	if session == 0 || b.answered == 0 {
		return
	}
	if _, ok := b.cluster.Addresses[session]; !ok && !b.cluster.Sessions[session] {
		b.stranger = true
	}
}

// askDue asks the servers when it is time.
func (b *Board) askDue(now time.Time) {
	if b.underway || len(b.locks) == 0 {
		return
	}
	due := b.askedAt.Add(b.o.AskEvery)
	if b.stranger || b.wantWatches {
		due = b.askedAt.Add(min(askSoon, b.o.AskEvery))
	}
	if b.askedAt.IsZero() {
		due = now
	}
	if due.Before(b.askNext) {
		due = b.askNext
	}
	if now.Before(due) {
		b.wakeAt(due)
		return
	}
	watches := b.wantWatches || b.watchesAt.IsZero() || now.Sub(b.watchesAt) >= askWatches
	b.underway, b.askedAt, b.stranger = true, now, false
	if watches {
		b.watchesAt, b.wantWatches = now, false
	}
	b.work(b.ctx, func(ctx context.Context) func() {
		a, err := b.src.Ask(ctx, watches)
		return func() { b.told(a, err) }
	})
}

// told takes what the servers said.
func (b *Board) told(a Answers, err error) {
	b.underway, b.askErr = false, err
	b.news()
	if err != nil {
		b.log.Warn("the servers could not be asked who is connected", "err", err)
		b.askNext = time.Now().Add(askBroken)
		return
	}
	c := a.Cluster
	b.answered++
	if c.Watches == nil {
		// Those of before say who was seen waiting. Who came since is not judged by them.
		c.Watches, c.AllWatches = b.cluster.Watches, b.cluster.AllWatches
		if c.Watches != nil && b.cluster.Zxid != 0 {
			c.Zxid = b.cluster.Zxid
		}
	} else {
		b.answeredWatches++
	}
	b.answers, b.cluster = a, c
	for _, l := range b.sorted {
		if len(l.seen.Contenders) > 0 || l.view == nil {
			b.soil(l.dir)
		}
	}
	b.readdress()
}

// readdress tells the timelines the addresses of those who hold.
func (b *Board) readdress() {
	for _, l := range b.sorted {
		if len(l.holders) > 0 {
			l.timeline.Describe(b.parties(l)...)
		}
	}
}

func clean(path string) string { return safetext.Clean(path) }
