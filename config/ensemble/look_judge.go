package ensemble

import (
	"fmt"
	"slices"
	"time"
)

// farBehind is by how many transactions a member may be behind its leader before
// that is said. Both are asked at nearly the same time, so that a member that keeps up
// under load is a few hundred behind.
const farBehind = 10_000

// judge makes the status of the ensemble of what was seen of its servers, and says of
// each what only the others show; servers stays as it is.
func judge(plan *Plan, servers []sighting, now time.Time) (Status, []sighting) {
	servers = slices.Clone(servers)
	st := Status{
		Name: plan.Name, Connect: plan.Connect(), At: now,
		Need: plan.Quorum(), Voters: plan.Voters(), Servers: make([]ServerStatus, 0, len(servers)),
	}
	several := len(plan.Members) > 1
	// While the first others are being added, the old one runs alone until its turn.
	growing := several && plan.Change != nil && plan.Change.Alone
	leader := -1 // the one of the newest epoch
	for i, s := range servers {
		if s.Observer || !s.State.Serves() || s.State == Standalone && several && !growing {
			continue
		}
		st.Up++
		if s.State != Leader && s.State != Standalone {
			continue
		}
		if leader < 0 || s.zxid > servers[leader].zxid {
			leader = i
		}
	}
	// A leader whose followers hang still calls itself one, until syncLimit is over.
	st.Quorum = leader >= 0 && (st.Up >= st.Need || growing && servers[leader].State == Standalone)
	able := able(servers)
	for i := range servers {
		s := &servers[i]
		switch {
		case s.State == Standalone && growing:
			s.Trouble = "it still runs alone, until it is restarted as one of several"
		case s.State == Standalone && several:
			s.hopeless = true
			s.Trouble = fmt.Sprintf("split brain: it runs alone and takes writes that the others never see; its zoo.cfg must list all %d servers, as theirs do", len(plan.Members))
		case s.State == Leader && i != leader:
			s.grave = true
			s.Trouble = fmt.Sprintf("two leaders: it still takes itself for the leader, and server %d leads since epoch %d", servers[leader].ID, servers[leader].Epoch)
		case s.State == Electing && able < st.Need:
			s.Trouble = fmt.Sprintf("there is no quorum: %s", needs(st.Need, st.Voters, able))
		case (s.State == Follower || s.State == Observer) && leader >= 0:
			if n := behind(s.zxid, servers[leader].zxid); n > farBehind && s.Trouble == "" {
				s.grave = true
				s.Trouble = fmt.Sprintf("it is at least %d transactions behind the leader", n)
			}
		}
		st.Servers = append(st.Servers, s.ServerStatus)
	}
	return st, servers
}

// able is how many voters have a process that does something.
func able(servers []sighting) int {
	n := 0
	for _, s := range servers {
		if !s.Observer && s.Pid != 0 && s.State != Hung && s.State != Standalone {
			n++
		}
	}
	if len(servers) == 1 && servers[0].State == Standalone {
		n = 1
	}
	return n
}

// needs says what a quorum lacks.
func needs(need, voters, up int) string {
	are := "are"
	if up == 1 {
		are = "is"
	}
	n := fmt.Sprint(up)
	if up == 0 {
		n = "none"
		are = "is"
	}
	return fmt.Sprintf("%d of %d needed, %s %s up", need, voters, n, are)
}

// behind is by how many transactions at least a member lacks what the leader has. A
// member keeps its zxid over an election until the first write after it, so that of a
// new epoch only what was written in it counts.
func behind(member, leader int64) int64 {
	const counter = 1<<32 - 1
	if uint64(member) >= uint64(leader) {
		return 0
	}
	if uint64(member)>>32 == uint64(leader)>>32 {
		return leader - member
	}
	return leader & counter
}
