import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreMutex;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.locks.Revoker;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.recipes.lock.LockListener;
import org.apache.zookeeper.recipes.lock.WriteLock;

/**
 * Takes locks with Curator and with ZooKeeper's own recipe, each with a session of its own, as told.
 * Called with host:port and the session timeout in milliseconds. Reads commands, one a line, and
 * does not wait until they are done:
 *
 * <pre>
 * take NAME KIND PATH SLOTS MOST WITNESS    takes a lock and keeps it, or gives up after MOST
 *                                           milliseconds; 0: never
 * hammer NAME KIND PATH SLOTS MOST WITNESS  takes it again and again, every so often for MOST
 * leave NAME                                lets go of it, or gives up waiting
 * revoke NAME PATH                          asks the holder with this znode for the lock
 * </pre>
 *
 * What comes of it is told in lines of JSON: {"name": …, "is": …}, of "ready", "holds" and "over".
 * Whoever claims to hold writes so into the file WITNESS, and that it does no longer before it lets
 * go: the order of the lines is that of the whole machine. Who has lost the connection claims
 * nothing from then on.
 */
public class CuratorPeers {
  static String address;
  static int timeout;

  static void tell(String name, String now, String more, String value) {
    System.out.println("{\"name\":\"" + name + "\",\"is\":\"" + now + "\",\"" + more + "\":\""
        + value.replaceAll("[\"\\\\\\p{Cntrl}]", " ") + "\"}");
  }

  static String base(String path) {
    return path == null ? "-" : path.substring(path.lastIndexOf('/') + 1);
  }

  /** A lock of some kind, and the znode of who holds it; null where the library does not tell. */
  interface Kind {
    boolean take(long most) throws Exception;

    void give() throws Exception;

    default String node() throws Exception {
      return null;
    }
  }

  static class Mutex extends InterProcessMutex {
    Mutex(CuratorFramework c, String path) {
      super(c, path);
    }

    String node() {
      return getLockPath();
    }
  }

  static class Writer extends InterProcessReadWriteLock.WriteLock {
    Writer(CuratorFramework c, String path) {
      super(c, path, null);
    }

    String node() {
      return getLockPath();
    }
  }

  static class Reader extends InterProcessReadWriteLock.ReadLock {
    Reader(CuratorFramework c, String path) {
      super(c, path, null, new Writer(c, path));
    }

    String node() {
      return getLockPath();
    }
  }

  interface Path {
    String get();
  }

  /** One of Curator's locks. */
  static class Curators implements Kind {
    final InterProcessLock lock;
    final Path path;

    Curators(InterProcessLock lock, Path path) {
      this.lock = lock;
      this.path = path;
    }

    @Override
    public boolean take(long most) throws Exception {
      if (most == 0) {
        lock.acquire();
        return true;
      }
      return lock.acquire(most, TimeUnit.MILLISECONDS);
    }

    @Override
    public void give() throws Exception {
      lock.release();
    }

    @Override
    public String node() {
      return path.get();
    }
  }

  /** One of several places. */
  static class Place implements Kind {
    final String path;
    final InterProcessSemaphoreV2 places;
    Lease lease;

    Place(CuratorFramework c, String path, int slots) {
      this.path = path;
      places = new InterProcessSemaphoreV2(c, path, slots);
    }

    @Override
    public boolean take(long most) throws Exception {
      lease = most == 0 ? places.acquire() : places.acquire(most, TimeUnit.MILLISECONDS);
      return lease != null;
    }

    @Override
    public void give() throws Exception {
      lease.close();
    }

    @Override
    public String node() throws Exception {
      return path + "/leases/" + lease.getNodeName();
    }
  }

  /** ZooKeeper's WriteLock, which makes no parents. Only the thread that calls it waits. */
  static class Written implements Kind {
    final Semaphore got = new Semaphore(0);
    final WriteLock lock;

    Written(CuratorFramework c, String path) throws Exception {
      try {
        c.create().creatingParentsIfNeeded().forPath(path);
      } catch (KeeperException.NodeExistsException another) {
        // made it
      }
      lock = new WriteLock(c.getZookeeperClient().getZooKeeper(), path, ZooDefs.Ids.OPEN_ACL_UNSAFE, new LockListener() {
        @Override
        public void lockAcquired() {
          got.release();
        }

        @Override
        public void lockReleased() {}
      });
    }

    /** Asks again and again: where whom it is to wait for has gone in that moment, WriteLock waits for ever. */
    @Override
    public boolean take(long most) throws Exception {
      got.drainPermits();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(most);
      try {
        while (most == 0 || System.nanoTime() < end) {
          lock.lock();
          if (got.tryAcquire(500, TimeUnit.MILLISECONDS)) {
            return true;
          }
        }
      } catch (InterruptedException e) {
        lock.unlock();
        throw e;
      }
      lock.unlock();
      return false;
    }

    @Override
    public void give() throws Exception {
      lock.unlock();
    }

    @Override
    public String node() {
      return lock.getId();
    }
  }

