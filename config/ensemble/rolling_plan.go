package ensemble

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// begin writes the files of a change of one member. The processes in old know the
// list from before it.
func (r rollout) begin(m Member, remove bool, old []OldProcess) error {
	before := r.Plan()
	var after Plan
	err := r.changeLocked(func(p *Plan) error {
		p.Change = &Change{
			Member: m, Remove: remove, Before: p.voterIDs(), Old: old, Epoch: -1,
			Alone: len(p.Members) == 1 && !p.distributed(),
		}
		p.Members = slices.DeleteFunc(p.Members, func(o Member) bool { return o.ID == m.ID })
		if !remove {
			p.Members = append(p.Members, m)
			slices.SortFunc(p.Members, func(a, b Member) int { return cmp.Compare(a.ID, b.ID) })
		}
		after = p.clone()
		return nil
	})
	if err == nil {
		return nil
	}
	// What could not be written for all of them must not stand for some.
	_ = os.Remove(filepath.Join(r.Dir(), nextFile)) // or it stays, and is tried again
	if !remove {
		_ = os.RemoveAll(before.ServerDir(m.ID)) // ours of a moment ago
	}
	if undo := before.write(&after, r.store.Logger); undo != nil {
		return errors.Join(err, fmt.Errorf("writing the files of %s as they were: %w", r.Name(), undo))
	}
	return err
}

// processes are those that run now.
func (r rollout) processes() ([]OldProcess, error) {
	var out []OldProcess
	for _, m := range r.Plan().Members {
		p, err := r.process(m.ID)
		if err != nil {
			return nil, err
		}
		if p.Alive {
			out = append(out, OldProcess{ID: m.ID, Pid: p.Pid, Started: p.Started})
		}
	}
	return out, nil
}

// endPatience is how long the shell of a server that has ended may hold on to its data
// folder.
const endPatience = 3 * time.Second

// noStrangers refuses a change while somebody else, as systemd, runs a server on the
// data of one that does not run: nobody could tell that one of the change.
func (r rollout) noStrangers(ctx context.Context) error {
	plan := r.Plan()
	for _, m := range plan.Members {
		for deadline := time.Now().Add(endPatience); ; {
			inUse := held(filepath.Join(plan.DataDir(m.ID), dataLock)) // before the look: see Ensemble.settled
			p, err := r.process(m.ID)
			if err != nil {
				return err
			}
			if p.Alive || !inUse {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("a server that zkdeck did not start runs on the data of server %d, %s: stop it first", m.ID, plan.DataDir(m.ID))
			}
			if err := pause(ctx, rollEvery); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish ends a change that is settled. The folder of a server that has left goes
// with its data, which all others have.
func (r rollout) finish() error {
	plan := r.Plan()
	if c := plan.Change; c.Remove {
		dir := plan.ServerDir(c.Member.ID)
		p, err := readProcess(dir, plan.ConfigFile(c.Member.ID))
		if err == nil && p.Alive {
			err = fmt.Errorf("it runs, pid %d: somebody has started it by hand; stop it", p.Pid)
		}
		if err == nil {
			err = r.discard(dir)
		}
		if err != nil {
			return fmt.Errorf("removing server %d of %s: %w", c.Member.ID, r.Name(), err)
		}
	}
	return r.changeLocked(func(p *Plan) error {
		p.Change = nil
		return nil
	})
}

// discard deletes the folder of a server, unless somebody has put something there.
func (r rollout) discard(dir string) error {
	foreign, err := findForeign(r.Dir(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(foreign) > 0 {
		return &ForeignError{Dir: dir, Paths: foreign}
	}
	return os.RemoveAll(dir)
}

// chill settles a change while no server runs, or notes by what it will be known
// that it is.
func (r rollout) chill(v outlook) error {
	plan := r.Plan()
	c := plan.Change
	switch {
	case v.atOnce() || plan.untouched(c.Before):
		return r.finish()
	case c.Epoch >= 0:
		if pastEpoch(c.Epoch, v.voters, plan.currentEpoch) {
			return r.finish()
		}
		return nil
	}
	note := *c
	note.Old = nil
	for _, id := range append(slices.Clone(c.Before), v.all()...) {
		note.Epoch = max(note.Epoch, plan.highestEpoch(id))
	}
	return r.changeLocked(func(p *Plan) error {
		p.Change = &note
		return nil
	})
}

// currentEpoch is the epoch of the last leader whose history a server has, 0 for none.
func (p *Plan) currentEpoch(id int) int64 {
	epoch, _ := readEpoch(filepath.Join(p.DataDir(id), "version-2", "currentEpoch"))
	return epoch
}

// highestEpoch is the highest epoch that a server's disk tells of: those that it has
// accepted or been part of, and those of its transactions, after whose first one the
// files are named.
func (p *Plan) highestEpoch(id int) int64 {
	dir := filepath.Join(p.DataDir(id), "version-2")
	accepted, _ := readEpoch(filepath.Join(dir, "acceptedEpoch"))
	highest := max(accepted, p.currentEpoch(id))
	entries, _ := os.ReadDir(dir) // without one there are no epochs
	for _, entry := range entries {
		kind, zxid, _ := strings.Cut(entry.Name(), ".")
		if kind != "log" && kind != "snapshot" {
			continue
		}
		if n, err := strconv.ParseUint(zxid, 16, 64); err == nil {
			highest = max(highest, int64(n>>32))
		}
	}
	return highest
}

// untouched reports whether none of the servers has data yet.
func (p *Plan) untouched(ids []int) bool {
	return !slices.ContainsFunc(ids, func(id int) bool {
		entries, err := os.ReadDir(filepath.Join(p.DataDir(id), "version-2"))
		return len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist)
	})
}
