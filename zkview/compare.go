package zkview

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Side is one of the two that are compared: a subtree of a session, or an export.
type Side struct {
	Session *Session
	Path    string
	// File is an export, used where Session is nil. It is read once, from where it
	// stands.
	File io.Reader
}

// CompareOptions say what is compared.
type CompareOptions struct {
	// NoACL leaves ACLs out, which cost one request a znode. They are left out too
	// where a side is an export without them.
	NoACL bool
	// Ephemerals compares them too; an export has them only if it was asked for them.
	Ephemerals bool
	// Edited takes an export that was changed after it was written.
	Edited bool
	// Rate and Fast are those of [WalkOptions].
	Rate int
	Fast bool
	// Progress, if not nil, is called some ten times a second.
	Progress func(TransferProgress)
}

// DifferenceKind says in which way two sides differ about a path.
type DifferenceKind uint8

// The ways, seen from side a to side b.
const (
	DiffAdded   DifferenceKind = iota // in b only
	DiffRemoved                       // in a only
	DiffChanged
)

// String is "added", "removed" or "changed".
func (k DifferenceKind) String() string {
	switch k {
	case DiffAdded:
		return "added"
	case DiffRemoved:
		return "removed"
	default:
		return "changed"
	}
}

// Difference is a path about which two sides differ.
type Difference struct {
	Kind DifferenceKind
	Path string // relative to the roots, which are "/"
	// Data, ACL and Mode say what of a changed znode differs; Mode is whether it is
	// ephemeral, and, between exports, a container or a TTL znode.
	Data, ACL, Mode bool
	// Before and After are the sizes of the data in a and in b, -1 where there is
	// none.
	Before, After int
}

// CompareReport counts what a comparison found, also when it ended with an error.
type CompareReport struct {
	A, B                          int64 // znodes of each side
	Same, Added, Removed, Changed int64
	// Unread could not be read on one side or the other and were not compared, nor
	// was what is below them.
	Unread int64
	// ACL tells whether ACLs were compared; Hidden is how many were not, as a server
	// did not show them whole.
	ACL    bool
	Hidden int64

	Notes     []Note // paths relative to the roots
	MoreNotes int64
	Elapsed   time.Duration
}

// Equal reports whether no difference was found.
func (r CompareReport) Equal() bool { return r.Added+r.Removed+r.Changed == 0 }

// Compare reads a and then b, and tells in what they differ, in batches: first, in
// the order of b, what was added or changed, and at the end what was removed. Of a,
// a hash of the data and the name of each znode are held: some 150 MB for a
// million.
//
// Compare blocks until all is read, ctx ends, or found returns an error. A znode
// that cannot be read is neither same nor different: see [CompareReport.Unread].
func Compare(ctx context.Context, a, b Side, o CompareOptions, found func([]Difference) error) (CompareReport, error) {
	c := &comparison{o: o, found: found, pace: newPace(o.Progress), at: map[pathKey]int32{}, below: map[pathKey]bool{}}
	c.report.ACL = !o.NoACL
	c.files = a.Session == nil && b.Session == nil
	// An export without ACLs tells so in its first line: then none need be read.
	readers := [2]*exportReader{}
	for i, side := range []Side{a, b} {
		if side.Session != nil {
			continue
		}
		r, err := newExportReader(side.File, o.Edited)
		if err != nil {
			return c.report, err
		}
		readers[i] = r
		c.report.ACL = c.report.ACL && r.Header.ACL
	}
	err := c.read(ctx, a, readers[0], c.takeA)
	if err == nil {
		err = c.read(ctx, b, readers[1], c.takeB)
	}
	if err == nil {
		err = c.rest()
	}
	c.report.Notes, c.report.MoreNotes = c.notes.list, c.notes.more
	c.report.Elapsed = time.Since(c.pace.began)
	return c.report, err
}

// comparison holds side a in short.
type comparison struct {
	o      CompareOptions
	found  func([]Difference) error
	pace   *pace
	report CompareReport
	notes  notes

	nodes []digest
	at    map[pathKey]int32
	out   []Difference
	bytes int64
	// below are znodes of b under one that could not be read in a.
	below map[pathKey]bool
	// files tells that both sides are exports, which know more of a kind than servers
	// tell.
	files bool
}

// digest is what is held of a znode.
type digest struct {
	parent int32
	name   string
	data   [12]byte // of its SHA-256; zero for null
	size   int32    // -1 for null
	acl    uint64
	mode   Kind
	hidden bool // the ACL is not known
	unread bool
	seen   bool // b has it
}

func digestOf(r *Record) digest {
	d := digest{mode: r.Kind, hidden: r.ACLHidden, unread: r.Unread != "", size: -1}
	if r.Data != nil {
		sum := sha256.Sum256(r.Data)
		copy(d.data[:], sum[:])
		d.size = int32(len(r.Data))
	}
	h := sha256.New()
	for _, a := range r.ACL {
		_, _ = fmt.Fprintf(h, "%d %q %q,", a.Perms, a.Scheme, a.ID) // a hash takes all
	}
	d.acl = binary.BigEndian.Uint64(h.Sum(nil))
	return d
}

// read gives the records of one side to take.
func (c *comparison) read(ctx context.Context, side Side, file *exportReader, take func(*Record) error) error {
	batch := func(records []Record) error {
		for i := range records {
			if err := take(&records[i]); err != nil {
				return err
			}
			c.bytes += int64(len(records[i].Data))
		}
		c.pace.say(false, TransferProgress{Done: c.report.A + c.report.B, Bytes: c.bytes})
		return c.flush(false)
	}
	if side.Session != nil {
		_, err := side.Session.records(ctx, side.Path, ExportOptions{
			Ephemerals: c.o.Ephemerals, NoACL: !c.report.ACL, Rate: c.o.Rate, Fast: c.o.Fast,
			Progress: func(p TransferProgress) {
				c.pace.say(false, TransferProgress{Done: c.report.A + c.report.B, Bytes: c.bytes, Waiting: p.Waiting})
			},
		}, batch)
		return err
	}
	for ctx.Err() == nil {
		r, err := file.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.Kind == Ephemeral && !c.o.Ephemerals && r.Path != "/" {
			continue
		}
		if err := batch([]Record{r}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// takeA notes a znode of side a.
func (c *comparison) takeA(r *Record) error {
	key := keyOf(r.Path)
	parent, ok := c.at[keyOf(parentOf(r.Path))]
	if _, twice := c.at[key]; twice || !ok && r.Path != "/" {
		return fmt.Errorf("%w: %q is there twice, or without its parent", errBadLine, cut(r.Path))
	}
	if r.Path == "/" {
		parent = -1
	}
	d := digestOf(r)
	d.parent, d.name = parent, strings.Clone(lastName(r.Path))
	c.at[key] = int32(len(c.nodes))
	c.nodes = append(c.nodes, d)
	c.report.A++
	c.unread(r)
	return nil
}

func (c *comparison) unread(r *Record) {
	if r.Unread != "" {
		c.report.Unread++
		c.notes.add(r.Path, errors.New(r.Unread))
	}
}
