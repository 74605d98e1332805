package ensemble

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// view is what was seen of an ensemble at one time.
type view struct {
	Status
	plan    Plan
	servers map[int]sighting
}

// teller makes events of what changes from one view to the next. It remembers since
// when things are as they are.
type teller struct {
	was *view

	leader int   // who led last, 0 for nobody yet
	epoch  int64 // and in which epoch
	lost   cause // why it does not lead any more

	had     bool      // there was a quorum
	without time.Time // since when there is none
	told    bool      // that it is lost

	// fresh are the servers that were started, resumed or hung, and do not serve yet.
	fresh map[int]cause
	// noted are the troubles that were told last, noticed when it was told what sort of
	// clients a server turned away.
	noted   map[int]string
	noticed map[string]time.Time
}

// noticeEvery is how often it is told that a server turns away the same sort of
// clients: somebody may try again and again.
const noticeEvery = time.Minute

// cause is something that happened, and when.
type cause struct {
	at   time.Time
	text string // "server 3 was killed"
}

// after says how long after the cause something happened, ", 0.41 s after server 3 was
// killed", and how long that was.
func (c cause) after(at time.Time) (string, time.Duration) {
	if c.at.IsZero() || !at.After(c.at) {
		return "", 0
	}
	took := at.Sub(c.at)
	return ", " + seconds(took) + " after " + c.text, took
}

