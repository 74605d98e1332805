package zkview

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"zkdeck/internal/safetext"
	"zkdeck/internal/zktest"
	"zkdeck/zkview/sandbox"
)

const consText = ` /127.0.0.1:35902[1](queued=0,recved=2,sent=2,sid=0x2000015bf180000,lop=CREA,est=1795348322065,to=10000,lcxid=0x1,lzxid=0x100000005,lresp=1426149,llat=15,minlat=0,avglat=9,maxlat=15)
 /[0:0:0:0:0:0:0:1]:4711[1](queued=0,recved=2,sent=2,sid=0xffffffffffffffff,lop=NA,est=1,to=10000,lresp=1,llat=1,minlat=0,avglat=0,maxlat=1)
 /0:0:0:0:0:0:0:1:4712[1](queued=0,recved=2,sent=2,sid=0x3,lop=NA,est=2,to=10000,lresp=1,llat=1,minlat=0,avglat=0,maxlat=1)
 host.example/10.0.0.7:1[1](queued=0,recved=2,sent=2,sid=0x4,lop=NA,est=2,to=1,lresp=1,llat=1,minlat=0,avglat=0,maxlat=1)
 /10.0.0.8:1[1](queued=0,recved=2,sent=2,sid=0x4,lop=NA,est=1,to=1,lresp=1,llat=1,minlat=0,avglat=0,maxlat=1)
 /127.0.0.1:35904[0](queued=0,recved=1,sent=0)
 null[1](queued=0,recved=2,sent=2,sid=0x5,lop=NA,est=1,to=1,lresp=1,llat=1,minlat=0,avglat=0,maxlat=1)

`

func addressesOf(connections map[int64]Connection) map[int64]string {
	m := map[int64]string{}
	for id, c := range connections {
		m[id] = c.Address
	}
	return m
}

