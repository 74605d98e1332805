package tui

import (
	"image"

	"zkdeck/zkview"
)

// tourStep is one thing that a newcomer is shown.
type tourStep struct {
	title string
	// ask says what to look at and which key to press.
	ask func(m *model) tourCard
	// leads tells that what ask leads to is in front; then seen speaks of that, and the
	// step is over when it no longer is. Without leads, the step is over when the
	// selected znode was opened.
	leads func(m *model) bool
	seen  func(m *model) tourCard
	// beside tells that the keys of ask do their work on every screen, not on the tree
	// alone.
	beside bool
}

// tourCard is what a step says now.
type tourCard struct {
	text string
	do   []hint // the keys to press, first in the footer too
	// target is what it points at: the rule above it bears the label, and the card
	// leaves it free if it can. It is empty where the footer is pointed at alone.
	target image.Rectangle
	label  []span
}

// tourSteps are the steps in their order; a step about another screen is an entry
// here. No key is named in a text: keys come from the KeyMap, as hints.
var tourSteps = []tourStep{
	{title: "The tree", ask: askTree},
	{title: "It is live", ask: askLive, leads: inActivity, seen: seenLive},
	{title: "Find", ask: askFind, leads: inFind, seen: seenFind, beside: true},
	{title: "A znode", ask: askZnode, leads: inStat, seen: seenZnode},
	{title: "Locks", ask: askLocks, leads: inLocks, seen: seenLocks, beside: true},
	{title: "Help", ask: askHelp, leads: inHelp, seen: askHelp, beside: true},
}

func askTree(m *model) tourCard {
	return tourCard{
		text: "All that ZooKeeper holds is a tree of znodes. A znode is a named place that holds a small value and may have " +
			"children: that is " + m.st.closed + ". Go down to one, and open it.",
		do:     []hint{{m.keys.Down, "down"}, {m.keys.Open, "open"}},
		target: m.lay.tree, label: m.pointer("the tree"),
	}
}

func askLive(m *model) tourCard {
	st := m.st
	c := tourCard{
		text: "What programs change shows by itself and is marked for a moment; the signs stand above the tree. Activity " +
			"lists each change below the selected znode as it happens.",
		do:     []hint{{m.keys.ActivityScreen, "activity"}},
		target: m.lay.tree,
		label: []span{
			{st.good, " " + st.created + " new  "}, {st.warn, st.changed + " changed  "}, {st.bad, st.deleted + " gone "},
		},
	}
	switch root := m.tree.sel == "/"; {
	case m.opts.Sandbox:
		c.text = "Many programs pretend to use this sandbox. What they change shows by itself and is marked for a moment; the " +
			"signs stand above the tree. Activity lists each change: at the top of the tree, all of them."
		if !root {
			c.do = []hint{{m.keys.Top, "top"}, c.do[0]}
		}
	case root: // a whole cluster is followed only by who wants that
		c.do = []hint{{m.keys.Down, "down"}, c.do[0]}
	}
	return c
}

func inActivity(m *model) bool {
	_, ok := m.screens.top().(*activityScreen)
	return ok
}

func seenLive(m *model) tourCard {
	if s, ok := m.screens.top().(*activityScreen); ok && s.feed.change.open {
		return tourCard{
			text:   "This is one change: the value before it and after it, with the version that it made.",
			do:     []hint{{m.keys.Back, "back to all"}},
			target: m.upper(), label: m.pointer("what has changed"),
		}
	}
	return tourCard{
		text: "Each row is one change of one znode, the newest on top; the bars are the changes of each second. It goes on " +
			"while you are elsewhere, until you end it.",
		do:     []hint{{m.keys.ShowChange, "the change"}, {m.keys.Back, "back"}},
		target: m.upper(), label: m.pointer("each change as it happens"),
	}
}

func askFind(m *model) tourCard {
	return tourCard{
		text: "Nobody scrolls through a million znodes. Find looks through the whole tree for a part of a name, and for " +
			"content, owner, size and age.",
		do: []hint{{m.keys.Find, "find"}},
	}
}

