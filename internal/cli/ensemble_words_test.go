package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/config/zoocfg"
)

// noon is when the tests of words look.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// afterKill is an ensemble whose leader was killed and whose fourth server fails.
func afterKill() (*ensemble.Plan, ensemble.Status) {
	plan := &ensemble.Plan{Name: "demo", Dir: "/srv/demo"}
	plan.ZooKeeper.Version = "3.8.0"
	s := ensemble.Status{Name: "demo", Connect: "127.0.0.1:2181,127.0.0.1:2182", Quorum: true, Need: 2, Up: 2, Voters: 3}
	s.Servers = []ensemble.ServerStatus{
		{ID: 1, State: ensemble.Follower, Pid: 4711, Client: 2181, Quorum: 2888, Election: 3888, Zxid: "0x300000007", Started: noon.Add(-130 * time.Second), Conns: 3, RSS: 61 << 20},
		{ID: 2, State: ensemble.Leader, Pid: 4712, Client: 2182, Quorum: 2889, Election: 3889, Zxid: "0x300000007", Started: noon.Add(-130 * time.Second), RSS: 62 << 20},
		{ID: 3, State: ensemble.Exited, Client: 2183, Quorum: 2890, Election: 3890, Exit: &ensemble.Exit{Code: 137, Signal: "SIGKILL", At: noon.Add(-4 * time.Second), ByUs: true}},
		{ID: 4, Observer: true, State: ensemble.Exited, Client: 2184, Quorum: 2891, Election: 3891, Exit: &ensemble.Exit{
			Code: 1, At: noon.Add(-2 * time.Minute), Line: "BindException: \x1b[31mAddress already in use", Why: "its client port 2184 is taken", Mend: "end what listens there",
		}},
		{ID: 5, Observer: true, State: ensemble.Hung, Paused: true, Pid: 4715, Client: 2185, Quorum: 2892, Election: 3892, Trouble: "paused"},
	}
	return plan, s
}

func TestStatusText(t *testing.T) {
	plan, s := afterKill()
	want := `demo  serving, 2 of 3 voters are up and 2 are needed
127.0.0.1:2181,127.0.0.1:2182
/srv/demo, ZooKeeper 3.8.0

ID    STATE               PID  CLIENT  QUORUM  ELECT  ZXID           UP  CONN     MEM
 1  ● follower           4711    2181    2888   3888  0x300000007  2:10     3  61 MiB
 2  ◆ leader             4712    2182    2889   3889  0x300000007  2:10     0  62 MiB
 3  ✕ killed                -    2183    2890   3890  -               -     -       -
     killed as asked, 4 s ago
 4  ✕ exited (observer)     -    2184    2891   3891  -               -     -       -
     ended with exit code 1, 2 m ago: its client port 2184 is taken
     its log: BindException: \x1b[31mAddress already in use
     mend: end what listens there
 5  ▲ paused (observer)  4715    2185    2892   3892  -               -     -       -
     paused
`
	if got := statusText(plan, s, noon); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestStatusFits sees that an ordinary ensemble fits a terminal of 80 columns.
func TestStatusFits(t *testing.T) {
	plan, s := afterKill()
	s.Servers = s.Servers[:3]
	for line := range strings.Lines(statusText(plan, s, noon)) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestQuorumText(t *testing.T) {
	up, down := ensemble.ServerStatus{State: ensemble.Electing}, ensemble.ServerStatus{State: ensemble.Exited}
	for want, s := range map[string]ensemble.Status{
		"no server runs":               {Servers: []ensemble.ServerStatus{down}, Voters: 1, Need: 1},
		"serving":                      {Quorum: true, Servers: []ensemble.ServerStatus{up}, Voters: 1, Need: 1, Up: 1},
		"not serving":                  {Servers: []ensemble.ServerStatus{up}, Voters: 1, Need: 1},
		"serving, all 3 voters are up": {Quorum: true, Servers: []ensemble.ServerStatus{up}, Voters: 3, Need: 2, Up: 3},
		"no leader, 3 of 3 voters run and 2 are needed":  {Servers: []ensemble.ServerStatus{up, up, up}, Voters: 3, Need: 2},
		"no quorum, 1 of 3 voters runs and 2 are needed": {Servers: []ensemble.ServerStatus{up, down}, Voters: 3, Need: 2, Up: 1},
	} {
		if got := quorumText(s); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRolesText(t *testing.T) {
	_, s := afterKill()
	if got, want := rolesText(s), "server 2 leads, server 1 follows, server 5 hangs, servers 3 and 4 are down"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestListText(t *testing.T) {
	got := listText([]listedJSON{
		{Name: "demo", State: "serving", Running: 2, Servers: 3, Leader: 2, Connect: "127.0.0.1:2181,127.0.0.1:2182"},
		{Name: "gone", State: stateBroken, Dir: "/srv/gone", Error: "the folder is\x1b gone"},
		{Name: "old", State: "stopped", Servers: 1, Connect: "127.0.0.1:2190"},
	}, []ensemble.Orphan{{Pid: 4711, Config: "/tmp/x/server1/zoo.cfg", Name: "x"}})
	want := `  NAME  STATE    RUN     LEADER  CONNECT
● demo  serving  2 of 3       2  127.0.0.1:2181,127.0.0.1:2182
✕ gone  broken   -            -
     the folder is\x1b gone
     /srv/gone
○ old   stopped  0 of 1       -  127.0.0.1:2190

Servers that belong to no ensemble; zkdeck ensemble down --orphans ends them:
 PID  WAS OF  ZOO.CFG
4711  x       /tmp/x/server1/zoo.cfg
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := listText(nil, nil); !strings.Contains(got, "zkdeck ensemble up starts one") {
		t.Error(got)
	}
}

func TestParseServers(t *testing.T) {
	for text, want := range map[string]serverWords{
		"":           {all: true},
		"all":        {all: true},
		"2":          {ids: []int{2}},
		"3,1 3":      {ids: []int{3, 1}},
		"leader 1":   {leader: true, ids: []int{1}},
		"leader,all": {leader: true, all: true},
	} {
		got, err := parseServers(strings.Fields(text))
		if err != nil || got.all != want.all || got.leader != want.leader || len(got.ids) != len(want.ids) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "-1", "1,", "1.5", "\x1b[2J"} {
		if _, err := parseServers([]string{text}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// TestRefused sees that what is wrong with each server's file is told once, and that
// nothing of a file reaches a terminal as it stands there.
func TestRefused(t *testing.T) {
	wrong := zoocfg.Finding{Severity: zoocfg.Error, File: "/a/zoo.cfg", Line: 5, What: "\"\x1b[2J\" is no number", Effect: "it does not start", Mend: "write one"}
	same, other, warning := wrong, wrong, wrong
	same.File, other.Line, warning.Severity = "/b/zoo.cfg", 6, zoocfg.Warning
	warning.What = "a warning"
	var errs bytes.Buffer
	j := &ensembleJob{job: &job{errs: &errs}}
	err := j.judge([]zoocfg.Finding{wrong, same, other, warning})
	want := `/a/zoo.cfg:5: "\x1b[2J" is no number
  it does not start
  mend: write one
/a/zoo.cfg:6: "\x1b[2J" is no number
  it does not start
  mend: write one`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got, want := errs.String(), "zkdeck: warning: /a/zoo.cfg:5: a warning: it does not start; write one\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := j.judge([]zoocfg.Finding{warning}); err != nil {
		t.Error(err)
	}
}
