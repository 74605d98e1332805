package sandbox_test

import (
	"fmt"
	"slices"

	"zkdeck/zkview/wire"
)

const superAuth = "super:secret"

// superDigest is what makes superAuth the superuser.
const superDigest = "super:lK75jTNcA+U9vtVEw5vB51mj/w4="

// peer is one of the two servers that are compared.
type peer struct {
	name  string
	addr  string
	admin *rawConn // as superuser, to clean up after a round

	reader
	conns [sessionsPerRound]*rawConn
	gone  [sessionsPerRound]bool // the session was closed: the next step opens another
	made  []string
}

// must asks as the superuser; an error is one of the network.
func (p *peer) must(s step) (*wire.Decoder, error) {
	if p.admin == nil {
		c, err := openRaw(p.addr, handshake{timeout: 20_000, password: make([]byte, 16)})
		if err != nil {
			return nil, err
		}
		p.admin = c
		if _, err := p.must(step{op: wire.OpAuth, path: "digest", data: []byte(superAuth)}); err != nil {
			return nil, err
		}
	}
	frames, err := p.admin.ask(s.op, s.encode(func(s string) string { return s }, 0), false)
	if err == nil && (len(frames) == 0 || !p.admin.open) {
		err = fmt.Errorf("%s: %v closed the superuser's connection", p.name, s)
	}
	if err != nil {
		p.admin = nil // whoever comes next starts anew
		return nil, err
	}
	d := wire.NewDecoder(frames[len(frames)-1])
	d.Int()
	d.Long()
	if code := d.Int(); code != 0 {
		return nil, fmt.Errorf("%s: %v: %w", p.name, s, wire.Code(code))
	}
	return d, nil
}

// special are the znodes that cannot be deleted.
var special = []string{"/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"}

// clean deletes all that a round may have left, but for the counters.
func (p *peer) clean() error {
	for i, c := range p.conns {
		if c != nil && !p.gone[i] {
			p.ready(i) // a session that is left alone would expire within another round
			if c = p.conns[i]; c.open {
				if _, err := c.ask(wire.OpCloseSession, nil, true); err != nil {
					return err
				}
			}
		}
		p.conns[i], p.gone[i] = nil, false
	}
	p.made = nil
	for _, s := range special {
		if err := p.deleteBelow(s); err != nil {
			return err
		}
		if _, err := p.must(step{op: wire.OpSetData, path: s, data: []byte{}, version: -1}); err != nil {
			return err
		}
	}
	return nil
}

func (p *peer) deleteBelow(path string) error {
	d, err := p.must(step{op: wire.OpGetChildren, path: path})
	if err != nil {
		return err
	}
	for range d.Vector(4) {
		child := path + "/" + d.Ustring()
		if path == "/" {
			child = child[1:]
		}
		if slices.Contains(special, child) {
			continue
		}
		if err := p.deleteBelow(child); err != nil {
			return err
		}
		if _, err := p.must(step{op: wire.OpDelete, path: child, version: -1}); err != nil {
			return err
		}
	}
	return d.Err()
}

// counters are the version of a znode and how many children it ever had.
func (p *peer) counters(path string) (version, created int32, err error) {
	d, err := p.must(step{op: wire.OpExists, path: path})
	if err != nil {
		return 0, 0, err
	}
	s := d.Stat()
	return s.Version, (s.Cversion + s.NumChildren) / 2, d.Err()
}

// raise brings the counters of a special znode up to those.
func (p *peer) raise(path string, version, created int32) error {
	v, c, err := p.counters(path)
	for ; err == nil && v < version; v++ {
		_, err = p.must(step{op: wire.OpSetData, path: path, data: []byte{}, version: -1})
	}
	for ; err == nil && c < created; c++ {
		child := path + "/raise"
		if path == "/" {
			child = "/raise"
		}
		if _, err = p.must(step{op: wire.OpCreate, path: child, acl: openACL}); err == nil {
			_, err = p.must(step{op: wire.OpDelete, path: child, version: -1})
		}
	}
	return err
}

