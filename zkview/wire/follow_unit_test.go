package wire

import (
	"bytes"
	"testing"
)

// TestSetWatchesWithoutFollowed: the paths that are followed are left out of a
// setWatches, and nothing else of it changes.
func TestSetWatchesWithoutFollowed(t *testing.T) {
	request := func(lists ...[]string) []byte {
		var e Encoder
		e.Long(77)
		for _, list := range lists {
			e.Int(int32(len(list)))
			for _, path := range list {
				e.Ustring(path)
			}
		}
		return frame(5, OpSetWatches, e.Bytes())
	}
	all := request([]string{"/a", "/b"}, []string{"/a"}, []string{"/a/b", "/a", "/"})
	c := &Conn{}
	if got := c.withoutFollowed(all); !bytes.Equal(got, all) {
		t.Error("changed, though nothing is followed")
	}
	c.follow("/x")
	if got := c.withoutFollowed(all); !bytes.Equal(got, all) {
		t.Error("changed, though none of the paths is followed")
	}
	c.follow("/a")
	want := request([]string{"/b"}, nil, []string{"/a/b", "/"})
	if got := c.withoutFollowed(all); !bytes.Equal(got, want) {
		t.Errorf("%x\nwant %x", got, want)
	}
	for n := 20; n < len(all); n++ { // what cannot be read goes as it is
		if got := c.withoutFollowed(all[:n]); !bytes.Equal(got, all[:n]) {
			t.Fatalf("%d bytes became %x", n, got)
		}
	}
	c.unfollow("/a")
	if got := c.withoutFollowed(all); !bytes.Equal(got, all) {
		t.Error("changed, though it is followed no more")
	}
}