// seconds writes a time as people measure it.
func seconds(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// tell returns what has happened since the last view. Of the first one nothing is
// told: it was so before anybody watched.
func (t *teller) tell(is view) []Event {
	was := t.was
	t.was = &is
	if was == nil {
		t.begin(is)
		return nil
	}
	var events []Event
	for _, id := range ids(was.servers, is.servers) {
		o, before := was.servers[id]
		n, now := is.servers[id]
		switch {
		case !before:
			events = append(events, Event{At: is.At, Kind: "added", Server: id, Text: fmt.Sprintf("%s was added", noun(n))})
			o = sighting{ServerStatus: ServerStatus{ID: id, State: Exited}}
		case !now:
			events = append(events, Event{At: is.At, Kind: "removed", Server: id, Text: fmt.Sprintf("%s was removed", noun(o))})
			t.depose(o, cause{is.At, fmt.Sprintf("server %d was removed", id)})
			continue
		}
		events = append(events, t.server(o, n, is)...)
	}
	events = append(events, t.leading(is)...)
	for id, n := range is.servers {
		if n.State.Serves() {
			delete(t.fresh, id)
		}
	}
	events = append(events, t.quorum(is)...)
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	return events
}

// begin takes what is so already.
func (t *teller) begin(is view) {
	t.fresh, t.noted = map[int]cause{}, map[int]string{}
	t.noticed = map[string]time.Time{}
	t.had = is.Quorum
	for id, s := range is.servers {
		if s.State == Leader && s.Epoch >= t.epoch {
			t.leader, t.epoch = id, s.Epoch
		}
		if s.Pid != 0 && !s.State.Serves() {
			t.fresh[id] = cause{s.Started, fmt.Sprintf("server %d was started", id)}
		}
	}
}

// noun is "server 3", and "observer 4" for one that has no vote.
func noun(s sighting) string {
	if s.Observer {
		return fmt.Sprintf("observer %d", s.ID)
	}
	return fmt.Sprintf("server %d", s.ID)
}

// server tells what happened to one server.
func (t *teller) server(o, n sighting, is view) []Event {
	at := is.At
	var events []Event
	add := func(at time.Time, kind, text string) {
		events = append(events, Event{At: at, Kind: kind, Server: n.ID, Text: text})
	}
	led := ""
	if o.State == Leader {
		led = ", the leader,"
	}
	started := n.Pid != 0 && n.Pid != o.Pid || n.Pid == 0 && n.Started.After(o.Started)
	if started {
		word := "was started"
		if o.Pid != 0 {
			word = "was restarted"
		}
		add(n.Started, "started", noun(n)+" "+word)
		t.fresh[n.ID] = cause{n.Started, fmt.Sprintf("server %d %s", n.ID, word)}
		t.depose(o, t.fresh[n.ID])
		delete(t.noted, n.ID)
	}
	switch {
	case n.Pid == 0 && (o.Pid != 0 || started):
		kind, text, died := ended(n, at)
		add(died, kind, noun(n)+led+" "+text)
		t.depose(o, cause{died, fmt.Sprintf("server %d %s", n.ID, gone[kind])})
		delete(t.fresh, n.ID)
	case n.Paused && !o.Paused:
		add(at, "paused", noun(n)+led+" was paused")
		t.depose(o, cause{at, fmt.Sprintf("server %d was paused", n.ID)})
		t.fresh[n.ID] = cause{}
	case o.Paused && !n.Paused && n.Pid != 0:
		add(at, "resumed", noun(n)+" was resumed")
		t.fresh[n.ID] = cause{at, fmt.Sprintf("server %d was resumed", n.ID)}
	case n.State == Hung && o.State != Hung:
		t.depose(o, cause{at, fmt.Sprintf("server %d hung", n.ID)})
		t.fresh[n.ID] = cause{}
	case o.State == Leader && n.State != Leader:
		why := "the leader gave up"
		if up := able(slices.Collect(maps.Values(is.servers))); up < is.Need {
			why = "the quorum was lost"
		}
		t.depose(o, cause{at, why})
	}
	if n.Pid == 0 && o.Pid == 0 && n.empty && !o.empty && !o.Started.IsZero() {
		add(at, "wiped", noun(n)+" lost its data: it was wiped")
	}
	if since, ok := t.fresh[n.ID]; ok && n.State.Serves() && n.State != Leader {
		text, took := since.after(at)
		events = append(events, Event{At: at, Kind: "serving", Server: n.ID, Took: took, Text: fmt.Sprintf("%s serves as %s%s", noun(n), n.State, text)})
	}
	if grave := n.grave || n.hopeless; grave && n.Trouble != t.noted[n.ID] {
		t.noted[n.ID] = n.Trouble
		add(at, "failed", noun(n)+": "+n.Trouble)
	} else if !grave {
		delete(t.noted, n.ID)
	}
	for _, d := range n.notices {
		sort := fmt.Sprint(n.ID, d.mend)
		if last := t.noticed[sort]; last.IsZero() || at.Sub(last) >= noticeEvery {
			t.noticed[sort] = at
			add(d.entry.At, "failed", fmt.Sprintf("%s: %s; %s", noun(n), d.why, d.mend))
		}
	}
	return events
}

// gone is how a server that is not there any more is spoken of later.
var gone = map[string]string{"killed": "was killed", "stopped": "was stopped", "exited": "ended"}

// ended says how a process ended, and when.
func ended(n sighting, at time.Time) (kind, text string, died time.Time) {
	x := n.Exit
	if x == nil {
		return "exited", "ended", at
	}
	if !x.At.IsZero() && x.At.Before(at) {
		at = x.At
	}
	switch {
	case x.ByUs && n.asked == "kill":
		return "killed", "was killed", at
	case x.ByUs:
		return "stopped", "was stopped", at
	case x.Signal == "SIGKILL":
		return "killed", "was killed with SIGKILL from elsewhere", at
	case x.Signal != "":
		return "exited", "was ended with " + x.Signal + " from elsewhere", at
	case x.Code < 0:
		return "exited", "is gone: " + x.Why, at
	}
	return "exited", fmt.Sprintf("exited with code %d: %s; %s", x.Code, x.Why, x.Mend), at
}

// depose remembers why the leader leads no more.
func (t *teller) depose(o sighting, why cause) {
	if o.State == Leader && o.ID == t.leader {
		t.lost = why
	}
}
