package ensemble

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A change of the members, and why none of them can lose a committed write
//
// The servers read their list of members once, when they start. While a change is
// rolled out some know the list C from before it and some the list C' from after it,
// and anybody may start, stop or kill any of them meanwhile. What keeps the data is
// not the order of the starts, but two rules:
//
//  1. C and C' differ in one voter. Then every majority of C has a server in common
//     with every majority of C': of n and n+1 voters, (n/2+1) + ((n+1)/2+1) is more
//     than n+1. A write is committed when a majority of its leader's list has it on
//     disk, and a leader is elected by a majority of its own list, each of which has
//     no newer history than the leader has. So whoever is elected, under C or C',
//     holds every write committed under either, and no two can lead in one epoch.
//
//  2. The next change begins only when the last one is settled: when a majority of C'
//     holds every committed write. It does once a leader that runs with C' serves, for
//     it does not before a majority of C' has synced with it (Leader.java,
//     waitForNewLeaderAck). Without this rule a write that is on 1 and 2 of {1,2,3}
//     is gone when two empty servers are added at once and 3, 4 and 5 start first;
//     and with 1 -> 3 in one step two empty servers outvote the one with the data.
//
// A change that is taken back is the same step the other way, between the same two
// lists, so it is as safe as the change is. A server that leaves takes no committed
// write with it, for every majority of C' has them all.
//
// The order of the steps is for the clients, who want an ensemble that serves:
// the one that joins starts first, with the list C', and is brought up to date by the
// leader though that does not count it yet (it is sent votes and history as any
// server is that asks for them: FastLeaderElection.java, "non-voting follower"). Then the
// others start again, one at a time while a majority is left, the leader last. Where
// none would be left they start again together, which is one gap instead of two. The
// one that leaves is stopped first.
//
// An observer counts for no majority. It is told the list by being started; the others
// need not know of it. Only a single standalone server has to start anew to have one.

// node is what is seen of a server in the course of a change.
type node struct {
	// running tells that it has a process, paused that this is stopped with SIGSTOP,
	// serving that it takes requests, leads that it is the leader.
	running, paused, serving, leads bool
	// old tells that its process began before the files changed, missing that it ran
	// then, and was not stopped on request since.
	old, missing bool
}

// outlook is what is seen of an ensemble in the course of a change.
type outlook struct {
	change *Change
	// voters and observers are the ids after the change.
	voters, observers []int
	nodes             map[int]node
}

// action is what a step does.
type action uint8

const (
	// stepSettled: nothing is left to do.
	stepSettled action = iota
	// stepCold: no server runs, so there is nothing to be done but to have written the files.
	stepCold
	// stepRestart stops those of the servers that run, starts them all and waits until they serve.
	stepRestart
	// stepAwait waits until the servers serve.
	stepAwait
)

// step is the next thing to be done in a change.
type step struct {
	do  action
	ids []int
}

// majority is how many of n voters are a quorum.
func majority(n int) int { return n/2 + 1 }

// all are the members after the change, voters first.
func (v outlook) all() []int { return slices.Concat(v.voters, v.observers) }

// those are the ids among the given ones whose servers are so.
func (v outlook) those(ids []int, so func(node) bool) []int {
	var out []int
	for _, id := range ids {
		if so(v.nodes[id]) {
			out = append(out, id)
		}
	}
	return out
}

// list is the list of voters that a server knows.
func (v outlook) list(id int) []int {
	if v.nodes[id].old {
		return v.change.Before
	}
	return v.voters
}

// leader is the id of the server that leads with a majority of its list behind it, 0
// for none: one whose followers hang goes on calling itself the leader for a while.
func (v outlook) leader() int {
	for _, id := range v.all() {
		if n := v.nodes[id]; n.serving && n.leads && len(v.supporters(id)) >= majority(len(v.list(id))) {
			return id
		}
	}
	return 0
}

// supporters are the servers that serve of those that a leader counts.
func (v outlook) supporters(lead int) []int {
	return v.those(v.list(lead), func(n node) bool { return n.serving })
}

// worthWaiting reports whether somebody might come to lead, and that would make a
// difference: where none of those who know the old list can be spared, they start again
// together in any case, and the sooner the better.
func (v outlook) worthWaiting() bool {
	old := v.those(v.voters, func(n node) bool { return n.running && n.old })
	if len(old) > 0 && len(v.those(v.change.Before, func(n node) bool { return n.running }))-1 < majority(len(v.change.Before)) {
		return false
	}
	return v.mayElect()
}

// mayElect reports whether enough servers run that somebody might come to lead.
func (v outlook) mayElect() bool {
	able := func(n node) bool { return n.running && !n.paused }
	for _, id := range v.those(v.voters, able) {
		if list := v.list(id); len(v.those(list, able)) >= majority(len(list)) {
			return true
		}
	}
	return false
}

// joining is the id of the server that is being added, 0 for none.
func (v outlook) joining() int {
	if v.change == nil || v.change.Remove {
		return 0
	}
	return v.change.Member.ID
}

// next is the next step of the change; once it is done, another look is to be taken.
func (v outlook) next() step {
	all := v.all()
	running := v.those(all, func(n node) bool { return n.running })
	old := v.those(all, func(n node) bool { return n.running && n.old })
	if len(running) == 0 && len(v.those(all, func(n node) bool { return n.missing })) == 0 {
		return step{do: stepCold}
	}
	if v.leader() == 0 {
		return v.revive(old, running)
	}
	if id := v.joining(); id != 0 && !v.nodes[id].serving {
		switch {
		case v.change.Alone && len(old) > 0:
			// A standalone server knows nobody, and nobody can join it.
			return step{do: stepRestart, ids: append(old, id)}
		case !v.nodes[id].running:
			return step{do: stepRestart, ids: []int{id}}
		}
		return step{do: stepAwait, ids: []int{id}}
	}
	if len(old) > 0 {
		return step{do: stepRestart, ids: v.roll()}
	}
	if slow := v.those(running, func(n node) bool { return !n.serving && !n.paused }); len(slow) > 0 {
		return step{do: stepAwait, ids: slow}
	}
	return step{do: stepSettled}
}

