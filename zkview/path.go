package zkview

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// CheckPath reports why a path cannot be asked for: nil, or an error that matches
// [ErrBadPath]. The rules are those of org.apache.zookeeper.common.PathUtils as
// go-zookeeper has them; a server may list a name that fails here (one with a
// character of the private use area, say), which can be shown but not opened.
func CheckPath(path string) error {
	switch {
	case path == "":
		return fmt.Errorf("%w: it is empty", ErrBadPath)
	case path[0] != '/':
		return fmt.Errorf("%w: it does not begin with /", ErrBadPath)
	case path == "/":
		return nil
	case path[len(path)-1] == '/':
		return fmt.Errorf("%w: it ends with /", ErrBadPath)
	}
	for name := range strings.SplitSeq(path[1:], "/") {
		if err := checkPart(name); err != nil {
			return err
		}
	}
	return nil
}

// CheckName reports why a znode cannot be created under this name (one part of a
// path): nil, or an error that matches [ErrBadPath]. It is stricter than
// [CheckPath]: the server itself refuses characters beyond U+FFFF in new names,
// since it checks UTF-16 units and takes surrogates for bad ones, and with them all
// of the private use area (PathUtils: above U+D800 and below U+F8FF).
func CheckName(name string) error {
	if strings.Contains(name, "/") {
		return fmt.Errorf("%w: a name has no /", ErrBadPath)
	}
	if err := checkPart(name); err != nil {
		return err
	}
	for _, r := range name {
		if r >= 0xffff {
			return fmt.Errorf("%w: ZooKeeper accepts no character beyond U+FFFE in a name, and %U is one", ErrBadPath, r)
		}
		if r >= 0xe000 && r <= 0xf8ff {
			return fmt.Errorf("%w: ZooKeeper accepts no character of the private use area in a name, and %U is one", ErrBadPath, r)
		}
	}
	return nil
}

// checkPart checks one part of a path.
func checkPart(name string) error {
	switch name {
	case "":
		return fmt.Errorf("%w: a name in it is empty", ErrBadPath)
	case ".", "..":
		return fmt.Errorf("%w: ZooKeeper has no relative name %q", ErrBadPath, name)
	}
	for i, r := range name {
		switch {
		case r == utf8.RuneError && !validAt(name, i):
			return fmt.Errorf("%w: byte %#02x in it is not UTF-8", ErrBadPath, name[i])
		case r <= 0x1f, r >= 0x7f && r <= 0x9f:
			return fmt.Errorf("%w: control character %U in it", ErrBadPath, r)
		case r >= 0xf000 && r <= 0xf8ff, r >= 0xfff0 && r < 0xffff:
			return fmt.Errorf("%w: character %U in it cannot be used", ErrBadPath, r)
		}
	}
	return nil
}

// validAt tells a real U+FFFD at i from the mark of a bad byte.
func validAt(s string, i int) bool {
	_, width := utf8.DecodeRuneInString(s[i:])
	return width > 1
}
