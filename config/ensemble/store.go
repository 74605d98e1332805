package ensemble

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"zkdeck/config/ensemble/distro"
)

// ErrNoEnsemble is wrapped by the error for a name that no ensemble has, or one
// whose folder is gone.
var ErrNoEnsemble = errors.New("no such ensemble")

// Store knows the ensembles of a person on this machine. Its methods may be called
// from several goroutines.
type Store struct {
	// Data is the folder of what is kept, <XDG data>/zkdeck: ensembles are the folders
	// below Data/ensembles. One that lies elsewhere is a file NAME.at there with its
	// folder's path. Cache is the folder of what can be made again, <XDG cache>/zkdeck.
	Data, Cache string
	// Env is where Java and ZooKeeper are searched.
	Env distro.Env
	// Logger is told what is done, and why something could not be; never nil.
	Logger *slog.Logger

	turn     time.Duration // how long an operation waits for its turn
	patience time.Duration // with a server that is to end by itself
}

// NewStore returns the store of this machine with these two folders. It makes
// nothing and reads nothing.
func NewStore(data, cache string) *Store {
	return &Store{
		Data: data, Cache: cache,
		Env:    distro.System(filepath.Join(data, "zookeeper")),
		Logger: slog.New(slog.DiscardHandler),

		turn: lockPatience, patience: stopPatience,
	}
}

const (
	planFile  = "plan.json"
	placeMark = ".at" // ends the name of a file that says where an ensemble lies
	maxPlan   = 1 << 20
)

// ensembles is the folder of ensembles.
func (s *Store) ensembles() string { return filepath.Join(s.Data, "ensembles") }

// Listed is an ensemble of a store.
type Listed struct {
	Name string
	// Dir is its folder.
	Dir string
	// Plan is what it was planned as; nil where it could not be read.
	Plan *Plan
	// Err says why not, and what to do about it.
	Err error
}

// List returns all ensembles by their names, those that cannot be read with the
// reason.
func (s *Store) List(ctx context.Context) ([]Listed, error) {
	names, err := s.names()
	if err != nil {
		return nil, err
	}
	var list []Listed
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l := Listed{Name: name}
		var p Plan
		if l.Dir, l.Err = s.place(name); l.Err == nil {
			if p, l.Err = readPlan(l.Dir, name); l.Err == nil {
				l.Plan = &p
			}
		}
		list = append(list, l)
	}
	return list, nil
}

