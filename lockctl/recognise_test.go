package lockctl

import (
	"fmt"
	"strings"
	"testing"
)

// The ids of the tests: of Curator with dashes, of others without.
func uuid(i int) string  { return fmt.Sprintf("%08x-1111-4222-8333-%012x", i+1, i+1) }
func hex32(i int) string { return fmt.Sprintf("%032x", i+0xab54a98c) }

// seq is a sequence number as the server appends it.
func seq(n int32) string { return fmt.Sprintf("%010d", n) }

// dir makes a directory whose children were created in this order, each by a session of
// its own: 0x100 and so on. Names without a number stay as they are.
func dir(path string, names ...string) Directory {
	d := Directory{Path: path, Stat: Stat{Czxid: 1, NumChildren: int32(len(names)), Cversion: int32(2*1000 - len(names))}}
	for i, n := range names {
		d.Children = append(d.Children, Node{Name: n, Data: []byte{}, Stat: Stat{
			Czxid: int64(10 + i), Mzxid: int64(10 + i), Ctime: int64(1000 + i), Mtime: int64(1000 + i), EphemeralOwner: int64(0x100 + i),
		}})
	}
	return d
}

// with changes a directory.
func (d Directory) with(change func(*Directory)) Directory {
	change(&d)
	return d
}

func persistent(d *Directory) {
	for i := range d.Children {
		d.Children[i].Stat.EphemeralOwner = 0
	}
}

func values(v ...string) func(*Directory) {
	return func(d *Directory) {
		for i, s := range v {
			d.Children[i].Data = []byte(s)
			d.Children[i].Stat.DataLength = int32(len(s))
		}
	}
}

func owner(i int, session int64) func(*Directory) {
	return func(d *Directory) { d.Children[i].Stat.EphemeralOwner = session }
}

// short writes a lock so that a person sees what was recognised: path, recipe, kind and
// limit, then the contenders in order with the first letter of the role and whom each
// waits for.
func short(l Lock) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s/%d %s:", l.Path, l.Recipe, l.Kind, l.Limit, l.Wake)
	for _, k := range l.Contenders {
		n := k.Node
		if len(n) > 12 {
			n = n[len(n)-11:]
		}
		fmt.Fprintf(&b, " %s=%c", n, k.Role[0])
		if k.WaitsFor >= 0 {
			fmt.Fprintf(&b, "%d", k.WaitsFor)
		}
		if k.All {
			b.WriteString("*")
		}
	}
	return b.String()
}

func shorts(locks []Lock) string {
	var s []string
	for _, l := range locks {
		s = append(s, short(l))
	}
	return strings.Join(s, "\n")
}

func codes(l Lock) string {
	var s []string
	for _, w := range l.Warnings {
		s = append(s, string(w.Code))
	}
	return strings.Join(s, " ")
}

// check compares what was recognised, and what may never be otherwise.
func check(t *testing.T, d Directory, c Cluster, want string) []Lock {
	t.Helper()
	locks := Recognise(d, c)
	if got := shorts(locks); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, l := range locks {
		for _, w := range l.Warnings {
			if strings.Contains(w.Text, "%!") {
				t.Errorf("text %q", w.Text)
			}
		}
	}
	var names []string
	for _, n := range d.Children {
		names = append(names, n.Name)
	}
	if len(locks) > 0 && len(names) > 0 && !Promising(d.Path, names) {
		t.Error("its names do not look promising")
	}
	return locks
}
