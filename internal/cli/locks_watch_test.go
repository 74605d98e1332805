package cli

import (
	"strings"
	"testing"
	"time"

	"zkdeck/lockctl"
)

func TestLockEventLines(t *testing.T) {
	queued := lockNow.Add(-1500 * time.Millisecond)
	party := lockctl.Party{Node: "lock_id_1", Mode: lockctl.Exclusive, Session: 0x101, Identity: "cron\x1b", Address: "10.0.0.5:51234", Czxid: 0x2f0a1, Queued: queued}
	reader := lockctl.Party{Node: "__READ__\n1", Mode: lockctl.Read}
	hostile := "/uk/lock\x1b[2J"
	at := lockNow.Local().Format("15:04:05.000")
	before := lockNow.Add(-2500 * time.Millisecond)
	for _, c := range []struct {
		e          lockctl.Event
		text, json string
	}{
		{
			lockctl.Event{Kind: lockctl.EventGranted, Recipe: lockctl.Naive, Party: party, Waiting: 2},
			`granted  /uk/lock\x1b[2J  cron\x1b @ 10.0.0.5:51234  waited 1.5s  2 wait`,
			`"type":"granted","path":"/uk/lock\u001b[2J","recipe":"naive","node":"lock_id_1","session":"0x101","address":"10.0.0.5:51234","identity":"cron\u001b","mode":"exclusive","token":"0x2f0a1","queuedAt":"2026-03-04T05:06:05.5Z","since":null,"atLeast":false,"waiting":2,"why":null}`,
		},
		{
			lockctl.Event{Kind: lockctl.EventGranted, Party: reader, AtLeast: true, Waiting: 1},
			`granted  /uk/lock\x1b[2J  __READ__\n1  read  now or before  1 waits`,
			`"type":"granted","path":"/uk/lock\u001b[2J","recipe":null,"node":"__READ__\n1","session":null,"address":null,"identity":null,"mode":"read","token":null,"queuedAt":null,"since":null,"atLeast":true,"waiting":1,"why":null}`,
		},
		{lockctl.Event{Kind: lockctl.EventReleased, Party: party}, `released /uk/lock\x1b[2J  cron\x1b @ 10.0.0.5:51234`, `"since":null`},
		{lockctl.Event{Kind: lockctl.EventQueued, Party: party, Waiting: 1234}, `queued   /uk/lock\x1b[2J  cron\x1b @ 10.0.0.5:51234  1,234 wait`, `"type":"queued"`},
		{lockctl.Event{Kind: lockctl.EventLeft, Party: party}, `left     /uk/lock\x1b[2J  cron\x1b @ 10.0.0.5:51234`, `"type":"left"`},
		{lockctl.Event{Kind: lockctl.EventFound, Recipe: lockctl.Naive}, `found    /uk/lock\x1b[2J  naive`, `"node":null`},
		{lockctl.Event{Kind: lockctl.EventGone, Recipe: lockctl.Naive}, `gone     /uk/lock\x1b[2J  naive`, `"type":"gone"`},
		{
			lockctl.Event{Kind: lockctl.EventMissed, Since: before, Why: "no\nconnection"},
			`missed   /uk/lock\x1b[2J  nothing is known since ` + before.Local().Format("15:04:05.000") + `: no\nconnection`,
			`"since":"2026-03-04T05:06:04.5Z","atLeast":false,"waiting":0,"why":"no\nconnection"}`,
		},
	} {
		c.e.At, c.e.Path = lockNow, hostile
		text := written(t, func(j *job) error { (&lockLines{j: j}).print(c.e); return nil })
		if want := at + " " + c.text + "\n"; text != want {
			t.Errorf("got  %q\nwant %q", text, want)
		}
		got := written(t, func(j *job) error { (&lockLines{j: j, o: locksFlags{json: true}}).print(c.e); return nil })
		if !strings.HasPrefix(got, `{"time":"2026-03-04T05:06:07Z","type":"`) || !strings.Contains(got, c.json) {
			t.Errorf("got %s, want in it %s", got, c.json)
		}
		other := locksFlags{recipes: []string{"vitess"}}
		if got := written(t, func(j *job) error { (&lockLines{j: j, o: other}).print(c.e); return nil }); got != "" {
			t.Errorf("of another recipe: %q", got)
		}
	}
}

