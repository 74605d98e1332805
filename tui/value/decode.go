package value

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decode returns data as UTF-8 if it is text, and how it was encoded; NoText if it
// is binary. Invalid bytes of DamagedUTF8 stay in the result.
func decode(data []byte) (string, Encoding) {
	switch {
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		if s, enc := decode8(data[3:]); enc == UTF8 {
			return s, UTF8BOM
		}
		return decode8(data)
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		return decode16(data[2:], binary.LittleEndian, UTF16LE)
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return decode16(data[2:], binary.BigEndian, UTF16BE)
	}
	return decode8(data)
}

// decode8 decodes text of one byte a unit.
func decode8(data []byte) (string, Encoding) {
	controls, high, c1 := 0, 0, 0
	for _, b := range data {
		switch {
		case b == 0:
			return "", NoText
		case b < 0x20 && b != '\n' && b != '\t' && b != '\r' || b == 0x7f:
			controls++
		case b >= 0x80 && b < 0xa0:
			c1++
			high++
		case b >= 0x80:
			high++
		}
	}
	if controls*4 > len(data) {
		return "", NoText
	}
	if utf8.Valid(data) {
		return string(data), UTF8
	}
	if c1 == 0 && controls == 0 && high*3 <= len(data) {
		return latin1(data), Latin1
	}
	if invalid(data)*50 <= len(data) && controls*50 <= len(data) {
		return string(data), DamagedUTF8
	}
	return "", NoText
}

// latin1 decodes ISO 8859-1, in which every byte is its code point.
func latin1(data []byte) string {
	var b strings.Builder
	b.Grow(len(data) + len(data)/4)
	for _, c := range data {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// invalid counts the bytes that are no part of a valid character.
func invalid(data []byte) int {
	n := 0
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			n++
		}
		data = data[size:]
	}
	return n
}

// decode16 decodes UTF-16 after its byte order mark. It is text when the units
// pair up and few of them are controls.
func decode16(data []byte, order binary.ByteOrder, enc Encoding) (string, Encoding) {
	if len(data) == 0 || len(data)%2 != 0 {
		return "", NoText
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	s := string(utf16.Decode(units))
	bad := 0
	for _, r := range s {
		if r == utf8.RuneError || r < 0x20 && r != '\n' && r != '\t' && r != '\r' {
			bad++
		}
	}
	if bad*10 > len(units) {
		return "", NoText
	}
	return s, enc
}
