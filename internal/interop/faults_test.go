//go:build interop

package interop

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
)

// faultMixes are who contends while servers fail: clients that tell their user of a lost
// connection, upon which he does not claim to hold.
var faultMixes = []mix{
	{"kazoo lock", "/lock", lockctl.KazooLock, 0, []string{"kazoo-lock", "kazoo-lock"}, []lockctl.Mode{"", ""}},
	{"curator mutex", "/mutex", lockctl.CuratorMutex, 0, []string{"curator-mutex", "curator-mutex"}, []lockctl.Mode{"", ""}},
}

// faultSession is how long sessions live without their servers here, and outage for how
// long servers fail, which is more.
const (
	faultSession = 3 * time.Second
	outage       = 4 * time.Second
)

// TestExcludeFaults has ours contend with kazoo and Curator while servers are killed and
// paused. Theirs may believe to hold what they have lost; ours may not, and may not enter
// while somebody's znode gives him the lock.
func TestExcludeFaults(t *testing.T) {
	t.Parallel()
	ens := zktest.Start(t, 3)
	r := newRig(t, ens.Addr(), faultSession, javaArgs(t, "CuratorPeers"))
	var all []*scenery
	for _, m := range faultMixes {
		all = append(all, r.mixed(t, m))
	}
	progress(all, everybody)
	stopped := func(program string) func() {
		return func() {
			r.peers[program].signal(t, syscall.SIGSTOP)
			time.Sleep(outage)
			progress(all, isOurs)
			r.peers[program].signal(t, syscall.SIGCONT)
		}
	}
	for _, fault := range []struct {
		name string
		do   func()
	}{
		{"the leader is killed", func() {
			s := ens.Leader()
			s.Kill()
			progress(all, everybody)
			s.Restart()
		}},
		{"a follower is paused", func() {
			s := ens.Followers()[0]
			s.Pause()
			time.Sleep(outage) // the fault
			progress(all, everybody)
			s.Resume()
		}},
		{"the leader is paused", func() {
			s := ens.Leader()
			s.Pause()
			time.Sleep(outage)
			progress(all, everybody)
			s.Resume()
		}},
		{"all servers are paused for a moment", func() {
			for _, s := range ens.Servers() {
				s.Pause()
			}
			time.Sleep(faultSession / 3)
			resume(ens)
		}},
		{"two servers are killed", func() {
			down := ens.Servers()[:2]
			for _, s := range down {
				s.Kill()
			}
			time.Sleep(outage)
			ens.RestartAll()
		}},
		{"kazoo is stopped", stopped("kazoo")},
		{"Curator is stopped", stopped("curator")},
	} {
		from := time.Now()
		fault.do()
		progress(all, everybody)
		t.Logf("%s: all have held again %v after it began", fault.name, time.Since(from).Round(100*time.Millisecond))
	}
	for _, s := range all {
		for _, p := range s.in {
			p.leave()
		}
	}
	for _, s := range all {
		s.judged()
	}
}

// resume ends the pause of all servers: none serves before most of them go on.
func resume(ens *zktest.Ensemble) {
	done := make(chan struct{})
	for _, s := range ens.Servers() {
		go func() {
			defer func() { done <- struct{}{} }()
			s.Resume()
		}()
	}
	for range ens.Servers() {
		<-done
	}
}

func everybody(*party) bool { return true }

// isOurs tells whether a party of a mix is ours.
func isOurs(p *party) bool { return p.status != nil }

