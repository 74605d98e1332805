package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrMalformed is a record that ends too early or holds an impossible length.
var ErrMalformed = errors.New("malformed ZooKeeper record")

// Encoder builds a record in jute, ZooKeeper's serialisation: big-endian numbers,
// lengths of four bytes. The zero value is ready to use.
type Encoder struct{ buf []byte }

// Bytes is what has been encoded so far; it is valid until the next call.
func (e *Encoder) Bytes() []byte { return e.buf }

// Reset forgets what has been encoded, and keeps the memory for what comes next.
func (e *Encoder) Reset() { e.buf = e.buf[:0] }

// Int appends a jute int.
func (e *Encoder) Int(v int32) { e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(v)) }

// Long appends a jute long.
func (e *Encoder) Long(v int64) { e.buf = binary.BigEndian.AppendUint64(e.buf, uint64(v)) }

// Bool appends a jute boolean, one byte.
func (e *Encoder) Bool(v bool) {
	b := byte(0)
	if v {
		b = 1
	}
	e.buf = append(e.buf, b)
}

// Ustring appends a jute ustring.
func (e *Encoder) Ustring(s string) {
	e.Int(int32(len(s)))
	e.buf = append(e.buf, s...)
}

// Buffer appends a jute buffer; nil becomes the null buffer (length -1).
func (e *Encoder) Buffer(b []byte) {
	if b == nil {
		e.Int(-1)
		return
	}
	e.Int(int32(len(b)))
	e.buf = append(e.buf, b...)
}

// Decoder reads a jute record from a slice. It never panics: the first failure
// sticks, every later read returns the zero value, and Err tells.
type Decoder struct {
	buf  []byte
	err  error
	size int // of the whole record
}

// NewDecoder reads from b, which must not change meanwhile.
func NewDecoder(b []byte) *Decoder { return &Decoder{buf: b, size: len(b)} }

// Err is nil, or wraps [ErrMalformed].
func (d *Decoder) Err() error { return d.err }

// Len is the number of bytes not read yet.
func (d *Decoder) Len() int { return len(d.buf) }

// take cuts n bytes off, or records the failure and returns nil.
func (d *Decoder) take(n int) []byte {
	if d.err != nil {
		return nil
	}
	if n < 0 || n > len(d.buf) {
		d.err = fmt.Errorf("%w: %d bytes wanted, %d left", ErrMalformed, n, len(d.buf))
		d.buf = nil
		return nil
	}
	b := d.buf[:n:n]
	d.buf = d.buf[n:]
	return b
}

// Int reads a jute int.
func (d *Decoder) Int() int32 {
	if b := d.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

// Long reads a jute long.
func (d *Decoder) Long() int64 {
	if b := d.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

// Bool reads a jute boolean.
func (d *Decoder) Bool() bool {
	b := d.take(1)
	return b != nil && b[0] != 0
}

// Ustring reads a jute ustring; a null one is empty.
func (d *Decoder) Ustring() string { return string(d.Buffer()) }

// Buffer reads a jute buffer without copying it; a null one is nil, an empty one
// is not.
func (d *Decoder) Buffer() []byte {
	n := d.Int()
	if d.err != nil || n == -1 {
		return nil
	}
	return d.take(int(n))
}

// Vector reads the number of elements of a jute vector, each of which takes at
// least size bytes: a count that the rest of the record cannot hold is malformed,
// so that a caller may allocate by it. A null vector has none.
func (d *Decoder) Vector(size int) int {
	n := d.Int()
	if d.err != nil || n == -1 {
		return 0
	}
	if n < 0 || int64(n)*int64(size) > int64(len(d.buf)) {
		d.err = fmt.Errorf("%w: a vector of %d in %d bytes", ErrMalformed, n, len(d.buf))
		d.buf = nil
		return 0
	}
	return int(n)
}
