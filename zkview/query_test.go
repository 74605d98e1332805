package zkview

import (
	"errors"
	"strings"
	"testing"
	"time"
)

var queryNow = time.UnixMilli(1_700_000_000_000)

// ago is a server's time so long before queryNow.
func ago(d time.Duration) int64 { return queryNow.Add(-d).UnixMilli() }

func TestQuery(t *testing.T) {
	plain := Stat{Czxid: 1, CtimeMS: ago(48 * time.Hour), MtimeMS: ago(time.Hour), Version: 4, DataLength: 1500, NumChildren: 12}
	eph := Stat{Czxid: 2, EphemeralOwner: 0x1000123, CtimeMS: ago(time.Minute), MtimeMS: ago(time.Minute)}
	for _, c := range []struct {
		query, path string
		stat        Stat
		data        string
		want        bool
	}{
		{"", "/a", Stat{}, "", true},
		{"broker", "/Brokers/ids", Stat{}, "", true},
		{"Broker", "/brokers/ids", Stat{}, "", false},
		{"ids/1", "/brokers/ids/1", Stat{}, "", true},
		{"brokers topics", "/brokers/topics/a", Stat{}, "", true},
		{"brokers topics", "/brokers/ids/a", Stat{}, "", false},
		{"brokers -topics", "/brokers/ids/a", Stat{}, "", true},
		{"brokers !topics", "/brokers/topics/a", Stat{}, "", false},
		{`"two words"`, "/a two words b", Stat{}, "", true},
		{`"-rf"`, "/a/-rf", Stat{}, "", true},
		{`"\u202egpj"`, "/\u202egpj.exe", Stat{}, "", true},
		{`"*"`, "/a/*", Stat{}, "", true},
		{`"*"`, "/a/b", Stat{}, "", false},
		{"é", "/CAFÉ", Stat{}, "", true},
		{"10.0.0.1:9092", "/b/10.0.0.1:9092", Stat{}, "", true},

		{"*.json", "/c/app.json", Stat{}, "", true},
		{"*.json", "/c/app.json/x", Stat{}, "", false},
		{"*.JSON", "/c/app.json", Stat{}, "", false},
		{"lock-?", "/LOCK-1", Stat{}, "", true},
		{"lock-?", "/lock-11", Stat{}, "", false},
		{"/brokers/*/1", "/brokers/ids/1", Stat{}, "", true},
		{"/brokers/*/1", "/x/brokers/ids/1", Stat{}, "", false},
		{"brokers/*/1", "/x/brokers/ids/1", Stat{}, "", true},
		{"/a/**", "/a/b/c", Stat{}, "", true},
		{"/a/**", "/b", Stat{}, "", false},
		{"/a/**/z", "/a/z", Stat{}, "", true},
		{"/a/**/z", "/a/b/c/z", Stat{}, "", true},
		{"/a/**/y/*/z", "/a/y/y/y/q/z", Stat{}, "", true},
		{"glob:/", "/", Stat{}, "", true},
		{"glob:/", "/a", Stat{}, "", false},
		{"glob:/**", "/", Stat{}, "", true},
		{"glob:[a-c]x", "/Bx", Stat{}, "", true},
		{"glob:[!a-c]x", "/bx", Stat{}, "", false},
		{"glob:[]]", "/]", Stat{}, "", true},
		{`glob:\[31m`, "/[31m", Stat{}, "", true},
		{"glob:a*b*c", "/aXbbXcXc", Stat{}, "", true},

		{`re:lock-\d+$`, "/a/LOCK-12", Stat{}, "", true},
		{`re:lock-\d+$`, "/a/lock-12x", Stat{}, "", false},
		{`re:\S+Lock`, "/a/xlock", Stat{}, "", false},
		{`regex:"a b"`, "/a b", Stat{}, "", true},
		{`re:"\d\""`, `/5"`, Stat{}, "", true},
		{"re:k", "/\u212a", Stat{}, "", true},

		{"fuzzy:btp", "/brokers/topics/payments", Stat{}, "", true},
		{"~btp", "/brokers/topics/payments", Stat{}, "", true},
		{"~ptb", "/brokers/topics", Stat{}, "", false},
		{"-~ptb", "/brokers/topics", Stat{}, "", true},

		{"content:PORT", "/a", plain, "port", false},
		{"content:port", "/a", plain, "the Port is", true},
		{`content:"is 9"`, "/a", plain, "port is 90", true},
		{"content:0x00FF", "/a", plain, "a\x00\xffb", true},
		{`content:"0x00"`, "/a", plain, "is 0X00", true},
		{"content:größe", "/a", plain, "GRÖSSE GRÖßE", true},
		{"-content:x", "/a", plain, "y", true},

		{"is:ephemeral", "/a", eph, "", true},
		{"is:EPHEMERAL", "/a", plain, "", false},
		{"-is:ephemeral", "/a", plain, "", true},
		{"-is:ephemeral", "/a", Stat{}, "", false},
		{"is:sequential", "/a-0000000012", Stat{}, "", true},
		{"is:sequential", "/0000000012", Stat{}, "", true},
		{"is:sequential", "/a-000000012", Stat{}, "", false},
		{"is:sequential", "/a--2147483648", Stat{}, "", true},
		{"is:sequential", "/n_-000000001", Stat{}, "", true},
		{"is:sequential", "/", Stat{}, "", false},
		{"is:container", "/a", Stat{EphemeralOwner: containerOwner}, "", true},
		{"is:ttl", "/a", Stat{EphemeralOwner: ttlMask | 5}, "", true},
		{"is:empty", "/a", eph, "", true},
		{"is:persistent", "/a", plain, "", true},

		{"owner:0x1000123", "/a", eph, "", true},
		{"owner:1000123", "/a", eph, "", true},
		{"owner:16777507", "/a", eph, "", true},
		{"owner:0X1000124", "/a", eph, "", false},
		{"owner:0xff00000000000001", "/a", Stat{EphemeralOwner: -0x00ffffffffffffff}, "", true},

		{"size:>1k", "/a", plain, "", true},
		{"size:>=1.5kB", "/a", plain, "", true},
		{"size:>1.5k", "/a", plain, "", false},
		{"size:<1500", "/a", plain, "", false},
		{"size:1500", "/a", plain, "", true},
		{"size:=1500", "/a", plain, "", true},
		{"size:1Ki..2Ki", "/a", plain, "", true},
		{"size:..1k", "/a", plain, "", false},
		{"size:1k..", "/a", plain, "", true},
		{"children:>10", "/a", plain, "", true},
		{"version:>3", "/a", plain, "", true},
		{"version:-1", "/a", plain, "", false},
		{"changed:<1h", "/a", plain, "", false},
		{"changed:<=1h", "/a", plain, "", true},
		{"changed:1h", "/a", plain, "", true},
		{"changed:<1h30m", "/a", plain, "", true},
		{"changed:<1h", "/a", Stat{MtimeMS: ago(-time.Hour)}, "", true},
		{"created:>1d", "/a", plain, "", true},
		{"created:1d..3d", "/a", plain, "", true},
		{"created:>1y", "/a", Stat{Czxid: 1, CtimeMS: -1 << 63}, "", true},
	} {
		q, err := ParseQuery(c.query)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		if _, got := q.Match(Znode{Path: c.path, Stat: c.stat, Data: []byte(c.data)}, queryNow); got != c.want {
			t.Errorf("%s matches %s: %v", c.query, c.path, got)
		}
	}
}

