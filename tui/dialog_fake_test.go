package tui

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"

	"zkdeck/zkview"
)

// fakeCluster is a small ZooKeeper in memory, as dialogs see it.
type fakeCluster struct {
	mu    sync.Mutex
	nodes map[string]*fakeNode
	zxid  int64
	// hook runs before every call; an error is its result.
	hook func(op, path string) error
	// after runs after a write has taken effect; an error replaces its result.
	after func(op, path string) error
	calls []string
}

type fakeNode struct {
	data []byte
	stat zkview.Stat
}

var _ cluster = (*fakeCluster)(nil)

func newFake(paths ...string) *fakeCluster {
	f := &fakeCluster{nodes: map[string]*fakeNode{"/": {}}}
	for _, p := range paths {
		f.put(p, "data of "+p)
	}
	return f
}

// put creates or changes a znode, as another client would.
func (f *fakeCluster) put(path, data string) zkview.Stat {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.set(path, []byte(data))
}

func (f *fakeCluster) set(path string, data []byte) zkview.Stat {
	f.zxid++
	n, ok := f.nodes[path]
	if !ok {
		n = &fakeNode{stat: zkview.Stat{Czxid: f.zxid, Version: -1, CtimeMS: 1_700_000_000_000}}
		f.nodes[path] = n
		if up := f.nodes[parentOf(path)]; up != nil {
			up.stat.NumChildren++
		}
	}
	n.data = slices.Clone(data)
	n.stat.Version++
	n.stat.Mzxid, n.stat.MtimeMS, n.stat.DataLength = f.zxid, 1_700_000_000_000, int32(len(data))
	return n.stat
}

func (f *fakeCluster) drop(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.nodes, path)
	if up := f.nodes[parentOf(path)]; up != nil {
		up.stat.NumChildren--
	}
}

func (f *fakeCluster) target(path string) target { return target{path, f.nodes[path].stat} }

func (f *fakeCluster) paths() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.nodes))
}