func TestParseCons(t *testing.T) {
	got, err := parseCons(consText, false)
	want := map[int64]string{0x2000015bf180000: "127.0.0.1:35902", -1: "[::1]:4711", 3: "[::1]:4712", 4: "10.0.0.7:1"}
	if err != nil || !maps.Equal(addressesOf(got), want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	if since := got[0x2000015bf180000].Since; since.UnixMilli() != 1795348322065 {
		t.Error(since)
	}
	cut := consText[:strings.Index(consText, "sid=0xfff")+5]
	if got, err := parseCons(cut, true); err != nil || len(got) != 1 {
		t.Errorf("cut: %v %v", got, err)
	}
	for _, wrong := range []string{
		cut, "HTTP/1.1 400 Bad Request\n", "/a\n\t0x1\n", " /1.2.3.4:5[1](queued=0,sid=0xg)", " /1.2.3.4:5[1](queued=0,sid=0x10000000000000000)", "](",
	} {
		if got, err := parseCons(wrong, false); !errors.Is(err, ErrNotAnAnswer) {
			t.Errorf("%q: %v %v", wrong, got, err)
		}
	}
	for _, hostile := range []string{"a\x1b[2J", "\u202eevil", "1.2.3.4%\x1b]0;x\x07", "fe80::1%\x1b[m"} {
		if got, err := parseCons(" /"+hostile+":7[1](sid=0x1)\n", false); err != nil || len(got) != 0 {
			t.Errorf("%q: %v %v", hostile, got, err)
		}
	}
}

func TestParseDump(t *testing.T) {
	const rest = "ephemeral nodes dump:\nSessions with Ephemerals (1):\n0x9:\n\t/app/e1\n"
	const connections = "Connections dump:\nConnections Sets (1)/(3):\n3 expire at Sun Nov 22 11:52:11 UTC 2026:\n" +
		"\tip: /127.0.0.1:35902 sessionId: 0x1\n\tip: /127.0.0.1:35903 sessionId: 0x0\n\tip: /[0:0:0:0:0:0:0:1]:4 sessionId: 0x2\n"
	for _, test := range []struct {
		name, text  string
		sessions    []int64 // nil: not known
		connections map[int64]string
	}{
		{
			"a leader", "SessionTracker dump:\nSession Sets (2)/(3):\n1 expire at Sun Nov 22 11:52:11 UTC 2026:\n\t0x1\n2 expire at x:\n\t0x2\n\t0xfffffffffffffffe\n" + rest + connections,
			[]int64{-2, 1, 2},
			map[int64]string{1: "127.0.0.1:35902", 2: "[::1]:4"},
		},
		{"a leader with local sessions", "SessionTracker dump:\nLocal Session Sets (1)/(1):\n1 expire at x:\n\t0x7\nGlobal Session Sets (1)/(1):\n1 expire at x:\n\t0x1\n" + rest, []int64{1, 7}, nil},
		{"a follower", "SessionTracker dump:\nGlobal Sessions(2):\n0x1\t10000ms\n0x2\t4000ms\n" + rest + connections, []int64{1, 2}, map[int64]string{1: "127.0.0.1:35902", 2: "[::1]:4"}},
		{"nobody, on Netty", "SessionTracker dump:\nSession Sets (0)/(0):\n" + rest + "Connections dump:\n", []int64{}, nil},
		{"a follower of 3.4", "SessionTracker dump:\norg.apache.zookeeper.server.quorum.LearnerSessionTracker@1b2c3d\n" + rest, nil, nil},
	} {
		d, err := parseDump(test.text)
		if got := slices.Sorted(maps.Keys(d.sessions)); err != nil || !slices.Equal(got, test.sessions) || (d.sessions == nil) != (test.sessions == nil) {
			t.Errorf("%s: sessions %x %v, want %x", test.name, got, err, test.sessions)
		}
		if got := addressesOf(d.connections); !maps.Equal(got, test.connections) || (d.connections == nil) != (test.connections == nil) {
			t.Errorf("%s: connections %v, want %v", test.name, got, test.connections)
		}
	}
	for _, wrong := range []string{"", "\n", "imok", "SessionTracker dump:\nSession Sets (1)/(1):\n1 expire at x:\n\t0x1\n"} {
		if d, err := parseDump(wrong); !errors.Is(err, ErrNotAnAnswer) {
			t.Errorf("%q: %v %v", wrong, d, err)
		}
	}
}

func TestParseWatches(t *testing.T) {
	const text = "/a\n\t0x1\n\t0x8000000000000000\n/ab\n\t0x2\n/a/b c\n\t0x3\n/z\n\n"
	for _, test := range []struct {
		chroot, want string
	}{
		{"", "map[/a:[1 -9223372036854775808] /a/b c:[3] /ab:[2]]"},
		{"/a", "map[/:[1 -9223372036854775808] /b c:[3]]"},
		{"/none", "map[]"},
	} {
		if got, err := parseWatches(text, test.chroot, false); err != nil || fmt.Sprint(got) != test.want {
			t.Errorf("%s: %v %v", test.chroot, got, err)
		}
	}
	if got, err := parseWatches("/a\n\t0x1\n\t0x2", "", true); err != nil || len(got["/a"]) != 1 {
		t.Errorf("cut: %v %v", got, err)
	}
	for _, wrong := range []string{"\t0x1\n", "/a\n\t0xy\n", "/a\n0x1\n", "0x1\n\t/a\n"} {
		if got, err := parseWatches(wrong, "", false); !errors.Is(err, ErrNotAnAnswer) {
			t.Errorf("%q: %v %v", wrong, got, err)
		}
	}
}

// What servers say may be anything: it must not panic, and be safe to print.
func FuzzCensus(f *testing.F) {
	for _, text := range []string{
		consText, "SessionTracker dump:\nSession Sets (1)/(1):\n\t0x1\nephemeral nodes dump:\nConnections dump:\nConnections Sets (1)/(1):\n\tip: /1.2.3.4:5 sessionId: 0x1\n",
		"/a\n\t0x1\n", "server.1=[::1]:2888:3888|h:1:2:participant;0.0.0.0:2181;[::]:2281\n",
		`{"connections":[{"remote_socket_address":"127.0.0.1:1","session_id":1,"established":1}],"error":null}`,
	} {
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, flag bool) {
		var found []string
		if m, err := parseCons(text, flag); err == nil {
			found = slices.AppendSeq(found, maps.Values(addressesOf(m)))
		}
		if d, err := parseDump(text); err == nil {
			found = slices.AppendSeq(found, maps.Values(addressesOf(d.connections)))
		}
		if m, err := parseWatches(text, "/a", flag); err == nil {
			for path := range m {
				if path == "" || path[0] != '/' {
					t.Errorf("a path %q", path)
				}
			}
		}
		var v adminAnswer
		if err := readAdmin([]byte(text), &v); err == nil {
			found = slices.AppendSeq(found, maps.Values(addressesOf(v.connections())))
		} else if said := (&CensusError{Word: "cons", Address: "a:1", Err: err}).Error(); strings.ContainsFunc(said, unicode.IsControl) {
			t.Errorf("%q", said)
		}
		for _, m := range parseMembers(text, flag) {
			found = append(found, m.label())
			if _, _, err := net.SplitHostPort(m.client); m.client != "" && err != nil {
				t.Errorf("%+v", m)
			}
		}
		for _, s := range found {
			if !safetext.IsSafe(s) {
				t.Errorf("%q is not safe", s)
			}
		}
	})
}

