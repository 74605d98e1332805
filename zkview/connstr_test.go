package zkview

import (
	"slices"
	"strings"
	"testing"
)

func TestParseServers(t *testing.T) {
	for in, want := range map[string]string{
		"h1":                                "h1:2181",
		" h1 , h2:2182 ":                    "h1:2181,h2:2182",
		"h1:2181,[::1]:2182,h3/chroot":      "h1:2181,[::1]:2182,h3:2181/chroot",
		"::1":                               "[::1]:2181",
		"[fe80::1%eth0]:99":                 "[fe80::1%eth0]:99",
		"fe80::1%eth0":                      "[fe80::1%eth0]:2181",
		"2001:db8::7,10.0.0.1/a/b/":         "[2001:db8::7]:2181,10.0.0.1:2181/a/b",
		"h/":                                "h:2181",
		"zk_1.my-net.example:02181/kafka é": "zk_1.my-net.example:2181/kafka é",
	} {
		got, err := ParseServers(in)
		if err != nil || got.String() != want {
			t.Errorf("ParseServers(%q) = %q, %v; want %q", in, got, err, want)
		}
		again, err := ParseServers(got.String())
		if err != nil || !slices.Equal(again.Hosts, got.Hosts) || again.Chroot != got.Chroot {
			t.Errorf("ParseServers(%q) = %q, %v: not stable", got, again, err)
		}
	}
}

func TestParseServersSaysWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"":               "names no host",
		"/chroot":        "names no host",
		"h1,,h2":         `host 2, "": is empty`,
		"h1,":            `host 2, "": is empty`,
		"h1:":            `port "" is not a number from 1 to 65535`,
		"h1:zk":          `host 1, "h1:zk": port "zk" is not a number`,
		"h1:70000":       "1 to 65535",
		":2181":          "names no host",
		"[::1":           "no closing bracket",
		"[::1]2181":      `"2181" follows the bracket`,
		"[h1]:2181":      `"h1" is not an IPv6 address`,
		"a:b:c":          "several colons",
		"h1/a,h2/a":      `the chroot "/a" stands once, after the last host`,
		"h1//a":          "a name in it is empty",
		"h1/a/../b":      `no relative name ".."`,
		"http://h1:2181": "not a URL",
		"h1 h2":          "no host name has",
		"user@h1":        "no host name has",
	} {
		_, err := ParseServers(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseServers(%q): %v, want %q in it", in, err, want)
		}
	}
}

func TestChrootPaths(t *testing.T) {
	s := Servers{Chroot: "/app"}
	for rel, abs := range map[string]string{"/": "/app", "/a": "/app/a", "/app": "/app/app"} {
		if got := s.abs(rel); got != abs {
			t.Errorf("abs(%q) = %q, want %q", rel, got, abs)
		}
		if got := s.rel(abs); got != rel {
			t.Errorf("rel(%q) = %q, want %q", abs, got, rel)
		}
	}
	if got := s.rel("/application"); got != "/application" {
		t.Errorf("a path that only begins like the chroot became %q", got)
	}
	none := Servers{}
	if none.abs("/") != "/" || none.rel("/a") != "/a" {
		t.Error("without a chroot, paths change")
	}
}

func TestCheckPathAndName(t *testing.T) {
	for _, good := range []string{"/", "/a", "/a.b/..c/...", "/é/日本", "/ with space", "/\U0001f600", "/\ufeff"} {
		if err := CheckPath(good); err != nil {
			t.Errorf("CheckPath(%q): %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"": "empty", "a": "begin with /", "/a/": "ends with /", "//a": "is empty", "/a//b": "is empty",
		"/.": `"."`, "/a/../b": `".."`, "/a\x00b": "U+0000", "/a\x1b": "U+001B", "/\x7f": "U+007F",
		"/\u0085": "U+0085", "/\uf8ff": "U+F8FF", "/\ufffd": "U+FFFD", "/a\xff": "0xff in it is not UTF-8",
	} {
		err := CheckPath(bad)
		wantErr(t, err, ErrBadPath)
		if !strings.Contains(err.Error(), want) {
			t.Errorf("CheckPath(%q): %v, want %q in it", bad, err, want)
		}
	}
	for _, bad := range []string{"", ".", "..", "a/b", "a\nb", "\U0001f600", "\ue150"} {
		wantErr(t, CheckName(bad), ErrBadPath)
	}
	for _, good := range []string{"a", "...", "lock-0000000001", "日本", "a b"} {
		if err := CheckName(good); err != nil {
			t.Errorf("CheckName(%q): %v", good, err)
		}
	}
}
