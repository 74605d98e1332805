package zkview

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// maxOwners bounds of how many sessions the ephemerals in a subtree are counted.
const maxOwners = 100

// RemovalSummary counts what a removal would delete.
type RemovalSummary struct {
	Targets int   // those that lie below another one, or are there twice, excepted
	Znodes  int64 // all, the targets included
	Bytes   int64 // of data
	// Ephemerals among them, by their owner sessions; at most a hundred sessions are
	// told apart.
	Ephemerals int64
	Owners     map[int64]int64
	// Unread may not be listed, Example is one: what is below them is not counted, and
	// they will stay if there is anything.
	Unread  int64
	Example string
	// Missing targets do not exist.
	Missing []string
}

// RemoveReport tells what a removal has done so far, also when it ended with an
// error.
type RemoveReport struct {
	Deleted  int64
	Vanished int64 // somebody else deleted them
	Kept     int64 // the notes say why; with each, what is above it
	// Unknown were in a transaction that was sent and never answered, and nobody could
	// find out what became of it. Remaining were not attempted.
	Unknown, Remaining int64

	Notes     []Note
	MoreNotes int64
	Elapsed   time.Duration
}

// Complete reports whether everything is gone.
func (r RemoveReport) Complete() bool { return r.Kept == 0 && r.Unknown == 0 && r.Remaining == 0 }

// fate is what became of a node.
type fate uint8

const (
	fatePending fate = iota
	fateDeleted
	fateVanished // somebody else deleted it
	fateKept     // not allowed, changed, or something below it stays
)

// node is a znode to delete. Paths are made of the names up to a target when they
// are needed, so that a million nodes do not cost a million paths.
type node struct {
	name    string // of a target: its whole path
	parent  int32  // -1 for a target
	version int32  // that guards it; -1 is any
	fate    fate
	tries   uint8 // times that it was found to have new children
	shut    bool  // its ACL does not let us delete its children
}

// Removal is what is to be deleted: counted, and not touched yet. It is for one
// goroutine at a time, and takes some 40 bytes and the name for each znode.
type Removal struct {
	s         *Session
	nodes     []node // parents before their children
	summary   RemovalSummary
	recursive bool // children that nobody counted go too

	// segments are the parts of nodes still to be done, the last first: children
	// that appear meanwhile make a new one. Each is done from its end.
	segments []segment
	limit    int // operations in the next transaction

	report RemoveReport
	notes  notes
	pace   *pace
}

// segment is nodes[lo:hi].
type segment struct{ lo, hi int }

// PlanRemove counts the targets and all that is below them, and changes nothing.
// The version of a target guards it: it is not deleted if somebody changed it. What
// is below nobody has seen more of than how much it is, so nothing guards it; and if
// there is anything below, what is created there meanwhile goes too.
//
// / and /zookeeper and what is below it are refused with [ErrSystem]. PlanRemove
// blocks until all is counted or ctx ends; progress may be nil.
func (s *Session) PlanRemove(ctx context.Context, targets []PathVersion, progress func(TransferProgress)) (*Removal, error) {
	r := newRemoval(s)
	for _, t := range targets {
		err := CheckPath(t.Path)
		if err == nil && (t.Path == "/" || s.system(t.Path)) {
			err = ErrSystem
		}
		if err != nil {
			return nil, &OpError{"delete", t.Path, err}
		}
	}
	targets = topmost(targets)
	r.summary.Targets = len(targets)
	for _, t := range targets {
		r.nodes = append(r.nodes, node{name: t.Path, parent: -1, version: t.Version})
	}
	pace := newPace(progress)
	for i, t := range targets {
		err := r.count(ctx, int32(i), pace)
		if errors.Is(err, ErrNoNode) {
			r.summary.Missing = append(r.summary.Missing, t.Path)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("counting what is to be deleted; nothing was deleted: %w", err)
		}
	}
	r.summary.Znodes = int64(len(r.nodes) - len(r.summary.Missing))
	r.recursive = len(r.nodes) > len(targets)
	r.segments = []segment{{0, len(r.nodes)}}
	return r, nil
}

func newRemoval(s *Session) *Removal {
	return &Removal{s: s, limit: txOps, summary: RemovalSummary{Owners: map[int64]int64{}}}
}

// count walks one target.
func (r *Removal) count(ctx context.Context, target int32, pace *pace) error {
	root := r.nodes[target].name
	inner := map[string]int32{} // those that have children, while we count
	_, err := r.s.Walk(ctx, root, WalkOptions{
		Stat: true,
		Progress: func(p WalkProgress) {
			pace.say(false, TransferProgress{Done: int64(len(r.nodes)), Bytes: r.summary.Bytes, Waiting: p.Waiting})
		},
	}, func(batch []Znode) error {
		for i := range batch {
			z := &batch[i]
			at := target
			if z.Path != root {
				if len(r.nodes) == math.MaxInt32 {
					return errors.New("there are more znodes than zkdeck can delete at once")
				}
				parent, ok := inner[parentOf(z.Path)]
				if !ok {
					return fmt.Errorf("%s came before its parent", z.Path)
				}
				at = int32(len(r.nodes))
				r.nodes = append(r.nodes, node{name: strings.Clone(lastName(z.Path)), parent: parent, version: -1})
			}
			if z.Children > 0 {
				inner[strings.Clone(z.Path)] = at
			}
			r.see(z)
		}
		return ctx.Err()
	})
	return err
}

// see counts what a removal should tell about a znode.
func (r *Removal) see(z *Znode) {
	s := &r.summary
	if z.Err != nil {
		if s.Unread++; s.Unread == 1 {
			s.Example = strings.Clone(z.Path)
		}
		return
	}
	s.Bytes += int64(z.Stat.DataLength)
	if z.Stat.Kind() != Ephemeral {
		return
	}
	s.Ephemerals++
	if _, known := s.Owners[z.Stat.EphemeralOwner]; known || len(s.Owners) < maxOwners {
		s.Owners[z.Stat.EphemeralOwner]++
	}
}

// lastName is the last part of a path.
func lastName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// Summary counts what would be deleted.
func (r *Removal) Summary() RemovalSummary { return r.summary }

// Report is what has been done so far.
func (r *Removal) Report() RemoveReport {
	report := r.report
	report.Remaining = int64(len(r.nodes)) - report.Deleted - report.Vanished - report.Kept - report.Unknown
	report.Notes, report.MoreNotes = r.notes.list, r.notes.more
	return report
}

// path is the whole path of node i.
func (r *Removal) path(i int32) string {
	n := &r.nodes[i]
	if n.parent < 0 {
		return n.name
	}
	size, depth := 0, 0
	for j := i; j >= 0; j = r.nodes[j].parent {
		size += len(r.nodes[j].name) + 1
		depth++
	}
	names := make([]string, depth)
	for j := i; j >= 0; j = r.nodes[j].parent {
		depth--
		names[depth] = r.nodes[j].name
	}
	return strings.Join(names, "/")
}

// topmost drops targets that lie below another one, and repeated ones.
func topmost(targets []PathVersion) []PathVersion {
	paths := make(map[string]bool, len(targets))
	for _, t := range targets {
		paths[t.Path] = true
	}
	var out []PathVersion
	for _, t := range targets {
		if paths[t.Path] && !belowAny(t.Path, paths) {
			out = append(out, t)
			paths[t.Path] = false // once; those below it still find it
		}
	}
	return out
}

// belowAny tells whether a path above path is a key of paths.
func belowAny(path string, paths map[string]bool) bool {
	for path != "/" {
		path = parentOf(path)
		if _, ok := paths[path]; ok {
			return true
		}
	}
	return false
}
