package zoocfg_test

import (
	"errors"
	"strings"
	"testing"

	"zkdeck/config/zoocfg"
)

// parse is the text, parsed.
func parse(t *testing.T, text string) *zoocfg.Config {
	t.Helper()
	c, err := zoocfg.Parse("zoo.cfg", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pairs are keys and values as "key|value" lines.
func pairs(c *zoocfg.Config) string {
	var all []string
	for _, e := range c.Entries() {
		all = append(all, e.Key+"|"+e.Value)
	}
	return strings.Join(all, "\n")
}

func TestParse(t *testing.T) {
	for name, at := range map[string]struct{ text, want string }{
		"nothing":               {"", ""},
		"plain":                 {"tickTime=2000\n", "tickTime|2000"},
		"no end of line":        {"tickTime=2000", "tickTime|2000"},
		"CR LF":                 {"a=1\r\nb=2\r\n", "a|1\nb|2"},
		"CR":                    {"a=1\rb=2\r", "a|1\nb|2"},
		"separators":            {"a=1\nb:2\nc 3\nd\t4\ne = 5\nf : 6\ng  7\nh\f8", "a|1\nb|2\nc|3\nd|4\ne|5\nf|6\ng|7\nh|8"},
		"two separators":        {"a==1\nb=:2\nc = = 3", "a|=1\nb|:2\nc|= 3"},
		"blank then separator":  {"a  =  1", "a|1"},
		"no value":              {"a\nb=\nc =", "a|\nb|\nc|"},
		"no key":                {"=1\n: 2", "|1\n|2"},
		"leading blanks":        {"  \t\fa=1", "a|1"},
		"trailing blanks":       {"a=1  \t", "a|1  \t"},
		"comments":              {"# a=1\n! b=2\n  # c=3\nd=4 # not one", "d|4 # not one"},
		"comment goes not on":   {"# a \\\nb=1", "b|1"},
		"goes on":               {"a=1\\\n   2\\\r\n\t3", "a|123"},
		"goes on, even":         {"a=1\\\\\nb=2", "a|1\\\nb|2"},
		"goes on, odd":          {"a=1\\\\\\\n2", "a|1\\2"},
		"goes on in a comment":  {"a=1\\\n# 2", "a|1# 2"},
		"goes on, blank line":   {"a=1\\\n\nb=2", "a|1\nb|2"},
		"goes on, at the end":   {"a=1\\", "a|1"},
		"goes on, LF, the end":  {"a=1\\\n", "a|1"},
		"key goes on":           {"tick\\\n  Time=2", "tickTime|2"},
		"backslash alone":       {"\\\na=1", "a|1"},
		"backslash, comment":    {"\\\n# a\nb=1", "b|1"},
		"backslash, the end":    {"\\", "|"},
		"backslash, LF, end":    {"\\\n", "|"},
		"backslash, CR LF, end": {"\\\r\n", ""},
		"escapes":               {`a\ b\=c\:d=\ 1\t2\n3\r4\f5\\6\q7\#`, "a b=c:d| 1\t2\n3\r4\f5\\6q7#"},
		"Windows path":          {`dataDir=C:\zk\data`, "dataDir|C:zkdata"},
		"unicode":               {`a=\u00e4\u00C4x`, "a|äÄx"},
		"a pair":                {`a=\ud83d\ude00!`, "a|😀!"},
		"half a pair":           {`a=\ud83dx`, "a|�x"},
		"no pair, escaped":      {`a=\\ud83d\\ude00`, `a|\ud83d\ude00`},
		"UTF-8 is mangled":      {"a=dätä", "a|d\u00c3\u00a4t\u00c3\u00a4"},
		"BOM":                   {"\xef\xbb\xbfa=1\nb=2", "\u00ef\u00bb\u00bfa|1\nb|2"},
		"malformed":             {`a=\u12`, `a|\u12`},
		"malformed, key":        {`a\u12=3`, `a\u12|3`},
		"expressions stay":      {"a=${b}/${user.home}\nb=1", "a|${b}/${user.home}\nb|1"},
		"twice":                 {"a=1\na=2", "a|1\na|2"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := pairs(parse(t, at.text)); got != at.want {
				t.Errorf("%q\n got %q\nwant %q", at.text, got, at.want)
			}
		})
	}
}

func TestWhereThingsStand(t *testing.T) {
	c := parse(t, "# How long\n# a tick is\ntickTime=2000\n\n# not of it\n\ndataDir=/a\\\n  /b\nclientPort=1\nclientPort=2 \n")
	all := c.Entries()
	if e := all[0]; e.Line != 3 || e.Last != 3 || e.Comment != "How long\na tick is" {
		t.Errorf("tickTime: %+v", e)
	}
	if e := all[1]; e.Line != 7 || e.Last != 8 || e.Comment != "" || e.Value != "/a/b" {
		t.Errorf("dataDir: %+v", e)
	}
	if all := c.All(); len(all) != 3 || all[2].Line != 10 {
		t.Errorf("All: %+v", all)
	}
	if v, ok := c.Get("clientPort"); v != "2" || !ok {
		t.Errorf("clientPort is %q, %v", v, ok)
	}
	if v, ok := c.Get("initLimit"); v != "" || ok {
		t.Errorf("initLimit is %q, %v", v, ok)
	}
	if lines := c.Lines(); len(lines) != 10 || lines[7] != "  /b" {
		t.Errorf("Lines: %q", lines)
	}
}

func TestParseRefuses(t *testing.T) {
	if _, err := zoocfg.Parse("a.jar", []byte("PK\x03\x04\x00")); !errors.Is(err, zoocfg.ErrNotText) {
		t.Errorf("a binary: %v", err)
	}
	if _, err := zoocfg.Parse("big", make([]byte, zoocfg.Limit+1)); err == nil {
		t.Error("a huge file was read")
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "tickTime=2000 ## x\n", "\\", "a\\\r\n b=\\u00e4\\ud83d\\ude00", "=\n:\n", "\xef\xbb\xbf#\n",
		"server.1=[::1]:2888:3888:observer;[::]:2181;;|", "group.1=1:2\nweight.1=\n", "server.x=a:b:c", "dataDir=~/x\nmyid=",
		"dynamicConfigFile=x\nserver.1=a:1:2", "tickTime=-99999999999999", `a=\u`, "server.=;;;", "peerType=king",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := zoocfg.Parse("f", text)
		if err != nil {
			if len(text) < zoocfg.Limit && !strings.Contains(string(text), "\x00") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		_, _ = c.Servers()
		_ = zoocfg.Lint(c, zoocfg.LintOptions{})
		_ = zoocfg.Compare([]*zoocfg.Config{c, parse(t, clean)})
		again := parse(t, string(zoocfg.Render(c.Entries(), zoocfg.RenderOptions{})))
		if pairs(again) != pairs(c) {
			t.Fatalf("%q\n was %q\n now %q", text, pairs(c), pairs(again))
		}
	})
}
