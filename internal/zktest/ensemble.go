package zktest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Ensemble is a standalone server or a replicated group of servers.
type Ensemble struct {
	tb      TB
	dir     string
	ports   *block
	servers []*Server
}

// Start starts n real servers, 1, 3 or 5, on free loopback ports and waits until
// all of them serve. They and their data are gone when the test ends; if it
// failed, the end of each server's log is printed. It fails the test if Java or
// ZooKeeper is missing and says what to install.
func Start(tb TB, n int, opts ...Option) *Ensemble {
	tb.Helper()
	if n != 1 && n != 3 && n != 5 {
		tb.Fatalf("zktest: %d servers: want 1, 3 or 5", n)
	}
	e, err := launch(tb, n, newSettings(opts))
	if err != nil {
		tb.Fatalf("zktest: %v", err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			e.printLogs(tb)
		}
		if err := e.close(); err != nil {
			tb.Logf("zktest: %v", err)
		}
	})
	return e
}

// Addr is the connect string: all servers, host:port, separated by commas.
func (e *Ensemble) Addr() string {
	addrs := make([]string, len(e.servers))
	for i, s := range e.servers {
		addrs[i] = s.addr
	}
	return strings.Join(addrs, ",")
}

// AdminPort is the loopback port of the AdminServer that the option [AdminServer] turns
// on.
func (e *Ensemble) AdminPort() int { return e.ports.admin() }

// Servers are all servers, by ID.
func (e *Ensemble) Servers() []*Server { return e.servers }

// Server returns the i-th server, from 0; its ID is i+1.
func (e *Ensemble) Server(i int) *Server { return e.servers[i] }

// Leader waits until a server leads and returns it. For a standalone server it
// is that one.
func (e *Ensemble) Leader() *Server {
	e.tb.Helper()
	var leader *Server
	e.check(poll("waiting for a leader", func() (bool, error) {
		for _, s := range e.servers {
			if m := s.Mode(); m == "leader" || m == "standalone" {
				leader = s
				return true, nil
			}
		}
		return false, nil
	}))
	return leader
}

// Followers are the servers that follow at this moment; it does not wait.
func (e *Ensemble) Followers() []*Server {
	var followers []*Server
	for _, s := range e.servers {
		if s.Mode() == "follower" {
			followers = append(followers, s)
		}
	}
	return followers
}

// RestartAll starts every server that does not run, together, and waits until
// all of them serve.
func (e *Ensemble) RestartAll() {
	e.tb.Helper()
	e.check(e.startAll())
}

// check fails the test on an error.
func (e *Ensemble) check(err error) {
	e.tb.Helper()
	if err != nil {
		e.tb.Fatalf("zktest: %v", err)
	}
}

// launch starts n servers and waits until they serve. Should another program
// take a port between the probe and the start, it tries again elsewhere.
func launch(tb TB, n int, set *settings) (*Ensemble, error) {
	if unsupported != nil {
		return nil, unsupported
	}
	d, err := locate()
	if err != nil {
		return nil, err
	}
	java := append([]string{d.java}, jvmFlags(archive(d))...)
	for attempt := 1; ; attempt++ {
		e, err := prepare(tb, d, java, n, set)
		if err != nil {
			return nil, err
		}
		err = e.startAll()
		if err == nil {
			return e, nil
		}
		logs := e.logs()
		again := attempt < 3 && errors.Is(err, errExited) && strings.Contains(logs, "Address already in use")
		if err2 := e.close(); err2 != nil || !again {
			return nil, fmt.Errorf("starting %d servers: %w\n%s", n, errors.Join(err, err2), logs)
		}
	}
}

// prepare reserves ports and writes the files of n servers.
func prepare(tb TB, d *dist, java []string, n int, set *settings) (*Ensemble, error) {
	g, err := guard()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(g.dir, "ensemble-")
	if err != nil {
		return nil, fmt.Errorf("preparing servers: %w", err)
	}
	ports, err := reservePorts()
	if err != nil {
		return nil, err
	}
	e := &Ensemble{tb: tb, dir: dir, ports: ports}
	logArg, err := d.writeLogConfig(dir)
	if err != nil {
		ports.release()
		return nil, err
	}
	var members []string
	for i := 0; n > 1 && i < n; i++ {
		members = append(members, fmt.Sprintf("server.%d=127.0.0.1:%d:%d", i+1, ports.quorum(i), ports.election(i)))
	}
	jars := d.jars
	if set.admin != 0 {
		jars = slices.Concat(jars, d.adminJars)
	}
	for i := range n {
		s := &Server{ens: e, id: i + 1, addr: fmt.Sprintf("127.0.0.1:%d", ports.client(i)), dir: filepath.Join(dir, fmt.Sprint(i+1))}
		cfg := filepath.Join(s.dir, "zoo.cfg")
		files := map[string]string{
			cfg:                                set.zooCfg(s.id, s.DataDir(), ports.client(i), ports.admin(), members),
			filepath.Join(s.DataDir(), "myid"): fmt.Sprintln(s.id),
		}
		if err := writeFiles(files); err != nil {
			ports.release()
			return nil, err
		}
		if set.data != nil {
			if err := writeSnapshot(s.DataDir(), set.data); err != nil {
				ports.release()
				return nil, err
			}
		}
		s.argv = append(append(append([]string(nil), java...), set.jvm...), logArg,
			"-cp", strings.Join(jars, string(os.PathListSeparator)),
			"org.apache.zookeeper.server.quorum.QuorumPeerMain", cfg)
		e.servers = append(e.servers, s)
	}
	return e, nil
}

func writeFiles(files map[string]string) error {
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return fmt.Errorf("preparing servers: %w", err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return fmt.Errorf("preparing servers: %w", err)
		}
	}
	return nil
}

func (e *Ensemble) startAll() error {
	for _, s := range e.servers {
		if s.Pid() != 0 {
			continue
		}
		if err := s.start(); err != nil {
			return err
		}
	}
	for _, s := range e.servers {
		if err := s.awaitServing(); err != nil {
			return err
		}
	}
	return nil
}

// close kills the servers and removes their files.
func (e *Ensemble) close() error {
	var errs []error
	for _, s := range e.servers {
		errs = append(errs, s.end(os.Kill))
	}
	e.ports.release()
	errs = append(errs, os.RemoveAll(e.dir))
	return errors.Join(errs...)
}

// tailBytes is how much of each server's log a failing test prints.
const tailBytes = 8 << 10

func (e *Ensemble) logs() string {
	var b strings.Builder
	for _, s := range e.servers {
		fmt.Fprintf(&b, "--- log of server %d at %s:\n%s", s.id, s.addr, s.tail(tailBytes))
	}
	return b.String()
}

func (e *Ensemble) printLogs(tb TB) {
	tb.Logf("%s", e.logs())
}
