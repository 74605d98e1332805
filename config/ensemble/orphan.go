package ensemble

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Orphan is a Java process that runs a zoo.cfg of ours, and that no folder accounts
// for: its ensemble is gone or damaged, or somebody has started it by other means.
type Orphan struct {
	Pid int
	// Config is its zoo.cfg, which need not be there any more.
	Config string
	// Name is the ensemble that it says it is of, "" if it does not say.
	Name string

	began string
}

// Orphans returns the orphans of this machine, as far as they are ours to see.
func (s *Store) Orphans(ctx context.Context) ([]Orphan, error) {
	all, err := pids()
	if err != nil {
		return nil, fmt.Errorf("looking for servers that belong to no ensemble: %w", err)
	}
	dirs := make(map[string]bool)
	list, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		dirs[l.Dir] = true
	}
	var orphans []Orphan
	for _, pid := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		seen, ok := look(pid)
		if !ok || !seen.lives() {
			continue
		}
		o, ok := serverOf(seen)
		if !ok || o.Name == "" && !dirs[filepath.Dir(filepath.Dir(o.Config))] {
			continue // no server, or none of ours
		}
		if by, ok := look(seen.parent); ok && by.command == seen.command {
			continue // a server's own child, which is not yet what it is to be
		}
		if p, err := readProcess(filepath.Dir(o.Config), o.Config); err == nil && p.Alive && p.Pid == pid && isPlanned(o.Config) {
			continue
		}
		o.Pid, o.began = pid, seen.began
		orphans = append(orphans, o)
	}
	return orphans, nil
}

// serverOf reads from a command line which zoo.cfg a server runs.
func serverOf(seen sight) (Orphan, bool) {
	args := seen.arguments()
	at := slices.Index(args, mainClass)
	if at < 0 || at+1 >= len(args) {
		return Orphan{}, false
	}
	o := Orphan{Config: strings.Join(args[at+1:], " ")} // ps(1) takes a path with blanks apart
	for _, arg := range args {
		if name, ok := strings.CutPrefix(arg, ownMark); ok {
			o.Name = name
		}
	}
	return o, true
}

// isPlanned tells that a zoo.cfg is of an ensemble whose plan is there.
func isPlanned(config string) bool {
	_, err := os.Stat(filepath.Join(filepath.Dir(filepath.Dir(config)), planFile))
	return err == nil
}

// End ends the orphan with SIGTERM, and with SIGKILL if it has not ended 10 seconds
// later, and returns when it is gone.
func (o Orphan) End(ctx context.Context) error {
	held, err := os.FindProcess(o.Pid)
	if err != nil {
		return fmt.Errorf("ending the server with pid %d: %w", o.Pid, err)
	}
	defer func() { _ = held.Release() }()
	there := func() bool {
		s, ok := look(o.Pid)
		return ok && s.lives() && s.began == o.began
	}
	for _, signals := range [][]os.Signal{{signalTerm, signalCont}, {signalKill}} {
		if !there() {
			return nil
		}
		for _, sig := range signals {
			if err := held.Signal(sig); err != nil && there() {
				return fmt.Errorf("ending the server with pid %d, of %s: %w", o.Pid, o.Config, err)
			}
		}
		for deadline := time.Now().Add(stopPatience); there() && time.Now().Before(deadline); {
			select {
			case <-ctx.Done():
				return fmt.Errorf("ending the server with pid %d, of %s: %w", o.Pid, o.Config, ctx.Err())
			case <-time.After(waitEvery):
			}
		}
	}
	if there() {
		return fmt.Errorf("the server with pid %d, of %s, does not end even by SIGKILL: it waits for a disk", o.Pid, o.Config)
	}
	return nil
}
