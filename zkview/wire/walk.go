package wire

import (
	"encoding/binary"
	"fmt"
)

// part is one piece of a record, as far as a walker cares.
type part uint8

const (
	partEvent   part = iota + 1 // type and state of a WatcherEvent
	partStat                    // 68 bytes
	partError                   // an ErrorResult's int
	partString                  // length and bytes
	partBuffer                  // the same, may be null
	partStrings                 // vector<ustring>
	partACLs                    // vector<ACL>
	partMulti                   // MultiHeader, and what it announces, until done
)

func (p part) isVector() bool { return p == partStrings || p == partACLs }

var (
	planEvent       = []part{partEvent, partString}
	planMulti       = []part{partMulti}
	planMultiStat   = []part{partStat, partMulti}
	planMultiString = []part{partString, partMulti}
	planMultiError  = []part{partError, partMulti}

	// replyPlans are the replies that go-zookeeper decodes. Others have no body, or
	// nobody reads it.
	replyPlans = map[OpCode][]part{
		OpCreate: {partString}, OpCreateContainer: {partString}, OpCreateTTL: {partString},
		OpSync: {partString}, OpExists: {partStat}, OpSetData: {partStat}, OpSetACL: {partStat},
		OpGetData: {partBuffer, partStat}, OpReconfig: {partBuffer, partStat},
		OpGetACL: {partACLs, partStat}, OpGetChildren: {partStrings},
		OpGetChildren2: {partStrings, partStat}, OpMulti: planMulti,
	}
)

// walker follows a record through the pieces in which it arrives, and finds
// lengths that the record cannot hold before the library trusts them. Bytes after
// the record's end are ignored, as the library does.
type walker struct {
	plan  []part
	left  int64 // bytes of the record that nothing has laid claim to
	skip  int64 // bytes to pass over before the next number
	items int64 // left of the vector being walked
	field int   // of the ACL being walked
	inVec bool
	num   [9]byte
	have  int
}

func newWalker(plan []part, length int64) walker { return walker{plan: plan, left: length} }

// end reports a record that is too short for its plan.
func (w *walker) end() error {
	if len(w.plan) > 0 || w.skip > 0 {
		return fmt.Errorf("%w: it ends too early", ErrMalformed)
	}
	return nil
}

// feed walks over the next piece.
func (w *walker) feed(b []byte) error {
	for {
		if w.skip > 0 {
			n := min(w.skip, int64(len(b)))
			w.skip -= n
			b = b[n:]
		}
		if w.skip > 0 || len(w.plan) == 0 {
			return nil
		}
		if size := w.fixed(); size > 0 {
			if err := w.claim(size); err != nil {
				return err
			}
			continue
		}
		if len(b) == 0 {
			return nil
		}
		if w.inVec && w.plan[0] == partStrings && w.have == 0 && len(b) >= 4 {
			var err error
			if b, err = w.strings(b); err != nil {
				return err
			}
			continue
		}
		want := 4
		if w.plan[0] == partMulti {
			want = 9
		}
		n := copy(w.num[w.have:want], b)
		w.have += n
		b = b[n:]
		if w.have < want {
			return nil
		}
		w.have = 0
		if int64(want) > w.left {
			return fmt.Errorf("%w: it ends too early", ErrMalformed)
		}
		w.left -= int64(want)
		if err := w.number(int64(int32(binary.BigEndian.Uint32(w.num[:])))); err != nil {
			return err
		}
	}
}

// strings is the fast way through a vector of strings; b holds a length at least.
func (w *walker) strings(b []byte) ([]byte, error) {
	for w.items > 0 && len(b) >= 4 {
		n := int64(int32(binary.BigEndian.Uint32(b)))
		if n < 0 || n > w.left-4 {
			return nil, w.tooLong(n)
		}
		w.left -= 4 + n
		w.items--
		if n > int64(len(b)-4) {
			w.skip = n - int64(len(b)-4)
			b = nil
			break
		}
		b = b[4+n:]
	}
	if w.items == 0 {
		w.nextPart()
	}
	return b, nil
}

// fixed takes the next part off the plan if it has a size that no number tells.
func (w *walker) fixed() int64 {
	size := int64(0)
	switch p := w.plan[0]; {
	case p == partEvent:
		size = 8
	case p == partStat:
		size = 68
	case p == partError:
		size = 4
	case p == partACLs && w.inVec && w.field == 0:
		w.field = 1
		return 4
	default:
		return 0
	}
	w.nextPart()
	return size
}

func (w *walker) nextPart() {
	w.plan = w.plan[1:]
	w.inVec = false
}

// claim skips the next n bytes.
func (w *walker) claim(n int64) error {
	if n < 0 || n > w.left {
		return w.tooLong(n)
	}
	w.left -= n
	w.skip = n
	return nil
}

func (w *walker) tooLong(n int64) error {
	return fmt.Errorf("%w: a length of %d where %d bytes are left", ErrMalformed, n, max(w.left, 0))
}

// number takes in the number that the plan was waiting for.
func (w *walker) number(n int64) error {
	switch p := w.plan[0]; {
	case p == partMulti:
		w.multi(OpCode(n), w.num[4] != 0)
		return nil
	case p.isVector() && !w.inVec:
		size := int64(4)
		if p == partACLs {
			size = 12
		}
		if n < 0 || n*size > w.left {
			return fmt.Errorf("%w: a vector of %d where %d bytes are left", ErrMalformed, n, w.left)
		}
		w.items, w.field, w.inVec = n, 0, true
		if n == 0 {
			w.nextPart()
		}
		return nil
	case p == partBuffer && n == -1:
		w.nextPart()
		return nil
	case p == partACLs && w.field == 1:
		w.field = 2
		return w.claim(n)
	case p.isVector():
		w.field = 0
		if w.items--; w.items == 0 {
			w.nextPart()
		}
		return w.claim(n)
	default:
		w.nextPart()
		return w.claim(n)
	}
}

// multi takes in a MultiHeader. The library gives up at a type it does not know.
func (w *walker) multi(code OpCode, done bool) {
	switch {
	case done:
		w.plan = nil
	case code == OpError:
		w.plan = planMultiError
	case code == OpCreate:
		w.plan = planMultiString
	case code == OpSetData:
		w.plan = planMultiStat
	case code == OpCheck || code == OpDelete:
		w.plan = planMulti
	default:
		w.plan = nil
	}
}