func TestQueryErrors(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{"a -", `-, character 3: nothing follows; a name with this sign alone stands in quotes, "-"`},
		{`é "a b`, `character 3: the quotation does not end`},
		{`""`, "nothing between the quotes"},
		{`"a"b`, "a blank must follow"},
		{`"\q"`, `write \\ for a backslash`},
		{"size:>x", `size:>x, character 1: "x" is no size`},
		{"size:", `"" is no size`},
		{"size:..", "a range needs a number"},
		{"size:2k..1k", "smaller number first"},
		{"size:><1", `"><" compares nothing`},
		{"sise:>1k", "there is no filter sise:"},
		{"children:>99999999999", "no whole number"},
		{"changed:<5", `"5" is no age`},
		{"changed:<9999999999999y", "is no age"},
		{"is:big", `no znode is "big"`},
		{"owner:xyz", `"xyz" is no session id`},
		{"owner:0x0", "-is:ephemeral"},
		{"content:", "write content:word"},
		{"content:0x123", "pairs of hexadecimal digits"},
		{"glob:", "a pattern is missing"},
		{"ab glob:x[ab", `[ab, character 10: the [ has no ]; write \[ for`},
		{"glob:[z-a]", "wrong way round"},
		{"glob:a//b", "character 8: a name in it is empty"},
		{`glob:a\`, "must follow the backslash"},
		{"re:", "an expression is missing"},
		{"re:a(", "missing closing )"},
		{"fuzzy:", "characters are missing"},
	} {
		_, err := ParseQuery(c.query)
		var wrong *QueryError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.query, err, c.want)
		}
	}
}
