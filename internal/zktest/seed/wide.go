package seed

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/go-zookeeper/zk"
)

// inFlight is how many batches are on their way at once: enough that the server
// never waits for us.
const inFlight = 8

// WideName is the name of the i-th child that [Wide] creates, from 0.
func WideName(i int) string { return fmt.Sprintf("task-%010d", i) }

// Wide creates n children without data under path (itself made if missing), named
// by [WideName]. It blocks until all are there; 312,763 take 5 to 10 s.
// On error, or when ctx ends, some are there and some are not.
func Wide(ctx context.Context, conn *zk.Conn, path string, n int) error {
	if err := ensure(conn, path); err != nil {
		return err
	}
	return inBatches(ctx, conn, n, func(from, to int) []any { return wideOps(path, from, to) })
}

// inBatches creates n znodes by transactions of batchOps of them, several at once.
func inBatches(ctx context.Context, conn *zk.Conn, n int, ops func(from, to int) []any) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	starts := make(chan int)
	var workers sync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for from := range starts {
				if err := multi(conn, ops(from, min(from+batchOps, n))); err != nil {
					cancel(err)
				}
			}
		})
	}
	for from := 0; from < n && ctx.Err() == nil; from += batchOps {
		select {
		case starts <- from:
		case <-ctx.Done():
		}
	}
	close(starts)
	workers.Wait()
	return context.Cause(ctx)
}

func wideOps(path string, from, to int) []any {
	path = strings.TrimSuffix(path, "/")
	ops := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		ops = append(ops, &zk.CreateRequest{Path: path + "/" + WideName(i), Acl: open})
	}
	return ops
}
