package sandbox

import (
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"zkdeck/zkview/wire"
)

// peer is what stat and cons tell of a connection, of a socket or of a [Client].
type peer struct {
	number  uint64 // in the order in which they came
	address netip.AddrPort
	since   time.Time
	waiting func() int // frames not sent yet

	received, sent atomic.Int64
	parted         atomic.Bool // all is said, but the socket is still open

	mu      sync.Mutex
	session int64 // zero before the handshake
	timeout time.Duration
	tally
}

// tally is what was answered, as org.apache.zookeeper.server.ServerCnxn keeps it.
type tally struct {
	lastOp              string
	lastXid             int64
	lastZxid            int64
	lastAt              time.Time
	last, min, max, sum time.Duration
	count               int64
}

// noTally is a tally after crst; an xid of -1 is not printed.
var noTally = tally{lastOp: "NA", lastXid: -1, lastZxid: -1}

func newPeer(address netip.AddrPort, since time.Time, waiting func() int) *peer {
	return &peer{address: address, since: since, waiting: waiting, tally: tally{lastOp: "NA"}}
}

// attach says whose connection it is.
func (p *peer) attach(session int64, timeout time.Duration) {
	p.mu.Lock()
	p.session, p.timeout = session, timeout
	p.mu.Unlock()
}

// whose is what attach has said.
func (p *peer) whose() (session int64, timeout time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.session, p.timeout
}

// answered counts a request. xids below zero are not a client's own.
func (p *peer) answered(op wire.OpCode, xid int32, zxid int64, at time.Time, took time.Duration) {
	p.sent.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &p.tally
	if xid >= 0 {
		t.lastXid = int64(xid)
	}
	if t.count == 0 || took < t.min {
		t.min = took
	}
	t.lastOp, t.lastZxid, t.lastAt, t.last = shortName(op), zxid, at, took
	t.max = max(t.max, took)
	t.sum += took
	t.count++
}

// reset is crst.
func (p *peer) reset() {
	p.received.Store(0)
	p.sent.Store(0)
	p.mu.Lock()
	p.tally = noTally
	p.mu.Unlock()
}

// line is what stat (brief) and cons print (ServerCnxn.dumpConnectionInfo).
func (p *peer) line(brief, asking bool) string {
	var b strings.Builder
	interest := "1" // SelectionKey.OP_READ
	if asking {
		interest = "0"
	}
	b.WriteString(" /" + javaAddress(p.address) + "[" + interest + "](queued=" + strconv.Itoa(p.waiting()))
	b.WriteString(",recved=" + strconv.FormatInt(p.received.Load(), 10))
	b.WriteString(",sent=" + strconv.FormatInt(p.sent.Load(), 10))
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := &p.tally; !brief && p.session != 0 {
		number := func(key string, v int64) { b.WriteString("," + key + "=" + strconv.FormatInt(v, 10)) }
		b.WriteString(",sid=" + hex(p.session) + ",lop=" + t.lastOp)
		number("est", p.since.UnixMilli())
		number("to", p.timeout.Milliseconds())
		if t.lastXid >= 0 {
			b.WriteString(",lcxid=" + hex(t.lastXid))
		}
		b.WriteString(",lzxid=" + hex(t.lastZxid))
		if t.lastAt.IsZero() {
			number("lresp", 0)
		} else {
			number("lresp", t.lastAt.UnixMilli())
		}
		number("llat", t.last.Milliseconds())
		number("minlat", t.min.Milliseconds())
		number("avglat", t.sum.Milliseconds()/max(t.count, 1))
		number("maxlat", t.max.Milliseconds())
	}
	b.WriteString(")")
	return b.String()
}

// shortNames are the names of operations in cons (FinalRequestProcessor).
var shortNames = map[wire.OpCode]string{
	wire.OpPing: "PING", wire.OpCreateSession: "SESS", wire.OpMulti: "MULT", wire.OpMultiRead: "MLTR",
	wire.OpCreate: "CREA", wire.OpCreate2: "CREA", wire.OpCreateTTL: "CREA", wire.OpCreateContainer: "CREA",
	wire.OpDelete: "DELE", wire.OpDeleteContainer: "DELE", wire.OpSetData: "SETD", wire.OpReconfig: "RECO",
	wire.OpSetACL: "SETA", wire.OpCloseSession: "CLOS", wire.OpSync: "SYNC", wire.OpCheck: "CHEC",
	wire.OpExists: "EXIS", wire.OpGetData: "GETD", wire.OpSetWatches: "SETW", wire.OpSetWatches2: "STW2",
	wire.OpAddWatch: "ADDW", wire.OpGetACL: "GETA", wire.OpGetChildren: "GETC", wire.OpGetChildren2: "GETC",
	wire.OpGetAllChildrenNumber: "GETACN", wire.OpCheckWatches: "CHKW", wire.OpRemoveWatches: "REMW",
	wire.OpWhoAmI: "HOMI", wire.OpGetEphemerals: "GETE",
}

func shortName(op wire.OpCode) string {
	if s := shortNames[op]; s != "" {
		return s
	}
	return "NA"
}

// hex is a number as ZooKeeper prints ids: "0x" and no leading zeros.
func hex(v int64) string { return "0x" + strconv.FormatUint(uint64(v), 16) }

// javaAddress is host:port as java.net.InetSocketAddress prints it.
func javaAddress(a netip.AddrPort) string {
	port := strconv.Itoa(int(a.Port()))
	if a.Addr().Unmap().Is4() {
		return javaHost(a.Addr()) + ":" + port
	}
	return "[" + javaHost(a.Addr()) + "]:" + port
}

// javaHost is an address as java.net.InetAddress.getHostAddress prints it, which
// is also the id of the scheme ip: IPv6 without any abbreviation.
func javaHost(a netip.Addr) string {
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	b := a.As16()
	parts := make([]string, 8)
	for i := range parts {
		parts[i] = strconv.FormatUint(uint64(b[2*i])<<8|uint64(b[2*i+1]), 16)
	}
	return strings.Join(parts, ":")
}
