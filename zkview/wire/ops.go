package wire

import "encoding/binary"

// describe fills in what the body of a request tells. It trusts nothing: a body
// that it cannot read leaves the fields empty. The content of auth and sasl
// requests is never looked at.
func (o *Op) describe(body []byte) {
	d := NewDecoder(body)
	switch o.Code {
	case OpAuth, OpSASL, OpCloseSession, OpPing, OpWhoAmI, OpReconfig:
	case OpMulti, OpMultiRead:
		o.describeMulti(d)
	case OpSetWatches, OpSetWatches2:
		d.Long()
		for d.Len() > 0 && d.Err() == nil {
			n := d.Vector(4)
			for range n {
				d.Buffer()
			}
			o.Ops += n
		}
	case OpExists, OpGetData, OpGetChildren, OpGetChildren2:
		o.Path = d.Ustring()
		o.Watch = d.Bool()
	case OpAddWatch:
		o.Path = d.Ustring()
		o.Watch = true
	case OpDelete, OpSetData, OpSetACL, OpCheck:
		o.Path = d.Ustring()
		if d.Len() >= 4 {
			o.Version = int32(binary.BigEndian.Uint32(body[len(body)-4:]))
		}
	default:
		o.Path = d.Ustring()
	}
}

// describeMulti counts the operations of a transaction and keeps the first path.
func (o *Op) describeMulti(d *Decoder) {
	for d.Err() == nil {
		code, done := OpCode(d.Int()), d.Bool()
		d.Int()
		if done || d.Err() != nil {
			return
		}
		path := d.Buffer()
		if o.Ops == 0 {
			o.Path = string(path)
		}
		if !skipMultiOp(d, code) {
			return
		}
		o.Ops++
	}
}

// skipMultiOp passes over what follows the path in one operation of a multi, and
// reports whether it knew how to.
func skipMultiOp(d *Decoder, code OpCode) bool {
	switch code {
	case OpCreate, OpCreate2, OpCreateContainer, OpCreateTTL:
		d.Buffer()
		for range d.Vector(12) {
			d.Int()
			d.Buffer()
			d.Buffer()
		}
		d.Int()
		if code == OpCreateTTL {
			d.Long()
		}
	case OpDelete, OpCheck:
		d.Int()
	case OpSetData:
		d.Buffer()
		d.Int()
	case OpGetData, OpGetChildren, OpExists, OpGetChildren2:
		d.Bool()
	default:
		return false
	}
	return d.Err() == nil
}
