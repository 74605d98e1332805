package lockctl

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"zkdeck/internal/safetext"
)

// Code names a warning.
type Code string

// The warnings.
const (
	WarnMixed           Code = "mixed"             // recipes that do not respect each other
	WarnEqualSequence   Code = "equal-sequence"    // a number is there twice: two may hold
	WarnDuplicateID     Code = "duplicate-id"      // one client's GUID is there twice
	WarnPersistent      Code = "persistent"        // a contender that does not go by itself
	WarnZombie          Code = "zombie"            // the owner's session does not live
	WarnNoConnection    Code = "no-connection"     // the owner is connected to no server
	WarnCounter         Code = "counter-near-end"  // the number is near 2147483647, or there
	WarnNegative        Code = "negative-sequence" // the counter has passed its end
	WarnNotGiven        Code = "not-given"         // a number that the server did not give
	WarnRevoke          Code = "revoke-asked"      // somebody asks it to let go
	WarnChanged         Code = "changed"           // its value was written after it queued
	WarnGhost           Code = "ghost"             // it waits and watches nothing
	WarnWaitsBehind     Code = "waits-behind"      // it waits for one behind it, which waits for it
	WarnHerd            Code = "herd"              // a release wakes more than it must
	WarnForeign         Code = "foreign"           // children that break the recipe's clients
	WarnClosed          Code = "closed"            // contenders that may not be read
	WarnOverLimit       Code = "over-limit"        // more places taken than there are
	WarnOwnWrite        Code = "own-write"         // a reader counted as of who writes
	WarnMayHoldTogether Code = "may-hold-together" // more than one may think to hold
	WarnDeadlock        Code = "deadlock"          // sessions wait for each other in a circle
)

// Warning is something to look at.
type Warning struct {
	Code  Code
	Text  string   // what is wrong and what to do, safe to print
	Nodes []string // whom it is about
}

func (l *Lock) add(code Code, nodes []string, text string) {
	l.Warnings = append(l.Warnings, Warning{Code: code, Text: text, Nodes: nodes})
}

// about adds a warning about nodes, if there are any. The text speaks of one, who is its
// %s; after a colon that is a list.
func (l *Lock) about(code Code, nodes []string, text string) {
	if len(nodes) == 0 {
		return
	}
	who := named(nodes)
	switch list := strings.Contains(text, ": %s"); {
	case len(nodes) == 1 || list:
	case strings.HasPrefix(text, "%s"):
		who = "Each of " + who
	default:
		who = "each of " + who
	}
	l.add(code, nodes, fmt.Sprintf(text, who))
}

// The texts of warnings that rest on what the servers said at one moment.
const (
	zombieText = "The session of %s does not live any more, and its znode is still there (ZOOKEEPER-4837). Look again; if it stays, delete it."
	ghostText  = "%s waits and watches nobody: its client has left it behind and will not notice when it is first. Restart that client, or delete the znode."
)

