package lockctl

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// format is how a contender of a recipe is made, and what lets it in. It is made by
// [formatFor] or [LockOptions.joins]; it asks nothing of anybody.
type format struct {
	recipe Recipe
	mode   Mode
	slots  int // of a semaphore
	// forced: the person has taken it upon himself that there may be two holders.
	forced bool
	// notes are warnings about what else is in the directory, safe to print.
	notes []string

	shape *shape
}

// shape is what the contenders of a recipe look like, and whom they respect.
type shape struct {
	recipe Recipe
	// How a name is made, up to the number: the id, then what stands for the mode. A
	// recipe without readers has exclusive alone.
	id                     idShape
	exclusive, read, write string
	// data is what the library writes where nobody says who he is; nil: nothing.
	data func(now time.Time) []byte
	// counts tells whether a znode with a number takes part: if it is before ours, we
	// wait for it.
	counts func(name string, t tag) bool
	// plain tells that names have no number.
	plain bool
	// copies tells that contenders may be made later with a number that another has.
	copies bool
}

// idShape is what a name begins with.
type idShape uint8

const (
	noID          idShape = iota
	curatorID             // _c_<uuid>-
	goID                  // _c_<32 hex digits>-
	hexID                 // <32 hex digits>
	uuidID                // <uuid>-
	decimalID             // x-<session, signed>-
	hexID64               // x-<session, 16 hex digits>-
	sharedIDsFrom = decimalID
)

// shapes are the recipes that can be taken.
//
// Whom each counts is more than its own names: it is what any client that may queue
// there waits for, by its own source. We must wait for that as well, or we are let in
// together with it. That cannot bring a circle of waiters about, as all go by the
// number and nobody waits for a higher one. What has no number is passed over: no
// recipe gives it the lock.
var shapes = []shape{
	{recipe: CuratorMutex, id: curatorID, exclusive: "lock-", counts: curatorCounts},
	{recipe: GoZooKeeper, id: goID, exclusive: "lock-", counts: curatorCounts},
	{
		recipe: CuratorRWLock, id: curatorID, read: "__READ__", write: "__WRIT__", copies: true,
		// What the sorter does not know it sorts as it is, so bare numbers take part
		// (InterProcessReadWriteLock.SortingLockInternalsDriver).
		counts: only(curatorRW, bare),
	},
	{recipe: CuratorSemaphore, id: curatorID, exclusive: "lease-", counts: only(curatorLease)},
	{recipe: KazooSemaphore, id: hexID, plain: true, counts: func(string, tag) bool { return true }},
	// kazoo's Lock does not see readers, but it has the names of WriteLock, which does.
	// With extra_lock_patterns its clients see those of Curator and go-zookeeper.
	{recipe: KazooLock, id: hexID, exclusive: "__lock__", counts: kazooCounts},
	{recipe: KazooRWLock, id: hexID, read: "__rlock__", write: "__lock__", counts: kazooCounts},
	{
		recipe: WriteLock, id: decimalID, exclusive: "", counts: dashCounts,
		data: func(time.Time) []byte { return []byte{0x12, 0x34} }, // WriteLock.data
	},
	{recipe: ZooLock, id: hexID64, exclusive: "", counts: dashCounts},
	{
		recipe: Naive, exclusive: "lock_id_",
		counts: only(append([]family{naive}, respects[naive]...)...),
		data:   func(now time.Time) []byte { return strconv.AppendFloat(nil, float64(now.UnixMilli())/1000, 'f', 2, 64) },
	},
	{recipe: PlainLock, exclusive: "lock-", counts: curatorCounts},
	{recipe: PlainRWLock, read: "read-", write: "write-", counts: only(plainRW)},
	{recipe: RecipesLock, id: uuidID, exclusive: "lock-", counts: curatorCounts},
	{recipe: RecipesRWLock, id: uuidID, read: "read-", write: "write-", counts: only(recipesRW)},
	// It takes the digits at the end of any child for its number.
	{recipe: ZKRuby, exclusive: "ex", read: "sh", write: "ex", counts: func(string, tag) bool { return true }},
}

// only counts the names of some families.
func only(of ...family) func(string, tag) bool {
	set := uint64(0)
	for _, f := range of {
		set |= 1 << f
	}
	return func(_ string, t tag) bool { return set>>t.family&1 != 0 }
}

// curatorCounts is who takes part in a queue of Curator's and go-zookeeper's: Curator
// compares what is behind the last "lock-" as text, and of names without one all of it
// (StandardLockInternalsDriver.standardFixForSorting): bare numbers are before or behind
// by their value. go-zookeeper also takes what is behind the last "__" (parseSeq).
func curatorCounts(name string, t tag) bool {
	if strings.HasSuffix(name[:t.at], "lock-") {
		return true
	}
	return t.family == bare || t.family == kazooLock || t.family == curatorRW
}

// kazooCounts is kazoo's own names, and those of the extra_lock_patterns that its
// documentation gives.
func kazooCounts(name string, t tag) bool {
	return t.family == kazooLock || strings.HasSuffix(name[:t.at], "-lock-")
}

// dashCounts is all with a number behind a dash: WriteLock (ZNodeName) and zoo_lock.c
// let any child take part, and order by what follows the last dash.
func dashCounts(name string, t tag) bool { return t.at > 0 && name[t.at-1] == '-' }

// prefix is the name of a contender up to its number. The guid is a UUID with dashes.
func (f format) prefix(guid string, session int64) string {
	return f.shape.prefix(guid, session) + f.infix()
}

func (s *shape) prefix(guid string, session int64) string {
	switch s.id {
	case curatorID:
		return "_c_" + guid + "-"
	case goID:
		return "_c_" + strings.ReplaceAll(guid, "-", "") + "-"
	case hexID:
		return strings.ReplaceAll(guid, "-", "")
	case uuidID:
		return guid + "-"
	case decimalID:
		return "x-" + strconv.FormatInt(session, 10) + "-"
	case hexID64:
		return fmt.Sprintf("x-%016x-", uint64(session))
	}
	return ""
}

// infix is what stands for the mode.
func (f format) infix() string {
	switch f.mode {
	case Read:
		return f.shape.read
	case Write:
		return f.shape.write
	}
	return f.shape.exclusive
}

// data is the value of a contender's znode.
func (f format) data(identity string, now time.Time) []byte {
	if identity == "" && f.shape.data != nil {
		return f.shape.data(now)
	}
	return []byte(identity)
}

// unique tells whether a name is proof of who made it: it has a guid.
func (f format) unique() bool { return f.shape.id != noID && f.shape.id < sharedIDsFrom }

// ours tells whether a znode may be of the contender of this guid or, where names have
// none, of this session. It is so for certain only if the names are unique.
func (f format) ours(name, guid string, session int64) bool {
	number, ok := strings.CutPrefix(name, f.prefix(guid, session))
	if !ok {
		return false
	}
	if f.shape.plain {
		return number == ""
	}
	_, ok = parseSequence(number)
	return ok
}
