package sandbox_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"zkdeck/zkview/wire"
)

func asTimeout(err error, ne *net.Error) bool {
	return errors.As(err, ne) && (*ne).Timeout() || errors.Is(err, os.ErrDeadlineExceeded)
}

// reader turns frames into lines that must be the same on two servers: zxids are
// told from the one at which a round began, sessions by their number in it, times
// by what must hold between them, and what the real server keeps in hash sets is
// sorted.
type reader struct {
	base     int64
	sessions map[int64]int
}

func (x *reader) zxid(z int64) string {
	switch {
	case z <= 0:
		return fmt.Sprint(z)
	case z <= x.base:
		return "old"
	}
	return fmt.Sprintf("+%d", z-x.base)
}

func (x *reader) owner(id int64) string {
	if n, ok := x.sessions[id]; ok {
		return fmt.Sprintf("session%d", n)
	}
	return fmt.Sprintf("%#x", uint64(id))
}

func (x *reader) stat(d *wire.Decoder) string {
	s := d.Stat()
	times := "later"
	switch {
	case s.CtimeMS == 0 && s.MtimeMS == 0:
		times = "none"
	case s.MtimeMS < s.CtimeMS:
		times = "mtime before ctime"
	case s.Version == 0 && s.MtimeMS != s.CtimeMS:
		times = "mtime of an unchanged znode"
	}
	return fmt.Sprintf("{c%s m%s p%s time %s v%d c%d a%d owner %s data %d children %d}",
		x.zxid(s.Czxid), x.zxid(s.Mzxid), x.zxid(s.Pzxid), times, s.Version, s.Cversion, s.Aversion,
		x.owner(s.EphemeralOwner), s.DataLength, s.NumChildren)
}

func buffer(d *wire.Decoder) string { return short(d.Buffer()) }

func names(d *wire.Decoder, sorted bool) string {
	n := d.Vector(4)
	list := make([]string, 0, n)
	for range n {
		list = append(list, buffer(d))
	}
	if sorted {
		slices.Sort(list)
	}
	return "[" + strings.Join(list, " ") + "]"
}

func acls(d *wire.Decoder) string {
	n := d.Vector(12)
	list := make([]string, 0, n)
	for range n {
		perms := d.Int()
		list = append(list, fmt.Sprintf("%d:%s:%s", perms, buffer(d), buffer(d)))
	}
	return "[" + strings.Join(list, " ") + "]"
}

func identities(d *wire.Decoder) string {
	n := d.Vector(8)
	list := make([]string, 0, n)
	for range n {
		list = append(list, buffer(d)+":"+buffer(d))
	}
	slices.Sort(list)
	return "[" + strings.Join(list, " ") + "]"
}

// body tells what follows a reply's header.
func (x *reader) body(op wire.OpCode, d *wire.Decoder) string {
	switch op {
	case wire.OpCreate, wire.OpSync:
		return buffer(d)
	case wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		return buffer(d) + " " + x.stat(d)
	case wire.OpExists, wire.OpSetData, wire.OpSetACL, wire.OpCheck:
		return x.stat(d)
	case wire.OpGetData:
		return buffer(d) + " " + x.stat(d)
	case wire.OpGetACL:
		return acls(d) + " " + x.stat(d)
	case wire.OpGetChildren, wire.OpGetEphemerals:
		return names(d, true)
	case wire.OpGetChildren2:
		return names(d, true) + " " + x.stat(d)
	case wire.OpGetAllChildrenNumber, wire.OpAddWatch:
		return fmt.Sprint(d.Int())
	case wire.OpWhoAmI:
		return identities(d)
	case wire.OpMulti, wire.OpMultiRead:
		return x.multi(d)
	}
	return ""
}

func (x *reader) multi(d *wire.Decoder) string {
	var b strings.Builder
	for d.Err() == nil {
		code, done, err := wire.OpCode(d.Int()), d.Bool(), d.Int()
		if done {
			fmt.Fprintf(&b, "| end %v %d", code, err)
			break
		}
		fmt.Fprintf(&b, "| %v %d ", code, err)
		if code == wire.OpError {
			fmt.Fprintf(&b, "%v ", wire.Code(d.Int()))
			continue
		}
		if code == wire.OpDelete || code == wire.OpCheck {
			continue
		}
		b.WriteString(x.body(code, d) + " ")
	}
	return b.String()
}

// line tells a frame that a connection received.
func (x *reader) line(c *rawConn, frame []byte) string {
	d := wire.NewDecoder(frame)
	xid, zxid, code := d.Int(), d.Long(), d.Int()
	if d.Err() != nil {
		return fmt.Sprintf("frame %x", frame)
	}
	var text string
	switch xid {
	case eventXid:
		text = fmt.Sprintf("event zxid %d err %d type %d state %d %s", zxid, code, d.Int(), d.Int(), buffer(d))
	default:
		op, ok := c.asked[xid]
		if !ok {
			return fmt.Sprintf("reply to an unknown xid %d: %x", xid, frame)
		}
		text = fmt.Sprintf("%v %s", op, x.zxid(zxid))
		if code != 0 {
			text += " " + wire.Code(code).Error()
		}
		if d.Len() > 0 {
			text += " " + x.body(op, d)
		}
	}
	if d.Err() != nil {
		return fmt.Sprintf("%s %v: %x", text, d.Err(), frame)
	}
	if d.Len() > 0 {
		text += fmt.Sprintf(" and %x", frame[len(frame)-d.Len():])
	}
	return text
}

// isPing tells the reply to a ping, which only marks a place in the stream.
func isPing(frame []byte) bool {
	return len(frame) == 16 && int32(binary.BigEndian.Uint32(frame)) == pingXid
}

func isEvent(frame []byte) bool {
	return len(frame) >= 16 && int32(binary.BigEndian.Uint32(frame)) == eventXid
}
