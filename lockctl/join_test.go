package lockctl

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// services have values by which others find them.
func services(d *Directory) {
	for i := range d.Children {
		d.Children[i].Data = []byte(`{"serviceEndpoint":{"host":"10.0.0.1","port":80}}`)
	}
}

// unread is a listing whose children may not be read.
func unread(d *Directory) {
	for i := range d.Children {
		d.Children[i].Stat = Stat{}
	}
}

// parents have children.
func parents(d *Directory) {
	for i := range d.Children {
		d.Children[i].Stat.NumChildren = 2
	}
}

// at sets the directory's counter.
func counter(n uint32) func(*Directory) {
	return func(d *Directory) { d.Stat.Cversion = int32(2*n - uint32(len(d.Children))) }
}

// limitOf is the value of the directory.
func limitOf(v string) func(*Directory) {
	return func(d *Directory) { d.Data = []byte(v) }
}

// kept makes one child persistent.
func kept(i int) func(*Directory) { return owner(i, 0) }

func TestJoins(t *testing.T) {
	u1, u2 := uuid(1), uuid(2)
	curatorLock, kazoo := "_c_"+u1+"-lock-0000000000", hex32(1)+"__lock__0000000000"
	sid := int64(0x100000000000001)
	tests := []struct {
		what string
		d    Directory
		o    LockOptions
		want Recipe
		mode Mode
		err  error
		says string // in the error, or in a note
	}{
		{what: "nothing", d: Directory{Path: "/a"}, want: CuratorMutex, mode: Exclusive},
		{what: "nothing, a reader", d: Directory{Path: "/a"}, o: LockOptions{Mode: Read}, want: CuratorRWLock, mode: Read},
		{what: "nothing, a place", d: Directory{Path: "/a"}, o: LockOptions{Slots: 3}, want: CuratorSemaphore, mode: Place},
		{what: "empty, kazoo", d: dir("/a"), o: LockOptions{Recipe: KazooLock}, want: KazooLock, mode: Exclusive},
		{what: "no such recipe", d: dir("/a"), o: LockOptions{Recipe: CuratorLatch}, says: "cannot be taken"},

		{what: "Curator", d: dir("/a", curatorLock), want: CuratorMutex, mode: Exclusive},
		{what: "Curator, unread", d: dir("/a", curatorLock).with(unread), want: CuratorMutex, mode: Exclusive},
		{what: "go-zookeeper", d: dir("/a", "_c_"+hex32(1)+"-lock-0000000000"), want: GoZooKeeper, mode: Exclusive},
		{what: "both", d: dir("/a", curatorLock, "_c_"+hex32(1)+"-lock-0000000001"), want: CuratorMutex, mode: Exclusive},
		{what: "Curator where go-zookeeper is", d: dir("/a", "_c_"+hex32(1)+"-lock-0000000000"), o: LockOptions{Recipe: CuratorMutex}, want: CuratorMutex, mode: Exclusive},
		{what: "Curator's read-write", d: dir("/a", "_c_"+u1+"-__READ__0000000000"), want: CuratorRWLock, mode: Write},
		{what: "Curator's read-write, to read", d: dir("/a", "_c_"+u1+"-__WRIT__0000000000"), o: LockOptions{Mode: Read}, want: CuratorRWLock, mode: Read},
		{what: "kazoo", d: dir("/a", kazoo), want: KazooLock, mode: Exclusive},
		{what: "kazoo, persistent", d: dir("/a", kazoo).with(persistent), want: KazooLock, mode: Exclusive},
		{what: "kazoo, to write", d: dir("/a", kazoo), o: LockOptions{Mode: Write}, want: KazooRWLock, mode: Write},
		{what: "kazoo, to read", d: dir("/a", kazoo), o: LockOptions{Mode: Read}, err: ErrMixed, says: "Choose the recipe kazoo-rwlock"},
		{what: "kazoo's read-write, to read", d: dir("/a", kazoo), o: LockOptions{Mode: Read, Recipe: KazooRWLock}, want: KazooRWLock, mode: Read},
		{what: "kazoo with readers", d: dir("/a", hex32(1)+"__rlock__0000000000"), want: KazooRWLock, mode: Write},
		{what: "WriteLock", d: dir("/a", "x-72057594037927937-0000000000").with(owner(0, sid)), want: WriteLock, mode: Exclusive},
		{what: "zoo_lock.c", d: dir("/a", "x-0100000000000001-0000000000").with(owner(0, sid)), want: ZooLock, mode: Exclusive},
		{what: "naive", d: dir("/uk/lock", "lock_id_0000000000"), want: Naive, mode: Exclusive},
		{what: "plain", d: dir("/a", "lock-0000000000"), want: PlainLock, mode: Exclusive},
		{what: "plain read-write", d: dir("/a", "read-0000000000", "write-0000000001"), o: LockOptions{Mode: Read}, want: PlainRWLock, mode: Read},
		{what: "zk-ruby", d: dir("/_zklocking/a", "ex0000000000"), want: ZKRuby, mode: Exclusive},
		{what: "the document's", d: dir("/a", u1+"-lock-0000000000"), want: RecipesLock, mode: Exclusive},

		{what: "another prefix", d: dir("/a", "lock_0000000000"), err: ErrMixed, says: "is not named as plain-lock does it"},
		{what: "somebody's protected name", d: dir("/a", "_c_"+u1+"-lock_id_0000000000"), err: ErrMixed, says: "is not named as naive"},
		{what: "a reader at a mutex", d: dir("/a", curatorLock), o: LockOptions{Mode: Read}, err: ErrMixed, says: "a read-write lock is"},
		{what: "a place at a mutex", d: dir("/a", curatorLock), o: LockOptions{Slots: 2}, err: ErrMixed, says: "a semaphore is"},
		{what: "kazoo at Curator's", d: dir("/a", curatorLock), o: LockOptions{Recipe: KazooLock}, err: ErrMixed, says: "Choose the recipe curator-mutex"},
		{what: "two recipes", d: dir("/a", curatorLock, hex32(1)+"__lock__0000000001"), err: ErrMixed, says: "curator-mutex (1), kazoo-lock (1)"},
		{what: "an unknown contender beside", d: dir("/a", curatorLock, "thing-0000000001"), err: ErrMixed, says: "thing-0000000001"},
		{what: "a semaphore", d: dir("/a", "leases", "locks").with(persistent), err: ErrMixed, says: "Say how many places"},
		{what: "a semaphore, a place", d: dir("/a", "leases", "locks").with(persistent).with(parents), o: LockOptions{Slots: 2}, want: CuratorSemaphore, mode: Place},
		{what: "a semaphore and a value", d: dir("/a", "config", "leases", "locks").with(persistent), o: LockOptions{Slots: 2}, want: CuratorSemaphore, mode: Place},
		{what: "places", d: dir("/a/leases", "_c_"+u1+"-lease-0000000000"), err: ErrForeign, says: "Take /a, and say"},

		{what: "kazoo's places", d: dir("/a", hex32(1)).with(limitOf("3")), o: LockOptions{Slots: 3}, want: KazooSemaphore, mode: Place},
		{what: "kazoo's places, other number", d: dir("/a", hex32(1)).with(limitOf("3")), o: LockOptions{Slots: 2}, err: ErrSlots, says: "has 3 places, not 2"},
		{what: "kazoo's places, a mutex", d: dir("/a", hex32(1)).with(limitOf("3")), err: ErrMixed, says: "say how many places"},
		{what: "kazoo's places, Curator's", d: dir("/a", hex32(1)).with(limitOf("3")), o: LockOptions{Slots: 3, Recipe: CuratorSemaphore}, err: ErrMixed, says: "Choose the recipe kazoo-semaphore"},
		{what: "kazoo's, nobody there", d: dir("/a").with(limitOf("3")), o: LockOptions{Slots: 3}, want: KazooSemaphore, mode: Place},

		{what: "Curator's where kazoo was", d: dir("/a", "leases", "locks").with(persistent).with(limitOf("3")), o: LockOptions{Slots: 3}, want: CuratorSemaphore, mode: Place},

		{what: "a queue", d: dir("/a", "queue-0000000000").with(persistent), err: ErrForeign, says: "sequence number"},
		{what: "ephemeral queue", d: dir("/a", "qn-0000000000"), err: ErrForeign, says: "sequence number"},
		{what: "persistent lock-", d: dir("/a", "lock-0000000000").with(persistent), err: ErrForeign, says: "sequence number"},
		{what: "services", d: dir("/a", "member_0000000000").with(services), err: ErrForeign, says: "sequence number"},
		{what: "brokers", d: dir("/brokers/ids", "1", "2"), err: ErrForeign, says: "is ephemeral"},
		{what: "a tree", d: dir("/a", "b").with(persistent).with(parents), err: ErrForeign, says: "has children"},
		{what: "the root", d: dir("/", "zookeeper").with(persistent).with(parents), err: ErrForeign, says: "has children"},
		{what: "a latch", d: dir("/a", "_c_"+u1+"-latch-0000000000"), err: ErrForeign, says: "curator-latch, an election"},
		{what: "a lock by itself", d: dir("/a", "leader"), err: ErrForeign, says: "exclusive-node, an exclusive node"},
		{what: "kazoo's lease", d: dir("/a", "lease_holder").with(persistent).with(values(`{"version":1,"holder":"x","end":"2030-01-01T00:00:00"}`)), err: ErrForeign, says: "kazoo-lease, a timed lease"},
		{what: "bare numbers", d: dir("/locks/a", "0000000000"), err: ErrForeign, says: "by which no lock can be taken"},
		{what: "weak and unread", d: dir("/a", "lock-0000000000").with(unread), err: ErrForeign, says: "none of them can be read"},
		{what: "weak, unread and chosen", d: dir("/a", "lock-0000000000").with(unread), o: LockOptions{Recipe: PlainLock}, want: PlainLock, mode: Exclusive},
		{what: "ephemeral directory", d: Directory{Path: "/a", Stat: Stat{Czxid: 3, EphemeralOwner: 7}}, err: ErrForeign, says: "ephemeral znode"},
		{what: "ZooKeeper's own", d: Directory{Path: "/zookeeper/quota/x"}, err: ErrForeign, says: "servers' own"},
		{what: "unknown", d: dir("/a", "x").with(unread), err: ErrForeign, says: "not known what"},
		{what: "many values", d: dir("/a", "a", "b", "c", "d", "e").with(persistent), err: ErrForeign, says: "5 znodes"},

		{what: "a value", d: dir("/a", "config").with(persistent), want: CuratorMutex, mode: Exclusive, says: "breaks go-zookeeper's Lock"},
		{what: "values of a lock", d: dir("/locks/a", "a", "b", "c", "d", "e").with(persistent), want: CuratorMutex, mode: Exclusive, says: "a, b and 3 more: breaks"},
		{what: "a value beside a queue", d: dir("/a", "_c_"+hex32(1)+"-lock-0000000000", "config").with(kept(1)), want: GoZooKeeper, mode: Exclusive, says: "config"},
		{what: "an election", d: dir("/a/leader", curatorLock), want: CuratorMutex, mode: Exclusive, says: "taken for its leader"},

		{what: "near the end", d: dir("/a", curatorLock).with(counter(math.MaxInt32 - 10)), err: ErrExhausted, says: "10 are left"},
		{what: "at the end", d: dir("/a").with(counter(math.MaxInt32)), err: ErrExhausted, says: "stands at 2147483647"},
		{what: "past the end", d: dir("/a", "_c_"+u2+"-lock--2147483648"), err: ErrExhausted, says: "behind number 2147483647"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			f, err := tt.o.joins(tt.d)
			if tt.want == "" {
				if err == nil || tt.err != nil && !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.says) {
					t.Fatalf("%v, want %v that says %q", err, tt.err, tt.says)
				}
				return
			}
			if err != nil || f.recipe != tt.want || f.mode != tt.mode {
				t.Fatalf("%s %s %v, want %s %s", f.recipe, f.mode, err, tt.want, tt.mode)
			}
			if notes := strings.Join(f.notes, "\n"); !strings.Contains(notes, tt.says) || tt.says == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, tt.says)
			}
		})
	}
}