// named writes some names.
func named(nodes []string) string {
	var b strings.Builder
	for i, n := range nodes {
		if i == 2 && len(nodes) > 3 {
			fmt.Fprintf(&b, " and %s more", humanize.Comma(int64(len(nodes)-i)))
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(safetext.TruncateMiddle(safetext.Clean(n), 60))
	}
	return b.String()
}

// warn looks for what all queues can suffer from.
func (l *Lock) warn(d *Directory, c *Cluster, e *evidence) {
	l.warnSequences(d)
	l.warnIDs()
	l.warnNodes()
	l.warnSessions(c)
	l.warnWatches(c, e)
	places := 0
	for i := range l.Contenders {
		if l.Contenders[i].Dir == d.Path {
			places++
		}
	}
	if l.Recipe == KazooSemaphore && l.Limit > 0 && places > l.Limit {
		l.add(WarnOverLimit, nil, fmt.Sprintf("%d places are taken of %d: clients were made with different limits, or znodes by hand.", places, l.Limit))
	}
}

// nearEnd is how many numbers before the last one a counter is worth a word: a thousand
// acquisitions a second take a quarter of an hour.
const nearEnd = 1_000_000

func (l *Lock) warnSequences(d *Directory) {
	var equal, negative, invented []string
	positive := false
	for i := range l.Contenders {
		k := &l.Contenders[i]
		if !k.Sequential {
			continue
		}
		positive = positive || k.Sequence >= 0
		if k.Sequence < 0 {
			negative = append(negative, k.Node)
		}
		if k.Dir == d.Path && !given(k.Sequence, l.NextSequence) {
			invented = append(invented, k.Node)
		}
		if i > 0 && sameNumber(&l.Contenders[i-1], k) {
			equal = append(equal, k.Node)
		}
	}
	l.about(WarnEqualSequence, equal, "%s has the number of the one before it: by most recipes both hold. Stop the clients and delete the directory when it is empty.")
	l.about(WarnNotGiven, invented, "%s has a number that the server has not given yet: it was made by hand or copied.")
	if len(negative) > 0 {
		text := "%s is behind number 2147483647: the counter went on below zero."
		if positive {
			text += " Clients sort it before the older ones and may hold together with them."
		}
		l.about(WarnNegative, negative, text)
	}
	switch next := l.NextSequence; {
	case next == math.MaxInt32:
		l.add(WarnCounter, nil, "The counter stands at 2147483647, its end: from here on contenders get equal numbers. Delete the directory when it is empty; it starts at 0 again.")
	case next > math.MaxInt32-nearEnd:
		l.add(WarnCounter, nil, fmt.Sprintf("%d numbers are left until 2147483647; then contenders get equal ones. Delete the directory when it is empty; it starts at 0 again.", math.MaxInt32-next))
	}
}

// sameNumber tells whether two contenders were given one number, which is an error but
// where the recipe copies numbers: Solr, and Curator's reader that writes.
func sameNumber(a, b *Contender) bool {
	if !a.Sequential || a.Sequence != b.Sequence || a.Dir != b.Dir || a.name.family == solr {
		return false
	}
	own := a.name.family == curatorRW && a.Mode != b.Mode && a.Session == b.Session
	return !own
}

// warnIDs finds GUIDs that are there twice: a create whose reply was lost was repeated,
// and the second waits for the first. WriteLock and zoo_lock have the session for a
// GUID: two locks of one session on one directory are the same to them.
func (l *Lock) warnIDs() {
	seen := make(map[string]bool, len(l.Contenders))
	var twice []string
	for i := range l.Contenders {
		k := &l.Contenders[i]
		switch k.name.family {
		case solr, distributedLog, accumuloFate, rustLatch:
			continue // the participant's, not one per contender
		}
		if k.name.idTo == 0 {
			continue
		}
		id := k.name.id(k.Node)
		if seen[id] {
			twice = append(twice, k.Node)
		}
		seen[id] = true
	}
	l.about(WarnDuplicateID, twice, "%s is the second znode of one acquisition: its create was repeated, and it may wait for its own first one. Restart that client.")
}

func (l *Lock) warnNodes() {
	var kept, revoked, changed []string
	for i := range l.Contenders {
		k := &l.Contenders[i]
		switch {
		case asked(k.Data):
			revoked = append(revoked, k.Node)
		case k.Stat.Version > 0 || k.Stat.Mtime != k.Stat.Ctime:
			changed = append(changed, k.Node)
		}
		if k.Stat.Known() && k.Stat.EphemeralOwner == 0 {
			kept = append(kept, k.Node)
		}
	}
	l.about(WarnPersistent, kept, "%s is persistent: it does not go away by itself when its client dies.")
	l.about(WarnRevoke, revoked, "Somebody asks %s to let go; whether it does is up to its client.")
	l.about(WarnChanged, changed, "The value of %s was written after it queued.")
}

// warnSessions finds owners that do not live, or are connected nowhere.
func (l *Lock) warnSessions(c *Cluster) {
	var dead, cut []string
	for i := range l.Contenders {
		k := &l.Contenders[i]
		if k.Session == 0 || !c.judges(k.Stat) {
			continue
		}
		switch {
		case c.Sessions != nil && !c.Sessions[k.Session]:
			dead = append(dead, k.Node)
		case c.AllAddresses && k.Address == "":
			cut = append(cut, k.Node)
		}
	}
	l.about(WarnZombie, dead, zombieText)
	l.about(WarnNoConnection, cut, "The client of %s is connected to no server: it comes back, or its session ends at its timeout.")
}

// warnWatches finds who waits without watching, and releases that wake too many.
func (l *Lock) warnWatches(c *Cluster, e *evidence) {
	var ghosts []string
	blind := false
	for i := range l.Contenders {
		blind = blind || families[l.Contenders[i].name.family].blind
	}
	if e.all && e.by != nil && !blind {
		for i := range l.Contenders {
			k := &l.Contenders[i]
			if k.Role == Waiter && k.Session != 0 && len(e.by[k.Session]) == 0 && !e.parents[k.Session] && c.judges(k.Stat) {
				ghosts = append(ghosts, k.Node)
			}
		}
	}
	l.about(WarnGhost, ghosts, ghostText)
	l.warnHerd(e)
}

// warnHerd says why a release wakes more than it must. Child watches on the directory
// are not told by any server, so that is only known from the recipe. A warning that
// names a node rests on what the servers said.
func (l *Lock) warnHerd(e *evidence) {
	waiters := l.Waiters()
	if l.Wake == WakeAll && waiters > 1 {
		l.add(WarnHerd, nil, fmt.Sprintf("Every release wakes all %d waiters: that is how this recipe watches. A fair recipe wakes one.", waiters))
		return
	}
	watching := 0
	for i := range l.Contenders {
		k := &l.Contenders[i]
		if k.Session != 0 && e.parents[k.Session] && len(e.by[k.Session]) == 0 {
			watching++
		}
	}
	if watching > 1 {
		l.add(WarnHerd, nil, fmt.Sprintf("%d contenders watch the directory and none before them: every change of it wakes them all.", watching))
		return
	}
	if l.Kind == ReadWrite || l.Limit != 1 {
		return
	}
	if i, n := e.crowd(l.Contenders); n > 0 && n >= waiters {
		node := []string{l.Contenders[i].Node}
		l.add(WarnHerd, node, fmt.Sprintf("%d waiters watch %s: its release wakes them all. A fair recipe wakes one.", n, named(node)))
	}
}

// warnMixed says which families meet, and who holds by its own idea.
func (l *Lock) warnMixed(groups []group) {
	names := make([]string, 0, len(groups))
	for _, g := range groups {
		names = append(names, string(families[g.family].recipe))
	}
	slices.Sort(names)
	l.add(WarnMixed, nil, fmt.Sprintf("Recipes are mixed here: %s. They do not all wait for each other, so exclusion is not guaranteed. Give each a directory of its own.", strings.Join(names, ", ")))
	var holders []string
	for i := range l.Contenders {
		if l.Contenders[i].Role == Holder {
			holders = append(holders, l.Contenders[i].Node)
		}
	}
	if len(holders) > 1 {
		l.about(WarnMayHoldTogether, holders, "By their own recipes these hold together: %s.")
	}
}

func (l *Lock) warnOwnWrite(guessed []string) {
	l.about(WarnOwnWrite, guessed, "%s is counted as held because its session has the write lock; another thread of that client would wait.")
}

func (l *Lock) warnForeign(broken, blocking []string) {
	l.about(WarnForeign, broken, "Not contenders, and they break this recipe's clients: %s. Move them elsewhere.")
	l.about(WarnForeign, blocking, "Not contenders, and this recipe's clients wait for them: %s. Delete them or move them elsewhere.")
}
