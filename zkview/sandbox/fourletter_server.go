package sandbox

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"time"
)

// conf prints the configuration. There is no data directory, and it says so.
func (r *report) conf() {
	if r.idle() {
		return
	}
	_, port, _ := net.SplitHostPort(r.Addr())
	tick := r.opts.TickTime.Milliseconds()
	fmt.Fprintf(r, "clientPort=%s\n", port)
	if r.acts.minor >= 5 {
		r.line("secureClientPort=-1")
	}
	r.line("dataDir=(memory)")
	if r.acts.minor >= 5 {
		fmt.Fprintf(r, "dataDirSize=0\ndataLogDir=(memory)\ndataLogSize=0\n")
	} else {
		r.line("dataLogDir=(memory)")
	}
	fmt.Fprintf(r, "tickTime=%d\nmaxClientCnxns=%d\n", tick, r.opts.MaxConnections)
	fmt.Fprintf(r, "minSessionTimeout=%d\nmaxSessionTimeout=%d\n", 2*tick, 20*tick)
	if r.acts.minor >= 6 {
		r.line("clientPortListenBacklog=-1")
	}
	r.line("serverId=0")
}

// envi prints what the server runs on. It tells that there is no Java, and nothing
// of the person who runs it.
func (r *report) envi() {
	r.line("Environment:")
	r.line("zookeeper.version=", r.acts.String())
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	r.line("host.name=", host)
	r.line("java.version=none, this is zkdeck's sandbox in ", runtime.Version())
	r.line("os.name=", runtime.GOOS)
	r.line("os.arch=", runtime.GOARCH)
}

func (r *report) dirs() {
	if !r.idle() {
		r.line("datadir_size: 0")
		r.line("logdir_size: 0")
	}
}

// mntr prints what is measured: of the real one's four hundred keys, those that
// mean something without disks, peers and a JVM.
func (r *report) mntr() {
	if r.idle() {
		return
	}
	s := &r.stats
	least, mean, most := s.latencies()
	znodes, bytes, ephemerals, _ := r.tree.count()
	local := 0
	for _, n := range r.sessions {
		if n.local {
			local++
		}
	}
	number := func(key string, v int64) { r.line("zk_", key, "\t", strconv.FormatInt(v, 10)) }
	r.line("zk_version\t", r.acts.String())
	r.line("zk_server_state\t", r.mode())
	number("ephemerals_count", int64(ephemerals))
	number("num_alive_connections", int64(len(r.everybody())))
	r.line("zk_avg_latency\t", r.average(mean))
	number("outstanding_requests", int64(r.outstanding()))
	number("znode_count", int64(znodes))
	number("global_sessions", int64(len(r.sessions)-local))
	number("last_client_response_size", orNone(s.lastReply.Load()))
	number("packets_sent", s.sent.Load())
	number("packets_received", s.received.Load())
	number("max_client_response_size", orNone(s.largest.Load()))
	number("watch_count", int64(r.tree.watchCount()))
	number("auth_failed_count", s.authFailed.Load())
	number("min_latency", least)
	number("approximate_data_size", bytes)
	number("local_sessions", int64(local))
	number("uptime", time.Since(r.started).Milliseconds())
	number("max_latency", most)
	number("min_client_response_size", orNone(s.smallestReply.Load()))
	number("open_file_descriptor_count", int64(len(r.everybody())+1))
	number("connection_rejected", s.rejected.Load())
	number("connection_request_count", s.connects.Load())
	number("connection_revalidate_count", s.revalidated.Load())
	number("connection_drop_count", s.dropped.Load())
	number("stale_sessions_expired", s.expired.Load())
	number("bytes_received_count", s.bytesIn.Load())
	number("response_bytes", s.bytesOut.Load())
}

// orNone is -1 for a size that has not been measured (BufferStats).
func orNone(v int64) int64 {
	if v == 0 {
		return -1
	}
	return v
}
