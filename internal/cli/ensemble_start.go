package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// up makes an ensemble, or takes the one that is there, and has it serve.
func (j *ensembleJob) up(ctx context.Context, given *pflag.FlagSet, o upFlags, name string, settings []ensemble.Setting) error {
	e, err := j.store.Open(name)
	fresh := errors.Is(err, ensemble.ErrNoEnsemble)
	if fresh {
		if e, err = j.create(ctx, o.wish(name, settings)); err != nil {
			if made, opened := j.store.Open(name); opened == nil { // by another process, meanwhile
				e, err, fresh = made, nil, false
			}
		}
	}
	if err != nil {
		return err
	}
	plan := e.Plan()
	if !fresh {
		if err := o.contradicts(given, &plan, settings); err != nil {
			return usage(err)
		}
	}
	return j.serve(ctx, e, fresh, o)
}

// create plans an ensemble and writes it, unless something would keep it from starting.
func (j *ensembleJob) create(ctx context.Context, w ensemble.Wish) (*ensemble.Ensemble, error) {
	plan, err := j.store.Plan(ctx, w)
	if err != nil {
		return nil, err
	}
	if err := j.judge(j.store.Preflight(ctx, plan)); err != nil {
		return nil, fmt.Errorf("nothing was made: %w", err)
	}
	return j.store.Create(ctx, plan)
}

// serve starts what does not run of an ensemble, waits until it serves, and prints the
// connect string. If that fails, what it has started is stopped again.
func (j *ensembleJob) serve(ctx context.Context, e *ensemble.Ensemble, fresh bool, o upFlags) error {
	began := time.Now()
	plan := e.Plan()
	before, err := e.Status(ctx)
	if err != nil {
		return err
	}
	j.sayPlan(&plan, fresh)
	err = j.startAndAwait(ctx, e, before, o, began)
	if err != nil {
		return j.undo(ctx, e, before, fresh, err)
	}
	return j.printConnect(&plan)
}

// sayPlan tells what is going to run.
func (j *ensembleJob) sayPlan(plan *ensemble.Plan, fresh bool) {
	j.say("ZooKeeper %s in %s (%s)", orUnknown(plan.ZooKeeper.Version), tilde(plan.ZooKeeper.Home), plan.ZooKeeper.From)
	j.say("Java %s in %s (%s)", orUnknown(plan.Java.Version), tilde(plan.Java.Home), plan.Java.From)
	made := "is there already"
	if fresh {
		made = "is made"
	}
	j.say("%s %s: %s, in %s", plan.Name, made, membersText(plan), tilde(plan.Dir))
}

func orUnknown(version string) string {
	if version == "" {
		return "of unknown version"
	}
	return version
}

// membersText is "3 servers" or "5 servers and 2 observers".
func membersText(plan *ensemble.Plan) string {
	voters := plan.Voters()
	text := many(int64(voters), "server", "servers")
	if n := len(plan.Members) - voters; n > 0 {
		text += " and " + many(int64(n), "observer", "observers")
	}
	return text
}

// startAndAwait starts what does not run and returns when all serve.
func (j *ensembleJob) startAndAwait(ctx context.Context, e *ensemble.Ensemble, before ensemble.Status, o upFlags, began time.Time) error {
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, errNotServing)
	defer cancel()
	if err := j.resumePaused(ctx, e, before); err != nil {
		return err
	}
	idle := idleIDs(before)
	if o.oneByOne {
		for _, id := range idle {
			if err := j.startOne(ctx, e, id); err != nil {
				return err
			}
		}
	} else if len(idle) > 0 {
		if err := patiently(ctx, func() error { return e.Start(ctx, idle...) }); err != nil {
			return err
		}
		j.say("%s started", areText(idle))
	}
	s, err := e.AwaitServing(ctx, func(s ensemble.Status) { j.electing(s, began) })
	j.endProgress()
	if err != nil {
		return err
	}
	j.sayServes(s, len(idle) > 0 || !before.Quorum, began)
	return nil
}

// sayServes tells that an ensemble serves, and for how long that was waited for if it
// was.
func (j *ensembleJob) sayServes(s ensemble.Status, waited bool, began time.Time) {
	if !waited {
		j.say("it serves already: %s", rolesText(s))
		return
	}
	j.say("it serves after %.1f s: %s", time.Since(began).Seconds(), rolesText(s))
}

// patiently does what has to wait while another process works on the same servers,
// which may be the same start.
func patiently(ctx context.Context, do func() error) error {
	for {
		err := do() // which waits for a while itself
		var busy *ensemble.BusyError
		if !errors.As(err, &busy) || ctx.Err() != nil {
			return err
		}
	}
}

// errNotServing is why a wait for servers ends that takes too long.
var errNotServing = errors.New("it does not serve within --timeout")

// areText is "server 2 is" or "servers 1 and 2 are".
func areText(ids []int) string {
	if len(ids) == 1 {
		return serversText(ids) + " is"
	}
	return serversText(ids) + " are"
}

// idleIDs are the servers without a process.
func idleIDs(s ensemble.Status) []int {
	var ids []int
	for _, v := range s.Servers {
		if !runs(v) {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// resumePaused has paused servers go on: nothing else will.
func (j *ensembleJob) resumePaused(ctx context.Context, e *ensemble.Ensemble, before ensemble.Status) error {
	var ids []int
	for _, v := range before.Servers {
		if v.Paused {
			ids = append(ids, v.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := patiently(ctx, func() error { return e.Resume(ctx, ids...) }); err != nil {
		return err
	}
	j.say("%s resumed", areText(ids))
	return nil
}

// electing tells on a terminal how far servers have come.
func (j *ensembleJob) electing(s ensemble.Status, began time.Time) {
	if j.overwrites {
		j.overwrite(fmt.Sprintf("%s (%.1f s)", rolesText(s), time.Since(began).Seconds()))
	}
}

// say tells a step on standard error. What is said is cleaned.
func (j *ensembleJob) say(format string, args ...any) {
	j.endProgress()
	_, _ = fmt.Fprintln(j.errs, safetext.CleanLine(fmt.Sprintf(format, args...)))
}

// printConnect prints the connect string, and to a person how to go on.
func (j *ensembleJob) printConnect(plan *ensemble.Plan) error {
	if j.errsIsTerminal {
		j.say("zkdeck ensemble status %s shows it, zkdeck ensemble down %s ends it", plan.Name, plan.Name)
	}
	if _, err := fmt.Fprintln(j.out, plan.Connect()); err != nil {
		return fmt.Errorf("writing the connect string: %w", err)
	}
	return j.flush()
}
