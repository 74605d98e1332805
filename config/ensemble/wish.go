package ensemble

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"zkdeck/config/ensemble/distro"
)

// Wish is what a person wants of an ensemble. What is zero is left to us.
type Wish struct {
	// Name is "demo", or "demo-2" and so on where that is taken, if it is empty.
	Name string
	// Servers is how many vote, 3 if it is 0; Observers how many follow without a vote.
	Servers, Observers int
	// BasePort is the first of its ports: a client, a quorum and an election port for
	// the first server, the same for the next, and so on, then the ports of the
	// AdminServers. With 0 ports are found: 2181, 2888 and 3888 and those after them,
	// or the next such rows that are free and belong to no other ensemble.
	BasePort int
	// Dir is the ensemble's folder, which must not be there or be empty; with "" it is
	// one of the store. Temp puts it among the temporary files instead.
	Dir  string
	Temp bool
	// Tick is 2 s, InitLimit 10 and SyncLimit 5 if they are 0; HeapMB is 256.
	Tick                 time.Duration
	InitLimit, SyncLimit int
	HeapMB               int
	// Admin gives each server an AdminServer on a port of its own on 127.0.0.1.
	Admin bool
	// Extra are further lines of every zoo.cfg, JVM further arguments of Java.
	Extra []Setting
	JVM   []string
	// Java and ZooKeeper say where they are; empty to search for them. Distro is a
	// ZooKeeper that was chosen already.
	Java, ZooKeeper string
	Distro          *distro.ZooKeeper
}

// Plan makes a plan of a wish and writes nothing. It looks for Java and ZooKeeper,
// which may start Java once, and for free ports. The error is a *WishError where
// the wish cannot be, and a *distro.MissingError where there is nothing to run.
func (s *Store) Plan(ctx context.Context, w Wish) (*Plan, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	name, err := s.freeName(w.Name)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		Name: name, Temp: w.Temp,
		Tick: w.Tick, InitLimit: w.InitLimit, SyncLimit: w.SyncLimit, HeapMB: w.HeapMB,
		Extra: slices.Clone(w.Extra), JVM: slices.Clone(w.JVM),
		Created: time.Now().Round(0),
	}
	p.defaults()
	if p.Dir, err = s.folder(name, w); err != nil {
		return nil, err
	}
	if err := s.findDistro(p, w); err != nil {
		return nil, err
	}
	servers := w.Servers
	if servers == 0 {
		servers = 3
	}
	for i := range servers + w.Observers {
		p.Members = append(p.Members, Member{ID: i + 1, Observer: i >= servers})
	}
	if err := s.choosePorts(ctx, p, w.BasePort, w.Admin); err != nil {
		return nil, err
	}
	p.Archive = s.archive(p.Java, p.classPath())
	return p, nil
}

// defaults fills in what was left to us.
func (p *Plan) defaults() {
	if p.Tick == 0 {
		p.Tick = 2 * time.Second
	}
	if p.InitLimit == 0 {
		p.InitLimit = 10
	}
	if p.SyncLimit == 0 {
		p.SyncLimit = 5
	}
	if p.HeapMB == 0 {
		p.HeapMB = 256
	}
}

const (
	minTick  = 10 * time.Millisecond
	maxTick  = time.Minute
	maxLimit = 10000
	minHeap  = 16
	maxHeap  = 1 << 20
)

