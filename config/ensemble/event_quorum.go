package ensemble

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// patience is how long an ensemble may be without a leader before that is told: an
// election takes about 0.4 s.
const patience = 3 * time.Second

// leading tells of a new leader.
func (t *teller) leading(is view) []Event {
	leader := sighting{}
	for _, s := range is.servers {
		if s.State == Leader && s.zxid >= leader.zxid {
			leader = s
		}
	}
	if leader.ID == 0 || leader.ID == t.leader && leader.Epoch <= t.epoch || leader.Epoch < t.epoch {
		return nil
	}
	why := t.lost
	if since, ok := t.fresh[leader.ID]; why.at.IsZero() && ok {
		why = since
	}
	became := "became leader"
	if leader.ID == t.leader {
		became = "leads again"
	}
	text, took := why.after(is.At)
	t.leader, t.epoch, t.lost = leader.ID, leader.Epoch, cause{}
	return []Event{{
		At: is.At, Kind: "leader", Server: leader.ID, Epoch: leader.Epoch, Took: took,
		Text: fmt.Sprintf("server %d %s, epoch %d%s", leader.ID, became, leader.Epoch, text),
	}}
}

// quorum tells when the ensemble takes no more writes, and when it does again. An
// election is no loss: that comes to an end by itself.
func (t *teller) quorum(is view) []Event {
	switch {
	case is.Quorum:
		events := t.regained(is)
		t.had, t.told, t.without = true, false, time.Time{}
		return events
	case !t.had:
		return nil
	case t.without.IsZero():
		t.without = is.At
	}
	if t.told {
		return nil
	}
	up := able(slices.Collect(maps.Values(is.servers)))
	old := is.servers[t.leader]
	var text string
	switch {
	case up < is.Need:
		text = needs(is.Need, is.Voters, up)
	case old.State == Hung:
		word := "hangs"
		if old.Paused {
			word = "is paused"
		}
		limit := time.Duration(is.plan.SyncLimit) * is.plan.Tick
		text = fmt.Sprintf("server %d, the leader, %s; the others give it up after %s (syncLimit × tickTime)", old.ID, word, limit)
	case is.At.Sub(t.without) > patience:
		text = fmt.Sprintf("there is no leader for %s, though %d of %d are up", seconds(is.At.Sub(t.without)), up, is.Voters)
	default:
		return nil
	}
	t.told = true
	return []Event{{At: is.At, Kind: "quorum-lost", Text: "quorum lost: " + text}}
}

// regained tells of a quorum that is back, if it was told that it was lost.
func (t *teller) regained(is view) []Event {
	if !t.told {
		return nil
	}
	took := is.At.Sub(t.without)
	return []Event{{
		At: is.At, Kind: "quorum-back", Took: took,
		Text: fmt.Sprintf("quorum is back after %s: %d of %d are up", seconds(took), is.Up, is.Voters),
	}}
}

// ids are the servers of both views, in order.
func ids(a, b map[int]sighting) []int {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
