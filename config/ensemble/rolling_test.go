package ensemble

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// machine is a cluster that people, programs and failures work on in any order.
type machine struct{ *cluster }

func (m machine) id(t *rapid.T) int {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.servers))).Draw(t, "id")
}

func (m machine) some(t *rapid.T) []int {
	var out []int
	for _, id := range slices.Sorted(maps.Keys(m.servers)) {
		if rapid.Bool().Draw(t, "with") {
			out = append(out, id)
		}
	}
	return out
}

func (m machine) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"start":  func(t *rapid.T) { m.start(m.id(t)) },
		"stop":   func(t *rapid.T) { m.stop(m.id(t)); m.settle() },
		"elect":  func(t *rapid.T) { m.elect(m.id(t), m.some(t), rapid.IntRange(0, 4).Draw(t, "half") == 0); m.settle() },
		"follow": func(t *rapid.T) { m.follow(m.id(t), m.id(t)); m.settle() },
		"write":  func(t *rapid.T) { m.write(m.id(t), m.some(t)) },
		"stop all": func(*rapid.T) {
			for id := range m.servers {
				m.stop(id)
			}
		},
		"start some": func(t *rapid.T) {
			for _, id := range m.some(t) {
				m.start(id)
			}
		},
		"add": func(t *rapid.T) {
			if m.chill(); m.change != nil || len(m.voters) >= 5 {
				return
			}
			id := 1
			for m.servers[id] != nil {
				id++
			}
			if m.outlook().admit("demo", Member{ID: id}, false) == nil {
				m.begin(Member{ID: id}, false)
			}
		},
		"remove": func(t *rapid.T) {
			if m.chill(); m.change != nil {
				return
			}
			id := m.id(t)
			if m.outlook().admit("demo", Member{ID: id}, true) == nil {
				m.begin(Member{ID: id}, true)
			}
		},
		"undo": func(*rapid.T) {
			if m.change == nil || m.change.Remove || !m.running() {
				return
			}
			m.undo()
		},
		"wipe": func(t *rapid.T) {
			id := m.id(t)
			if s := m.servers[id]; m.change == nil && !s.up && m.outlook().admitWipe("demo", Member{ID: id}) == nil {
				// The program waits until those who serve have all that the leader has.
				lead := m.outlook().leader()
				for _, s := range m.servers {
					if s.up && s.leader == lead {
						s.log = slices.Clone(m.servers[lead].log)
					}
				}
				m.servers[id] = &server{began: s.began}
			}
		},
		"advance": func(*rapid.T) { m.advance(); m.settle() },
		"advance again": func(t *rapid.T) {
			m.advance()
			m.settle()
			m.elect(m.id(t), slices.Sorted(maps.Keys(m.servers)), false)
			m.settle()
			m.advance()
			m.settle()
		},
		"": func(t *rapid.T) {
			if m.lost != "" {
				t.Fatal(m.lost)
			}
		},
	}
}

// undo takes an addition back.
func (c *cluster) undo() {
	ch := c.change
	back := &Change{Member: ch.Member, Remove: true, Before: slices.Clone(c.voters), Epoch: -1}
	for id, s := range c.servers {
		known := slices.ContainsFunc(ch.Old, func(o OldProcess) bool { return o.ID == id && o.Pid == s.began })
		if s.up && id != ch.Member.ID && !known {
			back.Old = append(back.Old, OldProcess{ID: id, Pid: s.began})
		}
	}
	c.stop(ch.Member.ID)
	c.settle()
	c.voters = without(c.voters, ch.Member.ID)
	c.change = back
}

func TestNoOrderOfStartsLosesACommittedWrite(t *testing.T) {
	for n := 1; n <= 5; n++ {
		for range 3 {
			rapid.Check(t, func(t *rapid.T) {
				t.Repeat(machine{newCluster(n)}.actions())
			})
		}
	}
}