// begin is the common part of every call.
func (f *fakeCluster) begin(ctx context.Context, op, path string) (*fakeNode, error) {
	if f.hook != nil {
		if err := f.hook(op, path); err != nil {
			return nil, &zkview.OpError{Op: op, Path: path, Err: err}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, op+" "+path)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n, ok := f.nodes[path]
	if !ok {
		return nil, &zkview.OpError{Op: op, Path: path, Err: zkview.ErrNoNode}
	}
	return n, nil
}

func (f *fakeCluster) end(op, path string) error {
	if f.after != nil {
		if err := f.after(op, path); err != nil {
			return &zkview.OpError{Op: op, Path: path, Err: err}
		}
	}
	return nil
}

func (f *fakeCluster) Get(ctx context.Context, path string) ([]byte, zkview.Stat, error) {
	n, err := f.begin(ctx, "getData", path)
	if err != nil {
		return nil, zkview.Stat{}, err
	}
	return n.data, n.stat, nil
}

func (f *fakeCluster) Stat(ctx context.Context, path string) (zkview.Stat, error) {
	n, err := f.begin(ctx, "exists", path)
	if err != nil {
		return zkview.Stat{}, err
	}
	return n.stat, nil
}

func (f *fakeCluster) Children(ctx context.Context, path string) ([]string, zkview.Stat, error) {
	n, err := f.begin(ctx, "getChildren", path)
	if err != nil {
		return nil, zkview.Stat{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.children(path), n.stat, nil
}

func (f *fakeCluster) children(path string) []string {
	var names []string
	for p := range f.nodes {
		if p != "/" && parentOf(p) == path {
			names = append(names, lastPart(p))
		}
	}
	slices.Sort(names)
	return names
}

func (f *fakeCluster) ACL(ctx context.Context, path string) ([]zkview.ACL, zkview.Stat, error) {
	n, err := f.begin(ctx, "getACL", path)
	if err != nil {
		return nil, zkview.Stat{}, err
	}
	return zkview.OpenACL(), n.stat, nil
}

func (f *fakeCluster) Create(ctx context.Context, path string, data []byte, o zkview.CreateOptions) (string, error) {
	if _, err := f.begin(ctx, "create", parentOf(path)); err != nil {
		return "", err
	}
	f.mu.Lock()
	if o.Sequential {
		path += fmt.Sprintf("%010d", f.zxid)
	}
	if f.nodes[path] != nil {
		f.mu.Unlock()
		return "", &zkview.OpError{Op: "create", Path: path, Err: zkview.ErrNodeExists}
	}
	f.set(path, data)
	f.mu.Unlock()
	return path, f.end("create", path)
}

func (f *fakeCluster) EnsureParents(_ context.Context, path string, _ []zkview.ACL) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := 1; i < len(path); i++ {
		if path[i] == '/' && f.nodes[path[:i]] == nil {
			f.set(path[:i], nil)
		}
	}
	return nil
}

func (f *fakeCluster) Set(ctx context.Context, path string, data []byte, version int32) (zkview.Stat, error) {
	n, err := f.begin(ctx, "setData", path)
	if err != nil {
		return zkview.Stat{}, err
	}
	f.mu.Lock()
	if version >= 0 && n.stat.Version != version {
		f.mu.Unlock()
		return zkview.Stat{}, &zkview.OpError{Op: "setData", Path: path, Err: zkview.ErrBadVersion}
	}
	stat := f.set(path, data)
	f.mu.Unlock()
	return stat, f.end("setData", path)
}

// refusal is why path cannot be deleted once gone are.
func (f *fakeCluster) refusal(p zkview.PathVersion, gone map[string]bool) error {
	n := f.nodes[p.Path]
	switch {
	case n == nil || gone[p.Path]:
		return zkview.ErrNoNode
	case p.Version >= 0 && p.Version != n.stat.Version:
		return zkview.ErrBadVersion
	}
	for _, name := range f.children(p.Path) {
		if !gone[p.Path+"/"+name] {
			return zkview.ErrNotEmpty
		}
	}
	return nil
}

func (f *fakeCluster) Delete(ctx context.Context, path string, version int32) error {
	return f.DeleteMany(ctx, []zkview.PathVersion{{Path: path, Version: version}})
}

func (f *fakeCluster) DeleteMany(_ context.Context, nodes []zkview.PathVersion) error {
	for _, n := range nodes {
		if f.hook != nil {
			if err := f.hook("delete", n.Path); err != nil {
				return &zkview.OpError{Op: "multi", Path: n.Path, Err: err}
			}
		}
	}
	f.mu.Lock()
	gone := map[string]bool{}
	for _, n := range nodes {
		if err := f.refusal(n, gone); err != nil {
			f.mu.Unlock()
			return &zkview.OpError{Op: "multi", Path: n.Path, Err: err}
		}
		gone[n.Path] = true
	}
	for p := range gone {
		delete(f.nodes, p)
		if up := f.nodes[parentOf(p)]; up != nil {
			up.stat.NumChildren--
		}
	}
	f.mu.Unlock()
	return f.end("delete", nodes[0].Path)
}

// PlanRemove counts nothing: how deletions go is tested on a real server.
func (f *fakeCluster) PlanRemove(context.Context, []zkview.PathVersion, func(zkview.TransferProgress)) (*zkview.Removal, error) {
	return nil, zkview.ErrNotSent
}

// PlanCopy, PlanImport and Export do nothing either.
func (f *fakeCluster) PlanCopy(context.Context, string, string, zkview.CopyOptions) (*zkview.Plan, error) {
	return nil, zkview.ErrNotSent
}

func (f *fakeCluster) PlanImport(context.Context, io.ReadSeeker, zkview.ImportOptions) (*zkview.Plan, error) {
	return nil, zkview.ErrNotSent
}

func (f *fakeCluster) Export(context.Context, string, io.Writer, zkview.ExportOptions) (zkview.ExportReport, error) {
	return zkview.ExportReport{}, zkview.ErrNotSent
}

func (f *fakeCluster) Status() zkview.Status {
	return zkview.Status{State: zkview.Connected, SessionID: 0x100000000000a}
}

// rig drives one dialog: it runs the commands and collects what the model would get.
type rig struct {
	t    *testing.T
	d    dialog
	done bool
	said []tea.Msg // what was not for the dialog
}

func (r *rig) run(cmd tea.Cmd) {
	r.t.Helper()
	todo := []tea.Cmd{cmd}
	for n := 0; len(todo) > 0; n++ {
		if n > 10_000 {
			r.t.Fatal("the dialog never ends")
		}
		cmd, todo = todo[0], todo[1:]
		if cmd == nil {
			continue
		}
		for _, m := range flatten(cmd()) {
			if own, ok := m.(dialogMsg); ok {
				todo = append(todo, r.send(own.msg))
			} else if m != nil {
				r.said = append(r.said, m)
			}
		}
	}
}

// send gives the dialog one message and returns its command.
func (r *rig) send(msg tea.Msg) tea.Cmd {
	cmd, done := r.d.update(msg)
	r.done = r.done || done
	return cmd
}

// press sends keys by name and runs what they start.
func (r *rig) press(keys ...string) {
	r.t.Helper()
	for _, k := range keys {
		r.run(r.send(press(k)))
	}
}

func (r *rig) typeText(text string) {
	for _, c := range text {
		r.run(r.send(tea.KeyPressMsg{Code: c, Text: string(c)}))
	}
}

// screen is the dialog without styles.
func (r *rig) screen(w, h int) string {
	lines, _ := r.d.render(testStyles(), w, h)
	return strings.Join(lines, "\n")
}

func (r *rig) wantScreen(parts ...string) {
	r.t.Helper()
	text := strings.Join(strings.Fields(plain(r.screen(100, 40))), " ")
	for _, p := range parts {
		if !strings.Contains(text, p) {
			r.t.Errorf("the dialog does not say %q:\n%s", p, plain(r.screen(100, 40)))
		}
	}
}

// flashed is the text of all flashes.
func (r *rig) flashed() string {
	var out []string
	for _, m := range r.said {
		if f, ok := m.(flashMsg); ok {
			out = append(out, f.text)
		}
	}
	return strings.Join(out, "\n")
}
