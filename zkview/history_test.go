package zkview

import (
	"fmt"
	"testing"
	"time"
)

func TestHistory(t *testing.T) {
	h := NewHistory(0)
	at := time.Unix(1, 0)
	add := func(kind NewsKind, st Stat, data string, err error) {
		at = at.Add(time.Second)
		n := News{Kind: kind, Path: "/a", At: at, Stat: st, Err: err}
		if kind == DataNews {
			n.Data = []byte(data)
		}
		h.Add(n)
	}
	one := Stat{Czxid: 1, Mzxid: 1, Pzxid: 1}
	add(StatNews, one, "", nil)
	add(DataNews, one, "one", nil)
	two := Stat{Czxid: 1, Mzxid: 5, Pzxid: 1, Version: 3}
	add(StatNews, two, "", nil)
	add(DataNews, two, "two", nil)
	add(StatNews, one, "", nil) // late
	kids := two
	kids.Pzxid, kids.NumChildren = 6, 1
	add(ChildrenNews, kids, "", nil)
	add(StatNews, Stat{}, "", &OpError{"exists", "/a", ErrNoNode})
	add(DataNews, Stat{}, "", &OpError{"getData", "/a", ErrNoNode})
	add(DataNews, Stat{Czxid: 9, Mzxid: 9, Pzxid: 9}, "new", nil)
	add(StatNews, Stat{Czxid: 12, Mzxid: 12, Pzxid: 12}, "", nil)

	want := []string{
		"read 1 0 one", "changed 5 2 two", "children changed 6 0 ", "deleted 0 0 ", "created 9 0 new",
		"deleted 0 0 ", "created 12 0 ",
	}
	got := h.Of("/a")
	if len(got) != len(want) {
		t.Fatalf("%d entries: %+v", len(got), got)
	}
	for i, e := range got {
		if s := fmt.Sprintf("%v %d %d %s", e.Kind, e.Zxid, e.Missed, e.Data); s != want[i] {
			t.Errorf("entry %d is %q, want %q", i, s, want[i])
		}
		if i > 0 && e.At.Before(got[i-1].At) {
			t.Errorf("entry %d is older than the one before", i)
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	h := NewHistory(1 << 20)
	for i := range 3000 {
		p := fmt.Sprint("/p", i%3)
		h.Add(News{Kind: DataNews, Path: p, At: time.Unix(int64(i), 0), Data: make([]byte, 10_000), Stat: Stat{Czxid: 1, Mzxid: int64(i), Version: int32(i / 3)}})
		if h.size > h.limit {
			t.Fatalf("%d bytes after %d values", h.size, i)
		}
	}
	kept := 0
	for i := range 3 {
		p := fmt.Sprint("/p", i)
		kept += len(h.Of(p))
		if h.Dropped(p) == 0 {
			t.Errorf("%s: nothing is said to be dropped", p)
		}
	}
	if kept < 90 || kept != h.all.Len() {
		t.Errorf("%d entries kept, %d listed", kept, h.all.Len())
	}
	for i := range 2 * historyEach {
		h.Add(News{Kind: StatNews, Path: "/q", Stat: Stat{Czxid: 1, Pzxid: int64(i)}})
	}
	if n := len(h.Of("/q")); n != historyEach {
		t.Errorf("%d entries of one znode", n)
	}
	h.Add(News{Kind: DataNews, Path: "/big", Data: make([]byte, HeldValue+1), Stat: Stat{Czxid: 1, DataLength: HeldValue + 1}})
	if e := h.Of("/big"); len(e) != 1 || e[0].HasData {
		t.Errorf("a long value: %+v", e)
	}
}