  static Kind kind(String kind, CuratorFramework c, String path, int slots, Runnable leave) throws Exception {
    switch (kind) {
      case "curator-mutex":
        Mutex m = new Mutex(c, path);
        return new Curators(m, m::node);
      case "curator-revocable":
        Mutex asked = new Mutex(c, path);
        asked.makeRevocable(same -> leave.run());
        return new Curators(asked, asked::node);
      case "curator-read":
        Reader r = new Reader(c, path);
        return new Curators(r, r::node);
      case "curator-write":
        Writer w = new Writer(c, path);
        return new Curators(w, w::node);
      case "curator-semaphore":
        return new Place(c, path, slots);
      case "curator-semaphore-mutex":
        return new Curators(new InterProcessSemaphoreMutex(c, path), () -> null);
      case "writelock":
        return new Written(c, path);
      default:
        throw new IllegalArgumentException(kind);
    }
  }

  /** One who takes a lock, on one thread: Curator's locks belong to threads. */
  static class Party extends Thread {
    final boolean again;
    final String name;
    final String kind;
    final String path;
    final int slots;
    final long most;
    final FileOutputStream witness;
    final CountDownLatch leave = new CountDownLatch(1);
    final Random random;
    final Object mutex = new Object();
    final Semaphore doubt = new Semaphore(0);
    volatile boolean claims;
    boolean sure;
    CuratorFramework client;
    Kind lock;

    Party(String[] word) throws Exception {
      again = word[0].equals("hammer");
      name = word[1];
      kind = word[2];
      path = word[3];
      slots = Integer.parseInt(word[4]);
      most = Long.parseLong(word[5]);
      witness = new FileOutputStream(word[6], true);
      random = new Random(name.hashCode());
      setDaemon(true);
    }

    void write(String line) throws Exception {
      witness.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void connect() throws Exception {
      CuratorFramework c = client = CuratorFrameworkFactory.builder().connectString(address).sessionTimeoutMs(timeout)
          .connectionTimeoutMs(timeout).retryPolicy(new RetryOneTime(100)).build();
      c.getConnectionStateListenable().addListener((same, state) -> state(c, state.isConnected()));
      c.start();
      if (!c.blockUntilConnected(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("no connection");
      }
      doubt.drainPermits();
      state(c, true);
      lock = kind(kind, c, path, slots, leave::countDown);
    }

    void state(CuratorFramework of, boolean connected) {
      synchronized (mutex) {
        if (of != client) {
          return;
        }
        sure = connected;
        if (!connected) {
          unclaim();
          doubt.release();
        }
      }
    }

    boolean claim() throws Exception {
      String mode = kind.endsWith("-read") ? "read" : kind.endsWith("-write") ? "write"
          : kind.contains("semaphore") ? "lease" : "exclusive";
      synchronized (mutex) {
        if (sure) {
          claims = true;
          Instant now = Instant.now();
          write("enter " + name + " " + mode + " " + base(lock.node()) + " " + now.getEpochSecond() + String.format("%09d", now.getNano()));
        }
        return sure;
      }
    }

    void unclaim() {
      synchronized (mutex) {
        if (claims) {
          claims = false;
          try {
            write("leave " + name);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        }
      }
    }

    @Override
    public void run() {
      try {
        connect();
        tell(name, "ready", "session", Long.toHexString(client.getZookeeperClient().getZooKeeper().getSessionId()));
        if (again) {
          hammer();
        } else {
          once();
        }
      } catch (Exception e) {
        tell(name, "over", "why", e.toString());
      }
    }

    void once() throws Exception {
      boolean got;
      try {
        got = lock.take(most);
      } catch (InterruptedException e) {
        got = false;
      }
      if (got && claim()) {
        tell(name, "holds", "node", base(lock.node()));
        leave.await();
        unclaim();
        lock.give();
      }
      tell(name, "over", "why", got ? "" : "gave up");
      client.close();
    }

    void hammer() throws Exception {
      while (leave.getCount() > 0) {
        try {
          cycle();
        } catch (Exception e) {
          // What it made may still be there, and goes with its session.
          unclaim();
          tell(name, "fails", "why", e.toString());
          client.close();
          while (leave.getCount() > 0) {
            try {
              connect();
              break;
            } catch (Exception still) {
              tell(name, "fails", "why", still.toString());
              client.close();
            }
          }
        }
      }
      client.close();
      tell(name, "over", "why", "");
    }

    void cycle() throws Exception {
      if (!lock.take(random.nextInt(5) == 0 ? most : 0)) {
        return;
      }
      if (claim()) {
        tell(name, "holds", "node", "");
        if (doubt.tryAcquire(1 + random.nextInt(7), TimeUnit.MILLISECONDS)) {
          doubt.release();
        }
        unclaim();
        String node = lock.node();
        if (node != null) {
          write("stood " + name + (client.checkExists().forPath(node) != null ? " yes" : " no"));
        }
      }
      lock.give();
      if (doubt.availablePermits() > 0) {
        throw new IllegalStateException("the connection was lost");
      }
      Thread.sleep(random.nextInt(5));
    }
  }

  public static void main(String[] args) throws Exception {
    address = args[0];
    timeout = Integer.parseInt(args[1]);
    Map<String, Party> parties = new HashMap<>();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] word = line.split(" ");
      if (word[0].equals("revoke")) {
        Revoker.attemptRevoke(parties.get(word[1]).client, word[2]);
        continue;
      }
      if (word[0].equals("leave")) {
        Party p = parties.get(word[1]);
        boolean waits = !p.again && !p.claims;
        p.leave.countDown();
        if (waits) {
          p.interrupt();
        }
        continue;
      }
      Party p = new Party(word);
      parties.put(p.name, p);
      p.start();
    }
    System.exit(0); // whatever waits still
  }
}
