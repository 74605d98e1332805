package zkview

import (
	"fmt"
	"testing"

	"github.com/go-zookeeper/zk"
	"pgregory.net/rapid"

	seeds "zkdeck/internal/zktest/seed"
)

// TestExportImportAgreesWithTheLibrary exports random trees and imports them
// elsewhere, and copies them: go-zookeeper reads the same everywhere.
func TestExportImportAgreesWithTheLibrary(t *testing.T) {
	y := newYard(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		y.ctx = testCtx(t)
		round++
		from := fmt.Sprintf("/from%d", round)
		paths := []string{from}
		y.putDrawn(rt, from)
		for range rapid.IntRange(0, 25).Draw(rt, "size") {
			name := rapid.OneOf(
				rapid.SampledFrom(seeds.HostileNames), rapid.StringMatching(`[a-z]{1,3}`), rapid.String(),
			).Draw(rt, "name")
			path := join(rapid.SampledFrom(paths).Draw(rt, "parent"), name)
			if CheckName(name) != nil || y.has(path) {
				continue
			}
			y.putDrawn(rt, path)
			paths = append(paths, path)
		}
		file := y.export(from, ExportOptions{})
		imported, copied := from+"-imported", from+"-copied"
		r := y.apply(y.plan(file, ImportOptions{To: imported}))
		if r.Created != int64(len(paths)) {
			rt.Fatalf("created %d of %d", r.Created, len(paths))
		}
		y.alike(from, imported)
		again := y.plan(file, ImportOptions{To: imported})
		if s := again.Summary(); s.Same != s.Znodes || s.Changes() != 0 {
			rt.Fatalf("planned again: %s", actions(again))
		}
		p := must(y.s.PlanCopy(y.ctx, from, copied, CopyOptions{}))
		defer func() { _ = p.Close() }()
		y.apply(p)
		y.alike(from, copied)
		report, err := Compare(y.ctx, Side{Session: y.s, Path: from}, Side{Session: y.s, Path: copied}, CompareOptions{}, func(d []Difference) error {
			return fmt.Errorf("%+v", d)
		})
		if err != nil || report.Same != int64(len(paths)) {
			rt.Fatalf("%+v, %v", report, err)
		}
		if y.Failed() {
			rt.FailNow()
		}
	})
}

func (y *yard) has(path string) bool {
	ok, _, err := y.conn.Exists(y.abs(path))
	return ok || err != nil
}

func (y *yard) putDrawn(rt *rapid.T, path string) {
	data := rapid.OneOf(
		rapid.Just([]byte(nil)), rapid.Just([]byte{}), rapid.SliceOfN(rapid.Byte(), 1, 40),
		rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) }),
	).Draw(rt, "data")
	acl := rapid.SampledFrom([][]zk.ACL{
		zk.WorldACL(zk.PermAll), zk.AuthACL(zk.PermAll),
		append(zk.AuthACL(zk.PermAll), zk.ACL{Perms: zk.PermRead, Scheme: "world", ID: "anyone"}, zk.ACL{Perms: zk.PermRead | zk.PermCreate, Scheme: "ip", ID: "10.0.0.0/8"}),
	}).Draw(rt, "acl")
	if _, err := y.conn.Create(y.abs(path), data, 0, acl); err != nil {
		rt.Fatalf("create %q: %v", path, err)
	}
}

// TestCompareAgreesWithTheLibrary compares two random trees.
func TestCompareAgreesWithTheLibrary(t *testing.T) {
	y := newYard(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		y.ctx = testCtx(t)
		round++
		sides := [2]string{fmt.Sprintf("/a%d", round), fmt.Sprintf("/b%d", round)}
		for _, root := range sides {
			y.put(root, "")
			paths := []string{root}
			for range rapid.IntRange(0, 12).Draw(rt, "size") {
				path := join(rapid.SampledFrom(paths).Draw(rt, "parent"), rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "name"))
				if y.has(path) {
					continue
				}
				y.put(path, rapid.SampledFrom([]string{"", "1", "2"}).Draw(rt, "data"))
				paths = append(paths, path)
			}
		}
		want := map[string]string{}
		a, b := y.tree(sides[0]), y.tree(sides[1])
		for path, line := range a {
			if other, ok := b[path]; !ok {
				want[path] = "removed"
			} else if other != line {
				want[path] = "changed"
			}
		}
		for path := range b {
			if _, ok := a[path]; !ok {
				want[path] = "added"
			}
		}
		got := map[string]string{}
		report, err := Compare(y.ctx, Side{Session: y.s, Path: sides[0]}, Side{Session: y.s, Path: sides[1]}, CompareOptions{}, func(list []Difference) error {
			for _, d := range list {
				got[d.Path] = d.Kind.String()
			}
			return nil
		})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) || report.Equal() != (len(want) == 0) {
			rt.Fatalf("got %v, want %v; %+v, %v", got, want, report, err)
		}
	})
}
