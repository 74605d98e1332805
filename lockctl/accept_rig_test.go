package lockctl_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
)

// The acceptance tests have a number each. They run against real servers.

const (
	// patience is how long a test waits for what must happen, on a loaded machine.
	patience = time.Minute
	// enduring is the timeout of sessions whose expiry is not what is tested, the longest
	// that the test servers grant.
	enduring = time.Minute
	// fleeting is that of those whose expiry is.
	fleeting = 4 * time.Second
)

// scene is a directory of a real server, with a session that sees what is so.
type scene struct {
	t    *testing.T
	addr string
	root string
	conn *zk.Conn
}

// onShared is a scene on the server that all tests share; the test runs beside others.
func onShared(t *testing.T) *scene {
	t.Helper()
	t.Parallel()
	return sceneOn(t, zktest.SharedReal(t))
}

func sceneOn(t *testing.T, addr string) *scene {
	t.Helper()
	return &scene{t: t, addr: addr, root: zktest.RootOn(t, addr), conn: zktest.Connect(t, addr)}
}

// in is the scene for a part of the test.
func (s *scene) in(t *testing.T) *scene {
	c := *s
	c.t = t
	return &c
}

// dir makes a directory for a lock below the root and returns its path.
func (s *scene) dir(name string) string {
	s.t.Helper()
	return create(s.t, s.conn, s.root+"/"+name, 0)
}

// contender makes one by hand, and returns its name.
func (s *scene) contender(dir, prefix, data string) string {
	s.t.Helper()
	made, err := s.conn.Create(dir+"/"+prefix, []byte(data), zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
	if err != nil {
		s.t.Fatalf("creating %s in %s: %v", prefix, dir, err)
	}
	return made[len(dir)+1:]
}

// names are the children of a directory, sorted; none where there is no such.
func (s *scene) names(dir string) []string {
	s.t.Helper()
	names, _, err := s.conn.Children(dir)
	if err != nil && !errors.Is(err, zk.ErrNoNode) {
		s.t.Fatalf("listing %s: %v", dir, err)
	}
	slices.Sort(names)
	return names
}

// holdsOnly fails the test unless the directory has just these children.
func (s *scene) holdsOnly(dir string, want ...string) {
	s.t.Helper()
	slices.Sort(want)
	if got := s.names(dir); !slices.Equal(got, want) {
		s.t.Errorf("%s has %q, want %q", dir, got, want)
	}
}

// empties waits until a directory has no children. Whoever gets a place of a semaphore
// leaves the queue for it, and does not wait for long until it has.
func (s *scene) empties(dir string) {
	s.t.Helper()
	s.until(dir+" is empty", func() bool { return len(s.names(dir)) == 0 })
}

func (s *scene) exists(path string) bool {
	s.t.Helper()
	there, _, err := s.conn.Exists(path)
	if err != nil {
		s.t.Fatalf("looking for %s: %v", path, err)
	}
	return there
}

func (s *scene) remove(path string) {
	s.t.Helper()
	remove(s.t, s.conn, path)
}

func (s *scene) set(path, data string) {
	s.t.Helper()
	if _, err := s.conn.Set(path, []byte(data), -1); err != nil {
		s.t.Fatalf("writing %s: %v", path, err)
	}
}

// until waits until something is so.
func (s *scene) until(what string, so func() bool) {
	s.t.Helper()
	until(s.t, what, so)
}

func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	late := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("in vain: %s", what)
		}
	}
}

// watchers are the sessions with a data watch on each path, as the server says.
func (s *scene) watchers() map[string][]int64 {
	s.t.Helper()
	all, path := map[string][]int64{}, ""
	for line := range strings.Lines(zktest.Ask(s.t, s.addr, "wchp")) {
		line = strings.TrimRight(line, "\n")
		id, is := strings.CutPrefix(line, "\t0x")
		if !is {
			path = line
			continue
		}
		session, err := strconv.ParseUint(id, 16, 64)
		if err != nil {
			s.t.Fatalf("wchp: %q: %v", line, err)
		}
		all[path] = append(all[path], int64(session))
	}
	return all
}

// player is a session that takes locks.
type player struct {
	t *testing.T
	s lockctl.Session
}

// player opens a session for locks on the scene's server.
func (s *scene) player() *player { return play(s.t, s.addr, enduring) }

// play opens a session for locks, which ends with the test.
func play(t *testing.T, servers string, timeout time.Duration) *player {
	t.Helper()
	session, err := lockview.OpenSession(zkview.Config{Servers: servers, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return &player{t: t, s: session}
}

// is waits until the session is in a state.
func (p *player) is(want lockctl.SessionState) {
	p.t.Helper()
	until(p.t, fmt.Sprintf("the session is in state %d", want), func() bool { return p.s.Status().State == want })
}
