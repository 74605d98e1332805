package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
)

// tap is the session that a contender works on: each request of it waits at the gate, and
// what it makes and deletes is noted. It may be called from anywhere, as any session.
type tap struct {
	lockctl.Session
	w    *worker
	line *line
	over chan struct{} // closed when nothing may be asked any more
}

var _ lockctl.Session = (*tap)(nil)

// pass waits until a request may leave. It fails with [lockctl.ErrEnded] once the worker
// has ended, so that whatever works on the session ends too.
func (t *tap) pass(ctx context.Context, words func() string) error { return t.passAll(ctx, 1, words) }

// passAll is pass for so many requests that leave together.
func (t *tap) passAll(ctx context.Context, requests int64, words func() string) error {
	err := t.w.run.gate.wait(ctx, request{t.w.n, words}, t.over, nil)
	if closed(t.over) || t.w.ctx.Err() != nil {
		return fmt.Errorf("%w: worker %d has stopped", lockctl.ErrEnded, t.w.n)
	}
	if err != nil {
		return fmt.Errorf("%w (%w)", lockctl.ErrNotSent, err)
	}
	if t.line.veiled() {
		t.line.tally.requests.Add(requests)
	}
	return nil
}

// where is a path below the run's directory, and false of any other.
func (t *tap) where(path string) (dir, name string, ok bool) {
	rest, ok := strings.CutPrefix(path, t.w.run.dir+"/")
	if !ok || slices.Contains(t.w.run.below, rest) {
		return "", "", false
	}
	dir, name = splitPath(rest)
	return dir, name, true
}

// made notes a znode that the worker has made.
func (t *tap) made(path string, st lockctl.Stat) {
	dir, name, ok := t.where(path)
	if !ok {
		return
	}
	t.line.made(t.Absolute(path))
	t.w.run.made(dir, name, st, t.w)
}

func (t *tap) say(what string) func() string {
	return func() string { return fmt.Sprintf("worker %d %s", t.w.n, what) }
}

// about is a path as people read it.
func (t *tap) about(path string) string {
	_, name := splitPath(path)
	if path == t.w.run.dir {
		return "the directory"
	}
	return ShortName(name)
}

// Enter creates an ephemeral sequential znode and lists the directory that it is in.
func (t *tap) Enter(ctx context.Context, prefix string, data []byte, acl []zk.ACL) (lockctl.Entered, error) {
	if err := t.passAll(ctx, 2, t.say("creates "+t.about(prefix)+"… and lists who is there")); err != nil {
		return lockctl.Entered{}, err
	}
	in, err := t.Session.Enter(ctx, prefix, data, acl)
	if err == nil {
		dir, _ := splitPath(prefix)
		t.made(dir+"/"+in.Node, in.Stat)
	}
	return in, err //nolint:wrapcheck // the session's, as it is: here and below
}

// Create creates a znode.
func (t *tap) Create(ctx context.Context, path string, data []byte, acl []zk.ACL, kind lockctl.NodeKind) (string, lockctl.Stat, error) {
	what := "creates " + t.about(path)
	if kind == lockctl.EphemeralSequentialNode {
		what += "…"
	}
	if err := t.pass(ctx, t.say(what)); err != nil {
		return "", lockctl.Stat{}, err
	}
	made, st, err := t.Session.Create(ctx, path, data, acl, kind)
	if err == nil {
		t.made(made, st)
	}
	return made, st, err //nolint:wrapcheck // see Enter
}

// List lists the children of a znode.
func (t *tap) List(ctx context.Context, path string, watch bool) ([]string, lockctl.Stat, error) {
	what := "lists " + t.about(path)
	if watch {
		what += " and watches it"
	}
	if err := t.pass(ctx, t.say(what)); err != nil {
		return nil, lockctl.Stat{}, err
	}
	return t.Session.List(ctx, path, watch) //nolint:wrapcheck // see Enter
}

// Get reads a znode.
func (t *tap) Get(ctx context.Context, path string, watch bool) ([]byte, lockctl.Stat, error) {
	what := "looks at " + t.about(path)
	if watch {
		what += " and watches it"
	}
	if err := t.pass(ctx, t.say(what)); err != nil {
		return nil, lockctl.Stat{}, err
	}
	return t.Session.Get(ctx, path, watch) //nolint:wrapcheck // see Enter
}

// Read reads children of a directory.
func (t *tap) Read(ctx context.Context, dir string, names []string) ([]lockctl.ReadNode, error) {
	if err := t.pass(ctx, t.say(fmt.Sprintf("reads %d znodes", len(names)))); err != nil {
		return nil, err
	}
	return t.Session.Read(ctx, dir, names) //nolint:wrapcheck // see Enter
}

// Set writes a value.
func (t *tap) Set(ctx context.Context, path string, data []byte, version int32) (lockctl.Stat, error) {
	if err := t.pass(ctx, t.say("writes "+t.about(path))); err != nil {
		return lockctl.Stat{}, err
	}
	return t.Session.Set(ctx, path, data, version) //nolint:wrapcheck // see Enter
}

// Delete deletes a znode. With its own the worker lets go, once the request leaves.
func (t *tap) Delete(ctx context.Context, path string, version int32) error {
	if err := t.pass(ctx, t.say("deletes "+t.about(path))); err != nil {
		return err
	}
	dir, name, ok := t.where(path)
	said := true
	if ok {
		said = t.w.run.deleting(t.w, name, t.Absolute(path))
	}
	err := t.Session.Delete(ctx, path, version)
	if ok && (err == nil || errors.Is(err, lockctl.ErrGone)) {
		t.line.unmade(t.Absolute(path))
		t.w.run.deleted(t.w, dir, name, said)
	}
	return err //nolint:wrapcheck // see Enter
}

// Sync waits for the server to catch up.
func (t *tap) Sync(ctx context.Context, path string) error {
	if err := t.pass(ctx, t.say("has its server catch up with the others")); err != nil {
		return err
	}
	return t.Session.Sync(ctx, path) //nolint:wrapcheck // see Enter
}
