package lockctl

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"zkdeck/internal/safetext"
)

// hostile are names that are nearly right.
var hostile = []string{
	"", "-", "_c_", "_c_x", "_c_" + strings.Repeat("0", 32), "_c_" + strings.Repeat("0", 32) + "-", "_c_" + strings.Repeat("0", 32) + "-lock-",
	"lock-", "lock-1", "lock-99999999999", "__lock__", "__lock__0000000001", strings.Repeat("f", 32), strings.Repeat("f", 31) + "g",
	strings.Repeat("f", 32) + "__lock__", strings.Repeat("f", 32) + "__lock__00000000001", "x-", "x--", "x---0000000001", "x-1-", "x-1--0000000001",
	"x-0000000000000000-", "zlock#", "zlock##0000000001", "flock#", "flock##0000000001", "flock#0000000001", "LOCK-SHARED-", "-n_0000000001",
	"1--n_0000000001", "--n_0000000001", "1-x-n_0000000001", "member_", "member__s_0000000001", "member_s1_0000000001", "member__s1_0000000001", "latch-0000000001",
	"latch--0000000001", "latch-x-0000000001", "read-", "read-0000000001", "write--2147483648", "0000000001", "-000000001", "-2147483648",
	"\x1b[2J0000000001", "\x00", "\xff\xfe0000000001", "lock-\u202e0000000001", "ünïcødé0000000001", "leader", "LEADER", "lock", ".lock", "a.lock",
	"lease_holder", "leader_ack", "entry-100-0000000001", "queue-0000000001", "urL0000000001", "2147483647", "2147483648",
}

// sane checks what every answer must keep.
func sane(t rapid.TB, d Directory, locks []Lock) {
	inDir := map[string]int{}
	for _, n := range d.Children {
		inDir[n.Name]++
	}
	for _, l := range locks {
		if l.Recipe == "" || l.Kind == "" || l.Wake == "" || l.Certainty < Possible || l.Certainty > Certain || l.Limit < 0 {
			t.Fatalf("half a lock: %+v", l)
		}
		seen := map[string]int{}
		for i, k := range l.Contenders {
			if k.Dir == d.Path {
				if seen[k.Node]++; seen[k.Node] > inDir[k.Node] {
					t.Fatalf("%q is not a child, or there too often", k.Node)
				}
			}
			switch {
			case k.Role == Waiter && (k.WaitsFor < 0 || k.WaitsFor >= i):
				t.Fatalf("%d of %s waits for %d", i, short(l), k.WaitsFor)
			case k.Role != Waiter && k.WaitsFor != NobodyBefore:
				t.Fatalf("%d of %s, %s, waits for %d", i, short(l), k.Role, k.WaitsFor)
			case k.Role != Waiter && k.Role != Holder && k.Role != Unknown:
				t.Fatalf("%d of %s has no role", i, short(l))
			}
			if safetext.CleanLine(k.Identity) != k.Identity {
				t.Fatalf("identity %q is not safe", k.Identity)
			}
		}
		for _, f := range l.Foreign {
			if seen[f.Node]++; seen[f.Node] > inDir[f.Node] {
				t.Fatalf("foreign %q is a contender too, or no child", f.Node)
			}
		}
		for _, w := range l.Warnings {
			if w.Code == "" || w.Text == "" || safetext.CleanLine(w.Text) != w.Text {
				t.Fatalf("warning %q: %q", w.Code, w.Text)
			}
		}
	}
}

func TestHostileNames(t *testing.T) {
	for _, path := range []string{"/", "/a", "/uk/lock", "/x/leases", "/shedlock", "", "lock", "//", "/\x1b/lock"} {
		d := dir(path, hostile...)
		sane(t, d, Recognise(d, Cluster{}))
		for _, n := range hostile {
			one := dir(path, n)
			sane(t, one, Recognise(one, Cluster{}))
		}
	}
}

// anyName draws names of all families, near misses and nonsense.
func anyName() *rapid.Generator[string] {
	number := rapid.Custom(func(t *rapid.T) string {
		return seq(rapid.OneOf(rapid.Int32Range(0, 12), rapid.Int32Range(math.MaxInt32-3, math.MaxInt32), rapid.Int32Range(math.MinInt32, math.MinInt32+3), rapid.Int32Range(-3, -1)).Draw(t, "n"))
	})
	prefix := rapid.Custom(func(t *rapid.T) string {
		i := rapid.IntRange(0, 3).Draw(t, "id")
		return rapid.SampledFrom([]string{
			"_c_" + uuid(i) + "-lock-", "_c_" + uuid(i) + "-__READ__", "_c_" + uuid(i) + "-__WRIT__", "_c_" + uuid(i) + "-latch-", "_c_" + uuid(i) + "-lease-",
			"_c_" + hex32(i) + "-lock-", hex32(i) + "__lock__", hex32(i) + "__rlock__", hex32(i) + "__party__", fmt.Sprintf("x-%d-", 0x100+i), fmt.Sprintf("x-%016x-", 0x100+i),
			uuid(i) + "-lock-", uuid(i) + "-read-", uuid(i) + "-write-", uuid(i) + "-", "read-" + uuid(i) + "-", "write-" + hex32(i) + "-",
			"lock-", "lock_", "lock_id_", "read-", "write-", "semaphore-", "ex", "sh", "sem", "ballot", "n_", "member_", "latch-a-", "V_", "", "zlock#" + uuid(i) + "#",
			"flock#READ:x#", "flock#WRITE:x#", "LOCK-SHARED-", "LOCK-EXCLUSIVE-", fmt.Sprintf("%d-host-n_", 0x100+i), fmt.Sprintf("member_c_s%d_", 0x100+i),
			"queue-", "block-", "entry-100-", "urL", "section", "lease-" + hex32(i) + "-", "candidate-" + hex32(i) + "-",
		}).Draw(t, "prefix")
	})
	return rapid.OneOf(
		rapid.Custom(func(t *rapid.T) string { return prefix.Draw(t, "prefix") + number.Draw(t, "number") }),
		rapid.SampledFrom(hostile), rapid.String(),
		rapid.Custom(func(t *rapid.T) string { return hex32(rapid.IntRange(0, 3).Draw(t, "id")) }),
	)
}

