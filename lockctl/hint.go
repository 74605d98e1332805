package lockctl

import "strings"

// hints are what the words in a path promise.
type hints struct {
	lock, elect, critical bool
}

// hintsOf looks for words in the last two components of a path, as of /locks/orders.
// Words that only contain them, as "block", "clock" and "select" do, promise nothing.
func hintsOf(path string) hints { return lastHints(path, 2) }

// lastHints is [hintsOf] for so many components.
func lastHints(path string, components int) hints {
	at := len(path)
	for range components {
		if i := strings.LastIndexByte(path[:at], '/'); i >= 0 {
			at = i
		}
	}
	s := strings.ToLower(path[at:])
	return hints{
		lock:     word(s, "lock", "bc", "") || word(s, "mutex", "", ""),
		elect:    word(s, "elect", "s", "r") || word(s, "leader", "", "b") || word(s, "master", "", ""),
		critical: strings.Contains(s, "critical") || strings.Contains(s, "semaphore"),
	}
}

// word finds w in s where it is neither after a letter of before nor before one of after.
func word(s, w, before, after string) bool {
	for at := 0; ; {
		i := strings.Index(s[at:], w)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(w)
		if (at == 0 || strings.IndexByte(before, s[at-1]) < 0) && (end == len(s) || strings.IndexByte(after, s[end]) < 0) {
			return true
		}
		at = end
	}
}

// split cuts a path into its directory and its last component.
func split(path string) (dir, base string) {
	i := strings.LastIndexByte(path, '/')
	if i <= 0 {
		return "/", path[i+1:]
	}
	return path[:i], path[i+1:]
}

// join is the path of a child.
func join(dir, name string) string {
	if dir == "/" {
		return "/" + name
	}
	return dir + "/" + name
}