// Who releases is told since when it held.
func TestLockHolds(t *testing.T) {
	event := func(kind lockctl.EventKind, id uint64, ago time.Duration, atLeast bool) lockctl.Event {
		return lockctl.Event{
			Kind: kind, At: lockNow.Add(-ago), Path: "/l", Recipe: lockctl.Naive, AtLeast: atLeast, Party: lockctl.Party{ID: id, Node: "n", Mode: lockctl.Exclusive},
		}
	}
	events := []lockctl.Event{
		event(lockctl.EventGranted, 1, 3*time.Hour, true), event(lockctl.EventReleased, 1, 2*time.Second, false),
		event(lockctl.EventGranted, 2, 2*time.Second, false), event(lockctl.EventReleased, 2, time.Second, false),
		event(lockctl.EventGranted, 3, time.Second, false), event(lockctl.EventMissed, 0, 0, false), event(lockctl.EventReleased, 3, 0, false),
	}
	got := written(t, func(j *job) error {
		w, asJSON := lockLines{j: j}, lockLines{j: j, o: locksFlags{json: true}}
		for _, e := range events {
			w.print(e)
			asJSON.print(e)
		}
		w.lost(1, lockNow)
		if len(w.holds) != 0 {
			t.Errorf("left are %v", w.holds)
		}
		return nil
	})
	for _, want := range []string{
		"released /l  n  held for at least 2h59m58s\n", "released /l  n  held for 1s\n", "released /l  n\n",
		`"since":"2026-03-04T02:06:07Z","atLeast":true,`, `"since":"2026-03-04T05:06:05Z","atLeast":false,`,
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is not there once in\n%s", want, got)
		}
	}
}

func TestWatchedLocksBegin(t *testing.T) {
	s := &lockctl.Snapshot{Locks: sampleLocks()}
	at := lockNow.Local().Format("15:04:05.000")
	want := at + " lock     /jobs/nightly  curator-mutex  held by batch-1 @ 10.0.0.7:40112\n" +
		at + ` lock     /uk/lock\x1b[31m\t\u202e  naive  held by evil\x1b]0;x\x07  2 wait` + "\n" +
		at + " lock     /reports  curator-rwlock  held by 2 readers\n" +
		at + " lock     /stock/a  kazoo-lock  suspicious\n" +
		at + " lock     /w  go-zookeeper  free\n" +
		at + " ready    5 locks are followed\n"
	if got := written(t, func(j *job) error { return (&lockLines{j: j}).begin(s, lockNow) }); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	o := locksFlags{json: true, recipes: []string{"curator-mutex"}}
	got := written(t, func(j *job) error { return (&lockLines{j: j, o: o}).begin(s, lockNow) })
	lines := strings.Split(got, "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], `{"type":"lock","time":"2026-03-04T05:06:07Z","path":"/jobs/nightly","recipe":"curator-mutex",`) ||
		lines[1] != `{"type":"ready","time":"2026-03-04T05:06:07Z","locks":1}` {
		t.Errorf("it begins with\n%s", got)
	}
}

func TestLockEventsLost(t *testing.T) {
	q := newLockEvents()
	for range locksHeld + 3 {
		q.add(lockctl.Event{Kind: lockctl.EventQueued})
	}
	events, lost := q.take()
	if len(events) != locksHeld || lost != 3 {
		t.Errorf("%d events and %d lost", len(events), lost)
	}
	if events, lost := q.take(); len(events) != 0 || lost != 0 {
		t.Errorf("again %d events and %d lost", len(events), lost)
	}
	got := written(t, func(j *job) error {
		(&lockLines{j: j}).lost(3, lockNow)
		(&lockLines{j: j, o: locksFlags{json: true}}).lost(3, lockNow)
		return nil
	})
	if !strings.Contains(got, "lost     3 events: they came faster") || !strings.Contains(got, `{"type":"lost","time":"2026-03-04T05:06:07Z","count":3}`) {
		t.Errorf("it says %s", got)
	}
}
