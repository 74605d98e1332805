package zkview

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"zkdeck/internal/safetext"
)

// The parsers take text that came over a network. They are strict about what tells one
// answer from another, pass over what they do not need, and keep no part of the text.

// parseCons reads the answer to cons: a line for each connection, such as
// " /127.0.0.1:35902[1](queued=0,…,sid=0x2000015bf180000,…,est=1795348322065,…)"
// (ServerCnxn.dumpConnectionInfo). Those without a session are left out. The last line
// of a text that was cut does not count.
func parseCons(text string, cut bool) (map[int64]Connection, error) {
	connections := map[int64]Connection{}
	for line := range strings.Lines(text) {
		if cut && !strings.HasSuffix(line, "\n") {
			break
		}
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		head, attributes, ok := strings.Cut(line, "](")
		at := strings.LastIndexByte(head, '[')
		if !ok || at < 0 || !strings.HasSuffix(attributes, ")") {
			return nil, ErrNotAnAnswer
		}
		session, since := int64(0), int64(0)
		for pair := range strings.SplitSeq(strings.TrimSuffix(attributes, ")"), ",") {
			switch key, value, _ := strings.Cut(pair, "="); key {
			case "sid":
				session, ok = parseSession(value)
				if !ok {
					return nil, ErrNotAnAnswer
				}
			case "est":
				since = max(0, number64(value))
			}
		}
		if address := cleanAddress(head[:at]); session != 0 && address != "" {
			put(connections, session, Connection{address, millis(since)})
		}
	}
	return connections, nil
}

// put adds a connection, unless a later one of the session is there.
func put(connections map[int64]Connection, session int64, c Connection) {
	if old, have := connections[session]; !have || !old.Since.After(c.Since) {
		connections[session] = c
	}
}

// millis is a time of Java's, zero for 0.
func millis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// parseSession reads "0x2000015bf180000".
func parseSession(text string) (int64, bool) {
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	return int64(n), err == nil
}

// cleanAddress makes host:port of what Java prints of a socket address:
// "/127.0.0.1:4711", "localhost/127.0.0.1:4711", "/[0:0:0:0:0:0:0:1]:4711", before Java
// 14 the last without brackets. It is "" for what is no address, or not safe to print.
func cleanAddress(text string) string {
	const longest = 300
	text = text[strings.LastIndexByte(text, '/')+1:]
	at := strings.LastIndexByte(text, ':')
	if at <= 0 || len(text) > longest || number64(text[at+1:]) < 0 {
		return ""
	}
	host, port := strings.TrimSuffix(strings.TrimPrefix(text[:at], "["), "]"), text[at+1:]
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.Unmap().String() // may have a zone, which may be anything
	} else if strings.Contains(host, ":") {
		return ""
	}
	address := net.JoinHostPort(host, port)
	if !safetext.IsSafe(address) {
		return ""
	}
	return strings.Clone(address)
}

// dumpAnswer is what dump says.
type dumpAnswer struct {
	sessions    map[int64]bool       // nil: it does not list them
	connections map[int64]Connection // nil likewise
}

// The sections of dump.
const (
	dumpSessions    = "SessionTracker dump:"
	dumpEphemerals  = "ephemeral nodes dump:"
	dumpConnections = "Connections dump:"
)

// parseDump reads the answer to dump (DumpCommand). Its first section lists, on a leader
// and a standalone server, sets of sessions by when they end (SessionTrackerImpl,
// ExpiryQueue.dump): a line "Session Sets (2)/(3):", then "2 expire at …:" and "\t0x…";
// on others "Global Sessions(2):" and lines "0x…\t10000ms" (LearnerSessionTracker), but
// nothing before 3.5. The last section has lines "\tip: /127.0.0.1:4711 sessionId: 0x…"
// (NIOServerCnxnFactory), nothing on Netty and before 3.5.
func parseDump(text string) (dumpAnswer, error) {
	var d dumpAnswer
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch line {
		case dumpSessions, dumpEphemerals, dumpConnections:
			section = line
			continue
		}
		switch section {
		case "":
			return dumpAnswer{}, ErrNotAnAnswer
		case dumpSessions:
			d.session(line)
		case dumpConnections:
			d.connection(line)
		}
	}
	if section == "" || section == dumpSessions { // it ends too early
		return dumpAnswer{}, ErrNotAnAnswer
	}
	return d, nil
}

func (d *dumpAnswer) session(line string) {
	if strings.Contains(line, "Session Sets (") || strings.HasPrefix(line, "Global Sessions(") {
		if d.sessions == nil {
			d.sessions = map[int64]bool{}
		}
		return
	}
	id, rest, _ := strings.Cut(strings.TrimPrefix(line, "\t"), "\t")
	if session, ok := parseSession(id); ok && d.sessions != nil && (rest == "" || strings.HasSuffix(rest, "ms")) {
		d.sessions[session] = true
	}
}

func (d *dumpAnswer) connection(line string) {
	if strings.HasPrefix(line, "Connections Sets (") {
		d.connections = map[int64]Connection{}
		return
	}
	text, ok := strings.CutPrefix(line, "\tip: ")
	ip, id, has := strings.Cut(text, " sessionId: ")
	session, is := parseSession(id)
	if !ok || !has || !is || session == 0 || d.connections == nil {
		return
	}
	if address := cleanAddress(ip); address != "" {
		d.connections[session] = Connection{Address: address}
	}
}

// parseWatches reads the answer to wchp: a path, then a line "\t0x…" for each session that
// watches its data (WatchManager.dumpWatches). Paths become those below the chroot,
// others are left out. What follows the last whole line of a text that was cut does not
// count.
func parseWatches(text, chroot string, cut bool) (map[string][]int64, error) {
	watches := map[string][]int64{}
	path := "" // below the chroot; "" where it is none of ours
	some := false
	for line := range strings.Lines(text) {
		if cut && !strings.HasSuffix(line, "\n") {
			break
		}
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "":
		case line[0] == '/':
			some = true
			path = ""
			if below, ok := below(line, chroot); ok {
				path = strings.Clone(below)
			}
		case line[0] == '\t' && some:
			session, ok := parseSession(line[1:])
			if !ok {
				return nil, ErrNotAnAnswer
			}
			if path != "" {
				watches[path] = append(watches[path], session)
			}
		default:
			return nil, ErrNotAnAnswer
		}
	}
	return watches, nil
}

// below is a server's path as the session has it; false if it is outside of the chroot.
func below(path, chroot string) (string, bool) {
	rest, ok := strings.CutPrefix(path, chroot)
	switch {
	case !ok || rest != "" && rest[0] != '/':
		return "", false
	case rest == "":
		return "/", true
	default:
		return rest, true
	}
}
