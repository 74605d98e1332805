package value

// The widths of a row of hexadecimal: 8 digits of offset, two digits a byte in
// groups of eight, and a column of characters.
const (
	hexWidth16 = 8 + 2 + 16*3 + 1 + 1 + 16
	hexWidth8  = 8 + 2 + 8*3 + 1 + 8
)

const hexDigits = "0123456789abcdef"

// hexPerRow returns how many bytes a row of hexadecimal has at a width.
func hexPerRow(width int) int {
	switch {
	case width >= hexWidth16:
		return 16
	case width >= hexWidth8:
		return 8
	}
	return 4
}

// hexLine returns row i of data in hexadecimal.
func hexLine(data []byte, i, perRow int) Line {
	at := i * perRow
	row := data[at:min(len(data), at+perRow)]
	b := make([]byte, 0, hexWidth16)
	for shift := 28; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[at>>shift&15])
	}
	b = append(b, ' ', ' ')
	digits := len(b)
	for k := range perRow {
		if k == 8 {
			b = append(b, ' ')
		}
		if k < len(row) {
			b = append(b, hexDigits[row[k]>>4], hexDigits[row[k]&15], ' ')
		} else {
			b = append(b, ' ', ' ', ' ')
		}
	}
	b = append(b, ' ')
	chars := len(b)
	for _, c := range row {
		if c < 0x20 || c > 0x7e {
			c = '.'
		}
		b = append(b, c)
	}
	return Line{Text: string(b), Number: i + 1, Spans: []Span{
		{0, 8, OffsetKind}, {digits, chars - 1, NumberKind}, {chars, len(b), ASCIIKind},
	}}
}
