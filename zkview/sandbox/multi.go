package sandbox

import "zkdeck/zkview/wire"

// multi does all operations or none. Of a failed one each result is an error: zero
// before the operation that failed, its code, and RuntimeInconsistency after it; the
// code of the whole is zero all the same.
func (b *batch) multi(r *request) result {
	answer := result{op: r.op, zxid: b.zxid, results: make([]result, len(r.ops))}
	txns := make([]txn, 0, len(r.ops))
	b.seen = make(map[string]change, 2*len(r.ops))
	for i := range r.ops {
		if !inMulti(r.ops[i].op) {
			return b.malformed(r)
		}
	}
	for i := range r.ops {
		op, ok := asInMulti(r.ops[i])
		if !ok {
			return b.malformed(r)
		}
		x, code := b.prepare(&op)
		if code == wire.MarshallingError { // an exception there, which no single result tells
			return b.malformed(r)
		}
		if code != 0 {
			for k := range answer.results {
				answer.results[k] = result{op: wire.OpError, zxid: b.zxid}
				if k > i {
					answer.results[k].code = wire.RuntimeInconsistency
				}
			}
			answer.results[i].code = code
			return answer
		}
		txns = append(txns, x)
	}
	for i := range txns {
		answer.results[i] = b.t.apply(&txns[i], b)
		switch txns[i].op {
		case wire.OpCreateContainer, wire.OpCreateTTL:
			answer.results[i].op = wire.OpCreate2 // as OpResult.CreateResult has it
		}
	}
	return answer
}

func (b *batch) malformed(r *request) result {
	return result{op: r.op, code: wire.MarshallingError, zxid: b.zxid}
}

// inMulti says whether a multi may have such an operation.
func inMulti(op wire.OpCode) bool {
	switch op {
	case wire.OpDelete, wire.OpSetData, wire.OpCheck,
		wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		return true
	}
	return false
}

// asInMulti is the operation as the real server takes it in a multi
// (MultiOperationRecord, Op.Create): which kind of create is decided by the flags, and
// create2 is a create, so that it answers with the path alone. It is false for flags
// that want a TTL where none was sent.
func asInMulti(r request) (request, bool) {
	switch r.op {
	case wire.OpCreate, wire.OpCreate2, wire.OpCreateContainer, wire.OpCreateTTL:
		mode, _ := modeOf(r.flags)
		switch {
		case mode.ttl:
			return r, r.op == wire.OpCreateTTL
		case mode.container:
			r.op = wire.OpCreateContainer
		default:
			r.op = wire.OpCreate
		}
	}
	return r, true
}
