package tui

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// updateReadme writes the keys into the README instead of comparing:
// go test ./tui -run TestReadmeKeys -write-readme.
var updateReadme = flag.Bool("write-readme", false, "write the table of keys into the README")

const readme = "../README.md"

// The table of keys in the README is what the KeyMap says.
func TestReadmeKeys(t *testing.T) {
	const begin, end = "<!-- keys -->\n", "<!-- /keys -->"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	have, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("the README has no place for the keys between %q and %q", begin, end)
	}
	want := keysTable()
	switch {
	case have == want:
	case *updateReadme:
		if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("the keys in the README are not those of the KeyMap; go test ./tui -run TestReadmeKeys -write-readme mends it")
	}
}

// keysTable is the help as Markdown.
func keysTable() string {
	var b strings.Builder
	keys := DefaultKeyMap()
	cell := strings.NewReplacer("|", `\|`)
	for _, g := range keys.groups() {
		fmt.Fprintf(&b, "\n**%s**\n\n| key | what it does |\n| --- | --- |\n", g.Title)
		for _, k := range g.Keys {
			var names []string
			for _, n := range strings.Fields(k.Help().Key) {
				names = append(names, "`"+cell.Replace(n)+"`")
			}
			fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(names, " "), cell.Replace(k.Help().Desc))
		}
	}
	b.WriteString("\n")
	return b.String()
}
