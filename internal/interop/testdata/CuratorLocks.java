import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.atomic.PromotedToLock;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.leader.Participant;
import org.apache.curator.framework.recipes.locks.InterProcessMultiLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphore;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreMutex;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.recipes.leader.LeaderElectionSupport;
import org.apache.zookeeper.recipes.lock.LockListener;
import org.apache.zookeeper.recipes.lock.WriteLock;

/**
 * Makes locks with Curator and with ZooKeeper's own recipes, holds them, and says who has what.
 * Called with host:port. Reads commands, one a line, and answers each with a line of JSON when all
 * is as it was asked for:
 *
 * <pre>
 * open SCENE PATH HOLD   takes the scene's locks and waits until HOLD say that they hold
 * release NAME HOLD      NAME lets go, or gives up waiting; waits until HOLD hold
 * close                  ends all sessions
 * </pre>
 */
public class CuratorLocks {
  static final int PATIENCE = 30;
  static final Object CHANGED = new Object();

  static String address;
  static final List<CuratorFramework> clients = new ArrayList<>();
  static final List<ZooKeeper> bare = new ArrayList<>();
  static final List<AutoCloseable> things = new ArrayList<>();
  static final Map<String, Taker> takers = new TreeMap<>();
  static Callable<Collection<String>> order;

