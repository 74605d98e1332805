package ensemble

import (
	"fmt"
	"strings"
)

// maxName bounds a name: it is part of paths and of file names.
const maxName = 48

// checkName refuses what cannot be the name of an ensemble. A name is that of a
// folder and stands in scripts, so only what needs no quoting anywhere will do.
func checkName(name string) error {
	bad := func(what string) error {
		return &WishError{Field: "Name", What: what, Mend: "take letters, digits, '-', '_' and '.', beginning with a letter or digit, as in \"demo-2\""}
	}
	switch {
	case name == "":
		return bad("the name is empty")
	case len(name) > maxName:
		return bad(fmt.Sprintf("the name is longer than %d characters", maxName))
	case strings.HasSuffix(name, placeMark):
		return bad(fmt.Sprintf("the name %q ends in %s, which marks an ensemble that lies elsewhere", name, placeMark))
	}
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("-_.", rune(c))) {
			return bad(fmt.Sprintf("the name %q has characters that a name must not have", name))
		}
	}
	return nil
}

// WishError says why something that was wished for cannot be.
type WishError struct {
	// Field is the field of [Wish] that it is about.
	Field string
	// What says what is wrong, Mend what to do about it; a sentence each, without a
	// full stop at the end.
	What, Mend string
}

func (e *WishError) Error() string { return e.What + "; " + e.Mend }
