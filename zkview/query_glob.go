package zkview

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// glob is a pattern of names: * is any text within a name, ? any character, [a-z]
// one of a class, [!a-z] one that is not, ** between slashes any number of names, and
// a backslash takes the next character as it is.
type glob struct {
	wholePath bool // over the whole path, else over the name alone
	names     [][]globRune
	fold      bool
}

// globRune is one element of a name's pattern.
type globRune struct {
	op     globOp
	r      rune
	ranges []rune // of a class: pairs from, to
}

type globOp uint8

const (
	globLiteral  globOp = iota
	globAny             // ?
	globStar            // *
	globClass           // [a-z]
	globNotClass        // [!a-z]
	globNames           // **, alone in its name
)

// globError is what is wrong with a glob, and at which byte of it.
type globError struct {
	at  int
	why string
}

func (e *globError) Error() string { return e.why }

// compileGlob reads a glob. One with a slash is matched against the whole path, and
// begins anywhere unless the slash is its first character. Its errors are *globError.
func compileGlob(text string) (*glob, error) {
	g := &glob{wholePath: strings.Contains(text, "/"), fold: smartCase(text)}
	if text == "/" {
		return g, nil
	}
	rest, at := text, 0
	if g.wholePath {
		if text[0] == '/' {
			rest, at = text[1:], 1
		} else {
			g.names = append(g.names, []globRune{{op: globNames}})
		}
	}
	if rest == "**" && !g.wholePath {
		rest = "*" // of one name
	}
	for part := range strings.SplitSeq(rest, "/") {
		if part == "" {
			return nil, &globError{at, "a name in it is empty; write one / between names, and none at the end"}
		}
		name, err := compileName(part, at)
		if err != nil {
			return nil, err
		}
		g.names = append(g.names, name)
		at += len(part) + 1
	}
	return g, nil
}

// compileName reads the glob of one name, which begins at byte at of the whole.
func compileName(part string, at int) ([]globRune, error) {
	if part == "**" {
		return []globRune{{op: globNames}}, nil
	}
	var name []globRune
	for i := 0; i < len(part); {
		r, size := utf8.DecodeRuneInString(part[i:])
		switch r {
		case '*':
			if n := len(name); n == 0 || name[n-1].op != globStar {
				name = append(name, globRune{op: globStar})
			}
		case '?':
			name = append(name, globRune{op: globAny})
		case '[':
			class, n, err := compileClass(part[i:])
			if err != nil {
				return nil, &globError{at + i, err.Error()}
			}
			name = append(name, class)
			size = n
		case '\\':
			if i+1 == len(part) {
				return nil, &globError{at + i, `a character must follow the backslash; write \\ for one`}
			}
			i++
			r, size = utf8.DecodeRuneInString(part[i:])
			name = append(name, globRune{r: r})
		default:
			name = append(name, globRune{r: r})
		}
		i += size
	}
	return name, nil
}

// compileClass reads the class at the start of s, and tells its length.
func compileClass(s string) (globRune, int, error) {
	c := globRune{op: globClass}
	i := 1
	if i < len(s) && (s[i] == '!' || s[i] == '^') {
		c.op = globNotClass
		i++
	}
	for first := true; ; first = false {
		if i >= len(s) {
			return c, 0, errors.New(`the [ has no ]; write \[ for the character itself`)
		}
		if s[i] == ']' && !first {
			return c, i + 1, nil
		}
		lo, size := utf8.DecodeRuneInString(s[i:])
		i += size
		hi := lo
		if i+1 < len(s) && s[i] == '-' && s[i+1] != ']' {
			hi, size = utf8.DecodeRuneInString(s[i+1:])
			i += 1 + size
		}
		if hi < lo {
			return c, 0, fmt.Errorf("%c-%c is the wrong way round", lo, hi)
		}
		c.ranges = append(c.ranges, lo, hi)
	}
}

// match tells whether the glob matches a path.
func (g *glob) match(path string) bool {
	if !g.wholePath {
		return g.matchName(g.names[0], path[nameStart(path):])
	}
	// Each ** is tried with no name first; when the rest fails, the last ** takes one
	// name more. An earlier one need not be tried again.
	rest := path
	if path == "/" {
		rest = ""
	}
	k, retryK, retryRest := 0, -1, ""
	for {
		switch {
		case k < len(g.names) && anyNames(g.names[k]):
			k++
			retryK, retryRest = k, rest
			continue
		case k == len(g.names) && rest == "":
			return true
		case k < len(g.names) && rest != "":
			name, after := firstName(rest)
			if g.matchName(g.names[k], name) {
				k, rest = k+1, after
				continue
			}
		}
		if retryK < 0 || retryRest == "" {
			return false
		}
		_, retryRest = firstName(retryRest)
		k, rest = retryK, retryRest
	}
}

func anyNames(name []globRune) bool { return len(name) == 1 && name[0].op == globNames }

// firstName splits "/a/b/c" into "a" and "/b/c".
func firstName(path string) (name, rest string) {
	if i := strings.IndexByte(path[1:], '/'); i >= 0 {
		return path[1 : 1+i], path[1+i:]
	}
	return path[1:], ""
}

// matchName matches one name; each star is tried as short as it can be, the last
// first.
func (g *glob) matchName(pattern []globRune, name string) bool {
	k, at, retryK, retryAt := 0, 0, -1, 0
	for {
		switch {
		case k < len(pattern) && pattern[k].op == globStar:
			k++
			if k == len(pattern) {
				return true
			}
			retryK, retryAt = k, at
			continue
		case k == len(pattern) && at == len(name):
			return true
		case k < len(pattern) && at < len(name):
			r, size := utf8.DecodeRuneInString(name[at:])
			if pattern[k].matches(r, g.fold) {
				k, at = k+1, at+size
				continue
			}
		}
		if retryK < 0 || retryAt >= len(name) {
			return false
		}
		_, size := utf8.DecodeRuneInString(name[retryAt:])
		retryAt += size
		k, at = retryK, retryAt
	}
}

func (e *globRune) matches(r rune, fold bool) bool {
	switch e.op {
	case globLiteral:
		return r == e.r || fold && toLower(r) == e.r
	case globClass, globNotClass:
		return e.in(r, fold) == (e.op == globClass)
	default:
		return true
	}
}

func (e *globRune) in(r rune, fold bool) bool {
	for i := 0; i < len(e.ranges); i += 2 {
		if r >= e.ranges[i] && r <= e.ranges[i+1] {
			return true
		}
		if l := toLower(r); fold && l >= e.ranges[i] && l <= e.ranges[i+1] {
			return true
		}
	}
	return false
}
