package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// boardLogTail is how many entries of a log are read at first, boardLogKept how many lines of it
// are remembered.
const (
	boardLogTail = 2_000
	boardLogKept = 10_000
)

// logPace is the least time between two batches of lines.
const logPace = 33 * time.Millisecond

// maxLogLines is how many lines of one entry are shown: a stack trace has dozens.
const maxLogLines = 200

// logFeed collects what is read of logs until the screen takes it.
type logFeed struct {
	mu    sync.Mutex
	fresh []logEntry
	err   error
	ended bool
	wake  chan struct{} // at most one
}

// add is for the call that reads.
func (f *logFeed) add(e logEntry) {
	f.mu.Lock()
	if len(f.fresh) >= 2*boardLogKept { // nobody takes them: the oldest go
		f.fresh = append(f.fresh[:0], f.fresh[boardLogKept:]...)
	}
	f.fresh = append(f.fresh, e)
	f.mu.Unlock()
	f.ring()
}

func (f *logFeed) ring() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// end tells that there will be no more.
func (f *logFeed) end(err error) {
	f.mu.Lock()
	f.err, f.ended = err, true
	f.mu.Unlock()
	f.ring()
}

// take hands over what was collected.
func (f *logFeed) take() (fresh []logEntry, ended bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fresh, f.fresh = f.fresh, nil
	return fresh, f.ended, f.err
}

// logLinesMsg tells that a feed has lines to take.
type logLinesMsg struct{ feed *logFeed }

// logLine is a line on screen: the first of an entry, or one that belongs to it.
type logLine struct {
	server int
	at     time.Time // zero for a line that belongs to the one before
	level  string
	text   string // safe
}

// ensembleLogs shows the log of a server, or those of all merged.
type ensembleLogs struct {
	desk *ensembleDesk
	seat *ensembleSeat
	id   int // 0: all

	ctx  context.Context
	stop context.CancelFunc
	feed *logFeed
	err  error
	read bool // something came, or the end

	lines  []logLine // all that are kept
	shown  []logLine // those that the filter leaves
	filter filterLine
	typed  bool
	wrap   bool
	list   scrollList
}

// newEnsembleLogs reads and follows the log of a server, of all where id is 0.
func newEnsembleLogs(d *ensembleDesk, s *ensembleSeat, id int) (*ensembleLogs, tea.Cmd) {
	l := &ensembleLogs{desk: d, seat: s, id: id, filter: newFilterLine(), list: scrollList{follow: true}}
	return l, l.open()
}

// open begins to read.
func (l *ensembleLogs) open() tea.Cmd {
	l.ctx, l.stop = context.WithCancel(l.desk.ctx)
	l.feed = &logFeed{wake: make(chan struct{}, 1)}
	feed, unit, ctx := l.feed, l.seat.unit, l.ctx
	var ids []int
	if l.id != 0 {
		ids = []int{l.id}
	}
	read := l.desk.call(func(context.Context) tea.Msg {
		feed.end(unit.logs(ctx, ids, boardLogTail, func(e logEntry) error { feed.add(e); return ctx.Err() }))
		return nil
	})
	return tea.Batch(read, l.await(0))
}

// await waits for lines, at least as long as wait.
func (l *ensembleLogs) await(wait time.Duration) tea.Cmd {
	feed, ctx := l.feed, l.ctx
	return l.desk.call(func(context.Context) tea.Msg {
		pace := time.NewTimer(wait)
		defer pace.Stop()
		select {
		case <-pace.C:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-feed.wake:
			return logLinesMsg{feed}
		case <-ctx.Done():
			return nil
		}
	})
}

// take shows what came.
func (l *ensembleLogs) take(msg logLinesMsg) tea.Cmd {
	if msg.feed != l.feed {
		return nil
	}
	fresh, ended, err := l.feed.take()
	l.read = true
	match := parseLogFilter(l.filter.text())
	for _, e := range fresh {
		n := len(l.lines)
		l.lines = appendEntry(l.lines, e)
		for _, line := range l.lines[n:] {
			if match.match(line) {
				l.shown = append(l.shown, line)
			}
		}
	}
	if over := len(l.lines) - boardLogKept; over > boardLogKept/4 {
		l.lines = slices.Delete(l.lines, 0, over)
		was := len(l.shown)
		l.refilter()
		l.list.top -= was - len(l.shown) // who stands still goes on looking at the same lines
	}
	if ended {
		if err != nil && !errors.Is(err, context.Canceled) {
			l.err = err
		}
		return nil
	}
	return l.await(logPace)
}

// appendEntry appends the lines of an entry, cleaned.
func appendEntry(lines []logLine, e logEntry) []logLine {
	rest := e.text
	for i := 0; i < maxLogLines; i++ {
		text, after, more := strings.Cut(rest, "\n")
		line := logLine{server: e.server, level: safetext.Clean(e.level), text: safetext.CleanLine(strings.TrimRight(text, "\r"))}
		if i == 0 {
			line.at = e.at
		}
		lines = append(lines, line)
		if rest = after; !more {
			break
		}
	}
	return lines
}

