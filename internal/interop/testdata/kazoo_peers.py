"""Takes locks with kazoo and with a naive lock, each with a session of its own, as told.

Called with host:port and the session timeout in seconds. Reads commands, one a line, and
does not wait until they are done:

    take NAME KIND PATH SLOTS MOST WITNESS    takes a lock and keeps it, or gives up after
                                              MOST milliseconds; 0: never
    hammer NAME KIND PATH SLOTS MOST WITNESS  takes it again and again, every so often for MOST
    leave NAME                                lets go of it, or gives up waiting

What comes of it is told in lines of JSON: {"name": …, "is": …}, of "ready", "holds" and
"over". Whoever claims to hold writes so into the file WITNESS, and that it does no longer
before it lets go: the order of the lines is that of the whole machine. Who has lost the
connection claims nothing from then on.
"""

import json
import logging
import os
import random
import sys
import threading
import time

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import CancelledError, LockTimeout

logging.disable(logging.CRITICAL)
address, timeout = sys.argv[1], float(sys.argv[2])
output = threading.Lock()


def tell(name, now, **more):
    with output:
        print(json.dumps(dict(more, name=name, **{"is": now})), flush=True)


class Lock:
    """kazoo's Lock, WriteLock or ReadLock."""

    def __init__(self, client, path, slots, kind="Lock", mode="exclusive", **more):
        self.lock, self.mode = getattr(client, kind)(path, "peer", **more), mode

    def take(self, most):
        try:
            return self.lock.acquire(timeout=most)
        except (LockTimeout, CancelledError):
            return False

    def cancel(self):
        self.lock.cancel()

    def give(self):
        self.lock.release()

    def node(self):
        return self.lock.path + "/" + self.lock.node


class Semaphore(Lock):
    """kazoo's Semaphore, whose queue is a Lock."""

    mode = "lease"

    def __init__(self, client, path, slots):
        self.lock = client.Semaphore(path, "peer", max_leases=slots)

    def node(self):
        return self.lock.create_path


class Naive:
    """A tutorial's lock: everybody watches the children, the first by name has it."""

    mode = "exclusive"

    def __init__(self, client, path, slots):
        self.client, self.path = client, path
        self.woken, self.cancelled = threading.Event(), False

    def take(self, most):
        end = most and time.monotonic() + most
        self.own = self.client.create(self.path + "/lock_id_", b"1363852951.82", ephemeral=True, sequence=True, makepath=True)
        while not self.cancelled:
            self.woken.clear()
            if self.own.endswith(min(self.client.get_children(self.path, watch=lambda e: self.woken.set()))):
                return True
            if not self.woken.wait(end and max(0, end - time.monotonic())):
                break
        self.give()
        return False

    def cancel(self):
        self.cancelled = True
        self.woken.set()

    def give(self):
        self.client.delete(self.own)

    def node(self):
        return self.own


kinds = {
    "kazoo-lock": Lock,
    "kazoo-patterns": lambda *a: Lock(*a, extra_lock_patterns=["-lock-"]),
    "kazoo-write": lambda *a: Lock(*a, kind="WriteLock", mode="write"),
    "kazoo-read": lambda *a: Lock(*a, kind="ReadLock", mode="read"),
    "kazoo-semaphore": Semaphore,
    "naive": Naive,
}


class Party(threading.Thread):
    """One who takes a lock."""

    def __init__(self, again, name, kind, path, slots, most, witness):
        super().__init__(daemon=True)
        self.again, self.name, self.kind, self.path = again, name, kinds[kind], path
        self.slots, self.most = int(slots), int(most) / 1000 or None
        self.witness = os.open(witness, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.mutex = threading.Lock()
        self.claims = self.sure = False
        self.client, self.lock = None, None
        self.leave, self.doubt = threading.Event(), threading.Event()
        self.random = random.Random(name)

    def write(self, *words):
        os.write(self.witness, (" ".join(words) + "\n").encode())

    def connect(self):
        self.doubt.clear()
        # It tries again soon, and not after up to a minute.
        again = {"max_tries": -1, "delay": 0.1, "backoff": 1, "max_delay": 1}
        self.client = KazooClient(hosts=address, timeout=timeout, connection_retry=again)
        self.client.add_listener(self.state)
        self.client.start(timeout=30)
        self.lock = self.kind(self.client, self.path, self.slots)

    def close(self):
        self.client.remove_listener(self.state)
        self.client.stop()
        self.client.close()

    def state(self, now):
        with self.mutex:
            self.sure = now == KazooState.CONNECTED
        if not self.sure:
            self.unclaim()
            self.doubt.set()

    def claim(self):
        with self.mutex:
            if self.sure:
                self.claims = True
                self.write("enter", self.name, self.lock.mode, self.lock.node().rpartition("/")[2], str(time.time_ns()))
            return self.sure

    def unclaim(self):
        with self.mutex:
            if self.claims:
                self.claims = False
                self.write("leave", self.name)

    def run(self):
        try:
            self.hammer() if self.again else self.once()
        except Exception as e:
            tell(self.name, "over", why=repr(e))

    def once(self):
        self.connect()
        tell(self.name, "ready", session="%x" % (self.client.client_id[0] % 2**64))
        got = self.lock.take(self.most)
        if got and self.claim():
            tell(self.name, "holds", node=self.lock.node().rpartition("/")[2])
            self.leave.wait()
            self.unclaim()
            self.lock.give()
        tell(self.name, "over", why="" if got else "gave up")
        self.close()

    def hammer(self):
        self.connect()
        tell(self.name, "ready", session="%x" % (self.client.client_id[0] % 2**64))
        while not self.leave.is_set():
            try:
                self.cycle()
            except Exception as e:
                # What it made may still be there, and goes with its session.
                self.unclaim()
                tell(self.name, "fails", why=repr(e))
                self.close()
                while not self.leave.is_set():
                    try:
                        self.connect()
                        break
                    except Exception as e:
                        tell(self.name, "fails", why=repr(e))
        self.close()
        tell(self.name, "over", why="")

    def cycle(self):
        if not self.lock.take(self.most if self.random.random() < 0.2 else None):
            return
        if self.claim():
            tell(self.name, "holds")
            self.doubt.wait(self.random.uniform(0.001, 0.008))
            self.unclaim()
            self.write("stood", self.name, "yes" if self.client.exists(self.lock.node()) else "no")
        self.lock.give()
        if self.doubt.is_set():
            raise ConnectionError("the connection was lost")
        time.sleep(self.random.uniform(0, 0.004))


parties = {}
for line in sys.stdin:
    command, name, *rest = line.split()
    if command == "leave":
        party = parties[name]
        waits = not party.again and not party.claims
        party.leave.set()
        if waits:
            party.lock.cancel()
    else:
        parties[name] = Party(command == "hammer", name, *rest)
        parties[name].start()
os._exit(0)  # whatever waits still
