//go:build interop

package interop

import (
	"slices"
	"testing"

	"zkdeck/lockctl"
)

// family is a recipe as somebody's client has it, and how ours joins it.
type family struct {
	name   string
	client string // kazoo, curator, or go: in this process
	kind   string // what the program calls it
	slots  int
	mode   lockctl.Mode   // ours; "" is exclusive
	recipe lockctl.Recipe // ours in an empty directory
	// others are what it may be recognised as beside recipe: the names are the same as
	// long as no reader is there, or tell only by the writer's own.
	others []lockctl.Recipe
	named  bool   // ours is told the recipe: the names alone do not tell
	path   string // below the test's; "" is its own
	alone  bool   // two of theirs wait for each other as well: they are writers, not readers
}

// families are all that ours joins, and whose clients are at hand.
var families = []family{
	{name: "kazoo lock", client: "kazoo", kind: "kazoo-lock", recipe: lockctl.KazooLock, alone: true},
	{
		name: "kazoo write", client: "kazoo", kind: "kazoo-write", mode: lockctl.Write,
		recipe: lockctl.KazooRWLock, others: []lockctl.Recipe{lockctl.KazooLock}, alone: true,
	},
	{
		name: "kazoo write and ours reads", client: "kazoo", kind: "kazoo-write", mode: lockctl.Read,
		recipe: lockctl.KazooRWLock, others: []lockctl.Recipe{lockctl.KazooLock}, named: true, alone: true,
	},
	{
		name: "kazoo read and ours writes", client: "kazoo", kind: "kazoo-read", mode: lockctl.Write,
		recipe: lockctl.KazooRWLock, others: []lockctl.Recipe{lockctl.KazooLock},
	},
	{
		name: "kazoo with patterns", client: "kazoo", kind: "kazoo-patterns",
		recipe: lockctl.CuratorMutex, others: []lockctl.Recipe{lockctl.KazooLock, lockctl.Mixed}, alone: true,
	},
	{name: "kazoo semaphore", client: "kazoo", kind: "kazoo-semaphore", slots: 2, recipe: lockctl.KazooSemaphore, alone: true},
	{name: "naive", client: "kazoo", kind: "naive", recipe: lockctl.Naive, alone: true},
	{
		name: "curator mutex", client: "curator", kind: "curator-mutex",
		recipe: lockctl.CuratorMutex, others: []lockctl.Recipe{lockctl.GoZooKeeper}, alone: true,
	},
	{name: "curator write", client: "curator", kind: "curator-write", mode: lockctl.Write, recipe: lockctl.CuratorRWLock, alone: true},
	{name: "curator write and ours reads", client: "curator", kind: "curator-write", mode: lockctl.Read, recipe: lockctl.CuratorRWLock, alone: true},
	{name: "curator read and ours writes", client: "curator", kind: "curator-read", mode: lockctl.Write, recipe: lockctl.CuratorRWLock},
	{name: "curator semaphore", client: "curator", kind: "curator-semaphore", slots: 2, recipe: lockctl.CuratorSemaphore, alone: true},
	{name: "curator semaphore mutex", client: "curator", kind: "curator-semaphore-mutex", slots: 1, recipe: lockctl.CuratorSemaphore, alone: true},
	{
		name: "WriteLock", client: "curator", kind: "writelock",
		recipe: lockctl.WriteLock, others: []lockctl.Recipe{lockctl.ZooLock}, alone: true,
	},
	{
		name: "go-zookeeper", client: "go", kind: "go-zookeeper",
		recipe: lockctl.GoZooKeeper, others: []lockctl.Recipe{lockctl.CuratorMutex}, alone: true,
	},
	{name: "plain lock", client: "go", kind: "lock-", recipe: lockctl.PlainLock, path: "/locks/plain", alone: true},
	{name: "plain write", client: "go", kind: "write-", mode: lockctl.Write, recipe: lockctl.PlainRWLock, path: "/locks/plain", alone: true},
	{name: "plain write and ours reads", client: "go", kind: "write-", mode: lockctl.Read, recipe: lockctl.PlainRWLock, path: "/locks/plain", alone: true},
	{name: "plain read and ours writes", client: "go", kind: "read-", mode: lockctl.Write, recipe: lockctl.PlainRWLock, path: "/locks/plain"},
	{name: "the recipes' lock", client: "go", kind: "guid-lock-", recipe: lockctl.RecipesLock, alone: true},
	{name: "the recipes' write", client: "go", kind: "guid-write-", mode: lockctl.Write, recipe: lockctl.RecipesRWLock, alone: true},
	{name: "the recipes' read and ours writes", client: "go", kind: "guid-read-", mode: lockctl.Write, recipe: lockctl.RecipesRWLock},
	{name: "zk-ruby", client: "go", kind: "ex", recipe: lockctl.ZKRuby, path: "/_zklocking/orders", alone: true},
	{name: "zk-ruby ex and ours reads", client: "go", kind: "ex", mode: lockctl.Read, recipe: lockctl.ZKRuby, path: "/_zklocking/orders", alone: true},
	{name: "zk-ruby sh and ours writes", client: "go", kind: "sh", mode: lockctl.Write, recipe: lockctl.ZKRuby, path: "/_zklocking/orders"},
	{
		name: "zoo_lock", client: "go", kind: "zoo_lock",
		recipe: lockctl.ZooLock, others: []lockctl.Recipe{lockctl.WriteLock}, alone: true,
	},
}

// clients is where a kind of client runs.
func clients(kind string) string {
	for _, f := range families {
		if f.kind == kind {
			return f.client
		}
	}
	panic("nobody has a " + kind)
}

// TestExcludeAll finds recipes that ours takes and whose clients are not held against it.
func TestExcludeAll(t *testing.T) {
	for _, r := range lockctl.Takeable() {
		if !slices.ContainsFunc(families, func(f family) bool { return f.recipe == r }) {
			t.Errorf("nobody's client of %s meets ours", r)
		}
	}
}
