package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// underLock runs a command as long as a lease is held.
func (l *lockJob) underLock(session lockctl.Session, lease *lockctl.Lease, file string, command []string) error {
	self, err := os.Executable()
	if err != nil {
		return &outcome{lockTrouble, fmt.Errorf("finding the file of this program: %w", err)}
	}
	r := &lockedRun{
		lease: lease, timeout: session.Status().Timeout, path: safetext.Clean(l.path),
		file: file, args: command, env: lockEnv(os.Environ(), lease), warn: l.teller.say, signals: l.signals,
		guard: [2]string{self, os.Args[0]},
	}
	end, err := r.run()
	switch {
	case errors.Is(err, errNotExecuted):
		return &outcome{lockNoExec, err}
	case end.lost:
		why := lease.Err()
		if why == nil {
			why = fmt.Errorf("%s was in doubt for too long", safetext.Clean(l.path))
		}
		return &outcome{lockLost, fmt.Errorf("%w; %s was ended", why, safetext.Clean(command[0]))}
	case err != nil && end.code == 0:
		return &outcome{lockTrouble, err}
	case end.code == 0:
		return nil
	}
	return &outcome{end.code, err}
}

// lockEnv is an environment with what a command is to know of the lock. That comes
// last, and once: the innermost of nested locks is the one that counts.
func lockEnv(env []string, lease *lockctl.Lease) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == lockPathEnv || name == lockNodeEnv || name == lockTokenEnv
	})
	return append(env, lockPathEnv+"="+lease.Path(), lockNodeEnv+"="+nodeBelow(lease), lockTokenEnv+"="+strconv.FormatInt(lease.Token(), 10))
}
