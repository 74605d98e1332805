package ensemble

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// failure is one way in which a server that is started fails, made on purpose.
type failure struct {
	name string
	make func(b *broken)
	code int    // its exit code; 0 for one that goes on and does not serve as it should
	why  string // part of what is said of it
}

// What ends a standalone server, or keeps it from its AdminServer.
var standaloneFailures = []failure{
	{"main class", func(b *broken) { b.script(mainClass, mainClass+"X") }, 1, "QuorumPeerMainX is in none of the jars"},
	{"no java", func(b *broken) { b.script("java="+quote(b.plan.Java.Path), "java=/nowhere/java") }, 127, "/nowhere/java could not be run"},
	{"too old a Java", func(b *broken) { b.oldJava() }, 1, "is for Java 55 and was run with Java "},
	{"a Java argument", func(b *broken) { b.script("-Xmx256m", "-Xmx12x") }, 1, "does not accept its arguments"},
	{"no zoo.cfg", func(b *broken) { b.remove(b.plan.ConfigFile(1)) }, 2, "zoo.cfg is not there"},
	{"client port", func(b *broken) { b.hold(b.plan.Members[0].Client) }, 1, "its client port "},
	{"AdminServer", func(b *broken) {
		b.config("admin.enableServer=false", "admin.enableServer=true")
		b.hold(b.plan.Members[0].Admin)
	}, 4, "the port of its AdminServer is in use"},
	{"no clientPort", func(b *broken) { b.config("clientPort=", "#") }, 2, "no clientPort"},
	{"an inline comment", func(b *broken) { b.config("tickTime=500", "tickTime=500 # half a second") }, 2, "comment behind a value"},
	{"a port that there is not", func(b *broken) { b.config("clientPort=", "clientPort=7") }, 2, "ports go up to 65535"},
	{"no dataDir", func(b *broken) { b.config("dataDir=", "datadir=") }, 2, "does not set dataDir"},
	{"session limits", func(b *broken) { b.config("tickTime", "minSessionTimeout=9\nmaxSessionTimeout=8\ntickTime") }, 2, "minSessionTimeout is larger"},
	{"metrics", func(b *broken) { b.config("tickTime", "metricsProvider.className=no.Such\ntickTime") }, 2, "metrics provider"},
	{"dataDir", func(b *broken) { b.config("tickTime", "dataLogDir=/dev/null/x\ntickTime") }, 3, "cannot write to its data folder /dev/null/x"},
	{"an empty transaction log", func(b *broken) { b.data("log.", func(string) string { return "" }) }, 1, "empty or was cut off"},
	{"a damaged transaction log", func(b *broken) {
		b.data("log.", func(s string) string { return s[:60] + "\xff" + s[61:] })
	}, 1, "transaction log in its data is damaged"},
	{"no snapshots", func(b *broken) { b.remove(b.files("snapshot.")...) }, 1, "deleted the snapshots"},
	{"damaged snapshots", func(b *broken) {
		b.data("snapshot.", func(s string) string { return s[:40] + "\xff" + s[41:] })
	}, 1, "every snapshot in "},
}

// What ends a member of an ensemble, or keeps it from serving.
var memberFailures = []failure{
	{"no myid", func(b *broken) { b.remove(b.myid()) }, 2, "no file myid"},
	{"text in myid", func(b *broken) { b.write(b.myid(), "# the id\n1\n") }, 2, `no number: "# the id"`},
	{"myid not in the list", func(b *broken) { b.write(b.myid(), "9\n") }, 1, "no line server.9"},
	{"a server line", func(b *broken) { b.config("server.1=", "server.2="+Host+"\nserver.1=") }, 2, "server line of its zoo.cfg cannot be read"},
	{"a role", func(b *broken) { b.config("server.1=", "server.2="+Host+":1:2:king\nserver.1=") }, 2, "king"},
	{"a group", func(b *broken) {
		b.config("server.1=", "group.1=1\nserver.2="+Host+":1:2\nserver.3="+Host+":3:4\nserver.1=")
	}, 2, "is in no group"},
	{"observers alone", func(b *broken) {
		b.config("standaloneEnabled=false", "standaloneEnabled=true")
		b.config("server.1=", "server.2="+Host+":1:2:observer\nserver.1=")
	}, 2, "single voter"},
	{"the client address twice", func(b *broken) {
		port := strconv.Itoa(b.plan.Members[0].Election)
		b.edit(b.plan.ConfigFile(1), ":"+port+"\n", ":"+port+";"+strconv.Itoa(b.plan.Members[0].Client)+"\n")
	}, 2, "client address twice"},
	{"the election port", func(b *broken) { b.hold(b.plan.Members[0].Election) }, 14, "its election port "},
	{"epochs that do not fit", func(b *broken) { b.write(filepath.Join(b.version2(), "acceptedEpoch"), "0") }, 1, "contradicts itself: The accepted epoch, 0 is less than"},
	{"an epoch that is none", func(b *broken) { b.write(filepath.Join(b.version2(), "currentEpoch"), "x") }, 1, `holds no number: "x"`},
	{"the quorum port", func(b *broken) { b.hold(b.plan.Members[0].Quorum) }, 0, "it was elected and cannot lead: its quorum port "},
	{"ports that two share", func(b *broken) {
		m := b.plan.Members[0]
		b.config("server.1=", fmt.Sprintf("server.2=%s:%d:%d\nserver.1=", Host, m.Quorum, m.Election))
	}, 0, "another server has its myid, or two server lines name the same ports"},
	{"no client port at all", func(b *broken) {
		b.config("clientPort=", "#")
		b.config("clientPortAddress=", "#")
	}, 0, "nothing listens on its client port "},
	{"its AdminServer", func(b *broken) {
		b.config("admin.enableServer=false", "admin.enableServer=true")
		b.hold(b.plan.Members[0].Admin)
	}, 0, "without its AdminServer, whose port "},
}

