package zkview

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// censusTuning gives up silent servers soon; the answers themselves have long.
func censusTuning(silence time.Duration) tuning {
	t := testTuning
	t.censusSilence, t.censusLimit = silence, patience
	return t
}

// answerOf is the answer of the server with an address.
func answerOf(t *testing.T, c Census, address string) *ServerAnswer {
	t.Helper()
	for i := range c.Servers {
		if c.Servers[i].Address == address {
			return &c.Servers[i]
		}
	}
	t.Fatalf("%s was not asked: %+v", address, c)
	return nil
}

// ownAddress is that of a session's connection.
func ownAddress(s *Session) string { return wireOf(s).LocalAddr().String() }

// A session on each of three servers: each server tells its own connection and watches,
// the leader all sessions; one that is killed or silent is said so, and the others'
// answers stand.
func TestCensusOfAnEnsemble(t *testing.T) {
	e, ctx := zktest.Start(t, 3), testCtx(t)
	root := zktest.RootOn(t, e.Addr())
	leader := e.Leader()
	s := openTuned(t, Config{Servers: e.Addr() + root, Pin: leader.Addr(), Timeout: 30 * time.Second}, censusTuning(patience))
	others := map[*zktest.Server]*Session{}
	for _, server := range e.Servers() {
		o := openTest(t, Config{Servers: server.Addr() + root, Timeout: 30 * time.Second})
		must(o.Create(ctx, "/of-"+strconv.Itoa(server.ID()), nil, CreateOptions{Kind: Ephemeral}))
		_, _, err := o.WatchData(ctx, "/of-1")
		do(t, err)
		others[server] = o
	}
	do(t, s.Sync(ctx, "/"))

	c := must(s.Census(ctx, CensusOptions{Watches: true}))
	if len(c.Servers) != 3 || len(c.Refusals()) != 0 || c.Zxid == 0 || c.At.IsZero() {
		t.Errorf("%+v, refused: %q", c, c.Refusals())
	}
	addresses, all := c.Addresses()
	sessions := c.Sessions()
	for server, o := range others {
		id, mode := o.Status().SessionID, "follower"
		if server == leader {
			mode = "leader"
		}
		a := answerOf(t, c, server.Addr())
		if a.Mode != mode || a.Version != "3.8.0" || a.Connections[id].Address != ownAddress(o) || a.Connections[id].Since.IsZero() {
			t.Errorf("%s: %+v", server.Addr(), a)
		}
		if !sessions[id] || addresses[id] != ownAddress(o) || !all {
			t.Errorf("session %x of %s: %t, %s, all %t", id, server.Addr(), sessions[id], addresses[id], all)
		}
		if w := a.Watches["/of-1"]; len(w) != 1 || w[0] != id {
			t.Errorf("%s: watches %x", server.Addr(), a.Watches)
		}
	}
	if watches, all := c.Watches(); len(watches["/of-1"]) != 3 || !all {
		t.Errorf("%x, all %t", watches, all)
	}
	if !sessions[s.Status().SessionID] || len(addresses) < 4 {
		t.Errorf("%v %v", sessions, addresses)
	}

	follower := e.Server(0)
	if follower == leader {
		follower = e.Server(1)
	}
	follower.Pause()
	s.tune.censusSilence = 300 * time.Millisecond
	c = must(s.Census(ctx, CensusOptions{Watches: true}))
	want := follower.Addr() + " did not answer cons: no answer in time"
	if r := c.Refusals(); !slices.Contains(r, want) { // others may be slow
		t.Errorf("refused %q, want %q", r, want)
	}
	follower.Kill()
	s.tune.censusSilence = patience
	c = must(s.Census(ctx, CensusOptions{}))
	want = follower.Addr() + " did not answer cons: connection refused"
	if r := c.Refusals(); len(r) != 1 || r[0] != want {
		t.Errorf("refused %q, want %q", r, want)
	}
	if _, all := c.Addresses(); all {
		t.Error("all answered?")
	}
	if _, all := c.Watches(); all {
		t.Error("all watches, without asking")
	}
	if errs := answerOf(t, c, follower.Addr()).Errs; len(errs) != 2 || errs[0].Word != "cons" || errs[1].Word != "dump" {
		t.Errorf("%v", errs)
	}
	if !answerOf(t, c, leader.Addr()).Sessions[others[follower].Status().SessionID] {
		t.Error("the leader does not know the session of a client whose server was killed just now")
	}

	// Of the connect string of one server the configuration tells that there are others,
	// and not where: they have their client ports from zoo.cfg.
	one := openTest(t, Config{Servers: leader.Addr() + root})
	c = must(one.Census(ctx, CensusOptions{}))
	if _, all := c.Addresses(); all || len(c.Servers) != 1 || len(c.Unasked) != 2 ||
		!strings.Contains(c.Unasked[0], "(127.0.0.1) does not tell its client port in /zookeeper/config") {
		t.Errorf("%+v", c)
	}

	// Without a quorum there is no session; a census waits for one.
	for _, server := range e.Servers() {
		if server.Pid() != 0 && server != leader {
			server.Kill()
			break
		}
	}
	eventually(t, "suspend", inState(s, Suspended))
	short, cancel := context.WithCancel(ctx)
	done := make(chan error)
	go func() {
		_, err := s.Census(short, CensusOptions{})
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What the whitelist refuses the AdminServer tells, if it is that server's.
func TestCensusFromTheAdminServer(t *testing.T) {
	const only = "4lw.commands.whitelist=srvr"
	e, ctx := zktest.Start(t, 3, zktest.ConfigOf(2, only), zktest.ConfigOf(3, only), zktest.AdminServer(2)), testCtx(t)
	root := zktest.RootOn(t, e.Addr())
	s := openTuned(t, Config{Servers: e.Addr() + root, Timeout: 30 * time.Second}, censusTuning(patience))
	o := openTest(t, Config{Servers: e.Server(1).Addr() + root, Timeout: 30 * time.Second})
	must(o.Create(ctx, "/e", nil, CreateOptions{Kind: Ephemeral}))
	_, _, err := o.WatchData(ctx, "/e")
	do(t, err)
	for _, server := range e.Servers() { // to have heard of all sessions
		do(t, openTest(t, Config{Servers: server.Addr() + root}).Sync(ctx, "/"))
	}

	c := must(s.Census(ctx, CensusOptions{Watches: true, AdminPort: e.AdminPort()}))
	id := o.Status().SessionID
	a := answerOf(t, c, e.Server(1).Addr())
	if a.Connections[id].Address != ownAddress(o) || a.Connections[id].Since.IsZero() || len(a.Watches["/e"]) != 1 || a.Watches["/e"][0] != id {
		t.Errorf("%+v", a)
	}
	leads := a.Mode == "leader"
	if a.answered("dump") != leads || (a.Sessions != nil) != leads || !a.answered("cons") || !a.answered("wchp") {
		t.Errorf("%s: sessions %v, refused %q", a.Mode, a.Sessions, a.refusals())
	}
	if sessions := c.Sessions(); !sessions[id] || !sessions[s.Status().SessionID] {
		t.Errorf("%v", sessions)
	}
	a = answerOf(t, c, e.Server(2).Addr())
	want := "`cons`, `dump` and `wchp` are not in 4lw.commands.whitelist of " + a.Address
	if r := a.refusals(); len(r) != 1 || r[0] != want {
		t.Errorf("refused %q, want %q", r, want)
	}
	_, port, _ := net.SplitHostPort(e.Server(1).Addr())
	for _, err := range a.Errs {
		if !errors.Is(err, ErrNotWhitelisted) || err.Admin == nil || !strings.Contains(err.Admin.Error(), "belongs to the server with port "+port) ||
			err.Error() != "`"+err.Word+"` is not in 4lw.commands.whitelist of "+a.Address {
			t.Errorf("%v; %v", err, err.Admin)
		}
	}
	if a.Mode == "" {
		t.Error("srvr is always allowed")
	}
}