// By force all goes that ZooKeeper can do, with the recipe asked for or that is there,
// and why it was refused is noted.
func TestJoinsByForce(t *testing.T) {
	curatorLock := "_c_" + uuid(1) + "-lock-0000000000"
	tests := []struct {
		what string
		d    Directory
		o    LockOptions
		want Recipe
	}{
		{"kazoo at Curator's", dir("/a", curatorLock), LockOptions{Recipe: KazooLock}, KazooLock},
		{"mixed", dir("/a", hex32(1)+"__lock__0000000000", "_c_"+uuid(1)+"-__WRIT__0000000001"), LockOptions{}, KazooLock},
		{"unknown", dir("/brokers/ids", "1"), LockOptions{}, CuratorMutex},
		{"at the end", dir("/a", curatorLock).with(counter(math.MaxInt32)), LockOptions{}, CuratorMutex},
		{"a semaphore", dir("/a", "leases", "locks"), LockOptions{Recipe: KazooLock}, KazooLock},
	}
	for _, tt := range tests {
		tt.o.Force = true
		f, err := tt.o.joins(tt.d)
		if err != nil || f.recipe != tt.want || !f.forced || len(f.notes) == 0 || !strings.HasPrefix(f.notes[0], "Forced: ") {
			t.Errorf("%s: %s %v %q", tt.what, f.recipe, err, f.notes)
		}
	}
	for _, d := range []Directory{{Path: "/zookeeper"}, {Path: "/a", Stat: Stat{Czxid: 3, EphemeralOwner: 7}}} {
		if _, err := (LockOptions{Force: true}).joins(d); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", d.Path, err)
		}
	}
}

// What is joined is what Recognise says is there, and never a queue of others: who
// queues by the format is seen as one of them.
func TestJoinsWhatIsRecognised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDirectory("/locks/q").Draw(t, "directory")
		f, err := (LockOptions{}).joins(d)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\n\x00") {
				t.Fatalf("%q", err)
			}
			return
		}
		if len(f.notes) > len(d.Children)+3 {
			t.Fatalf("%d notes", len(f.notes))
		}
		locks := Recognise(d, Cluster{})
		if len(locks) > 1 || len(locks) == 1 && !sameQueue(locks[0].Recipe, f.recipe) {
			t.Fatalf("%s joins %s", f.recipe, shorts(locks))
		}
	})
}
