"""Makes locks with kazoo, holds them, and says who has what.

Called with host:port. Reads commands, one a line, and answers each with a line of
JSON when all is as it was asked for:

    open SCENE PATH HOLD   takes the scene's locks, each with a session of its own, and
                           waits until HOLD of them say that they hold
    release NAME HOLD      NAME lets go, or gives up waiting; waits until HOLD hold
    close                  ends all sessions
"""

import datetime
import json
import logging
import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError
from kazoo.recipe.party import ShallowParty

logging.disable(logging.CRITICAL)
address = sys.argv[1]
PATIENCE = 30
clients, takers, things = [], [], []
changed = threading.Condition()


def connect():
    client = KazooClient(hosts=address, timeout=20)
    client.start(timeout=PATIENCE)
    clients.append(client)
    return client


def until(what, holds):
    with changed:
        if not changed.wait_for(holds, PATIENCE):
            raise SystemExit("waited in vain: " + what)


class Taker(threading.Thread):
    """Takes a lock with a session of its own and keeps it until told."""

    def __init__(self, name, mode="exclusive"):
        super().__init__(daemon=True)
        self.name, self.mode, self.client = name, mode, connect()
        self.holds, self.leave = False, threading.Event()
        self.error = None
        takers.append(self)

    def take(self):
        self.lock.acquire()

    def give(self):
        self.lock.release()

    def run(self):
        try:
            self.take()
            self.now(True)
            self.leave.wait()
            self.now(False)
            self.give()
        except Exception as e:  # the end of the session, mostly
            self.error = e

    def now(self, holds):
        with changed:
            self.holds = holds
            changed.notify_all()

    def node(self):
        return None

    def before(self):
        return None

    def says(self):
        return {
            "name": self.name, "mode": self.mode, "session": "0x%x" % self.client.client_id[0],
            "holds": self.holds, "identity": self.name, "node": self.node(), "before": self.before(),
        }


class Lock(Taker):
    """kazoo's Lock, ReadLock or WriteLock."""

    def __init__(self, name, path, kind="Lock", mode="exclusive", **more):
        super().__init__(name, mode)
        self.lock = getattr(self.client, kind)(path, name, **more)

    def node(self):
        return self.lock.node

    def before(self):
        """Whom kazoo itself says to be waiting for. Its readers before 2.9 name the last
        writer that there is by now, which is not whom they watch."""
        if self.holds or not self.lock.node or self.mode == "read":
            return None
        return self.lock._get_predecessor(self.lock.node)


class Kept(Lock):
    """A lock that outlives its session."""

    def take(self):
        self.lock.acquire(ephemeral=False)


class Election(Lock):
    def __init__(self, name, path):
        Taker.__init__(self, name)
        self.election = self.client.Election(path, name)
        self.lock = self.election.lock

    def run(self):
        def lead():
            self.now(True)
            self.leave.wait()
            self.now(False)

        try:
            self.election.run(lead)
        except Exception as e:
            self.error = e


class Semaphore(Taker):
    def __init__(self, name, path, leases):
        super().__init__(name, "lease")
        self.lock = self.client.Semaphore(path, name, max_leases=leases)

    def node(self):
        return self.lock.create_path.rpartition("/")[2] if self.holds else None


class Naive(Taker):
    """A tutorial's lock, as it is found in programs: everybody watches the children, and
    the first by name has it."""

    def __init__(self, name, path):
        super().__init__(name)
        self.path, self.own, self.woken = path, None, threading.Event()

    def take(self):
        made = self.client.create(self.path + "/lock_id_", b"1363852951.82", ephemeral=True, sequence=True, makepath=True)
        self.own = made.rpartition("/")[2]
        while True:
            self.woken.clear()
            if sorted(self.client.get_children(self.path, watch=lambda e: self.woken.set()))[0] == self.own:
                return
            self.woken.wait()

    def give(self):
        self.client.delete(self.path + "/" + self.own)

    def node(self):
        return self.own

    def says(self):
        return dict(super().says(), identity="")


def queued(client, path, wanted):
    """Waits until so many znodes are there."""
    while True:
        woken = threading.Event()
        try:
            n = len(client.get_children(path, watch=lambda e: woken.set()))
        except NoNodeError:
            n = 0
            if client.exists(path, watch=lambda e: woken.set()):
                continue
        if n >= wanted:
            return
        if not woken.wait(PATIENCE):
            raise SystemExit("waited in vain for %d children of %s" % (wanted, path))


