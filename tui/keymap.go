package tui

import "charm.land/bubbles/v2/key"

// KeyMap names every key of zkdeck. Help, footer, README and tests read it; a
// key string appears nowhere else.
type KeyMap struct {
	Up, Down, Top, Bottom, HalfUp, HalfDown, PageUp, PageDown key.Binding
	Open, Close, Toggle, Focus, PrevTab, NextTab, Zoom        key.Binding
	TreeScreen, Find, Sizes                                   key.Binding
	ToQuery, ToResults, FindScope, Jump, MarkAll, SizesBy     key.Binding
	Lock, Leases, LeaseEnd, LeaseQueue                        key.Binding
	LocksScreen, OpenLock, LocksBy, SearchAgain, LocksMissing key.Binding
	ActivityScreen, ActivityPane                              key.Binding
	Pause, ShowChange, FollowHere, TopOrder                   key.Binding
	ClearFeed, EndScreen                                      key.Binding
	Filter, Command, LastPlace, Mark, Sort, Refresh, Load     key.Binding
	CopyPath, CopyValue, Raw, Wrap, Diff, MarkEntry           key.Binding
	Create, Edit, EditExternal, Delete                        key.Binding
	CopyTo, MoveTo, Rename, Export, Import, Compare           key.Binding
	GoLeft, GoRight, Comparison                               key.Binding
	Ops, Help, Back, Quit, ForceQuit                          key.Binding
	Accept, Complete, CompleteBack, HistoryBack, HistoryOn    key.Binding
	EraseBack, HelpTyping                                     key.Binding
	Choose, Sandbox, ConnectTo                                key.Binding
	TourNext, TourSkip                                        key.Binding
	AskBack, BreakLock                                        key.Binding
	ShowContender, LockSpan, LockTrouble, LockPast            key.Binding // of an opened lock
	EnsemblesScreen                                           key.Binding
	NewEnsemble, PrevEnsemble, NextEnsemble, TakeDown         key.Binding // of an ensemble
	StartAll, StopAll, KillLeader, AddServer                  key.Binding
	ConnectHere, CopyConnect, ShellCommand, AllEvents         key.Binding
	StartServer, StopServer, KillServer, PauseServer          key.Binding // of a server
	RestartServer, WipeServer, RemoveServer                   key.Binding
	ServerLog, AllLogs, LogFollow, LogBefore, LogAfter        key.Binding // of logs
	LabScreen, LabRun, LabStep, LabSlower, LabFaster          key.Binding // of the lock lab
	LabAdd, LabLess, LabKill, LabCrash, LabFreeze, LabTry     key.Binding
	LabRecipe, LabRecipeBack, LabFence, LabLanes, LabOther    key.Binding
	LabSetup, LabAgain, LabReset, LabNotes, LabWhere          key.Binding
	LabBefore, LabAfter, LabLessons                           key.Binding
	LessonNext, LessonPrev, LessonPage                        key.Binding // of a lesson
}

// keyGroup is a heading of the help with its keys.
type keyGroup struct {
	Title string
	Keys  []key.Binding
}

