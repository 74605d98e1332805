package zkview

import (
	"sync"

	"zkdeck/zkview/wire"

	"github.com/go-zookeeper/zk"
)

// inbox is what the library and the wire tell a session. Both call from
// goroutines (and under locks) that must not wait, so everything is queued here,
// without bound, and handled by [Session.run].
type inbox struct {
	ready chan struct{}

	mu    sync.Mutex
	queue []any
}

func (b *inbox) put(m any) {
	b.mu.Lock()
	b.queue = append(b.queue, m)
	b.mu.Unlock()
	signal(b.ready)
}

func (b *inbox) take() []any {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue
	b.queue = nil
	return q
}

// The messages of the inbox, named as facts. All but the last come from one link,
// and are void once that was replaced.
type (
	libraryTold struct {
		link  *link
		event zk.Event
	}
	dialling struct {
		link    *link
		address string
	}
	refused struct {
		link    *link
		address string
		err     error
	}
	shookHands struct {
		link      *link
		conn      *wire.Conn
		handshake wire.Handshake
	}
	connEnded struct {
		link *link
		conn *wire.Conn
		err  error
	}
	// authDone: the identities were presented on conn; err is about the connection.
	authDone struct {
		link *link
		conn *wire.Conn
		err  error
	}
	// replaceDue: a link that was refused a session has waited long enough.
	replaceDue struct{ link *link }
	// disowned: a server answered that the session of a link is gone.
	disowned struct{ link *link }
	// sweepDue: there are unwanted watches.
	sweepDue struct{}
	// followEnded: nothing of a trunk is left, and no event of it is on its way.
	followEnded struct{ trunk *trunk }
	// probed: a server said srvr beside the session; refusal is what made us
	// ask, nil if that was a new connection, conn.
	probed struct {
		link    *link
		conn    *wire.Conn
		address string
		refusal error
		srvr    wire.ServerInfo
		err     error
	}
)
