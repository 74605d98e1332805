package ensemble

import (
	"context"
	"errors"
	"fmt"
)

// Remove stops a server, has the others know that it is gone, and deletes its folder
// with its data, which the others have. It tells progress, if that is not nil, what it
// does. The ensemble serves meanwhile, but for moments in which it elects a leader.
//
// It refuses the last voter, and where too few of the others serve. If it fails half
// way, the server is stopped, nothing is lost, and the next change of members ends
// this one first. What is in the folder and not ours keeps the folder, with a
// *ForeignError.
func (e *Ensemble) Remove(ctx context.Context, id int, progress func(string)) error {
	r := e.rollout(progress)
	err := e.locked(ctx, func() error {
		plan := e.Plan()
		cut := plan.Change
		if err := r.settle(ctx); err != nil {
			return err
		}
		if cut != nil && cut.Remove && cut.Member.ID == id {
			return nil // that was it
		}
		plan = e.Plan()
		m, there := plan.Member(id)
		if !there {
			return e.noServer(id)
		}
		if err := r.noStrangers(ctx); err != nil {
			return err
		}
		v, err := r.awaitLeader(ctx)
		if err != nil {
			return err
		}
		if err := v.admit(e.name, m, true); err != nil {
			return err
		}
		if foreign, err := findForeign(e.dir, plan.ServerDir(id)); err == nil && len(foreign) > 0 {
			return &ForeignError{Dir: plan.ServerDir(id), Paths: foreign}
		}
		if err := r.stopLeaver(ctx, m, v); err != nil {
			return err
		}
		old, err := r.processes()
		if err != nil {
			return err
		}
		if err := r.begin(m, true, old); err != nil {
			return err
		}
		if err := r.roll(ctx); err != nil {
			return fmt.Errorf("%w (what has begun is ended before the next change of members)", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("removing server %d of %s: %w", id, e.name, err)
	}
	return nil
}

// stopLeaver stops the server that leaves. Where the others can be told of it one
// after the other, it waits until they have a leader again.
func (r rollout) stopLeaver(ctx context.Context, m Member, v outlook) error {
	if !v.nodes[m.ID].running {
		return nil
	}
	leads := v.leader() == m.ID
	what := "stops"
	if leads {
		what = "stops, and the others elect another leader"
	}
	r.tell(fmt.Sprintf("server %d %s", m.ID, what))
	var not *NotRunningError
	if err := r.stopLocked(ctx, "remove", m.ID); err != nil && !errors.As(err, &not) {
		return err
	}
	if !leads || len(v.supporters(m.ID))-2 < majority(len(v.voters)) {
		return nil
	}
	_, err := r.awaitLeader(ctx)
	return err
}
