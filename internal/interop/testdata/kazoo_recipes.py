"""What kazoo does with a server: its recipes, one after the other.

Called with host:port. Prints what came out of each, and nothing that depends on
time or on who was faster.
"""

import logging
import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import (
    BadVersionError,
    KazooException,
    LockTimeout,
    NoAuthError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
)
from kazoo.protocol.states import KazooState
from kazoo.security import OPEN_ACL_UNSAFE, make_acl, make_digest_acl

logging.disable(logging.CRITICAL)
address = sys.argv[1]
PATIENCE = 20


def connect(**more):
    client = KazooClient(hosts=address, timeout=10, **more)
    client.start(timeout=PATIENCE)
    return client


class Seen:
    """A list that others append to and that one waits for."""

    def __init__(self):
        self.items = []
        self.changed = threading.Condition()

    def add(self, item):
        with self.changed:
            self.items.append(item)
            self.changed.notify_all()

    def wait(self, wanted):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.items) >= wanted, PATIENCE):
                raise SystemExit("waited in vain for %d of %r" % (wanted, self.items))
            return list(self.items)


def said(what, call, *args, **kwargs):
    """Prints what a call returns, or the name of its error."""
    try:
        print(what, call(*args, **kwargs))
    except KazooException as e:
        print(what, type(e).__name__)


def stat(s):
    return "v%d c%d a%d len %d kids %d eph %s" % (
        s.version, s.cversion, s.aversion, s.dataLength, s.numChildren, s.ephemeralOwner != 0)


def basics(zk):
    print("# basics")
    said("create", zk.create, "/k", b"one")
    said("again", zk.create, "/k", b"one")
    said("deep", zk.create, "/k/a/b/c", b"x", makepath=True)
    said("missing", zk.create, "/none/a", b"x")
    said("sequence", zk.create, "/k/s-", b"", sequence=True)
    said("ephemeral", zk.create, "/k/e-", b"", sequence=True, ephemeral=True)
    path, s = zk.create("/k/with", b"stat", include_data=True)
    print("create2", path, stat(s))
    data, s = zk.get("/k")
    print("get", data, stat(s))
    print("set", stat(zk.set("/k", b"two", version=0)))
    said("old version", zk.set, "/k", b"three", version=0)
    said("children", lambda: sorted(zk.get_children("/k")))
    kids, s = zk.get_children("/k", include_data=True)
    print("children2", sorted(kids), stat(s))
    said("not empty", zk.delete, "/k")
    said("delete", zk.delete, "/k/a/b/c")
    said("nowhere", zk.delete, "/k/nowhere")
    said("exists", zk.exists, "/k/nowhere")
    said("sync", zk.sync, "/k")
    said("null", zk.create, "/k/empty", b"")
    print("empty", zk.get("/k/empty")[0])


def transactions(zk):
    print("# transactions")
    t = zk.transaction()
    t.create("/t", b"a")
    t.create("/t/b", b"b")
    t.set_data("/t", b"c", version=0)
    t.check("/t", version=1)
    t.delete("/t/b")
    for r in t.commit():
        print("done", r if isinstance(r, (str, bool)) else stat(r))
    t = zk.transaction()
    t.create("/t/x", b"")
    t.check("/t", version=77)
    t.delete("/t")
    for r in t.commit():
        print("failed", type(r).__name__)
    said("left", zk.get_children, "/t")


def watches(zk, other):
    print("# watches")
    data, kids, raw = Seen(), Seen(), Seen()
    zk.DataWatch("/w", lambda d, s, e: data.add((d, e and e.type)))
    other.create("/w", b"1")
    data.wait(2)
    zk.ChildrenWatch("/w", lambda c: kids.add(sorted(c)))
    kids.wait(1)
    other.set("/w", b"2")
    data.wait(3)
    for i, n in enumerate(["x", "y"]):
        other.create("/w/" + n)
        kids.wait(2 + i)
    other.delete("/w/x")
    kids.wait(4)
    zk.exists("/w/z", watch=lambda e: raw.add((e.type, e.state, e.path)))
    other.create("/w/z")
    raw.wait(1)
    kids.wait(5)
    zk.get("/w/z", watch=lambda e: raw.add((e.type, e.state, e.path)))
    other.set("/w/z", b"")
    raw.wait(2)
    for i, n in enumerate(["y", "z"]):
        other.delete("/w/" + n)
        kids.wait(6 + i)
    other.delete("/w")
    data.wait(4)
    for name, seen in ("data", data), ("children", kids), ("raw", raw):
        for item in seen.wait(0):
            print(name, item)


def locks(zk, other):
    print("# locks")
    a, b = zk.Lock("/lock", "first"), other.Lock("/lock", "second")
    print("first", a.acquire())
    print("second at once", b.acquire(blocking=False))
    try:
        b.acquire(timeout=0.5)
        print("second in time")
    except LockTimeout:
        print("second LockTimeout")
    print("contenders", a.contenders())
    got = Seen()
    waiter = threading.Thread(target=lambda: got.add(b.acquire(timeout=PATIENCE)))
    waiter.start()
    while len(a.contenders()) < 2:
        pass
    print("contenders", a.contenders())
    print("release", a.release())
    print("second", got.wait(1))
    waiter.join()
    b.release()
    r, w = zk.ReadLock("/rw", "reader"), other.WriteLock("/rw", "writer")
    print("read", r.acquire())
    print("write at once", w.acquire(blocking=False))
    r.release()
    print("write", w.acquire(timeout=PATIENCE))
    print("read at once", r.acquire(blocking=False))
    w.release()
    s, o = zk.Semaphore("/sem", "s", max_leases=1), other.Semaphore("/sem", "o", max_leases=1)
    print("lease", s.acquire())
    print("lease at once", o.acquire(blocking=False))
    print("holders", s.lease_holders())
    s.release()
    print("lease", o.acquire(timeout=PATIENCE))
    o.release()


