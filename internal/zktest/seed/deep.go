package seed

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-zookeeper/zk"
)

// MillionZnodes is how many znodes [Million] makes, path itself among them.
const MillionZnodes = 1 + 100 + 100*100 + 100*100*100

// Million creates a tree of a million leaves: [Deep] with 100 children at each of
// three levels. It blocks for about 20 s.
func Million(ctx context.Context, conn *zk.Conn, path string) error {
	return Deep(ctx, conn, path, 100, 100, 100)
}

// Deep creates a tree without data below path (itself made if missing), one level
// after the other: fan[0] children, each with fan[1], and so on, named "node-00000"
// and on. It blocks until all are there. On error, or when ctx ends, some are there
// and some are not.
func Deep(ctx context.Context, conn *zk.Conn, path string, fan ...int) error {
	if err := ensure(conn, path); err != nil {
		return err
	}
	path = strings.TrimSuffix(path, "/")
	n := 1
	for level := range fan {
		n *= fan[level]
		err := inBatches(ctx, conn, n, func(from, to int) []any {
			ops := make([]any, 0, to-from)
			for i := from; i < to; i++ {
				ops = append(ops, &zk.CreateRequest{Path: path + deepPath(i, fan[:level+1]), Acl: open})
			}
			return ops
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// deepPath is the path of the i-th znode of the last of the levels.
func deepPath(i int, fan []int) string {
	parts := make([]string, len(fan)+1)
	for level := len(fan) - 1; level >= 0; level-- {
		parts[level+1] = fmt.Sprintf("node-%05d", i%fan[level])
		i /= fan[level]
	}
	return strings.Join(parts, "/")
}
