package config

import (
	"fmt"
	"os"
	"sync"
)

// LogLimit is the size in bytes at which a log starts anew.
const LogLimit = 10 << 20

// LogFile is a file for a log, readable by its owner only, that never grows far
// beyond its limit: a write that would exceed it first renames the file to
// NAME.1, in place of the one before. It is safe for concurrent use; several
// processes may write to one path.
type LogFile struct {
	path  string
	limit int64

	mu   sync.Mutex
	f    *os.File
	size int64
}

// OpenLog opens a log for appending and makes it if needed. Its folder must be
// there.
func OpenLog(path string, limit int64) (*LogFile, error) {
	l := &LogFile{path: path, limit: limit}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	return l, nil
}

func (l *LogFile) open() error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && openToOthers(info) {
		err = f.Chmod(0o600)
	}
	if err != nil {
		_ = f.Close()
		return err
	}
	l.f, l.size = f, info.Size()
	return nil
}

// Write appends p, which is not split over two files.
func (l *LogFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return 0, fmt.Errorf("writing the log %s: %w", l.path, os.ErrClosed)
	}
	if l.size > 0 && l.size+int64(len(p)) > l.limit {
		if err := l.startAnew(); err != nil {
			return 0, fmt.Errorf("starting the log anew: %w", err)
		}
	}
	n, err := l.f.Write(p)
	l.size += int64(n)
	return n, err
}

// startAnew renames the file, unless another process has done so already, and
// opens the next. The file is closed first because Windows renames no open file;
// one that cannot be renamed is emptied, so that the limit holds.
func (l *LogFile) startAnew() error {
	ours, err := l.f.Stat()
	if err != nil {
		return err
	}
	_ = l.f.Close()
	l.f = nil
	if there, err := os.Stat(l.path); err == nil && os.SameFile(ours, there) {
		if err := os.Rename(l.path, l.path+".1"); err != nil {
			if err := os.Truncate(l.path, 0); err != nil {
				return err
			}
		}
	}
	return l.open()
}

// Close ends the log; later writes fail with os.ErrClosed.
func (l *LogFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return nil
	}
	err := l.f.Close()
	l.f = nil
	return err
}
