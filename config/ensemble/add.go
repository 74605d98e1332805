package ensemble

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// AddWish is what a person wants of a server that is to be added.
type AddWish struct {
	// Observer has it follow without a vote.
	Observer bool
	// BasePort is the first of its client, quorum and election ports, and of that of its
	// AdminServer if the others have one; with 0 free ones are found.
	BasePort int
}

// Add adds a server, and tells progress, if that is not nil, what it does. Where the
// ensemble runs it goes on serving but for a moment, or two, in which it elects a
// leader; the new server serves when Add returns. Where no server runs, only the files
// are written. See the top of rolling.go for why no order of events loses data.
//
// If the new server does not come to serve, it is taken away again, and the ensemble is
// as it was. If another one fails, the error says so, the change stays half made and
// does no harm, and the next change of members ends it first. The errors are a
// *WishError, a *PreflightError, a *FailedError, a *BusyError, and others that say
// what to do.
func (e *Ensemble) Add(ctx context.Context, w AddWish, progress func(string)) (Member, error) {
	r := e.rollout(progress)
	var added Member
	err := e.locked(ctx, func() error {
		if err := r.settle(ctx); err != nil {
			return err
		}
		m, err := r.newMember(ctx, w)
		if err != nil {
			return err
		}
		if err := r.noStrangers(ctx); err != nil {
			return err
		}
		v, err := r.awaitLeader(ctx)
		if err != nil {
			return err
		}
		if err := v.admit(e.name, m, false); err != nil {
			return err
		}
		old, err := r.processes()
		if err != nil {
			return err
		}
		if err := r.begin(m, false, old); err != nil {
			return err
		}
		added = m
		return r.rollOrBack(ctx)
	})
	if err != nil {
		return Member{}, fmt.Errorf("adding a server to %s: %w", e.name, err)
	}
	return added, nil
}

// rollout is a change of the ensemble's members that tells what it does.
func (e *Ensemble) rollout(progress func(string)) rollout {
	if progress == nil {
		progress = func(string) {}
	}
	return rollout{Ensemble: e, tell: progress}
}