// progress waits until each of who has held once more. It is a failure if one of ours does
// not; theirs may have their own reasons, and are waited for a while.
func progress(all []*scenery, who func(*party) bool) {
	had := map[*party]int64{}
	for _, s := range all {
		for _, p := range s.in {
			had[p] = p.times.Load()
		}
	}
	began := time.Now()
	for _, s := range all {
		for _, p := range s.in {
			for who(p) && p.times.Load() == had[p] {
				if !isOurs(p) && time.Since(began) > patience/3 {
					s.t.Logf("%s has not got the lock again\n%s", p.name, s.state())
					break
				}
				if time.Since(began) > patience {
					s.t.Fatalf("%s does not get the lock any more\n%s", p.name, s.state())
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
	}
}

// state is who did what and who queues, for those who look into a failure.
func (s *scenery) state() string {
	var b strings.Builder
	for _, p := range s.in {
		fmt.Fprintf(&b, "%s held %d times in %d sessions", p.name, p.times.Load(), p.fails.Load()+1)
		if p.status != nil {
			fmt.Fprintf(&b, ", %s", p.status())
		}
		b.WriteByte('\n')
	}
	names, _, err := s.look.conn.Children(s.path)
	if err != nil {
		fmt.Fprintln(&b, err)
	}
	for _, n := range names {
		if k, ok := s.look.node(s.path + "/" + n); ok {
			fmt.Fprintf(&b, "%s of 0x%x\n", n, uint64(k.Stat.EphemeralOwner))
		}
	}
	return b.String()
}

// judged ends the mix and finds what ours did wrong.
func (s *scenery) judged() {
	var figures []string
	for _, p := range s.in {
		p.gone("")
		figures = append(figures, fmt.Sprintf("%s held %d times in %d sessions", p.name, p.times.Load(), p.fails.Load()+1))
	}
	s.t.Logf("%s: %s", s.name, strings.Join(figures, ", "))
	all, err := stays(s.witness.read(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	theirs := map[string]int{}
	for _, o := range overlaps(all, 0) {
		guilty, why := o.judge()
		if guilty {
			s.t.Errorf("%s: %s\n%s", s.name, o, why)
		} else if theirs[why]++; theirs[why] == 1 {
			s.t.Logf("%s, and not by ours: %s\n%s", s.name, o, why)
		}
	}
	s.t.Logf("%s: held together, and not by ours: %v", s.name, theirs)
	token := int64(0)
	for _, stay := range all {
		if stay.token > 0 && stay.token <= token {
			s.t.Errorf("line %d: %s has the token %d, after %d", stay.from, stay.name, stay.token, token)
		}
		token = max(token, stay.token)
	}
	s.empty()
}

// judge tells whether an overlap is by a fault of ours, and why.
func (o overlap) judge() (ours bool, why string) {
	mine := func(s stay) bool { return s.token > 0 }
	first, second := o.first, o.second
	switch {
	case !mine(first) && !mine(second):
		return false, "both are theirs"
	case mine(first) && !first.until.IsZero() && !second.at.Before(first.until):
		return false, "the first said so until then, but could not write it that soon"
	case mine(first) && mine(second):
		return true, "both are ours"
	case mine(first) && first.stood != "yes":
		return true, "the first was sure to hold, and its znode is gone"
	case mine(second) && first.stood != "yes":
		return false, "the first had lost its znode"
	case mine(first) && sequence(first.node) > sequence(second.node):
		return true, "the first was not at the head of the queue"
	case mine(second) && sequence(second.node) > sequence(first.node):
		return true, "the second was not at the head of the queue"
	}
	return false, "theirs was not at the head of the queue"
}

// The verdict on overlaps finds what is ours.
func TestJudge(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	mine := stay{name: "ours", node: "n0000000003", token: 7, at: at(10), until: at(20), stood: "yes"}
	theirs := stay{name: "theirs", node: "n0000000004", at: at(15), stood: "yes"}
	with := func(s stay, change func(*stay)) stay {
		change(&s)
		return s
	}
	for _, test := range []struct {
		name string
		o    overlap
		ours bool
	}{
		{"they push in", overlap{mine, theirs}, false},
		{"ours was second", overlap{with(mine, func(s *stay) { s.node = "n0000000005" }), theirs}, true},
		{"ours had lost it", overlap{with(mine, func(s *stay) { s.stood = "no" }), theirs}, true},
		{"ours is late to write", overlap{mine, with(theirs, func(s *stay) { s.at = at(20) })}, false},
		{"ours pushes in", overlap{with(theirs, func(s *stay) { s.node = "n0000000002" }), mine}, true},
		{"they had lost it", overlap{with(theirs, func(s *stay) { s.stood = "" }), mine}, false},
		{"both ours", overlap{mine, with(mine, func(s *stay) { s.at = at(12) })}, true},
		{"both theirs", overlap{theirs, theirs}, false},
	} {
		if got, why := test.o.judge(); got != test.ours {
			t.Errorf("%s: %v, %s", test.name, got, why)
		}
	}
}
