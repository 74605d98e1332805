//go:build interop

package interop

import (
	"slices"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// TestMixedLocks has clients of several libraries meet in one directory: what they say
// to hold is what the recogniser says, two at once where they do not wait for each other.
func TestMixedLocks(t *testing.T) {
	addr := zktest.SharedReal(t)
	python, java := kazooHolders(t, addr), javaHolders(t, addr)
	for _, s := range []scene{
		// kazoo as it comes takes what Curator holds.
		{"default", "/mixed/default", 1, "mixed mutex/1: a=h b=w>a+ c=w>b+ kazoo=h !mixed !may-hold-together", "", nil},
		// It can be told to wait; that it does is seen from its watch alone.
		{"patterns", "/mixed/patterns", 0, "mixed mutex/1: a=h b=w>a+ c=w>b+ kazoo=w>c+ !mixed", "", nil},
	} {
		t.Run(s.name, func(t *testing.T) {
			python.t, java.t = t, t
			l := look{t, addr, zktest.Connect(t, addr)}
			path := zktest.RootOn(t, addr) + s.path
			theirs := java.do("open mutex %s 1", path)
			defer java.do("close")
			ours := python.do("open %s %s %d", s.name, path, s.hold)
			defer python.do("close")
			see(l, path, claims{Who: slices.Concat(theirs.Who, ours.Who)}, s.want, "")
		})
	}
	t.Run("go", func(t *testing.T) { goFirst(t, addr, java) })
}

// goFirst has Curator join go-zookeeper's queue: these wait for each other.
func goFirst(t *testing.T, addr string, java *holders) {
	java.t = t
	conn := zktest.Connect(t, addr)
	l := look{t, addr, zktest.Connect(t, addr)}
	path := zktest.RootOn(t, addr) + "/mixed"
	first := zk.NewLock(conn, path, zk.WorldACL(zk.PermAll))
	who, holds := "go", true
	if err := first.LockWithData([]byte(who)); err != nil {
		t.Fatal(err)
	}
	said := java.do("open behind %s 0", path)
	defer java.do("close")
	said.Who = append(said.Who, claim{Name: who, Mode: "exclusive", Session: sessionText(conn.SessionID()), Holds: &holds, Identity: &who})
	const want = "go-zookeeper mutex/1: go=h b=w>go+"
	see(l, path, said, want, proofs.Replace(want))
	if err := first.Unlock(); err != nil {
		t.Fatal(err)
	}
}
