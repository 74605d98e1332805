package value

import "github.com/alecthomas/chroma/v2"

// lexers are our own because package chroma/v2/lexers reads all of its 280 lexers
// when a program starts: 10 ms and 2.7 MB before the first frame (measured). These
// are compiled when first used, are linear in the length of a line, and know only
// what highlighting needs.
var lexers = map[Format]*chroma.RegexLexer{
	JSON:       newLexer("JSON", jsonRules),
	YAML:       newLexer("YAML", yamlRules),
	XML:        newLexer("XML", xmlRules),
	Properties: newLexer("properties", propertiesRules),
}

func newLexer(name string, rules func() chroma.Rules) *chroma.RegexLexer {
	return chroma.MustNewLexer(&chroma.Config{Name: name}, rules)
}

func rule(pattern string, t chroma.TokenType) chroma.Rule {
	return chroma.Rule{Pattern: pattern, Type: t}
}

func jsonRules() chroma.Rules {
	return chroma.Rules{"root": {
		rule(`\s+`, chroma.TextWhitespace),
		rule(`"(?>(?:[^"\\\n]+|\\.)*)"(?=\s*:)`, chroma.NameAttribute),
		rule(`"(?>(?:[^"\\\n]+|\\.)*)"?`, chroma.LiteralString),
		rule(`[{}\[\]:,]+`, chroma.Punctuation),
		rule(`-?[0-9][0-9.eE+-]*`, chroma.LiteralNumber),
		rule(`(?:true|false|null)\b`, chroma.KeywordConstant),
		rule(`[^\s"{}\[\]:,]+`, chroma.Text),
	}}
}

func yamlRules() chroma.Rules {
	const end = `(?=[ ]*(?:$|[,\]}]|[ ]#))`
	return chroma.Rules{"root": {
		rule(`\s+(?!#)`, chroma.TextWhitespace),
		rule(`(?:^|\s+)#[^\n]*`, chroma.Comment),
		rule(`^(?:---|\.\.\.)`, chroma.Punctuation),
		rule(`(?:"[^"\n]{0,256}"|'[^'\n]{0,256}'|[^\s#:,\[\]{}"'&*!|>%@-][^\s#:,{}"']{0,256})(?=:(?:\s|$))`, chroma.NameAttribute),
		rule(`-(?=\s)`, chroma.Punctuation),
		rule(`"(?>(?:[^"\\\n]+|\\.)*)"?|'[^'\n]*'?`, chroma.LiteralString),
		rule(`-?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?`+end, chroma.LiteralNumber),
		rule(`(?:true|false|null|yes|no|on|off|~)`+end, chroma.KeywordConstant),
		rule(`[&*!][^\s,\]}]+`, chroma.NameDecorator),
		rule(`[:,\[\]{}|>]`, chroma.Punctuation),
		rule(`[^\s,\[\]{}]+`, chroma.Text),
		rule(`\s+`, chroma.TextWhitespace),
	}}
}

func xmlRules() chroma.Rules {
	return chroma.Rules{
		"root": {
			rule(`[^<&]+`, chroma.Text),
			rule(`(?s)<!--.*?-->`, chroma.Comment),
			rule(`(?s)<!\[CDATA\[.*?\]\]>`, chroma.LiteralString),
			rule(`(?s)<\?.*?\?>`, chroma.Comment),
			rule(`<![^>]*>`, chroma.Comment),
			rule(`&[^;\s<&]{1,32};`, chroma.NameEntity),
			{Pattern: `</?[^\s<>/="']+`, Type: chroma.NameTag, Mutator: chroma.Push("tag")},
			rule(`[<&]`, chroma.Text),
		},
		"tag": {
			rule(`\s+`, chroma.TextWhitespace),
			{Pattern: `/?>`, Type: chroma.NameTag, Mutator: chroma.Pop(1)},
			rule(`[^\s<>/="']+(?=\s*=)`, chroma.NameAttribute),
			rule(`"[^"]*"?|'[^']*'?`, chroma.LiteralString),
			rule(`=`, chroma.Punctuation),
			rule(`[^\s>"'=]+|.`, chroma.Text),
		},
	}
}

func propertiesRules() chroma.Rules {
	return chroma.Rules{
		"root": {
			rule(`\s+`, chroma.TextWhitespace),
			rule(`[#!;][^\n]*`, chroma.Comment),
			rule(`\[[^\]\n]*\]`, chroma.NameTag),
			rule(`[^\s=]+(?=[ ]*=)`, chroma.NameAttribute),
			{Pattern: `=[ ]*`, Type: chroma.Punctuation, Mutator: chroma.Push("value")},
			rule(`[^\s=]+`, chroma.Text),
		},
		"value": {
			{Pattern: `\n`, Type: chroma.TextWhitespace, Mutator: chroma.Pop(1)},
			rule(`-?[0-9]+(?:\.[0-9]+)?(?=[ ]*$)`, chroma.LiteralNumber),
			rule(`(?:true|false|null)(?=[ ]*$)`, chroma.KeywordConstant),
			rule(`[^\n\\]*\\\n[^\n]*`, chroma.LiteralString),
			rule(`[^\n]+`, chroma.LiteralString),
		},
	}
}
