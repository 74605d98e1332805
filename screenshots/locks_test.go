package screenshots

import (
	"fmt"
	"time"

	"zkdeck/zkview/sandbox"
)

const sequential = sandbox.Ephemeral | sandbox.Sequential

// queue is a lock and who queues for it, the holder first. before is how long before
// noon each came.
type queue struct {
	dir    string
	name   func(w *world) string // without the number
	value  func(ip string) string
	net    string
	turns  int // that were taken before
	before []time.Duration
}

// enter queues one more and has it watch who is before it, unless it holds.
func (w *world) enter(q queue, ip, before string) string {
	w.t.Helper()
	value := ""
	if q.value != nil {
		value = q.value(ip)
	}
	node := w.put(ip, q.dir+"/"+q.name(w), value, sequential)
	if before != "" {
		w.watch(ip, before)
	}
	return node
}

// fill has all enter.
func (w *world) fill(q queue) {
	w.t.Helper()
	w.at(q.before[0] + time.Minute)
	for range q.turns {
		w.delete(q.net+".99", w.enter(q, q.net+".99", ""))
	}
	var nodes []string
	last := ""
	for i, before := range q.before {
		w.at(before)
		last = w.enter(q, q.ip(i), last)
		nodes = append(nodes, last)
	}
	w.queued[q.dir] = nodes
}

// ip is the address of the i-th that came.
func (q queue) ip(i int) string { return fmt.Sprintf("%s.%d", q.net, 11+i%len(q.before)) }

// pass has the holder release the lock and queue again as the last.
func (w *world) pass(q queue) {
	w.t.Helper()
	nodes := w.queued[q.dir]
	ip := q.ip(w.passed[q.dir])
	w.passed[q.dir]++
	w.delete(ip, nodes[0])
	w.queued[q.dir] = append(nodes[1:], w.enter(q, ip, nodes[len(nodes)-1]))
}

// The locks of the sample, each as its library makes it.
var (
	invoices = queue{
		dir: "/locks/invoice-run", net: "10.50.1", turns: 41,
		name:   func(w *world) string { return "_c_" + w.uuid() + "-lock-" },
		value:  func(ip string) string { return ip },
		before: []time.Duration{131 * time.Second, 64 * time.Second, 42 * time.Second, 9 * time.Second},
	}
	nightly = queue{
		dir: "/locks/nightly-report", net: "10.60.1", turns: 6,
		name:   func(w *world) string { return w.hex32() + "__lock__" },
		value:  func(ip string) string { return "report-worker-" + ip[len(ip)-1:] },
		before: []time.Duration{2*time.Hour + 11*time.Minute, 23 * time.Minute},
	}
	deploy = queue{
		dir: "/locks/deploy", net: "10.60.2", turns: 12,
		name:   func(w *world) string { return "_c_" + w.hex32() + "-lock-" },
		before: []time.Duration{5*time.Minute + 40*time.Second},
	}
	tutorial = queue{
		dir: "/uk/lock", net: "10.60.4", turns: 31,
		name:   func(*world) string { return "lock_id_" },
		before: []time.Duration{14 * time.Second, 12 * time.Second, 11 * time.Second, 3 * time.Second},
	}
)

// locks makes the locks and their queues.
func (w *world) locks() {
	w.fill(nightly)
	w.fill(deploy)
	w.fill(invoices)
	w.priceList()
	w.leases()
	w.deadlock()
	w.fill(tutorial)
	for i := range tutorial.before {
		w.watchChildren(fmt.Sprintf("%s.%d", tutorial.net, 11+i), tutorial.dir)
	}
}

// priceList is Curator's read-write lock: two read, one waits to write.
func (w *world) priceList() {
	q := queue{dir: "/locks/price-list", value: func(ip string) string { return ip }}
	last := ""
	for i, kind := range []string{"__READ__", "__READ__", "__WRIT__"} {
		w.at(time.Duration(75-30*i) * time.Second)
		q.name = func(w *world) string { return "_c_" + w.uuid() + "-" + kind }
		before := last
		if i < 2 {
			before = ""
		}
		last = w.enter(q, fmt.Sprintf("10.50.2.%d", 11+i), before)
	}
}

// leases is Curator's semaphore with all three leases taken.
func (w *world) leases() {
	q := queue{
		dir: "/locks/db-connections/leases", value: func(ip string) string { return ip },
		name: func(w *world) string { return "_c_" + w.uuid() + "-lease-" },
	}
	for i := range 3 {
		w.at(time.Duration(340-90*i) * time.Second)
		w.enter(q, fmt.Sprintf("10.50.3.%d", 11+i), "")
	}
}

// deadlock is two that each hold what the other waits for.
func (w *world) deadlock() {
	w.at(26 * 24 * time.Hour)
	for _, dir := range []string{"/stock", "/stock/inbound", "/stock/outbound"} {
		w.put("10.8.0.23", dir, "", sandbox.Persistent)
	}
	q := queue{name: nightly.name, value: func(ip string) string { return "stock-mover-" + ip[len(ip)-1:] }}
	one, other := "10.70.1.1", "10.70.1.2"
	w.at(6 * time.Minute)
	q.dir = "/stock/inbound"
	inbound := w.enter(q, one, "")
	q.dir = "/stock/outbound"
	outbound := w.enter(q, other, "")
	w.at(6*time.Minute - 2*time.Second)
	w.enter(q, one, outbound)
	q.dir = "/stock/inbound"
	w.enter(q, other, inbound)
}