// revive is the step where nobody leads: whoever knows the old list serves nobody
// anyway, and starts again; so does whoever ran before and the one that joins.
func (v outlook) revive(old, running []int) step {
	join := v.joining()
	for _, id := range v.all() {
		n := v.nodes[id]
		if !n.running && (n.missing || id == join) {
			old = append(old, id)
		}
	}
	if len(old) > 0 {
		return step{do: stepRestart, ids: old}
	}
	return step{do: stepAwait, ids: running}
}

// roll is who starts again next, of those that know the old list while the ensemble
// serves: an observer, or a voter that a majority can spare, the leader last; all
// together where a majority can spare none.
func (v outlook) roll() []int {
	isOld := func(n node) bool { return n.running && n.old }
	if o := v.those(v.observers, isOld); len(o) > 0 {
		return o[:1]
	}
	old := v.those(v.voters, isOld)
	lead := v.leader()
	if len(v.supporters(lead))-1 < majority(len(v.list(lead))) {
		return old
	}
	for _, id := range old {
		if id != lead {
			return []int{id}
		}
	}
	return old
}

// atOnce reports whether a change is settled as soon as it is written: whether every
// majority of the list before, without the server that leaves, is one of the list
// after it. It is where an even number of voters becomes an odd one.
func (v outlook) atOnce() bool {
	if v.change.Member.Observer {
		return true
	}
	left := majority(len(v.change.Before))
	if v.change.Remove {
		left--
	}
	return left >= majority(len(v.voters))
}

// admit refuses a change that must not begin now, of an ensemble as it is before it.
func (v outlook) admit(name string, m Member, remove bool) error {
	all := v.all()
	running := v.those(all, func(n node) bool { return n.running })
	rest := without(v.voters, m.ID)
	if remove && !m.Observer && len(rest) == 0 {
		return fmt.Errorf("server %d is the last voter of %s: take the ensemble down instead", m.ID, name)
	}
	if len(running) == 0 {
		return nil
	}
	if paused := v.those(all, func(n node) bool { return n.paused }); len(paused) > 0 {
		return fmt.Errorf("server %s is paused, and cannot be told of a change: resume or stop it first", idList(paused))
	}
	serving := v.those(rest, func(n node) bool { return n.serving })
	if v.leader() == 0 {
		return fmt.Errorf("%s does not serve: start enough of its servers, or stop them all, and try again", name)
	}
	if m.Observer {
		return nil
	}
	if !remove {
		return v.admitVoter(name, m)
	}
	if need := majority(len(rest)); len(serving) < need {
		return fmt.Errorf("without server %d the ensemble %s needs %d of the servers %s, and %d serve: start more of them first",
			m.ID, name, need, idList(rest), len(serving))
	}
	return nil
}

// admitVoter refuses a voter that could not join: a server follows a leader only if a
// majority of the list that it knows vouches for that one, and before it follows it is
// not among them. A lone server starts again together with it.
func (v outlook) admitVoter(name string, m Member) error {
	serving := v.those(v.voters, func(n node) bool { return n.serving })
	need := majority(len(v.voters) + 1)
	if len(v.voters) == 1 || len(serving) >= need {
		return nil
	}
	down := v.those(v.voters, func(n node) bool { return !n.serving })
	return fmt.Errorf("with server %d the ensemble %s needs %d of %d voters, and %d serve: start server %s first",
		m.ID, name, need, len(v.voters)+1, len(serving), idList(down))
}

// without is a copy of the ids but one.
func without(ids []int, id int) []int {
	return slices.DeleteFunc(slices.Clone(ids), func(i int) bool { return i == id })
}

// admitWipe refuses to delete the data of a server that does not run unless a
// majority of the voters runs without it: only then does every committed write stay on
// a majority. An observer counts for none.
func (v outlook) admitWipe(name string, m Member) error {
	rest := without(v.voters, m.ID)
	if len(rest) == 0 {
		return fmt.Errorf("its data is all that there is of %s: take the ensemble down instead", name)
	}
	need := majority(len(v.voters))
	serving := v.those(rest, func(n node) bool { return n.serving })
	if v.leader() == 0 || len(serving) < need && !m.Observer {
		return fmt.Errorf("that is done only while %d other voters of %s serve, which then hold all of it, and %d do: start more first", need, name, len(serving))
	}
	return nil
}

// idList is a list of ids for a sentence: "1, 2 and 3".
func idList(ids []int) string {
	var b strings.Builder
	for i, id := range ids {
		switch {
		case i > 0 && i == len(ids)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(id))
	}
	return b.String()
}

// pastEpoch reports whether a change that was made while nothing ran is settled: a
// majority of the voters has followed a leader of a newer epoch than any had then,
// and so has all that was committed before (Learner.java writes currentEpoch when it
// has the leader's history). epoch gives the currentEpoch on a server's disk.
func pastEpoch(then int64, voters []int, epoch func(id int) int64) bool {
	n := 0
	for _, id := range voters {
		if epoch(id) > then {
			n++
		}
	}
	return n >= majority(len(voters))
}
