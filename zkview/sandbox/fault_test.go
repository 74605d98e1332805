package sandbox

import (
	"errors"
	"testing"
	"time"

	"zkdeck/zkview/wire"
)

func TestExpire(t *testing.T) {
	s := start(t, Options{})
	c, other := dialSession(t, s), dialSession(t, s)
	c.ask(wire.OpCreate, create("/e", Ephemeral))
	other.ask(wire.OpExists, pathWatch("/e", true))
	if !s.Expire(c.session) || s.Expire(c.session) || s.Expire(4711) {
		t.Error("Expire does not say what it did")
	}
	c.over()
	if kind, path := other.event(); kind != eventDeleted || path != "/e" {
		t.Errorf("event %d %s", kind, path)
	}
	if dial(t, s).hello(hello{session: c.session, secret: c.secret}) {
		t.Error("the session lives")
	}
}

func TestDropAll(t *testing.T) {
	s := start(t, Options{})
	a, b, early := dialSession(t, s), dialSession(t, s), dial(t, s)
	eventually(t, "all to be there", func() bool {
		s.connMu.Lock()
		defer s.connMu.Unlock()
		return len(s.peers) == 3
	})
	s.DropAll()
	for _, c := range []*raw{a, b, early} {
		c.over()
	}
	for _, c := range []*raw{a, b} {
		if !dial(t, s).hello(hello{session: c.session, secret: c.secret}) {
			t.Error("the session is lost")
		}
	}
}

func TestSetDelay(t *testing.T) {
	s := start(t, Options{})
	c := dialSession(t, s)
	const delay = 50 * time.Millisecond
	s.SetDelay(delay)
	begun := time.Now()
	c.begin(wire.OpCreate, create("/a", Persistent))
	c.begin(wire.OpGetData, pathWatch("/a", false))
	first, second := c.next(), c.next()
	if took := time.Since(begun); took < delay {
		t.Errorf("answered after %v", took)
	}
	if first.xid != 1 || second.xid != 2 || second.code != 0 {
		t.Errorf("replies %+v %+v", first, second)
	}
	s.SetDelay(0)
	c.alive()

	// What is held does not hold up the end.
	s.SetDelay(time.Hour)
	c.begin(wire.OpPing, nil)
	eventually(t, "the reply to be held", func() bool { return connOf(t, s, c.session).out.waiting() > 0 })
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	c.over()
}

func TestSetRefuse(t *testing.T) {
	s := start(t, Options{})
	before := dialSession(t, s)
	s.SetRefuse(true)
	refused := dial(t, s)
	refused.over()
	before.alive()
	s.SetRefuse(false)
	dialSession(t, s).alive()
}

