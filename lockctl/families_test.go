package lockctl

import "testing"

// Every family, named as the libraries name it.
func TestFamilies(t *testing.T) {
	sid, neg := int64(0x1000000000000ab), int64(-9151314442816847872)
	tests := []struct {
		name string
		d    Directory
		want string
		sure Certainty
	}{
		{
			"Curator InterProcessMutex", dir("/a", "_c_"+uuid(9)+"-lock-0000000012", "_c_"+uuid(1)+"-lock-0000000013", "_c_"+uuid(5)+"-lock-0000000015"),
			"/a curator-mutex mutex/1 next: -0000000012=h -0000000013=w0 -0000000015=w1", Certain,
		},
		{
			"Curator LeaderSelector", dir("/leader/billing", "_c_"+uuid(1)+"-lock-0000000012"),
			"/leader/billing curator-mutex election/1 next: -0000000012=h", Certain,
		},
		{
			"Curator InterProcessReadWriteLock", dir("/a",
				"_c_"+uuid(1)+"-__READ__0000000001", "_c_"+uuid(2)+"-__READ__0000000002", "_c_"+uuid(3)+"-__WRIT__0000000003",
				"_c_"+uuid(4)+"-__READ__0000000004", "_c_"+uuid(5)+"-__WRIT__0000000005", "_c_"+uuid(6)+"-__READ__0000000006"),
			"/a curator-rwlock read-write/0 readers: _0000000001=h _0000000002=h _0000000003=w1 _0000000004=w2 _0000000005=w3 _0000000006=w2", Certain,
		},
		{
			"Curator InterProcessSemaphoreV2's leases", dir("/s/leases", "_c_"+uuid(1)+"-lease-0000000003", "_c_"+uuid(2)+"-lease-0000000004"),
			"/s curator-semaphore semaphore/0 head: -0000000003=h -0000000004=h", Certain,
		},
		{
			"Curator LeaderLatch", dir("/a", "_c_"+uuid(1)+"-latch-0000000003", "_c_"+uuid(2)+"-latch-0000000004"),
			"/a curator-latch election/1 next: -0000000003=h -0000000004=w0", Certain,
		},
		{
			"kazoo Lock", dir("/a", hex32(1)+"__lock__0000000003", hex32(2)+"__lock__0000000004"),
			"/a kazoo-lock mutex/1 next: _0000000003=h _0000000004=w0", Certain,
		},
		{
			"kazoo Election", dir("/a/election", hex32(1)+"__lock__0000000003"),
			"/a/election kazoo-lock election/1 next: _0000000003=h", Certain,
		},
		{
			"kazoo Lock(ephemeral=False)", dir("/a", hex32(1)+"__lock__0000000003").with(persistent),
			"/a kazoo-lock mutex/1 next: _0000000003=h", Certain,
		},
		{
			"kazoo ReadLock and WriteLock", dir("/a", hex32(1)+"__rlock__0000000003", hex32(2)+"__rlock__0000000004", hex32(3)+"__lock__0000000005", hex32(4)+"__rlock__0000000006", hex32(5)+"__lock__0000000007", hex32(6)+"__rlock__0000000008"),
			"/a kazoo-rwlock read-write/0 readers: _0000000003=h _0000000004=h _0000000005=w1 _0000000006=w2 _0000000007=w3 _0000000008=w4", Certain,
		},
		{
			"kazoo #649: W1 R2 W3", dir("/a", hex32(1)+"__lock__0000000001", hex32(2)+"__rlock__0000000002", hex32(3)+"__lock__0000000003"),
			"/a kazoo-rwlock read-write/0 readers: _0000000001=h _0000000002=w0 _0000000003=w1", Certain,
		},
		{
			"go-zookeeper Lock", dir("/a", "_c_"+hex32(1)+"-lock-0000000003", "_c_"+hex32(2)+"-lock-0000000004"),
			"/a go-zookeeper mutex/1 next: -0000000003=h -0000000004=w0", Certain,
		},
		{
			"Java WriteLock", dir("/a", "x-72057594037928107-0000000003", "x--9151314442816847872-0000000004").with(owner(0, sid)).with(owner(1, neg)).with(values("\x12\x34", "\x12\x34")),
			"/a writelock mutex/1 next: -0000000003=h -0000000004=w0", Certain,
		},
		{
			"Java WriteLock of another's session", dir("/a", "x-72057594037928107-0000000003"),
			"/a writelock mutex/1 next: -0000000003=h", Likely,
		},
		{
			"C zoo_lock", dir("/a", "x-01000000000000ab-0000000003", "x-81000000000000ab-0000000004").with(owner(0, sid)).with(owner(1, -0x7effffffffffff55)),
			"/a zoo-lock mutex/1 next: -0000000003=h -0000000004=w0", Certain,
		},
		{
			"Java WriteLock of 16 decimal digits", dir("/a", "x-1234567890123456-0000000003").with(owner(0, 1234567890123456)),
			"/a writelock mutex/1 next: -0000000003=h", Certain,
		},
		{
			"recipes.mdx lock", dir("/a", uuid(1)+"-lock-0000000003", uuid(2)+"-lock-0000000004"),
			"/a recipes-lock mutex/1 next: -0000000003=h -0000000004=w0", Likely,
		},
		{
			"recipes.mdx shared lock", dir("/a", uuid(1)+"-write-0000000003", uuid(2)+"-read-0000000004", uuid(3)+"-write-0000000005", uuid(4)+"-read-0000000006"),
			"/a recipes-rwlock read-write/0 readers: -0000000003=h -0000000004=w0 -0000000005=w1 -0000000006=w2", Likely,
		},
		{
			"recipes.mdx leader election", dir("/ELECTION", hex32(1)+"-n_0000000003", hex32(2)+"-n_0000000004"),
			"/ELECTION recipes-election election/1 next: _0000000003=h _0000000004=w0", Likely,
		},
		{
			"Java LeaderElectionSupport", dir("/a", "n_0000000003", "n_0000000004").with(values("host-1", "host-2")),
			"/a leader-election-support election/1 next: n_0000000003=h n_0000000004=w0", Likely,
		},
		{
			"HBase read", dir("/a", "read-0000000003", "write-0000000004").with(values("PBUF\x0a\x01\x00", "PBUF")),
			"/a hbase-rwlock read-write/0 readers: -0000000003=h -0000000004=w0", Likely,
		},
		{
			"C# DistributedLock", dir("/a", "lock-0000000003", "lock-0000000004"),
			"/a plain-lock mutex/1 next: -0000000003=h -0000000004=w0", Likely,
		},
		{
			"C# DistributedReaderWriterLock, PHP", dir("/a", "read-0000000003", "read-0000000004", "write-0000000005", "read-0000000006"),
			"/a plain-rwlock read-write/0 readers: -0000000003=h -0000000004=h -0000000005=w1 -0000000006=w2", Likely,
		},
		{
			"C# DistributedSemaphore", dir("/a", "semaphore-0000000003", "semaphore-0000000004"),
			"/a plain-semaphore semaphore/0 next: -0000000003=h -0000000004=u", Likely,
		},
		{
			"npm zk-lock", dir("/locks/prefix/key", "lock-0000000003"),
			"/locks/prefix/key plain-lock mutex/1 next: -0000000003=h", Likely,
		},
		{
			"zk-ruby exclusive", dir("/_zklocking/a__b", "ex0000000003", "ex0000000004", "ex0000000005"),
			"/_zklocking/a__b zk-ruby mutex/1 all: ex0000000003=h ex0000000004=w0* ex0000000005=w1*", Likely,
		},
		{
			"zk-ruby shared", dir("/_zklocking/a__b", "sh0000000003", "sh0000000004", "ex0000000005", "sh0000000006"),
			"/_zklocking/a__b zk-ruby read-write/0 all: sh0000000003=h sh0000000004=h ex0000000005=w1* sh0000000006=w2*", Likely,
		},
		{
			"zk-ruby semaphore", dir("/_zksemaphore/a", "sem0000000003", "sem0000000004"),
			"/_zksemaphore/a zk-ruby-semaphore semaphore/0 all: m0000000003=h m0000000004=u", Likely,
		},
		{
			"zk-ruby election", dir("/_zkelection/a", "ballot0000000003", "ballot0000000004", "leader_ack"),
			"/_zkelection/a zk-ruby-election election/1 all: t0000000003=h t0000000004=w0*", Likely,
		},
		{
			"avout", dir("/a", uuid(1)+"-0000000003", uuid(2)+"-0000000004"),
			"/a avout mutex/1 next: -0000000003=h -0000000004=w0", Likely,
		},
		{
			"avout read-write", dir("/a", "read-"+uuid(1)+"-0000000003", "write-"+uuid(2)+"-0000000004", "-condition-"+uuid(7)),
			"/a avout-rwlock read-write/0 readers: -0000000003=h -0000000004=w0", Likely,
		},
		{
			"Twitter DistributedLock", dir("/locks/ads", "member_0000000003", "member_0000000004"),
			"/locks/ads twitter-lock mutex/1 next: _0000000003=h _0000000004=w0", Likely,
		},
		{
			"DistributedLog", dir("/a", "member_client%3A1_s72057594037928107_0000000003", "member_client%3A2_s        17_0000000004").with(owner(0, sid)).with(owner(1, 17)),
			"/a distributedlog mutex/1 next: _0000000003=h _0000000004=w0", Certain,
		},
		{
			"DistributedLog, the same client twice", dir("/a", "member_c_s17_0000000003", "member_c_s17_0000000004", "member_d_s18_0000000005").with(owner(0, 17)).with(owner(1, 17)).with(owner(2, 18)),
			"/a distributedlog mutex/1 next: _0000000003=h _0000000004=h _0000000005=w1", Certain,
		},
		{
			"Accumulo ServiceLock", dir("/accumulo/x/tservers/h:1", "zlock#"+uuid(1)+"#0000000003", "zlock#"+uuid(2)+"#0000000004"),
			"/accumulo/x/tservers/h:1 accumulo-lock mutex/1 next: #0000000003=h #0000000004=w0", Certain,
		},
		{
			"Accumulo FateLock", dir("/accumulo/x/table_locks/1", "flock#READ:FATE:USER:"+uuid(1)+"#0000000003", "flock#WRITE:FATE:USER:"+uuid(2)+"#0000000004").with(persistent),
			"/accumulo/x/table_locks/1 accumulo-fate read-write/0 nobody: #0000000003=h #0000000004=w0", Certain,
		},
		{
			"Hive", dir("/hive_zookeeper_namespace/default", "LOCK-SHARED-0000000003", "LOCK-EXCLUSIVE-0000000004", "LOCK-SEMI_SHARED-0000000005", "orders"),
			"/hive_zookeeper_namespace/default hive read-write/0 nobody: -0000000003=h -0000000004=w0 -0000000005=w1", Certain,
		},
		{
			"Hive keepAlive", dir("/hive_zookeeper_namespace/default", "LOCK-SHARED-0000000003").with(persistent),
			"/hive_zookeeper_namespace/default hive read-write/0 nobody: -0000000003=h", Certain,
		},
		{
			"Vitess", dir("/vitess/zone1/keyspaces/commerce/locks", "0000000003", "0000000004").with(values(`{"Action":"x","HostName":"vt-1","UserName":"ann","Time":"…"}`)),
			"/vitess/zone1/keyspaces/commerce/locks vitess mutex/1 next: 0000000003=h 0000000004=w0", Likely,
		},
		{
			"/uk/lock with bare numbers", dir("/uk/lock", "0000000003", "0000000004").with(values("10.0.0.5:51234")),
			"/uk/lock bare mutex/1 next: 0000000003=h 0000000004=w0", Likely,
		},
		{
			"/uk/lock", dir("/uk/lock", "lock_id_0000000003", "lock_id_0000000004").with(values("1363852951.82")),
			"/uk/lock naive mutex/1 all: _0000000003=h _0000000004=w0*", Likely,
		},
		{
			"Solr", dir("/solr/overseer_elect/election", "72057594037928107-10.0.0.1:8983_solr-n_0000000003", "-9151314442816847872-10.0.0.2:8983_solr-n_0000000004").with(owner(0, sid)).with(owner(1, neg)),
			"/solr/overseer_elect/election solr-election election/1 next: _0000000003=h _0000000004=w0", Certain,
		},
		{
			"Rust LeaderLatch", dir("/a", "latch-node1-0000000003", "latch-node2-0000000004"),
			"/a rust-latch election/1 next: -0000000003=h -0000000004=w0", Likely,
		},
		{
			"aiozk Lock", dir("/a", "lock-"+hex32(1)+"-0000000003", "lock-"+hex32(2)+"-0000000004"),
			"/a aiozk-lock mutex/1 next: -0000000003=h -0000000004=w0", Likely,
		},
		{
			"aiozk SharedLock", dir("/a", "read-"+hex32(1)+"-0000000003", "write-"+hex32(2)+"-0000000004"),
			"/a aiozk-rwlock read-write/0 readers: -0000000003=h -0000000004=w0", Likely,
		},
		{
			"aiozk LeaderElection", dir("/a", "candidate-"+hex32(1)+"-0000000003"),
			"/a aiozk-election election/1 next: -0000000003=h", Likely,
		},
		{
			"aiozk Lease", dir("/a", "lease-"+hex32(1)+"-0000000003", "lease-"+hex32(1)+"-0000000004"),
			"/a aiozk-semaphore semaphore/0 head: -0000000003=h -0000000004=u", Likely,
		},
		{
			"BookKeeper auditor", dir("/ledgers/underreplication/auditorelection", "V_0000000003", "V_0000000004"),
			"/ledgers/underreplication/auditorelection bookkeeper-auditor election/1 next: V_0000000003=h V_0000000004=w0", Likely,
		},
		{
			"zk-ultralight", dir("/critical", "section0000000007", "section0000000009"),
			"/critical zk-ultralight mutex/1 next: n0000000007=h n0000000009=w0", Likely,
		},
		{
			"zk-ultralight, two locks", dir("/critical", "section0000000007", "other0000000008", "section0000000009"),
			"/critical/section zk-ultralight mutex/1 next: n0000000007=h n0000000009=w0\n/critical/other zk-ultralight mutex/1 next: r0000000008=h", Likely,
		},
		{
			"Hadoop", dir("/hadoop-ha/ns", "ActiveStandbyElectorLock", "ActiveBreadCrumb").with(func(d *Directory) { d.Children[1].Stat.EphemeralOwner = 0 }),
			"/hadoop-ha/ns/ActiveStandbyElectorLock hadoop-elector exclusive node/1 all: ElectorLock=h", Certain,
		},
		{
			"Patroni", dir("/service/batman", "leader", "members", "initialize").with(func(d *Directory) { persistent(d); d.Children[0].Stat.EphemeralOwner = 7 }),
			"/service/batman/leader patroni exclusive node/1 all: leader=h", Certain,
		},
		{
			"Kafka", dir("/", "controller", "controller_epoch", "brokers").with(func(d *Directory) { persistent(d); d.Children[0].Stat.EphemeralOwner = 7 }),
			"/controller kafka-controller exclusive node/1 all: controller=h", Certain,
		},
		{
			"ClickHouse ZooKeeperLock, pykit", dir("/x", "replica.lock", "owner"),
			"/x/replica.lock exclusive-node exclusive node/1 all: replica.lock=h\n/x/owner exclusive-node exclusive node/1 all: owner=h", Likely,
		},
		{
			"the protection of Curator around another name", dir("/a", "_c_"+uuid(1)+"-n_0000000003", "_c_"+uuid(2)+"-n_0000000004"),
			"/a leader-election-support election/1 next: _0000000003=h _0000000004=w0", Likely,
		},
		{
			"a container, a chroot", dir("/chroot/space/locks/orders", "_c_"+uuid(1)+"-lock-0000000003"),
			"/chroot/space/locks/orders curator-mutex mutex/1 next: -0000000003=h", Certain,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			locks := check(t, test.d, Cluster{}, test.want)
			if len(locks) > 0 && locks[0].Certainty != test.sure {
				t.Errorf("certainty %d, want %d", locks[0].Certainty, test.sure)
			}
		})
	}
}

