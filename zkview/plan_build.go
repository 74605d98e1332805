package zkview

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/maphash"
	"io"
	"slices"
	"strings"
)

// Bounds of what is compared at a time.
const (
	planBatch      = 512
	planBatchBytes = 4 << 20
)

// landing is what is known of the target of a record.
type landing uint8

const (
	landingNew     landing = iota + 1 // it is to be created: nothing can be below it yet
	landingThere                      // it exists
	landingBarren                     // it exists and is an ephemeral, which has no children
	landingMissing                    // it is not there and will not be
)

// pathKey stands for a path; two paths share one once in a universe.
type pathKey [2]uint64

var pathSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func keyOf(path string) pathKey {
	return pathKey{maphash.String(pathSeeds[0], path), maphash.String(pathSeeds[1], path)}
}

// planner builds a plan: it reads the source once, and the target only where it
// can have something in the way.
type planner struct {
	*Plan
	landings map[pathKey]landing // of the records so far, by their path in the source
	batch    []planned
	bytes    int
	reader   *exportReader
	pace     *pace
	done     int64
	data     int64
}

// planned is a record on its way into the plan.
type planned struct {
	Record
	target string
	sum    uint32
	at     FileError
	there  existing
}

// existing is what was found at the target of a record.
type existing struct {
	readAnswer
	asked bool
	acl   []ACL
}

// build reads the source and the target.
func (p *Plan) build(ctx context.Context) error {
	b := &planner{Plan: p, landings: map[pathKey]landing{}, pace: newPace(p.o.Progress)}
	p.summary.Examples = map[PlanAction][]PlanItem{}
	if _, err := p.source.Seek(p.begin, io.SeekStart); err != nil {
		return fmt.Errorf("reading the export: %w", err)
	}
	var err error
	if b.reader, err = newExportReader(p.source, p.o.Edited); err != nil {
		return err
	}
	p.header = b.reader.Header
	for {
		r, err := b.reader.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = b.take(ctx, r)
		}
		if err != nil {
			return err
		}
	}
	if err := b.flush(ctx); err != nil {
		return err
	}
	if len(p.actions) == 0 {
		return fmt.Errorf("%w: it has no znodes", ErrNotExport)
	}
	if err := b.ancestors(ctx); err != nil {
		return err
	}
	p.block()
	b.say(true)
	return nil
}

func (b *planner) say(now bool) {
	b.pace.say(now, TransferProgress{Phase: PhaseComparing, Done: b.done, Bytes: b.data})
}

// take checks what a file can have wrong, and collects a batch.
func (b *planner) take(ctx context.Context, r Record) error {
	first := len(b.actions) == 0 && len(b.batch) == 0
	if first && r.Path != "/" {
		return b.reader.wrong(fmt.Errorf("%w: the first znode of an export is its root, /, and not %q", errBadLine, cut(r.Path)))
	}
	key := keyOf(r.Path)
	if b.landings[key] != 0 {
		return b.reader.wrong(fmt.Errorf("%w: %q is there twice", errBadLine, cut(r.Path)))
	}
	if !first && b.landings[keyOf(parentOf(r.Path))] == 0 {
		return b.reader.wrong(fmt.Errorf("%w: %q comes before its parent, or without it", errBadLine, cut(r.Path)))
	}
	b.landings[key] = landingThere // until it is decided: ask
	b.batch = append(b.batch, planned{Record: r, target: absolute(r.Path, b.to), sum: crc32.ChecksumIEEE(b.reader.buf), at: b.reader.at})
	b.bytes += len(r.Data)
	if first || len(b.batch) == planBatch || b.bytes >= planBatchBytes {
		return b.flush(ctx)
	}
	return nil
}

// flush compares the batch with the target and puts it into the plan.
func (b *planner) flush(ctx context.Context) error {
	if err := b.ask(ctx); err != nil {
		return err
	}
	for i := range b.batch {
		r := &b.batch[i]
		item, where, over := b.decide(r)
		b.landings[keyOf(r.Path)] = where
		b.add(item, r.sum, over)
		b.done++
		b.data += int64(len(r.Data))
	}
	clear(b.batch) // so that no data is held
	b.batch, b.bytes = b.batch[:0], 0
	b.say(false)
	return ctx.Err()
}

