package ensemble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// dataLock is the file in a dataDir whose lock is held while a server runs on it.
	dataLock = "zkdeck.lock"
	// dataPatience is how long that lock is waited for: a look at it takes it for a
	// moment.
	dataPatience = 500 * time.Millisecond
	// launchPatience is how long a shell may take to note the pid of a server, on a
	// machine that is very busy.
	launchPatience = 30 * time.Second
)

// startLocked is Start for whoever has the lock.
func (e *Ensemble) startLocked(ctx context.Context, ids ...int) error {
	members, err := e.pick(ids)
	if err != nil {
		return err
	}
	down, err := e.settled(ctx, members)
	if err != nil {
		return err
	}
	if len(down) == 0 {
		return nil
	}
	if err := e.followLocked(); err != nil {
		return err
	}
	if err := e.refresh(); err != nil {
		return err
	}
	plan := e.Plan()
	if err := asError(e.store.preflight(ctx, &plan, down)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return together(down, func(m Member) error { return e.launch(ctx, &plan, m) })
}

// settled returns those of the members that do not run. Where a data folder is in use
// though, it waits a little: whoever started that server may have been killed before its pid
// was noted, and one that ends holds on to the folder for a moment.
func (e *Ensemble) settled(ctx context.Context, members []Member) ([]Member, error) {
	plan := e.Plan()
	for deadline := time.Now().Add(e.store.turn); ; {
		var down []Member
		wait := false
		for _, m := range members {
			// In this order: one that is noted and ends in between is in neither.
			inUse := held(filepath.Join(plan.DataDir(m.ID), dataLock))
			p, err := e.process(m.ID)
			if err != nil {
				return nil, err
			}
			if !p.Alive {
				down, wait = append(down, m), wait || inUse
			}
		}
		if !wait || !time.Now().Before(deadline) {
			return down, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("looking for the servers of the ensemble %s: %w", e.name, ctx.Err())
		case <-time.After(lockEvery):
		}
	}
}

// refresh writes what is missing of the scripts and configurations, and all of them if
// the folder has been moved, or Java or ZooKeeper have been changed since.
func (e *Ensemble) refresh() error {
	plan := e.Plan()
	if plan.Archive != "" {
		if err := os.MkdirAll(filepath.Dir(plan.Archive), 0o700); err != nil {
			e.store.Logger.Warn("making the folder of class-data archives: servers will start slower", "error", err)
		}
	}
	written, err := decodePlan(filepath.Join(e.dir, planFile))
	if err != nil {
		return fmt.Errorf("starting the ensemble %s: %w", e.name, err)
	}
	archive := e.store.archive(plan.Java, plan.classPath())
	if archive == plan.Archive && written.Dir == e.dir {
		if err := plan.write(&plan, e.store.Logger); err != nil {
			return fmt.Errorf("starting the ensemble %s: %w", e.name, err)
		}
		return nil
	}
	return e.changeLocked(func(p *Plan) error {
		p.Archive = archive
		return nil
	})
}

// launch starts a server and returns when its process is there, or has ended again.
// A shell in a session of its own (script/server.sh) starts it, notes its pid, and
// waits for it: it is nobody's child here, and neither ^C nor a closed terminal
// reaches it.
func (e *Ensemble) launch(ctx context.Context, plan *Plan, m Member) error {
	failed := func(err error) error {
		return fmt.Errorf("starting server %d of the ensemble %s: %w", m.ID, e.name, err)
	}
	lock, err := lockData(ctx, plan.DataDir(m.ID))
	if err != nil {
		return failed(err)
	}
	defer lock.Close() // the server has it by then
	if err := ctx.Err(); err != nil {
		return failed(err)
	}
	// From here on it is not given up before the pid is noted: a server that nobody has
	// noted yet could not be found by whoever is to end it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), launchPatience)
	defer cancel()
	cmd := exec.Command("/bin/sh", "-c", `sh "$0" run-locked "$1" "$2" </dev/null &`,
		plan.scriptFile(), strconv.Itoa(m.ID), plan.ConfigFile(m.ID))
	cmd.Dir = plan.Dir
	cmd.ExtraFiles = []*os.File{lock} // its descriptor 3
	ownSession(cmd)
	said, err := output(ctx, cmd)
	if text := strings.TrimSpace(said); text != "" {
		return failed(errors.New(text))
	}
	if err != nil {
		return failed(err)
	}
	p, err := e.process(m.ID)
	if err != nil {
		return failed(err)
	}
	if !p.Ever {
		return failed(fmt.Errorf("its shell has noted no pid in %s", plan.ServerDir(m.ID)))
	}
	e.store.Logger.Info("started a server", "ensemble", e.name, "server", m.ID, "pid", p.Pid)
	return nil
}

// output runs a command until everybody who has its standard output or error has
// closed it, and returns what was written there.
func output(ctx context.Context, cmd *exec.Cmd) (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer r.Close()
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	w.Close()
	if err != nil {
		return "", err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = r.SetReadDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Now()) })
	defer stop()
	var said bytes.Buffer
	_, readErr := said.ReadFrom(r)
	err = cmd.Wait() // the shell in the foreground has nothing to wait for
	if readErr != nil {
		err = errors.Join(ctx.Err(), readErr)
	}
	return said.String(), err
}

// lockData opens the lock of a dataDir and takes it.
func lockData(ctx context.Context, dataDir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dataDir, dataLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(dataPatience); ; {
		err := lockFile(f)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, errLocked) || !time.Now().Before(deadline) || ctx.Err() != nil {
			f.Close()
			if errors.Is(err, errLocked) {
				err = fmt.Errorf("another server runs on %s; stop that one first", dataDir)
			}
			return nil, errors.Join(err, ctx.Err())
		}
		time.Sleep(lockEvery)
	}
}
