package zoocfg_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"zkdeck/config/zoocfg"
)

// anyText is text with much of what needs an escape.
var anyText = rapid.OneOf(
	rapid.String(),
	rapid.StringOf(rapid.SampledFrom([]rune(" \t\f\r\n\\=:#!aä😀\u0000\u007f\u2028u0\ufeff"))),
)

func TestParseOfRender(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) zoocfg.Entry {
			return zoocfg.Entry{
				Key: anyText.Draw(r, "key"), Value: anyText.Draw(r, "value"),
				Comment: rapid.OneOf(rapid.Just(""), anyText).Draw(r, "comment"),
			}
		}), 0, 8).Draw(r, "entries")
		text := zoocfg.Render(entries, zoocfg.RenderOptions{
			Explain: rapid.Bool().Draw(r, "explain"), Header: anyText.Draw(r, "header"),
		})
		c, err := zoocfg.Parse("zoo.cfg", text)
		if err != nil {
			r.Fatalf("%v: %q", err, text)
		}
		same := func(a, b zoocfg.Entry) bool { return a.Key == b.Key && a.Value == b.Value }
		if got := c.Entries(); !slices.EqualFunc(got, entries, same) {
			r.Fatalf("\n got %+v\nwant %+v\ntext %q", got, entries, text)
		}
	})
}

func TestRenderExplains(t *testing.T) {
	text := string(zoocfg.Render([]zoocfg.Entry{
		{Key: "tickTime", Value: "2000"},
		{Key: "initLimit", Value: "10"},
		{Key: "dataDir", Value: `C:\zk\dätä`},
		{Key: "my.own", Value: "1"},
		{Key: "4lw.commands.whitelist", Value: "*", Comment: "Asked by zkdeck."},
		{Key: "server.1", Value: "127.0.0.1:2888:3888;127.0.0.1:2181"},
		{Key: "server.2", Value: "127.0.0.1:2889:3889:observer;127.0.0.1:2182"},
	}, zoocfg.RenderOptions{Explain: true, Header: "Server 1 of demo\nWritten by zkdeck"}))
	want := `# Server 1 of demo
# Written by zkdeck

# The length of a tick in milliseconds, the unit of the limits below;
# heartbeats go out twice in it. Here: 2 s.
tickTime=2000

# How many ticks a follower may take to connect to the leader and fetch its
# data. Here: 20 s.
initLimit=10

# The folder of the snapshots and of the file myid; each server needs its own.
dataDir=C:\\zk\\d\u00e4t\u00e4
my.own=1

# Asked by zkdeck.
4lw.commands.whitelist=*

# A server of the ensemble by its myid: host:quorum port:election port, then
# :observer for one without a vote, then ;client port.
server.1=127.0.0.1:2888:3888;127.0.0.1:2181
server.2=127.0.0.1:2889:3889:observer;127.0.0.1:2182
`
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestEveryKnownKeyIsExplained(t *testing.T) {
	for _, key := range []string{"tickTime", "server.7", "group.1", "weight.2", "ssl.quorum.keyStore.location", "ssl.crl", "authProvider.1", "metricsProvider.x"} {
		if says := zoocfg.Explanation(key); says == "" || strings.HasSuffix(says, ".") {
			t.Errorf("%s: %q", key, says)
		}
	}
	if says := zoocfg.Explanation("tickTimes"); says != "" {
		t.Errorf("tickTimes: %q", says)
	}
}
