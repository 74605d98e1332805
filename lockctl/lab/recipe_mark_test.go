package lab

import (
	"strings"
	"testing"
)

func TestMark(t *testing.T) {
	for _, c := range []struct {
		o          Options
		have, want string
	}{
		{Options{Recipe: Fair}, "", ""},
		{Options{Recipe: Fair}, "b-lock-0000000003 config a-lock-0000000004 c-lock-0000000002", "c-lock-0000000002* b-lock-0000000003 a-lock-0000000004 config"},
		{Options{Recipe: Fair}, "config meta", "config meta"},
		{Options{}, "b-lock-0000000003 a-lock-0000000001", "a-lock-0000000001* b-lock-0000000003"},
		{Options{Recipe: Naive}, "lock_id_0000000003 lock_id_0000000002", "lock_id_0000000002* lock_id_0000000003"},
		{Options{Recipe: Naive}, "lock_id_0000000003 _c_x-lock-0000000004", "_c_x-lock-0000000004* lock_id_0000000003"},
		{Options{Recipe: ReadWrite}, "a-read-0000000003 b-read-0000000001 c-write-0000000002", "b-read-0000000001* c-write-0000000002 a-read-0000000003"},
		{Options{Recipe: ReadWrite}, "a-read-0000000003 b-read-0000000001 c-read-0000000002", "b-read-0000000001* c-read-0000000002* a-read-0000000003*"},
		{Options{Recipe: ReadWrite}, "a-write-0000000003 b-read-0000000004", "a-write-0000000003* b-read-0000000004"},
		{Options{Recipe: ReadWrite}, "x__READ__0000000003 y__rlock__0000000004 z__WRIT__0000000005", "x__READ__0000000003* y__rlock__0000000004* z__WRIT__0000000005"},
		{Options{Recipe: Semaphore}, "locks/a-lock-0000000009 leases/b-lease-0000000008 leases/c-lease-0000000007 leases/d-lease-0000000006", "leases/d-lease-0000000006* leases/c-lease-0000000007* leases/b-lease-0000000008 locks/a-lock-0000000009"},
		{Options{Recipe: Semaphore, Slots: 1}, "leases/x leases/c-lease-0000000007 leases/d-lease-0000000006", "leases/d-lease-0000000006* leases/c-lease-0000000007 leases/x"},
		{Options{Recipe: Single}, "lock", "lock*"},
		{Options{Recipe: Single}, "other", "other"},
		{Options{Recipe: NoLock}, "lock", "lock"},
	} {
		var queue []Znode
		for _, n := range strings.Fields(c.have) {
			dir, name, ok := strings.Cut(n, "/")
			if !ok {
				dir, name = "", n
			}
			queue = append(queue, Znode{Name: name, Dir: dir, Holder: true})
		}
		var got []string
		for _, z := range mark(c.o, queue) {
			n := strings.TrimPrefix(z.Dir+"/"+z.Name, "/")
			if z.Holder {
				n += "*"
			}
			got = append(got, n)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s of %s: %s, want %s", c.o.Recipe, c.have, s, c.want)
		}
	}
	for node, want := range map[string]string{
		uuid + "lock-0000000007":                                 "lock-0000000007",
		"_c_" + uuid + "lease-0000000007":                        "lease-0000000007",
		strings.ReplaceAll(uuid, "-", "") + "__lock__0000000001": "__lock__0000000001",
		"lock_id_0000000002":                                     "lock_id_0000000002",
		uuid:                                                     uuid,
		"":                                                       "",
		"a\x1bb":                                                 `a\x1bb`,
	} {
		if got := ShortName(node); got != want {
			t.Errorf("%q: %q, want %q", node, got, want)
		}
	}
}
