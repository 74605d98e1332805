package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
	"zkdeck/tui/value"
)

// answer is what is known of a question.
type answer uint8

const (
	unknown answer = iota
	yes
	no
)

// sessionFacts are what the servers say of the session of a contender.
type sessionFacts struct {
	asked     bool // they have answered, or failed to
	lives     answer
	connected answer
	listens   answer // whether it watches its own znode
	address   string // safe
	refused   string // why it is not known who watches what, safe
}

// sessionFactsOf reads the answers of the servers for one contender.
func sessionFactsOf(a *lockctl.Answers, path string, session int64) sessionFacts {
	if a == nil {
		return sessionFacts{}
	}
	s := sessionFacts{asked: true}
	if session == 0 {
		return s
	}
	c := &a.Cluster
	address, there := c.Addresses[session]
	switch s.address = safetext.Clean(address); {
	case there:
		s.lives, s.connected = yes, yes
	case c.Sessions[session]:
		s.lives = yes
	case c.Sessions != nil:
		s.lives = no
	}
	if !there && c.AllAddresses {
		s.connected = no
	}
	switch {
	case slices.Contains(c.Watches[path], session):
		s.listens = yes
	case c.AllWatches:
		s.listens = no
	}
	for _, r := range a.Refusals {
		if strings.Contains(r, "wchp") {
			s.refused = sentence(safetext.CleanLine(r))
			break
		}
	}
	return s
}

// lives says in a few words whether the session lives.
func (s *sessionFacts) text() string {
	switch {
	case !s.asked:
		return "the servers are being asked whether it lives"
	case s.lives == no:
		return "does not live any more"
	case s.lives == yes && s.connected == yes:
		return "lives and is connected"
	case s.lives == yes && s.connected == no:
		return "lives, connected to no server: it ends by itself if its client does not come back"
	case s.lives == yes:
		return "lives"
	}
	return "whether it lives is not known: the servers do not say"
}

// lockTarget is the contender that a dialog is about, as it is now.
type lockTarget struct {
	lock string // the path of the lock
	path string // of the contender's znode
	view *lockctl.View
	at   int // its index in the view
	stat lockctl.Stat
	who  lockctl.Contender // as it was when the dialog was opened
	ours func(int64) bool
	live func() *lockctl.Snapshot

	askKey string // which asks it back

	gone, replaced bool // by the latest view
	seen           *lockctl.View
}

// newLockTarget is the contender with this index of a view; stat was read just now.
func newLockTarget(v *lockctl.View, at int, stat lockctl.Stat, ours func(int64) bool, live func() *lockctl.Snapshot) *lockTarget {
	c := v.Contenders[at]
	t := &lockTarget{lock: v.Path, path: childPath(c.Dir, c.Node), view: v, at: at, stat: stat, who: c, ours: ours, live: live}
	t.who.Stat, t.who.Session = stat, stat.EphemeralOwner
	return t
}

// sync takes the newest view of the lock. It looks at every contender once a view.
func (t *lockTarget) sync() {
	v := t.live().At(t.lock)
	if v == nil || v == t.seen || !v.Stale.IsZero() || v.Denied != "" {
		return
	}
	t.seen = v
	i := slices.IndexFunc(v.Contenders, func(c lockctl.Contender) bool { return c.Node == t.who.Node && c.Dir == t.who.Dir })
	if i < 0 {
		t.gone = true
		return
	}
	if z := v.Contenders[i].Stat.Czxid; z != 0 && z < t.stat.Czxid { // the view is older than what was read
		return
	} else if z > t.stat.Czxid {
		t.replaced = true
		return
	}
	t.view, t.at, t.gone = v, i, false
}

// contender is who it is, as it is now.
func (t *lockTarget) contender() *lockctl.Contender { return &t.view.Contenders[t.at] }

// holds tells whether it has the lock, or may have it.
func (t *lockTarget) holds() bool { return !waits(t.view, t.contender()) }

// waits tells whether a contender has nothing but its place in the queue. Of a semaphore
// with a queue in another directory all there wait, the first for what is not known.
func waits(v *lockctl.View, c *lockctl.Contender) bool {
	apart := v.Recipe == lockctl.CuratorSemaphore || v.Recipe == lockctl.KazooSemaphore
	return c.Role == lockctl.Waiter || apart && c.Mode == lockctl.Exclusive
}

