package zkview

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"zkdeck/internal/zktest"

	"github.com/go-zookeeper/zk"
)

// me is an identity that tests give to both the library and our session.
var me = Auth{"digest", []byte("me:secret")}

// yard is a place on the shared server, seen by our session and, apart from it, by
// go-zookeeper's own reading and writing.
type yard struct {
	*testing.T
	ctx  context.Context
	s    *Session
	conn *zk.Conn
	root string
}

func newYard(t *testing.T) *yard {
	t.Helper()
	root := zktest.Root(t)
	return yardOn(t, zktest.Shared(t), root)
}

func yardOn(t *testing.T, addr, root string) *yard {
	t.Helper()
	conn := zktest.Connect(t, addr)
	if err := conn.AddAuth(me.Scheme, me.Secret); err != nil {
		t.Fatal(err)
	}
	return &yard{t, testCtx(t), openTest(t, Config{Servers: addr + root, Auth: []Auth{me}}), conn, root}
}

// abs is the path for the library.
func (y *yard) abs(path string) string {
	if path == "/" {
		return y.root
	}
	return y.root + path
}

// put creates a znode, or sets its data.
func (y *yard) put(path, data string, acl ...zk.ACL) {
	y.Helper()
	if len(acl) == 0 {
		acl = zk.WorldACL(zk.PermAll)
	}
	_, err := y.conn.Create(y.abs(path), []byte(data), 0, acl)
	if err == zk.ErrNodeExists { //nolint:errorlint // the library's own
		_, err = y.conn.Set(y.abs(path), []byte(data), -1)
	}
	if err != nil {
		y.Fatalf("put %s: %v", path, err)
	}
}

// fill creates paths with their own names as data, parents first.
func (y *yard) fill(paths ...string) {
	y.Helper()
	for _, p := range paths {
		y.put(p, lastName(p))
	}
}

// many creates n znodes below path in transactions.
func (y *yard) many(path string, n int) {
	y.Helper()
	for lo := 0; lo < n; lo += 500 {
		var ops []any
		for i := lo; i < min(lo+500, n); i++ {
			ops = append(ops, &zk.CreateRequest{Path: y.abs(fmt.Sprintf("%s/n%05d", path, i)), Data: fmt.Append(nil, i), Acl: zk.WorldACL(zk.PermAll)})
		}
		if _, err := y.conn.Multi(ops...); err != nil {
			y.Fatal(err)
		}
	}
}

// tree is what go-zookeeper reads of a subtree: a line a znode, by relative path.
func (y *yard) tree(root string) map[string]string {
	y.Helper()
	out := map[string]string{}
	var walk func(path string)
	walk = func(path string) {
		data, stat, err := y.conn.Get(path)
		if err == zk.ErrNoNode { //nolint:errorlint // the library's own
			return
		}
		line := fmt.Sprintf("%q null=%t ephemeral=%t %v", data, data == nil, stat.EphemeralOwner != 0, err)
		if acl, _, err := y.conn.GetACL(path); err == nil {
			line += fmt.Sprintf(" %v", acl)
		}
		out[relative(path, y.abs(root))] = line
		names, _, err := y.conn.Children(path)
		if err != nil {
			return
		}
		for _, name := range names {
			walk(join(path, name))
		}
	}
	walk(y.abs(root))
	return out
}

// states are the versions and zxids of a subtree, by which one sees that nothing was
// written.
func (y *yard) states(root string) map[string]zk.Stat {
	y.Helper()
	out := map[string]zk.Stat{}
	for rel := range y.tree(root) {
		_, stat, err := y.conn.Exists(y.abs(absolute(rel, root)))
		if err != nil {
			y.Fatal(err)
		}
		out[rel] = *stat
	}
	return out
}

// alike fails unless two subtrees read the same.
func (y *yard) alike(a, b string) {
	y.Helper()
	ta, tb := y.tree(a), y.tree(b)
	if len(ta) == 0 || !maps.Equal(ta, tb) {
		y.Errorf("%s and %s differ:\n%s\n\n%s", a, b, lines(ta), lines(tb))
	}
}

func lines(tree map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(tree)) {
		out = append(out, fmt.Sprintf("%q %s", k, tree[k]))
	}
	return strings.Join(out, "\n")
}

func (y *yard) export(root string, o ExportOptions) []byte {
	y.Helper()
	var file bytes.Buffer
	if _, err := y.s.Export(y.ctx, root, &file, o); err != nil {
		y.Fatalf("export %s: %v", root, err)
	}
	return file.Bytes()
}

func (y *yard) plan(file []byte, o ImportOptions) *Plan {
	y.Helper()
	p, err := y.s.PlanImport(y.ctx, bytes.NewReader(file), o)
	if err != nil {
		y.Fatalf("plan: %v", err)
	}
	return p
}

func (y *yard) apply(p *Plan) TransferReport {
	y.Helper()
	r, err := p.Apply(y.ctx, nil)
	if err != nil || !r.Complete() {
		y.Fatalf("apply: %+v, %v", r, err)
	}
	return r
}

// actions are the plan in words.
func actions(p *Plan) string {
	var out []string
	for _, item := range p.Items(0, p.Len()) {
		out = append(out, item.Action.String()+" "+item.Path)
	}
	return strings.Join(out, "; ")
}
