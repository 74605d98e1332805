// Package lockview lets lockctl's Board look at a cluster through a zkview.Session:
// zkview and lockctl do not know each other.
package lockview

import (
	"context"
	"errors"
	"math"
	"time"

	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// valueKept is how many bytes of a value are of use: see lockctl.Node.
const valueKept = 256

// source is a Source on a session.
type source struct{ session *zkview.Session }

// New returns what a Board asks of the cluster that s is connected to. It asks nothing
// yet, and ends with s, which it does not close. All it asks waits for what a person
// asks on the same session: see zkview.Background.
//
// A path that the client cannot carry counts as denied: asking again is of no use.
func New(s *zkview.Session) lockctl.Source { return &source{s} }

// background is ctx for calls that are not a person's, and that wait for a connection
// as long as ctx lives: calls of zkview without a deadline have one of 10 s.
func background(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx = zkview.Background(ctx)
	if _, has := ctx.Deadline(); has {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, math.MaxInt64)
}

// mapped is an error of zkview that is also one of lockctl.
type mapped struct {
	error
	is error
}

// Unwrap returns both.
func (m mapped) Unwrap() []error { return []error{m.error, m.is} }

// translate makes errors what lockctl tests for; their text stays.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, zkview.ErrNoNode):
		return mapped{err, lockctl.ErrGone}
	case errors.Is(err, zkview.ErrNoAuth), errors.Is(err, zkview.ErrBadPath):
		return mapped{err, lockctl.ErrDenied}
	default:
		return err
	}
}

func statOf(s zkview.Stat) lockctl.Stat {
	return lockctl.Stat{
		Czxid: s.Czxid, Mzxid: s.Mzxid, Ctime: s.CtimeMS, Mtime: s.MtimeMS,
		Version: s.Version, Cversion: s.Cversion, EphemeralOwner: owner(s),
		DataLength: s.DataLength, NumChildren: s.NumChildren,
	}
}

// owner is the session that an ephemeral belongs to. Servers before 3.5.4 show the
// markers of containers and TTL znodes in its place.
func owner(s zkview.Stat) int64 {
	if s.Kind() != zkview.Ephemeral {
		return 0
	}
	return s.EphemeralOwner
}

// Walk visits all paths below root.
func (v *source) Walk(ctx context.Context, root string, o lockctl.SearchPace, visit func([]string) error) (lockctl.SearchProgress, error) {
	options := zkview.WalkOptions{Rate: o.Rate, Fast: o.Fast}
	if o.Progress != nil {
		options.Progress = func(p zkview.WalkProgress) { o.Progress(progress(p)) }
	}
	var paths []string
	p, err := v.session.Walk(ctx, root, options, func(batch []zkview.Znode) error {
		paths = paths[:0]
		for i := range batch {
			paths = append(paths, batch[i].Path)
			if o.Denied != nil && errors.Is(batch[i].Err, zkview.ErrNoAuth) {
				o.Denied(batch[i].Path)
			}
		}
		return visit(paths)
	})
	return progress(p), translate(err)
}

func progress(p zkview.WalkProgress) lockctl.SearchProgress {
	return lockctl.SearchProgress{Visited: p.Visited, Queued: p.Queued, Unread: p.Unread, Waiting: p.Waiting}
}

// List lists the children of a znode.
func (v *source) List(ctx context.Context, path string) ([]string, lockctl.Stat, error) {
	ctx, cancel := background(ctx)
	defer cancel()
	names, stat, err := v.session.Children(ctx, path)
	return names, statOf(stat), translate(err)
}

// Read reads children of a directory. Of one that may not be read there is the Stat
// if the server tells it; it counts as read then, with no value.
func (v *source) Read(ctx context.Context, dir string, names []string) ([]lockctl.ReadNode, error) {
	ctx, cancel := background(ctx)
	defer cancel()
	znodes, err := v.session.ReadMany(ctx, below(dir, names), valueKept)
	if err != nil {
		return nil, translate(err)
	}
	return readNodes(names, znodes, translate), nil
}

// below are the paths of children of a directory.
func below(dir string, names []string) []string {
	if dir == "/" {
		dir = ""
	}
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = dir + "/" + name
	}
	return paths
}

// readNodes are znodes that were read as lockctl has them.
func readNodes(names []string, znodes []zkview.Znode, translate func(error) error) []lockctl.ReadNode {
	nodes := make([]lockctl.ReadNode, len(names))
	for i, z := range znodes {
		nodes[i] = lockctl.ReadNode{Node: lockctl.Node{Name: names[i]}}
		if z.Err != nil && (z.Stat == zkview.Stat{}) {
			nodes[i].Err = translate(z.Err)
			continue
		}
		nodes[i].Stat, nodes[i].Data = statOf(z.Stat), z.Data
		if z.Err == nil && z.Data == nil && z.Stat.DataLength == 0 {
			nodes[i].Data = []byte{} // it is at hand
		}
	}
	return nodes
}

// Follow tells of changes at and below a path.
func (v *source) Follow(ctx context.Context, path string) (lockctl.Following, error) {
	f, err := v.session.Follow(ctx, path)
	if err != nil {
		return nil, translate(err)
	}
	return &following{Follow: f, last: time.Now()}, nil
}

// Ask asks every server.
func (v *source) Ask(ctx context.Context, watches bool) (lockctl.Answers, error) {
	c, err := v.session.Census(ctx, zkview.CensusOptions{Watches: watches})
	if err != nil {
		return lockctl.Answers{}, translate(err)
	}
	a := lockctl.Answers{At: c.At, Servers: len(c.Servers), Refusals: c.Refusals()}
	a.Cluster.Zxid = c.Zxid
	a.Cluster.Addresses, a.Cluster.AllAddresses = c.Addresses()
	a.Cluster.Sessions = c.Sessions()
	if watches {
		a.Cluster.Watches, a.Cluster.AllWatches = c.Watches()
	}
	return a, nil
}
