package ensemble

import (
	"fmt"
	"slices"
)

// cluster is a small model of ZooKeeper's servers: what each has on its disk, which
// list of members each knows, who leads, and what was committed. Elections and
// commits follow Zab; whatever the network and the scheduler might do is a choice.
type cluster struct {
	servers map[int]*server
	// committed are the writes that a client was told are done.
	committed []txn
	lost      string
	writes    int

	// What stands on the disk for whoever starts.
	voters []int
	change *Change
}

type txn struct{ epoch, n int }

type server struct {
	// disk
	log             []txn
	accepted, epoch int
	// process
	up, alone bool
	list      []int
	began     int // counts starts, so that a process can be told from the one before
	// leader is who it follows, itself if it leads, 0 for nobody; synced is set once it
	// has acknowledged that leader's history.
	leader int
	// formed tells of a leader that a majority of its list has synced with.
	formed bool
}

func newCluster(n int) *cluster {
	c := &cluster{servers: map[int]*server{}}
	for id := 1; id <= n; id++ {
		c.voters = append(c.voters, id)
		c.servers[id] = &server{}
	}
	return c
}

func (s *server) last() txn {
	if len(s.log) == 0 {
		return txn{}
	}
	return s.log[len(s.log)-1]
}

// older reports whether a has an older history than b, as votes are compared.
func older(a, b *server) bool {
	if a.epoch != b.epoch {
		return a.epoch < b.epoch
	}
	x, y := a.last(), b.last()
	return x.epoch < y.epoch || x.epoch == y.epoch && x.n < y.n
}

func (c *cluster) start(id int) {
	s := c.servers[id]
	if s == nil || s.up {
		return
	}
	list := c.voters
	if !slices.Contains(list, id) {
		list = c.change.Before // one that is leaving has the files of before
	}
	s.up, s.list, s.leader, s.formed = true, slices.Clone(list), 0, false
	s.began++
	s.alone = len(list) == 1
	if s.alone {
		s.leader, s.formed = id, true
		c.check(id)
	}
}

func (c *cluster) stop(id int) {
	s := c.servers[id]
	s.up = false
	c.leave(id)
}

// leave has a server give up its leader or its followers.
func (c *cluster) leave(id int) {
	s := c.servers[id]
	if s.leader == id {
		for _, f := range c.servers {
			if f.leader == id {
				f.leader = 0
			}
		}
	}
	s.leader, s.formed = 0, false
}

// elect makes id the leader of those of the given that follow it, if it can be: a
// majority of its list that has no newer history. They have its history then.
//
// With half, it fails before any of them has its history: epochs are on the disks,
// the history is not.
func (c *cluster) elect(id int, with []int, half bool) {
	l := c.servers[id]
	if !l.up || l.alone || !slices.Contains(l.list, id) {
		return
	}
	var quorum []int
	epoch := l.accepted
	for _, f := range with {
		s := c.servers[f]
		if f == id || s == nil || !s.up || s.alone || older(l, s) {
			continue
		}
		if slices.Contains(l.list, f) {
			quorum = append(quorum, f)
		}
		epoch = max(epoch, s.accepted)
	}
	if len(quorum)+1 < majority(len(l.list)) {
		return
	}
	c.leave(id)
	l.accepted, l.epoch = epoch+1, epoch+1
	if half {
		for _, f := range quorum {
			c.leave(f)
			c.servers[f].accepted = epoch + 1
		}
		return
	}
	l.leader, l.formed = id, true
	for _, f := range quorum {
		c.follow(f, id)
	}
	c.check(id)
}

// follow syncs a server with a leader, or has a leader that serves sync it.
func (c *cluster) follow(id, lead int) {
	s, l := c.servers[id], c.servers[lead]
	if s == nil || !s.up || s.alone || id == lead || l == nil || !l.up || !l.formed || l.alone || s.accepted > l.epoch {
		return
	}
	if !slices.Contains(s.list, lead) {
		return // it takes no vote for one that it does not know
	}
	c.leave(id)
	s.leader, s.accepted, s.epoch = lead, l.epoch, l.epoch
	s.log = slices.Clone(l.log)
}

// write has a leader propose a write that only some of its followers get in time. It
// is committed if they are a majority of its list.
func (c *cluster) write(id int, acks []int) {
	l := c.servers[id]
	if l == nil || !l.up || !l.formed {
		return
	}
	c.writes++
	epoch := l.epoch
	if l.alone {
		epoch = l.last().epoch // a standalone server goes on in the epoch of its data
	}
	w := txn{epoch, c.writes}
	l.log = append(slices.Clone(l.log), w)
	n := 0
	if slices.Contains(l.list, id) {
		n++
	}
	for _, f := range acks {
		s := c.servers[f]
		if s == nil || !s.up || s.leader != id || f == id {
			continue
		}
		s.log = slices.Clone(l.log) // in order: what it lacked came before
		if slices.Contains(l.list, f) {
			n++
		}
	}
	if n >= majority(len(l.list)) {
		c.committed = append(c.committed, w)
	}
}