// logFilter are the words that a line must hold; with ! it must not.
type logFilter []zkview.Filter

func parseLogFilter(typed string) logFilter {
	var out logFilter
	for _, w := range strings.Fields(typed) {
		if f := zkview.ParseFilter(w); f.Active() {
			out = append(out, f)
		}
	}
	return out
}

func (f logFilter) match(l logLine) bool {
	for _, w := range f {
		if !w.Match(l.level + " " + l.text) {
			return false
		}
	}
	return true
}

// refilter lists what the filter leaves.
func (l *ensembleLogs) refilter() {
	match := parseLogFilter(l.filter.text())
	l.shown = l.shown[:0:0]
	for _, line := range l.lines {
		if match.match(line) {
			l.shown = append(l.shown, line)
		}
	}
}

// turn shows the log of the server that comes by places later among all.
func (l *ensembleLogs) turn(by int) tea.Cmd {
	var ids []int
	for _, v := range l.seat.servers() {
		ids = append(ids, v.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	at := slices.Index(ids, l.id)
	switch {
	case at < 0 && by > 0:
		at = 0
	case at < 0:
		at = len(ids) - 1
	default:
		at = (at + by + len(ids)) % len(ids)
	}
	return l.show(ids[at])
}

// show turns to the log of another server, or with 0 to all.
func (l *ensembleLogs) show(id int) tea.Cmd {
	if id == l.id {
		return nil
	}
	l.close()
	l.id, l.lines, l.shown, l.err, l.read = id, nil, nil, nil, false
	l.list = scrollList{follow: true}
	if id != 0 {
		l.seat.sel, l.seat.held = id, true
	}
	return l.open()
}

// close ends the reading.
func (l *ensembleLogs) close() { l.stop() }

// key takes a key; with shut the board is shown again.
func (l *ensembleLogs) key(msg tea.KeyPressMsg, k *KeyMap) (cmd tea.Cmd, taken, shut bool) {
	if l.typed {
		return l.filterKey(msg, k), true, false
	}
	page := max(l.list.height-1, 1)
	switch {
	case key.Matches(msg, k.Back) && l.filter.text() != "":
		l.setFilter("")
	case key.Matches(msg, k.Back, k.Close):
		return nil, true, true
	case key.Matches(msg, k.Filter):
		l.typed = true
		l.filter.open()
	case key.Matches(msg, k.LogFollow):
		l.list.follow = !l.list.follow
	case key.Matches(msg, k.Wrap):
		l.wrap = !l.wrap
	case key.Matches(msg, k.LogBefore):
		return l.turn(-1), true, false
	case key.Matches(msg, k.LogAfter):
		return l.turn(1), true, false
	case key.Matches(msg, k.AllLogs):
		return l.show(0), true, false
	case key.Matches(msg, k.Up):
		l.list.by(-1)
	case key.Matches(msg, k.Down):
		l.list.by(1)
	case key.Matches(msg, k.Top):
		l.list.by(-len(l.shown))
	case key.Matches(msg, k.Bottom):
		l.list.follow = true
	case key.Matches(msg, k.HalfUp):
		l.list.by(-page / 2)
	case key.Matches(msg, k.HalfDown):
		l.list.by(page / 2)
	case key.Matches(msg, k.PageUp):
		l.list.by(-page)
	case key.Matches(msg, k.PageDown):
		l.list.by(page)
	default:
		return nil, false, false
	}
	return nil, true, false
}

// filterKey takes what is typed while the filter is.
func (l *ensembleLogs) filterKey(msg tea.Msg, k *KeyMap) tea.Cmd {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(press, k.Accept):
			l.typed = false
			return nil
		case key.Matches(press, k.Back):
			l.typed = false
			l.setFilter("")
			return nil
		}
	}
	was := l.filter.text()
	var cmd tea.Cmd
	if l.filter.input, cmd = l.filter.input.Update(msg); l.filter.text() != was {
		l.refilter()
	}
	return cmd
}

func (l *ensembleLogs) setFilter(text string) {
	l.filter.input.SetValue(text)
	l.refilter()
}

func (l *ensembleLogs) hints(k *KeyMap) []hint {
	if l.typed {
		return []hint{{k.Accept, "keep"}, {k.Back, "clear"}}
	}
	back, follow := "servers", "follow"
	if l.filter.text() != "" {
		back = "no filter"
	}
	if l.list.follow {
		follow = "stand still"
	}
	hints := []hint{{k.Back, back}, {k.Filter, "filter"}, {k.LogFollow, follow}}
	if l.id != 0 {
		hints = append(hints, hint{k.AllLogs, "all servers"})
	}
	return append(hints, hint{k.LogBefore, ""}, hint{k.LogAfter, "another server"}, hint{k.Wrap, "wrap"})
}