// DefaultKeyMap returns the keys as they are without configuration.
func DefaultKeyMap() KeyMap {
	b := func(help, desc string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, desc))
	}
	return KeyMap{
		Up:           b("↑ k", "up", "up", "k"),
		Down:         b("↓ j", "down", "down", "j"),
		Top:          b("g", "to the top", "g", "home"),
		Bottom:       b("G", "to the bottom", "G", "end"),
		HalfUp:       b("ctrl-u", "half a screen up", "ctrl+u"),
		HalfDown:     b("ctrl-d", "half a screen down", "ctrl+d"),
		PageUp:       b("pgup", "a screen up", "pgup"),
		PageDown:     b("pgdn", "a screen down", "pgdown"),
		Open:         b("→ l", "expand; on an expanded znode, to its first child", "right", "l"),
		Close:        b("← h", "collapse; on a collapsed znode, to its parent", "left", "h"),
		Toggle:       b("enter", "expand or collapse; on a leaf, to its detail; load what is too big", "enter"),
		Focus:        b("tab", "to the other pane", "tab", "shift+tab"),
		PrevTab:      b("[", "previous tab of the detail", "["),
		NextTab:      b("]", "next tab of the detail", "]"),
		Zoom:         b("+", "this pane alone, and back", "+", "="),
		TreeScreen:   b("1", "the tree", "1"),
		Find:         b("ctrl-f", "find znodes by name, content, owner, size, age", "ctrl+f"),
		Sizes:        b("S", "what takes the space below the selected znode", "S"),
		ToQuery:      b("/", "in Find: to the query", "/"),
		ToResults:    b("tab ↓", "in Find: from the query to the results, and back", "tab", "down", "pgdown"),
		FindScope:    b("ctrl-t", "in Find: the whole tree, or the selected subtree", "ctrl+t"),
		Jump:         b("t", "in Find, Size, Locks and Activity: show the znode in the tree", "t"),
		MarkAll:      b("a", "in Find: mark all results, or none", "a", "ctrl+a"),
		SizesBy:      b("s", "in Size: order by bytes, znodes, name", "s"),
		Filter:       b("/", "filter names; !text hides, ~text is fuzzy", "/"),
		Command:      b(":", "go to a path, or a command", ":"),
		LastPlace:    b("-", "back to the last place", "-"),
		Mark:         b("space", "mark for delete; two marked ones, to compare", "space"),
		Sort:         b("s", "next sort order", "s"),
		Refresh:      b("r", "read again what is shown", "r"),
		Load:         b("o", "load what was held back for its size", "o"),
		CopyPath:     b("y", "copy the path", "y"),
		CopyValue:    b("Y", "copy the value", "Y"),
		Raw:          b("v", "value: pretty, raw, hex", "v"),
		Wrap:         b("w", "wrap long lines", "w"),
		Diff:         b("d", "in History: compare with the value before, or with the marked one", "d"),
		MarkEntry:    b("space", "in History: mark the entry to compare with", "space"),
		Create:       b("c", "create a znode here", "c"),
		Edit:         b("e", "edit the value", "e"),
		EditExternal: b("E", "edit the value in $EDITOR", "E"),
		Delete:       b("d", "delete", "d", "delete"),
		CopyTo:       b("C", "copy the subtree to another place", "C"),
		MoveTo:       b("M", "move the subtree to another place", "M"),
		Rename:       b("R F2", "rename", "R", "f2"),
		Export:       b("x", "export the subtree to a file", "x"),
		Import:       b("i", "import a file here", "i"),
		Compare:      b("D", "compare the subtree with another one, or a file; two marked ones with each other", "D"),
		Comparison:   b("9", "the last comparison", "9"),
		GoLeft:       b("<", "show the znode on the left in the tree", "<"),
		GoRight:      b(">", "show the znode on the right in the tree", ">"),
		Ops:          b("ctrl-o", "every request that we sent", "ctrl+o"),
		Help:         b("?", "help", "?", "f1"),
		Back:         b("esc", "clear the filter, close, back", "esc"),
		Quit:         b("q", "quit", "q"),
		ForceQuit:    b("ctrl-c", "quit at once; the second time if we hold leases", "ctrl+c"),
		Accept:       b("enter", "do it", "enter"),
		Complete:     b("tab", "complete, then the next candidate", "tab"),
		CompleteBack: b("shift-tab", "the candidate before", "shift+tab"),
		HistoryBack:  b("↑", "an earlier line", "up", "ctrl+p"),
		HistoryOn:    b("↓", "a later line", "down", "ctrl+n"),
		EraseBack:    b("backspace", "on an empty line: close", "backspace"),

		LocksScreen:  b("2", "the locks, and who holds and who waits for each", "2"),
		OpenLock:     b("enter → l", "the lock's queue", "enter", "right", "l"),
		LocksBy:      b("s", "order by state, path, waiters, rate, age", "s"),
		SearchAgain:  b("r R", "search for locks again", "r", "R"),
		Lock:         b("L", "take a lock at the selected path, or queue for it", "L"),
		Leases:       b("ctrl-l", "the leases that we hold, wait for or lost", "ctrl+l"),
		LeaseEnd:     b("x", "among the leases: release it, give the wait up, take note of the loss", "x"),
		LeaseQueue:   b("l →", "among the leases: the lock's queue", "l", "right"),
		AskBack:      b("A", "ask who holds a lock to give it back", "A"),
		BreakLock:    b("B", "break a lock: delete the znode of who holds it, or of the selected contender", "B"),
		LocksMissing: b("m", "all that is not known, and why: what could not be searched, what servers refuse", "m"),

		ActivityScreen: b("5", "live changes of the selected subtree", "5"),
		ActivityPane:   b("a", "live changes of the selected subtree below the tree, and away", "a"),
		Pause:          b("space", "stand still while more is collected, and on", "space"),
		ShowChange:     b("enter", "the value before and after the change", "enter"),
		FollowHere:     b("f", "follow what is selected in the tree instead", "f"),
		TopOrder:       b("s", "count the top changing paths over the last minute, or since the start", "s"),
		ClearFeed:      b("x", "clear what was collected", "x"),
		EndScreen:      b("X", "end it: nothing is watched any more", "X"),
		HelpTyping:     b("f1", "help", "f1"),

		Choose:    b("enter", "open what is selected", "enter"),
		Sandbox:   b("s", "open the sandbox", "s"),
		ConnectTo: b("c", "type the servers to connect to", "c"),

		ShowContender: b("enter", "what is known of a contender, and its value", "enter"),
		LockSpan:      b("z", "how far back the timeline goes: 10 s, 60 s, 10 min", "z"),
		LockTrouble:   b("w", "all warnings, and the chains of deadlocks", "w"),
		LockPast:      b("x", "export the timeline to a file, as JSON lines", "x"),

		EnsemblesScreen: b("6", "ensembles: real ZooKeeper servers on this machine", "6"),
		NewEnsemble:     b("n", "a new ensemble", "n"),
		PrevEnsemble:    b("[", "the ensemble before", "["),
		NextEnsemble:    b("]", "the next ensemble", "]"),
		StartServer:     b("s", "start the server", "s"),
		StartAll:        b("S", "start all that do not run", "S"),
		StopServer:      b("x", "stop the server: TERM, and KILL after 10 s", "x"),
		StopAll:         b("X", "stop all servers", "X"),
		KillServer:      b("K", "kill the server: KILL, as when its machine dies", "K"),
		KillLeader:      b("!", "kill the leader", "!"),
		PauseServer:     b("space", "pause the server, as when it hangs, and resume it", "space"),
		RestartServer:   b("r", "restart the server", "r"),
		WipeServer:      b("w", "wipe the data of the server", "w"),
		AddServer:       b("a", "add a server or an observer", "a"),
		RemoveServer:    b("d", "remove the server", "d", "delete"),
		TakeDown:        b("D", "take the ensemble down, or delete it", "D"),
		ConnectHere:     b("c", "connect: open its tree", "c"),
		CopyConnect:     b("y", "copy the connect string", "y"),
		ShellCommand:    b("Y", "the zkCli command", "Y"),
		AllEvents:       b("e", "all that has happened", "e"),
		ServerLog:       b("enter → l", "the log of the server", "enter", "right", "l"),
		AllLogs:         b("m", "the logs of all servers, merged", "m"),
		LogFollow:       b("f", "in a log: follow what is appended, or stand still", "f"),
		LogBefore:       b("[", "in a log: that of the server before", "["),
		LogAfter:        b("]", "in a log: that of the next server", "]"),

		LabScreen:     b("7", "the lock lab: workers that contend for one lock, slowly", "7"),
		LabRun:        b("space", "stand still, and on", "space"),
		LabStep:       b(". n", "let one request go, and stand still", ".", "n"),
		LabSlower:     b("<", "slower: hold each request for longer", "<"),
		LabFaster:     b(">", "faster, up to full speed", ">"),
		LabAdd:        b("+", "one worker more", "+", "="),
		LabLess:       b("-", "one worker less", "-"),
		LabKill:       b("x", "end the worker: its session is closed, and its znode goes at once", "x", "delete"),
		LabCrash:      b("K", "crash the worker: its znode stays until its session times out", "K"),
		LabFreeze:     b("f", "freeze the worker, as in a long pause of its program, and thaw it", "f"),
		LabTry:        b("t", "let the worker try instead of wait, at its next turn", "t"),
		LabBefore:     b("← ↑ k", "the worker before in line", "left", "up", "k"),
		LabAfter:      b("→ ↓ j", "the next worker in line", "right", "down", "j"),
		LabRecipe:     b("r", "the next recipe for this lane", "r"),
		LabRecipeBack: b("R", "the recipe before", "R"),
		LabFence:      b("F", "let the resource refuse late writes, or take every one", "F"),
		LabLanes:      b("d", "two lanes side by side, or this one alone", "d"),
		LabOther:      b("tab", "to the other lane", "tab", "shift+tab"),
		LabSetup:      b("e", "recipes, number of workers, times, pace", "e"),
		LabAgain:      b("o", "all over again", "o"),
		LabReset:      b("0", "count from zero", "0"),
		LabNotes:      b("m", "all of the commentary of this lane", "m"),
		LabWhere:      b("w", "run on the servers of this session, or on a sandbox of its own", "w"),
		LabLessons:    b("l", "the lessons", "l"),
		LessonNext:    b("n", "in a lesson: the next page", "n"),
		LessonPrev:    b("N", "in a lesson: the page before", "N"),
		LessonPage:    b("enter", "in a lesson: the page alone, to be read", "enter"),

		TourNext: b("n", "in the tour, which :tour begins: the next step", "n"),
		TourSkip: b("N", "in the tour: skip the rest", "N"),
	}
}

