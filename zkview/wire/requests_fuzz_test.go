package wire

import (
	"bytes"
	"testing"
)

// FuzzMultiRead: no reply panics, and what is accepted is as much as was asked for
// and no more than there was.
func FuzzMultiRead(f *testing.F) {
	ok := []byte{0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 'a'}
	no := []byte{255, 255, 255, 255, 0, 255, 255, 255, 155, 255, 255, 255, 155}
	end := []byte{255, 255, 255, 255, 1, 255, 255, 255, 255}
	f.Add(uint8(0b10), bytes.Join([][]byte{no, ok, end}, nil), uint8(2))
	f.Add(uint8(0), append([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0, 255, 255, 255, 255}, append(make([]byte, 68), end...)...), uint8(1))
	f.Fuzz(func(t *testing.T, kinds uint8, body []byte, n uint8) {
		ops := make([]ReadOp, n%8)
		for i := range ops {
			ops[i].Code = OpGetData
			if kinds>>i&1 != 0 {
				ops[i].Code = OpGetChildren
			}
		}
		results, err := decodeMultiRead(body, ops)
		if err != nil {
			return
		}
		if len(results) != len(ops) {
			t.Fatalf("%d results of %d", len(results), len(ops))
		}
		size := 0
		for i := range results {
			r := &results[i]
			size += len(r.Data) + r.Names.Size()
			all := r.Names.Strings()
			for j, names := 0, r.Names; names.Len() > 0; j++ {
				if name := names.Next(); string(name) != all[j] {
					t.Errorf("%q and %q", name, all[j])
				}
			}
		}
		if size > len(body) {
			t.Errorf("%d bytes out of %d", size, len(body))
		}
	})
}

// FuzzEncodeMultiRead: what is encoded is what the log of requests reads.
func FuzzEncodeMultiRead(f *testing.F) {
	f.Add("/a", "/b")
	f.Fuzz(func(t *testing.T, a, b string) {
		body, err := encodeMultiRead([]ReadOp{{OpGetData, a}, {OpGetChildren, b}})
		if err != nil {
			t.Fatal(err)
		}
		o := Op{Code: OpMultiRead}
		o.describe(body)
		if o.Path != a || o.Ops != 2 || len(body) != multiHeaderSize+OpSize(a)+OpSize(b) {
			t.Errorf("%+v of %d bytes", o, len(body))
		}
	})
}

// FuzzIdentities: no reply panics.
func FuzzIdentities(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 1, 'a', 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, body []byte) {
		if ids, err := decodeIdentities(body); err == nil && len(ids)*8 > len(body) {
			t.Errorf("%d identities out of %d bytes", len(ids), len(body))
		}
	})
}