func TestParseMembers(t *testing.T) {
	const text = `server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181
server.2=zk2:2888:3888:observer;2182
server.3=[fd00::3]:2888:3888:participant;[::]:2183
server.4=zk4:2888:3888|zk4b:2889:3889:participant;10.9.9.9:2184;10.9.9.9:2284
server.5=zk5:2888:3888:participant
server.x=zk6:1:2;3
server.7=
server.8=:1:2
garbage
version=100000000
`
	want := []string{"server.1 10.0.0.1:2181", "server.2 zk2:2182", "server.3 [fd00::3]:2183", "server.4 10.9.9.9:2184", "server.5 "}
	var got []string
	members := parseMembers(text, false)
	for _, m := range members {
		got = append(got, m.id+" "+m.client)
	}
	if !slices.Equal(got, want) || !slices.Equal(members[3].hosts, []string{"zk4", "zk4b"}) {
		t.Errorf("%q, want %q", got, want)
	}
	if m := parseMembers(text, true); m[0].client != "" || m[3].client != "10.9.9.9:2284" {
		t.Errorf("with TLS: %+v", m)
	}
	many := strings.Repeat("server.1=a:1:2;3\n", 1000)
	if m := parseMembers(many, false); len(m) != censusMost {
		t.Error(len(m))
	}
}

