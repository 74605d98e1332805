package zkview

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// randomTree is a tree in the order of a walk, with sums made the simple way.
func randomTree(t *rapid.T) (tree []Znode, want map[string]*Usage) {
	want = map[string]*Usage{}
	tree = []Znode{{Path: "/"}}
	size := rapid.IntRange(1, 60).Draw(t, "size")
	for i := 0; i < len(tree); i++ {
		z := &tree[i]
		z.Stat = Stat{Czxid: 1, DataLength: int32(rapid.IntRange(0, 9).Draw(t, "bytes"))}
		if rapid.IntRange(0, 5).Draw(t, "unread") == 0 {
			z.Err = errors.New("not allowed")
			z.Stat = Stat{}
		}
		if len(tree) < size && z.Err == nil {
			z.Children = rapid.IntRange(0, 12).Draw(t, "children")
		}
		if z.Children == 0 && rapid.Bool().Draw(t, "ephemeral") {
			z.Stat.EphemeralOwner = 7
		}
		own := *z
		for k := range z.Children {
			tree = append(tree, Znode{Path: join(own.Path, fmt.Sprint(k))})
		}
		z = &tree[i]
		*z = own
		want[z.Path] = &Usage{Path: z.Path, Own: int64(z.Stat.DataLength), Children: z.Children}
		for p := z.Path; ; p = parentOf(p) {
			w := want[p]
			w.Znodes++
			w.Bytes += int64(z.Stat.DataLength)
			if z.Err != nil {
				w.Unread++
			}
			if z.Stat.EphemeralOwner != 0 {
				w.Ephemerals++
			}
			if p == "/" {
				break
			}
		}
	}
	return tree, want
}

func TestUsagesAreTheSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, want := randomTree(t)
		limits := rapid.SampledFrom([]usageLimits{defaultUsageLimits, {5, 1000, 200}, {1000, 10, 4}, {3, 2, 1}}).Draw(t, "limits")
		u := newUsages("/", limits)
		for len(tree) > 0 {
			n := rapid.IntRange(1, len(tree)).Draw(t, "batch")
			u.Add(tree[:n])
			tree = tree[n:]
		}
		for path, w := range want {
			got, ok := u.Of(path)
			if ok && got != *w {
				t.Fatalf("%+v, want %+v", got, *w)
			}
			if !ok && (path == "/" || limits == defaultUsageLimits) {
				t.Fatalf("%s is not known", path)
			}
			if !ok {
				continue
			}
			limit := rapid.IntRange(0, 4).Draw(t, "limit")
			order := rapid.SampledFrom([]UsageOrder{UsageByBytes, UsageByZnodes, UsageByName}).Draw(t, "order")
			list, rest := u.Below(path, order, limit)
			for i, l := range list {
				if l != *want[l.Path] {
					t.Fatalf("%+v, want %+v", l, *want[l.Path])
				}
				if i > 0 && order.Compare(list[i-1], l) >= 0 {
					t.Fatalf("%+v before %+v", list[i-1], l)
				}
				rest.Znodes += l.Znodes
				rest.Bytes += l.Bytes
				rest.Ephemerals += l.Ephemerals
				rest.Unread += l.Unread
				rest.Children++
			}
			if rest.Znodes != w.Znodes-1 || rest.Bytes != w.Bytes-w.Own || rest.Children != w.Children {
				t.Fatalf("list and rest are %+v, want %+v", rest, *w)
			}
			if limits == defaultUsageLimits && limit == 0 && len(list) != w.Children {
				t.Fatalf("%d of %d children", len(list), w.Children)
			}
		}
	})
}
