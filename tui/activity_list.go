package tui

import "zkdeck/zkview"

// feedList says where one looks in the feed, whose newest change is row 0. On the
// newest row the selection stays there while more comes; elsewhere it keeps its
// change, and its line of the screen.
type feedList struct {
	away   bool   // the selection has left the newest row
	sel    uint64 // Seq of the selected change, while away
	line   int    // the selection's line of the screen
	height int    // lines of the screen, when last drawn
	first  int    // and on which of the body they began
}

// feedRow is the action of a row.
func feedRow(log *zkview.ActivityLog, row int) zkview.Action { return log.At(log.Len() - 1 - row) }

// row is the selected row; -1 when there is none.
func (l *feedList) row(log *zkview.ActivityLog) int {
	n := log.Len()
	if !l.away || n == 0 {
		return min(0, n-1)
	}
	i, _ := log.Find(l.sel)
	return n - 1 - min(i, n-1)
}

// top is the first row on the screen: as many are newer than what is shown.
func (l *feedList) top(log *zkview.ActivityLog) int {
	row := l.row(log)
	return max(row-min(l.line, row, max(l.height-1, 0)), 0)
}

// selected is the selected change.
func (l *feedList) selected(log *zkview.ActivityLog) (zkview.Action, bool) {
	row := l.row(log)
	if row < 0 {
		return zkview.Action{}, false
	}
	return feedRow(log, row), true
}

// move selects the row by rows further down, that is earlier.
func (l *feedList) move(log *zkview.ActivityLog, by int) { l.scroll(log, by, by) }

// page moves the view by rows and leaves the selection on its line.
func (l *feedList) page(log *zkview.ActivityLog, by int) { l.scroll(log, by, 0) }

// scroll moves the selection by rows and by lines of the screen.
func (l *feedList) scroll(log *zkview.ActivityLog, rows, lines int) {
	n := log.Len()
	if n == 0 {
		return
	}
	was := l.row(log)
	line := was - l.top(log)
	row := min(max(was+rows, 0), n-1)
	if lines == 0 && row-was != rows { // at an end the selection goes on to it
		lines = rows - (row - was)
	}
	l.line = min(max(line+lines, 0), max(l.height-1, 0), row)
	l.away, l.sel = row > 0, feedRow(log, row).Seq
}

// settle takes the selection to what is left after rows went.
func (l *feedList) settle(log *zkview.ActivityLog) { l.scroll(log, 0, 0) }