// check refuses numbers and texts that cannot be.
func (w Wish) check() error {
	span := func(field, what string, n, low, high int) error {
		if n >= low && n <= high {
			return nil
		}
		return &WishError{Field: field, What: fmt.Sprintf("%d is not possible for %s", n, what), Mend: fmt.Sprintf("take %d to %d", low, high)}
	}
	checks := []error{
		span("Servers", "the number of servers", w.Servers, 0, MaxServers),
		span("Observers", "the number of observers", w.Observers, 0, MaxObservers),
		span("BasePort", "the first port", w.BasePort, 0, maxPort),
		span("InitLimit", "initLimit", w.InitLimit, 0, maxLimit),
		span("SyncLimit", "syncLimit", w.SyncLimit, 0, maxLimit),
	}
	if w.HeapMB != 0 {
		checks = append(checks, span("HeapMB", "the heap in MB", w.HeapMB, minHeap, maxHeap))
	}
	if w.Tick != 0 && (w.Tick < minTick || w.Tick > maxTick || w.Tick%time.Millisecond != 0) {
		checks = append(checks, &WishError{Field: "Tick", What: fmt.Sprintf("a tick of %s is not possible", w.Tick), Mend: fmt.Sprintf("take whole milliseconds from %s to %s", minTick, maxTick)})
	}
	if w.BasePort != 0 && w.BasePort < 1024 {
		checks = append(checks, &WishError{Field: "BasePort", What: fmt.Sprintf("ports below 1024, as %d, are kept for the system", w.BasePort), Mend: "take a number from 1024 on"})
	}
	if w.Temp && w.Dir != "" {
		checks = append(checks, &WishError{Field: "Dir", What: "a temporary ensemble has its folder among the temporary files", Mend: "name a folder or make it temporary, not both"})
	}
	for _, x := range w.Extra {
		checks = append(checks, checkExtra(x))
	}
	for _, arg := range w.JVM {
		checks = append(checks, checkJVM(arg))
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

// ourKeys are the keys of zoo.cfg that a further line must not set, because each
// server has its own value, or what we know of it would be wrong.
var ourKeys = []string{
	"dataDir", "dataLogDir", "clientPort", "clientPortAddress", "secureClientPort", "secureClientPortAddress",
	"dynamicConfigFile", "peerType", "admin.serverPort", "admin.serverAddress", "admin.enableServer",
}

func checkExtra(x Setting) error {
	bad := func(what, mend string) error { return &WishError{Field: "Extra", What: what, Mend: mend} }
	if x.Key == "" || strings.ContainsFunc(x.Key, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) || strings.ContainsAny(x.Key, "=:#!\\") {
		return bad(fmt.Sprintf("%q is no key of zoo.cfg", x.Key), "write a setting as key=value")
	}
	if strings.ContainsFunc(x.Value, unicode.IsControl) {
		return bad(fmt.Sprintf("the value of %s has control characters", x.Key), "write it on one line")
	}
	if slices.ContainsFunc(ourKeys, func(key string) bool { return strings.EqualFold(key, x.Key) }) || strings.HasPrefix(x.Key, "server.") {
		return bad(fmt.Sprintf("%s is set for each server by itself", x.Key), "leave it out")
	}
	return nil
}

// ourArguments are arguments of Java that would replace ours.
var ourArguments = []string{"-cp", "-classpath", "--class-path", "-jar", "-version", "-m", "--module", "-XX:SharedArchiveFile", "-XX:ArchiveClassesAtExit"}

func checkJVM(arg string) error {
	bad := func(what string) error {
		return &WishError{Field: "JVM", What: what, Mend: "give further arguments of Java, as -Xlog:gc or -Djute.maxbuffer=4194304, each by itself"}
	}
	if !strings.HasPrefix(arg, "-") || strings.ContainsFunc(arg, unicode.IsControl) {
		return bad(fmt.Sprintf("%q is no argument of Java", arg))
	}
	name, _, _ := strings.Cut(arg, "=")
	if slices.Contains(ourArguments, name) {
		return bad(fmt.Sprintf("the argument %s is ours to set", name))
	}
	return nil
}

// freeName is the name that is wished for, or one that is free.
func (s *Store) freeName(wished string) (string, error) {
	taken, err := s.names()
	if err != nil {
		return "", err
	}
	if wished != "" {
		if err := checkName(wished); err != nil {
			return "", err
		}
		if slices.Contains(taken, wished) && !s.vanished(wished) {
			return "", &WishError{Field: "Name", What: fmt.Sprintf("there is an ensemble %s already", wished), Mend: "take another name, or start that one"}
		}
		return wished, nil
	}
	name := "demo"
	for n := 2; slices.Contains(taken, name); n++ {
		name = fmt.Sprintf("demo-%d", n)
	}
	return name, nil
}

// vanished tells that a name stands for a folder elsewhere that is gone.
func (s *Store) vanished(name string) bool {
	_, err := s.place(name)
	return errors.Is(err, ErrNoEnsemble)
}

// folder is where the ensemble will be: absolute, without symbolic links as far as
// it is there.
func (s *Store) folder(name string, w Wish) (string, error) {
	dir := filepath.Join(s.ensembles(), name)
	switch {
	case w.Temp:
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("zkdeck-%s-%06x", name, rand.Uint32N(1<<24)))
	case w.Dir != "":
		abs, err := filepath.Abs(w.Dir)
		if err != nil {
			return "", fmt.Errorf("finding the folder %s: %w", w.Dir, err)
		}
		dir = abs
	}
	if strings.ContainsFunc(dir, unicode.IsControl) {
		return "", &WishError{Field: "Dir", What: fmt.Sprintf("the folder %q has control characters in its name", dir), Mend: "take another folder"}
	}
	dir, err := realPath(dir)
	if err != nil {
		return "", &WishError{Field: "Dir", What: fmt.Sprintf("the folder %s cannot be used: %v", dir, err), Mend: "take another folder"}
	}
	if at, err := realPath(s.ensembles()); err == nil && filepath.Dir(dir) == at && filepath.Base(dir) != name {
		return "", &WishError{Field: "Dir", What: fmt.Sprintf("the folder %s would be that of an ensemble %s", dir, filepath.Base(dir)), Mend: "leave the folder out, or take one elsewhere"}
	}
	return dir, checkFree(dir)
}

// checkFree refuses a folder that has something in it.
func checkFree(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &WishError{Field: "Dir", What: fmt.Sprintf("the folder %s cannot be used: %v", dir, err), Mend: "take another folder"}
	case len(entries) > 0:
		return &WishError{Field: "Dir", What: fmt.Sprintf("the folder %s is not empty", dir), Mend: "take a new folder, or one that is empty"}
	}
	return nil
}

// realPath resolves the symbolic links of as much of a path as is there.
func realPath(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		return real, nil
	}
	parent := filepath.Dir(path)
	if !errors.Is(err, fs.ErrNotExist) || parent == path {
		return path, err
	}
	if parent, err = realPath(parent); err != nil {
		return path, err
	}
	return filepath.Join(parent, filepath.Base(path)), nil
}

// findDistro finds what the servers will run on.
func (s *Store) findDistro(p *Plan, w Wish) error {
	if w.Distro != nil {
		p.ZooKeeper = *w.Distro
	} else {
		found, rejected, err := s.Env.Find(w.ZooKeeper)
		if err != nil {
			return err
		}
		for _, r := range rejected {
			s.Logger.Debug("passed over", "zookeeper", r.String())
		}
		p.ZooKeeper = found[0]
	}
	java, err := s.Env.FindJavaFor(p.ZooKeeper.NeedsJava(), w.Java)
	if err != nil {
		return err
	}
	p.Java = java
	return nil
}
