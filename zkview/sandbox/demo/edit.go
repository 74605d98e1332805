package demo

import (
	"regexp"
	"strconv"
)

// edit changes one place of a text. What it does not find, because a person has
// changed or deleted the text, it leaves alone.
type edit struct {
	path  string
	place string // a regular expression whose only group is what changes
	next  func(v *visit, old string) string
}

// number is an edit of a decimal number.
func number(next func(v *visit, n int) int) func(*visit, string) string {
	return func(v *visit, old string) string {
		n, err := strconv.Atoi(old)
		if err != nil {
			return old
		}
		return strconv.Itoa(next(v, n))
	}
}

// one of several words, but not the one that is there.
func oneOf(words ...string) func(*visit, string) string {
	return func(v *visit, old string) string {
		for {
			if w := words[v.rng.IntN(len(words))]; w != old {
				return w
			}
		}
	}
}

// rewrite makes an edit at one of the places it fits, with the version that it read.
func (v *visit) rewrite(e edit) error {
	data, st, err := v.Get(e.path, nil)
	if err != nil {
		return passing(err)
	}
	places := regexp.MustCompile(e.place).FindAllSubmatchIndex(data, -1)
	if len(places) == 0 {
		return nil
	}
	at := places[v.rng.IntN(len(places))]
	from, to := at[2], at[3]
	text := string(data[:from]) + e.next(v, string(data[from:to])) + string(data[to:])
	err = v.Set(e.path, []byte(text), st.Version)
	return passing(err)
}