// check is what all is about: who comes to serve has every committed write.
func (c *cluster) check(id int) {
	for _, w := range c.committed {
		if c.lost == "" && !slices.Contains(c.servers[id].log, w) {
			c.lost = fmt.Sprintf("server %d serves without write %d of epoch %d; committed are %v", id, w.n, w.epoch, c.committed)
		}
	}
}

// supported reports whether a leader still has a majority behind it; one that has
// none steps down.
func (c *cluster) supported(id int) bool {
	l := c.servers[id]
	n := 0
	for f, s := range c.servers {
		if s.up && s.leader == id && slices.Contains(l.list, f) {
			n++
		}
	}
	return n >= majority(len(l.list))
}

// settle has leaders without a majority step down.
func (c *cluster) settle() {
	for id, s := range c.servers {
		if s.formed && !s.alone && !c.supported(id) {
			c.leave(id)
		}
	}
}

// outlook is what the program would see.
func (c *cluster) outlook() outlook {
	v := outlook{change: c.change, voters: c.voters, nodes: map[int]node{}}
	// Of two that believe they lead, as may be for a while, the newer counts.
	lead := 0
	for id, s := range c.servers {
		if s.up && s.formed && (lead == 0 || s.epoch > c.servers[lead].epoch) {
			lead = id
		}
	}
	for id, s := range c.servers {
		n := node{running: s.up, serving: s.up && lead != 0 && s.leader == lead, leads: id == lead && lead != 0}
		if c.change != nil {
			for _, o := range c.change.Old {
				if o.ID == id {
					n.old = s.up && o.Pid == s.began
					n.missing = !s.up
				}
			}
		}
		v.nodes[id] = n
	}
	return v
}

func (c *cluster) running() bool {
	for _, s := range c.servers {
		if s.up {
			return true
		}
	}
	return false
}

// begin writes the files of a change, as Add and Remove do.
func (c *cluster) begin(m Member, remove bool) {
	ch := &Change{Member: m, Remove: remove, Before: slices.Clone(c.voters), Epoch: -1}
	for id, s := range c.servers {
		if s.up && id != m.ID {
			ch.Old = append(ch.Old, OldProcess{ID: id, Pid: s.began})
			ch.Alone = ch.Alone || s.alone
		}
	}
	if remove {
		c.stop(m.ID)
		c.settle()
		c.voters = without(c.voters, m.ID)
	} else {
		c.servers[m.ID] = &server{}
		c.voters = append(slices.Clone(c.voters), m.ID)
		slices.Sort(c.voters)
	}
	c.change = ch
	c.chill()
}

// chill is what is noted, or settled, of a change while nothing runs.
func (c *cluster) chill() {
	if c.change == nil || c.running() {
		return
	}
	switch {
	case c.outlook().atOnce():
		c.finish()
	case c.change.Epoch < 0:
		c.change.Epoch, c.change.Old = int64(c.highest()), nil
	case pastEpoch(c.change.Epoch, c.voters, func(id int) int64 { return int64(c.servers[id].epoch) }):
		c.finish()
	}
}

func (c *cluster) highest() int {
	e := 0
	for _, s := range c.servers {
		e = max(e, s.epoch, s.accepted, s.last().epoch)
	}
	return e
}

// finish ends a change: what left is deleted.
func (c *cluster) finish() {
	if c.change.Remove {
		delete(c.servers, c.change.Member.ID)
	}
	c.change = nil
}

// advance does the next step of the change that is under way, and tells whether it
// may be that the program sees it settled.
func (c *cluster) advance() {
	if c.change == nil {
		return
	}
	if c.change.Remove && c.servers[c.change.Member.ID] != nil {
		c.stop(c.change.Member.ID)
		c.settle()
	}
	st := c.outlook().next()
	switch st.do {
	case stepRestart:
		for _, id := range st.ids {
			c.stop(id)
		}
		c.settle()
		for _, id := range st.ids {
			c.start(id)
		}
	case stepCold:
		c.chill()
	case stepSettled:
		if lead := c.outlook().leader(); lead != 0 && slices.Equal(c.servers[lead].list, c.voters) {
			c.finish()
		}
	case stepAwait:
	}
}
