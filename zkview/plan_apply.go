package zkview

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// How long an operation goes on trying while there is no connection, how long one
// transaction may take, and how long one that is under way is waited for after its
// context has ended: until its answer comes, nobody knows what became of it.
const (
	transferPatience = 30 * time.Second
	transferGrace    = 3 * time.Second
)

// Apply carries the plan out: transactions of up to a thousand znodes, parents
// first, each of them whole or not at all. An answer that was lost is found out by
// reading again; nothing is done twice. Apply changes nothing at all where
// [PlanSummary.Blocked] says so.
//
// A znode that cannot be written is noted and passed over, with what is below it;
// the error is for what ends everything: ctx, the connection, a quota, a file that
// is not what was planned. The report is right in any case, and planning again goes
// on where this ended. A plan can be applied once. progress may be nil.
func (p *Plan) Apply(ctx context.Context, progress func(TransferProgress)) (TransferReport, error) {
	s := &p.summary
	a := &applier{p: p, s: p.s, pace: newPace(progress), missing: map[string]bool{}, shut: map[string]bool{}}
	a.report = TransferReport{Same: s.Same, Skipped: s.Skip, LeftOut: s.LeftOut, Refused: s.Refused, NotAttempted: s.Create + s.Overwrite + s.Conflict}
	err := a.allowed()
	if err == nil {
		p.used = true
		err = a.run(ctx)
		a.report.NotAttempted = s.Create + s.Overwrite - a.done()
	}
	if err == nil && p.move != nil {
		err = a.deleteSource(ctx)
	}
	a.report.Notes, a.report.MoreNotes = a.notes.list, a.notes.more
	a.report.Elapsed = time.Since(a.pace.began)
	return a.report, err
}

// applier carries out a plan.
type applier struct {
	p      *Plan
	s      *Session
	pace   *pace
	report TransferReport
	notes  notes
	raced  int64 // skipped because somebody else created them meanwhile

	ops     []txOp
	items   []opItem // one an op
	bytes   int
	missing map[string]bool // znodes that are not there, so that nothing can be below
	shut    map[string]bool // znodes whose ACL does not let us create children
}

// opItem is what is to be known of an operation besides what is sent.
type opItem struct {
	parent bool // one of the missing parents of the target
	create bool
	over   overwrite
	acl    []ACL // to set after the data, if over.acl
}

// allowed is nil, or why nothing is done at all.
func (a *applier) allowed() error {
	switch {
	case a.p.used:
		return ErrUsed
	case a.p.summary.Blocked != nil:
		return a.p.summary.Blocked
	case a.s.cfg.ReadOnly && a.p.summary.Changes() > 0:
		return &OpError{"multi", a.p.to, ErrReadOnly}
	case a.p.move != nil && a.p.move.s.cfg.ReadOnly:
		return &OpError{"delete", a.p.move.from, ErrReadOnly}
	}
	return nil
}

// done is how many of the znodes to write have been dealt with.
func (a *applier) done() int64 {
	r := &a.report
	return r.Created + r.Overwritten + r.Failed + r.Unknown + a.raced
}

// run reads the source again and does what the plan says about each record.
func (a *applier) run(ctx context.Context) error {
	p := a.p
	if p.summary.Changes() == 0 {
		return nil
	}
	if _, err := p.source.Seek(p.begin, io.SeekStart); err != nil {
		return fmt.Errorf("reading the export again: %w", err)
	}
	reader, err := newExportReader(p.source, true)
	if err != nil {
		return err
	}
	for _, path := range p.parents {
		a.put(txOp{path: path}, opItem{parent: true})
	}
	overs := p.overs
	for i := 0; ; i++ {
		r, err := reader.read()
		if errors.Is(err, io.EOF) && i == len(p.actions) {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err != nil || i >= len(p.actions) || crc32.ChecksumIEEE(reader.buf) != p.sums[i] {
			return reader.wrong(fmt.Errorf("%w since the plan was made; plan again", ErrFileEdited))
		}
		op := txOp{path: absolute(r.Path, p.to), data: r.Data}
		switch p.actions[i] {
		case PlanCreate:
			op.acl, op.kind, op.ttl = p.aclFor(&r), r.Kind, r.TTL
			if op.kind == Ephemeral {
				op.kind = Persistent
			}
			err = a.add(ctx, op, opItem{create: true})
		case PlanOverwrite:
			op.set, op.version = true, overs[0].version
			err = a.add(ctx, op, opItem{over: overs[0], acl: p.aclFor(&r)})
			overs = overs[1:]
		default:
			continue
		}
		if err != nil {
			return err
		}
	}
	return a.flush(ctx)
}

// add collects an operation, and sends the transaction when it is full.
func (a *applier) add(ctx context.Context, op txOp, item opItem) error {
	if size := op.size(); len(a.ops) == txOps || len(a.ops) > 0 && a.bytes+size > txBytes {
		if err := a.flush(ctx); err != nil {
			return err
		}
	}
	a.put(op, item)
	return nil
}

func (a *applier) put(op txOp, item opItem) {
	a.ops, a.items = append(a.ops, op), append(a.items, item)
	a.bytes += op.size()
}

// flush sends what is collected, without what cannot be done.
func (a *applier) flush(ctx context.Context) error {
	defer func() {
		clear(a.ops)
		a.ops, a.items, a.bytes = a.ops[:0], a.items[:0], 0
	}()
	// An ACL alone is changed without a transaction.
	acls := a.cutOut(func(_ *txOp, item *opItem) bool { return item.over.acl && !item.over.data })
	for a.dropHopeless(); len(a.ops) > 0; a.dropHopeless() {
		if err := a.await(ctx); err != nil {
			return err
		}
		before := a.s.lastZxid()
		call, cancel := lasting(ctx)
		err := a.s.transact(call, a.ops)
		cancel()
		if errors.Is(err, ErrUnknownOutcome) {
			err = a.lookAgain(ctx, before, err)
		}
		var one *txError
		switch {
		case err == nil:
			if err := a.count(ctx); err != nil {
				return err
			}
			a.ops, a.items = a.ops[:0], a.items[:0]
		case errors.As(err, &one):
			if err := a.culprit(one); err != nil {
				return err
			}
		default:
			return fmt.Errorf("stopped at %s: %w", a.ops[0].path, err)
		}
	}
	return a.setACLs(ctx, acls)
}

// lasting is a context for a request that changes something: it outlives its
// parent for a moment, since a request that is given up leaves open what it did.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), transferPatience)
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(transferGrace, cancel)
	})
	return call, func() { stop(); cancel() }
}