func inFind(m *model) bool {
	_, ok := m.screens.top().(*findScreen)
	return ok
}

func seenFind(m *model) tourCard {
	c := tourCard{
		text: "Type a part of a name; what has it shows at once, the best first. From the results it goes on to the znode " +
			"in the tree.",
		do:     []hint{{m.keys.Accept, "to the results"}, {m.keys.Back, "back"}},
		target: m.upper(), label: m.pointer("type here"),
	}
	if !m.typing() {
		c.do[0], c.label = hint{m.keys.Toggle, "show in the tree"}, m.pointer("the results")
	}
	return c
}

// The texts about a znode fit two lines where the panes are stacked: a taller card
// would cover what it points at.

func askZnode(m *model) tourCard {
	c := tourCard{
		text: "This is the value of the selected znode. If you edit it, it is saved only if nobody else was faster. The next " +
			"tab, Stat, tells its age and owner.",
		do:     []hint{{m.keys.NextTab, "Stat"}, {m.keys.Edit, "edit"}},
		target: m.lay.detail, label: m.pointer("the selected znode"),
	}
	if m.header.status.ReadOnly {
		c.do = c.do[:1]
	}
	if !m.lay.detailShown {
		c.do, c.target, c.label = []hint{{m.keys.Focus, "show it"}}, image.Rectangle{}, nil
	}
	return c
}

func inStat(m *model) bool {
	return m.screens.top() == nil && m.lay.detailShown && m.detail.tab == tabStat
}

func seenZnode(m *model) tourCard {
	c := tourCard{
		text: "Stat is what ZooKeeper knows of it. One with an ephemeralOwner is ephemeral: it vanishes with the session that " +
			"made it, a program's connection.",
		do:     []hint{{m.keys.PrevTab, "the value"}},
		target: m.lay.detail, label: m.pointer("age, versions, owner"),
	}
	if r, ok := m.selected(); ok && r.HasStat && r.Stat.Kind() == zkview.Ephemeral {
		c.text = "This znode is ephemeral: it vanishes with the session that made it, a program's connection to ZooKeeper. So " +
			"others see that the program is gone."
	}
	return c
}

func askLocks(m *model) tourCard {
	return tourCard{
		text: "Programs take turns by queues of znodes: locks, elections, semaphores. Locks shows every one of the cluster, live, " +
			"whatever library made it.",
		do: []hint{{m.keys.LocksScreen, "locks"}},
	}
}

func inLocks(m *model) bool {
	_, ok := m.screens.top().(*locksScreen)
	return ok
}

func seenLocks(m *model) tourCard {
	if s, ok := m.screens.top().(*locksScreen); ok && s.queue != nil {
		return tourCard{
			text: "This is one lock: on top who holds it, below who waits, and for whom. What is seen of its past shows beside it, or " +
				"below.",
			do:     []hint{{m.keys.Back, "all locks"}},
			target: m.upper(), label: m.pointer("the holder comes first"),
		}
	}
	return tourCard{
		text:   "Each row is a lock: who holds it, for how long at least, and how many wait. Open one to see its queue, or take one.",
		do:     []hint{{m.keys.OpenLock, "open"}, {m.keys.Lock, "take"}, {m.keys.Back, "back"}},
		target: m.upper(), label: m.pointer("who holds, who waits"),
	}
}

func askHelp(m *model) tourCard {
	return tourCard{
		text: "The help lists every key; letters typed there narrow the list. The command bar takes a path to go to, or a " +
			"command: tour shows all this again.",
		do: []hint{{m.keys.Help, "help"}, {m.keys.Command, "command bar"}},
	}
}

func inHelp(m *model) bool {
	_, ok := m.dialogs.top().(*helpDialog)
	return ok
}

// pointer is the label of a rule that points at what is below it.
func (m *model) pointer(words string) []span {
	return []span{{m.st.title, " " + m.st.open + " " + words + " "}}
}

// upper is the part of the body where a screen shows what comes first.
func (m *model) upper() image.Rectangle {
	r := m.lay.body
	r.Max.Y = r.Min.Y + r.Dy()/2
	return r
}
