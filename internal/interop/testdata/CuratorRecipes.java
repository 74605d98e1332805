import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.nodes.PersistentTtlNode;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/**
 * What Curator does with a server: its recipes, one after the other. Called with host:port. Prints
 * what came out of each, and nothing that depends on time or on who was faster.
 */
public class CuratorRecipes {
  static final int PATIENCE = 20;

  static void say(String what, Object... more) {
    StringBuilder b = new StringBuilder(what);
    for (Object o : more) {
      b.append(' ').append(o);
    }
    System.out.println(b);
  }

  static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] b) {
    return b == null ? "null" : new String(b, StandardCharsets.UTF_8);
  }

  static String stat(Stat s) {
    return "v" + s.getVersion() + " c" + s.getCversion() + " a" + s.getAversion() + " len "
        + s.getDataLength() + " kids " + s.getNumChildren() + " eph " + (s.getEphemeralOwner() != 0);
  }

  /** Prints what a call returns, or the code of its error. */
  static void said(String what, Callable<Object> call) throws Exception {
    try {
      say(what, call.call());
    } catch (KeeperException e) {
      say(what, e.code());
    }
  }

  /** Waits until something holds; it only prints when that never comes. */
  static void until(String what, Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
    while (!holds.call()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited in vain: " + what);
      }
      Thread.sleep(5);
    }
  }

  static CuratorFramework connect(String address, String namespace, String user) throws Exception {
    CuratorFrameworkFactory.Builder b = CuratorFrameworkFactory.builder()
        .connectString(address).sessionTimeoutMs(20_000).connectionTimeoutMs(15_000)
        .retryPolicy(new RetryOneTime(100)).namespace(namespace);
    if (user != null) {
      b = b.authorization("digest", bytes(user));
    }
    CuratorFramework c = b.build();
    c.start();
    if (!c.blockUntilConnected(PATIENCE, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no connection to " + address);
    }
    return c;
  }

  static void basics(CuratorFramework c) throws Exception {
    say("# basics");
    said("create", () -> c.create().creatingParentsIfNeeded().forPath("/b/c/d", bytes("one")));
    said("containers", () -> c.create().creatingParentContainersIfNeeded().forPath("/box/in", bytes("x")));
    said("again", () -> c.create().forPath("/b/c/d"));
    said("or set", () -> c.create().orSetData().forPath("/b/c/d", bytes("two")));
    said("sequence", () -> c.create().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath("/b/s-"));
    said("ephemeral", () -> c.create().withMode(CreateMode.EPHEMERAL).forPath("/b/e"));
    said("below it", () -> c.create().forPath("/b/e/x"));
    said("container", () -> c.create().withMode(CreateMode.CONTAINER).forPath("/b/box"));
    said("ttl", () -> c.create().withTtl(3_600_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/b/ttl"));
    said("ttl sequence", () -> c.create().withTtl(3_600_000)
        .withMode(CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL).forPath("/b/ttl-"));
    Stat s = new Stat();
    said("get", () -> text(c.getData().storingStatIn(s).forPath("/b/c/d")));
    say("stat", stat(s));
    said("set", () -> stat(c.setData().withVersion(1).forPath("/b/c/d", bytes("three"))));
    said("old version", () -> stat(c.setData().withVersion(1).forPath("/b/c/d", bytes("four"))));
    said("compressed", () -> c.create().compressed().forPath("/b/z", bytes("zipped")));
    said("decompressed", () -> text(c.getData().decompressed().forPath("/b/z")));
    said("children", () -> new TreeSet<>(c.getChildren().forPath("/b")));
    said("nowhere", () -> c.checkExists().forPath("/nowhere"));
    said("not empty", () -> c.delete().forPath("/b/c"));
    said("guaranteed", () -> c.delete().guaranteed().deletingChildrenIfNeeded().forPath("/b/c"));
    CountDownLatch back = new CountDownLatch(1);
    List<Object> told = new ArrayList<>();
    c.create().inBackground((client, e) -> {
      told.add(e.getType() + " " + e.getResultCode() + " " + e.getPath());
      back.countDown();
    }).forPath("/b/back");
    say("in background", back.await(PATIENCE, TimeUnit.SECONDS), told);
    CountDownLatch synced = new CountDownLatch(1);
    c.sync().inBackground((client, e) -> synced.countDown()).forPath("/b");
    say("sync", synced.await(PATIENCE, TimeUnit.SECONDS));
    said("protected", () -> c.create().withProtection().withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
        .forPath("/b/p-").replaceAll("_c_[-0-9a-f]+-", "_c_ID-"));
    said("config", () -> text(c.getConfig().forEnsemble()));
  }

  static void transactions(CuratorFramework c) throws Exception {
    say("# transactions");
    CuratorOp make = c.transactionOp().create().forPath("/t", bytes("a"));
    CuratorOp check = c.transactionOp().check().withVersion(0).forPath("/t");
    CuratorOp set = c.transactionOp().setData().withVersion(0).forPath("/t", bytes("b"));
    CuratorOp ttl = c.transactionOp().create().withTtl(3_600_000)
        .withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/t/ttl", bytes("x"));
    CuratorOp drop = c.transactionOp().delete().forPath("/t/ttl");
    for (CuratorTransactionResult r : c.transaction().forOperations(make, check, set, ttl, drop)) {
      say("done", r.getType(), r.getForPath(), r.getError(), r.getResultPath(),
          r.getResultStat() == null ? "no stat" : stat(r.getResultStat()));
    }
    try {
      c.transaction().forOperations(
          c.transactionOp().create().forPath("/t/x"), make, c.transactionOp().delete().forPath("/t"));
    } catch (KeeperException e) {
      say("failed", e.code());
      for (var r : e.getResults()) {
        say("result", r.getType(), ((org.apache.zookeeper.OpResult.ErrorResult) r).getErr());
      }
    }
    said("left", () -> c.getChildren().forPath("/t"));
  }

  static void caches(CuratorFramework c, CuratorFramework other) throws Exception {
    say("# caches");
    other.create().creatingParentsIfNeeded().forPath("/cache/a", bytes("1"));
    List<String> told = java.util.Collections.synchronizedList(new ArrayList<>());
    try (CuratorCache cache = CuratorCache.build(c, "/cache")) {
      CountDownLatch ready = new CountDownLatch(1);
      cache.listenable().addListener((type, before, after) -> {
        ChildData d = after == null ? before : after;
        told.add(type + " " + d.getPath() + " " + text(d.getData()));
      });
      cache.listenable().addListener(
          org.apache.curator.framework.recipes.cache.CuratorCacheListener.builder().forInitialized(ready::countDown).build());
      cache.start();
      say("initialized", ready.await(PATIENCE, TimeUnit.SECONDS), cache.size());
      int n = told.size();
      other.create().forPath("/cache/b", bytes("2"));
      until("created", () -> told.size() > n);
      other.setData().forPath("/cache/b", bytes("3"));
      until("changed", () -> told.size() > n + 1);
      other.create().forPath("/cache/b/c", bytes("4"));
      until("below", () -> told.size() > n + 2);
      other.delete().forPath("/cache/b/c");
      until("deleted", () -> told.size() > n + 3);
      other.delete().forPath("/cache/a");
      until("deleted", () -> told.size() > n + 4);
      java.util.Collections.sort(told.subList(0, n)); // the first reading's answers come in any order
      for (String s : told) {
        say("cache", s);
      }
    }
    List<String> heard = java.util.Collections.synchronizedList(new ArrayList<>());
    try (PersistentWatcher w = new PersistentWatcher(c, "/cache", true)) {
      w.getListenable().addListener(e -> heard.add(e.getType() + " " + e.getPath()));
      CountDownLatch set = new CountDownLatch(1);
      w.getResetListenable().addListener(set::countDown);
      w.start();
      say("watching", set.await(PATIENCE, TimeUnit.SECONDS));
      other.create().forPath("/cache/p/q".substring(0, 8));
      other.create().forPath("/cache/p/q");
      other.setData().forPath("/cache/p/q", bytes("x"));
      other.delete().deletingChildrenIfNeeded().forPath("/cache/p");
      until("watched", () -> heard.size() == 5);
      say("heard", heard);
    }
    List<String> once = java.util.Collections.synchronizedList(new ArrayList<>());
    c.watchers().add().withMode(AddWatchMode.PERSISTENT).usingWatcher(
        (org.apache.zookeeper.Watcher) e -> once.add(e.getType() + " " + e.getPath())).forPath("/cache");
    other.create().forPath("/cache/r");
    until("told", () -> once.size() == 1);
    c.watchers().removeAll().forPath("/cache");
    until("removed", () -> once.size() == 2);
    say("told", once);
    said("none", () -> c.watchers().removeAll().forPath("/cache"));
  }

  static void locks(CuratorFramework c, CuratorFramework other) throws Exception {
    say("# locks");
    InterProcessMutex a = new InterProcessMutex(c, "/lock");
    InterProcessMutex b = new InterProcessMutex(other, "/lock");
    say("first", a.acquire(PATIENCE, TimeUnit.SECONDS));
    say("second in time", b.acquire(300, TimeUnit.MILLISECONDS));
    List<String> order = java.util.Collections.synchronizedList(new ArrayList<>());
    Thread t = new Thread(() -> {
      try {
        b.acquire();
        order.add("second");
        b.release();
      } catch (Exception e) {
        order.add(e.toString());
      }
    });
    t.start();
    until("queued", () -> a.getParticipantNodes().size() == 2);
    order.add("first");
    a.release();
    t.join(PATIENCE * 1000L);
    say("order", order);
    InterProcessReadWriteLock ra = new InterProcessReadWriteLock(c, "/rw");
    InterProcessReadWriteLock rb = new InterProcessReadWriteLock(other, "/rw");
    say("read", ra.readLock().acquire(PATIENCE, TimeUnit.SECONDS), rb.readLock().acquire(PATIENCE, TimeUnit.SECONDS));
    rb.readLock().release();
    say("write in time", rb.writeLock().acquire(300, TimeUnit.MILLISECONDS));
    ra.readLock().release();
    say("write", rb.writeLock().acquire(PATIENCE, TimeUnit.SECONDS));
    rb.writeLock().release();
    InterProcessSemaphoreV2 s = new InterProcessSemaphoreV2(c, "/sem", 1);
    Lease lease = s.acquire(PATIENCE, TimeUnit.SECONDS);
    say("lease", lease != null, new InterProcessSemaphoreV2(other, "/sem", 1).acquire(300, TimeUnit.MILLISECONDS));
    s.returnLease(lease);
  }

  static void others(CuratorFramework c, CuratorFramework other) throws Exception {
    say("# others");
    LeaderLatch one = new LeaderLatch(c, "/latch", "one");
    LeaderLatch two = new LeaderLatch(other, "/latch", "two");
    one.start();
    one.await(PATIENCE, TimeUnit.SECONDS);
    two.start();
    until("joined", () -> one.getParticipants().size() == 2);
    say("leader", two.getLeader(), one.hasLeadership(), two.hasLeadership());
    one.close();
    say("next", two.await(PATIENCE, TimeUnit.SECONDS), two.getLeader());
    two.close();
    DistributedAtomicLong n = new DistributedAtomicLong(c, "/atomic", new RetryOneTime(10));
    DistributedAtomicLong m = new DistributedAtomicLong(other, "/atomic", new RetryOneTime(10));
    say("initialize", n.initialize(40L), n.initialize(7L));
    AtomicValue<Long> v = m.add(2L);
    say("add", v.succeeded(), v.preValue(), v.postValue());
    say("compare and set", n.compareAndSet(41L, 1L).succeeded(), n.compareAndSet(42L, 43L).succeeded(), m.get().postValue());
    DistributedBarrier bar = new DistributedBarrier(c, "/bar");
    bar.setBarrier();
    say("barrier", new DistributedBarrier(other, "/bar").waitOnBarrier(300, TimeUnit.MILLISECONDS));
    bar.removeBarrier();
    say("removed", new DistributedBarrier(other, "/bar").waitOnBarrier(PATIENCE, TimeUnit.SECONDS));
    try (PersistentNode p = new PersistentNode(c, CreateMode.EPHEMERAL, false, "/persistent", bytes("p"))) {
      p.start();
      say("persistent", p.waitForInitialCreate(PATIENCE, TimeUnit.SECONDS), p.getActualPath());
      long before = other.checkExists().forPath("/persistent").getCzxid();
      other.delete().forPath("/persistent");
      until("created again", () -> {
        Stat s = other.checkExists().forPath("/persistent");
        return s != null && s.getCzxid() > before;
      });
      say("again", text(other.getData().forPath("/persistent")));
    }
    try (PersistentTtlNode p = new PersistentTtlNode(c, "/lasting", 3_600_000, bytes("t"))) {
      p.start();
      say("ttl node", p.waitForInitialCreate(PATIENCE, TimeUnit.SECONDS), text(other.getData().forPath("/lasting")));
    }
    try (GroupMember g = new GroupMember(c, "/group", "g"); GroupMember h = new GroupMember(other, "/group", "h")) {
      g.start();
      h.start();
      until("members", () -> g.getCurrentMembers().size() == 2);
      say("members", new TreeSet<>(g.getCurrentMembers().keySet()));
    }
  }

  static void permissions(CuratorFramework c, CuratorFramework other) throws Exception {
    say("# permissions");
    List<ACL> mine = ZooDefs.Ids.CREATOR_ALL_ACL;
    said("closed", () -> c.create().withACL(mine).forPath("/closed", bytes("hush")));
    said("mine", () -> text(c.getData().forPath("/closed")));
    said("stranger", () -> text(other.getData().forPath("/closed")));
    said("acl", () -> c.getACL().forPath("/closed"));
    said("read", () -> stat(c.setACL().withACL(List.of(new ACL(ZooDefs.Perms.READ, ZooDefs.Ids.ANYONE_ID_UNSAFE),
        new ACL(ZooDefs.Perms.ALL, new Id("auth", "")))).forPath("/closed")));
    said("stranger reads", () -> text(other.getData().forPath("/closed")));
    said("masked", () -> other.getACL().forPath("/closed"));
    said("stranger writes", () -> other.setData().forPath("/closed", bytes("x")));
    said("bad", () -> c.setACL().withACL(List.of(new ACL(1, new Id("nosuch", "x")))).forPath("/closed"));
    said("who", () -> {
      Collection<String> who = new TreeSet<>();
      c.getZookeeperClient().getZooKeeper().whoAmI().forEach(i -> who.add(i.getAuthScheme() + ":" + i.getUser()));
      return who;
    });
  }

  public static void main(String[] args) throws Exception {
    try (CuratorFramework root = connect(args[0], null, null)) {
      root.create().forPath("/chroot");
      try (CuratorFramework c = connect(args[0] + "/chroot", "space", "ann:secret");
          CuratorFramework other = connect(args[0] + "/chroot", "space", null)) {
        basics(c);
        transactions(c);
        caches(c, other);
        locks(c, other);
        others(c, other);
        permissions(c, other);
      }
      say("left", new TreeSet<>(root.getChildren().forPath("/chroot/space")));
      root.delete().deletingChildrenIfNeeded().forPath("/chroot/space/b");
      say("ephemerals", root.getZookeeperClient().getZooKeeper().getEphemerals());
      say("all", root.getZookeeperClient().getZooKeeper().getAllChildrenNumber("/chroot"));
    }
    say("done");
  }
}
