package ensemble

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// play is an ensemble whose servers are said to be in some state, for the teller.
type play struct {
	t       *testing.T
	plan    Plan
	now     time.Time
	teller  teller
	servers map[int]sighting
}

func newPlay(t *testing.T, voters, observers int) *play {
	p := &play{t: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), servers: map[int]sighting{}}
	p.plan = Plan{Name: "play", Tick: 2 * time.Second, InitLimit: 10, SyncLimit: 5}
	for id := 1; id <= voters+observers; id++ {
		m := Member{ID: id, Observer: id > voters}
		p.plan.Members = append(p.plan.Members, m)
		p.servers[id] = blank(&p.plan, m)
	}
	return p
}

// runs has a server run in a state.
func (p *play) runs(id int, state State) {
	s := p.servers[id]
	if s.Pid == 0 {
		s.Pid, s.Started = id*100, p.now
	}
	s.State, s.Exit, s.Paused = state, nil, false
	p.servers[id] = s
}

// leads has a server lead in an epoch.
func (p *play) leads(id int, epoch int64) {
	p.runs(id, Leader)
	s := p.servers[id]
	s.Epoch, s.zxid = epoch, epoch<<32
	p.servers[id] = s
}

// ends has a server end.
func (p *play) ends(id int, word string, x Exit) {
	s := p.servers[id]
	x.At, x.ByUs = p.now, word != ""
	s.State, s.Pid, s.Exit, s.asked, s.Paused = Exited, 0, &x, word, false
	p.servers[id] = s
}

// later lets time go by and looks.
func (p *play) later(d time.Duration) []Event {
	p.now = p.now.Add(d)
	var all []sighting
	for _, m := range p.plan.Members {
		all = append(all, p.servers[m.ID])
	}
	st, all := judge(&p.plan, all, p.now)
	is := view{Status: st, plan: p.plan, servers: map[int]sighting{}}
	for _, s := range all {
		is.servers[s.ID] = s
	}
	return p.teller.tell(is)
}

