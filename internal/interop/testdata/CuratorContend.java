import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.locks.StandardLockInternalsDriver;
import org.apache.curator.retry.RetryOneTime;

/**
 * Contends for locks below /contend with Curator, and says who had what from when to when. Called
 * with host:port and a seed. Says {"ready":true} when all are connected, begins at the first line of
 * input, ends at the second. Each acquisition is a line of JSON once it is over: times in
 * nanoseconds since 1970, "held" by a clock that nobody sets; "got" is null of one that gave up
 * waiting.
 */
public class CuratorContend {
  static final CountDownLatch BEGIN = new CountDownLatch(1);
  static volatile boolean end;

  static CuratorFramework connect(String address) throws Exception {
    CuratorFramework c = CuratorFrameworkFactory.builder().connectString(address).sessionTimeoutMs(20_000)
        .connectionTimeoutMs(15_000).retryPolicy(new RetryOneTime(100)).build();
    c.start();
    if (!c.blockUntilConnected(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no connection to " + address);
    }
    return c;
  }

  static long now() {
    Instant i = Instant.now();
    return i.getEpochSecond() * 1_000_000_000L + i.getNano();
  }

  /** A read lock that tells which znode it has. */
  static class Reader extends InterProcessReadWriteLock.ReadLock {
    Reader(CuratorFramework c, String path) {
      super(c, path, null, new Writer(c, path));
    }

    String node() {
      return getLockPath();
    }
  }

  /** A write lock that tells which znode it has. */
  static class Writer extends InterProcessReadWriteLock.WriteLock {
    Writer(CuratorFramework c, String path) {
      super(c, path, null);
    }

    String node() {
      return getLockPath();
    }
  }

  /** Notes each znode that a mutex makes, also those that it gives up. */
  static class Noting extends StandardLockInternalsDriver {
    volatile String made;

    @Override
    public String createsTheLock(CuratorFramework c, String path, byte[] data) throws Exception {
      return made = super.createsTheLock(c, path, data);
    }
  }

  interface Node {
    String get();
  }

  /** One of two places of a semaphore, as a lock. */
  static class Place implements InterProcessLock {
    final InterProcessSemaphoreV2 places;
    Lease lease;

    Place(CuratorFramework c, String path) {
      places = new InterProcessSemaphoreV2(c, path, 2);
    }

    @Override
    public void acquire() throws Exception {
      lease = places.acquire();
    }

    @Override
    public boolean acquire(long time, TimeUnit unit) throws Exception {
      lease = places.acquire(time, unit);
      return lease != null;
    }

    @Override
    public void release() throws Exception {
      lease.close();
    }

    @Override
    public boolean isAcquiredInThisProcess() {
      return lease != null;
    }

    String node() {
      return lease.getNodeName();
    }
  }

  /** Takes one lock again and again, with a session of its own. */
  static class Client extends Thread {
    final CuratorFramework c;
    final String path;
    final String mode;
    final InterProcessLock lock;
    final Node node;
    final Random random;
    final boolean givesUp;

    Client(CuratorFramework c, String path, String mode, InterProcessLock lock, Node node, long seed) {
      this.c = c;
      this.path = path;
      this.mode = mode;
      this.lock = lock;
      this.node = node;
      this.givesUp = mode.equals("exclusive");
      this.random = new Random(seed);
    }

    void pause(int most) throws Exception {
      Thread.sleep(1 + random.nextInt(most));
    }

    @Override
    public void run() {
      try {
        BEGIN.await();
        while (!end) {
          long asked = now();
          boolean brief = givesUp && random.nextInt(4) == 0;
          boolean has = lock.acquire(brief ? 50 : 60_000, TimeUnit.MILLISECONDS);
          long got = now();
          long clock = System.nanoTime();
          String mine = node.get();
          if (!has) {
            tell(mine, asked, "null", 0, 0);
            continue;
          }
          pause(80);
          long held = System.nanoTime() - clock;
          long left = now();
          lock.release();
          tell(mine, asked, Long.toString(got), left, held);
          pause(30);
        }
        c.close();
      } catch (Exception e) {
        e.printStackTrace();
        System.exit(1);
      }
    }

    void tell(String mine, long asked, String got, long left, long held) throws Exception {
      System.out.println("{\"path\":\"" + path + "\",\"node\":\"" + mine.substring(mine.lastIndexOf('/') + 1)
          + "\",\"session\":\"0x" + Long.toHexString(c.getZookeeperClient().getZooKeeper().getSessionId())
          + "\",\"mode\":\"" + mode + "\",\"asked\":" + asked + ",\"got\":" + got + ",\"left\":" + left + ",\"held\":" + held + "}");
    }
  }

  public static void main(String[] args) throws Exception {
    long seed = Long.parseLong(args[1]);
    List<Client> all = new ArrayList<>();
    for (int k = 0; k < 4; k++) {
      CuratorFramework c = connect(args[0]);
      Noting noting = new Noting();
      InterProcessMutex m = new InterProcessMutex(c, "/contend/curator", noting);
      all.add(new Client(c, "/contend/curator", "exclusive", m, () -> noting.made, seed + k));
    }
    for (int k = 0; k < 3; k++) {
      CuratorFramework c = connect(args[0]);
      Reader r = new Reader(c, "/contend/rw");
      all.add(new Client(c, "/contend/rw", "read", r, r::node, seed + 10 + k));
    }
    for (int k = 0; k < 2; k++) {
      CuratorFramework c = connect(args[0]);
      Writer w = new Writer(c, "/contend/rw");
      all.add(new Client(c, "/contend/rw", "write", w, w::node, seed + 20 + k));
    }
    for (int k = 0; k < 3; k++) {
      CuratorFramework c = connect(args[0]);
      Place p = new Place(c, "/contend/curator-places");
      all.add(new Client(c, "/contend/curator-places", "lease", p, p::node, seed + 30 + k));
    }
    for (Client c : all) {
      c.start();
    }
    System.out.println("{\"ready\":true}");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    in.readLine();
    BEGIN.countDown();
    in.readLine();
    end = true;
    for (Client c : all) {
      c.join();
    }
  }
}