  static CuratorFramework connect() throws Exception {
    CuratorFramework c = CuratorFrameworkFactory.builder().connectString(address).sessionTimeoutMs(20_000)
        .connectionTimeoutMs(15_000).retryPolicy(new RetryOneTime(100)).build();
    c.start();
    clients.add(c);
    if (!c.blockUntilConnected(PATIENCE, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no connection to " + address);
    }
    return c;
  }

  static ZooKeeper plain() throws Exception {
    CountDownLatch up = new CountDownLatch(1);
    ZooKeeper zk = new ZooKeeper(address, 20_000, e -> {
      if (e.getState() == org.apache.zookeeper.Watcher.Event.KeeperState.SyncConnected) {
        up.countDown();
      }
    });
    bare.add(zk);
    if (!up.await(PATIENCE, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no connection to " + address);
    }
    return zk;
  }

  static void until(String what, Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
    while (!holds.call()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited in vain: " + what);
      }
      synchronized (CHANGED) {
        CHANGED.wait(5);
      }
    }
  }

  static String base(String path) {
    return path == null ? null : path.substring(path.lastIndexOf('/') + 1);
  }

  /** What lets go of what was taken. */
  interface Give {
    void now() throws Exception;
  }

  /** Takes something, on its own thread, and keeps it until told: locks belong to threads. */
  static class Taker extends Thread {
    final String name;
    final String mode;
    final long session;
    final CountDownLatch leave = new CountDownLatch(1);
    final Callable<Give> take;
    volatile boolean holds;
    volatile boolean gone; // what it had is given back
    volatile boolean partly; // it has a part of what it wants
    volatile String identity; // null: it says nothing of that
    volatile String node;

    Taker(String name, String mode, long session, Callable<Give> take) {
      this.name = name;
      this.mode = mode;
      this.session = session;
      this.take = take;
      setDaemon(true);
      takers.put(name, this);
    }

    Taker(String name, String mode, CuratorFramework c, Callable<Give> take) throws Exception {
      this(name, mode, c.getZookeeperClient().getZooKeeper().getSessionId(), take);
    }

    void now(boolean is) {
      synchronized (CHANGED) {
        holds = is;
        CHANGED.notifyAll();
      }
    }

    @Override
    public void run() {
      try {
        Give give = take.call();
        now(true);
        leave.await();
        now(false);
        give.now();
      } catch (Exception e) {
        // the end of the session, mostly, or it gave up; it does not hold then
      }
      gone = true;
    }

    String says() {
      return "{\"name\":\"" + name + "\",\"mode\":\"" + mode + "\",\"session\":\"0x" + Long.toHexString(session)
          + "\",\"holds\":" + (partly ? "null" : holds) + ",\"identity\":" + quoted(identity) + ",\"node\":" + quoted(node) + "}";
    }
  }

  static String quoted(String s) {
    return s == null ? "null" : "\"" + s + "\"";
  }

  /** A mutex that tells which znode it has. */
  static class Mutex extends InterProcessMutex {
    Mutex(CuratorFramework c, String path) {
      super(c, path);
    }

    String node() {
      return base(getLockPath());
    }
  }

  /** Waits until so many znodes are there. */
  static void queued(String path, int wanted) throws Exception {
    CuratorFramework c = clients.get(0);
    until(wanted + " children of " + path, () -> c.checkExists().forPath(path) != null
        && c.getChildren().forPath(path).size() >= wanted);
  }

  /** Starts takers so that each queues behind the one before it. */
  static void enqueue(String path, Taker... made) throws Exception {
    int k = 0;
    for (Taker t : made) {
      t.start();
      queued(path, ++k);
    }
  }

  static Taker mutexTaker(String name, String path) throws Exception {
    CuratorFramework c = connect();
    Mutex m = new Mutex(c, path);
    Taker[] t = new Taker[1];
    t[0] = new Taker(name, "exclusive", c, () -> {
      m.acquire();
      t[0].node = m.node();
      return m::release;
    });
    t[0].identity = java.net.InetAddress.getLocalHost().getHostAddress();
    return t[0];
  }

  static Taker rwTaker(String name, CuratorFramework c, String path, boolean write) throws Exception {
    InterProcessReadWriteLock l = new InterProcessReadWriteLock(c, path, name.getBytes(StandardCharsets.UTF_8));
    InterProcessMutex m = write ? l.writeLock() : l.readLock();
    Taker t = new Taker(name, write ? "write" : "read", c, () -> {
      m.acquire();
      return m::release;
    });
    t.identity = name;
    return t;
  }

  static void mutex(String path) throws Exception {
    enqueue(path, mutexTaker("a", path), mutexTaker("b", path), mutexTaker("c", path));
    InterProcessMutex any = new InterProcessMutex(clients.get(0), path);
    order = any::getParticipantNodes;
  }

  /** Joins what is there. */
  static void behind(String path) throws Exception {
    Taker b = mutexTaker("b", path);
    int there = clients.get(0).getChildren().forPath(path).size();
    b.start();
    queued(path, there + 1);
  }

  static void readWrite(String path) throws Exception {
    enqueue(path, rwTaker("r1", connect(), path, false), rwTaker("r2", connect(), path, false),
        rwTaker("w1", connect(), path, true), rwTaker("r3", connect(), path, false), rwTaker("w2", connect(), path, true),
        rwTaker("r4", connect(), path, false));
    order = new InterProcessReadWriteLock(clients.get(0), path).readLock()::getParticipantNodes;
  }

  /** One who writes reads as well, on one thread, while others wait. */
  static void downgrade(String path) throws Exception {
    CuratorFramework c = connect();
    InterProcessReadWriteLock l = new InterProcessReadWriteLock(c, path);
    Taker[] self = new Taker[1];
    Taker own = self[0] = new Taker("own", "write", c, () -> {
      l.writeLock().acquire();
      l.readLock().acquire();
      return () -> {
        l.writeLock().release(); // and goes on reading
        self[0].gone = true;
        takers.get("own-read").leave.await();
        l.readLock().release();
      };
    });
    Taker reads = new Taker("own-read", "read", c, null);
    reads.now(true);
    reads.gone = true;
    own.start();
    queued(path, 2);
    Taker r = rwTaker("r", connect(), path, false);
    Taker w = rwTaker("w", connect(), path, true);
    r.start();
    queued(path, 3);
    w.start();
    queued(path, 4);
    order = l.readLock()::getParticipantNodes;
  }

  /** Another thread of the client that writes wants to read: it has to wait. */
  static void otherThread(String path) throws Exception {
    CuratorFramework c = connect();
    enqueue(path, rwTaker("w", c, path, true), rwTaker("r", c, path, false));
  }

  static void semaphoreV2(String path) throws Exception {
    for (int k = 0; k < 4; k++) {
      String name = "abcd".substring(k, k + 1);
      CuratorFramework c = connect();
      InterProcessSemaphoreV2 s = new InterProcessSemaphoreV2(c, path, 2);
      s.setNodeData(name.getBytes(StandardCharsets.UTF_8));
      Taker[] t = new Taker[1];
      t[0] = new Taker(name, "lease", c, () -> {
        Lease lease = s.acquire();
        t[0].node = lease.getNodeName();
        return lease::close;
      });
      t[0].identity = name;
      t[0].start();
      if (k < 2) {
        until("a place", () -> t[0].holds);
      } else {
        queued(path + "/locks", k - 1);
        queued(path + "/leases", 3);
      }
    }
  }

  static void semaphoreMutex(String path) throws Exception {
    for (int k = 0; k < 3; k++) {
      CuratorFramework c = connect();
      InterProcessSemaphoreMutex m = new InterProcessSemaphoreMutex(c, path);
      Taker t = new Taker("abc".substring(k, k + 1), "lease", c, () -> {
        m.acquire();
        return m::release;
      });
      t.start();
      if (k == 0) {
        until("the place", () -> t.holds);
      } else {
        queued(path + "/locks", k);
        queued(path + "/leases", 2);
      }
    }
  }

  static void semaphoreV1(String path) throws Exception {
    Taker[] made = new Taker[5];
    for (int k = 0; k < made.length; k++) {
      CuratorFramework c = connect();
      InterProcessSemaphore s = new InterProcessSemaphore(c, path, 2);
      int n = k;
      made[k] = new Taker("abcde".substring(k, k + 1), "exclusive", c, () -> {
        Lease lease = s.acquire();
        made[n].node = lease.getNodeName();
        return lease::close;
      });
    }
    enqueue(path, made);
  }

  static void latch(String path) throws Exception {
    List<LeaderLatch> latches = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      CuratorFramework c = connect();
      LeaderLatch l = new LeaderLatch(c, path, name);
      latches.add(l);
      Taker t = new Taker(name, "exclusive", c, () -> {
        l.start();
        l.await();
        return l::close;
      });
      t.identity = name;
      t.start();
      queued(path, latches.size());
      until("its path", () -> l.getOurPath() != null);
      t.node = base(l.getOurPath());
    }
    order = () -> {
      List<String> ids = new ArrayList<>();
      for (Participant p : latches.get(0).getParticipants()) {
        ids.add(p.getId());
      }
      return ids;
    };
  }