def others(zk, other):
    print("# others")
    led = Seen()
    stop = threading.Event()

    def lead(name):
        led.add(name)
        if name == "one":
            stop.wait(PATIENCE)

    one, two = zk.Election("/elect", "one"), other.Election("/elect", "two")
    t1 = threading.Thread(target=one.run, args=(lead, "one"))
    t1.start()
    led.wait(1)
    t2 = threading.Thread(target=two.run, args=(lead, "two"))
    t2.start()
    while len(one.contenders()) < 2:
        pass
    print("contenders", one.contenders())
    stop.set()
    print("led", led.wait(2))
    t1.join()
    t2.join()
    q = zk.Queue("/queue")
    for item, priority in (b"low", 200), (b"high", 10), (b"middle", 100):
        q.put(item, priority)
    print("queue", len(q), [q.get() for _ in range(4)])
    lq = zk.LockingQueue("/lqueue")
    lq.put_all([b"a", b"b"])
    print("locking queue", len(lq), lq.get(PATIENCE), lq.consume(), lq.get(PATIENCE), lq.consume(), len(lq))
    c, d = zk.Counter("/count"), other.Counter("/count")
    c += 5
    d -= 2
    print("counter", c.value, d.value)
    bar = zk.Barrier("/bar")
    bar.create()
    print("barrier", other.Barrier("/bar").wait(0.3))
    gone = Seen()
    t = threading.Thread(target=lambda: gone.add(other.Barrier("/bar").wait(PATIENCE)))
    t.start()
    print("removed", bar.remove(), gone.wait(1))
    t.join()
    x, y = zk.DoubleBarrier("/dbl", 2, "x"), other.DoubleBarrier("/dbl", 2, "y")
    t = threading.Thread(target=lambda: (x.enter(), x.leave()))
    t.start()
    y.enter()
    y.leave()
    t.join()
    print("double", x.participating, y.participating)
    p = zk.Party("/party", "p")
    p.join()
    print("party", list(other.Party("/party")), len(p))
    p.leave()
    parts = zk.SetPartitioner("/parts", ["a", "b"], time_boundary=0.2)
    parts.wait_for_acquire(PATIENCE)
    print("parts", sorted(parts))
    parts.finish()


def permissions(zk, other):
    print("# permissions")
    mine = make_digest_acl("ann", "secret", all=True)
    zk.create("/acl", b"hush", acl=[mine])
    said("stranger", other.get, "/acl")
    said("stranger writes", other.set, "/acl", b"x")
    said("stranger below", other.create, "/acl/x", b"")
    said("add_auth", other.add_auth, "digest", "ann:secret")
    print("friend", other.get("/acl")[0])
    acls, s = other.get_acls("/acl")
    print("acls", acls, stat(s))
    print("set_acls", stat(other.set_acls("/acl", [make_acl("world", "anyone", read=True), mine])))
    print("anyone reads", zk.get("/acl")[0])
    said("anyone writes", zk.set, "/acl", b"x")
    print("masked", zk.get_acls("/acl")[0])
    said("bad", zk.create, "/acl2", b"", acl=[make_acl("nosuch", "x", all=True)])
    other.set_acls("/acl", OPEN_ACL_UNSAFE)


def resume():
    print("# resume")
    states, events = Seen(), Seen()
    zk, other = connect(), connect()
    zk.create("/r", b"", ephemeral=False)  # with the answer, all have been told of this connection
    zk.add_listener(states.add)
    zk.create("/r/eph", b"", ephemeral=True)
    zk.DataWatch("/r", lambda d, s: events.add(d))
    events.wait(1)
    before = zk.client_id
    zk._connection._socket.shutdown(2)
    states.wait(2)
    print("states", states.wait(2), "same session", before == zk.client_id)
    other.set("/r", b"after")
    print("events", events.wait(2))
    print("ephemeral", zk.exists("/r/eph") is not None)
    third = connect(client_id=zk.client_id)  # takes the session over
    print("moved", third.client_id[0] == before[0], third.exists("/r/eph") is not None)
    zk.stop()  # which is no longer its session's connection
    third.stop()
    gone = Seen()

    @other.ChildrenWatch("/r")
    def listed(children):
        if not children:
            gone.add("the ephemeral is gone")
            return False

    print(gone.wait(1))
    other.stop()


def main():
    zk, other = connect(), connect()
    print("connected", zk.state == KazooState.CONNECTED, zk.server_version())
    basics(zk)
    transactions(zk)
    watches(zk, other)
    locks(zk, other)
    others(zk, other)
    permissions(zk, other)
    zk.stop()
    other.stop()
    resume()
    last = connect()
    print("left", sorted(last.get_children("/")))
    last.stop()
    print("done")


main()
