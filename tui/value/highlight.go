package value

import (
	"strings"
	"time"

	"github.com/alecthomas/chroma/v2"
)

// maxHighlighting bounds the time that highlighting takes.
const maxHighlighting = 300 * time.Millisecond

// highlight returns the spans of a safe text, and whether it had to leave the end of
// it plain.
func highlight(f Format, text string) (spans []Span, plain bool) {
	lexer := lexers[f]
	if lexer == nil {
		return nil, false
	}
	if plain = len(text) > MaxHighlight; plain {
		text = text[:cutAt(text, MaxHighlight)]
		if n := strings.LastIndexByte(text, '\n'); n > 0 {
			text = text[:n]
		}
	}
	// The lexers are regular expressions and the text is a stranger's: what a
	// lexer cannot stand must not end the program.
	defer func() {
		if recover() != nil {
			plain = true
		}
	}()
	next, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, text)
	if err != nil {
		return nil, true
	}
	deadline, at := time.Now().Add(maxHighlighting), 0
	for n := 1; ; n++ {
		token := next()
		if token == chroma.EOF {
			return spans, plain
		}
		end := at + len(token.Value)
		if kind := kindOf(token.Type); kind != PlainKind && end > at {
			if last := len(spans) - 1; last >= 0 && spans[last].End == at && spans[last].Kind == kind {
				spans[last].End = end
			} else {
				spans = append(spans, Span{at, end, kind})
			}
		}
		at = end
		if n%64 == 0 && time.Now().After(deadline) {
			return spans, true
		}
	}
}

// kindOf maps the types of tokens that the lexers make.
func kindOf(t chroma.TokenType) Kind {
	switch {
	case t == chroma.NameAttribute:
		return KeyKind
	case t == chroma.KeywordConstant || t == chroma.NameEntity:
		return LiteralKind
	case t == chroma.NameTag || t == chroma.NameDecorator:
		return TagKind
	case t == chroma.Punctuation:
		return PunctKind
	case t.InCategory(chroma.Comment):
		return CommentKind
	case t.InSubCategory(chroma.LiteralNumber):
		return NumberKind
	case t.InSubCategory(chroma.LiteralString):
		return StringKind
	}
	return PlainKind
}
