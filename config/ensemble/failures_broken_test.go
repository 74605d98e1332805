package ensemble

import (
	"encoding/binary"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// broken is a server that is broken in one way after another, and made whole by
// restore.
type broken struct {
	t *testing.T
	*Ensemble
	plan  Plan
	good  map[string]string // its files as they should be
	holds []net.Listener
}

// newBroken makes an ensemble of one server that has served and has data.
func newBroken(t *testing.T, w Wish) *broken {
	t.Helper()
	w.Servers, w.Tick = 1, 500*time.Millisecond
	w.JVM = []string{"-Dzookeeper.preAllocSize=64", "-Dzookeeper.electionPortBindRetry=1"}
	b := &broken{t: t, Ensemble: newEnsemble(t, newStore(t), w), good: map[string]string{}}
	b.plan = b.Plan()
	b.config("admin.enableServer=true", "admin.enableServer=false") // Jetty takes its time
	b.start()
	b.serves()
	conn := b.connect()
	if _, err := conn.Create("/data", []byte("precious"), 0, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	b.end()
	b.must(filepath.WalkDir(b.plan.Dir, func(path string, d fs.DirEntry, err error) error {
		switch d.Name() {
		case pidFile, exitFile, askedFile, dataLock, "lock", "server.log":
			return err
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		b.good[path] = string(text)
		return err
	}))
	return b
}

// restore makes everything good again.
func (b *broken) restore() {
	b.t.Helper()
	for _, l := range b.holds {
		l.Close()
	}
	b.holds = nil
	b.end()
	b.must(os.RemoveAll(b.version2()))
	b.must(os.Mkdir(b.version2(), 0o700))
	for path, text := range b.good {
		b.write(path, text)
	}
}

func (b *broken) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// start starts the server without a look at what would keep it from serving: as if
// that had come about after the look.
func (b *broken) start() {
	b.t.Helper()
	b.must(b.launch(b.t.Context(), &b.plan, b.plan.Members[0]))
}

func (b *broken) serves() {
	b.t.Helper()
	if _, err := b.AwaitServing(b.t.Context(), nil); err != nil {
		b.t.Fatalf("%v\n%s", err, b.log())
	}
}

// end ends the server if it runs.
func (b *broken) end() {
	b.t.Helper()
	b.must(b.Kill(b.t.Context()))
}

func (b *broken) connect() *zk.Conn {
	b.t.Helper()
	return zktest.Connect(b.t, b.plan.Members[0].Addr())
}

// hello begins a session by hand, as a client that does not try again.
func (b *broken) hello() net.Conn {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.plan.Members[0].Addr())
	b.must(err)
	const length, timeout, password = 45, 10_000, 16
	msg := binary.BigEndian.AppendUint32(nil, length-1)
	msg = append(msg, make([]byte, 4+8)...) // protocol version, last zxid
	msg = binary.BigEndian.AppendUint32(msg, timeout)
	msg = append(msg, make([]byte, 8)...) // session
	msg = binary.BigEndian.AppendUint32(msg, password)
	_, err = conn.Write(append(msg, make([]byte, password)...))
	b.must(err)
	return conn
}

func (b *broken) version2() string { return filepath.Join(b.plan.DataDir(1), "version-2") }
func (b *broken) myid() string     { return filepath.Join(b.plan.DataDir(1), "myid") }

// log is what the server wrote in its last start.
func (b *broken) log() string {
	text, err := os.ReadFile(b.plan.LogFile(1))
	if err != nil {
		return err.Error()
	}
	return newestStart(string(text))
}

func (b *broken) write(path, text string) {
	b.t.Helper()
	b.must(os.WriteFile(path, []byte(text), 0o600))
}

func (b *broken) remove(paths ...string) {
	b.t.Helper()
	for _, path := range paths {
		b.must(os.Remove(path))
	}
}

// edit replaces what must be there in a file.
func (b *broken) edit(path, old, new string) {
	b.t.Helper()
	text, err := os.ReadFile(path)
	b.must(err)
	whole := "\n" + string(text) // so that every line begins after one
	if !strings.Contains(whole, old) {
		b.t.Fatalf("%s has no %q", path, old)
	}
	b.write(path, strings.ReplaceAll(whole, old, new)[1:])
}

// config changes lines of the zoo.cfg that begin so, script what starts the server.
func (b *broken) config(old, new string) {
	b.t.Helper()
	b.edit(b.plan.ConfigFile(1), "\n"+old, "\n"+new)
}

func (b *broken) script(old, new string) {
	b.t.Helper()
	b.edit(b.plan.scriptFile(), old, new)
}

// files are those of the database with this prefix.
func (b *broken) files(prefix string) []string {
	b.t.Helper()
	paths, err := filepath.Glob(filepath.Join(b.version2(), prefix+"*"))
	b.must(err)
	if len(paths) == 0 {
		b.t.Fatalf("there is no %s…", prefix)
	}
	return paths
}

// data changes files of the database.
func (b *broken) data(prefix string, change func(string) string) {
	b.t.Helper()
	for _, path := range b.files(prefix) {
		text, err := os.ReadFile(path)
		b.must(err)
		b.write(path, change(string(text)))
	}
}

// hold listens on a port until the server is restored.
func (b *broken) hold(port int) {
	b.t.Helper()
	l, err := net.Listen("tcp", Host+":"+strconv.Itoa(port))
	b.must(err)
	b.holds = append(b.holds, l)
}

// oldJava has the server run a class for a Java of the future: class files of version
// 99 are those of Java 55.
func (b *broken) oldJava() {
	b.t.Helper()
	class := binary.BigEndian.AppendUint32(nil, 0xcafebabe)
	class = binary.BigEndian.AppendUint32(class, 99)
	class = append(class, make([]byte, 64)...)
	dir := b.plan.ServerDir(1)
	b.write(filepath.Join(dir, "Future.class"), string(class))
	b.script(mainClass, "Future")
	b.script(`-cp "$classpath"`, "-cp "+quote(dir))
}
