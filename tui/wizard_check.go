package tui

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"zkdeck/config/ensemble"
	"zkdeck/internal/safetext"
)

// The bounds of what is asked for.
const (
	maxTick  = 60_000 // ms
	minTick  = 50
	maxLimit = 10_000 // ticks
	minHeap  = 32     // MB: below, a server that is elected runs out
	maxHeap  = 65_536
	minPort  = 1024
	maxPort  = 65_535
	maxName  = 48
)

// asTyped is what was typed, short and safe within a sentence.
func asTyped(text string) string {
	return safetext.Truncate(safetext.CleanLine(strings.TrimSpace(text)), 24)
}

// wholeNumber reads a number from low to high.
func wholeNumber(text string, low, high int) (int, error) {
	text = strings.TrimSpace(text)
	n, err := strconv.Atoi(text)
	switch {
	case text == "":
		return 0, fmt.Errorf("type a whole number from %d to %d", low, high)
	case errors.Is(err, strconv.ErrSyntax):
		return 0, fmt.Errorf("%q is no whole number; type one from %d to %d", asTyped(text), low, high)
	case err != nil || n > high:
		return 0, fmt.Errorf("%s is too much: %d is the most", asTyped(text), high)
	case n < low:
		return 0, fmt.Errorf("%s is too little: %d is the least", asTyped(text), low)
	}
	return n, nil
}

// numberFrom is wholeNumber as a check of a field.
func numberFrom(low, high int) func(string) error {
	return func(text string) error {
		_, err := wholeNumber(text, low, high)
		return err
	}
}

// number is what a field says that was checked, or stands at its default.
func number(text string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(text)) // what is no number was refused by its field
	return n
}

// checkName refuses what cannot be the name of an ensemble, which is that of its
// folder too.
func checkName(name string, taken []string) error {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return errors.New("type a name, as demo")
	case len(name) > maxName:
		return fmt.Errorf("the name is too long: %d characters are the most", maxName)
	case strings.ContainsAny(name, `/\`):
		return errors.New("the name is that of a folder, not a path: it has no / in it; another folder can be chosen in a later question")
	case strings.ContainsFunc(name, func(r rune) bool { return !nameRune(r) }):
		return errors.New("the name is made of letters a to z, digits, and . _ - only, because it stands in file names and commands")
	case strings.ContainsAny(name[:1], "._-"):
		return errors.New("the name begins with a letter or a digit")
	case slices.Contains(taken, name):
		return fmt.Errorf("there is an ensemble %s already; type another name", safetext.Clean(name))
	}
	return nil
}

func nameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-'
}

// checkFolder refuses what cannot be the folder of an ensemble; whether it can be
// written is seen later.
func checkFolder(text string) error {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return errors.New("type the path of a folder; it is made if it is not there")
	case !filepath.IsAbs(expandHome(text)):
		return errors.New("type the whole path, from / or ~/ on: a server takes no other")
	}
	return nil
}

// elsewhere are the keys of zoo.cfg that another question is about.
var elsewhere = map[string]string{
	"tickTime": "the length of a tick", "initLimit": "initLimit", "syncLimit": "syncLimit",
	"clientPort": "the ports", "clientPortAddress": "the ports", "dataDir": "the folder",
	"admin.enableServer": "the AdminServer", "admin.serverPort": "the AdminServer",
}

// parseExtra reads further lines of zoo.cfg; comments and empty lines are left out.
func parseExtra(text string) ([]ensemble.Setting, error) {
	var out []ensemble.Setting
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case !ok || value == "":
			return nil, fmt.Errorf("line %d, %q, is not key=value", i+1, asTyped(line))
		case strings.ContainsFunc(key, func(r rune) bool { return !nameRune(r) }) || key == "":
			return nil, fmt.Errorf("line %d: %q is no key of zoo.cfg", i+1, asTyped(key))
		case strings.HasPrefix(key, "server."):
			return nil, fmt.Errorf("line %d: the servers are what the other questions make of them", i+1)
		case elsewhere[key] != "":
			return nil, fmt.Errorf("line %d: for %s there is a question of its own; change it there", i+1, elsewhere[key])
		}
		out = append(out, ensemble.Setting{Key: key, Value: value})
	}
	return out, nil
}
