package zktest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

func TestMain(m *testing.M) {
	if os.Getenv(orphanEnv) != "" {
		orphan()
	}
	Main(m)
}

func TestStandalone(t *testing.T) {
	began := time.Now()
	e := Start(t, 1)
	t.Logf("serving after %v", time.Since(began))
	s := e.Server(0)
	if got := s.Mode(); got != "standalone" {
		t.Errorf("mode %q, want standalone", got)
	}
	conn := Connect(t, e.Addr())
	create(t, conn, "/a")
	// Containers and TTLs are on.
	if _, err := conn.CreateTTL("/ttl", nil, zk.FlagTTL, zk.WorldACL(zk.PermAll), time.Hour); err != nil {
		t.Errorf("creating a znode with a TTL: %v", err)
	}

	addr := s.Addr()
	s.Kill()
	if s.Pid() != 0 || s.Mode() != "" {
		t.Errorf("killed, but pid %d, mode %q", s.Pid(), s.Mode())
	}
	s.Restart()
	if s.Addr() != addr {
		t.Errorf("address changed from %s to %s", addr, s.Addr())
	}
	if !has(t, Connect(t, e.Addr()), "/a") {
		t.Error("a znode is lost after a kill")
	}
	s.Stop()
	s.Wipe()
	s.Restart()
	if has(t, Connect(t, e.Addr()), "/a") {
		t.Error("a znode is there after a wipe")
	}
}

func TestPauseResume(t *testing.T) {
	e := Start(t, 1)
	s := e.Server(0)
	s.Pause()
	if got, mode := procState(s.Pid()), s.Mode(); got != "T" || mode != "" {
		t.Errorf("paused server is in state %q, want T, and has mode %q", got, mode)
	}
	s.Resume()
	if got := s.Mode(); got != "standalone" {
		t.Errorf("resumed server has mode %q", got)
	}
	s.Pause()
	s.Kill() // a stopped process can be killed, too
	if s.Pid() != 0 {
		t.Error("still there")
	}
}

func TestKillTheLeader(t *testing.T) {
	began := time.Now()
	e := Start(t, 3)
	t.Logf("three serving after %v", time.Since(began))
	old := e.Leader()
	if n := len(e.Followers()); n != 2 {
		t.Errorf("%d followers, want 2", n)
	}
	conn := Connect(t, e.Addr())
	create(t, conn, "/before")

	began = time.Now()
	old.Kill()
	next := e.Leader()
	t.Logf("new leader after %v", time.Since(began))
	if next.ID() == old.ID() {
		t.Errorf("server %d leads after it was killed", old.ID())
	}
	if !has(t, Connect(t, next.Addr()), "/before") {
		t.Error("a znode is lost with the leader")
	}
	old.Restart()
	if got := old.Mode(); got != "follower" {
		t.Errorf("the old leader came back as %q, want follower", got)
	}
	for _, s := range e.Servers() {
		s.Kill()
	}
	e.RestartAll()
	if !has(t, Connect(t, e.Addr()), "/before") {
		t.Error("a znode is lost after all were killed")
	}
}

func TestOptions(t *testing.T) {
	e := Start(t, 1, TickTime(time.Second), Config("maxClientCnxns=7"), EnforceQuota(),
		JVM("-Dzookeeper.extendedTypesEnabled=true"))
	conf := Ask(t, e.Addr(), "conf")
	for _, want := range []string{"tickTime=1000\n", "maxClientCnxns=7\n", "maxSessionTimeout=60000\n"} {
		if !strings.Contains(conf, want) {
			t.Errorf("conf has no %q:\n%s", want, conf)
		}
	}
	conn := Connect(t, e.Addr())
	create(t, conn, "/q")
	create(t, conn, "/zookeeper/quota/q")
	if _, err := conn.Create("/zookeeper/quota/q/zookeeper_limits", []byte("count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1"), 0, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Create("/zookeeper/quota/q/zookeeper_stats", []byte("count=1,bytes=0"), 0, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Create("/q/over", nil, 0, zk.WorldACL(zk.PermAll)); err == nil {
		t.Error("a quota is not enforced")
	}
}

func TestReadOnlyMode(t *testing.T) {
	e := Start(t, 3, ReadOnlyMode())
	e.Server(0).Kill()
	e.Server(1).Kill()
	s := e.Server(2)
	if err := poll("waiting for read-only mode", func() (bool, error) { return s.Mode() == "read-only", nil }); err != nil {
		t.Error(err)
	}
}

func TestShared(t *testing.T) {
	if a, b := Shared(t), Shared(t); a != b {
		t.Errorf("two servers: %s and %s", a, b)
	}
	conn := Connect(t, Shared(t))
	a, b := Root(t), Root(t)
	if a == b || !has(t, conn, a) || !has(t, conn, b) {
		t.Errorf("roots %s and %s", a, b)
	}
}

func TestPortsAreReserved(t *testing.T) {
	seen := map[int]bool{}
	for range 20 {
		b, err := reservePorts()
		if err != nil {
			t.Fatal(err)
		}
		defer b.release()
		if seen[b.base] {
			t.Errorf("block %d handed out twice", b.base)
		}
		seen[b.base] = true
		if b.base < firstPort || b.election(4) >= lastPort(ephemeralStart()) {
			t.Errorf("block %d is out of range", b.base)
		}
	}
	for ephemeral, want := range map[int]int{32768: 32768, 15000: 15000, 1024: endPort, firstPort: endPort} {
		if got := lastPort(ephemeral); got != want {
			t.Errorf("with ephemeral ports from %d on, blocks end at %d, want %d", ephemeral, got, want)
		}
	}
}

// fakeTB stands in for a test that fails.
type fakeTB struct {
	TB
	fatal, logged string
	failed        bool
	cleanups      []func()
}

func (f *fakeTB) Helper()          {}
func (f *fakeTB) Name() string     { return "fake" }
func (f *fakeTB) Failed() bool     { return f.failed }
func (f *fakeTB) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }
func (f *fakeTB) Logf(format string, args ...any) {
	f.logged += fmt.Sprintf(format, args...)
}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.fatal = fmt.Sprintf(format, args...)
	panic(f)
}

