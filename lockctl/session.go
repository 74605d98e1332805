package lockctl

import (
	"context"
	"errors"
	"time"

	"github.com/go-zookeeper/zk"
)

// What a [Session] fails with beside [ErrGone] and [ErrDenied], wrapped: test with
// errors.Is.
var (
	// ErrNotSent: the request did not leave this process; nothing has changed.
	ErrNotSent = errors.New("not sent")
	// ErrUnknown: the request was sent and no answer came; it may have been done.
	ErrUnknown = errors.New("no answer came: it may have been done or not")
	// ErrExists: a znode of that name is there.
	ErrExists = errors.New("there is such a znode already")
	// ErrChanged: the znode has another version than the one that was expected.
	ErrChanged = errors.New("the znode was changed meanwhile")
	// ErrEnded: the session has expired or was closed. There will be no other.
	ErrEnded = errors.New("the session has ended")
	// ErrReadOnly: this program was told to write nothing.
	ErrReadOnly = errors.New("read-only: nothing is written")
)

// Session is one ZooKeeper session, from when it is granted to its end: when it
// expires there is no other in its place. Locks are taken on one of their own, so that
// nothing else that is asked for can delay them. All methods may be called from
// anywhere; calls block until they are answered or ctx ends, and wait for a connection
// while there is none. Paths are the session's: below its chroot, if it has one.
type Session interface {
	// Status is how the session stands now. It does not block.
	Status() SessionStatus
	// Events starts a queue of what is told from now on.
	Events() SessionEvents

	// Enter creates an ephemeral sequential znode, whose path begins with prefix, and
	// lists the directory that it is in. Both requests are under way together, in this
	// order, so that it costs one wait. The listing has the new znode unless the server
	// did not see it, which then is to be listed again. An error is of the creation;
	// that of the listing alone is in Entered.
	Enter(ctx context.Context, prefix string, data []byte, acl []zk.ACL) (Entered, error)
	// Create creates a znode and returns its path and Stat.
	Create(ctx context.Context, path string, data []byte, acl []zk.ACL, kind NodeKind) (string, Stat, error)
	// List returns the names of the children and the znode's Stat, both of one reply.
	// With watch, the next change of the list is told by Events.
	List(ctx context.Context, path string, watch bool) ([]string, Stat, error)
	// Get returns value and Stat. With watch, the next change or deletion is told by
	// Events; where there is no such znode no watch is left.
	Get(ctx context.Context, path string, watch bool) ([]byte, Stat, error)
	// Read reads Stat and the beginning of the value of some children of dir, as
	// [Source.Read] does.
	Read(ctx context.Context, dir string, names []string) ([]ReadNode, error)
	// Set writes a value; a version of -1 is any.
	Set(ctx context.Context, path string, data []byte, version int32) (Stat, error)
	// Delete deletes a znode; a version of -1 is any.
	Delete(ctx context.Context, path string, version int32) error
	// Sync waits until the server has all that was committed when it was asked.
	Sync(ctx context.Context, path string) error
	// Unwatch tells that nobody cares for a watch that Get or List left; it does not block.
	Unwatch(path string)

	// Absolute is the path as the server knows it, below the chroot.
	Absolute(path string) string
	// Close ends the session on the server, whereupon its ephemerals go at once. Where no
	// server is reached they go when the session times out. It blocks for at most half a
	// second and may be called again.
	Close() error
}

// NodeKind is what [Session.Create] makes.
type NodeKind uint8

// The kinds of znodes that recipes make.
const (
	PersistentNode NodeKind = iota
	// ContainerNode goes by itself once it has no more children; where the server is
	// older than 3.5 a persistent one is made.
	ContainerNode
	EphemeralNode
	EphemeralSequentialNode
)

// Entered is what [Session.Enter] did.
type Entered struct {
	Node  string // the name of the new znode, without the directory
	Stat  Stat   // of the new znode; its Czxid is the fencing token
	Names []string
	Dir   Stat  // of the directory, of the same reply as Names
	Err   error // why the directory could not be listed
}

// SessionState is where a session stands.
type SessionState uint8

// The states of a session.
const (
	SessionConnecting SessionState = iota // none was granted yet
	SessionLive                           // connected
	SessionSuspended                      // the connection was lost; the session may live
	SessionEnded                          // expired, or closed; final
)

// SessionStatus is how a session stands at one moment.
type SessionStatus struct {
	State SessionState
	Since time.Time // of State
	Why   string    // of every state but SessionLive, safe to print
	ID    int64     // zero before it was granted; stays after the end
	// Timeout is what the server granted.
	Timeout time.Duration
	// Proven is a moment of which it is known that the leader's count of Timeout began no
	// earlier: when a request was sent that it has heard of since. Until Timeout has passed
	// since then the servers do not end the session.
	Proven time.Time
	// Connection counts the connections that the session has had.
	Connection uint64
	Server     string // host:port of the present or last connection
	ReadOnly   bool   // nothing may be written, by our own settings
}

// SessionEventKind is what a [SessionEvent] tells.
type SessionEventKind uint8

// The kinds of events.
const (
	NodeDeleted SessionEventKind = iota + 1
	NodeWritten
	ChildrenChanged
	// ConnectionLost: what happens from here on to the next ConnectionMade may be told
	// late and in another order.
	ConnectionLost
	// ConnectionMade: a connection was made, the first one too. Everything is to be asked
	// for again, watches included.
	ConnectionMade
	// SessionOver: the session has ended; nothing follows.
	SessionOver
)

// SessionEvent is one thing that a session was told.
type SessionEvent struct {
	Kind SessionEventKind
	Path string // of the first three
	At   time.Time
}

// SessionEvents is a queue of events for one reader, in the order in which the
// connection brought them: of two znodes, the deletion that happened first is told first,
// unless a ConnectionLost lies between. Close ends it and does not block.
type SessionEvents interface {
	// Next waits for events and returns all that wait. It fails with ctx's error, or with
	// ErrEnded when all has been told.
	Next(ctx context.Context) ([]SessionEvent, error)
	// Ready gets a value when Next would return at once.
	Ready() <-chan struct{}
	Close()
}
