package cli

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/dustin/go-humanize"

	"zkdeck/internal/lockview"
	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

const (
	// locksTick is how often it is looked how far the search is.
	locksTick = 100 * time.Millisecond
	// locksQuiet is how long it may take before anybody is told how far it is.
	locksQuiet = 500 * time.Millisecond
	// deniedTold is how many locks are named that cannot be read.
	deniedTold = 10
)

// eventPatience is [lockctl.Options.Patience]. A variable for tests, on busy machines.
var eventPatience time.Duration

// board is what follows the locks below a znode, which must exist.
func (j *job) board(ctx context.Context, root string, o locksFlags, observe func(lockctl.Event)) (*lockctl.Board, error) {
	wait, cancel := context.WithTimeout(ctx, j.target.Timeout)
	defer cancel()
	if _, err := j.session.Stat(wait, root); err != nil {
		return nil, fmt.Errorf("looking for locks below %s: %w", safetext.Clean(root), err)
	}
	b := lockctl.NewBoard(lockview.New(j.session), lockctl.Options{
		Budget: o.budget, Pace: lockctl.SearchPace{Fast: o.fast}, ReadAll: true, Observe: observe, Patience: eventPatience, Logger: slog.New(slog.DiscardHandler),
	})
	b.Search(root)
	return b, nil
}

// settle waits until all locks are known, and tells on a terminal how far that is. What
// is still not known --timeout after the search has ended is given up, with a word:
// locks may change faster than they can be read.
func (j *job) settle(ctx context.Context, b *lockctl.Board) error {
	ctx, waits, cancel := j.patient(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	settled := make(chan error, 1)
	all.Go(func() { settled <- b.Settled(ctx) })
	defer j.endProgress()
	began, ended := time.Now(), time.Time{} // of the search
	tick := time.NewTicker(locksTick)
	defer tick.Stop()
	for {
		select {
		case err := <-settled:
			if err == nil {
				return nil
			}
			return fmt.Errorf("looking for locks: %w", cmp.Or(context.Cause(ctx), err))
		case <-tick.C:
			why := ""
			if st := j.session.Status(); st.State != zkview.Connected {
				why = cmp.Or(st.Why, "no answer")
			}
			waits(why)
			s := b.Snapshot()
			if time.Since(began) >= locksQuiet {
				j.locksProgress(s, why)
			}
			switch searched := !s.Search.Running && !s.Search.Ended.IsZero(); {
			case !searched || why != "":
				ended = time.Time{}
			case ended.IsZero():
				ended = time.Now()
			case time.Since(ended) >= j.target.Timeout:
				j.warn("not all is known %s after the search: a server is slow, or locks change faster than they are read", j.target.Timeout)
				return nil
			}
		}
	}
}

// locksProgress tells on a terminal how far a search is.
func (j *job) locksProgress(s *lockctl.Snapshot, why string) {
	if !j.overwrites {
		return
	}
	text := fmt.Sprintf("%s znodes, %s to go, %s", humanize.Comma(s.Search.Progress.Visited),
		humanize.Comma(s.Search.Progress.Queued), many(int64(len(s.Locks)), "lock", "locks"))
	if !s.Search.Running {
		text = "reading " + many(int64(len(s.Locks)), "lock", "locks")
	}
	if why = cmp.Or(why, s.Search.Progress.Waiting); why != "" {
		text += "; waiting: " + safetext.CleanLine(why)
	}
	j.overwrite(text)
}

// locks prints what locks there are.
func (j *job) locks(ctx context.Context, root string, o locksFlags) error {
	b, err := j.board(ctx, root, o, nil)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := j.settle(ctx, b); err != nil {
		return err
	}
	s := b.Snapshot()
	j.tellTroubles(s, o, map[string]bool{})
	if s.Search.Err != nil {
		return fmt.Errorf("looking for locks: %w", s.Search.Err)
	}
	if o.deadlocks {
		return j.printDeadlocks(s, o)
	}
	return j.printLocks(s, o)
}

// chosen are the locks that are asked for.
func (o *locksFlags) chosen(s *lockctl.Snapshot) []*lockctl.View {
	return slices.DeleteFunc(slices.Clone(s.Locks), func(v *lockctl.View) bool { return !o.wants(v) })
}

func (j *job) printLocks(s *lockctl.Snapshot, o locksFlags) error {
	views := o.chosen(s)
	var err error
	switch {
	case o.json:
		list := make([]*lockJSON, 0, len(views))
		for _, v := range views {
			list = append(list, jsonOfLock(v))
		}
		err = array(j, list)
	case j.outIsTerminal && len(views) > 0:
		rows, now := make([]lockRow, 0, len(views)), time.Now()
		for _, v := range views {
			rows = append(rows, rowOf(v, now, o.warnings))
		}
		_, err = j.out.WriteString(table(rows))
	default:
		for _, v := range views {
			if _, err = j.out.WriteString(tabbedLock(v)); err != nil {
				break
			}
		}
	}
	if err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	if len(views) == 0 {
		return &outcome{exitNothing, nil}
	}
	return nil
}

// tellTroubles tells what may be missing of what is printed, each once.
func (j *job) tellTroubles(s *lockctl.Snapshot, o locksFlags, told map[string]bool) {
	tell := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !told[text] {
			told[text] = true
			j.warn("%s", text)
		}
	}
	if s.Search.Cut {
		tell("the search ended after %s znodes, so there may be more locks; --budget allows more, and PATH needs less", humanize.Comma(o.budget))
	}
	switch n := s.Search.Progress.Unread; {
	case n == 1:
		tell("1 znode could not be read; locks in it and below it are not found")
	case n > 1 && !s.Search.Running:
		tell("%s znodes could not be read; locks in them and below them are not found", humanize.Comma(n))
	}
	for _, text := range s.Search.Partial {
		tell("%s", safetext.CleanLine(text))
	}
	for _, text := range s.Answers.Refusals {
		tell("%s", safetext.CleanLine(text))
	}
	if s.AskErr != nil {
		tell("the servers could not be asked for addresses and sessions: %s", safetext.CleanLine(s.AskErr.Error()))
	}
	denied, unread := 0, 0
	for _, v := range s.Locks {
		if v.Denied != "" {
			if denied++; denied <= deniedTold {
				tell("%s: %s", safetext.Clean(v.Path), safetext.CleanLine(v.Denied))
			}
		}
		unread += len(v.Contenders) - v.Read
	}
	if denied > deniedTold {
		tell("and %s more locks cannot be read", humanize.Comma(int64(denied-deniedTold)))
	}
	if unread > 0 && !o.watch {
		tell("%s could not be read: their sessions, identities and times are not known", many(int64(unread), "contender", "contenders"))
	}
}