// tells lets time go by and compares what is told with lines of "KIND SENTENCE".
func (p *play) tells(d time.Duration, want ...string) {
	p.t.Helper()
	var got []string
	for _, e := range p.later(d) {
		got = append(got, e.Kind+" "+e.Text)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.t.Errorf("told\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

const ms = time.Millisecond

// serving is a play of three servers, the third of which leads.
func serving(t *testing.T) *play {
	p := newPlay(t, 3, 0)
	p.runs(1, Follower)
	p.runs(2, Follower)
	p.leads(3, 2)
	p.tells(0)
	return p
}

func TestEventsOfAStart(t *testing.T) {
	p := newPlay(t, 3, 1)
	p.tells(0)
	for id := range 4 {
		p.runs(id+1, Starting)
	}
	p.tells(10*ms, "started server 1 was started", "started server 2 was started", "started server 3 was started", "started observer 4 was started")
	for id := range 4 {
		p.runs(id+1, Electing)
	}
	p.tells(500 * ms)
	p.runs(1, Follower)
	p.leads(3, 1)
	p.tells(490*ms, "serving server 1 serves as follower, 1.00 s after server 1 was started", "leader server 3 became leader, epoch 1, 1.00 s after server 3 was started")
	p.runs(2, Follower)
	p.runs(4, Observer)
	p.tells(ms, "serving server 2 serves as follower, 1.00 s after server 2 was started", "serving observer 4 serves as observer, 1.00 s after server 4 was started")
	p.tells(time.Minute)
}

func TestEventsOfALeaderThatIsKilled(t *testing.T) {
	p := serving(t)
	p.ends(3, "kill", Exit{Code: 137, Signal: "SIGKILL"})
	p.tells(20*ms, "killed server 3, the leader, was killed")
	p.runs(1, Electing)
	p.runs(2, Electing)
	p.tells(100 * ms) // an election is no loss
	p.leads(2, 3)
	p.tells(290*ms, "leader server 2 became leader, epoch 3, 0.41 s after server 3 was killed")
	p.runs(1, Follower)
	p.tells(50 * ms)
	p.runs(3, Starting)
	p.tells(time.Second, "started server 3 was started")
	p.runs(3, Follower)
	p.tells(time.Second, "serving server 3 serves as follower, 2.00 s after server 3 was started")
}

func TestEventsOfAQuorum(t *testing.T) {
	p := serving(t)
	p.ends(1, "", Exit{Code: 1, Why: "its disk is full", Mend: "make room"})
	p.tells(ms, "exited server 1 exited with code 1: its disk is full; make room")
	p.ends(2, "", Exit{Code: 137, Signal: "SIGKILL"})
	p.tells(ms, "killed server 2 was killed with SIGKILL from elsewhere", "quorum-lost quorum lost: 2 of 3 needed, 1 is up")
	p.runs(3, Electing)
	p.tells(time.Second)
	p.ends(3, "stop", Exit{Code: 143, Signal: "SIGTERM"})
	p.tells(ms, "stopped server 3 was stopped")
	p.runs(1, Starting)
	p.runs(2, Starting)
	p.tells(time.Second, "started server 1 was started", "started server 2 was started")
	p.runs(1, Follower)
	p.leads(2, 3)
	p.tells(time.Second,
		"serving server 1 serves as follower, 2.00 s after server 1 was started",
		"leader server 2 became leader, epoch 3, 2.00 s after the quorum was lost",
		"quorum-back quorum is back after 3.00 s: 2 of 3 are up")
}

func TestEventsOfALeaderThatIsPaused(t *testing.T) {
	p := serving(t)
	s := p.servers[3]
	s.State, s.Paused = Hung, true
	p.servers[3] = s
	p.tells(ms, "paused server 3, the leader, was paused", "quorum-lost quorum lost: server 3, the leader, is paused; the others give it up after 10s (syncLimit × tickTime)")
	p.leads(2, 3)
	p.tells(10*time.Second, "leader server 2 became leader, epoch 3, 10 s after server 3 was paused", "quorum-back quorum is back after 10 s: 2 of 3 are up")
	p.leads(3, 2)
	p.tells(time.Second, "resumed server 3 was resumed", "failed server 3: two leaders: it still takes itself for the leader, and server 2 leads since epoch 3")
	p.runs(3, Follower)
	p.tells(ms)
}

func TestEventsOfMembers(t *testing.T) {
	p := serving(t)
	p.plan.Members = append(p.plan.Members, Member{ID: 4, Observer: true})
	p.servers[4] = blank(&p.plan, p.plan.Members[3])
	p.tells(ms, "added observer 4 was added")
	p.plan.Members = slices.Delete(p.plan.Members, 0, 1)
	delete(p.servers, 1)
	p.tells(ms, "removed server 1 was removed")
	p.ends(2, "stop", Exit{Code: 143})
	p.tells(ms, "stopped server 2 was stopped", "quorum-lost quorum lost: 2 of 2 needed, 1 is up")
	s := p.servers[2]
	s.empty = true
	p.servers[2] = s
	p.tells(ms, "wiped server 2 lost its data: it was wiped")
}

// A server that is started and ends between two looks is told of all the same.
func TestEventsThatNobodySaw(t *testing.T) {
	p := serving(t)
	s := p.servers[1]
	s.Pid, s.Started = 4711, p.now.Add(ms)
	p.servers[1] = s
	p.tells(2*ms, "started server 1 was restarted", "serving server 1 serves as follower, 0.00 s after server 1 was restarted")
	s.Started = p.now.Add(ms)
	p.servers[1] = s
	p.now = p.now.Add(2 * ms)
	p.ends(1, "", Exit{Code: 2, Why: "it does not accept its zoo.cfg", Mend: "look"})
	p.tells(ms, "started server 1 was restarted", "exited server 1 exited with code 2: it does not accept its zoo.cfg; look")
}

func TestEventsOfTroubleComeOnce(t *testing.T) {
	p := serving(t)
	s := p.servers[1]
	s.Trouble, s.grave = "it serves without its AdminServer", true
	p.servers[1] = s
	p.tells(ms, "failed server 1: it serves without its AdminServer")
	p.tells(ms)
	s.grave, s.Trouble = false, ""
	p.servers[1] = s
	p.tells(ms)
	p.runs(1, Standalone)
	p.tells(ms, "failed server 1: split brain: it runs alone and takes writes that the others never see; its zoo.cfg must list all 3 servers, as theirs do")
}

func TestNoLeaderForLong(t *testing.T) {
	p := serving(t)
	for id := range 3 {
		p.runs(id+1, Electing)
	}
	p.tells(ms)
	p.tells(patience)
	p.tells(ms, "quorum-lost quorum lost: there is no leader for 3.00 s, though 3 of 3 are up")
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name             string
		voters, watchers int
		state            string // of each server: l, f, o, e, s, S(tandalone), h, x
		quorum           bool
		up               int
		trouble          string // of the first that has any
	}{
		{name: "alone", voters: 1, state: "S", quorum: true, up: 1},
		{name: "all well", voters: 3, state: "ffl", quorum: true, up: 3},
		{name: "one away", voters: 3, state: "xfl", quorum: true, up: 2},
		{name: "observers do not count", voters: 3, watchers: 2, state: "flxoo", quorum: true, up: 2},
		{name: "a leader whose followers hang", voters: 3, state: "hhl", up: 1},
		{name: "too few", voters: 5, state: "eexxx", trouble: "there is no quorum: 3 of 5 needed, 2 are up"},
		{name: "an observer without them", voters: 3, watchers: 1, state: "xxxe", trouble: "there is no quorum: 2 of 3 needed, none is up"},
		{name: "an election", voters: 3, state: "eex"},
		{name: "split brain", voters: 3, state: "Sfl", quorum: true, up: 2, trouble: "split brain"},
		{name: "split brain of all", voters: 3, state: "SSS", trouble: "split brain"},
		{name: "nobody", voters: 3, state: "xxx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlay(t, c.voters, c.watchers)
			for i, r := range c.state {
				switch r {
				case 'l':
					p.leads(i+1, 1)
				case 'x':
				default:
					p.runs(i+1, map[rune]State{'f': Follower, 'o': Observer, 'e': Electing, 's': Starting, 'S': Standalone, 'h': Hung}[r])
				}
			}
			p.later(0)
			st := p.teller.was.Status
			if st.Quorum != c.quorum || st.Up != c.up {
				t.Errorf("quorum %v of %d, want %v of %d", st.Quorum, st.Up, c.quorum, c.up)
			}
			trouble := ""
			for _, s := range st.Servers {
				if trouble == "" {
					trouble = s.Trouble
				}
			}
			if !strings.Contains(trouble, c.trouble) || c.trouble == "" && trouble != "" {
				t.Errorf("trouble %q, want %q", trouble, c.trouble)
			}
		})
	}
}

// While the first others are added to a server that runs alone, that is no split brain.
func TestGrowingIsNoSplitBrain(t *testing.T) {
	p := newPlay(t, 1, 0)
	p.runs(1, Standalone)
	p.tells(0)
	p.plan.Members = append(p.plan.Members, Member{ID: 2})
	p.plan.Change = &Change{Member: p.plan.Members[1], Before: []int{1}, Alone: true}
	p.servers[2] = blank(&p.plan, p.plan.Members[1])
	p.tells(ms, "added server 2 was added")
	if st := p.teller.was.Status; !st.Quorum || st.Up != 1 || st.Need != 2 {
		t.Errorf("%+v", st)
	}
	p.ends(1, "restart", Exit{Code: 143, Signal: "SIGTERM"})
	p.tells(ms, "stopped server 1 was stopped", "quorum-lost quorum lost: 2 of 2 needed, none is up")
	p.plan.Change = nil
	p.runs(1, Standalone)
	if p.later(ms); !strings.HasPrefix(p.teller.was.Servers[0].Trouble, "split brain") {
		t.Errorf("%+v", p.teller.was.Servers[0])
	}
}

func TestBehind(t *testing.T) {
	for _, c := range []struct{ member, leader, want int64 }{
		{0x300000007, 0x300000007, 0},
		{0x300000008, 0x300000007, 0},
		{0x300000001, 0x300000007, 6},
		{0x2000000ff, 0x300000000, 0}, // nothing was written since the election
		{0x2000000ff, 0x300004000, 0x4000},
		{0, 0x7000000000, 0},
	} {
		if got := behind(c.member, c.leader); got != c.want {
			t.Errorf("%#x behind %#x: %d, want %d", c.member, c.leader, got, c.want)
		}
	}
	p := serving(t)
	s := p.servers[3]
	s.zxid += 3 * farBehind
	p.servers[3] = s
	p.tells(ms,
		fmt.Sprintf("failed server 1: it is at least %d transactions behind the leader", 3*farBehind),
		fmt.Sprintf("failed server 2: it is at least %d transactions behind the leader", 3*farBehind))
}
