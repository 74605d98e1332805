package ensemble

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// lookBack is how much of a log's end a look reads.
const lookBack = 128 << 10

// logEnd is the end of a server's log, read again only when the file has changed.
type logEnd struct {
	size int64
	time time.Time
	// all are the entries of the newest start, word is the last that says something.
	all  []LogLine
	word string
	// stalls is why it says that it does not serve, lasts what is wrong though it does.
	stalls, lasts diagnosis
	// ready tells that this start has got so far as to answer questions.
	ready bool
	// noticed is up to when entries were looked at for clients that were turned away, and
	// noticedThen how many of that very moment: more may come.
	noticed     time.Time
	noticedThen int
}

// underway is how a member says that it has read its database and looks for others,
// or has found them; a standalone server answers before that.
var underway = []string{"LOOKING", "FOLLOWING", "LEADING", "OBSERVING"}

// read reads the end of the log if it has changed. A log that cannot be read says
// nothing.
func (l *logEnd) read(path string) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	if info.Size() == l.size && info.ModTime().Equal(l.time) {
		return
	}
	text, err := fileEnd(path, lookBack)
	if err != nil {
		return
	}
	l.size, l.time = info.Size(), info.ModTime()
	text = newestStart(text)
	l.all = entries(0, text)
	l.word = lastWord(l.all)
	l.stalls, l.lasts = diagnose(l.all, stalls), diagnose(l.all, lasts)
	l.ready = l.ready || slices.ContainsFunc(underway, func(word string) bool { return strings.Contains(text, word) })
}

// restart forgets what was read of an earlier start.
func (l *logEnd) restart() { *l = logEnd{noticed: l.noticed, noticedThen: l.noticedThen} }

// notices are what the log says of clients that were turned away since the last time;
// at first, since now.
func (l *logEnd) notices() []diagnosis {
	if len(l.all) == 0 {
		return nil
	}
	newest := l.all[len(l.all)-1].At
	since, then := l.noticed, l.noticedThen
	if newest.Before(since) {
		return nil
	}
	l.noticed, l.noticedThen = newest, 0
	var found []diagnosis
	for i, e := range l.all {
		if e.At.Equal(newest) {
			l.noticedThen++
		}
		if e.At.Equal(since) && then > 0 {
			then--
			continue
		}
		if since.IsZero() || e.At.Before(since) {
			continue
		}
		if d := diagnose(l.all[i:i+1], passes); d.ok {
			found = append(found, d)
		}
	}
	return found
}

// fileEnd reads the last most bytes of a file, from the beginning of a line on. The
// file may grow meanwhile.
func fileEnd(path string, most int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	from := max(info.Size()-most, 0)
	b := make([]byte, info.Size()-from)
	n, err := f.ReadAt(b, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	text := string(b[:n])
	if from > 0 {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text, nil
}