// newMember chooses the id and the ports of a new member.
func (r rollout) newMember(ctx context.Context, w AddWish) (Member, error) {
	plan := r.Plan()
	voters, observers := plan.Voters(), len(plan.Members)-plan.Voters()
	if !w.Observer && voters >= MaxServers || w.Observer && observers >= MaxObservers {
		return Member{}, &WishError{Field: "Servers", What: fmt.Sprintf("%s has as many servers of that kind as are possible", r.Name()), Mend: "remove one first"}
	}
	m := Member{Observer: w.Observer}
	for _, o := range plan.Members {
		m.ID = max(m.ID, o.ID)
	}
	// A folder that is there has data of who knows what age.
	for m.ID++; ; m.ID++ {
		if _, err := os.Lstat(plan.ServerDir(m.ID)); errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	if m.ID > maxID {
		return Member{}, fmt.Errorf("no id up to %d is free above those of the others", maxID)
	}
	return m, r.store.portsFor(ctx, &plan, &m, w.BasePort)
}

// portsFor gives a new member of a plan its ports: those from base on, or in each
// column the next one behind the others' that leaves all free.
func (s *Store) portsFor(ctx context.Context, p *Plan, m *Member, base int) error {
	admin := slices.ContainsFunc(p.Members, func(o Member) bool { return o.Admin != 0 })
	give := func(client, quorum, election, adminPort int) {
		m.Client, m.Quorum, m.Election = client, quorum, election
		if admin {
			m.Admin = adminPort
		}
	}
	if base != 0 {
		give(base, base+1, base+2, base+3)
		wrong := func(what string) error {
			return &WishError{Field: "BasePort", What: what, Mend: "take another number, or leave it out and let free ones be found"}
		}
		ports := m.ports()
		if base < 1024 || slices.Max(ports) > maxPort {
			return wrong(fmt.Sprintf("%d is not possible for the first port", base))
		}
		if !unique(append(ports, allPorts(p.Members)...)) {
			return wrong(fmt.Sprintf("another server of %s has one of the ports from %d to %d", p.Name, base, slices.Max(ports)))
		}
		if port, taken := firstInUse(ctx, ports); taken {
			return wrong(fmt.Sprintf("port %d is in use", port))
		}
		return ctx.Err()
	}
	var last Member
	for _, o := range p.Members {
		last.Client, last.Quorum = max(last.Client, o.Client), max(last.Quorum, o.Quorum)
		last.Election, last.Admin = max(last.Election, o.Election), max(last.Admin, o.Admin)
	}
	others := s.othersPorts(ctx, p.Name)
	for i := 1; ; i++ {
		give(last.Client+i, last.Quorum+i, last.Election+i, last.Admin+i)
		ports := m.ports()
		if slices.Max(ports) > maxPort {
			return &WishError{Field: "BasePort", What: "no free ports were found behind those of the other servers", Mend: "stop something, or name a first port"}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !unique(append(ports, allPorts(p.Members)...)) || slices.ContainsFunc(ports, func(port int) bool { return others[port] != "" }) {
			continue
		}
		if _, taken := firstInUse(ctx, ports); !taken {
			return ctx.Err()
		}
	}
}

// backPatience is how long taking a server away again may take after whoever wanted
// it has given up.
const backPatience = time.Minute

// rollOrBack rolls a change out. One that adds a server which does not come to serve
// is taken back.
func (r rollout) rollOrBack(ctx context.Context) error {
	err := r.roll(ctx)
	if err == nil {
		return nil
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), backPatience)
	defer cancel()
	v, lookErr := r.outlook(within)
	if lookErr != nil || v.joining() == 0 || v.nodes[v.joining()].serving {
		return fmt.Errorf("%w (what has begun is ended before the next change of members)", err)
	}
	m := v.change.Member
	r.tell(fmt.Sprintf("server %d does not come to serve: it is taken away again", m.ID))
	if backErr := r.back(within, m); backErr != nil {
		return errors.Join(err, fmt.Errorf("taking server %d away again: %w", m.ID, backErr))
	}
	return err
}

// back takes an addition back that has not ended.
func (r rollout) back(ctx context.Context, m Member) error {
	old, err := r.uptodate(m.ID)
	if err != nil {
		return err
	}
	var not *NotRunningError
	if err := r.stopLocked(ctx, "remove", m.ID); err != nil && !errors.As(err, &not) {
		return err
	}
	if err := r.begin(m, true, old); err != nil {
		return err
	}
	return r.roll(ctx)
}

// uptodate are, in the course of an addition, the processes besides the new server's
// that know it: for them the list without it is a new one. Those that ran before, and
// do not now, are among them, to be started again.
func (r rollout) uptodate(id int) ([]OldProcess, error) {
	plan := r.Plan()
	now, err := r.processes()
	if err != nil {
		return nil, err
	}
	same := func(a, b OldProcess) bool { return a.ID == b.ID && a.Pid == b.Pid && a.Started.Equal(b.Started) }
	var out []OldProcess
	for _, p := range now {
		if p.ID != id && !slices.ContainsFunc(plan.Change.Old, func(o OldProcess) bool { return same(o, p) }) {
			out = append(out, p)
		}
	}
	for _, o := range plan.Change.Old {
		if !slices.ContainsFunc(now, func(p OldProcess) bool { return p.ID == o.ID }) {
			out = append(out, o)
		}
	}
	return out, nil
}

// settle ends a change that was begun and not seen to its end: on two of them at
// once data could be lost.
func (r rollout) settle(ctx context.Context) error {
	plan := r.Plan()
	if plan.Change == nil {
		return nil
	}
	r.tell("a change of members that was cut short is ended first")
	if err := r.rollOrBack(ctx); err != nil {
		return fmt.Errorf("ending the change before this one, of server %d: %w", plan.Change.Member.ID, err)
	}
	if plan = r.Plan(); plan.Change != nil {
		return fmt.Errorf("server %d was %s while no server ran, and %s has not served since: start it once, and try again; until then a further change could lose data",
			plan.Change.Member.ID, map[bool]string{true: "removed", false: "added"}[plan.Change.Remove], r.Name())
	}
	return nil
}