func anyDirectory(path string) *rapid.Generator[Directory] {
	return rapid.Custom(func(t *rapid.T) Directory {
		d := Directory{Path: path, Data: []byte(rapid.SampledFrom([]string{"", "2", "x"}).Draw(t, "value"))}
		if rapid.Bool().Draw(t, "stat") {
			d.Stat = Stat{Czxid: 1, Cversion: rapid.Int32().Draw(t, "cversion"), NumChildren: rapid.Int32Range(0, 9).Draw(t, "children")}
		}
		names := rapid.SliceOfNDistinct(anyName(), 0, 12, rapid.ID).Draw(t, "names")
		few := rapid.Bool().Draw(t, "few kinds") && len(names) > 0
		for i, n := range names {
			if few && i > 0 { // so that queues are long
				if at, _, ok := splitSequence(names[0]); ok {
					n = names[0][:at] + seq(int32(i))
				}
			}
			c := Node{Name: n}
			if rapid.IntRange(0, 9).Draw(t, "seen") > 0 {
				c.Stat = Stat{
					Czxid: rapid.Int64Range(1, 99).Draw(t, "czxid"), EphemeralOwner: rapid.SampledFrom([]int64{0x100, 0x101, 0x102, -1, 0}).Draw(t, "owner"),
					Version: rapid.Int32Range(0, 1).Draw(t, "version"), NumChildren: int32(rapid.IntRange(0, 20).Draw(t, "kids") / 20),
				}
			}
			c.Data = rapid.SampledFrom([][]byte{nil, {}, []byte("h"), []byte("unlock"), []byte("\x1b[2J"), []byte(`{"HostName":"\u0000"}`), []byte("PBUF\x00"), []byte("2025-11-22T20:41:00Z")}).Draw(t, "data")
			d.Children = append(d.Children, c)
		}
		return d
	})
}

// Whatever a listing holds: the contenders are children, each once; who waits waits for
// one before it; nothing panics; what is said is safe to print.
func TestAnyListing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SampledFrom([]string{"/", "/a", "/uk/lock", "/s/leases", "/shedlock", "/elect"}).Draw(t, "path")
		d := anyDirectory(path).Draw(t, "directory")
		if rapid.Bool().Draw(t, "queue") {
			q := anyDirectory(QueueOf(path)).Draw(t, "queue")
			d.Queue = &q
		}
		c := Cluster{Now: rapid.Int64Range(0, 1).Draw(t, "now"), AllWatches: rapid.Bool().Draw(t, "all"), AllAddresses: true}
		if rapid.Bool().Draw(t, "watches") {
			c.Watches = map[string][]int64{path: {0x100}}
			for _, n := range d.Children {
				c.Watches[join(path, n.Name)] = rapid.SliceOfN(rapid.SampledFrom([]int64{0x100, 0x101, 0x102, 9}), 0, 3).Draw(t, "watches")
			}
		}
		locks := Recognise(d, c)
		sane(t, d, locks)
		var names []string
		for _, n := range d.Children {
			names = append(names, n.Name)
		}
		if len(locks) > 0 && d.Queue == nil && !Promising(path, names) {
			t.Fatalf("%s was not promising", shorts(locks))
		}
	})
}

func FuzzRecognise(f *testing.F) {
	for _, n := range hostile {
		f.Add("/a", n, n, []byte(n), int64(1), int64(0x100), int32(9))
	}
	f.Add("/locks/x", "_c_"+uuid(1)+"-lock-0000000003", "_c_"+uuid(2)+"-lock--2147483648", []byte("10.0.0.1"), int64(4), int64(0x100), int32(7))
	f.Add("/s", hex32(1), hex32(2)+"__lock__0000000001", []byte("2"), int64(4), int64(0x100), int32(7))
	f.Add("/shedlock", "job", "lease_holder", []byte("2025-11-22T20:41:00Z"), int64(4), int64(0), int32(7))
	f.Fuzz(func(t *testing.T, path, a, b string, data []byte, czxid, owner int64, cversion int32) {
		d := Directory{Path: path, Data: data, Stat: Stat{Czxid: czxid, Cversion: cversion}, Children: []Node{
			{Name: a, Data: data, Stat: Stat{Czxid: czxid, EphemeralOwner: owner}},
			{Name: b, Data: data, Stat: Stat{Czxid: czxid, EphemeralOwner: owner}},
			{Name: "x" + a},
			{Name: b + "-0000000001"},
		}}
		q := d
		q.Path = QueueOf(path)
		d.Queue = &q
		c := Cluster{AllWatches: true, Watches: map[string][]int64{join(path, a): {owner, 5}}, Now: czxid}
		sane(t, d, Recognise(d, c))
		Promising(path, []string{a, b})
		if p := QueuedFor(path); p != "" && QueueOf(p) == "" {
			t.Fatalf("%q is the queue of nothing", path)
		}
	})
}
