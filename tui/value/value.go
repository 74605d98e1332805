// Package value recognises what a znode holds and prepares it for the screen:
// pretty-printed, highlighted, as hexadecimal, and as the difference of two
// values.
//
// The work is in two steps. [Recognise] and [Layout] look at the whole value; they
// take up to some tens of milliseconds a megabyte and belong in a command, not in
// Update or View. What they return is read row by row through [Document.Page], at a
// cost of the rows asked for. Nothing here does I/O, starts goroutines or knows
// colours: spans carry a [Kind], the caller has the palette.
//
// Values are data that anybody can choose. Whatever leaves this package as text has
// gone through package safetext, and every cost is bounded by the limits below.
package value

// The bounds of what is looked at.
const (
	// MaxUnpacked is how many bytes of a gzip value are unpacked.
	MaxUnpacked = 8 << 20
	// DefaultLimit is how many bytes of a value are laid out as text unless more
	// are asked for.
	DefaultLimit = 256 << 10
	// MaxHighlight is how many bytes of a text are highlighted.
	MaxHighlight = 256 << 10

	// maxPretty bounds the text that a pretty form may grow to.
	maxPretty = 16 << 20
	// maxXML bounds how far a text is parsed to find out whether it is XML.
	maxXML = 512 << 10
	// maxIndent is the depth from which nested values are indented no further.
	maxIndent = 24
)

// Format is the kind of content of a value.
type Format uint8

// The formats. Null is a znode without data, as opposed to data of no bytes.
const (
	Null Format = iota
	Empty
	Text
	JSON
	YAML
	XML
	Properties
	Binary
)

// String is the name as a person reads it.
func (f Format) String() string {
	return [...]string{"null", "empty", "text", "JSON", "YAML", "XML", "properties", "binary"}[f]
}

// Encoding is how text is encoded in bytes.
type Encoding uint8

// The encodings. Latin1 is a guess: the bytes are no UTF-8 and look like text.
// DamagedUTF8 is UTF-8 with a few bytes that are none, or cut within a character.
const (
	NoText Encoding = iota
	UTF8
	UTF8BOM
	UTF16LE
	UTF16BE
	Latin1
	DamagedUTF8
)

// String is the name as a person reads it.
func (e Encoding) String() string {
	return [...]string{"", "UTF-8", "UTF-8 with BOM", "UTF-16 LE", "UTF-16 BE", "Latin-1?", "damaged UTF-8"}[e]
}

// Value is what was recognised of a znode's data. It shares the bytes it was made
// from, which must not change.
type Value struct {
	Format   Format
	Encoding Encoding

	// Raw is what ZooKeeper holds. Data is what Format speaks of: the unpacked
	// bytes of a gzip value, else Raw.
	Raw, Data []byte
	// Gzip tells that Raw is packed. Cut tells that only MaxUnpacked bytes of it
	// were unpacked, Damaged that unpacking ended with an error.
	Gzip, Cut, Damaged bool

	// Hint says more about a binary value: "Java serialised", or "".
	Hint string

	text string // Data in UTF-8, without BOM; "" for binary
}

// IsText tells whether the value is text of any format.
func (v Value) IsText() bool { return v.Format >= Text && v.Format <= Properties }
