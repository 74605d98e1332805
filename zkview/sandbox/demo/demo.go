// Package demo fills a sandbox with sample data that looks like life, and lives:
// service discovery, configuration, a Kafka-like and a Solr-like tree, a database
// cluster, a work queue, and locks of different recipes whose contenders come and
// go by following their recipe.
//
// Every process of the story is an actor: one goroutine with sessions of its own,
// from an address of its own. What a person does to the tree, the actors meet as
// real clients would: a node that was deleted is lost, a parent that is gone is made
// again, an expired session is followed by a new one.
package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"zkdeck/zkview/sandbox"
)

// Welcome is the znode that tells a newcomer in plain words what is here.
const Welcome = "/"

// Who may read what is below /vault: scheme digest.
const (
	User     = "keeper"
	Password = "s3cret"
)

// Options say how the sample data lives.
type Options struct {
	// Pace is how long a second of the story takes; zero is a second, which shows
	// one change or so a second in the whole tree.
	Pace time.Duration
	// Seed makes the actors choose the same every time; zero is another each time.
	// How their steps interleave is up to the scheduler all the same.
	Seed uint64

	// claims is told when an actor begins and ends to believe that it holds a lock.
	// It ends to believe before it gives the lock away.
	claims func(dir, node string, held bool)
}

// Life is the actors at work.
type Life struct {
	server  *sandbox.Server
	options Options
	cancel  context.CancelFunc
	actors  sync.WaitGroup
}

// Fill creates what persists of the sample data and leaves alone what exists
// already. It blocks until all is there: some 500 znodes and a directory of 5,000.
func Fill(ctx context.Context, s *sandbox.Server) error {
	c, err := s.Open("10.0.0.5:41822", sessionTimeout)
	if err != nil {
		return fmt.Errorf("opening a session for the sample data: %w", err)
	}
	defer c.Close()
	b := &builder{ctx: ctx, client: c, rng: rand.New(rand.NewPCG(1, 1))}
	for _, fill := range []func(*builder){
		fillWelcome, fillConfig, fillMetrics, fillKafka, fillSolr, fillPatroni, fillPlaces, fillVault, fillArchive,
	} {
		fill(b)
	}
	return b.err
}

// Live fills the sandbox as [Fill] does and lets the actors in. It blocks for the
// filling only. They stop by [Life.Close], or when ctx ends.
func Live(ctx context.Context, s *sandbox.Server, o Options) (*Life, error) {
	if err := Fill(ctx, s); err != nil {
		return nil, err
	}
	if o.Pace <= 0 {
		o.Pace = time.Second
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64()
	}
	if o.claims == nil {
		o.claims = func(string, string, bool) {}
	}
	ctx, cancel := context.WithCancel(ctx)
	l := &Life{server: s, options: o, cancel: cancel}
	for i, p := range cast() {
		a := &actor{part: p, life: l, rng: rand.New(rand.NewPCG(o.Seed, uint64(i)))}
		l.actors.Go(func() { a.run(ctx) })
	}
	return l, nil
}

// Close ends the actors and their sessions, and waits until the last one has left.
// Their ephemeral znodes go with them. It may be called more than once, before and
// after the server is closed.
func (l *Life) Close() {
	l.cancel()
	l.actors.Wait()
}

// cast is everybody who plays.
func cast() []part {
	var all []part
	for _, some := range [][]part{
		serviceCast(), kafkaCast(), solrCast(), patroniCast(), lockCast(), semaphoreCast(), electionCast(),
		queueCast(), shopCast(), batchCast(), configCast(), metricsCast(),
	} {
		all = append(all, some...)
	}
	return all
}
