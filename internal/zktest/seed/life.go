// Package seed fills a ZooKeeper with trees that look like life, for tests, for
// benchmarks and for trying things by hand.
package seed

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-zookeeper/zk"
)

// Some of what [Life] creates can be read only by this user: scheme digest.
const (
	User     = "keeper"
	Password = "s3cret"
)

// A batch stays well below jute.maxbuffer (1 MB) and keeps the server's commit
// log from stalling on one huge transaction.
const (
	batchOps   = 500
	batchBytes = 400 << 10
)

// Life creates a tree below root (itself made if missing) that looks like a
// ZooKeeper shared by many: Kafka, HBase, Solr, Curator and kazoo recipes, service
// discovery, configuration in several formats, and under "hostile" the names and
// values that break clients. What is ephemeral in life is ephemeral here and goes
// with the session of conn. It blocks until all is there, makes some 500 znodes
// in under a second, and fails where a znode exists already.
func Life(ctx context.Context, conn *zk.Conn, root string) error {
	if err := ensure(conn, root); err != nil {
		return err
	}
	b := &builder{ctx: ctx, conn: conn, root: strings.TrimSuffix(root, "/")}
	kafka(b)
	hbase(b)
	solr(b)
	recipes(b)
	services(b)
	files(b)
	hostile(b)
	guarded(b)
	b.flush()
	return b.err
}

// builder creates znodes in batches, in the order they are given. The first error
// ends its work.
type builder struct {
	ctx  context.Context // of the one call to Life that the builder serves
	conn *zk.Conn
	root string

	ops   []any
	bytes int
	err   error
}

// open lets everybody do everything.
var open = zk.WorldACL(zk.PermAll)

// node creates a persistent znode; its parent must have been given before.
func (b *builder) node(path string, data []byte) { b.add(path, data, 0, open) }

// text is node with a string.
func (b *builder) text(path, data string) { b.node(path, []byte(data)) }

// dirs creates znodes that hold children and a null value.
func (b *builder) dirs(paths ...string) {
	for _, p := range paths {
		b.node(p, nil)
	}
}

// eph creates an ephemeral znode.
func (b *builder) eph(path, data string) { b.add(path, []byte(data), zk.FlagEphemeral, open) }

// contender creates an ephemeral sequential znode.
func (b *builder) contender(prefix, data string) {
	b.add(prefix, []byte(data), zk.FlagEphemeral|zk.FlagSequence, open)
}

func (b *builder) add(path string, data []byte, flags int32, acl []zk.ACL) {
	if len(b.ops) == batchOps || b.bytes+len(data) > batchBytes {
		b.flush()
	}
	b.ops = append(b.ops, &zk.CreateRequest{Path: b.root + path, Data: data, Acl: acl, Flags: flags})
	b.bytes += len(data) + len(path)
}

func (b *builder) flush() {
	if b.err == nil && len(b.ops) > 0 {
		b.err = b.ctx.Err()
		if b.err == nil {
			b.err = multi(b.conn, b.ops)
		}
	}
	b.ops, b.bytes = nil, 0
}

// multi creates all or nothing and names the culprit.
func multi(conn *zk.Conn, ops []any) error {
	res, err := conn.Multi(ops...)
	for i, r := range res {
		// The others of a failed transaction tell of a "runtime inconsistency".
		if errors.Is(r.Error, zk.ErrNodeExists) || errors.Is(r.Error, zk.ErrNoNode) || errors.Is(r.Error, zk.ErrInvalidACL) {
			return fmt.Errorf("creating %q: %w", ops[i].(*zk.CreateRequest).Path, r.Error)
		}
	}
	if err != nil {
		return fmt.Errorf("creating %d znodes from %q on: %w", len(ops), ops[0].(*zk.CreateRequest).Path, err)
	}
	return nil
}

// ensure creates path and its parents where they are missing.
func ensure(conn *zk.Conn, path string) error {
	path = strings.TrimSuffix(path, "/")
	for i := 1; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' {
			continue
		}
		if _, err := conn.Create(path[:i], nil, 0, open); err != nil && !errors.Is(err, zk.ErrNodeExists) {
			return fmt.Errorf("creating %q: %w", path[:i], err)
		}
	}
	return nil
}
