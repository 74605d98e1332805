package zkview

import (
	"strings"
	"testing"

	"github.com/sahilm/fuzzy"
	"pgregory.net/rapid"
)

func TestFilter(t *testing.T) {
	for _, c := range []struct {
		typed, name string
		want        bool
	}{
		{"", "any", true},
		{"!", "any", true},
		{"~", "any", true},
		{"lock", "LOCK-1", true},
		{"Lock", "LOCK-1", false},
		{"Lock", "aLock-1", true},
		{"99", "lock-0990", true},
		{"-9", "LOCK-0990", false},
		{"!99", "lock-0990", false},
		{"!lock", "LOCK-1", false},
		{"é", "CAFÉ", true},
		{"~lk9", "LOCK-0990", true},
		{"~Lk9", "LOCK-0990", false},
		{"~LK9", "LOCK-0990", true},
		{"~l99", "lock-0909", true},
		{"~l99", "lock-090", false},
		{"~cé", "CAFÉ", true},
		{"~cÉ", "CAFé", false},
		{"~k", "\u212a", true}, // the sign of the Kelvin
		{"~\u212a", "k", false},
	} {
		if got := ParseFilter(c.typed).Match(c.name); got != c.want {
			t.Errorf("%q matches %q: %v", c.typed, c.name, got)
		}
	}
}

func TestFuzzyFilterIsTheLibrarys(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("aabcABC-01éÉkK\u212asS\u017f")), 0, 9, -1)
	rapid.Check(t, func(t *rapid.T) {
		text, name := strings.ToLower(word.Draw(t, "text"))+"a", word.Draw(t, "name")
		want := len(fuzzy.FindNoSort(text, []string{name})) > 0
		if got := ParseFilter("~" + text).Match(name); got != want {
			t.Fatalf("~%s matches %q: %v, by the library %v", text, name, got, want)
		}
	})
}
