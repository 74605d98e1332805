package lockctl

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// mustFormat is the format of a recipe.
func mustFormat(t rapid.TB, r Recipe, m Mode) format {
	t.Helper()
	slots := 0
	if shapeOf(r).places() {
		slots, m = 3, ""
	}
	f, err := formatFor(r, m, slots)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The names are as the libraries make them.
func TestFormatNames(t *testing.T) {
	const guid = "0b3ee5c4-4b1c-4a6e-9d51-7f4d6a1c2e3f"
	tests := []struct {
		r    Recipe
		m    Mode
		sid  int64
		want string
	}{
		{CuratorMutex, "", 1, "_c_" + guid + "-lock-"},
		{CuratorRWLock, Read, 1, "_c_" + guid + "-__READ__"},
		{CuratorRWLock, "", 1, "_c_" + guid + "-__WRIT__"},
		{CuratorSemaphore, "", 1, "_c_" + guid + "-lease-"},
		{KazooSemaphore, "", 1, "0b3ee5c44b1c4a6e9d517f4d6a1c2e3f"},
		{GoZooKeeper, Exclusive, 1, "_c_0b3ee5c44b1c4a6e9d517f4d6a1c2e3f-lock-"},
		{KazooLock, "", 1, "0b3ee5c44b1c4a6e9d517f4d6a1c2e3f__lock__"},
		{KazooRWLock, Write, 1, "0b3ee5c44b1c4a6e9d517f4d6a1c2e3f__lock__"},
		{KazooRWLock, Read, 1, "0b3ee5c44b1c4a6e9d517f4d6a1c2e3f__rlock__"},
		{WriteLock, "", 0x1000000000000ab, "x-72057594037928107-"},
		{WriteLock, "", -9151314442816847872, "x--9151314442816847872-"},
		{ZooLock, "", 0x1000000000000ab, "x-01000000000000ab-"},
		{ZooLock, "", -9151314442816847872, "x-8100000000000000-"},
		{Naive, "", 1, "lock_id_"},
		{PlainLock, "", 1, "lock-"},
		{PlainRWLock, Read, 1, "read-"},
		{PlainRWLock, Write, 1, "write-"},
		{RecipesLock, "", 1, guid + "-lock-"},
		{RecipesRWLock, Read, 1, guid + "-read-"},
		{ZKRuby, "", 1, "ex"},
		{ZKRuby, Write, 1, "ex"},
		{ZKRuby, Read, 1, "sh"},
	}
	seen := map[Recipe]bool{}
	for _, tt := range tests {
		f := mustFormat(t, tt.r, tt.m)
		seen[tt.r] = true
		if got := f.prefix(guid, tt.sid); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.r, tt.m, got, tt.want)
		}
		if f.shape.plain {
			if !f.ours(tt.want, guid, tt.sid) || parseName(tt.want).family != kazooPlace || f.ours(tt.want+seq(1), guid, tt.sid) {
				t.Errorf("%s: %q", tt.r, tt.want)
			}
			continue
		}
		for _, n := range []int32{0, 7, math.MaxInt32, -1, math.MinInt32} {
			name := tt.want + seq(n)
			if !f.ours(name, guid, tt.sid) {
				t.Errorf("%s: %q is not ours", tt.r, name)
			}
			tag := parseName(name)
			if tag.family == none || tag.seq != n || families[tag.family].recipe != f.recipe && !sameQueue(families[tag.family].recipe, f.recipe) {
				t.Errorf("%s: %q is read as %v", tt.r, name, tag)
			}
			if !f.shape.counts(name, tag) {
				t.Errorf("%s: %q does not count", tt.r, name)
			}
		}
		for _, name := range []string{"", tt.want, tt.want + "1", tt.want + "000000000x", "a" + tt.want + "0000000001"} {
			if f.ours(name, guid, tt.sid) {
				t.Errorf("%s: %q is ours", tt.r, name)
			}
		}
		if other := f.ours(tt.want+"0000000001", "0b3ee5c4-4b1c-4a6e-9d51-7f4d6a1c2e40", tt.sid); other == f.unique() {
			t.Errorf("%s: unique is %v, and the name without our guid is ours: %v", tt.r, f.unique(), other)
		}
	}
	for _, r := range Takeable() {
		if !seen[r] {
			t.Errorf("%s has no test", r)
		}
	}
}

func TestFormatData(t *testing.T) {
	at := time.UnixMilli(1363852951820)
	for r, want := range map[Recipe]string{
		CuratorMutex: "", KazooLock: "", WriteLock: "\x12\x34", Naive: "1363852951.82",
	} {
		f := mustFormat(t, r, "")
		if got := string(f.data("", at)); got != want {
			t.Errorf("%s: %q, want %q", r, got, want)
		}
		if got := string(f.data("me", at)); got != "me" {
			t.Errorf("%s: %q with an identity", r, got)
		}
	}
}

func TestFormatForRefuses(t *testing.T) {
	tests := []struct {
		r     Recipe
		m     Mode
		slots int
		want  string
	}{
		{"nothing", "", 0, "cannot be taken"},
		{CuratorLatch, "", 0, "there are curator-mutex"},
		{CuratorMutex, Read, 0, "a read-write lock is curator-rwlock"},
		{KazooLock, Write, 0, "kazoo-rwlock"},
		{CuratorMutex, "", 3, "a semaphore is curator-semaphore"},
		{CuratorSemaphore, "", 0, "say how many places"},
		{"", Read, 2, "no readers"},
		{"", "", -1, "at least one"},
		{CuratorRWLock, "sideways\x1b", 0, "is no mode"},
	}
	for _, tt := range tests {
		_, err := formatFor(tt.r, tt.m, tt.slots)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s %s %d: %v, want %q", tt.r, tt.m, tt.slots, err, tt.want)
		}
	}
}
