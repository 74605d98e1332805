package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"zkdeck/internal/safetext"
	"zkdeck/zkview"
)

// shown are the visible rows of a tree, a line each.
func shown(c *compareTree) string {
	var out []string
	for _, i := range c.visible() {
		n := &c.nodes[i]
		out = append(out, fmt.Sprintf("%s%s%s %v", strings.Repeat(" ", int(n.depth)), []string{"", "+", "-", "~"}[n.sign], n.name, n.below[signAdded:]))
	}
	return strings.Join(out, "\n")
}

func TestCompareTree(t *testing.T) {
	c := newCompareTree()
	c.add("/a/b/c", signChanged, 0)
	c.add("/a/b", signAdded, 1)
	c.add("/z", signRemoved, 2)
	c.add("/a/a", signAdded, 3)
	if c.add("/z", signAdded, 4) {
		t.Error("a path was taken twice")
	}
	want := "/ [2 1 1]\n a [2 0 1]\n -z [0 1 0]"
	if got := shown(c); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	c.unfold(100)
	want = "/ [2 1 1]\n a [2 0 1]\n  +a [1 0 0]\n  +b [1 0 1]\n   ~c [0 0 1]\n -z [0 1 0]"
	if got := shown(c); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if i := c.index["/a/b/c"]; c.path(i) != "/a/b/c" || c.row(i) != 4 {
		t.Errorf("%s in row %d", c.path(i), c.row(i))
	}
	c.open(c.index["/a"], false)
	if c.row(c.index["/a/b/c"]) != 1 {
		t.Error("what is not visible is not in the row of its parent")
	}
}

// Whatever comes in whatever order, every path is there once, parents before their
// children, siblings by name, and the counts add up.
func TestCompareTreeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		paths := rapid.SliceOfDistinct(rapid.StringMatching(`(/[ab\x{202e}]){1,4}`), rapid.ID[string]).Draw(t, "paths")
		c := newCompareTree()
		var total tally
		for i, p := range paths {
			sign := diffSign(rapid.IntRange(1, 3).Draw(t, "sign"))
			c.add(p, sign, int32(i))
			total[sign]++
		}
		c.unfold(1 << 20)
		var got []string
		for _, i := range c.visible() {
			p := c.path(i)
			if i != 0 && !slices.Contains(got, parentOf(p)) {
				t.Fatalf("%q comes before its parent", p)
			}
			got = append(got, p)
		}
		if len(got) != len(c.nodes) || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) {
			t.Fatalf("%d rows of %d nodes: %q", len(got), len(c.nodes), got)
		}
		for _, p := range paths {
			if !slices.Contains(got, p) {
				t.Fatalf("%q is missing", p)
			}
		}
		if c.nodes[0].below != total {
			t.Fatalf("counted %v, want %v", c.nodes[0].below, total)
		}
	})
}

func TestCompareSceneFillsItsRoom(t *testing.T) {
	keys := DefaultKeyMap()
	for _, state := range []string{"running", "done", "equal", "failed", "diff"} {
		c := &compareScene{keys: &keys, left: compareSide{path: "/" + hostile}, right: compareSide{file: hostile}, tree: newCompareTree()}
		c.job = &compareJob{longCall: newLongCall[zkview.TransferProgress](t.Context())}
		if state != "equal" {
			for i := range 300 {
				c.job.waiting = append(c.job.waiting, zkview.Difference{Kind: zkview.DiffChanged, Path: fmt.Sprintf("/%s/%d", hostile, i), Data: true, ACL: true, Mode: true, Before: i, After: -1})
			}
		}
		if state == "failed" {
			c.job.err = zkview.ErrNotSent
		}
		c.take()
		if state != "running" {
			c.job.report.Same = 12
			c.ended()
		}
		if state == "diff" {
			c.diff = &compareDiff{about: safetext.Clean(hostile)}
			c.diff.came(compareDiffMsg{lines: diffOf(sideZnode{data: []byte(hostile)}, sideZnode{data: []byte("x")}, zkview.Difference{Mode: true, ACL: true})})
		}
		for _, size := range [][2]int{{40, 1}, {40, 5}, {80, 18}, {200, 60}} {
			for _, st := range []*styles{testStyles(), newStyles(colorprofile.TrueColor, true, true)} {
				rows, _ := c.render(st, size[0], size[1], time.Time{})
				if len(rows) != size[1] {
					t.Errorf("%s at %v: %d rows", state, size, len(rows))
				}
				for _, r := range rows {
					if ansi.StringWidth(r) != size[0] || !isSafeLine(plain(r)) {
						t.Errorf("%s at %v: %q", state, size, r)
					}
				}
			}
			c.move(1)
		}
	}
}