func TestFailingTestPrintsLogs(t *testing.T) {
	f := &fakeTB{failed: true}
	s := Start(f, 1).Server(0)
	pid := s.Pid()
	for _, c := range f.cleanups {
		c()
	}
	if !strings.Contains(f.logged, "log of server 1 at "+s.Addr()) || !strings.Contains(f.logged, " INFO ") {
		t.Errorf("printed:\n%s", f.logged)
	}
	if st := procState(pid); st != "" {
		t.Errorf("server is in state %q after the test", st)
	}
	if _, err := os.Stat(s.DataDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the data is still there: %v", err)
	}
}

func TestServerThatCannotStart(t *testing.T) {
	f := &fakeTB{}
	defer func() {
		if recover() != f || !strings.Contains(f.fatal, "exit status") {
			t.Errorf("failed with %q", f.fatal)
		}
	}()
	Start(f, 1, Config("dataDir=/dev/null"))
}

func TestMissingJavaOrZooKeeper(t *testing.T) {
	none := func(string) string { return "" }
	noJava := func(string) (string, error) { return "", exec.ErrNotFound }
	java := func(string) (string, error) { return "/bin/sh", nil }
	empty := t.TempDir()
	for name, test := range map[string]func() (*dist, error){
		"no java":        func() (*dist, error) { return findDist(none, noJava, empty) },
		"no zookeeper":   func() (*dist, error) { return findDist(none, java, empty) },
		"wrong JAVA":     func() (*dist, error) { return findDist(func(string) string { return empty }, java, empty) },
		"source archive": func() (*dist, error) { return findDist(only("ZOOKEEPER_HOME", empty), java, empty) },
	} {
		d, err := test()
		if err == nil || !strings.Contains(err.Error(), "apt-get install -y --no-install-recommends default-jre-headless zookeeper libzookeeper-java") {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
}

func only(key, value string) func(string) string {
	return func(k string) string {
		if k == key {
			return value
		}
		return ""
	}
}

func TestTarballLayout(t *testing.T) {
	home := t.TempDir()
	for _, jar := range []string{"zookeeper-3.9.4.jar", "zookeeper-jute-3.9.4.jar", "logback-classic-1.3.15.jar"} {
		if err := writeFiles(map[string]string{filepath.Join(home, "lib", jar): ""}); err != nil {
			t.Fatal(err)
		}
	}
	d, err := findDist(only("ZOOKEEPER_HOME", home), exec.LookPath, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(d.jars) != 3 || !d.logback {
		t.Errorf("found %+v", d)
	}
}

// orphanEnv makes the test binary start a server, say its pid, and wait to be killed.
const orphanEnv = "ZKTEST_ORPHAN"

func orphan() {
	e, err := launch(nil, 1, newSettings(nil))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if os.Getenv(orphanEnv) == "paused" {
		if err := e.Server(0).signal(signalStop); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	g, err := guard()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(e.Server(0).Pid(), g.dir)
	select {}
}

func TestKilledTestBinaryLeavesNothing(t *testing.T) {
	for _, how := range []string{"running", "paused"} {
		t.Run(how, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^$")
			cmd.Env = append(os.Environ(), orphanEnv+"="+how)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var pid int
			var dir string
			_, err = fmt.Fscan(out, &pid, &dir)
			if err != nil || procState(pid) == "" {
				t.Errorf("server pid %d, %v, state %q", pid, err, procState(pid))
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
			_ = cmd.Wait() // killed, as it should be
			if err := poll("waiting for the orphan to go", func() (bool, error) {
				st := procState(pid)
				return (st == "" || st == "Z") && !exists(dir), nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

func create(t *testing.T, conn *zk.Conn, path string) {
	t.Helper()
	if _, err := conn.Create(path, nil, 0, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatalf("creating %s: %v", path, err)
	}
}

func has(t *testing.T, conn *zk.Conn, path string) bool {
	t.Helper()
	// Another server of an ensemble may lag behind.
	if _, err := conn.Sync(path); err != nil {
		t.Fatal(err)
	}
	ok, _, err := conn.Exists(path)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}
