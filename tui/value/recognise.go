package value

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// Recognise finds out what data is. It never fails: what it does not know is
// Binary. It is meant to be strict: a number is text, and so is prose that happens
// to be valid YAML. It takes up to some tens of milliseconds a megabyte.
func Recognise(data []byte) Value {
	v := Value{Raw: data, Data: data}
	switch {
	case data == nil:
		return v
	case len(data) == 0:
		v.Format = Empty
		return v
	}
	if bytes.HasPrefix(data, gzipMagic) {
		v.unpack()
	}
	if len(v.Data) == 0 {
		v.Format = Empty
		return v
	}
	v.Format = Binary
	if v.Hint = magic(v.Data); v.Hint != "" {
		return v
	}
	if v.text, v.Encoding = decode(v.Data); v.Encoding == NoText {
		v.Hint = guess(v.Data)
		return v
	}
	v.Format = textFormat(v.text, v.Cut)
	return v
}

var gzipMagic = []byte{0x1f, 0x8b, 8}

// unpack replaces Data by what the gzip stream holds, as far as it can be read and
// at most MaxUnpacked bytes: a small value can unpack to terabytes.
func (v *Value) unpack() {
	r, err := gzip.NewReader(bytes.NewReader(v.Raw))
	if err != nil {
		return
	}
	out, err := io.ReadAll(io.LimitReader(r, MaxUnpacked+1))
	if err != nil && len(out) == 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
		return // the header was a coincidence
	}
	v.Gzip, v.Damaged = true, err != nil
	if len(out) > MaxUnpacked {
		out, v.Cut = out[:MaxUnpacked], true
	}
	v.Data = out
}

// textFormat finds the format of a text. A text that was cut cannot be valid JSON
// or XML to its end; then a beginning that is will do.
func textFormat(s string, cut bool) Format {
	switch {
	case isJSON(s, cut):
		return JSON
	case isXML(s, cut):
		return XML
	case isProperties(s):
		return Properties
	case isYAML(s):
		return YAML
	}
	return Text
}