// ask reads the target where something may be.
func (b *planner) ask(ctx context.Context) error {
	var wanted []*planned
	for i := range b.batch {
		r := &b.batch[i]
		parent := b.landings[keyOf(parentOf(r.Path))]
		if r.Path != "/" && parent != landingThere || r.Unread != "" || checkLength(r.target) != nil || CheckPath(r.target) != nil || b.s.system(r.target) {
			continue
		}
		wanted = append(wanted, r)
	}
	paths := make([]string, len(wanted))
	for i, r := range wanted {
		paths[i] = r.target
	}
	answers, err := b.s.readMany(ctx, paths)
	if err != nil {
		return err
	}
	var there []*planned
	paths = paths[:0]
	for i, r := range wanted {
		r.there.asked, r.there.readAnswer = true, answers[i]
		if r.there.err == nil && b.comparesACL(&r.Record) {
			there, paths = append(there, r), append(paths, r.target)
		}
	}
	acls, err := b.s.readACLs(ctx, paths)
	if err != nil {
		return err
	}
	for i, r := range there {
		r.there.acl, r.there.err = acls[i].acl, acls[i].err
	}
	return nil
}

// comparesACL tells whether the ACL of a record is known and wanted.
func (b *planner) comparesACL(r *Record) bool {
	return !b.o.NoACL && b.header.ACL && !r.ACLHidden
}

// decide says what is to become of a record.
func (b *planner) decide(r *planned) (PlanItem, landing, overwrite) {
	item := PlanItem{Path: r.target, Kind: r.Kind, Bytes: len(r.Data)}
	if r.Kind == Ephemeral && b.o.EphemeralsAsPersistent {
		item.Kind = Persistent
	}
	there := r.there.asked && !errors.Is(r.there.err, ErrNoNode)
	where := landingMissing
	if there {
		where = landingThere
		if r.there.stat.Kind() == Ephemeral {
			where = landingBarren
		}
	}
	parent := b.landings[keyOf(parentOf(r.Path))]
	refuse := func(a PlanAction, why error) (PlanItem, landing, overwrite) {
		item.Action, item.Why = a, why
		return item, where, overwrite{}
	}
	switch {
	case r.Unread != "":
		b.summary.Unread++
		return refuse(PlanLeaveOut, fmt.Errorf("it could not be read when it was exported: %s", r.Unread))
	case item.Kind == Ephemeral:
		b.summary.Ephemerals++
		return refuse(PlanLeaveOut, fmt.Errorf("an ephemeral of session 0x%x", uint64(r.Owner)))
	case b.s.system(r.target):
		return refuse(PlanRefuse, ErrSystem)
	case checkLength(r.target) != nil:
		return refuse(PlanRefuse, checkLength(r.target))
	case r.Path != "/" && parent == landingMissing:
		return refuse(PlanRefuse, errParentMissing)
	case r.Path != "/" && parent == landingBarren:
		return refuse(PlanRefuse, ErrNoChildrenForEph)
	}
	if there {
		item.Action, item.Why = b.compare(r, item.Kind)
		if item.Action == PlanOverwrite {
			over := b.over(r)
			return item, where, over
		}
		return item, where, overwrite{}
	}
	if err := b.creatable(r, item.Kind); err != nil {
		return refuse(PlanRefuse, err)
	}
	return item, landingNew, overwrite{}
}

// checkLength is nil, or says that a path is too long to be asked for.
func checkLength(path string) error {
	if len(path) > maxFrame/2 {
		return fmt.Errorf("%w: its path alone takes %d bytes", ErrTooBig, len(path))
	}
	return nil
}

var errParentMissing = errors.New("its parent is left out")

// creatable is nil, or why a record cannot be created.
func (b *planner) creatable(r *planned, kind Kind) error {
	if err := CheckPath(r.target); err != nil {
		return err
	}
	if r.target != "/" {
		if err := CheckName(r.target[strings.LastIndexByte(r.target, '/')+1:]); err != nil {
			return err
		}
	}
	if r.ACLHidden && !b.o.NoACL {
		return errMasked
	}
	return b.fits(r, kind)
}

// errMasked is about an ACL of which only a part is known.
var errMasked = errors.New("its ACL was hidden from who exported it; leave ACLs out to create it open to everyone")