// names are the names of all ensembles, sorted.
func (s *Store) names() ([]string, error) {
	entries, err := os.ReadDir(s.ensembles())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing ensembles: %w", err)
	}
	var names []string
	for _, entry := range entries {
		name, elsewhere := strings.CutSuffix(entry.Name(), placeMark)
		if !elsewhere && !entry.IsDir() {
			continue
		}
		if checkName(name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// place is the folder of the ensemble with this name, without symbolic links.
func (s *Store) place(name string) (string, error) {
	dir := filepath.Join(s.ensembles(), name)
	mark := dir + placeMark
	if text, err := os.ReadFile(mark); err == nil {
		dir = strings.TrimSuffix(string(text), "\n")
		if !filepath.IsAbs(dir) {
			return dir, fmt.Errorf("the file %s should hold the path of a folder and does not; remove it if the ensemble is gone", mark)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return dir, fmt.Errorf("looking for the ensemble %s: %w", name, err)
	}
	real, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return dir, fmt.Errorf("%w: the folder %s of %s is gone", ErrNoEnsemble, dir, name)
	}
	if err != nil {
		return dir, fmt.Errorf("looking for the ensemble %s: %w", name, err)
	}
	return real, nil
}

// Open returns the ensemble with this name. Where there is none the error wraps
// ErrNoEnsemble and says which there are.
func (s *Store) Open(name string) (*Ensemble, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	dir, err := s.place(name)
	if errors.Is(err, ErrNoEnsemble) {
		names, _ := s.names()
		if slices.Contains(names, name) {
			return nil, err // it was there
		}
		there := "there are none yet"
		if len(names) > 0 {
			there = "there are " + strings.Join(names, ", ")
		}
		return nil, fmt.Errorf("%w: %s; %s", ErrNoEnsemble, name, there)
	}
	if err != nil {
		return nil, err
	}
	plan, err := readPlan(dir, name)
	if err != nil {
		return nil, err
	}
	return &Ensemble{store: s, name: name, dir: dir, plan: plan}, nil
}

// Ensemble is an ensemble that has been written. Its methods may be called from
// several goroutines.
type Ensemble struct {
	store     *Store
	name, dir string

	mu   sync.Mutex
	plan Plan
}

// Name is the ensemble's name.
func (e *Ensemble) Name() string { return e.name }

// Dir is the ensemble's folder, absolute and without symbolic links.
func (e *Ensemble) Dir() string { return e.dir }

// Plan returns a copy of the plan, as it was when it was read last.
func (e *Ensemble) Plan() Plan {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.plan.clone()
}

// Reload reads the plan again: another process may have changed it.
func (e *Ensemble) Reload() error {
	plan, err := readPlan(e.dir, e.name)
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.plan = plan
	e.mu.Unlock()
	return nil
}

// readPlan reads and checks the plan in a folder. The folder counts, not what the
// plan says about it: it may have been moved.
func readPlan(dir, name string) (Plan, error) {
	path := filepath.Join(dir, planFile)
	plan, err := decodePlan(path)
	if err != nil {
		return Plan{}, fmt.Errorf("the ensemble %s: reading its plan %s: %w", name, path, err)
	}
	plan.Dir, plan.Name = dir, name
	if err := plan.check(); err != nil {
		return Plan{}, fmt.Errorf("the ensemble %s: its plan %s cannot be used: %w", name, path, err)
	}
	return plan, nil
}

func decodePlan(path string) (Plan, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Plan{}, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxPlan {
		return Plan{}, errors.New("it is no plan of zkdeck")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Plan{}, err
	}
	var plan Plan
	err = json.Unmarshal(text, &plan)
	return plan, err
}

// clone is a copy that shares nothing.
func (p *Plan) clone() Plan {
	c := *p
	c.Members = slices.Clone(p.Members)
	c.Extra = slices.Clone(p.Extra)
	c.JVM = slices.Clone(p.JVM)
	if p.Change != nil {
		change := *p.Change
		change.Before, change.Old = slices.Clone(change.Before), slices.Clone(change.Old)
		c.Change = &change
	}
	c.ZooKeeper.Jars = slices.Clone(p.ZooKeeper.Jars)
	c.ZooKeeper.AdminJars = slices.Clone(p.ZooKeeper.AdminJars)
	return c
}

// check refuses a plan that nothing could be written from.
func (p *Plan) check() error {
	if len(p.Members) == 0 || p.Voters() == 0 {
		return errors.New("it has no voting server")
	}
	last := 0
	for _, m := range p.Members {
		if m.ID <= last || m.ID > maxID {
			return fmt.Errorf("the ids of its servers are not ascending numbers from 1 to %d", maxID)
		}
		last = m.ID
		for _, port := range m.ports() {
			if port < 1 || port > maxPort {
				return fmt.Errorf("server %d has the port %d", m.ID, port)
			}
		}
	}
	if p.Tick <= 0 || p.InitLimit <= 0 || p.SyncLimit <= 0 || p.HeapMB <= 0 {
		return errors.New("tick, initLimit, syncLimit and heapMB must be above 0")
	}
	return nil
}

const (
	// maxID is the highest id a server may have; 255 collides with extended types
	// (ZooKeeper's EphemeralTypeEmulate353 keeps the top byte of a session for them).
	maxID   = 254
	maxPort = 65535
)

// ports are all the ports of a server.
func (m Member) ports() []int {
	ports := []int{m.Client, m.Quorum, m.Election}
	if m.Admin != 0 {
		ports = append(ports, m.Admin)
	}
	return ports
}
