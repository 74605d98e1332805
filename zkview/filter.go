package zkview

import (
	"strings"
	"unicode"

	"github.com/sahilm/fuzzy"
)

// Filter decides by its name whether a znode is shown. The zero value shows all.
type Filter struct {
	text            string
	inverse, fuzzed bool
	fold            bool // the case of a name does not matter, and text is in lower case
}

// ParseFilter reads what a person typed: text shows the names that contain it, !text
// those that do not, ~text those that have its characters in this order. Upper and
// lower case differ only if the text has upper case. Text alone, "!" and "~" show all.
func ParseFilter(typed string) Filter {
	f := Filter{text: typed}
	switch {
	case strings.HasPrefix(typed, "!"):
		f.text, f.inverse = typed[1:], true
	case strings.HasPrefix(typed, "~"):
		f.text, f.fuzzed = typed[1:], true
	}
	if f.text == "" {
		return Filter{}
	}
	f.fold = !strings.ContainsFunc(f.text, unicode.IsUpper) && strings.ContainsFunc(f.text, mayFold)
	return f
}

// Active tells whether the filter may hide anything.
func (f Filter) Active() bool { return f.text != "" }

// Match tells whether a znode of this name is shown for its own sake.
func (f Filter) Match(name string) bool {
	if f.fuzzed {
		return f.fuzzy(name)
	}
	from, _ := indexFold(name, f.text, f.fold)
	return (from >= 0) != f.inverse
}

// mayFold tells that there may be an upper case of a letter in lower case.
func mayFold(r rune) bool { return r >= 0x80 || r-'a' < 26 && r >= 'a' }

// fuzzy asks the library about what is not plain ASCII. It never minds case, so that
// may be left to do. A NUL ends a name for the library; ZooKeeper accepts none in a name.
func (f Filter) fuzzy(name string) bool {
	if found, plain := asciiSubsequence(name, f.text, f.fold); plain {
		return found
	}
	if !f.fold && !subsequence(name, f.text) {
		return false
	}
	return len(fuzzy.FindNoSort(f.text, []string{name})) > 0
}

// asciiSubsequence is what the library would find, without its scores, which take long.
// plain is false if it is not known, because there is more than ASCII.
func asciiSubsequence(name, text string, fold bool) (found, plain bool) {
	k := 0
	for i := range len(name) {
		c := name[i]
		if c == 0 || c >= 0x80 || text[k] >= 0x80 {
			return false, false
		}
		if fold {
			c = lower(c)
		}
		if c != text[k] {
			continue
		}
		if k++; k == len(text) {
			return true, true
		}
	}
	return false, true
}

// subsequence tells that name has the characters of text in this order.
func subsequence(name, text string) bool {
	want := []rune(text)
	for _, r := range name {
		if len(want) > 0 && r == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}
