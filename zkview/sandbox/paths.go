package sandbox

import "strings"

// validPath says whether a znode may have this path
// (org.apache.zookeeper.common.PathUtils.validatePath). Java looks at UTF-16, and so
// no character above U+FFFF is allowed.
func validPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	if path == "/" {
		return true
	}
	for name := range strings.SplitSeq(path[1:], "/") {
		if name == "" || name == "." || name == ".." {
			return false
		}
	}
	for _, c := range path {
		switch {
		case c <= 0x1f, c >= 0x7f && c <= 0x9f, c >= 0xd800 && c <= 0xf8ff, c >= 0xfff0:
			return false
		}
	}
	return true
}

// parentOf is the path up to its last slash: the root's child has the parent "". It
// is false for a path that has none or holds a NUL.
func parentOf(path string) (string, bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 || strings.IndexByte(path, 0) >= 0 {
		return "", false
	}
	return path[:i], true
}

// special says whether the server keeps this path: it cannot be deleted.
func special(path string) bool {
	switch path {
	case "/", procPath, quotaPath, configPath:
		return true
	}
	return false
}
