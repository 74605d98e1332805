package zkview

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"zkdeck/zkview/wire"
)

// asking is one server being asked.
type asking struct {
	s       *Session
	to      *censusServer
	address string // that has answered last, "" before the first
	answer  ServerAnswer
	down    error // why there is no point in asking on
}

// askServer asks one server all words, one after the other.
func (s *Session) askServer(ctx context.Context, to *censusServer, o CensusOptions) ServerAnswer {
	ctx, cancel := context.WithTimeout(ctx, s.tune.censusLimit)
	defer cancel()
	a := &asking{s: s, to: to, answer: ServerAnswer{Address: to.label}}
	a.srvr(ctx)
	fromDump := a.dump(ctx)
	a.cons(ctx, fromDump)
	if o.Watches {
		a.watches(ctx)
	}
	a.askAdmin(ctx, o.AdminPort)
	slices.SortStableFunc(a.answer.Errs, func(x, y *CensusError) int { return strings.Compare(x.Word, y.Word) })
	return a.answer
}

// word asks one word. Once a server cannot be reached, or says nothing, it is not
// asked again.
func (a *asking) word(ctx context.Context, word string) (string, error) {
	if a.down != nil {
		return "", a.down
	}
	text, err := wire.FourLetter(ctx, a.dial, word)
	switch {
	case err == nil, errors.Is(err, ErrNotWhitelisted), errors.Is(err, ErrNotServing), errors.Is(err, ErrAnswerCut), errors.Is(err, wire.ErrNoAnswer):
	default:
		a.down = err
	}
	return text, err
}

// dial connects to the server by one of its addresses.
func (a *asking) dial(ctx context.Context) (net.Conn, error) {
	addresses := a.to.addresses
	if a.address != "" {
		addresses = []string{a.address}
	}
	var first error
	for _, address := range addresses {
		own, cancel := context.WithTimeout(ctx, a.s.tune.censusSilence)
		conn, err := a.s.dialBeside(own, address)
		cancel()
		if err == nil {
			a.address = address
			return &impatient{conn, a.s.tune.censusSilence}, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// impatient is a connection on which nothing may take longer than this without a
// byte moving.
type impatient struct {
	net.Conn
	silence time.Duration
}

// Read fails when nothing comes in time.
func (c *impatient) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write fails when nothing goes in time.
func (c *impatient) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.silence)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// refuse notes a word that was not answered.
func (a *asking) refuse(word string, err error) {
	a.answer.Errs = append(a.answer.Errs, &CensusError{Word: word, Address: a.answer.Address, Err: err})
}

func (a *asking) srvr(ctx context.Context) {
	text, err := a.word(ctx, "srvr")
	var info wire.ServerInfo
	if err == nil {
		info, err = wire.ParseSrvr(text)
		if errors.Is(err, wire.ErrNotSrvr) {
			err = ErrNotAnAnswer
		}
	}
	if err != nil {
		if a.down == nil { // else the words that we are after say so
			a.refuse("srvr", err)
		}
		return
	}
	a.answer.Mode, a.answer.Version, a.answer.Zxid = info.Mode, info.Version, info.Zxid
}

// dump asks for the sessions. The answer also has the connections, where the server
// is not one on Netty.
func (a *asking) dump(ctx context.Context) map[int64]Connection {
	text, err := a.word(ctx, "dump")
	var d dumpAnswer
	if err == nil {
		d, err = parseDump(text)
	}
	if err != nil { // of a part nobody could tell who is missing
		a.refuse("dump", err)
		return nil
	}
	a.answer.Sessions = d.sessions
	return d.connections
}

func (a *asking) cons(ctx context.Context, fromDump map[int64]Connection) {
	text, err := a.word(ctx, "cons")
	if err == nil || errors.Is(err, ErrAnswerCut) {
		connections, wrong := parseCons(text, err != nil)
		if wrong == nil {
			a.answer.Connections = connections
		} else {
			err = wrong
		}
	}
	if a.answer.Connections == nil && fromDump != nil {
		a.answer.Connections, err = fromDump, nil
	}
	if err != nil {
		a.refuse("cons", err)
	}
}

func (a *asking) watches(ctx context.Context) {
	text, err := a.word(ctx, "wchp")
	if err == nil || errors.Is(err, ErrAnswerCut) {
		watches, wrong := parseWatches(text, a.s.servers.Chroot, err != nil)
		if wrong == nil {
			a.answer.Watches = watches
		} else {
			err = wrong
		}
	}
	if err != nil {
		a.refuse("wchp", err)
	}
}