func TestSetServing(t *testing.T) {
	now := newServedClock()
	s := start(t, Options{Now: now.Now})
	c := dialSession(t, s)
	c.ask(wire.OpCreate, create("/e", Ephemeral))
	inside, err := s.Open("10.0.0.1:1", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	s.SetServing(false)
	c.over()
	refused := dial(t, s)
	refused.send(hello{}.encode())
	refused.over()
	if _, _, err := inside.Get("/e", nil); !errors.Is(err, wire.ConnectionLoss) {
		t.Errorf("a client within reads: %v", err)
	}
	if _, err := s.Open("10.0.0.1:2", time.Minute); !errors.Is(err, wire.ConnectionLoss) {
		t.Errorf("a client within opens: %v", err)
	}
	for word, want := range map[string]string{
		"ruok": "imok", "isro": "null",
		"srvr": "This ZooKeeper instance is not currently serving requests\n",
		"mntr": "This ZooKeeper instance is not currently serving requests\n",
	} {
		if got := fourLetter(t, s, word); got != want {
			t.Errorf("%s: %q", word, got)
		}
	}
	now.add(time.Hour)
	s.expireDue()
	s.SetServing(true)
	s.expireDue()
	back := dial(t, s)
	if !back.hello(hello{session: c.session, secret: c.secret}) {
		t.Fatal("the session has expired without a quorum")
	}
	if a := back.ask(wire.OpExists, pathWatch("/e", false)); a.code != 0 {
		t.Errorf("its ephemeral: %v", a.code)
	}
	if _, _, err := inside.Get("/e", nil); err != nil {
		t.Error(err)
	}
}

func TestSetReadOnly(t *testing.T) {
	s := start(t, Options{})
	c := dialSession(t, s)
	zxid := c.ask(wire.OpCreate, create("/a", Persistent)).zxid
	s.SetReadOnly(true)
	c.over()

	for name, h := range map[string]hello{
		"one that does not want it": {},
		"an old one":                {old: true},
		"a session of the ensemble": {session: c.session, secret: c.secret, readOnly: true},
	} {
		refused := dial(t, s)
		refused.send(h.encode())
		if body, err := refused.frame(); err == nil {
			t.Errorf("%s: % x", name, body)
		}
	}
	ro := dial(t, s)
	if !ro.hello(hello{readOnly: true}) || !ro.readOnly {
		t.Fatal("no read-only session")
	}
	if a := ro.ask(wire.OpGetData, pathWatch("/a", true)); a.code != 0 || a.zxid != zxid {
		t.Errorf("read %v at %x, want %x", a.code, a.zxid, zxid)
	}
	for op, body := range map[wire.OpCode]func(*wire.Encoder){
		wire.OpCreate: create("/b", Persistent), wire.OpSetData: setData("/a", "x"), wire.OpDelete: pathInt("/a", -1),
		wire.OpSync: path("/"), wire.OpMulti: func(e *wire.Encoder) { multiHeader(e, wire.OpError, true, -1) },
		wire.OpReconfig: nil, wire.OpCheck: pathInt("/a", 0), wire.OpSetACL: nil,
	} {
		if a := ro.ask(op, body); a.code != wire.NotReadOnly || a.zxid != zxid || len(a.body) != 0 {
			t.Errorf("%v: %+v", op, a)
		}
	}
	if isro, srvr := fourLetter(t, s, "isro"), fourLetter(t, s, "srvr"); isro != "ro" {
		t.Errorf("isro: %q", isro)
	} else if info, err := wire.ParseSrvr(srvr); err != nil || !info.ReadOnly || info.Version != "3.8.0" {
		t.Errorf("srvr: %+v %v", info, err)
	}
	other := dial(t, s)
	other.hello(hello{readOnly: true})
	if a := other.ask(wire.OpCloseSession, nil); a.code != 0 || a.zxid != zxid {
		t.Errorf("close: %+v", a)
	}
	other.over()

	s.SetReadOnly(false)
	ro.over()
	if dial(t, s).hello(hello{session: ro.session, secret: ro.secret, readOnly: true}) {
		t.Error("the session of the read-only mode lives on")
	}
	back := dial(t, s)
	if !back.hello(hello{session: c.session, secret: c.secret, readOnly: true}) || back.readOnly {
		t.Error("the session is lost, or still read-only")
	}
}

func TestVersions(t *testing.T) {
	newer := map[wire.OpCode]int{
		wire.OpCreate2: 5, wire.OpReconfig: 5, wire.OpCheckWatches: 5, wire.OpRemoveWatches: 5,
		wire.OpCreateContainer: 5, wire.OpDeleteContainer: 5, wire.OpCreateTTL: 5, wire.OpMultiRead: 6,
		wire.OpGetEphemerals: 6, wire.OpGetAllChildrenNumber: 6, wire.OpSetWatches2: 6,
		wire.OpAddWatch: 6, wire.OpWhoAmI: 7,
	}
	s := start(t, Options{Version: "3.4.14"})
	for _, version := range []string{"3.4.14", "3.5.9", "3.6.3", "3.8.0"} {
		before := dialSession(t, s)
		if err := s.SetVersion(version); err != nil {
			t.Fatal(err)
		}
		before.over()
		acts, err := parseRelease(version)
		if err != nil {
			t.Fatal(err)
		}
		for op, since := range newer {
			c := dialSession(t, s)
			a := c.ask(op, nil)
			if unknown := a.code == wire.Unimplemented; unknown != (acts.minor < since) {
				t.Errorf("%s: %v is answered %v", version, op, a.code)
			}
			if a.code == wire.Unimplemented {
				c.over()
			} else {
				c.alive()
			}
		}
		if info, err := wire.ParseSrvr(fourLetter(t, s, "srvr")); err != nil || info.Version != version {
			t.Errorf("srvr of %s: %+v %v", version, info, err)
		}
	}
	multi := func(e *wire.Encoder) {
		multiHeader(e, wire.OpCreate2, false, -1)
		create("/x", Persistent)(e)
		multiHeader(e, wire.OpError, true, -1)
	}
	if a := dialSession(t, s).ask(wire.OpMulti, multi); a.code != 0 {
		t.Errorf("create2 within a multi: %v", a.code)
	}
	if err := s.SetVersion("3.4.0"); err != nil {
		t.Fatal(err)
	}
	if a := dialSession(t, s).ask(wire.OpMulti, multi); a.code != wire.MarshallingError {
		t.Errorf("create2 within a multi of 3.4: %v", a.code)
	}
	if err := s.SetVersion("4.0"); err == nil {
		t.Error("there is no 4.0")
	}
}
