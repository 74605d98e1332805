package value

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// magics are the beginnings of binary formats that are met in znodes, and what
// they are called.
var magics = []struct{ prefix, name string }{
	{"\xac\xed\x00\x05", "Java serialised"},
	{"\xca\xfe\xba\xbe", "Java class"},
	{"PBUF", "protobuf (HBase)"},
	{"\x1f\x8b", "gzip, damaged"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\x04\x22\x4d\x18", "LZ4"},
	{"\xff\x06\x00\x00sNaPpY", "snappy"},
	{"\x82SNAPPY\x00", "snappy (xerial)"},
	{"BZh", "bzip2"},
	{"\xfd7zXZ\x00", "xz"},
	{"PK\x03\x04", "zip"},
	{"Obj\x01", "Avro"},
	{"\x89PNG\r\n\x1a\n", "PNG"},
	{"\x7fELF", "ELF"},
	{"\x30\x82", "DER (certificate or key)"},
}

// magic names a binary format by its first bytes; "" if none is known. Beginnings
// that are letters count only when bytes follow that no text has.
func magic(data []byte) string {
	for _, m := range magics {
		if !bytes.HasPrefix(data, []byte(m.prefix)) {
			continue
		}
		if m.prefix[0] < 0x80 && m.prefix[0] >= 0x20 && looksLikeText(data) {
			continue
		}
		return m.name
	}
	// HBase puts before its protobuf a byte 0xff and the length of the name of
	// the server that wrote it (RecoverableZooKeeper.appendMetaData).
	if data[0] == 0xff && len(data) > 5 {
		n := uint64(binary.BigEndian.Uint32(data[1:5]))
		if rest := uint64(len(data) - 5); n <= 1024 && n <= rest && bytes.HasPrefix(data[5+n:], []byte("PBUF")) {
			return "protobuf (HBase)"
		}
	}
	return ""
}

// looksLikeText tells whether the start of data is text in UTF-8.
func looksLikeText(data []byte) bool {
	_, enc := decode8(data[:min(len(data), 4096)])
	return enc != NoText
}

// guess says what binary data without a magic may be: the counters of Curator and
// Kafka are integers of 4 and 8 bytes, big end first.
func guess(data []byte) string {
	switch len(data) {
	case 4:
		return fmt.Sprintf("int32 %d?", int32(binary.BigEndian.Uint32(data)))
	case 8:
		return fmt.Sprintf("int64 %d?", int64(binary.BigEndian.Uint64(data)))
	}
	if protobufLike(data) {
		return "protobuf?"
	}
	return ""
}

// protobufLike tells whether data reads from end to end as fields of a protobuf
// message, at least one of them with a length.
func protobufLike(data []byte) bool {
	withLength := false
	for len(data) > 0 {
		key, n := binary.Uvarint(data)
		if n <= 0 || key>>3 == 0 || key>>3 > 1<<15 {
			return false
		}
		data = data[n:]
		size := 0
		switch key & 7 {
		case 0:
			if _, size = binary.Uvarint(data); size <= 0 {
				return false
			}
		case 1:
			size = 8
		case 2:
			length, n := binary.Uvarint(data)
			if n <= 0 || length > uint64(len(data)-n) {
				return false
			}
			size, withLength = n+int(length), true
		case 5:
			size = 4
		default:
			return false
		}
		if size > len(data) {
			return false
		}
		data = data[size:]
	}
	return withLength
}
