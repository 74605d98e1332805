package zoocfg

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// voters judges how many servers vote.
func (l *linter) voters() {
	if e, ok := l.entry("standaloneEnabled"); ok && l.isFalse("standaloneEnabled") && l.voting() == 0 && (l.listed || !l.has("dynamicConfigFile")) {
		l.mark(e, Error, "no-voters", "standaloneEnabled is false, and no server in the list votes", refuses(`"standaloneEnabled = false then number of participants should be >0"`), "add the servers, or delete the line")
		return
	}
	if !l.listed || len(l.problems) > 0 {
		return
	}
	n, observers := l.voting(), len(l.servers)
	for _, s := range l.servers {
		if !s.Observer {
			observers--
		}
	}
	c, at := l.c.listConfig(), l.firstOfList()
	alone := n == 1 && !l.isFalse("standaloneEnabled")
	switch {
	case n == 0:
		l.markIn(c, at, Error, "no-voters", "no server in the list votes", refuses(`"Observers w/o participants is an invalid configuration"`), "let at least one server be no observer")
	case alone && observers > 0:
		l.markIn(c, at, Error, "observers-without-quorum", "there is one voter, and observers beside it", refuses(`"Observers w/o quorum is an invalid configuration"`), "write standaloneEnabled=false, or add voters")
	case alone:
		l.markIn(c, at, Warning, "single-server", "the list has one server only", "the server runs standalone and passes the list over; on a server of a cluster that is a second cluster, with data of its own", "list all servers, in every file; or delete the line")
	case len(l.weights()) > 0 || l.hasGroups():
		return // other rules count
	case n == 2:
		l.markIn(c, at, Warning, "two-voters", "two servers vote", "both must be up: it fails more often than one server", "take three, or one")
	case n%2 == 0:
		l.markIn(c, at, Warning, "even-voters", fmt.Sprintf("%d servers vote", n), fmt.Sprintf("as with %d, only %d may fail: a majority is %d", n-1, (n-1)/2, n/2+1), fmt.Sprintf("take %d, or %d, or let one be an observer", n-1, n+1))
	}
}

// firstOfList is the place of the list.
func (l *linter) firstOfList() Entry {
	for _, e := range l.c.listConfig().All() {
		if strings.HasPrefix(e.Key, "server.") {
			return e
		}
	}
	return Entry{Key: "server.1"}
}

// hasGroups tells whether there are lines group.N or weight.N, right or wrong.
func (l *linter) hasGroups() bool {
	return slices.ContainsFunc(l.c.listConfig().All(), func(e Entry) bool {
		return strings.HasPrefix(e.Key, "group") || strings.HasPrefix(e.Key, "weight")
	})
}

// weights are the entries weight.N by the ids that they name.
func (l *linter) weights() map[int]Entry { return l.byID("weight") }

// byID are the entries of a family by the number in their key.
func (l *linter) byID(family string) map[int]Entry {
	all := map[int]Entry{}
	for _, e := range l.c.listConfig().All() {
		if id, err := parseID(e.Key); err == nil && strings.HasPrefix(e.Key, family) {
			all[id] = e
		}
	}
	return all
}

// groups judges groups and weights.
func (l *linter) groups() {
	if !l.hasGroups() || len(l.problems) > 0 {
		return
	}
	c := l.c.listConfig()
	totals := map[int]int{}
	known, votes := map[int]bool{}, map[int]bool{}
	for _, s := range l.servers {
		known[s.ID] = true
		if s.Observer {
			continue
		}
		votes[s.ID] = true
		totals[s.Group] += s.Weight
		if s.Group == 0 && !l.inAnyGroup(s.ID) {
			e := Entry{Line: s.Line, Key: fmt.Sprintf("server.%d", s.ID)}
			l.markIn(c, e, Error, "not-in-group", fmt.Sprintf("server %d is in no group", s.ID), refuses(fmt.Sprintf(`"Server %dis not in a group"`, s.ID)), "name it in a line group.N, or delete all lines group and weight")
		}
	}
	weights := l.weights()
	for id, e := range weights {
		if !known[id] {
			l.markIn(c, e, Warning, "group-stranger", fmt.Sprintf("there is no server %d in the list", id), "the line does nothing", "delete it, or correct the id")
		}
	}
	for group, e := range l.byID("group") {
		if total, ok := totals[group]; ok && total == 0 {
			l.markIn(c, e, Note, "empty-group", fmt.Sprintf("the weights in group %d are all 0", group), "the group has no vote", "nothing, if that is meant")
		}
		for part := range strings.SplitSeq(e.Value, ":") {
			id, err := parseInt(part)
			if _, weighed := weights[id]; err != nil || votes[id] || weighed {
				continue
			}
			what := fmt.Sprintf("server %d is an observer", id)
			if !known[id] {
				what = fmt.Sprintf("there is no server %d in the list", id)
			}
			l.markIn(c, e, Error, "group-stranger", what, `the server does not start: "NullPointerException", exit code 1`, "delete it; only servers that vote are in groups")
		}
	}
	if groups := len(l.byID("group")); groups > 0 && groups%2 == 0 {
		l.markIn(c, l.firstOfList(), Note, "even-groups", fmt.Sprintf("there are %d groups", groups), fmt.Sprintf("a majority in %d of them is needed: as with %d, only %d may fail", groups/2+1, groups-1, (groups-1)/2), "take an odd number")
	}
}

// inAnyGroup tells whether a line group.N names a server.
func (l *linter) inAnyGroup(id int) bool {
	for _, e := range l.byID("group") {
		for part := range strings.SplitSeq(e.Value, ":") {
			if n, err := parseInt(part); err == nil && n == id {
				return true
			}
		}
	}
	return false
}

// roles judges peerType, which people take for what decides.
func (l *linter) roles() {
	e, ok := l.entry("peerType")
	role := strings.ToLower(intended(e))
	own, known := l.own()
	switch {
	case ok && role != roleObserver && role != roleParticipant:
		l.mark(e, Error, "bad-role", quote(intended(e))+" is neither participant nor observer", refuses(`"Unrecognised peertype: `+intended(e)+`"`), "delete the line; :observer in the server's own line of the list decides")
	case !l.listed || len(l.problems) > 0:
	case ok && role == roleObserver && (known && !own.Observer || !l.hasID && !slices.ContainsFunc(l.servers, func(s Server) bool { return s.Observer })):
		l.mark(e, Warning, "observer-votes", "peerType says observer, and the list does not", "the list decides: the server votes, and may even lead", "write :observer at the end of the server's line, in every file")
	case ok && known && own.Observer && role != roleObserver:
		l.mark(e, Note, "observer-votes", "peerType says participant, and the list says observer", "the list decides: the server has no vote", "delete the line")
	}
}

// isFolder tells whether the folder of a file is there.
func isFolder(file string) bool {
	info, err := os.Stat(filepath.Dir(file))
	return err == nil && info.IsDir()
}
