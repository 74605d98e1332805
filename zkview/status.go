package zkview

import "time"

// State is where a [Session] stands.
type State uint8

// The states of a session. Connecting is the time before the first session was
// granted; Suspended is a lost connection whose session may still live on the
// servers; Expired is a session that a server has declared dead while no new one
// has been granted yet; Closed is final.
const (
	Connecting State = iota
	Connected
	Suspended
	Expired
	Closed
)

// String is the state in the field's word.
func (s State) String() string {
	return [...]string{"connecting", "connected", "suspended", "expired", "closed"}[s]
}

// Status is a snapshot of everything a screen says about the connection. It is
// a plain value: taking one costs no request.
type Status struct {
	State State
	// Since is when the state was entered, Why what caused it in one sentence
	// ("connection refused by 127.0.0.1:2181"); Why is empty while connected, and
	// safe to be shown in a terminal, whatever a server has sent.
	Since time.Time
	Why   string

	// Server is the host:port we are connected to, or were last. Trying is the
	// host:port being dialled while not connected, Attempt its place in the lap
	// (from 1) and Servers how many the connect string names.
	Server           string
	Trying           string
	Attempt, Servers int
	// Mode and Version come from the server's `srvr` ("leader", "follower",
	// "standalone", "observer", "read-only"; "3.8.0"); empty until known or where
	// the server refuses that word.
	Mode, Version string

	// SessionID and Timeout are the session's, as the server granted them.
	SessionID int64
	Timeout   time.Duration
	// Deadline is, while suspended, when the session ends on the servers at the
	// latest unless we reach one.
	Deadline time.Time

	// RTT is the last measured round trip; zero until known.
	RTT time.Duration
	// Watches is the number of watches that this session holds on its server.
	Watches int
	// Auth says which identity the server rejected; empty when none was.
	Auth string
	// ReadOnly tells that this session refuses writes by itself;
	// ServerReadOnly that the server does (a read-only session).
	ReadOnly, ServerReadOnly bool

	// BytesIn and BytesOut count since the session was opened.
	BytesIn, BytesOut int64
	// FrameGot and FrameSize are the bytes received of the reply that is arriving
	// now, and its size; both zero between replies.
	FrameGot, FrameSize int64

	// Generation counts the times that a connection was established. What was
	// read under an older generation must be read again.
	Generation uint64
}
