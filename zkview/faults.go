package zkview

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

// errSessionMoved is the server's code -118: the request was ignored.
var errSessionMoved = errors.New("the session moved to another server; the request was ignored")

// libraryErrors translates what go-zookeeper returns.
var libraryErrors = []struct{ from, to error }{
	{zk.ErrNoNode, ErrNoNode},
	{zk.ErrNodeExists, ErrNodeExists},
	{zk.ErrBadVersion, ErrBadVersion},
	{zk.ErrNotEmpty, ErrNotEmpty},
	{zk.ErrNoChildrenForEphemerals, ErrNoChildrenForEph},
	{zk.ErrNoAuth, ErrNoAuth},
	{zk.ErrInvalidACL, ErrInvalidACL},
	{zk.ErrAuthFailed, ErrAuthFailed},
	{zk.ErrBadArguments, ErrBadArguments},
	{zk.ErrInvalidPath, ErrBadPath},
	{zk.ErrSessionExpired, ErrSessionExpired},
	{zk.ErrSessionMoved, errSessionMoved},
	{zk.ErrNoServer, ErrNotSent},
	{zk.ErrConnectionClosed, ErrUnknownOutcome},
	{zk.ErrClosing, ErrUnknownOutcome},
	{zk.ErrShortBuffer, ErrTooBig},
	{zk.ErrInvalidFlags, ErrBadArguments},
	{zk.ErrAPIError, codeErrors[-100]},
	{zk.ErrReconfigDisabled, codeErrors[-123]},
	{wire.ErrTooBig, ErrTooBig},
	{wire.ErrNotSent, ErrNotSent},
	{ErrNotSent, ErrNotSent},
	{ErrUnimplemented, ErrUnimplemented},
}

// codeErrors are the server's codes (org.apache.zookeeper.KeeperException.Code).
var codeErrors = map[int32]error{
	-1:   errors.New("the server failed (system error)"),
	-2:   errors.New("not carried out, as another part of the transaction failed"),
	-3:   errors.New("the server found its data inconsistent"),
	-5:   errors.New("the server could not read the request"),
	-6:   ErrUnimplemented,
	-7:   errors.New("the server timed out on the operation"),
	-8:   ErrBadArguments,
	-9:   errors.New("the server is in a state that does not allow this"),
	-100: errors.New("the server reports an API error"),
	-101: ErrNoNode,
	-102: ErrNoAuth,
	-103: ErrBadVersion,
	-108: ErrNoChildrenForEph,
	-110: ErrNodeExists,
	-111: ErrNotEmpty,
	-112: ErrSessionExpired,
	-114: ErrInvalidACL,
	-115: ErrAuthFailed,
	-118: errSessionMoved,
	-119: ErrNotReadOnly,
	-120: errors.New("an ephemeral znode cannot be created on a local session"),
	-121: errors.New("no such watch"),
	-122: errors.New("the server's own request timed out"),
	-123: errors.New("reconfiguration is disabled on the server"),
	-124: errors.New("the server closes sessions that do not authenticate by SASL"),
	-125: ErrQuotaExceeded,
	-127: ErrThrottled,
}

// codeError is the reason for an error code of the server, nil for 0.
func codeError(code int32) error {
	if code == 0 {
		return nil
	}
	if err, ok := codeErrors[code]; ok {
		return err
	}
	return fmt.Errorf("the server answered with error code %d", code)
}

// reason translates an error of the library or the wire into one of ours. All
// answers of a server have a name or a number; what else there is comes from the
// connection (the library returns a failed write as it is).
func reason(err error) error {
	if err == nil {
		return nil
	}
	var code wire.Code
	if errors.As(err, &code) {
		return codeError(int32(code))
	}
	for _, t := range libraryErrors {
		if errors.Is(err, t.from) {
			return t.to
		}
	}
	// Codes that the library has no name for come as text only.
	if text, ok := strings.CutPrefix(err.Error(), "unknown error: "); ok {
		if code, err := strconv.ParseInt(text, 10, 32); err == nil {
			return codeError(int32(code))
		}
	}
	return fmt.Errorf("%w (%s)", ErrUnknownOutcome, netWords(err))
}

// netWords says in a few words what the network said.
func netWords(err error) string {
	var lookup *net.DNSError
	switch {
	case errors.As(err, &lookup):
		return "the name " + lookup.Name + " does not resolve"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "connection reset"
	case errors.Is(err, syscall.EPIPE):
		return "broken pipe"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route"
	case errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return "no answer in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server closed the connection"
	case errors.Is(err, net.ErrClosed):
		return "the connection was closed"
	default:
		return err.Error()
	}
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// lost reports whether a request failed with its connection, so that another
// try on the next connection may succeed.
func lost(err error) bool {
	return errors.Is(err, ErrUnknownOutcome) || errors.Is(err, ErrNotSent) || errors.Is(err, errSessionMoved)
}