// name is who it is, in a few words.
func (t *lockTarget) name() string { return called(&t.who, t.ours) }

// role is what the contender is called.
func (t *lockTarget) role() string {
	switch k := t.view.Kind; {
	case !t.holds():
		return "waiter"
	case t.contender().Role == lockctl.Unknown:
		return "contender"
	case k == lockctl.Election:
		return "leader"
	}
	return "holder"
}

// heldSince is since when it holds, zero where that is not known or it does not.
func (t *lockTarget) heldSince(now time.Time) (from time.Time, least bool) {
	v := t.view
	if t.contender().Role != lockctl.Holder {
		return time.Time{}, false
	}
	if v.Timeline != nil {
		for _, h := range v.Timeline.Holds(now, now) {
			if h.To.IsZero() && h.Node == t.who.Node {
				return h.From, h.AtLeast
			}
		}
	}
	return v.HeldSince, v.AtLeast
}

// maxIdentity is how many cells of what a contender says of itself are shown.
const maxIdentity = 160

// facts are what a person has to know of the contender, each under its name.
func (t *lockTarget) facts(s *sessionFacts, now time.Time) [][2]string {
	c := &t.who
	var out [][2]string
	add := func(name, text string) { out = append(out, [2]string{name, text}) }
	who := safetext.Truncate(safetext.CleanLine(c.Identity), maxIdentity)
	switch {
	case who == "":
		who = "does not say who it is"
	case c.Session != 0 && t.ours(c.Session):
		who = "you, " + who
	}
	add(t.role(), who)
	address := s.address
	if address == "" {
		address = safetext.Clean(c.Address)
	}
	if address != "" {
		add("address", address)
	}
	switch {
	case c.Session == 0:
		add("session", "none: its znode is persistent")
	default:
		add("session", zxid(c.Session)+", "+s.text())
	}
	queued := ""
	if at := t.view.QueuedAt(c); !at.IsZero() {
		queued = value.Age(max(now.Sub(at), 0)) + " ago, " + stamp(at)
	}
	add("queued", queued)
	if from, least := t.heldSince(now); !from.IsZero() {
		add("", heldFor(max(now.Sub(from), 0), least))
	}
	if t.view.Until > 0 {
		add("until", stamp(time.UnixMilli(t.view.Until)))
	}
	add("token", zxid(t.stat.Czxid)+", the czxid of its znode")
	return out
}

// factRows draws facts, each in as many lines as it takes.
func (p *page) facts(list [][2]string) {
	const column = 9
	for _, f := range list {
		label := safetext.Pad(f[0], column)
		if f[0] == "contender" {
			label = "contends "
		}
		for _, l := range wrapWords(f[1], max(p.width-column, 8)) {
			p.add(span{p.st.dim, label}, span{p.st.text, l})
			label = strings.Repeat(" ", column)
		}
	}
}

// lockAnswersMsg is what the servers said of sessions and watches.
type lockAnswersMsg struct {
	answers *lockctl.Answers
	err     error
}

// askServers asks them, for the dialog with this id.
func askServers(ctx context.Context, id int, h lockHands) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, 2*callTime)
		defer cancel()
		a, err := h.Ask(ctx)
		return dialogMsg{id, lockAnswersMsg{&a, err}}
	}
}

// nowHas says who has the lock now, after something was done to it.
func (t *lockTarget) nowHas() string {
	v := t.live().At(t.lock)
	if v == nil || !v.Stale.IsZero() {
		return ""
	}
	var list []int
	for i := range v.Contenders {
		if v.Contenders[i].Role == lockctl.Holder {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return fmt.Sprintf("Now nobody has %s.", t.lockName())
	}
	return fmt.Sprintf("Now %s %s.", calledAll(v, list, t.ours), hasWords(v.Kind).of(len(list)))
}

// lockName is the lock's path, short enough for a sentence.
func (t *lockTarget) lockName() string { return safetext.TruncateMiddle(safetext.Clean(t.lock), 60) }