// groups returns all keys under headings, in the order of the help.
func (k *KeyMap) groups() []keyGroup {
	return []keyGroup{
		{"Move", []key.Binding{k.Up, k.Down, k.Top, k.Bottom, k.HalfUp, k.HalfDown, k.PageUp, k.PageDown, k.Open, k.Close, k.Toggle, k.LastPlace}},
		{"Look", []key.Binding{k.Focus, k.PrevTab, k.NextTab, k.Zoom, k.Raw, k.Wrap, k.Diff, k.MarkEntry, k.Refresh, k.Load, k.Sort, k.Filter, k.Command, k.Find, k.Sizes, k.Ops}},
		{"Screens", []key.Binding{k.TreeScreen, k.LocksScreen, k.ActivityScreen, k.ActivityPane, k.EnsemblesScreen, k.LabScreen, k.Comparison}},
		{"Do", []key.Binding{
			k.Create, k.Edit, k.EditExternal, k.Delete, k.Mark, k.CopyTo, k.MoveTo, k.Rename, k.Import, k.Export, k.Compare,
			k.CopyPath, k.CopyValue,
		}},
		{"Find and Size", []key.Binding{k.ToResults, k.ToQuery, k.FindScope, k.Jump, k.MarkAll, k.SizesBy}},
		{"Leases", []key.Binding{k.Lock, k.Leases, k.LeaseEnd, k.LeaseQueue}},
		{"Locks", []key.Binding{k.OpenLock, k.LocksBy, k.SearchAgain, k.LocksMissing, k.AskBack, k.BreakLock, k.Jump, k.EndScreen}},
		{"An opened lock", []key.Binding{k.ShowContender, k.AskBack, k.BreakLock, k.Jump, k.CopyPath, k.LockSpan, k.Pause, k.LockTrouble, k.LockPast}},
		{"Activity", []key.Binding{k.Pause, k.ShowChange, k.Jump, k.FollowHere, k.TopOrder, k.ClearFeed, k.EndScreen}},
		{"Ensembles", k.ensembles()},
		{"Lab", k.lab()},
		{"Compare", []key.Binding{k.GoLeft, k.GoRight}},
		{"Command bar", []key.Binding{k.Accept, k.Complete, k.CompleteBack, k.HistoryBack, k.HistoryOn, k.EraseBack}},
		{"Start screen", k.start()},
		{"Tour", []key.Binding{k.TourNext, k.TourSkip}},
		{"Leave", []key.Binding{k.Back, k.Help, k.Quit, k.ForceQuit}},
	}
}

