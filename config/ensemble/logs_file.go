package ensemble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// logFile reads the entries of one server's log, from some place on to where it ended
// when it was opened, and then, while it is followed, what comes.
type logFile struct {
	server int
	path   string
	match  func(LogLine) bool
	follow bool // more may come than was there when it was opened

	f     *os.File // nil while there is none
	at    int64    // up to where it was read
	end   int64    // where it ended when it was opened
	rest  []byte   // a line whose end has not been read
	lines grouper
	ready []LogLine // entries that are whole, and were not given yet
}

const (
	// logChunk is how much is read at a time, and of a followed log between two looks at
	// the others.
	logChunk = 64 << 10
	// logWindow is how much of a log's end is tried first for its last entries.
	logWindow = 64 << 10
)

// openFor opens the log at its beginning, or at its end. It is no error if there is
// none.
func (l *logFile) openFor(end bool) error {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the log of server %d: %w", l.server, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file", l.path)
	}
	if err != nil {
		f.Close()
		return fmt.Errorf("reading the log of server %d: %w", l.server, err)
	}
	l.close()
	l.f, l.at, l.end = f, 0, info.Size()
	if end {
		l.at = l.end
	}
	l.rest, l.ready = nil, nil
	l.lines = grouper{server: l.server}
	return nil
}

func (l *logFile) close() {
	if l.f != nil {
		l.f.Close()
		l.f = nil
	}
}

// next is the next entry that matches; false at the place where the log ended when it
// was opened.
func (l *logFile) next(ctx context.Context) (LogLine, bool, error) {
	for len(l.ready) == 0 {
		if err := ctx.Err(); err != nil {
			return LogLine{}, false, err
		}
		if l.f == nil || l.at >= l.end {
			l.finish()
			break
		}
		n, err := l.read(l.end - l.at)
		if err != nil {
			return LogLine{}, false, err
		}
		if n == 0 { // it was cut off meanwhile
			l.end = l.at
		}
	}
	if len(l.ready) == 0 {
		return LogLine{}, false, nil
	}
	e := l.ready[0]
	l.ready = l.ready[1:]
	return e, true, nil
}

// read takes the next chunk, of at most so many bytes, and makes entries of it.
func (l *logFile) read(most int64) (int, error) {
	b := make([]byte, min(most, logChunk))
	n, err := l.f.ReadAt(b, l.at)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, fmt.Errorf("reading the log of server %d: %w", l.server, err)
	}
	l.at += int64(n)
	b = b[:n]
	for {
		line, after, whole := bytes.Cut(b, []byte("\n"))
		if !whole {
			break
		}
		l.take(append(l.rest, line...))
		l.rest, b = nil, after
	}
	l.rest = append(l.rest, b...)
	if len(l.rest) > maxEntry { // no text, or a line that nobody reads to its end
		l.take(l.rest)
		l.rest = nil
	}
	return n, nil
}

// take makes an entry of a line, or part of one.
func (l *logFile) take(line []byte) {
	if e, ok := l.lines.add(string(line[:min(len(line), maxEntry)])); ok {
		l.give(e)
	}
}

func (l *logFile) give(e LogLine) {
	if l.match == nil || l.match(e) {
		l.ready = append(l.ready, e)
	}
}

// flush makes an entry of what no more lines are expected for.
func (l *logFile) flush() {
	if e, ok := l.lines.flush(); ok {
		l.give(e)
	}
}

// finish makes an entry also of a line without an end, unless that may still come.
func (l *logFile) finish() {
	if len(l.rest) > 0 && !l.follow {
		l.take(l.rest)
		l.rest = nil
	}
	l.flush()
}

// last are the last entries that match, at most n, and leaves the log at its end. Of a
// large log only as much of the end is read as that takes.
func (l *logFile) last(ctx context.Context, n int) ([]LogLine, error) {
	for window := int64(logWindow); ; window *= 8 {
		if err := l.openFor(false); err != nil || l.f == nil {
			return nil, err
		}
		l.at = max(l.end-window, 0)
		if l.at > 0 {
			if err := l.skipLine(); err != nil {
				return nil, err
			}
		}
		whole := l.at == 0
		var all []LogLine
		for {
			e, ok, err := l.next(ctx)
			if err != nil {
				return nil, err
			}
			if !ok {
				break
			}
			if all = append(all, e); len(all) >= 2*n+1 {
				all = append(all[:0], all[len(all)-n-1:]...)
			}
		}
		// The first entry of a window may have begun before it.
		if whole || len(all) > n {
			return all[max(len(all)-n, 0):], nil
		}
	}
}

// skipLine goes to the beginning of the next line.
func (l *logFile) skipLine() error {
	for l.at < l.end {
		b := make([]byte, min(l.end-l.at, logChunk))
		n, err := l.f.ReadAt(b, l.at)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the log of server %d: %w", l.server, err)
		}
		if i := bytes.IndexByte(b[:n], '\n'); i >= 0 {
			l.at += int64(i) + 1
			return nil
		}
		l.at += int64(n)
		if n == 0 {
			return nil
		}
	}
	return nil
}

// news are the entries that were written since, and whether there are more. An entry
// is given when another begins or nothing more comes: a stack trace is written line by
// line.
func (l *logFile) news() (news []LogLine, more bool, err error) {
	if l.f == nil {
		if err := l.openFor(false); err != nil || l.f == nil {
			return nil, false, err
		}
	}
	// Another file may have its name now. Whoever sees that sees all that was written
	// before, so it is looked for first.
	named, nameErr := os.Stat(l.path)
	open, err := l.f.Stat()
	if err != nil {
		return nil, false, fmt.Errorf("following the log of server %d: %w", l.server, err)
	}
	if open.Size() < l.at { // cut off: what is there now is new
		l.flush()
		l.at, l.rest = 0, nil
	}
	n := 0
	if there := open.Size() - l.at; there > 0 {
		if n, err = l.read(there); err != nil {
			return nil, false, err
		}
	}
	if n == 0 {
		l.flush()
		if nameErr == nil && !os.SameFile(named, open) {
			l.finish()
			news, l.ready = l.ready, nil
			return news, true, l.openFor(false)
		}
	}
	news, l.ready = l.ready, nil
	return news, n == logChunk, nil
}