// Which servers there are, by connect string, name server and configuration.
func TestCensusServers(t *testing.T) {
	names := map[string][]string{
		"both": {"::1", "127.0.0.1"}, "cluster": {"10.0.0.1", "10.0.0.2", "10.0.0.3"}, "mixed": {"10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"},
		"zk1": {"10.0.0.1"}, "zk2": {"10.0.0.2"}, "zk3": {"10.0.0.3"},
	}
	const config = "server.1=zk1:1:2:participant;0.0.0.0:2181\nserver.2=zk2:1:2:participant;0.0.0.0:2181\nserver.3=zk3:1:2:participant;0.0.0.0:2181\n"
	const static = "server.1=zk1:1:2:participant\nserver.2=zk2:1:2:participant\n"
	for _, test := range []struct {
		servers, pin, config string
		want, unasked        []string
	}{
		{"both:2181", "", "", []string{"both:2181[127.0.0.1:2181 [::1]:2181]"}, nil},
		{"both:2181,127.0.0.1:2181", "", "", []string{"both:2181[127.0.0.1:2181 [::1]:2181]"}, nil},
		{"none:2181", "", "", []string{"none:2181[none:2181]"}, nil},
		{"cluster:2181", "", config, []string{"10.0.0.1:2181[10.0.0.1:2181]", "10.0.0.2:2181[10.0.0.2:2181]", "10.0.0.3:2181[10.0.0.3:2181]"}, nil},
		{"mixed:2181", "", "", []string{"10.0.0.1:2181[10.0.0.1:2181]", "10.0.0.2:2181[10.0.0.2:2181]"}, nil},
		{"10.0.0.1:2181", "", config, []string{"10.0.0.1:2181[10.0.0.1:2181]", "zk2:2181[10.0.0.2:2181]", "zk3:2181[10.0.0.3:2181]"}, nil},
		{"zk1:2181", "zk2:2181", config, []string{"zk1:2181[10.0.0.1:2181]", "zk2:2181[10.0.0.2:2181]"}, []string{"server.3 (zk3) is not asked: the session is pinned to zk2:2181"}},
		{"zk1:2181", "", static, []string{"zk1:2181[10.0.0.1:2181]"}, []string{"server.2 (zk2) does not tell its client port in /zookeeper/config: name it in the connect string"}},
		{"zk1:2181,zk2:2182", "", static, []string{"zk1:2181[10.0.0.1:2181]", "zk2:2182[10.0.0.2:2182]"}, nil},
		// Two on one machine: one entry of the connect string stands for one of them.
		{"zk1:2181", "", static + "server.3=zk1:3:4:participant\n", []string{"zk1:2181[10.0.0.1:2181]"}, []string{
			"server.2 (zk2) does not tell its client port in /zookeeper/config: name it in the connect string",
			"server.3 (zk1) does not tell its client port in /zookeeper/config: name it in the connect string",
		}},
	} {
		parsed := must(ParseServers(test.servers))
		s := &Session{cfg: Config{Pin: test.pin}, servers: parsed, link: &link{}}
		s.hosts = newHosts(parsed.Hosts, func(_ context.Context, host string) ([]string, error) {
			if ips := names[host]; ips != nil {
				return ips, nil
			}
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		})
		servers, unasked := s.censusServers(t.Context(), test.config)
		var got []string
		for _, c := range servers {
			got = append(got, c.label+fmt.Sprint(c.addresses))
		}
		if !slices.Equal(got, test.want) || !slices.Equal(unasked, test.unasked) {
			t.Errorf("%s, pin %q:\n%q, want\n%q;\n%q, want\n%q", test.servers, test.pin, got, test.want, unasked, test.unasked)
		}
	}
}

// Looking for servers does not change by which name a certificate is checked.
func TestBehindKeepsNames(t *testing.T) {
	h := newHosts([]string{"zk1:2181"}, func(context.Context, string) ([]string, error) { return []string{"10.0.0.1"}, nil })
	h.advance(t.Context())
	h.behind(t.Context(), "10.0.0.1:2181")
	h.behind(t.Context(), "other:2181")
	if got := h.hostOf("10.0.0.1:2181"); got != "zk1" {
		t.Error(got)
	}
	if got := h.hostOf("10.0.0.1:2182"); got != "10.0.0.1" {
		t.Error(got)
	}
}

func TestCensusWithTLS(t *testing.T) {
	addr, client := tlsFront(t, zktest.Shared(t))
	s := openTuned(t, Config{Servers: addr, TLS: client}, censusTuning(patience))
	c := must(s.Census(testCtx(t), CensusOptions{Watches: true}))
	addresses, all := c.Addresses()
	if id := s.Status().SessionID; !all || addresses[id] == "" || !c.Sessions()[id] || len(c.Refusals()) != 0 {
		t.Errorf("%+v", c)
	}
}

