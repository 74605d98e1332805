"""Contends for locks below /contend with kazoo and with a naive lock, and says who had
what from when to when.

Called with host:port and a seed. Says {"ready": true} when all are connected, begins at the
first line of input, ends at the second. Each acquisition is a line of JSON once it is
over: times in nanoseconds since 1970, "held" by a clock that nobody sets; "got" is null
of one that gave up waiting.
"""

import json
import logging
import random
import sys
import threading
import time

from kazoo.client import KazooClient
from kazoo.exceptions import LockTimeout

logging.disable(logging.CRITICAL)
address, seed = sys.argv[1], int(sys.argv[2])
begin, end = threading.Event(), threading.Event()
output = threading.Lock()


def tell(**what):
    with output:
        print(json.dumps(what), flush=True)


class Client(threading.Thread):
    """Takes one lock again and again: path, with a session of its own."""

    def __init__(self, path, number):
        super().__init__()
        self.path, self.random = path, random.Random("%d %s %d" % (seed, path, number))
        self.client = KazooClient(hosts=address, timeout=20)
        self.client.start(timeout=30)

    mode = "exclusive"

    def pause(self, most):
        time.sleep(self.random.uniform(0.001, most))

    def run(self):
        begin.wait()
        while not end.is_set():
            asked = time.time_ns()
            node = self.take()
            got, clock = time.time_ns(), time.monotonic_ns()
            if node is None:
                tell(path=self.path, node=self.mine(), session=self.session(), mode=self.mode, asked=asked, got=None)
                continue
            self.pause(0.08)
            held, left = time.monotonic_ns() - clock, time.time_ns()
            self.give()
            tell(path=self.path, node=node, session=self.session(), mode=self.mode, asked=asked, got=got, left=left, held=held)
            self.pause(0.03)
        self.client.stop()
        self.client.close()

    def session(self):
        return "0x%x" % self.client.client_id[0]


class Kazoo(Client):
    """kazoo's Lock, which every so often waits for a moment only."""

    def __init__(self, path, number):
        super().__init__(path, number)
        self.lock = self.client.Lock(path, "kazoo-%d" % number)

    def take(self):
        try:
            self.lock.acquire(timeout=self.random.choice([None, None, None, 0.05]))
            return self.mine()
        except LockTimeout:
            return None

    def mine(self):
        return self.lock.node

    def give(self):
        self.lock.release()


class Naive(Client):
    """A tutorial's lock: everybody watches the children, the first by name has it."""

    def take(self):
        woken = threading.Event()
        self.own = self.client.create(self.path + "/lock_id_", b"1363852951.82", ephemeral=True, sequence=True, makepath=True)
        while True:
            woken.clear()
            if sorted(self.client.get_children(self.path, watch=lambda e: woken.set()))[0] == self.mine():
                return self.mine()
            woken.wait()

    def mine(self):
        return self.own.rpartition("/")[2]

    def give(self):
        self.client.delete(self.own)


class Semaphore(Client):
    """One of two places of kazoo's Semaphore."""

    mode = "lease"

    def take(self):
        self.places = self.client.Semaphore(self.path, "place", max_leases=2)
        self.places.acquire()
        return self.mine()

    def mine(self):
        return self.places.create_path.rpartition("/")[2]

    def give(self):
        self.places.release()


clients = [Kazoo("/contend/kazoo", n) for n in range(4)]
clients += [Naive("/contend/naive", n) for n in range(3)]
clients += [Semaphore("/contend/places", n) for n in range(3)]
for c in clients:
    c.start()
tell(ready=True)
sys.stdin.readline()
begin.set()
sys.stdin.readline()
end.set()
for c in clients:
    c.join()
