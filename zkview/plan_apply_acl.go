package zkview

import (
	"context"
	"errors"
	"fmt"
)

// pendingACL is the ACL of an existing znode that is to be set.
type pendingACL struct {
	path string
	acl  []ACL
	over overwrite
	data bool // its data was overwritten already
}

// setACLs sets ACLs one by one, guarded by their versions: no transaction can.
func (a *applier) setACLs(ctx context.Context, list []pendingACL) error {
	for i, w := range list {
		if err := a.await(ctx); err != nil {
			return err
		}
		call, cancel := lasting(ctx)
		acl := w.acl
		if acl == nil {
			acl = openACL
		}
		_, err := a.s.SetACL(call, w.path, acl, w.over.aversion)
		cancel()
		half := func(err error) error {
			if w.data {
				return fmt.Errorf("its data was overwritten, its ACL was not: %w", bareError(err))
			}
			return err
		}
		switch {
		case err == nil:
			a.report.Overwritten++
		case errors.Is(err, ErrUnknownOutcome):
			a.report.Unknown++
			a.notes.add(w.path, half(err))
			return err
		case ofOne(err):
			a.report.Failed++
			a.notes.add(w.path, half(err))
		default:
			if w.data {
				a.report.Failed++
				a.notes.add(w.path, half(err))
			}
			a.halfDone(list[i+1:], err)
			return err
		}
	}
	return nil
}

// halfDone notes the znodes whose ACLs are not going to be set any more.
func (a *applier) halfDone(rest []pendingACL, err error) {
	for _, w := range rest {
		if w.data {
			a.report.Failed++
			a.notes.add(w.path, fmt.Errorf("its data was overwritten, its ACL was not: %w", bareError(err)))
		}
	}
}

// cutOut takes the operations out that match.
func (a *applier) cutOut(match func(*txOp, *opItem) bool) []pendingACL {
	var out []pendingACL
	n := 0
	for i := range a.ops {
		if match(&a.ops[i], &a.items[i]) {
			out = append(out, pendingACL{a.ops[i].path, a.items[i].acl, a.items[i].over, false})
			continue
		}
		a.ops[n], a.items[n] = a.ops[i], a.items[i]
		n++
	}
	a.ops, a.items = a.ops[:n], a.items[:n]
	return out
}
