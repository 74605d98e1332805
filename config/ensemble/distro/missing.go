package distro

import (
	"fmt"
	"strings"
)

// Rejected is something that looked like Java or ZooKeeper and cannot be used.
type Rejected struct {
	// Path is where it is, From how it was found, as in [Java] and [ZooKeeper].
	Path string
	From string
	// Why says in plain words what is wrong with it, and what to do where that is known.
	Why string
}

func (r Rejected) String() string { return fmt.Sprintf("%s (%s): %s", r.Path, r.From, r.Why) }

// MissingError says that there is no Java or no ZooKeeper that can be used.
type MissingError struct {
	// What is missing: "Java" or "ZooKeeper".
	What string
	// Explicit is the place that was asked for, "" where everything was searched.
	Explicit string
	// Rejected is what was found and cannot be used.
	Rejected []Rejected
	// Install are the commands that install it on this system, best first; a line that
	// starts with "#" is a remark.
	Install []string
}

// Error says what is wrong with the place that was asked for. Where everything was
// searched it is several lines: what is missing, what was found and why it does not
// do, and the commands that install it.
func (e *MissingError) Error() string {
	if e.Explicit != "" && len(e.Rejected) > 0 {
		return fmt.Sprintf("%s cannot be used as %s: %s", e.Explicit, e.What, e.Rejected[0].Why)
	}
	var b strings.Builder
	if len(e.Rejected) == 0 {
		fmt.Fprintf(&b, "no %s was found on this machine", e.What)
	} else {
		fmt.Fprintf(&b, "no %s that can be used was found on this machine", e.What)
	}
	for _, r := range e.Rejected {
		fmt.Fprintf(&b, "\n  %s", r)
	}
	if len(e.Install) > 0 {
		b.WriteString("\nto install it:")
	}
	for _, line := range e.Install {
		fmt.Fprintf(&b, "\n  %s", line)
	}
	return b.String()
}

// InputError is a version, a URL or a checksum that is none: nothing was asked of
// anybody, and trying again does not help.
type InputError struct{ text string }

func (e *InputError) Error() string { return e.text }

func inputError(format string, args ...any) error {
	return &InputError{fmt.Sprintf(format, args...)}
}
