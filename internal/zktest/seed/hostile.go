package seed

import (
	"bytes"
	"strings"

	"github.com/go-zookeeper/zk"
)

// HostileNames are names that a real server takes and that clients get wrong.
//
// A server (3.8.0, PathUtils.validatePath) answers BADARGUMENTS (-8) to names with
// control characters (C0, DEL, C1: so no escape sequences), anything beyond the
// basic plane (so no emoji: in Java that is a pair of surrogates), private use,
// U+FFF0 to U+FFFF and invalid UTF-8, and takes the rest, also what is invisible
// or turns the direction of writing.
var HostileNames = []string{
	"\u202egpj.exe",                      // right-to-left override
	"\u2066isolate\u2069",                // direction isolates
	"\u200b",                             // zero width space, nothing else
	"\ufeffbom",                          // byte order mark
	"soft\u00adhyphen",                   //
	"line\u2028separator",                //
	"\u00a0",                             // no-break space
	"\u3164",                             // hangul filler: a letter that is blank
	"e\u0301\u0301\u0301\u0301\u0301",    // stacked combining marks
	"\u0301starts-with-a-combining-mark", //
	"e\u0301",                            // é in two,
	"\u00e9",                             // and in one
	"中文キー",                               // two cells each
	"ｆｕｌｌｗｉｄｔｈ",                          //
	"עברית",                              // right to left
	"العربية",                            //
	"नमस्ते",                             // clusters
	" ",                                  // blanks
	"  leading",                          //
	"trailing ",                          //
	"-rf",                                // looks like a flag
	"...",                                // looks like a parent
	"..a",                                //
	"%2F",                                // escaped separator
	"%s%n%d",                             // format verbs
	"\\",                                 //
	"\"'`$(id)&;|<>",                     // shell
	"~",                                  //
	"*",                                  // glob
	"[31m",                               // an escape sequence that lost its escape
	"zookeeper",                          // reserved, but only at the root
	strings.Repeat("long-", 200) + "name",
}

type namedValue struct {
	name string
	data []byte
}

// hostileValues are values that clients get wrong.
func hostileValues() []namedValue {
	return []namedValue{
		{"null", nil},
		{"empty", []byte{}},
		{"ansi", []byte("\x1b[2J\x1b[H\x1b[31mred\x1b[0m \x1b]0;title\a \x1b]52;c;cHduZWQ=\a \x1bP+q544e\x1b\\")},
		{"c1", []byte("\u009b31m and raw \x9b31m, \u0090 and \x90")},
		{"bidi", []byte("if (admin \u202e\u2066// check\u2069 \u2066) {")},
		{"invalid-utf8", []byte("ok \xff\xfe \xc3( \xed\xa0\x80 \xf5\x80\x80\x80 ok")},
		{"emoji", []byte("👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️")},
		{"combining", []byte("Z" + strings.Repeat("\u0351\u0489", 200))},
		{"control", []byte("a\x00b\tc\rd\re\bf\vg\fh\x7f\n")},
		{"crlf", []byte("one\r\ntwo\rthree\n\n\n")},
		{"blank", []byte("   \n\t\n ")},
		{"one-long-line", bytes.Repeat([]byte("0123456789"), 20_000)},
		{"many-lines", bytes.Repeat([]byte("x\n"), 100_000)},
		{"deep.json", []byte(strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000))},
		{"broken.json", []byte(`{"a": [1, 2, {"b": "unfinished`)},
		{"broken.xml", []byte(`<?xml version="1.0"?><a><b attr="x></a>`)},
		{"entities.xml", []byte(`<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]><a>&y;&y;&y;&y;</a>`)},
		{"alias-bomb.yaml", []byte("a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d]\n")},
		{"bomb.gz", zip(make([]byte, 8<<20))},
		{"broken.gz", zip([]byte("cut off in the middle, as it happens"))[:20]},
		{"900KB", bytes.Repeat([]byte("nine hundred thousand bytes of ZooKeeper\n"), 900_000/41)},
		{"900KB.bin", noise(900_000)},
	}
}

func hostile(b *builder) {
	b.dirs("/hostile", "/hostile/names", "/hostile/values")
	for _, name := range HostileNames {
		b.text("/hostile/names/"+name, name)
	}
	for _, v := range hostileValues() {
		b.node("/hostile/values/"+v.name, v.data)
	}
}

// guarded are znodes that not everybody may read: the value, the listing, both.
func guarded(b *builder) {
	keeper := zk.DigestACL(zk.PermAll, User, Password)
	world := func(perms int32) []zk.ACL { return append(zk.WorldACL(perms), keeper...) }
	b.dirs("/guarded")
	b.add("/guarded/secret", []byte("only for the keeper"), 0, keeper)
	b.add("/guarded/read-only", []byte("look, do not touch"), 0, world(zk.PermRead))
	// ZooKeeper has one permission for value and listing; only a child can differ.
	b.add("/guarded/dark", []byte("neither value nor listing"), 0, world(zk.PermCreate))
	b.text("/guarded/dark/known-by-name", "readable by who knows the name")
	b.add("/guarded/no-delete", nil, 0, world(zk.PermRead|zk.PermWrite|zk.PermCreate))
	b.text("/guarded/no-delete/stays", "its parent forbids to delete it")
	b.add("/guarded/nobody", []byte("read by the superuser alone"), 0, []zk.ACL{{Perms: zk.PermAdmin, Scheme: "digest", ID: "ghost:2jmj7l5rSw0yVb/vlWAYkK/YBwk="}})
	b.add("/guarded/by-address", []byte("for 10.0.0.0/8"), 0, []zk.ACL{{Perms: zk.PermAll, Scheme: "ip", ID: "10.0.0.0/8"}})
}

// noise is n bytes without a pattern, the same each time.
func noise(n int) []byte {
	data := make([]byte, n)
	x := uint32(2463534242)
	for i := range data {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		data[i] = byte(x)
	}
	return data
}
