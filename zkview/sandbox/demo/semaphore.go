package demo

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"zkdeck/zkview/sandbox"
	"zkdeck/zkview/wire"
)

// Curator's InterProcessSemaphoreV2: whoever holds the mutex in locks creates a
// lease and waits, watching the children of leases, until there are not too many.
// How many there may be is not in ZooKeeper.
const (
	semaphoreDir = "/locks/db-connections"
	leasesDir    = semaphoreDir + "/leases"
	maxLeases    = 3
)

var (
	leasePattern   = regexp.MustCompile(`^_c_` + uuidPattern + `-lease-(\d{10})$`)
	semaphoreMutex = lock{dir: semaphoreDir + "/locks", containers: true, pattern: curatorMutex.pattern}
)

// semaphoreCast is who wants a lease.
func semaphoreCast() []part {
	var all []part
	for i := range 5 {
		all = append(all, part{
			host: fmt.Sprintf("api-%d", i+1), ip: fmt.Sprintf("10.50.3.%d", 11+i),
			enters: span{0, 15}, rests: span{20, 40}, work: lease,
		})
	}
	return all
}

// lease takes leases some times and leaves.
func lease(v *visit) error {
	for n := 2 + v.rng.IntN(4); n > 0; n-- {
		mutex, err := semaphoreMutex.join(v, "_c_"+uuid(v.rng)+"-lock-", []byte(v.ip))
		if err != nil {
			return err
		}
		held, err := semaphoreMutex.await(v, mutex, v.within(long))
		if err != nil {
			return err
		}
		var node string
		if held {
			v.life.options.claims(semaphoreMutex.dir, mutex, true)
			node, held, err = acquireLease(v, mutex)
			v.life.options.claims(semaphoreMutex.dir, mutex, false)
			if err != nil {
				return err
			}
		}
		if err := v.release(mutex); err != nil {
			return err
		}
		if held {
			if err := useLease(v, node); err != nil {
				return err
			}
		}
		if err := v.wait(span{20, 60}); err != nil {
			return err
		}
	}
	return nil
}

// useLease works under a lease and returns it.
func useLease(v *visit, node string) error {
	v.life.options.claims(leasesDir, node, true)
	_, err := v.during(v.within(span{50, 100}), hold{path: node})
	v.life.options.claims(leasesDir, node, false)
	if err != nil {
		return err
	}
	return v.release(node)
}

// acquireLease creates a lease and waits until it counts. False is that a person
// took the lease or the mutex away.
func acquireLease(v *visit, mutex string) (string, bool, error) {
	node, err := v.put(leasesDir+"/_c_"+uuid(v.rng)+"-lease-", []byte(v.ip), sandbox.Ephemeral|sandbox.Sequential, sandbox.Container)
	if err != nil {
		return "", false, err
	}
	changed := newSignal()
	for {
		names, err := v.Children(leasesDir, changed.arm())
		if err != nil && !errors.Is(err, wire.NoNode) {
			return "", false, err
		}
		if !slices.Contains(names, node[len(leasesDir)+1:]) {
			return "", false, nil
		}
		leases := 0
		for _, n := range names {
			if leasePattern.MatchString(n) {
				leases++
			}
		}
		if leases <= maxLeases {
			return node, true, nil
		}
		waited, err := semaphoreMutex.waiting(v, mutex, changed, nil)
		if err != nil {
			return "", false, err
		}
		if !waited { // without the mutex nobody else may be waiting for a lease
			return "", false, v.release(node)
		}
	}
}