func TestStandaloneFailures(t *testing.T) {
	t.Parallel()
	b := newBroken(t, Wish{Admin: true})
	for _, f := range standaloneFailures {
		t.Run(f.name, func(t *testing.T) { b.fails(t, f) })
	}
	t.Run("a full disk", b.fillsUp)
	t.Run("killed from elsewhere", b.isKilled)
	t.Run("clients that are turned away", b.turnsAway)
}

func TestMemberFailures(t *testing.T) {
	t.Parallel()
	b := newBroken(t, Wish{Admin: true, Extra: []Setting{{"standaloneEnabled", "false"}}})
	for _, f := range memberFailures {
		t.Run(f.name, func(t *testing.T) { b.fails(t, f) })
	}
}

// fails makes the server fail, and looks at what is said of it.
func (b *broken) fails(t *testing.T, f failure) {
	b.t = t
	defer b.restore()
	f.make(b)
	b.start()
	if f.code == 0 {
		w := b.Watch(WatchOptions{})
		defer w.Close()
		awaitStatus(t, w, "trouble: "+f.why, func(st Status) bool { return strings.Contains(st.Servers[0].Trouble, f.why) })
		return
	}
	var failed *FailedError
	_, err := b.AwaitServing(t.Context(), nil)
	if err == nil { // it has served before it gave up
		b.ends(f.code, "", f.why)
		return
	}
	if !errors.As(err, &failed) {
		t.Fatalf("waiting for it ended with %v\n%s", err, b.log())
	}
	x := failed.Status.Servers[0].Exit
	if failed.Server != 1 || x == nil || x.Code != f.code || x.ByUs || !strings.Contains(failed.Why, f.why) || failed.Mend == "" || failed.Line == "" {
		t.Errorf("%+v\nexit %+v\n%s", failed, x, b.log())
	}
}

// A disk that is full when something is written: the next transaction log is one.
func (b *broken) fillsUp(t *testing.T) {
	b.t = t
	defer b.restore()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	b.start()
	b.serves()
	for n := range 20 { // the log is named after the first zxid in it
		_ = os.Symlink("/dev/full", filepath.Join(b.version2(), "log."+strconv.FormatInt(int64(n), 16)))
	}
	defer b.hello().Close() // a session is something to write
	b.ends(1, "", "the disk of its data is full")
}

func (b *broken) isKilled(t *testing.T) {
	b.t = t
	defer b.restore()
	b.start()
	b.serves()
	p, err := b.process(1)
	if err != nil {
		t.Fatal(err)
	}
	held, err := os.FindProcess(p.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Kill(); err != nil {
		t.Fatal(err)
	}
	b.ends(137, "SIGKILL", "kill -9 from elsewhere")
}

// ends waits until the server has ended, in this way.
func (b *broken) ends(code int, signal, why string) {
	b.t.Helper()
	var x *Exit
	eventually(b.t, "it ends", func() bool {
		st, err := b.Status(b.t.Context())
		if err == nil {
			x = st.Servers[0].Exit
		}
		return x != nil
	})
	if x.Code != code || x.Signal != signal || x.ByUs || !strings.Contains(x.Why, why) {
		b.t.Errorf("it ended with %+v\n%s", x, b.log())
	}
}

// Clients that a server turns away are told of, with what they are.
func (b *broken) turnsAway(t *testing.T) {
	b.t = t
	defer b.restore()
	b.start()
	b.serves()
	w := b.Watch(WatchOptions{})
	defer w.Close()
	awaitStatus(t, w, "that it serves", func(st Status) bool { return st.Quorum })
	for _, hello := range []string{"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "SSH-2.0-OpenSSH_9.2\r\n"} {
		conn, err := net.Dial("tcp", b.plan.Members[0].Addr())
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.Write([]byte(hello))
		if err == nil {
			_, _ = conn.Read(make([]byte, 1)) // until it hangs up
		}
		conn.Close()
	}
	conn := b.hello()
	defer conn.Close()
	_, err := conn.Read(make([]byte, 100)) // the session
	b.must(err)
	_, err = conn.Write([]byte{0, 0x20, 0, 0}) // a request of 2 MiB begins
	b.must(err)
	w.Poke()
	for _, what := range []string{"an HTTP client", "a TLS client", `began with "SSH-"`, "is more than jute.maxbuffer allows"} {
		awaitEvent(t, w, 0, what, func(e Event) bool { return e.Kind == "failed" && e.Server == 1 && strings.Contains(e.Text, what) })
	}
}
