package wire

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unsafe"
)

// Names is a vector of strings as a server sent it: checked, but not decoded, so
// that a listing of a million names takes no more than their bytes. The zero value
// holds none. A copy is independent of the original; both share the bytes.
type Names struct {
	raw   []byte // length and bytes of each
	n     int
	whole int // bytes that stay while raw does
}

// Len is the number of names.
func (n Names) Len() int { return n.n }

// Size is the number of bytes that the names take.
func (n Names) Size() int { return len(n.raw) }

// Next takes the first name off, which shares memory with the others. There must
// be one.
func (n *Names) Next() []byte {
	size := binary.BigEndian.Uint32(n.raw)
	name := n.raw[4 : 4+size : 4+size]
	n.raw = n.raw[4+size:]
	n.n--
	return name
}

// Strings decodes all names. They are parts of the bytes that the server sent, which
// nobody changes: the memory of these stays while a name does.
func (n Names) Strings() []string {
	names := make([]string, n.n)
	all, at := unsafe.String(unsafe.SliceData(n.raw), len(n.raw)), 0
	for i := range names {
		size := int(binary.BigEndian.Uint32(n.raw[at:]))
		at += 4
		names[i] = all[at : at+size]
		at += size
	}
	return names
}

// Names reads a jute vector<ustring>. It allocates nothing; the result shares
// memory with the decoder's input.
func (d *Decoder) Names() Names {
	n := d.Vector(4)
	at := 0
	for range n {
		if at+4 > len(d.buf) {
			return d.badNames(n)
		}
		size := int(int32(binary.BigEndian.Uint32(d.buf[at:])))
		at += 4
		if size < 0 || size > len(d.buf)-at {
			return d.badNames(n)
		}
		at += size
	}
	return Names{raw: d.take(at), n: n, whole: d.size}
}

func (d *Decoder) badNames(n int) Names {
	d.err = fmt.Errorf("%w: %d names are more than %d bytes hold", ErrMalformed, n, len(d.buf))
	d.buf = nil
	return Names{}
}

// Own is the same names in memory of their own, unless they are most of what they
// share it with anyway.
func (n Names) Own() Names {
	if 2*len(n.raw) < n.whole {
		n.raw = slices.Clone(n.raw)
		n.whole = len(n.raw)
	}
	return n
}
