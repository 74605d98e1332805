package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/lockctl"
)

// newContender makes the contender of a seat's recipe. It sends nothing. It fails for a
// recipe that there is not, and where lockctl refuses the options.
func newContender(s seat) (contender, error) {
	if s.step == nil {
		s.step = func(lockctl.Step) {}
	}
	switch r := s.options.Recipe; r {
	case Fair, ReadWrite, Semaphore:
		return newQueuer(s)
	case Naive:
		return newNaive(s), nil
	case Single:
		return newSingle(s), nil
	case NoLock:
		return nobody{}, nil
	default:
		return nil, fmt.Errorf("there is no recipe %q: there are %s", string(r), recipeNames())
	}
}

// recipeNames is the recipes' names.
func recipeNames() string {
	var names []string
	for _, r := range Recipes() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// nobody asks for no lock.
type nobody struct{}

func (nobody) acquire(ctx context.Context) (grant, error) { return grant{}, ctx.Err() }

func (nobody) try(ctx context.Context) (grant, bool, error) { return grant{}, true, ctx.Err() }

func (nobody) release(ctx context.Context) error { return ctx.Err() }

// signature is what a contender writes into its znode, so that whoever looks at it sees
// whose it is.
func (s seat) signature() string { return fmt.Sprintf("worker %d", s.worker) }

func (s seat) now() time.Time {
	if s.options.Now == nil {
		return time.Now()
	}
	return s.options.Now()
}

// tell tells of a step.
func (s seat) tell(st lockctl.Step) {
	st.At, st.Path = s.now(), s.dir
	s.step(st)
}

// makeDir makes the directory of the znodes, and what is above it.
func (s seat) makeDir(ctx context.Context) error {
	for at := 1; at <= len(s.dir); at++ {
		if at < len(s.dir) && s.dir[at] != '/' {
			continue
		}
		_, _, err := s.session.Create(ctx, s.dir[:at], nil, zk.WorldACL(zk.PermAll), lockctl.PersistentNode)
		if err != nil && !errors.Is(err, lockctl.ErrExists) {
			return fmt.Errorf("make %s: %w", s.dir[:at], err)
		}
	}
	return nil
}

// create makes a znode, with the directory if that is missing, and returns its name.
func (s seat) create(ctx context.Context, prefix, data string, kind lockctl.NodeKind) (string, lockctl.Stat, error) {
	for {
		path, stat, err := s.session.Create(ctx, s.dir+"/"+prefix, []byte(data), zk.WorldACL(zk.PermAll), kind)
		switch {
		case err == nil:
			return path[strings.LastIndexByte(path, '/')+1:], stat, nil
		case !errors.Is(err, lockctl.ErrGone):
			return "", stat, fmt.Errorf("create %s/%s: %w", s.dir, prefix, err)
		}
		if err := s.makeDir(ctx); err != nil {
			return "", stat, err
		}
	}
}