// start are the keys of the start screen alone.
func (k *KeyMap) start() []key.Binding {
	keys := []key.Binding{k.Choose, k.Sandbox, k.ConnectTo}
	if k.EnsemblesScreen.Enabled() {
		keys = append(keys, named(k.EnsemblesScreen, "ensembles on this machine"))
	}
	return append(keys, named(k.LabScreen, "the lock lab, on the sandbox"))
}

// ensembles are the keys of the board and of the logs that it opens.
func (k *KeyMap) ensembles() []key.Binding {
	return []key.Binding{
		k.NewEnsemble, k.PrevEnsemble, k.NextEnsemble, k.StartServer, k.StartAll, k.StopServer, k.StopAll, k.KillServer, k.KillLeader,
		k.PauseServer, k.RestartServer, k.WipeServer, k.AddServer, k.RemoveServer, k.TakeDown, k.ConnectHere, k.CopyConnect, k.ShellCommand,
		k.AllEvents, k.ServerLog, k.AllLogs, k.LogFollow, k.LogBefore, k.LogAfter,
	}
}

// lab are the keys of the lock lab.
func (k *KeyMap) lab() []key.Binding {
	return []key.Binding{
		k.LabRun, k.LabStep, k.LabSlower, k.LabFaster, k.LabBefore, k.LabAfter, k.LabOther,
		k.LabCrash, k.LabFreeze, k.LabKill, k.LabTry, k.LabAdd, k.LabLess, k.LabRecipe, k.LabRecipeBack, k.LabLanes, k.LabFence,
		k.LabSetup, k.LabAgain, k.LabReset, k.LabNotes, k.LabWhere, k.LabLessons, k.LessonNext, k.LessonPrev, k.LessonPage, k.EndScreen,
	}
}