def enqueue(path, *made, queue=None):
    """Starts takers so that each queues behind the one before it."""
    look = clients[0]
    for k, taker in enumerate(made):
        taker.start()
        if queue is None:
            queued(look, path, k + 1)
        else:
            queue(k, taker)


def locks(path):
    enqueue(path, *[Lock(n, path) for n in ("a", "b", "c")])
    return takers[0].lock.contenders


def read_write(path):
    enqueue(
        path,
        Lock("r1", path, "ReadLock", "read"), Lock("r2", path, "ReadLock", "read"),
        Lock("w1", path, "WriteLock"), Lock("r3", path, "ReadLock", "read"), Lock("w2", path, "WriteLock"),
    )
    return takers[2].lock.contenders


def reader_between(path):
    """A reader between two writers: with kazoo before 2.9 it waits for the later one."""
    enqueue(path, Lock("w1", path, "WriteLock"), Lock("r", path, "ReadLock", "read"), Lock("w2", path, "WriteLock"))
    return takers[0].lock.contenders


def election(path):
    enqueue(path, *[Election(n, path) for n in ("a", "b", "c")])
    return takers[0].election.contenders


def semaphore(path):
    def queue(k, taker):
        if k < 2:
            until("a place", lambda: taker.holds)
        else:
            queued(clients[0], path + "-__lock__", k - 1)

    enqueue(path, *[Semaphore(n, path, 2) for n in ("a", "b", "c", "d")], queue=queue)


def naive(path):
    enqueue(path, *[Naive(n, path) for n in ("a", "b", "c")])


def kept(path):
    enqueue(path, Kept("a", path), Lock("b", path))


def patterns(path):
    """Joins Curator's queue, as kazoo can be told to."""
    k = Lock("kazoo", path, extra_lock_patterns=["-lock-"])
    there = len(k.client.get_children(path))
    k.start()
    queued(k.client, path, there + 1)


def default(path):
    """Joins what is there without a look at other libraries' names."""
    k = Lock("kazoo", path)
    k.start()
    until("the lock", lambda: k.holds)


def lease(path):
    zk, other = connect(), connect()
    hour = datetime.timedelta(hours=1)
    got = [bool(zk.NonBlockingLease(path, hour, "a")), bool(other.NonBlockingLease(path, hour, "b"))]
    if got != [True, False]:
        raise SystemExit("two leases: %r" % got)


def traps(path):
    """What looks a little like locks and is none."""
    zk, other = connect(), connect()
    for k, client in enumerate((zk, other)):
        client.Party(path + "/locks/party", "p%d" % k).join()
        ShallowParty(client, path + "/locks/shallow", "host-%d" % k).join()
        client.Queue(path + "/locks/queue").put(b"item", 10 * k)
        client.LockingQueue(path + "/locks/locking").put(b"item %d" % k)
        counter = client.Counter(path + "/locks/counter")
        counter += 1
        barrier = client.DoubleBarrier(path + "/locks/double", 3, "d%d" % k)
        t = threading.Thread(target=barrier.enter, daemon=True)
        t.start()
        queued(zk, path + "/locks/double", k + 1)
    taken = other.LockingQueue(path + "/locks/locking")
    things.append(taken)
    taken.get(PATIENCE)  # taken, and not consumed
    zk.Barrier(path + "/locks/barrier").create()


def partition(path):
    """SetPartitioner's: a lock for each part, and a party."""
    parts = connect().SetPartitioner(path, ["one", "two"], identifier="p", time_boundary=0.1)
    things.append(parts)
    parts.wait_for_acquire(PATIENCE)


scenes = {
    "locks": locks, "read_write": read_write, "reader_between": reader_between, "election": election,
    "semaphore": semaphore, "naive": naive, "kept": kept, "patterns": patterns, "default": default, "lease": lease, "traps": traps,
    "partition": partition,
}
order = None


def report(hold):
    until("%d hold" % hold, lambda: sum(t.holds for t in takers) == hold)
    said = order() if order else None
    print(json.dumps({"who": [t.says() for t in takers], "order": said}), flush=True)


def close():
    global order
    order = None
    for c in clients:
        c.stop()
        c.close()
    clients.clear()
    takers.clear()
    things.clear()


for line in sys.stdin:
    command, *rest = line.split()
    if command == "open":
        order = scenes[rest[0]](rest[1])
        report(int(rest[2]))
    elif command == "release":
        [t] = [t for t in takers if t.name == rest[0]]
        t.leave.set()
        if not t.holds:
            t.lock.cancel()
        t.join(PATIENCE)
        takers.remove(t)
        report(int(rest[1]))
    elif command == "close":
        close()
        print("{}", flush=True)