// equalise cleans both peers and brings their counters to the same, also after a
// round in which they went apart.
func equalise(a, b *peer) error {
	for _, p := range []*peer{a, b} {
		if err := p.clean(); err != nil {
			return err
		}
	}
	for _, path := range special {
		va, ca, err := a.counters(path)
		if err != nil {
			return err
		}
		vb, cb, err := b.counters(path)
		if err != nil {
			return err
		}
		for _, p := range []*peer{a, b} {
			if err := p.raise(path, max(va, vb), max(ca, cb)); err != nil {
				return err
			}
		}
	}
	for _, p := range []*peer{a, b} {
		p.base, p.sessions = p.admin.zxid, map[int64]int{}
	}
	return nil
}

// path gives "$0" its meaning.
func (p *peer) path(s string) string {
	if len(s) < 2 || s[0] != '$' {
		return s
	}
	rest := s[2:]
	if i := len(p.made) - 1 - int(s[1]-'0'); i >= 0 {
		return p.made[i] + rest
	}
	return "/none" + rest
}

// do takes a step and tells what all connections received by it.
func (p *peer) do(s step) []string {
	c := p.conns[s.conn]
	if s.op == stepCut {
		if c != nil {
			c.close()
		}
		return nil
	}
	if s.op == stepResume && c != nil {
		c.close()
	}
	lines := p.ready(s.conn)
	c = p.conns[s.conn]
	if c == nil {
		return lines
	}
	if s.op == stepResume {
		s.op = wire.OpSetWatches2
	}
	since := [...]int64{c.zxid, p.base, 0, p.base + 1<<40}[s.since]
	frames, err := c.ask(s.op, s.encode(p.path, since), s.op == wire.OpCloseSession)
	lines = append(lines, p.told(s, s.conn, frames, err)...)
	if s.op == wire.OpCloseSession {
		p.gone[s.conn] = true
	}
	if s.writes() {
		lines = append(lines, p.barrier(s)...)
	}
	return lines
}

// ready opens a session where there is none, and resumes one that is cut off.
func (p *peer) ready(i int) []string {
	c := p.conns[i]
	if c != nil && c.open {
		return nil
	}
	h := handshake{timeout: 20_000, password: make([]byte, 16)}
	what := "opened"
	if c != nil && !p.gone[i] {
		h.session, h.password, h.zxid, what = c.session, c.password, c.zxid, "resumed"
	}
	n, err := openRaw(p.addr, h)
	if err != nil {
		p.gone[i] = true
		return []string{fmt.Sprintf("%d: not %s: %v", i, what, err)}
	}
	p.gone[i] = false
	p.conns[i] = n
	if h.session == 0 {
		p.sessions[n.session] = len(p.sessions)
		return []string{fmt.Sprintf("%d: opened, timeout %d", i, n.timeout)}
	}
	n.zxid = c.zxid
	return []string{fmt.Sprintf("%d: resumed, timeout %d, same session %v", i, n.timeout, n.session == c.session)}
}

// barrier collects what the step sent to the connections that did not take it.
func (p *peer) barrier(s step) []string {
	var lines []string
	for i, c := range p.conns {
		if i == s.conn || c == nil || !c.open {
			continue
		}
		frames, err := c.ask(wire.OpPing, nil, false)
		lines = append(lines, p.told(s, i, frames, err)...)
	}
	return lines
}

func (p *peer) told(s step, i int, frames [][]byte, err error) []string {
	c := p.conns[i]
	var lines, events []string
	for _, f := range frames {
		switch {
		case isPing(f) && s.op != wire.OpPing:
		case isEvent(f) && s.op == wire.OpCloseSession: // a hash set's order
			events = append(events, fmt.Sprintf("%d: %s", i, p.line(c, f)))
		default:
			p.remember(c, f)
			lines = append(lines, fmt.Sprintf("%d: %s", i, p.line(c, f)))
		}
	}
	slices.Sort(events)
	lines = append(events, lines...)
	if err != nil {
		lines = append(lines, fmt.Sprintf("%d: %v", i, err))
	} else if !c.open {
		lines = append(lines, fmt.Sprintf("%d: closed", i))
	}
	return lines
}

// remember keeps the paths that creates tell.
func (p *peer) remember(c *rawConn, frame []byte) {
	d := wire.NewDecoder(frame)
	xid := d.Int()
	d.Long()
	if code := d.Int(); code != 0 || xid < 0 {
		return
	}
	switch c.asked[xid] {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		if path := d.Ustring(); d.Err() == nil {
			p.made = append(p.made, path)
		}
	}
}
