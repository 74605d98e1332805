package sandbox

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"zkdeck/zkview/wire"
)

// fourLetter asks a word.
func fourLetter(t *testing.T, s *Server, word string) string {
	t.Helper()
	c := dial(t, s)
	if _, err := c.socket.Write([]byte(word)); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(c.socket)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// lives is a server with a client on a socket and one within, an ephemeral and
// watches.
func lives(t *testing.T) (*Server, *raw, *Client) {
	t.Helper()
	s := start(t, Options{})
	c := dialSession(t, s)
	inside, err := s.Open("10.1.2.3:4711", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inside.Create("/e", nil, Ephemeral); err != nil {
		t.Fatal(err)
	}
	if _, _, err := inside.Get("/e", func() {}); err != nil {
		t.Fatal(err)
	}
	c.ask(wire.OpExists, pathWatch("/e", true))
	c.ask(wire.OpExists, pathWatch("/none", true))
	return s, c, inside
}

func TestSrvrAndStat(t *testing.T) {
	s, _, _ := lives(t)
	for _, word := range []string{"srvr", "stat"} {
		text := fourLetter(t, s, word)
		info, err := wire.ParseSrvr(text)
		want := wire.ServerInfo{
			Product: "Zookeeper", Version: "3.8.0", Mode: "standalone", Zxid: 3, NodeCount: 6, Connections: 3,
		}
		if err != nil || info != want {
			t.Errorf("%s: %+v %v, want %+v", word, info, err, want)
		}
		if !regexp.MustCompile(`^Zookeeper version: 3\.8\.0-zkdeck-sandbox, built on \d{4}-\d\d-\d\d \d\d:\d\d UTC\n`).MatchString(text) {
			t.Errorf("%s does not say what it is: %s", word, text)
		}
		if !regexp.MustCompile(`\nLatency min/avg/max: \d+/\d+\.\d+/\d+\nReceived: \d+\nSent: \d+\n`).MatchString(text) {
			t.Errorf("%s: %s", word, text)
		}
	}
	if text := fourLetter(t, s, "stat"); !strings.Contains(text, "Clients:\n /127.0.0.1:") ||
		!strings.Contains(text, "\n /10.1.2.3:4711[1](queued=0,recved=2,sent=2)\n") {
		t.Error(text)
	}
}

// go-zookeeper's own parsers know the form of versions before 3.7.
func TestFourLettersOfGoZookeeper(t *testing.T) {
	s, c, _ := lives(t)
	if err := s.SetVersion("3.6.3"); err != nil {
		t.Fatal(err)
	}
	back := dial(t, s)
	back.hello(hello{session: c.session, secret: c.secret})
	stats, ok := zk.FLWSrvr([]string{s.Addr()}, time.Minute)
	if !ok || stats[0].Error != nil || stats[0].Version != "3.6.3-zkdeck-sandbox" || stats[0].Mode != zk.ModeStandalone || stats[0].NodeCount != 6 {
		t.Errorf("%+v", stats[0])
	}
	if up := zk.FLWRuok([]string{s.Addr()}, time.Minute); !up[0] {
		t.Error("not ok")
	}
	clients, _ := zk.FLWCons([]string{s.Addr()}, time.Minute) // fails for its own line, as with the real one
	var ids []int64
	for _, c := range clients[0].Clients {
		ids = append(ids, c.SessionID)
	}
	if !slices.Contains(ids, c.session) {
		t.Errorf("sessions %x, want %x", ids, c.session)
	}
}

func TestCons(t *testing.T) {
	s, c, inside := lives(t)
	text := fourLetter(t, s, "cons")
	line := regexp.MustCompile(`(?m)^ /([\d.]+:\d+)\[1\]\(queued=0,recved=\d+,sent=\d+,sid=0x([0-9a-f]+),lop=(\w+),est=\d{13},to=(\d+),lcxid=0x\d,lzxid=0x3,lresp=\d{13},llat=\d+,minlat=\d+,avglat=\d+,maxlat=\d+\)$`)
	got := line.FindAllStringSubmatch(text, -1)
	if len(got) != 2 {
		t.Fatalf("%d lines: %s", len(got), text)
	}
	want := [][]string{
		{c.socket.LocalAddr().String(), fmt.Sprintf("%x", c.session), "EXIS", "10000"},
		{"10.1.2.3:4711", fmt.Sprintf("%x", inside.Session()), "GETD", "40000"},
	}
	for i := range want {
		if !slices.Equal(got[i][1:], want[i]) {
			t.Errorf("%q, want %q", got[i][1:], want[i])
		}
	}
	if !regexp.MustCompile(`(?m)^ /127\.0\.0\.1:\d+\[0\]\(queued=0,recved=1,sent=0\)$`).MatchString(text) {
		t.Errorf("the asking connection: %s", text)
	}
	if got := fourLetter(t, s, "crst"); got != "Connection stats reset.\n" {
		t.Errorf("crst: %q", got)
	}
	if text := fourLetter(t, s, "cons"); !strings.Contains(text, "/10.1.2.3:4711[1](queued=0,recved=0,sent=0,sid=") ||
		!strings.Contains(text, "lop=NA") || strings.Contains(text, "lcxid") {
		t.Error(text)
	}
}

func TestDumpAndWatches(t *testing.T) {
	s, c, inside := lives(t)
	a, b := hex(c.session), hex(inside.Session())
	text := fourLetter(t, s, "dump")
	for _, want := range []string{
		"SessionTracker dump:\nSession Sets (", ")/(2):\n", " expire at ", "\t" + a + "\n", "\t" + b + "\n",
		"ephemeral nodes dump:\nSessions with Ephemerals (1):\n" + b + ":\n\t/e\nConnections dump:\nConnections Sets (",
		")/(3):\n", "\tip: /10.1.2.3:4711 sessionId: " + b + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("dump lacks %q: %s", want, text)
		}
	}
	if got := fourLetter(t, s, "wchs"); got != "2 connections watching 2 paths\nTotal watches:3\n" {
		t.Errorf("wchs: %q", got)
	}
	if got, want := fourLetter(t, s, "wchp"), "/e\n\t"+a+"\n\t"+b+"\n/none\n\t"+a+"\n\n"; got != want {
		t.Errorf("wchp: %q, want %q", got, want)
	}
	if got, want := fourLetter(t, s, "wchc"), a+"\n\t/e\n\t/none\n"+b+"\n\t/e\n\n"; got != want {
		t.Errorf("wchc: %q, want %q", got, want)
	}
}

// mntr is lines of key, tab and value, as Telegraf's and others' parsers want it.
func TestMntr(t *testing.T) {
	s, _, _ := lives(t)
	line := regexp.MustCompile(`^zk_(\w+)\t([\w.\-]+)`)
	got := map[string]string{}
	for text := range strings.Lines(fourLetter(t, s, "mntr")) {
		m := line.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("line %q", text)
		}
		got[m[1]] = m[2]
	}
	for key, want := range map[string]string{
		"version": "3.8.0-zkdeck-sandbox", "server_state": "standalone", "ephemerals_count": "1",
		"num_alive_connections": "3", "znode_count": "6", "watch_count": "3", "global_sessions": "2",
		"outstanding_requests": "0", "approximate_data_size": "46",
	} {
		if got[key] != want {
			t.Errorf("%s is %s, want %s", key, got[key], want)
		}
	}
}

func TestOtherFourLetters(t *testing.T) {
	s, _, _ := lives(t)
	for word, want := range map[string]string{
		"ruok": "imok", "isro": "rw", "dirs": "datadir_size: 0\nlogdir_size: 0\n", "srst": "Server stats reset.\n",
	} {
		if got := fourLetter(t, s, word); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
	for word, wants := range map[string][]string{
		"conf": {"clientPort=", "tickTime=2000\n", "minSessionTimeout=4000\n", "maxSessionTimeout=40000\n", "serverId=0\n"},
		"envi": {"Environment:\nzookeeper.version=3.8.0-zkdeck-sandbox, built on ", "\nhost.name=", "\nos.name="},
	} {
		text := fourLetter(t, s, word)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q: %s", word, want, text)
			}
		}
	}
}

// A word is followed by more, as by the end of a line that a person typed.
func TestFourLetterWithMore(t *testing.T) {
	s := start(t, Options{})
	if got := fourLetter(t, s, "ruok\r\n"); got != "imok" {
		t.Errorf("%q", got)
	}
}
