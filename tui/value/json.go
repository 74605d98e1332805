package value

import "strings"

// inlineWidth is the longest array of scalars that stays on one line.
const inlineWidth = 60

// jsonPrinter indents JSON. Unlike encoding/json it stops where it is told to,
// leaves short arrays of scalars on one line, and indents only so far: nested
// brackets alone would make gigabytes of blanks. Numbers, strings and the order of
// keys are copied as they are.
type jsonPrinter struct {
	src   string
	out   strings.Builder
	depth int
}

// prettyJSON indents the JSON text src up to about limit bytes of it, and returns
// how many bytes of it were used.
func prettyJSON(src string, limit int) (string, int) {
	p := jsonPrinter{src: src}
	p.out.Grow(min(len(src), limit) * 5 / 4)
	i := 0
	for i < len(src) && i < limit && p.out.Len() < maxPretty {
		switch c := src[i]; c {
		case ' ', '\t', '\r', '\n':
			i++
		case '{', '[':
			i = p.open(i)
		case '}', ']':
			p.depth--
			p.newLine()
			p.out.WriteByte(c)
			i++
		case ',':
			p.out.WriteByte(c)
			p.newLine()
			i++
		case ':':
			p.out.WriteString(": ")
			i++
		default:
			i = p.copy(i, scalarEnd(src, i), limit)
		}
	}
	return p.out.String(), min(i, len(src))
}

// open writes the start of the object or array at i, or all of it when it is empty
// or short, and returns where to go on.
func (p *jsonPrinter) open(i int) int {
	if end := inlineEnd(p.src, i); end > 0 {
		p.inline(i, end)
		return end
	}
	p.out.WriteByte(p.src[i])
	p.depth++
	p.newLine()
	return i + 1
}

// copy writes src[i:end], cut at a character near limit, and returns where to go
// on.
func (p *jsonPrinter) copy(i, end, limit int) int {
	if end > limit {
		p.out.WriteString(p.src[i:max(i, cutAt(p.src, limit))])
		return limit
	}
	p.out.WriteString(p.src[i:end])
	return end
}

func (p *jsonPrinter) newLine() {
	p.out.WriteByte('\n')
	for range min(p.depth, maxIndent) {
		p.out.WriteString("  ")
	}
}

// inlineEnd returns the end of the container at i if it is empty, or a short array
// of scalars; 0 otherwise. It looks at a bounded number of bytes.
func inlineEnd(src string, i int) int {
	array := src[i] == '['
	for j := i + 1; j < len(src) && j-i < 2*inlineWidth; {
		switch src[j] {
		case ' ', '\t', '\r', '\n':
			j++
		case ']', '}':
			return j + 1
		case ',':
			j++
		case '{', '[':
			return 0
		default:
			if !array {
				return 0
			}
			end := scalarEnd(src[:min(len(src), i+2*inlineWidth)], j)
			if end-i > inlineWidth {
				return 0
			}
			j = end
		}
	}
	return 0
}

// inline writes src[i:end] on one line.
func (p *jsonPrinter) inline(i, end int) {
	for i < end {
		switch c := p.src[i]; c {
		case ' ', '\t', '\r', '\n':
			i++
		case '{', '[', ']', '}':
			p.out.WriteByte(c)
			i++
		case ',':
			p.out.WriteString(", ")
			i++
		default:
			j := scalarEnd(p.src, i)
			p.out.WriteString(p.src[i:j])
			i = j
		}
	}
}

// scalarEnd returns the end of the string, number or word at i, at least i+1.
func scalarEnd(src string, i int) int {
	if src[i] == '"' {
		for j := i + 1; j < len(src); j++ {
			switch src[j] {
			case '\\':
				j++
			case '"':
				return j + 1
			}
		}
		return len(src)
	}
	j := i + 1
	for j < len(src) && strings.IndexByte(" \t\r\n{}[],:\"", src[j]) < 0 {
		j++
	}
	return j
}