func (b *planner) fits(r *planned, kind Kind) error {
	op := txOp{path: r.target, data: r.Data, acl: b.aclFor(&r.Record), kind: kind}
	if size := op.size() + len(b.s.servers.Chroot) + 9; size > maxFrame-8 {
		return fmt.Errorf("%w: it takes %d bytes, the usual limit (jute.maxbuffer) is %d", ErrTooBig, size, maxFrame)
	}
	return nil
}

// aclFor is the ACL to create a record with, nil for the open one.
func (p *Plan) aclFor(r *Record) []ACL {
	if p.o.NoACL {
		return nil
	}
	return r.ACL
}

var (
	errDataDiffers = errors.New("its data differs")
	errACLDiffers  = errors.New("its ACL differs")
	errBothDiffer  = errors.New("its data and its ACL differ")
)

// compare says what is to become of a record where something is. Servers do not tell
// containers and TTL znodes from persistent ones (DataNode.getClientEphemeralOwner),
// so that only ephemerals differ in kind.
func (b *planner) compare(r *planned, kind Kind) (PlanAction, error) {
	t := &r.there
	data, acl := sameData(t.data, r.Data), !b.comparesACL(&r.Record) || sameACL(t.acl, r.ACL)
	why := errDataDiffers
	switch {
	case t.stat.Kind() == Ephemeral:
		why = fmt.Errorf("an ephemeral of session 0x%x is there", uint64(t.stat.EphemeralOwner))
	case !data && !acl:
		why = errBothDiffer
	case data:
		why = errACLDiffers
	}
	switch {
	case t.err != nil:
		why = fmt.Errorf("what is there cannot be read: %w", bareError(t.err))
		if b.o.OnConflict == ConflictOverwrite {
			return PlanRefuse, why
		}
	case data && acl && t.stat.Kind() != Ephemeral:
		return PlanSame, nil
	case b.o.OnConflict == ConflictOverwrite && t.stat.Kind() == Ephemeral:
		return PlanRefuse, why
	case b.o.OnConflict == ConflictOverwrite:
		if err := b.fits(r, kind); err != nil {
			return PlanRefuse, err
		}
		return PlanOverwrite, why
	}
	if b.o.OnConflict == ConflictSkip {
		return PlanSkip, why
	}
	return PlanConflict, why
}

// over is what to overwrite and in which state.
func (b *planner) over(r *planned) overwrite {
	return overwrite{
		version: r.there.stat.Version, aversion: r.there.stat.Aversion,
		data: !sameData(r.there.data, r.Data),
		acl:  b.comparesACL(&r.Record) && !sameACL(r.there.acl, r.ACL),
	}
}

// sameData tells null from nothing.
func sameData(a, b []byte) bool { return (a == nil) == (b == nil) && string(a) == string(b) }

// sameACL compares an ACL that a server showed with one of a record, nil for open.
// A masked entry is taken for the one whose digest is hidden.
func sameACL(there, want []ACL) bool {
	if want == nil {
		want = openACL
	}
	return slices.EqualFunc(there, want, func(a, b ACL) bool {
		if masked(a) && a.Scheme == b.Scheme && a.Perms == b.Perms {
			return strings.HasPrefix(b.ID, strings.TrimSuffix(a.ID, "x"))
		}
		return a == b
	})
}

// ancestors finds the parents of the target that are missing.
func (b *planner) ancestors(ctx context.Context) error {
	if b.landings[keyOf("/")] != landingNew || b.to == "/" {
		return nil
	}
	for path := parentOf(b.to); ; path = parentOf(path) {
		stat, err := b.s.Stat(ctx, path)
		switch {
		case err == nil && stat.Kind() == Ephemeral:
			return &OpError{"create", b.to, fmt.Errorf("%w, and %s is one", ErrNoChildrenForEph, path)}
		case err == nil:
			slices.Reverse(b.parents)
			b.summary.Parents = int64(len(b.parents))
			return nil
		case !errors.Is(err, ErrNoNode):
			return err
		case b.o.NoParents:
			return &OpError{"create", b.to, fmt.Errorf("its parent %s: %w", path, ErrNoNode)}
		}
		b.parents = append(b.parents, path)
		if path == "/" {
			return &OpError{"create", b.to, fmt.Errorf("the chroot %s: %w", b.s.servers.Chroot, ErrNoNode)}
		}
	}
}
