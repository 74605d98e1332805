package lockctl

import "slices"

// Recipe is the name of a way of using znodes, by the library that it comes from.
type Recipe string

// The recipes. What is said of each is read in the source of the library, unless it
// says otherwise.
const (
	// CuratorMutex is Apache Curator's InterProcessMutex (StandardLockInternalsDriver):
	// _c_<uuid>-lock-N, each watches the one before it. LeaderSelector, which is built
	// on it, and the deprecated InterProcessSemaphore have the same names.
	CuratorMutex Recipe = "curator-mutex"
	// CuratorRWLock is Curator's InterProcessReadWriteLock: __READ__ and __WRIT__. Readers
	// wait for the first writer. Since 5.5.0 (CURATOR-621) the read lock of who holds the
	// write lock has the same number; before, a later one.
	CuratorRWLock Recipe = "curator-rwlock"
	// CuratorSemaphore is Curator's InterProcessSemaphoreV2 and InterProcessSemaphoreMutex:
	// a mutex in <path>/locks, places in <path>/leases. The limit is in the clients.
	CuratorSemaphore Recipe = "curator-semaphore"
	// CuratorSemaphoreV1 is Curator's InterProcessSemaphore, told from the mutex by
	// waiters that watch the one N before them.
	CuratorSemaphoreV1 Recipe = "curator-semaphore-v1"
	// CuratorLatch is Curator's LeaderLatch: -latch-N, the value is the participant's id.
	CuratorLatch Recipe = "curator-latch"
	// KazooLock is kazoo.recipe.lock.Lock: <hex>__lock__N. Election, and WriteLock while
	// there are no readers, have the same names.
	KazooLock Recipe = "kazoo-lock"
	// KazooRWLock is kazoo's ReadLock (__rlock__) and WriteLock (__lock__).
	KazooRWLock Recipe = "kazoo-rwlock"
	// KazooSemaphore is kazoo's Semaphore: <hex>, ephemeral and without a number; the
	// limit is the value of the directory, the queue a Lock in <path>-__lock__.
	KazooSemaphore Recipe = "kazoo-semaphore"
	// KazooLease is kazoo's NonBlockingLease: a persistent lease_holder with JSON.
	KazooLease Recipe = "kazoo-lease"
	// GoZooKeeper is Lock of github.com/go-zookeeper/zk: _c_<hex>-lock-N.
	GoZooKeeper Recipe = "go-zookeeper"
	// WriteLock is org.apache.zookeeper.recipes.lock.WriteLock: x-<session, decimal>-N.
	WriteLock Recipe = "writelock"
	// ZooLock is ZooKeeper's recipes/lock in C, zoo_lock.c: x-<session, 16 hex digits>-N.
	ZooLock Recipe = "zoo-lock"
	// RecipesLock is the lock of ZooKeeper's document recipes.mdx: <guid>-lock-N.
	RecipesLock Recipe = "recipes-lock"
	// RecipesRWLock is the shared lock of recipes.mdx: <guid>-read-N, <guid>-write-N.
	// Readers wait for the closest writer before them.
	RecipesRWLock Recipe = "recipes-rwlock"
	// RecipesElection is the leader election of recipes.mdx: <guid>-n_N.
	RecipesElection Recipe = "recipes-election"
	// ElectionSupport is org.apache.zookeeper.recipes.leader.LeaderElectionSupport: n_N.
	ElectionSupport Recipe = "leader-election-support"
	// PlainLock is lock-N without an id: C#'s DistributedLock, npm's zk-lock, PHP's
	// recipes and many home-made ones.
	PlainLock Recipe = "plain-lock"
	// PlainRWLock is read-N and write-N: C#, PHP, HBase with an unreadable value.
	PlainRWLock Recipe = "plain-rwlock"
	// PlainSemaphore is semaphore-N: C#'s DistributedLock.
	PlainSemaphore Recipe = "plain-semaphore"
	// HBaseRWLock is HBase's ZKInterProcessReadWriteLock up to 1.x: read-N and write-N
	// whose value is protobuf behind the letters PBUF.
	HBaseRWLock Recipe = "hbase-rwlock"
	// Naive is a tutorial's lock_id_N, found as /uk/lock: everybody watches the children.
	Naive Recipe = "naive"
	// ZKRuby is zk-ruby's exclusive and shared locker: exN and shN, below /_zklocking.
	ZKRuby Recipe = "zk-ruby"
	// ZKRubySemaphore is zk-ruby's semN, below /_zksemaphore.
	ZKRubySemaphore Recipe = "zk-ruby-semaphore"
	// ZKRubyElection is zk-ruby's ballotN, below /_zkelection, with a leader_ack.
	ZKRubyElection Recipe = "zk-ruby-election"
	// Avout is Clojure's avout: <uuid>-N.
	Avout Recipe = "avout"
	// AvoutRWLock is avout's read-<uuid>-N and write-<uuid>-N.
	AvoutRWLock Recipe = "avout-rwlock"
	// TwitterLock is Twitter commons' DistributedLockImpl: member_N, as in its ServerSets,
	// which are no locks.
	TwitterLock Recipe = "twitter-lock"
	// DistributedLog is DistributedLog's ZKSessionLock: member_<client>_s<session>_N.
	DistributedLog Recipe = "distributedlog"
	// AccumuloLock is Accumulo's ServiceLock: zlock#<uuid>#N.
	AccumuloLock Recipe = "accumulo-lock"
	// AccumuloFate is Accumulo's FateLock: flock#TYPE:…#N, persistent.
	AccumuloFate Recipe = "accumulo-fate"
	// Hive is Hive's ZooKeeperHiveLockManager: LOCK-SHARED-N, LOCK-EXCLUSIVE-N. Who
	// conflicts deletes its znode, sleeps and tries again.
	Hive Recipe = "hive"
	// Vitess is Vitess' zk2topo: bare numbers whose value is JSON with host and user.
	Vitess Recipe = "vitess"
	// BareSequence is bare numbers in a directory whose path speaks of a lock or an
	// election.
	BareSequence Recipe = "bare"
	// Solr is Solr's LeaderElector: <session>-<node>-n_N. Who joins at the head copies a
	// number; equal ones are ordered by name.
	Solr Recipe = "solr-election"
	// RustLatch is the LeaderLatch of the crate zookeeper: latch-<id>-N.
	RustLatch Recipe = "rust-latch"
	// AiozkLock is aiozk's lock-<hex>-N.
	AiozkLock Recipe = "aiozk-lock"
	// AiozkRWLock is aiozk's read-<hex>-N and write-<hex>-N.
	AiozkRWLock Recipe = "aiozk-rwlock"
	// AiozkSemaphore is aiozk's lease-<hex>-N.
	AiozkSemaphore Recipe = "aiozk-semaphore"
	// AiozkElection is aiozk's candidate-<hex>-N.
	AiozkElection Recipe = "aiozk-election"
	// BookKeeperAuditor is the election of BookKeeper's auditor: V_N.
	BookKeeperAuditor Recipe = "bookkeeper-auditor"
	// Ultralight is npm's zk-ultralight: the lock's own name and a number, beside other
	// locks. Any other queue that is told by its watches or its path is called so too.
	Ultralight Recipe = "zk-ultralight"
	// HadoopElector is Hadoop's ActiveStandbyElector: ActiveStandbyElectorLock, and
	// ActiveBreadCrumb for fencing.
	HadoopElector Recipe = "hadoop-elector"
	// Patroni is a leader beside Patroni's members and initialize.
	Patroni Recipe = "patroni"
	// KafkaController is /controller; controller_epoch beside it is for fencing.
	KafkaController Recipe = "kafka-controller"
	// SingleNode is any other ephemeral znode by whose name one may be meant to be alone:
	// leader, lock, owner … ClickHouse's ZooKeeperLock and pykit's ZKLock are of this.
	SingleNode Recipe = "exclusive-node"
	// ShedLock is Java's ShedLock: persistent, the value is until when it is held.
	ShedLock Recipe = "shedlock"
	// Mixed is a directory in which recipes meet that do not respect each other.
	Mixed Recipe = "mixed"
)

