package sandbox

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fourLetters are the words that we know, each with what prints the answer
// (org.apache.zookeeper.server.command). The server's read lock is held.
var fourLetters = map[string]func(*report){
	"ruok": (*report).ruok, "srvr": (*report).srvr, "stat": (*report).stat, "mntr": (*report).mntr,
	"cons": (*report).cons, "crst": (*report).crst, "srst": (*report).srst, "dump": (*report).dump,
	"wchs": (*report).wchs, "wchc": (*report).wchc, "wchp": (*report).wchp, "conf": (*report).conf,
	"envi": (*report).envi, "isro": (*report).isro, "dirs": (*report).dirs,
}

// report is the answer to a four letter word.
type report struct {
	*Server
	strings.Builder
	asking *peer
}

// tell answers a four letter word and ends the connection.
func (c *conn) tell(word func(*report)) error {
	r := &report{Server: c.server, asking: c.peer}
	c.server.mu.RLock()
	word(r)
	c.server.mu.RUnlock()
	_ = c.socket.SetWriteDeadline(time.Now().Add(handshakeTime))
	if _, err := c.socket.Write([]byte(r.String())); err != nil {
		return fmt.Errorf("answering a four letter word: %w", err)
	}
	c.server.stats.sent.Add(1)
	return errFinish
}

// idle says that the server is not serving, if so.
func (r *report) idle() bool {
	if !r.serving {
		r.line("This ZooKeeper instance is not currently serving requests")
	}
	return !r.serving
}

func (r *report) line(parts ...string) {
	for _, p := range parts {
		r.WriteString(p)
	}
	r.WriteByte('\n')
}

func (r *report) ruok() { r.WriteString("imok") }

func (r *report) isro() {
	switch {
	case !r.serving:
		r.WriteString("null")
	case r.readOnly:
		r.WriteString("ro")
	default:
		r.WriteString("rw")
	}
}

// mode is the server's state.
func (r *report) mode() string {
	if r.readOnly {
		return "read-only"
	}
	return "standalone"
}

func (r *report) srvr() {
	if !r.idle() {
		r.version()
		r.summary()
	}
}

func (r *report) stat() {
	if r.idle() {
		return
	}
	r.version()
	r.line("Clients:")
	for _, p := range r.everybody() {
		r.line(p.line(true, p == r.asking))
	}
	r.line()
	r.summary()
}

func (r *report) version() {
	r.line("Zookeeper version: ", r.acts.String())
	if r.readOnly {
		r.line("READ-ONLY mode; serving only read-only clients")
	}
}

// summary is what srvr and stat have in common (ServerStats.toString).
func (r *report) summary() {
	least, mean, most := r.stats.latencies()
	znodes, _, _, _ := r.tree.count()
	fmt.Fprintf(r, "Latency min/avg/max: %d/%s/%d\n", least, r.average(mean), most)
	fmt.Fprintf(r, "Received: %d\nSent: %d\n", r.stats.received.Load(), r.stats.sent.Load())
	fmt.Fprintf(r, "Connections: %d\nOutstanding: %d\n", len(r.everybody()), r.outstanding())
	fmt.Fprintf(r, "Zxid: %s\nMode: %s\nNode count: %d\n", hex(r.tree.lastZxid()), r.mode(), znodes)
}

// average prints a mean as Java prints a double of four decimals, or an integer as
// before 3.6.
func (r *report) average(mean float64) string {
	if r.acts.minor < 6 {
		return strconv.FormatInt(int64(mean), 10)
	}
	text := strconv.FormatFloat(math.Round(mean*1e4)/1e4, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func (r *report) cons() {
	if r.idle() {
		return
	}
	for _, p := range r.everybody() {
		r.line(p.line(false, p == r.asking))
	}
	r.line()
}

func (r *report) crst() {
	if r.idle() {
		return
	}
	for _, p := range r.everybody() {
		p.reset()
	}
	r.line("Connection stats reset.")
}

func (r *report) srst() {
	if !r.idle() {
		r.stats.reset()
		r.line("Server stats reset.")
	}
}

// everybody is all connections, in the order in which they came.
func (r *report) everybody() []*peer {
	r.connMu.Lock()
	all := make([]*peer, 0, len(r.peers))
	for p := range r.peers {
		if !p.parted.Load() {
			all = append(all, p)
		}
	}
	r.connMu.Unlock()
	slices.SortFunc(all, func(a, b *peer) int { return cmp.Compare(a.number, b.number) })
	return all
}

// outstanding is how many replies and events have not been sent.
func (r *report) outstanding() int {
	n := 0
	for _, p := range r.everybody() {
		n += p.waiting()
	}
	return n
}

func (r *report) wchs() {
	if r.idle() {
		return
	}
	connections, paths, total := r.tree.watchCounts()
	fmt.Fprintf(r, "%d connections watching %d paths\nTotal watches:%d\n", connections, paths, total)
}

func (r *report) wchc() {
	if r.idle() {
		return
	}
	by := r.tree.watchesBySession()
	for _, id := range sortedKeys(by) {
		r.line(hex(id))
		for _, path := range by[id] {
			r.line("\t", path)
		}
	}
	r.line()
}

func (r *report) wchp() {
	if r.idle() {
		return
	}
	by := r.tree.watchesByPath()
	for _, path := range sortedKeys(by) {
		r.line(path)
		for _, id := range by[path] {
			r.line("\t", hex(id))
		}
	}
	r.line()
}

// javaDate is the form of java.util.Date.
const javaDate = "Mon Jan 02 15:04:05 MST 2006"

// dump lists sessions by when they end, ephemerals, and connections.
func (r *report) dump() {
	if r.idle() {
		return
	}
	ends := map[int64][]string{}
	for _, n := range r.sessions {
		due := n.due.Load()
		if n.inside { // it is as if it had just been heard of
			due = nextTick(r.opts.Now().UnixMilli()+n.timeout.Load(), r.opts.TickTime)
		}
		ends[due] = append(ends[due], hex(n.id))
	}
	r.line("SessionTracker dump:")
	r.buckets("Session Sets", ends)

	r.line("ephemeral nodes dump:")
	owners := r.tree.ephemeralSessions()
	fmt.Fprintf(r, "Sessions with Ephemerals (%d):\n", len(owners))
	for _, id := range owners {
		r.line(hex(id), ":")
		for _, path := range r.tree.ephemerals(id) {
			r.line("\t", path)
		}
	}
	if r.acts.minor < 5 {
		return
	}
	r.line("Connections dump:")
	ends = map[int64][]string{}
	for _, p := range r.everybody() {
		id, timeout := p.whose()
		due := nextTick(r.opts.Now().Add(timeout).UnixMilli(), r.opts.TickTime)
		ends[due] = append(ends[due], "ip: /"+javaAddress(p.address)+" sessionId: "+hex(id))
	}
	r.buckets("Connections Sets", ends)
}

// buckets prints what ends when (ExpiryQueue.dump).
func (r *report) buckets(title string, ends map[int64][]string) {
	all := 0
	for _, names := range ends {
		all += len(names)
	}
	fmt.Fprintf(r, "%s (%d)/(%d):\n", title, len(ends), all)
	for _, ms := range sortedKeys(ends) {
		fmt.Fprintf(r, "%d expire at %s:\n", len(ends[ms]), time.UnixMilli(ms).Format(javaDate))
		slices.Sort(ends[ms])
		for _, name := range ends[ms] {
			r.line("\t", name)
		}
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
