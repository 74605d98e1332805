package zkview

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// CopyOptions say how a subtree is copied or moved. Its To is not used.
type CopyOptions struct {
	ImportOptions
	// Into is the session of the target, if it is another one.
	Into *Session
	// Move deletes the source after it was copied whole: what has changed since stays
	// and is reported. Rate and Fast are those of [WalkOptions].
	Move bool
	Rate int
	Fast bool
}

// PlanCopy reads the subtree from into a temporary file that only we can read,
// compares it with what is at to, and tells what a copy or a move would do; it
// changes nothing. A rename is a move within a parent. A copy into its own subtree,
// onto itself or onto its own parents is refused with [ErrWithin], also where two
// sessions reach the same ensemble.
//
// PlanCopy blocks until all is read and compared, or ctx ends. Close the plan to
// have the file deleted.
func (s *Session) PlanCopy(ctx context.Context, from, to string, o CopyOptions) (*Plan, error) {
	target := s
	if o.Into != nil {
		target = o.Into
	}
	if err := CheckPath(from); err != nil {
		return nil, &OpError{"copy", from, err}
	}
	if o.Move && (from == "/" || s.system(from)) {
		return nil, &OpError{"move", from, ErrSystem}
	}
	if err := target.checkTarget(to); err != nil {
		return nil, err
	}
	if err := s.apart(ctx, from, target, to); err != nil {
		return nil, err
	}
	spool, err := os.CreateTemp("", "zkdeck-copy-*") // with mode 0600
	if err != nil {
		return nil, fmt.Errorf("a copy needs a temporary file: %w", err)
	}
	_ = os.Remove(spool.Name()) // where the system allows that, nobody else can open it, and it is gone when we are
	o.To = to
	p := &Plan{s: target, to: to, source: spool, o: o.ImportOptions, spool: spool}
	if o.Move {
		p.move = &moving{s, from}
	}
	_, err = s.Export(ctx, from, spool, ExportOptions{
		Ephemerals: true, NoACL: o.NoACL, Rate: o.Rate, Fast: o.Fast, Progress: o.Progress, seen: true,
	})
	if err == nil {
		err = p.build(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// apart is nil unless source and target are the same, or one is in the other. Two
// sessions may reach the same ensemble by different names: a znode is the same where
// the transaction and the time that created it are.
func (s *Session) apart(ctx context.Context, from string, target *Session, to string) error {
	if target == s && (from == to || within(to, from) || within(from, to)) {
		return &OpError{"copy", from, fmt.Errorf("%w: the target is %s", ErrWithin, to)}
	}
	if target == s {
		_, err := s.Stat(ctx, from)
		return err
	}
	for _, side := range []struct {
		inner, outer *Session
		below, root  string
	}{{target, s, to, from}, {s, target, from, to}} {
		found, err := meets(ctx, side.inner, side.below, side.outer, side.root)
		if err != nil {
			return err
		}
		if found != "" {
			return &OpError{"copy", from, fmt.Errorf("%w: %s in the one is %s in the other", ErrWithin, found, side.root)}
		}
	}
	return nil
}

// meets looks for root, as outer sees it, among the ancestors of below as inner sees
// them, and returns it by its name there, empty if there is none. What does not exist
// is nobody's ancestor.
func meets(ctx context.Context, inner *Session, below string, outer *Session, root string) (string, error) {
	want, err := outer.Stat(ctx, root)
	if errors.Is(err, ErrNoNode) {
		return "", nil
	}
	for path := below; err == nil && path != "/"; path = parentOf(path) {
		stat, err := inner.Stat(ctx, path)
		if errors.Is(err, ErrNoNode) {
			continue
		}
		if err != nil {
			return "", err
		}
		if stat.Czxid == want.Czxid && stat.CtimeMS == want.CtimeMS && stat.Czxid != 0 {
			return path, nil
		}
	}
	return "", err
}
