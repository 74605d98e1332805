// Package yamlerr words what is wrong with a YAML file that a person has written.
package yamlerr

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"

	"zkdeck/internal/safetext"
)

// AtLine words an error of the YAML library to be put after the name of the file:
// ":LINE: what is wrong", or ": what is wrong". The library's own text quotes the lines
// around, which is more than a log should hold.
func AtLine(err error) error {
	var detail yaml.Error
	if !errors.As(err, &detail) {
		return fmt.Errorf(": %w", err)
	}
	return fmt.Errorf("%s%s", Line(detail.GetToken()), safetext.CleanLine(detail.GetMessage()))
}

// Line is ":LINE: " of a token, or ": ".
func Line(t *token.Token) string {
	if t == nil || t.Position == nil {
		return ": "
	}
	return fmt.Sprintf(":%d: ", t.Position.Line)
}

// Caught is to be deferred: it makes err of a panic of the YAML library, which
// goccy/go-yaml v1.19.2 meets at "profiles: !x y, z]".
func Caught(err *error) {
	if recover() != nil {
		*err = errors.New(": it is no YAML that can be read")
	}
}
