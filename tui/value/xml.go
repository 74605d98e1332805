package value

import (
	"encoding/xml"
	"strings"
)

// xmlPiece is a token of an XML text as it stands there.
type xmlPiece struct {
	raw   string
	kind  byte // '<' start, '>' end, '/' both in one, 't' text, 'o' other
	blank bool // text of blanks only
	mixed bool // of a start: its content has text and stays as it is
}

// prettyXML indents the XML text src up to about limit bytes of it, and returns
// how many were used. Only blanks between elements change: content that has text
// is copied byte for byte.
func prettyXML(src string, limit int) (string, int) {
	pieces, used := xmlPieces(src, limit)
	var out strings.Builder
	out.Grow(used * 5 / 4)
	depth, verbatim := 0, 0 // verbatim: how many open elements have content to keep
	newLine := func() {
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		for range min(max(depth, 0), maxIndent) {
			out.WriteString("  ")
		}
	}
	for i, p := range pieces {
		if out.Len() > maxPretty {
			return out.String(), used
		}
		switch {
		case verbatim > 0:
			switch {
			case p.kind == '<':
				verbatim++
				depth++
			case p.kind == '>':
				verbatim--
				depth--
			}
		case p.kind == 't' && p.blank:
			continue
		case p.kind == '>':
			depth--
			if i == 0 || pieces[i-1].kind != '<' {
				newLine()
			}
		case p.kind == '<':
			newLine()
			depth++
			if p.mixed {
				verbatim = 1
			}
		default:
			newLine()
		}
		out.WriteString(p.raw)
	}
	return out.String(), used
}

// xmlPieces cuts src into tokens by the offsets of the decoder.
func xmlPieces(src string, limit int) ([]xmlPiece, int) {
	var pieces []xmlPiece
	var open []int // the starts that are not ended yet
	d := newXMLDecoder(src)
	at := 0
	for at < limit {
		token, err := d.RawToken()
		end := int(d.InputOffset())
		if err != nil {
			if rest := src[at:min(len(src), limit)]; strings.TrimSpace(rest) != "" {
				pieces = append(pieces, xmlPiece{raw: rest, kind: 'o'})
			}
			return pieces, min(len(src), limit)
		}
		p := xmlPiece{raw: src[at:end], kind: 'o'}
		switch token := token.(type) {
		case xml.StartElement:
			p.kind = '<'
			for _, a := range token.Attr {
				p.mixed = p.mixed || a.Name.Local == "space" && a.Value == "preserve"
			}
			open = append(open, len(pieces))
		case xml.EndElement:
			p.kind = '>'
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case xml.CharData:
			p.kind, p.blank = 't', strings.TrimSpace(p.raw) == ""
			if !p.blank && len(open) > 0 {
				pieces[open[len(open)-1]].mixed = true
			}
		}
		if p.raw != "" || p.kind != '>' {
			pieces = append(pieces, p)
		} else if n := len(pieces); n > 0 && pieces[n-1].kind == '<' {
			pieces[n-1].kind = '/' // the decoder makes two tokens of <a/>
		}
		at = end
	}
	return pieces, min(at, len(src))
}