// noEnsembles takes the keys of the board out of the map.
func (k *KeyMap) noEnsembles() {
	for _, b := range []*key.Binding{
		&k.EnsemblesScreen, &k.NewEnsemble, &k.PrevEnsemble, &k.NextEnsemble, &k.StartServer, &k.StartAll, &k.StopServer, &k.StopAll,
		&k.KillServer, &k.KillLeader, &k.PauseServer, &k.RestartServer, &k.WipeServer, &k.AddServer, &k.RemoveServer, &k.TakeDown,
		&k.ConnectHere, &k.CopyConnect, &k.ShellCommand, &k.AllEvents, &k.ServerLog, &k.AllLogs, &k.LogFollow, &k.LogBefore, &k.LogAfter,
	} {
		b.SetEnabled(false)
	}
}

// startGroups are the keys that work on the start screen.
func (k *KeyMap) startGroups() []keyGroup {
	return []keyGroup{
		{"Start screen", append(k.start(), k.Up, k.Down, k.Top, k.Bottom)},
		{"Connect to", []key.Binding{
			named(k.Accept, "connect"), named(k.Complete, "complete from the recent ones"),
			named(k.HistoryBack, "an earlier one"), named(k.HistoryOn, "a later one"),
		}},
		{"Leave", []key.Binding{named(k.Back, "stop opening, leave the field, back to the session"), k.Help, k.Quit, named(k.ForceQuit, "quit at once")}},
	}
}

// writes lists the keys that change znodes; they leave the help and do nothing
// in a read-only session.
func (k *KeyMap) writes() []*key.Binding {
	return []*key.Binding{
		&k.Create, &k.Edit, &k.EditExternal, &k.Delete, &k.MarkAll, &k.CopyTo, &k.MoveTo, &k.Rename, &k.Import,
		&k.Lock, &k.Leases, &k.LeaseEnd, &k.LeaseQueue, &k.AskBack, &k.BreakLock,
	}
}

// readOnly takes the keys that write out of the map.
func (k *KeyMap) readOnly() {
	k.Mark = named(k.Mark, "mark two to compare")
	for _, b := range k.writes() {
		b.SetEnabled(false)
	}
}
