package ensemble

import (
	"errors"
	"io"
	"os"
	"regexp"
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
	// ready tells that this start has got so far as to answer questions.
	ready bool
}

// underway is what a member says once it has read its database and looks for others;
// a standalone server answers before that.
var underway = regexp.MustCompile(`\b(LOOKING|FOLLOWING|LEADING|OBSERVING)\b`)

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
	l.all = entries(0, newestStart(text))
	l.word = lastWord(l.all)
	for _, e := range l.all {
		l.ready = l.ready || underway.MatchString(e.Text)
	}
}

// restart forgets what was read of an earlier start.
func (l *logEnd) restart() { *l = logEnd{} }

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