// await waits for a connection, and tells that it does.
func (a *applier) await(ctx context.Context) error {
	return awaitReady(ctx, a.s, func(why string) {
		a.pace.say(false, a.at(why))
	})
}

func awaitReady(ctx context.Context, s *Session, waiting func(why string)) error {
	until := time.Now().Add(transferPatience)
	for {
		try, cancel := context.WithTimeout(ctx, paceEvery)
		err := s.Ready(try)
		cancel()
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("stopped: %w", context.Cause(ctx))
		case err == nil:
			return nil
		case !errors.Is(err, context.DeadlineExceeded), time.Now().After(until):
			return err
		}
		waiting(s.Status().State.String())
	}
}

func (a *applier) at(waiting string) TransferProgress {
	return TransferProgress{
		Phase: PhaseWriting, Done: a.done(), Total: a.p.summary.Create + a.p.summary.Overwrite,
		Bytes: a.report.Bytes, Waiting: waiting,
	}
}

// lookAgain finds out what became of a transaction after all, with a context of its
// own. Within one session requests are carried out in the order in which they were
// sent, so that what is not there after a sync will never be.
func (a *applier) lookAgain(ctx context.Context, before int64, why error) error {
	epoch := a.s.currentEpoch()
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), transferGrace)
	defer cancel()
	_, v := a.s.settleTx(a.ops, before)(look)
	switch {
	case v == applied:
		return nil
	case v == absent && epoch == a.s.currentEpoch() && !errors.Is(why, ErrSessionExpired):
		return why // not attempted, as far as anybody can see
	}
	for _, item := range a.items {
		if !item.parent {
			a.report.Unknown++
		}
	}
	return why
}

// count notes that a transaction was carried out, and sets the ACLs of what it
// overwrote.
func (a *applier) count(ctx context.Context) error {
	var acls []pendingACL
	for i := range a.ops {
		op, item := &a.ops[i], &a.items[i]
		switch {
		case item.parent:
			a.report.Parents++
			continue
		case item.create:
			a.report.Created++
		case item.over.acl:
			acls = append(acls, pendingACL{op.path, item.acl, item.over, true})
		default:
			a.report.Overwritten++
		}
		a.report.Bytes += int64(len(op.data))
	}
	a.pace.say(false, a.at(""))
	return a.setACLs(ctx, acls)
}

// culprit takes the operation that prevented a transaction out of it.
func (a *applier) culprit(e *txError) error {
	i := e.index
	op, item := a.ops[i], a.items[i]
	a.remove(i)
	err := e.err
	switch {
	case errors.Is(err, ErrNodeExists) && item.parent:
		return nil // somebody else was first
	case errors.Is(err, ErrNodeExists) && a.p.o.OnConflict == ConflictSkip:
		a.report.Skipped++
		a.raced++
		return nil
	case errors.Is(err, ErrNodeExists):
		a.fail(op.path, item, errors.New("somebody else created it meanwhile; plan again"))
		return nil
	case errors.Is(err, ErrQuotaExceeded):
		a.fail(op.path, item, err)
		return &OpError{"multi", op.path, err} // what follows would run into it as well
	case errors.Is(err, ErrNoAuth) && !op.set:
		a.shut[parentOf(op.path)] = true
		err = fmt.Errorf("%w of %s", err, parentOf(op.path))
	}
	if !op.set {
		a.missing[op.path] = true
	}
	a.fail(op.path, item, err)
	return nil
}

// fail notes a znode that could not be written.
func (a *applier) fail(path string, item opItem, err error) {
	if !item.parent {
		a.report.Failed++
	}
	a.notes.add(path, err)
}

func (a *applier) remove(i int) {
	a.ops = append(a.ops[:i], a.ops[i+1:]...)
	a.items = append(a.items[:i], a.items[i+1:]...)
}

// dropHopeless fails what cannot be created because its parent is not there, or
// lets nobody create in it, without asking.
func (a *applier) dropHopeless() {
	if len(a.missing) == 0 && len(a.shut) == 0 {
		return
	}
	n := 0
	for i := range a.ops {
		op, parent := &a.ops[i], parentOf(a.ops[i].path)
		switch {
		case op.set:
		case a.missing[parent]:
			a.missing[op.path] = true
			a.fail(op.path, a.items[i], errors.New("its parent was not created"))
			continue
		case a.shut[parent]:
			a.missing[op.path] = true
			a.fail(op.path, a.items[i], fmt.Errorf("%w of %s", ErrNoAuth, parent))
			continue
		}
		a.ops[n], a.items[n] = a.ops[i], a.items[i]
		n++
	}
	a.ops, a.items = a.ops[:n], a.items[:n]
}