// Recipes are all names of recipes, in order.
func Recipes() []Recipe {
	all := []Recipe{
		CuratorSemaphoreV1, KazooLease, KazooRWLock, CuratorSemaphore, HBaseRWLock, Vitess,
		HadoopElector, Patroni, KafkaController, SingleNode, ShedLock, Mixed,
	}
	for _, f := range families {
		if f.recipe != "" {
			all = append(all, f.recipe)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// family is a group of names that a recipe is told by.
type family uint8

const (
	none family = iota
	curatorMutex
	curatorRW
	curatorLatch
	curatorLease
	goZooKeeper
	kazooLock
	kazooPlace
	writeLock
	zooLock
	recipesLock
	recipesRW
	recipesElection
	electionSupport
	plainLock
	plainRW
	plainSemaphore
	naive
	zkRuby
	zkRubySemaphore
	zkRubyElection
	avout
	avoutRW
	twitter
	distributedLog
	accumulo
	accumuloFate
	hive
	bare
	solr
	rustLatch
	aiozkLock
	aiozkRW
	aiozkSemaphore
	aiozkElection
	auditor
	other // a prefix that no recipe has
	numFamilies
)

// traits is what a recipe does with its names.
type traits struct {
	recipe Recipe
	kind   Kind
	rule   rule
	wake   Wake
	strong bool // nobody else has such names
	hinted bool // the path or the watches must speak for it: others have such names
	stays  bool // contenders may be persistent by the recipe
	blind  bool // waiters may wait without a watch that `wchp` shows
}

var families = [numFamilies]traits{
	curatorMutex:    {recipe: CuratorMutex, kind: Mutex, rule: inLine, wake: WakeNext, strong: true},
	curatorRW:       {recipe: CuratorRWLock, kind: ReadWrite, rule: readersFirstWrite, wake: WakeReaders, strong: true},
	curatorLatch:    {recipe: CuratorLatch, kind: Election, rule: inLine, wake: WakeNext, strong: true},
	curatorLease:    {recipe: CuratorSemaphore, kind: Semaphore, rule: allHold, wake: WakeHead, strong: true, blind: true},
	goZooKeeper:     {recipe: GoZooKeeper, kind: Mutex, rule: inLine, wake: WakeNext, strong: true},
	kazooLock:       {recipe: KazooLock, kind: Mutex, rule: readersLastWrite, wake: WakeNext, strong: true, stays: true},
	kazooPlace:      {recipe: KazooSemaphore, kind: Semaphore, rule: allHold, wake: WakeHead, blind: true},
	writeLock:       {recipe: WriteLock, kind: Mutex, rule: inLine, wake: WakeNext},
	zooLock:         {recipe: ZooLock, kind: Mutex, rule: inLine, wake: WakeNext},
	recipesLock:     {recipe: RecipesLock, kind: Mutex, rule: inLine, wake: WakeNext},
	recipesRW:       {recipe: RecipesRWLock, kind: ReadWrite, rule: readersLastWrite, wake: WakeReaders},
	recipesElection: {recipe: RecipesElection, kind: Election, rule: inLine, wake: WakeNext},
	electionSupport: {recipe: ElectionSupport, kind: Election, rule: inLine, wake: WakeNext},
	plainLock:       {recipe: PlainLock, kind: Mutex, rule: inLine, wake: WakeNext, blind: true},
	plainRW:         {recipe: PlainRWLock, kind: ReadWrite, rule: readersLastWrite, wake: WakeReaders, blind: true},
	plainSemaphore:  {recipe: PlainSemaphore, kind: Semaphore, rule: firstHolds, wake: WakeNext, blind: true},
	naive:           {recipe: Naive, kind: Mutex, rule: allBefore, wake: WakeAll, blind: true},
	zkRuby:          {recipe: ZKRuby, kind: Mutex, rule: allBefore, wake: WakeAll},
	zkRubySemaphore: {recipe: ZKRubySemaphore, kind: Semaphore, rule: firstHolds, wake: WakeAll},
	zkRubyElection:  {recipe: ZKRubyElection, kind: Election, rule: allBefore, wake: WakeAll},
	avout:           {recipe: Avout, kind: Mutex, rule: inLine, wake: WakeNext},
	avoutRW:         {recipe: AvoutRWLock, kind: ReadWrite, rule: readersLastWrite, wake: WakeReaders},
	twitter:         {recipe: TwitterLock, kind: Mutex, rule: inLine, wake: WakeNext, hinted: true},
	distributedLog:  {recipe: DistributedLog, kind: Mutex, rule: inLine, wake: WakeNext},
	accumulo:        {recipe: AccumuloLock, kind: Mutex, rule: inLine, wake: WakeNext, strong: true},
	accumuloFate:    {recipe: AccumuloFate, kind: ReadWrite, rule: readersLastWrite, wake: WakeNobody, strong: true, stays: true, blind: true},
	hive:            {recipe: Hive, kind: ReadWrite, rule: readersLastWrite, wake: WakeNobody, strong: true, stays: true, blind: true},
	bare:            {recipe: BareSequence, kind: Mutex, rule: inLine, wake: WakeNext, hinted: true},
	solr:            {recipe: Solr, kind: Election, rule: inLine, wake: WakeNext},
	rustLatch:       {recipe: RustLatch, kind: Election, rule: inLine, wake: WakeNext},
	aiozkLock:       {recipe: AiozkLock, kind: Mutex, rule: inLine, wake: WakeNext},
	aiozkRW:         {recipe: AiozkRWLock, kind: ReadWrite, rule: readersLastWrite, wake: WakeReaders},
	aiozkSemaphore:  {recipe: AiozkSemaphore, kind: Semaphore, rule: firstHolds, wake: WakeHead, blind: true},
	aiozkElection:   {recipe: AiozkElection, kind: Election, rule: inLine, wake: WakeNext},
	auditor:         {recipe: BookKeeperAuditor, kind: Election, rule: inLine, wake: WakeNext, hinted: true},
	other:           {recipe: Ultralight, kind: Mutex, rule: inLine, wake: WakeNext, hinted: true},
}
