package zkview

import (
	"errors"
	"fmt"
)

// The reasons for which a call fails, to be tested with errors.Is. The first
// group are answers of the server; their text is what a person reads.
var (
	ErrNoNode           = errors.New("no such znode")
	ErrNodeExists       = errors.New("the znode exists already")
	ErrBadVersion       = errors.New("the znode was changed by somebody else")
	ErrNotEmpty         = errors.New("the znode has children")
	ErrNoChildrenForEph = errors.New("an ephemeral znode cannot have children")
	ErrNoAuth           = errors.New("not allowed by the ACL")
	ErrInvalidACL       = errors.New("the server does not accept this ACL")
	ErrAuthFailed       = errors.New("the server rejected the credentials")
	ErrQuotaExceeded    = errors.New("a quota on a parent is exceeded")
	ErrNotReadOnly      = errors.New("the server is in read-only mode and refuses writes")
	ErrThrottled        = errors.New("the server is overloaded and dropped the request")
	ErrUnimplemented    = errors.New("the server does not know this operation")
	ErrBadArguments     = errors.New("the server rejected the arguments")

	// ErrReadOnly is our own guard: the session was opened read-only, and the
	// write never left this process.
	ErrReadOnly = errors.New("zkdeck is read-only here; nothing was sent")
	// ErrBadPath is a path that ZooKeeper or go-zookeeper cannot carry; nothing
	// was sent.
	ErrBadPath = errors.New("not a valid path")
	// ErrTooBig is a write over the server's frame limit; nothing was sent.
	ErrTooBig = errors.New("larger than the server accepts")
	// ErrHeld is a value or a listing that is long and was not read because nobody
	// has opened it.
	ErrHeld = errors.New("large; read only when opened")
	// ErrClosed is a call on a closed session.
	ErrClosed = errors.New("the session is closed")

	// ErrSessionOver is a call on a [Single] whose session has ended.
	ErrSessionOver = errors.New("the session has ended")

	// ErrNotSent means that the request certainly did not reach a server.
	ErrNotSent = errors.New("not connected; nothing was sent")
	// ErrUnknownOutcome means that the request was sent and no answer came: it may
	// or may not have been carried out.
	ErrUnknownOutcome = errors.New("no answer came; the outcome is unknown")
	// ErrSessionExpired means that the session ended while the request was under
	// way; its outcome is unknown too (errors.Is matches ErrUnknownOutcome).
	ErrSessionExpired = fmt.Errorf("the session expired: %w", ErrUnknownOutcome)
)

// OpError says which operation on which path failed, and why. Err is or wraps
// one of the sentinel errors of this package, or is the server's code in words.
type OpError struct {
	Op   string // the operation in ZooKeeper's own term: "getData", "setData", "create" …
	Path string
	Err  error
}

// Error is "getData /a/b: no such znode".
func (e *OpError) Error() string { return e.Op + " " + e.Path + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *OpError) Unwrap() error { return e.Err }
