package lab

import "encoding/binary"

const (
	// keptOfFrame is how much of a frame is looked at: its header and, where it is about one
	// znode, a path of a usual length.
	keptOfFrame = 2048
	// longestFrame is more than servers take or send (jute.maxbuffer): a longer one means
	// that this is not ZooKeeper's protocol, but TLS around it.
	longestFrame = 1 << 28
)

// frames follows one direction of a connection. It gets what passes in pieces of any size,
// of which it keeps the beginning of each frame: a length of four bytes and as many that
// follow (ClientCnxnSocketNIO). It only looks on: what it does not understand ends the
// looking, not the connection.
type frames struct {
	head   []byte // of the length, while it is not complete
	left   int    // bytes of the frame that are still to come
	inside bool
	kept   []byte
	lost   bool // this is no frame, and nothing is known of what follows
}

// feed takes what has passed, and calls take with the beginning of each frame that is
// complete. take must not keep it.
func (f *frames) feed(p []byte, take func(body []byte)) {
	for len(p) > 0 && !f.lost {
		if !f.inside {
			n := min(4-len(f.head), len(p))
			f.head, p = append(f.head, p[:n]...), p[n:]
			if len(f.head) < 4 {
				return
			}
			size := binary.BigEndian.Uint32(f.head)
			if size > longestFrame {
				f.lost = true
				return
			}
			f.left, f.inside, f.head, f.kept = int(size), true, f.head[:0], f.kept[:0]
		}
		n := min(f.left, len(p))
		if keep := min(n, keptOfFrame-len(f.kept)); keep > 0 {
			f.kept = append(f.kept, p[:keep]...)
		}
		f.left, p = f.left-n, p[n:]
		if f.left == 0 {
			f.inside = false
			take(f.kept)
		}
	}
}

// fields reads a record from its beginning. What is not there is zero, and ok false.
type fields struct {
	rest []byte
	ok   bool
}

func read(b []byte) *fields { return &fields{rest: b, ok: true} }

func (f *fields) take(n int) []byte {
	if !f.ok || n < 0 || n > len(f.rest) {
		f.ok = false
		return nil
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) number() int32 {
	if b := f.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b)) //nolint:gosec // jute's int
	}
	return 0
}

func (f *fields) text() string { return string(f.take(int(f.number()))) }

func (f *fields) flag() bool {
	b := f.take(1)
	return len(b) == 1 && b[0] != 0
}
