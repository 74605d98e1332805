package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"zkdeck/lockctl"
)

const (
	// lookPause is how long passes between two looks at least.
	lookPause = 50 * time.Millisecond
	// tidyLimit is how long Close may take to delete what was made, unless it is told.
	tidyLimit = time.Second
)

// look looks on, on a session of its own: it makes the directory, lists it each time that
// it changes, and deletes it in the end.
func (r *Run) look() {
	for {
		s, err := r.open(new(net.Dialer).DialContext)
		if err != nil {
			r.fail(fmt.Errorf("open a session to look on: %w", err))
			return
		}
		err = r.lookOn(r.lookCtx, s)
		if hopeless(err) && r.lookCtx.Err() == nil {
			r.fail(err)
			<-r.lookCtx.Done()
		}
		if r.lookCtx.Err() != nil {
			r.mu.Lock()
			ready := r.ready
			r.mu.Unlock()
			if ready || s.Status().State == lockctl.SessionLive { // else nothing was made
				s = r.tidy(s)
			}
			_ = s.Close()
			return
		}
		_ = s.Close()
		wait(r.lookCtx, again)
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// dirs are the directories of the znodes, as they are below the run's.
func (r *Run) dirs() []string {
	if len(r.below) == 0 {
		return []string{""}
	}
	return r.below
}

func (r *Run) path(dir string) string {
	if dir == "" {
		return r.dir
	}
	return r.dir + "/" + dir
}

// lookOn looks until ctx ends or the session does.
func (r *Run) lookOn(ctx context.Context, s lockctl.Session) error {
	ev := s.Events()
	defer ev.Close()
	for {
		took := time.Now()
		again, err := r.list(ctx, s)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, lockctl.ErrGone):
			err = r.makeDirs(ctx, s)
			again = true
		}
		if errors.Is(err, lockctl.ErrEnded) || hopeless(err) {
			return err
		}
		again = again || err != nil
		wait(ctx, lookPause-time.Since(took))
		if again {
			continue
		}
		if _, err := ev.Next(ctx); err != nil {
			return err //nolint:wrapcheck // the session's end or ctx's
		}
	}
}

// list takes in what is in the directories, and leaves watches.
func (r *Run) list(ctx context.Context, s lockctl.Session) (again bool, err error) {
	for _, dir := range r.dirs() {
		path := r.path(dir)
		names, _, err := s.List(ctx, path, true)
		if err != nil {
			return false, fmt.Errorf("list %s: %w", path, err)
		}
		var children []lockctl.ReadNode
		if len(names) > 0 {
			if children, err = s.Read(ctx, path, names); err != nil {
				return false, fmt.Errorf("read what is in %s: %w", path, err)
			}
		}
		r.mu.Lock()
		again = r.nodes.listed(dir, children) || again
		r.judge() // before anybody is granted what has become free
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ready {
		r.ready = true
		r.mayBegin()
	}
	r.signal()
	return again, nil
}

// makeDirs makes the directories and what is above them, as containers, which go by
// themselves where nobody deletes them.
func (r *Run) makeDirs(ctx context.Context, s lockctl.Session) error {
	for _, dir := range r.dirs() {
		path := r.path(dir)
		for at := 1; at <= len(path); at++ {
			if at < len(path) && path[at] != '/' {
				continue
			}
			_, _, err := s.Create(ctx, path[:at], nil, nil, lockctl.ContainerNode)
			if err != nil && !errors.Is(err, lockctl.ErrExists) {
				return fmt.Errorf("make %s: %w", path[:at], err)
			}
		}
	}
	return nil
}

// tidy deletes what is left, and returns the session on which it did: another one where that
// has ended.
func (r *Run) tidy(s lockctl.Session) lockctl.Session {
	ctx, cancel := context.WithTimeout(context.Background(), r.o.Tidy)
	defer cancel()
	for {
		_, err := r.list(ctx, s)
		switch {
		case errors.Is(err, lockctl.ErrEnded) && ctx.Err() == nil:
			another, err := r.open(new(net.Dialer).DialContext)
			if err != nil {
				return s
			}
			_ = s.Close()
			s = another
		case err == nil && r.closes():
			wait(ctx, lookPause)
		default:
			r.delete(ctx, s)
			return s
		}
		if ctx.Err() != nil {
			return s
		}
	}
}

// closes tells whether there are znodes of sessions that were closed: the servers have not
// heard of it yet.
func (r *Run) closes() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, z := range r.nodes.all {
		for _, w := range r.workers {
			if z.Owner != 0 && z.Owner == w.session && w.ending != crashed {
				return true
			}
		}
	}
	return false
}

// delete deletes the persistent znodes that workers have left, and the directories where
// they are empty: of the base only what this lab has made.
func (r *Run) delete(ctx context.Context, s lockctl.Session) {
	r.mu.Lock()
	var left []string
	for _, z := range r.nodes.all {
		if z.Owner == 0 && r.nodes.persistent[z.Czxid] != 0 {
			left = append(left, r.path(z.Dir)+"/"+z.Name)
		}
	}
	r.mu.Unlock()
	for _, dir := range r.below {
		left = append(left, r.path(dir))
	}
	left = append(left, r.dir)
	if base := r.o.Base; base == DefaultBase || strings.HasPrefix(base, DefaultBase+"/") {
		for ; len(base) >= len(DefaultBase); base, _ = splitPath(base) {
			left = append(left, base)
		}
	}
	for _, path := range slices.Compact(left) {
		err := s.Delete(ctx, path, -1) // not one that has children
		if err == nil || errors.Is(err, lockctl.ErrGone) {
			continue
		}
		if ctx.Err() != nil {
			return
		}
	}
}
