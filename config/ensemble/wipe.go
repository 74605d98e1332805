package ensemble

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// syncPatience is how long the others may take to have all that the leader has.
const syncPatience = 15 * time.Second

// Wipe deletes the data of a server that does not run: version-2 in its dataDir, and
// nothing else. When it starts it gets everything from the leader. It refuses a server
// that runs, and one whose data the others may need: a majority of the voters must
// serve without it and have all that the leader has. Then every committed write stays
// on a majority, and no start of any of them, in whatever order, can lose one.
func (e *Ensemble) Wipe(ctx context.Context, id int) error {
	r := e.rollout(nil)
	err := e.locked(ctx, func() error {
		if err := r.settle(ctx); err != nil {
			return err
		}
		plan := e.Plan()
		m, there := plan.Member(id)
		if !there {
			return e.noServer(id)
		}
		p, err := e.process(id)
		if err != nil {
			return err
		}
		if p.Alive {
			return fmt.Errorf("server %d runs, pid %d: stop it first", id, p.Pid)
		}
		dir := filepath.Join(plan.DataDir(id), "version-2")
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err := r.awaitCopies(ctx, m); err != nil {
			return err
		}
		return wipeData(ctx, plan.DataDir(id))
	})
	if err != nil {
		return fmt.Errorf("deleting the data of server %d of %s: %w", id, e.name, err)
	}
	return nil
}

// awaitCopies waits until a majority of the voters, without a member that does not
// run, serves and has what the leader had when the wait began. An observer's data
// counts for nothing, so that for one it is enough that somebody leads.
func (r rollout) awaitCopies(ctx context.Context, m Member) error {
	plan := r.Plan()
	deadline := time.Now().Add(syncPatience)
	for first := int64(-1); ; {
		v, err := r.awaitLeader(ctx)
		if err != nil {
			return err
		}
		if err := v.admitWipe(r.Name(), m); err != nil {
			return err
		}
		if m.Observer {
			return nil
		}
		_, servers, err := newEye(r.Ensemble).both(ctx)
		if err != nil {
			return err
		}
		lead := v.leader()
		for _, s := range servers {
			if s.ID == lead && first < 0 {
				first = s.zxid
			}
		}
		have := 0
		for _, s := range servers {
			if !s.Observer && s.State.Serves() && first >= 0 && behind(s.zxid, first) == 0 {
				have++
			}
		}
		if have >= plan.Quorum() {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d of the other voters have all that the leader has, and %d must: wait until the others have caught up", have, plan.Quorum())
		}
		if err := pause(ctx, rollEvery); err != nil {
			return err
		}
	}
}

// wipeData deletes the data in a dataDir that nobody runs on.
func wipeData(ctx context.Context, dataDir string) error {
	lock, err := lockData(ctx, dataDir)
	if err != nil {
		return err
	}
	defer lock.Close()
	// Out of the way first: half a database is worse than none.
	gone := filepath.Join(dataDir, ".version-2-wiped")
	if err := os.RemoveAll(gone); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dataDir, "version-2"), gone); err != nil {
		return err
	}
	return os.RemoveAll(gone)
}
