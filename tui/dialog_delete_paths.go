package tui

import (
	"slices"
	"strings"
)

// sentence puts a full stop to text.
func sentence(text string) string { return strings.TrimRight(text, ".") + "." }

// guardPath says why a path is never deleted; empty when it may be.
func guardPath(path string) string {
	switch {
	case path == "/":
		return "The root / cannot be deleted."
	case path == "/zookeeper", strings.HasPrefix(path, "/zookeeper/"):
		return "/zookeeper belongs to ZooKeeper itself (quotas, configuration); zkdeck does not delete it or anything in it."
	}
	return ""
}

// topmost drops targets that lie below another one, and repeated ones.
func topmost(targets []target) []target {
	paths := make(map[string]bool, len(targets))
	for _, t := range targets {
		paths[t.path] = true
	}
	var out []target
	for _, t := range targets {
		if !belowAny(t.path, paths) {
			out = append(out, t)
		}
	}
	seen := make(map[string]bool, len(out))
	return slices.DeleteFunc(out, func(t target) bool {
		again := seen[t.path]
		seen[t.path] = true
		return again
	})
}

// belowAny tells whether a path above path is among paths.
func belowAny(path string, paths map[string]bool) bool {
	for path != "/" {
		if path = parentOf(path); paths[path] {
			return true
		}
	}
	return false
}

// plural is "1 znode" or "5 znodes".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return comma(n) + " " + many
}