  static void selector(String path) throws Exception {
    List<LeaderSelector> all = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      CuratorFramework c = connect();
      Taker[] t = new Taker[1];
      LeaderSelector s = new LeaderSelector(c, path, new LeaderSelectorListenerAdapter() {
        @Override
        public void takeLeadership(CuratorFramework client) throws Exception {
          t[0].now(true);
          t[0].leave.await();
          t[0].now(false);
        }
      });
      s.setId(name);
      all.add(s);
      things.add(s);
      t[0] = new Taker(name, "exclusive", c, null);
      t[0].identity = name;
      t[0].gone = true; // the next one leads only when it is
      s.start();
      queued(path, all.size());
    }
    order = () -> {
      List<String> ids = new ArrayList<>();
      for (Participant p : all.get(all.size() - 1).getParticipants()) {
        ids.add(p.getId());
      }
      return ids;
    };
  }

  /** Two mutexes at once, one of which somebody has: PATH/one and PATH/two. */
  static void multi(String path) throws Exception {
    Taker a = mutexTaker("a", path + "/two");
    enqueue(path + "/two", a);
    CuratorFramework c = connect();
    InterProcessMultiLock both = new InterProcessMultiLock(c, List.of(path + "/one", path + "/two"));
    Taker b = new Taker("b", "exclusive", c, () -> {
      both.acquire();
      return both::release;
    });
    b.partly = true; // of these two it has the one and waits for the other
    b.start();
    queued(path + "/two", 2);
  }

  static void writeLock(String path) throws Exception {
    connect().create().creatingParentsIfNeeded().forPath(path);
    for (String name : List.of("a", "b", "c")) {
      ZooKeeper zk = plain();
      CountDownLatch got = new CountDownLatch(1);
      WriteLock l = new WriteLock(zk, path, ZooDefs.Ids.OPEN_ACL_UNSAFE, new LockListener() {
        @Override
        public void lockAcquired() {
          got.countDown();
        }

        @Override
        public void lockReleased() {}
      });
      Taker t = new Taker(name, "exclusive", zk.getSessionId(), () -> {
        l.lock();
        got.await();
        return l::unlock;
      });
      t.identity = "";
      t.start();
      queued(path, takers.size());
      until("its id", () -> l.getId() != null);
      t.node = base(l.getId());
    }
  }

  static void electionSupport(String path) throws Exception {
    connect().create().creatingParentsIfNeeded().forPath(path);
    List<LeaderElectionSupport> all = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      ZooKeeper zk = plain();
      LeaderElectionSupport e = new LeaderElectionSupport();
      e.setZooKeeper(zk);
      e.setRootNodeName(path);
      e.setHostName(name);
      all.add(e);
      CountDownLatch elected = new CountDownLatch(1);
      e.addListener(type -> {
        if (type == LeaderElectionSupport.EventType.ELECTED_COMPLETE) {
          elected.countDown();
        }
      });
      Taker t = new Taker(name, "exclusive", zk.getSessionId(), () -> {
        e.start();
        elected.await();
        return e::stop;
      });
      t.identity = name;
      t.start();
      queued(path, all.size());
    }
  }

  static final QueueSerializer<String> TEXT = new QueueSerializer<>() {
    @Override
    public byte[] serialize(String s) {
      return s.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String deserialize(byte[] b) {
      return new String(b, StandardCharsets.UTF_8);
    }
  };

  /** A consumer that is in the middle of an item until all ends. */
  static class Busy implements QueueConsumer<String> {
    final CountDownLatch got = new CountDownLatch(1);
    final CountDownLatch end = new CountDownLatch(1);

    @Override
    public void consumeMessage(String s) throws Exception {
      got.countDown();
      end.await();
    }

    @Override
    public void stateChanged(CuratorFramework c, ConnectionState s) {}
  }

  /** What looks a little like locks and is none. */
  static void traps(String path) throws Exception {
    String locks = path + "/locks/";
    CuratorFramework c = connect();
    CuratorFramework other = connect();
    c.create().creatingParentsIfNeeded().forPath(path + "/locks");
    DistributedQueue<String> q = QueueBuilder.builder(c, null, TEXT, locks + "queue").buildQueue();
    q.start();
    q.put("one");
    q.put("two");
    var p = QueueBuilder.builder(c, null, TEXT, locks + "priority").buildPriorityQueue(0);
    p.start();
    p.put("one", 7);
    p.put("two", -7);
    var d = QueueBuilder.builder(c, null, TEXT, locks + "delayed").buildDelayQueue();
    d.start();
    d.put("later", System.currentTimeMillis() + 3_600_000);
    var i = QueueBuilder.builder(c, null, TEXT, locks + "ids").buildIdQueue();
    i.start();
    i.put("one", "id-one");
    Busy busy = new Busy();
    var safe = QueueBuilder.builder(c, busy, TEXT, locks + "safe").lockPath(locks + "safe-locks").buildQueue();
    safe.start();
    safe.put("one");
    things.add(busy.end::countDown);
    things.addAll(List.of(q, p, d, i, safe));
    if (!busy.got.await(PATIENCE, TimeUnit.SECONDS)) {
      throw new IllegalStateException("waited in vain for an item");
    }
    SimpleDistributedQueue simple = new SimpleDistributedQueue(c, locks + "simple");
    simple.offer(new byte[] {1});
    simple.offer(new byte[] {2});
    ZooKeeper zk = plain();
    new org.apache.zookeeper.recipes.queue.DistributedQueue(zk, locks + "qn", ZooDefs.Ids.OPEN_ACL_UNSAFE).offer(new byte[] {1});
    int n = 0;
    for (CuratorFramework one : List.of(c, other)) {
      GroupMember g = new GroupMember(one, locks + "group", "member-" + n);
      g.start();
      things.add(g);
      PersistentNode e = new PersistentNode(one, CreateMode.EPHEMERAL, false, locks + "node-" + n, new byte[] {'x'});
      e.start();
      things.add(e);
      PersistentNode s = new PersistentNode(one, CreateMode.EPHEMERAL_SEQUENTIAL, true, path + "/workers/worker-", new byte[] {'x'});
      s.start();
      things.add(s);
      if (!e.waitForInitialCreate(PATIENCE, TimeUnit.SECONDS) || !s.waitForInitialCreate(PATIENCE, TimeUnit.SECONDS)) {
        throw new IllegalStateException("waited in vain for a node");
      }
      DistributedDoubleBarrier b = new DistributedDoubleBarrier(one, locks + "double", 3);
      Thread t = new Thread(() -> {
        try {
          b.enter();
        } catch (Exception ended) {
          // with the session
        }
      });
      t.setDaemon(true);
      t.start();
      queued(locks + "double", ++n);
    }
    new DistributedBarrier(c, locks + "barrier").setBarrier();
    SharedCount count = new SharedCount(c, locks + "count", 3);
    count.start();
    things.add(count);
    DistributedAtomicLong atomic = new DistributedAtomicLong(c, locks + "atomic", new RetryOneTime(10));
    atomic.increment();
    queued(locks + "queue", 2);
    queued(locks + "priority", 2);
    queued(locks + "delayed", 1);
    queued(locks + "ids", 1);
    queued(locks + "group", 2);
  }

  static void open(String scene, String path) throws Exception {
    switch (scene) {
      case "mutex": mutex(path); break;
      case "behind": behind(path); break;
      case "read_write": readWrite(path); break;
      case "downgrade": downgrade(path); break;
      case "other_thread": otherThread(path); break;
      case "semaphore_v2": semaphoreV2(path); break;
      case "semaphore_mutex": semaphoreMutex(path); break;
      case "semaphore_v1": semaphoreV1(path); break;
      case "latch": latch(path); break;
      case "selector": selector(path); break;
      case "multi": multi(path); break;
      case "write_lock": writeLock(path); break;
      case "election_support": electionSupport(path); break;
      case "traps": traps(path); break;
      default: throw new IllegalArgumentException(scene);
    }
  }

  static void report(int hold) throws Exception {
    until(hold + " hold", () -> takers.values().stream().filter(t -> t.holds).count() == hold);
    StringBuilder b = new StringBuilder("{\"who\":[");
    for (Taker t : takers.values()) {
      b.append(b.length() > 8 ? "," : "").append(t.says());
    }
    b.append("],\"order\":[");
    if (order != null) {
      String comma = "";
      for (String s : order.call()) {
        b.append(comma).append(quoted(base(s)));
        comma = ",";
      }
    }
    System.out.println(b.append("]}"));
  }

  static void close() throws Exception {
    for (AutoCloseable t : things) {
      t.close();
    }
    for (CuratorFramework c : clients) {
      c.close();
    }
    for (ZooKeeper zk : bare) {
      zk.close();
    }
    things.clear();
    clients.clear();
    bare.clear();
    takers.clear();
    order = null;
  }

  public static void main(String[] args) throws Exception {
    address = args[0];
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] word = line.split(" ");
      switch (word[0]) {
        case "open":
          open(word[1], word[2]);
          report(Integer.parseInt(word[3]));
          break;
        case "release":
          Taker t = takers.remove(word[1]);
          if (!t.holds) {
            t.interrupt();
          }
          t.leave.countDown();
          until("its release", () -> t.gone);
          report(Integer.parseInt(word[2]));
          break;
        default:
          close();
          System.out.println("{}");
      }
    }
    System.exit(0); // the sessions' threads and those that wait
  }
}