// What looks like a lock and is none.
func TestTraps(t *testing.T) {
	tests := []struct {
		name string
		d    Directory
	}{
		{"nothing", dir("/locks")},
		{"ClickHouse's block numbers", dir("/clickhouse/tables/t/block_numbers/all", "block-0000000003", "block-0000000004")},
		{"ClickHouse's abandonable_lock-", dir("/clickhouse/temp", "abandonable_lock-0000000003")},
		{"BookKeeper's underreplicated ledgers", dir("/ledgers/underreplication/locks", "urL0000000003")},
		{"BookKeeper's ids in a name nobody knows", dir("/ledgers/underreplication/locks", "ledger0000012003")},
		{"a queue", dir("/queue", "queue-0000000003", "queue-0000000004")},
		{"a priority queue of recipes.mdx", dir("/locks/q", "queue-050000000003")},
		{"Solr's queue", dir("/solr/overseer/queue", "qn-0000000003", "qnr-0000000003")},
		{"kazoo's Queue", dir("/q", "entry-100-0000000003", "entry-010-0000000004")},
		{"any priority of three digits", dir("/locks/q", "job-100-0000000003")},
		{"Twitter's ServerSet", dir("/twitter/service/ads", "member_0000000003", "member_0000000004").with(values(`{"serviceEndpoint":{"host":"h","port":1},"additionalEndpoints":{},"status":"ALIVE"}`))},
		{"Twitter's ServerSet where the path says lock", dir("/locks/ads", "member_0000000003").with(values(`{"serviceEndpoint":{"host":"h","port":1}}`))},
		{"Twitter's ServerSet without its value", dir("/twitter/service/ads", "member_0000000003")},
		{"JSON with host and port", dir("/a", "n_0000000003").with(values(`{"host":"h","port":8080}`))},
		{"kazoo's Party", dir("/party", hex32(1)+"__party__0000000003", hex32(2)+"__party__0000000004")},
		{"kazoo's Party where the path says lock", dir("/locks/party", hex32(1)+"__party__0000000003")},
		{"kazoo's DoubleBarrier", dir("/barrier", hex32(1), hex32(2)).with(func(d *Directory) { d.Data = []byte{} })},
		{"Mesos' group", dir("/mesos", "info_0000000003", "json.info_0000000003", "log_replicas")},
		{"Mesos' replicas", dir("/mesos/log_replicas", "0000000003", "0000000004")},
		{"ClickHouse's log, queries and tasks", dir("/a/locks", "log-0000000003", "query-0000000004", "task-0000000005", "id_0000000006")},
		{"persistent sequential children", dir("/locks", "lock-0000000003", "lock-0000000004").with(persistent)},
		{"one persistent among the ephemeral", dir("/a", "lock-0000000003", "lock-0000000004").with(owner(1, 0))},
		{"children with children", dir("/a", "lock-0000000003").with(func(d *Directory) { d.Children[0].Stat.NumChildren = 1 })},
		{"numbers that the server has not given", dir("/a", "lock-0000001000")},
		{"eleven digits that fit no int32", dir("/a", "lock-9999999999", "lock-2147483648")},
		{"a sequence of no known name, and nothing speaks for it", dir("/a", "worker0000000003", "worker0000000004")},
		{"bare numbers where nothing speaks for them", dir("/a/blocks", "0000000003", "0000000004")},
		{"words that contain the word", dir("/clock/selected", "0000000003")},
		{"instances of services", dir("/services/checkout", uuid(1), uuid(2))},
		{"an ephemeral znode has no children", dir("/a", "_c_"+uuid(1)+"-lock-0000000003").with(func(d *Directory) { d.Stat.EphemeralOwner = 1 })},
		{"a persistent leader", dir("/a", "leader", "lock").with(persistent)},
		{"a persistent znode below /locks", dir("/locks", "orders", "invoices").with(persistent)},
		{"lease_holder of another format", dir("/a", "lease_holder").with(persistent).with(values("me"))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if locks := Recognise(test.d, Cluster{}); len(locks) > 0 {
				t.Errorf("recognised %s", shorts(locks))
			}
		})
	}
}
