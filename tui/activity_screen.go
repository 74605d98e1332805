package tui

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
)

// activityScreen is screen 5: the feed on the whole body.
type activityScreen struct {
	feed *activity
	host host
	keys *KeyMap
	now  func() time.Time
}

var (
	_ scene   = (*activityScreen)(nil)
	_ typist  = (*activityScreen)(nil)
	_ pointer = (*activityScreen)(nil)
)

// followMsg follows the subtree at path; empty is what is selected in the tree.
// sure tells that the person was asked where that is due.
type followMsg struct {
	path string
	sure bool
	pane bool // show it below the tree
}

// unfollowMsg ends the feed.
type unfollowMsg struct{}

func (s *activityScreen) title() string {
	if n := s.feed.rate(s.now()); n > 0 {
		return "Activity " + comma(n) + "/s"
	}
	return "Activity"
}

func (s *activityScreen) typing() bool { return s.feed.typing }

// here is the path of the selected change.
func (s *activityScreen) here() string {
	if s.feed.change.open {
		return s.feed.change.act.Path
	}
	if act, ok := s.feed.list.selected(s.feed.log); ok {
		return act.Path
	}
	return s.feed.path
}

func (s *activityScreen) place() string { return safetext.Clean(s.here()) }

func (s *activityScreen) key(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	a, k := s.feed, s.keys
	if a.typing {
		return a.filterKey(msg, k), true
	}
	if a.change.open {
		switch {
		case key.Matches(msg, k.PrevTab):
			return a.showNext(-1), true
		case key.Matches(msg, k.NextTab):
			return a.showNext(1), true
		case a.change.key(msg, k):
			return nil, true
		}
	}
	if a.list.key(msg, k, a) {
		return nil, true
	}
	act, some := a.list.selected(a.log)
	if a.change.open {
		act, some = a.change.act, true
	}
	switch {
	case key.Matches(msg, k.Back) && a.filter.text() != "":
		a.filter.clear()
		a.setFilter()
	case key.Matches(msg, k.Filter):
		a.change.close()
		a.typing = true
		a.filter.open()
	case key.Matches(msg, k.Pause):
		a.pause()
	case key.Matches(msg, k.TopOrder):
		return a.turnTop(), true
	case key.Matches(msg, k.ClearFeed):
		a.clear()
	case key.Matches(msg, k.FollowHere):
		return tell(followMsg{}), true
	case key.Matches(msg, k.EndScreen):
		return tell(unfollowMsg{}), true
	case key.Matches(msg, k.ShowChange) && some:
		return a.change.show(act), true
	case key.Matches(msg, k.Jump) && some:
		return s.host.jump(act.Path), true
	case key.Matches(msg, k.CopyPath) && some:
		return s.host.copyText("path", act.Path), true
	default:
		return nil, false
	}
	return nil, true
}

// key moves the selection.
func (l *feedList) key(msg tea.KeyPressMsg, k *KeyMap, a *activity) bool {
	page := max(l.height, 1)
	switch {
	case key.Matches(msg, k.Up):
		l.move(a.log, -1)
	case key.Matches(msg, k.Down):
		l.move(a.log, 1)
	case key.Matches(msg, k.Top):
		l.move(a.log, -a.log.Len())
	case key.Matches(msg, k.Bottom):
		l.move(a.log, a.log.Len())
	case key.Matches(msg, k.HalfUp):
		l.page(a.log, -page/2)
	case key.Matches(msg, k.HalfDown):
		l.page(a.log, page/2)
	case key.Matches(msg, k.PageUp):
		l.page(a.log, -page)
	case key.Matches(msg, k.PageDown):
		l.page(a.log, page)
	default:
		return false
	}
	return true
}

// showNext shows the change by rows earlier than the one that is shown.
func (a *activity) showNext(by int) tea.Cmd {
	a.list.away, a.list.sel = true, a.change.act.Seq
	a.list.move(a.log, by)
	act, ok := a.list.selected(a.log)
	if !ok || act.Seq == a.change.act.Seq {
		return nil
	}
	return a.change.show(act)
}

// filterKey takes a key while the filter is typed.
func (a *activity) filterKey(msg tea.Msg, k *KeyMap) tea.Cmd {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(press, k.Accept):
			a.typing = false
			return nil
		case key.Matches(press, k.Back):
			a.typing = false
			a.filter.clear()
			a.setFilter()
			return nil
		}
	}
	was := a.filter.text()
	var cmd tea.Cmd
	a.filter.input, cmd = a.filter.input.Update(msg)
	if a.filter.text() != was {
		a.setFilter()
	}
	return cmd
}

func (s *activityScreen) update(msg tea.Msg) tea.Cmd {
	a := s.feed
	switch msg := msg.(type) {
	case tea.PasteMsg:
		if a.typing {
			return a.filterKey(msg, s.keys)
		}
		s.host.say(levelInfo, "Pasted text goes nowhere here; "+s.keys.Filter.Help().Key+" takes a filter")
	case tea.MouseWheelMsg:
		by := wheelRows
		if msg.Button == tea.MouseWheelUp {
			by = -wheelRows
		}
		if a.change.open {
			a.change.scroll(by)
		} else {
			a.list.page(a.log, by)
		}
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft && !a.change.open {
			return s.click(msg.Y)
		}
	}
	return nil
}

// click selects the change on line y, or shows it when it is selected.
func (s *activityScreen) click(y int) tea.Cmd {
	a := s.feed
	top := a.list.top(a.log)
	row := top + y - a.list.first
	switch {
	case y < a.list.first || row >= a.log.Len():
	case row == a.list.row(a.log):
		act, _ := a.list.selected(a.log)
		return a.change.show(act)
	default:
		a.list.move(a.log, row-a.list.row(a.log))
	}
	return nil
}

func (s *activityScreen) render(st *styles, width, height int, now time.Time) ([]string, *tea.Cursor) {
	if s.feed.change.open {
		return s.feed.change.render(st, width, height, now), nil
	}
	return s.feed.render(st, s.keys, width, height, now)
}

func (s *activityScreen) hints() []hint {
	k := s.keys
	switch {
	case s.feed.typing:
		return []hint{{k.Accept, "keep"}, {k.Back, "clear"}}
	case s.feed.change.open:
		return []hint{{k.Back, "back to the list"}, {k.PrevTab, "newer"}, {k.NextTab, "older"}, {k.Jump, "in tree"}, {k.CopyPath, "copy path"}}
	}
	pause := "pause"
	if s.feed.since != nil {
		pause = "go on"
	}
	return []hint{
		{k.ShowChange, "diff"},
		{k.Pause, pause},
		{k.Filter, "filter"},
		{k.Jump, "in tree"},
		{k.FollowHere, "follow"},
		{k.EndScreen, "end"},
	}
}

// nextChange is nothing of the screen's own: the feed runs on without it, and the
// model asks that.
func (s *activityScreen) nextChange(time.Time) time.Duration { return 0 }

func (s *activityScreen) close() { s.feed.stop() }
