package wire

import "time"

// Events are told what happens on the connections of a [Dialer]. Each may be nil.
// They are called on the goroutines that read and write for go-zookeeper, or that
// killed the connection, so none may block, and none may call [Conn.Call]; a
// Conn's Stats and Kill are fine.
type Events struct {
	// Dialing: address is about to be tried, after any back-off.
	Dialing func(address string)
	// Refused: the connection could not be made, or ended before the server had
	// answered the connect request. The error's text is a sentence for a person.
	Refused func(address string, err error)
	// Handshake: the server has answered the connect request. It comes before
	// go-zookeeper learns of it. If h.Expired, c is about to end.
	Handshake func(c *Conn, h Handshake)
	// Op: a request was answered, or its connection ended before. Pings are left
	// out; requests of Call are in.
	Op func(o Op)
	// Pong: a ping was answered after rtt.
	Pong func(rtt time.Duration)
	// Closed: a connection that had its Handshake has ended. err is nil if it was
	// go-zookeeper that closed it.
	Closed func(c *Conn, err error)
}

// Handshake is a server's answer to the connect request (ConnectResponse).
type Handshake struct {
	Address   string
	SessionID int64
	// Timeout is the session timeout that the server granted.
	Timeout time.Duration
	// ReadOnly: the server has lost its quorum and serves reads only
	// (org.apache.zookeeper.server.quorum.ReadOnlyZooKeeperServer).
	ReadOnly bool
	// Resumed: the session existed before and lives on. Expired: the session that
	// was asked for is gone; there is no session on this connection.
	Resumed, Expired bool
	// Asked is when the connect request was about to be sent.
	Asked time.Time
}

// Op is one request and what became of it.
type Op struct {
	Sent time.Time
	Took time.Duration // until its whole reply was read, or the connection ended
	Xid  int32
	Code OpCode
	Path string // as sent, below any chroot; the first one of a multi
	// Version is the expected version of delete, setData, setACL and check.
	Version int32
	// Ops counts the operations of a multi or multiRead, and the paths of a
	// setWatches.
	Ops     int
	Out, In int   // bytes of the two frames
	Zxid    int64 // of the reply
	Err     int32 // of the reply, a [Code]; 0 is success
	Lost    bool  // no reply: the outcome is unknown
	Watch   bool  // the request asked for a watch
}

// Stats are a connection's counters at one moment.
type Stats struct {
	BytesIn, BytesOut int64
	// RTT is the last round trip measured, of a ping or a small read; zero until
	// there was one.
	RTT time.Duration
	// LastZxid is the highest zxid in a reply so far.
	LastZxid int64
	// FrameGot and FrameSize are the bytes here of the reply that is arriving now,
	// and its size; both are zero between replies.
	FrameGot, FrameSize int64
	// LastHeard is when bytes last came from the server.
	LastHeard time.Time
}