// A census survives what answers in the place of servers.
func TestCensusOfStrangers(t *testing.T) {
	answers := func(text string) string {
		return serve(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4))
			_, _ = c.Write([]byte(text))
		})
	}
	addr := zktest.Shared(t)
	strangers := map[string]string{
		answers("HTTP/1.1 400 Bad Request\r\n\r\n"): "did not answer cons: it speaks HTTP",
		answers("\x00\xff\x1b[2J"):                  "did not answer cons: its answer is not understood",
		answers(""):                                 "did not answer cons: it closed the connection",
		answers("This ZooKeeper instance is not currently serving requests\n"): "did not answer cons: it is not serving requests (no quorum)",
		answers("cons is not executed because it is not in the whitelist.\n"):  "`cons`, `dump`, `srvr` and `wchp` are not in 4lw.commands.whitelist of",
	}
	servers := addr
	for stranger := range strangers {
		servers += "," + stranger
	}
	s := openTuned(t, Config{Servers: servers, Pin: addr}, censusTuning(patience))
	c := must(s.Census(testCtx(t), CensusOptions{Watches: true, AdminPort: 1}))
	for stranger, want := range strangers {
		r := answerOf(t, c, stranger).refusals()
		if len(r) != 1 || !strings.Contains(r[0], want) || !strings.Contains(r[0], stranger) {
			t.Errorf("%s: %q, want %q", stranger, r, want)
		}
	}
	if a := answerOf(t, c, addr); len(a.Errs) != 0 || a.Sessions == nil {
		t.Errorf("%+v", a)
	}
}

// Of a server that takes connections and says nothing, nothing is asked twice.
func TestCensusOfTheSilent(t *testing.T) {
	l := must(net.Listen("tcp", "127.0.0.1:0")) // the kernel takes them
	defer l.Close()
	addr, silent := zktest.Shared(t), l.Addr().String()
	s := openTuned(t, Config{Servers: addr + "," + silent, Pin: addr}, censusTuning(200*time.Millisecond))
	c := must(s.Census(testCtx(t), CensusOptions{Watches: true}))
	if r := answerOf(t, c, silent).refusals(); len(r) != 1 || r[0] != silent+" did not answer cons: no answer in time" {
		t.Errorf("%q", r)
	}
	last := must(net.Dial("tcp", silent))
	defer last.Close()
	asked := 0
	for c := must(l.Accept()); ; c = must(l.Accept()) {
		defer c.Close()
		if c.RemoteAddr().String() == last.LocalAddr().String() {
			break
		}
		asked++
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	s.Close()
	_, err := s.Census(testCtx(t), CensusOptions{})
	wantErr(t, err, ErrClosed)
}

// An answer of megabytes is taken in, one of more than 16 MiB up to there.
func TestCensusOfMany(t *testing.T) {
	server := must(sandbox.Start(sandbox.Options{}))
	t.Cleanup(func() { _ = server.Close() })
	line := strings.Repeat("x", 1000)
	var text strings.Builder
	for i := range 17_000 {
		fmt.Fprintf(&text, "/%s%d\n\t0x1\n", line, i)
	}
	front := serve(t, func(c net.Conn) {
		word := make([]byte, 4)
		_, _ = c.Read(word)
		if string(word) == "wchp" {
			_, _ = c.Write([]byte(text.String()))
		}
	})
	s := openTuned(t, Config{Servers: server.Addr() + "," + front, Pin: server.Addr()}, censusTuning(patience))
	c := must(s.Census(testCtx(t), CensusOptions{Watches: true}))
	a := answerOf(t, c, front)
	if n := len(a.Watches); n < 16_000 || n > 16_900 || a.answered("wchp") {
		t.Errorf("%d watches; %q", n, a.refusals())
	}
	if _, all := c.Watches(); all {
		t.Error("not all of them")
	}
}