// chain says a deadlock in words, a line for each session. It is safe to print.
func chain(s *lockctl.Snapshot, d lockctl.Deadlock) []string {
	said := make([]string, 0, len(d.Chain))
	for i, w := range d.Chain {
		verb := "is before others at"
		if holds(s.At(w.Holds), w.HoldsNode) {
			verb = "holds"
		}
		next := d.Chain[(i+1)%len(d.Chain)]
		said = append(said, fmt.Sprintf("%s %s %s and waits at %s for %s", known(w), verb, safetext.Clean(w.Holds), safetext.Clean(w.Lock), known(next)))
	}
	return said
}

// holds tells whether a node is a holder of a lock.
func holds(v *lockctl.View, node string) bool {
	return v != nil && slices.ContainsFunc(v.Contenders, func(c lockctl.Contender) bool { return c.Node == node && c.Role == lockctl.Holder })
}

// known names a session of a deadlock, by its id too.
func known(w lockctl.Wait) string {
	name := who(w.Identity, w.Address, w.Session, w.Node)
	if id := hex(w.Session); w.Session != 0 && name != id {
		name += " (" + id + ")"
	}
	return name
}

func (j *job) printDeadlocks(s *lockctl.Snapshot, o locksFlags) error {
	err := error(nil)
	switch {
	case o.json:
		list := make([]deadlockJSON, 0, len(s.Deadlocks))
		for _, d := range s.Deadlocks {
			list = append(list, jsonOfDeadlock(d))
		}
		err = array(j, list)
	case len(s.Deadlocks) == 0:
		_, err = fmt.Fprintf(j.out, "no deadlock: %s looked at\n", many(int64(len(s.Locks)), "lock was", "locks were"))
	default:
		for _, d := range s.Deadlocks {
			_, _ = fmt.Fprintf(j.out, "deadlock of %s:\n", many(int64(len(d.Chain)), "session", "sessions"))
			for _, text := range chain(s, d) {
				_, err = j.out.WriteString("  " + text + "\n")
			}
		}
	}
	if err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	if len(s.Deadlocks) > 0 {
		return &outcome{exitDeadlock, nil}
	}
	return nil
}
