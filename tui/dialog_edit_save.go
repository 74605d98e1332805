package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// outcome says how the saving of a value ended.
type outcome uint8

const (
	saveFailed   outcome = iota // nothing was changed, as far as one can know: see err
	saveDone                    // the znode holds what was written
	saveConflict                // somebody else changed it: theirs, theirStat
	saveGone                    // the znode does not exist
	saveUnknown                 // it was sent, and what became of it could not be read
)

// savedMsg answers the saving of a value.
type savedMsg struct {
	outcome   outcome
	stat      zkview.Stat // after saveDone
	theirs    []byte      // after saveConflict
	theirStat zkview.Stat
	rows      []diffRow // mine beside theirs
	err       error
	note      string // what else is worth saying
}

// saveValue writes data where base was read. It never overwrites what it has not
// seen: the version guards the write, and a znode that was deleted and created
// again, which may have any version, is found out by its czxid. When the answer
// is lost the value is read again before anything is claimed.
func saveValue(parent context.Context, c cluster, path string, data []byte, base zkview.Stat) savedMsg {
	ctx, cancel := context.WithTimeout(parent, writeTimeout)
	defer cancel()
	now, err := c.Stat(ctx, path)
	switch {
	case errors.Is(err, zkview.ErrNoNode):
		return savedMsg{outcome: saveGone}
	case err != nil:
		return savedMsg{err: err}
	case now.Czxid != base.Czxid:
		return readOther(ctx, c, path, data, zkview.ErrBadVersion)
	}
	stat, err := c.Set(ctx, path, data, base.Version)
	switch {
	case err == nil:
		m := savedMsg{outcome: saveDone, stat: stat}
		if stat.Czxid != base.Czxid {
			m.note = "it had been deleted and created again in that very moment"
		}
		return m
	case errors.Is(err, zkview.ErrNoNode):
		return savedMsg{outcome: saveGone}
	case errors.Is(err, zkview.ErrBadVersion):
		return readOther(ctx, c, path, data, err)
	case errors.Is(err, zkview.ErrUnknownOutcome):
		return afterUnknown(ctx, c, path, data, base, err)
	}
	return savedMsg{err: err}
}

// readOther reads what stands in the way of data. If it is the same bytes there
// is no conflict.
func readOther(ctx context.Context, c cluster, path string, data []byte, why error) savedMsg {
	theirs, stat, err := c.Get(ctx, path)
	switch {
	case errors.Is(err, zkview.ErrNoNode):
		return savedMsg{outcome: saveGone}
	case err != nil:
		return savedMsg{err: fmt.Errorf("%w, and the other value could not be read: %w", bare(why), bare(err))}
	case bytes.Equal(theirs, data):
		return savedMsg{outcome: saveDone, stat: stat, note: "the znode held the same value already"}
	}
	return savedMsg{outcome: saveConflict, theirs: theirs, theirStat: stat, rows: sideBySide(data, theirs), err: why}
}

// afterUnknown finds out what became of a write whose answer was lost.
func afterUnknown(ctx context.Context, c cluster, path string, data []byte, base zkview.Stat, why error) savedMsg {
	theirs, stat, err := c.Get(ctx, path)
	switch {
	case errors.Is(err, zkview.ErrNoNode):
		return savedMsg{outcome: saveGone}
	case err != nil:
		return savedMsg{outcome: saveUnknown, err: why}
	case bytes.Equal(theirs, data):
		return savedMsg{outcome: saveDone, stat: stat, note: "the answer was lost, but the value has arrived"}
	case stat.Czxid == base.Czxid && stat.Version == base.Version:
		return savedMsg{err: fmt.Errorf("%w; the value read again is still the old one", bare(why))}
	}
	return savedMsg{outcome: saveConflict, theirs: theirs, theirStat: stat, rows: sideBySide(data, theirs), err: why}
}

// createAgain makes a znode that was deleted while its value was edited.
func createAgain(parent context.Context, c cluster, path string, data []byte) savedMsg {
	ctx, cancel := context.WithTimeout(parent, writeTimeout)
	defer cancel()
	_, err := c.Create(ctx, path, data, zkview.CreateOptions{})
	switch {
	case errors.Is(err, zkview.ErrNodeExists), errors.Is(err, zkview.ErrUnknownOutcome):
		return readOther(ctx, c, path, data, err)
	case err != nil:
		return savedMsg{outcome: saveGone, err: err}
	}
	return savedMsg{outcome: saveDone, note: "created again"}
}

// savedFlash is what is said, and what is read again, after a value was saved.
func savedFlash(path string, m savedMsg) tea.Cmd {
	text := fmt.Sprintf("saved %s, version %d", safetext.Clean(path), m.stat.Version)
	if m.note != "" {
		text += "; " + m.note
	}
	return tea.Sequence(tell(wroteMsg{[]string{path}}), flash(levelGood, text))
}

// writeDraft puts text into a new file of mode 0600 in dir, which it makes if
// need be, and returns the file's path. The name tells time and znode.
func writeDraft(dir, path, ext string, text []byte) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the drafts folder: %w", err)
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, lastPart(path))
	f, err := os.CreateTemp(dir, time.Now().Format("20060102-150405-")+name[:min(len(name), 40)]+"-*"+ext)
	if err != nil {
		return "", fmt.Errorf("writing a draft of %s: %w", path, err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return f.Name(), fmt.Errorf("writing a draft of %s: %w", path, err)
	}
	return filepath.Clean(f.Name()), nil
}
