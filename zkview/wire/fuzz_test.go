package wire

import (
	"bytes"
	"testing"
)

// FuzzWalker: the verdict on a record does not depend on the pieces in which it
// arrives.
func FuzzWalker(f *testing.F) {
	f.Add(int32(OpGetChildren2), uint8(3), append([]byte{0, 0, 0, 1, 0, 0, 0, 1, 'a'}, make([]byte, 68)...))
	f.Add(int32(OpGetACL), uint8(1), append([]byte{0, 0, 0, 1, 0, 0, 0, 31, 0, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 68)...))
	f.Add(int32(OpMulti), uint8(5), []byte{0, 0, 0, 2, 0, 0, 0, 0, 0, 255, 255, 255, 255, 1, 255, 255, 255, 255})
	f.Add(int32(OpGetData), uint8(2), []byte{255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, code int32, size uint8, record []byte) {
		plan := replyPlans[OpCode(code)]
		whole := feedAll(plan, record, len(record)+1)
		pieces := feedAll(plan, record, int(size)+1)
		if (whole == nil) != (pieces == nil) {
			t.Errorf("whole: %v; in pieces: %v", whole, pieces)
		}
	})
}

// FuzzDecoder: no input panics or makes a count that the input cannot hold.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte("ilbsuv"), []byte{0, 0, 0, 1, 0, 0, 0, 2, 'h', 'i', 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, kinds, record []byte) {
		d := NewDecoder(record)
		for _, k := range kinds {
			left := d.Len()
			switch k % 6 {
			case 0:
				d.Int()
			case 1:
				d.Long()
			case 2:
				d.Bool()
			case 3:
				d.Ustring()
			case 4:
				if b := d.Buffer(); len(b) > left {
					t.Error("a buffer out of nowhere")
				}
			case 5:
				if n := d.Vector(4); n < 0 || n > left/4 {
					t.Errorf("a vector of %d in %d bytes", n, left)
				}
			}
			if d.Len() > left {
				t.Error("the decoder went backwards")
			}
		}
	})
}

// FuzzDescribe: no request panics.
func FuzzDescribe(f *testing.F) {
	f.Add(int32(OpMulti), []byte{0, 0, 0, 1, 0, 255, 255, 255, 255, 0, 0, 0, 1, '/'})
	f.Add(int32(OpSetWatches), make([]byte, 20))
	f.Fuzz(func(t *testing.T, code int32, body []byte) {
		o := Op{Code: OpCode(code)}
		o.describe(body)
		if len(o.Path) > len(body) || o.Ops > len(body) {
			t.Errorf("%+v from %d bytes", o, len(body))
		}
		if o.Code == OpAuth && (o.Path != "" || o.Ops != 0) {
			t.Errorf("an auth request tells %+v", o)
		}
	})
}

// FuzzSrvr: any text is parsed or refused.
func FuzzSrvr(f *testing.F) {
	f.Add(srvr380)
	f.Add(" version:\nMode:")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSrvr(text)
		if err == nil && s.Version == "" && s.Mode == "" {
			t.Error("accepted for nothing")
		}
		if !isWord(s.Product) || !isWord(s.Version) || !isWord(s.Mode) {
			t.Errorf("accepted %+v", s)
		}
	})
}

// FuzzConnectResponse: what is accepted, go-zookeeper can live with.
func FuzzConnectResponse(f *testing.F) {
	f.Add(bytes.Repeat([]byte{0, 0, 0, 16}, 12))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := &Conn{asked: &connectRequest{}}
		if h, err := c.parseAnswer(body); err == nil && !h.Expired && h.Timeout <= 0 {
			t.Errorf("accepted %+v", h)
		}
	})
}
