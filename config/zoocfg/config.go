package zoocfg

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Limit is how large a file may be, in bytes. Real ones have some kilobytes; Limit
// only keeps what was named by mistake out of memory.
const Limit = 4 << 20

// ErrNotText is the error of a file that is none of text.
var ErrNotText = errors.New("this is no text file")

// Config is a zoo.cfg as ZooKeeper reads it, and as it stands there.
type Config struct {
	// Name is what the caller calls the file; findings tell it.
	Name string
	// Path is where Load found it, absolute; empty for a text that was handed over.
	Path string
	// BOM tells that the text begins with the byte order mark of UTF-8. Java takes it for
	// a part of the first key.
	BOM bool
	// Dynamic is the file that dynamicConfigFile names, nil for none; DynamicErr says why
	// it could not be read. Only Load follows it.
	Dynamic    *Config
	DynamicErr error
	// MyID is the myid file in dataDir, nil where Load did not look for one.
	MyID *MyID

	entries []Entry
	lines   []string
}

// Entry is a key and its value, and where they stand.
type Entry struct {
	// Key and Value are as Java's Properties read them: escapes read, blanks behind the
	// value kept.
	Key   string
	Value string
	// Line is the number of the line on which it begins, Last that on which it ends, the
	// same unless a backslash goes on in the next line. Both count from 1.
	Line int
	Last int
	// Raw is the line, or the joined lines, with the escapes as they stand there.
	Raw string
	// Comment are the comment lines directly above, without their marks.
	Comment string
	// Malformed tells that there is a \u without four hexadecimal digits: Java refuses
	// such a file.
	Malformed bool
}

// Parse reads the text of a zoo.cfg exactly as Java's Properties do, which ZooKeeper
// reads it with: ISO 8859-1, "=", ":" or a blank after the key, comments on lines of
// their own only, escapes, lines that go on after a backslash. Name is what findings
// call the file. It never fails on what a person may have written; an error, as
// [ErrNotText], is about a text that cannot be one.
func Parse(name string, text []byte) (*Config, error) {
	switch {
	case len(text) > Limit:
		return nil, fmt.Errorf("%s: it has %d bytes, and a zoo.cfg never more than %d; name another file", name, len(text), Limit)
	case bytes.IndexByte(text, 0) >= 0:
		return nil, fmt.Errorf("%s: %w: there is a NUL byte in it; name the zoo.cfg", name, ErrNotText)
	}
	c := &Config{Name: name, BOM: bytes.HasPrefix(text, []byte("\xef\xbb\xbf"))}
	s := &splitter{lines: physicalLines(text)}
	for _, l := range s.lines {
		c.lines = append(c.lines, string(l.text))
	}
	for {
		l, comments, ok := s.next()
		if !ok {
			return c, nil
		}
		key, value, malformed, err := decode(l.text)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, l.first, err)
		}
		c.entries = append(c.entries, Entry{
			Key: key, Value: value, Line: l.first, Last: l.last, Raw: l.text,
			Comment: strings.Join(comments, "\n"), Malformed: malformed,
		})
	}
}

// Get returns the value of a key as ZooKeeper takes it: the last one where the key
// stands there several times, without the blanks around it. It does not look into
// Dynamic.
func (c *Config) Get(key string) (string, bool) {
	e, ok := c.entry(key)
	return trim(e.Value), ok
}

// entry is the entry of a key that counts.
func (c *Config) entry(key string) (Entry, bool) {
	for i := len(c.entries) - 1; i >= 0; i-- {
		if trim(c.entries[i].Key) == key {
			return c.entries[i], true
		}
	}
	return Entry{}, false
}

// All returns the entries that count, in the order of the file: of a key that stands
// there several times the last one. It does not look into Dynamic.
func (c *Config) All() []Entry {
	last := make(map[string]int, len(c.entries))
	for i, e := range c.entries {
		last[e.Key] = i
	}
	var all []Entry
	for i, e := range c.entries {
		if last[e.Key] == i {
			all = append(all, e)
		}
	}
	return all
}

// Entries returns every entry in the order of the file, also those that a later one
// of the same key overrides.
func (c *Config) Entries() []Entry { return append([]Entry(nil), c.entries...) }

// Lines returns the lines of the file as they stand there, without what ends them.
func (c *Config) Lines() []string { return append([]string(nil), c.lines...) }

// trim takes off what Java's String.trim does: blanks and control characters.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}