// The model has the hazard that was measured on real servers: 1 -> 3 in one step, the
// two empty servers first.
func TestModelLosesWhatRealServersLose(t *testing.T) {
	c := newCluster(1)
	c.start(1)
	c.write(1, nil)
	c.stop(1)
	c.servers[2], c.servers[3], c.voters = &server{}, &server{}, []int{1, 2, 3}
	c.start(2)
	c.start(3)
	c.elect(3, []int{2}, false)
	if c.lost == "" {
		t.Fatal("two empty servers outvoted the one with the data, and the model lost nothing")
	}
}

// And it has that of two changes, each of one server, without a leader in between.
func TestModelLosesWithTwoChangesAtOnce(t *testing.T) {
	c := newCluster(3)
	for id := range 3 {
		c.start(id + 1)
	}
	c.elect(1, []int{2}, false)
	c.write(1, []int{2})
	for id := range 3 {
		c.stop(id + 1)
	}
	c.begin(Member{ID: 4}, false)
	if c.chill(); c.change == nil {
		t.Fatal("a change that no leader has served under is taken for settled")
	}
	c.change = nil // as if it were
	c.begin(Member{ID: 5}, false)
	for _, id := range []int{3, 4, 5} {
		c.start(id)
	}
	c.elect(5, []int{3, 4}, false)
	if c.elect(3, []int{4, 5}, false); c.lost == "" {
		t.Fatal("three servers without the write were a majority, and the model lost nothing")
	}
}

// elects has everybody who can follow somebody, as happens when nothing is in the way.
func (c *cluster) elects() {
	for range 2 {
		for id := range c.servers {
			if c.outlook().leader() == 0 {
				c.elect(id, slices.Sorted(maps.Keys(c.servers)), false)
				c.settle()
			}
		}
		if lead := c.outlook().leader(); lead != 0 {
			for _, id := range slices.Sorted(maps.Keys(c.servers)) {
				if c.servers[id].leader == 0 {
					c.follow(id, lead)
				}
			}
		}
	}
}

// Whoever runs of 1 to 5 servers, and whoever is added or removed: where the change is
// let begin it ends, all that ran serve, nothing is lost, and no more gaps than need be.
func TestEveryChangeEnds(t *testing.T) {
	for n := 1; n <= 5; n++ {
		for up := range 1 << n {
			for _, remove := range append(idsTo(n), 0) {
				c := newCluster(n)
				for _, id := range c.voters {
					c.start(id)
				}
				c.elects()
				c.write(c.outlook().leader(), c.voters)
				for _, id := range c.voters {
					if up&(1<<(id-1)) == 0 {
						c.stop(id)
						c.settle()
					}
				}
				c.elects()
				name := fmt.Sprintf("%d servers, running %b, remove %d", n, up, remove)
				m := Member{ID: remove}
				if remove == 0 {
					m.ID = n + 1
				}
				if c.outlook().admit("demo", m, remove != 0) != nil {
					continue
				}
				served := c.outlook().leader() != 0
				gaps := c.change1(t, name, m, remove != 0)
				if c.lost != "" {
					t.Errorf("%s: %s", name, c.lost)
				}
				if served && c.outlook().leader() == 0 {
					t.Errorf("%s: it does not serve any more", name)
				}
				// All of them up: the leader goes once, and that is all, but where two or
				// three voters make every one of them needed.
				if up == 1<<n-1 && gaps > 2 {
					t.Errorf("%s: %d times nobody led", name, gaps)
				}
			}
		}
	}
}

func idsTo(n int) []int {
	var ids []int
	for id := 1; id <= n; id++ {
		ids = append(ids, id)
	}
	return ids
}

// change1 makes a change to its end and tells how often nobody led meanwhile.
func (c *cluster) change1(t *testing.T, name string, m Member, remove bool) (gaps int) {
	t.Helper()
	count := func() {
		if c.running() && c.outlook().leader() == 0 {
			gaps++
		}
		c.elects()
	}
	c.begin(m, remove)
	count()
	for steps := 0; c.change != nil && c.running(); steps++ {
		if steps > 20 {
			t.Fatalf("%s: after %d steps it has not ended: %+v", name, steps, c.outlook())
		}
		c.advance()
		count()
	}
	return gaps
}
