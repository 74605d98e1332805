package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// historyLines is how many commands are kept.
const historyLines = 1000

// ReadHistory returns the lines of a history file, oldest first; none where there
// is no file.
func ReadHistory(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the history: %w", err)
	}
	return lastLines(strings.Split(string(text), "\n")), nil
}

// WriteHistory replaces a history file, whole or not at all, with the last 1000
// of lines. Of two processes that end, the later wins.
func WriteHistory(path string, lines []string) error {
	text := strings.Join(lastLines(lines), "\n") + "\n"
	if err := replaceFile(path, text); err != nil {
		return fmt.Errorf("writing the history: %w", err)
	}
	return nil
}

// lastLines leaves out what is no line, and all but the last.
func lastLines(lines []string) []string {
	kept := make([]string, 0, len(lines))
	for _, l := range lines {
		if l != "" && !strings.ContainsAny(l, "\r\n") {
			kept = append(kept, l)
		}
	}
	return kept[max(0, len(kept)-historyLines):]
}
