package demo

import (
	"fmt"
	"regexp"
	"time"
)

// The kinds of Curator's read-write lock: of equal length on purpose.
const (
	readKind  = "__READ__"
	writeKind = "__WRIT__"
)

const uuidPattern = `[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`

// The locks, each as its library names the nodes.
var (
	// Curator's InterProcessMutex in protection mode: a new UUID for every node; the
	// value is the client's address.
	curatorMutex = lock{
		dir: "/locks/invoice-run", containers: true,
		pattern: regexp.MustCompile(`^_c_` + uuidPattern + `-lock-(\d{10})$`),
	}
	// Curator's InterProcessReadWriteLock: a reader waits for the first writer of the
	// queue, a writer for the one before it.
	curatorReadWrite = lock{
		dir: "/locks/price-list", containers: true,
		pattern: regexp.MustCompile(`^_c_` + uuidPattern + `-(__READ__|__WRIT__)(\d{10})$`),
		before: func(queue []member, i int) int {
			if queue[i].kind == writeKind {
				return i - 1
			}
			for j := range i {
				if queue[j].kind == writeKind {
					return j
				}
			}
			return -1
		},
	}
	// kazoo.recipe.lock.Lock: one uuid4().hex for each Lock object; the value is the
	// identifier that the program gave.
	kazooLock = lock{
		dir:     "/locks/nightly-report",
		pattern: regexp.MustCompile(`^[0-9a-f]{32}__lock__(\d{10})$`),
	}
	// github.com/go-zookeeper/zk Lock: a GUID without dashes, no value.
	goLock = lock{
		dir:     "/locks/deploy",
		pattern: regexp.MustCompile(`^_c_[0-9a-f]{32}-lock-(\d{10})$`),
	}
	// org.apache.zookeeper.recipes.lock.WriteLock: the session id in decimal, the
	// bytes 0x12 0x34.
	writeLock = lock{
		dir:     "/locks/reindex",
		pattern: regexp.MustCompile(`^x--?\d+-(\d{10})$`),
	}
	// The example of a tutorial, found in many a program: everybody watches the
	// children of the parent; the value is time.time().
	tutorialLock = lock{
		dir: "/uk/lock", herd: true,
		pattern: regexp.MustCompile(`^lock_id_(\d{10})$`),
	}

	locks = []*lock{&curatorMutex, &curatorReadWrite, &kazooLock, &goLock, &writeLock, &tutorialLock}
)

// long is the patience of those who wait as long as it takes.
var long = span{3600, 3600}

// lockCast is everybody who contends for the locks: so many that there is nearly
// always somebody waiting, for what they hold sets the pace.
func lockCast() []part {
	var all []part
	add := func(n int, host, net string, rests span, work func(*visit, span) error) {
		for i := range n {
			all = append(all, part{
				host: fmt.Sprintf("%s-%d", host, i+1), ip: fmt.Sprintf("%s.%d", net, 11+i),
				enters: span{0, 12}, rests: rests, work: func(v *visit) error { return work(v, rests) },
			})
		}
	}
	add(4, "billing", "10.50.1", span{8, 30}, contend(&curatorMutex, func(v *visit) turn {
		return turn{"_c_" + uuid(v.rng) + "-lock-", []byte(v.ip), long, span{10, 25}}
	}))
	add(5, "pricing", "10.50.2", span{20, 60}, contend(&curatorReadWrite, func(v *visit) turn {
		kind, holds := readKind, span{15, 40}
		if v.host == "pricing-1" || v.chance(15) {
			kind, holds = writeKind, span{8, 16}
		}
		return turn{"_c_" + uuid(v.rng) + "-" + kind, []byte(v.ip), long, holds}
	}))
	add(3, "report-worker", "10.60.1", span{10, 40}, func(v *visit, rests span) error {
		prefix := hex32(v.rng) + "__lock__" // of the one Lock object that it uses
		return contend(&kazooLock, func(v *visit) turn {
			patience := long
			if v.chance(20) { // acquire(timeout=…)
				patience = span{15, 20}
			}
			return turn{prefix, []byte(v.host), patience, span{15, 35}}
		})(v, rests)
	})
	add(3, "deployer", "10.60.2", span{15, 45}, contend(&goLock, func(v *visit) turn {
		return turn{"_c_" + hex32(v.rng) + "-lock-", nil, long, span{20, 40}}
	}))
	add(2, "indexer", "10.60.3", span{10, 30}, contend(&writeLock, func(v *visit) turn {
		return turn{fmt.Sprintf("x-%d-", v.client.Session()), []byte{0x12, 0x34}, long, span{25, 50}}
	}))
	add(3, "cron", "10.60.4", span{10, 40}, contend(&tutorialLock, func(v *visit) turn {
		now := fmt.Appendf(nil, "%.2f", float64(time.Now().UnixMilli())/1000)
		return turn{"lock_id_", now, long, span{15, 35}}
	}))
	return all
}

// contend takes a lock some times, with rests between, and leaves.
func contend(l *lock, next func(v *visit) turn) func(*visit, span) error {
	return func(v *visit, rests span) error {
		for n := 3 + v.rng.IntN(6); n > 0; n-- {
			if err := l.take(v, next(v)); err != nil {
				return err
			}
			if n > 1 {
				if err := v.wait(rests); err != nil {
					return err
				}
			}
		}
		return nil
	}
}
