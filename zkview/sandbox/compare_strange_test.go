package sandbox_test

import "zkdeck/zkview/wire"

// strangeBodies are requests that are well formed up to one thing.
var strangeBodies = map[string]func(e *wire.Encoder) wire.OpCode{
	"create with -2 ACLs": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("/m")
		e.Buffer(nil)
		e.Int(-2)
		e.Int(0)
		return wire.OpCreate
	},
	"create with a billion ACLs": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("/m")
		e.Buffer(nil)
		e.Int(1 << 30)
		e.Int(0)
		return wire.OpCreate
	},
	"create with data of -2 bytes": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("/m")
		e.Int(-2)
		e.Int(0)
		e.Int(0)
		return wire.OpCreate
	},
	"create with a null scheme": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("/m")
		e.Buffer(nil)
		e.Int(1)
		e.Int(31)
		e.Buffer(nil)
		e.Ustring("anyone")
		e.Int(0)
		return wire.OpCreate
	},
	"create with a null id": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("/m")
		e.Buffer(nil)
		e.Int(1)
		e.Int(31)
		e.Ustring("world")
		e.Buffer(nil)
		e.Int(0)
		return wire.OpCreate
	},
	"create with a null digest": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("/m")
		e.Buffer(nil)
		e.Int(1)
		e.Int(31)
		e.Ustring("digest")
		e.Buffer(nil)
		e.Int(0)
		return wire.OpCreate
	},
	"exists with a flag of 2": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("/")
		octets(e, 2)
		return wire.OpExists
	},
	"getChildren with bytes after it": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("/none")
		octets(e, 0, 1, 2, 3)
		return wire.OpGetChildren
	},
	"check that fails": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("/none")
		e.Int(0)
		return wire.OpCheck
	},
	"reconfig": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("server.1=localhost:1:2;3")
		e.Buffer(nil)
		e.Buffer(nil)
		e.Long(-1)
		return wire.OpReconfig
	},
	"sasl": func(e *wire.Encoder) wire.OpCode {
		e.Buffer([]byte("token"))
		return wire.OpSASL
	},
	"sasl with null": func(e *wire.Encoder) wire.OpCode {
		e.Buffer(nil)
		return wire.OpSASL
	},
	"auth with null": func(e *wire.Encoder) wire.OpCode {
		e.Int(0)
		e.Buffer(nil)
		e.Buffer(nil)
		return wire.OpAuth
	},
	"auth of digest with null": func(e *wire.Encoder) wire.OpCode {
		e.Int(0)
		e.Ustring("digest")
		e.Buffer(nil)
		return wire.OpAuth
	},
	"auth of ip with null": func(e *wire.Encoder) wire.OpCode {
		e.Int(7)
		e.Ustring("ip")
		e.Buffer(nil)
		return wire.OpAuth
	},
	"setWatches with null lists": func(e *wire.Encoder) wire.OpCode {
		e.Long(0)
		for range 3 {
			e.Int(-1)
		}
		return wire.OpSetWatches
	},
	"setWatches with -2 paths": func(e *wire.Encoder) wire.OpCode {
		e.Long(0)
		for range 3 {
			e.Int(-2)
		}
		return wire.OpSetWatches
	},
	"multi that does not end": func(e *wire.Encoder) wire.OpCode {
		multiHeader(e, wire.OpDelete, false)
		e.Ustring("/none")
		e.Int(-1)
		return wire.OpMulti
	},
	"multi with an unknown operation": func(e *wire.Encoder) wire.OpCode {
		multiHeader(e, 77, false)
		multiHeader(e, wire.OpError, true)
		return wire.OpMulti
	},
	"multi in a multi": func(e *wire.Encoder) wire.OpCode {
		multiHeader(e, wire.OpMulti, false)
		multiHeader(e, wire.OpError, true)
		multiHeader(e, wire.OpError, true)
		return wire.OpMulti
	},
	"multi that is done at once, of another type": func(e *wire.Encoder) wire.OpCode {
		multiHeader(e, wire.OpDelete, true)
		return wire.OpMulti
	},
	"getEphemerals of null": func(e *wire.Encoder) wire.OpCode {
		e.Buffer(nil)
		return wire.OpGetEphemerals
	},
	"create with a null path": func(e *wire.Encoder) wire.OpCode {
		e.Buffer(nil)
		e.Buffer(nil)
		e.Int(0)
		e.Int(0)
		return wire.OpCreate
	},
	"create with a null path and a bad mode": func(e *wire.Encoder) wire.OpCode {
		e.Buffer(nil)
		e.Buffer(nil)
		e.Int(0)
		e.Int(100)
		return wire.OpCreate
	},
	"setData with a null path": func(e *wire.Encoder) wire.OpCode {
		e.Buffer(nil)
		e.Buffer(nil)
		e.Int(-1)
		return wire.OpSetData
	},
	"removeWatches of null": func(e *wire.Encoder) wire.OpCode {
		e.Buffer(nil)
		e.Int(3)
		return wire.OpRemoveWatches
	},
	"removeWatches of null and a bad type": func(e *wire.Encoder) wire.OpCode {
		e.Buffer(nil)
		e.Int(9)
		return wire.OpRemoveWatches
	},
	"checkWatches of null": func(e *wire.Encoder) wire.OpCode {
		e.Buffer(nil)
		e.Int(3)
		return wire.OpCheckWatches
	},
	"checkWatches of no path": func(e *wire.Encoder) wire.OpCode {
		e.Ustring("name")
		e.Int(3)
		return wire.OpCheckWatches
	},
	"multiRead of a transaction": func(e *wire.Encoder) wire.OpCode {
		multiHeader(e, wire.OpDelete, false)
		e.Ustring("/none")
		e.Int(-1)
		multiHeader(e, wire.OpError, true)
		return wire.OpMultiRead
	},
	"multiRead of a read and a write": func(e *wire.Encoder) wire.OpCode {
		multiHeader(e, wire.OpGetData, false)
		e.Ustring("/none")
		e.Bool(false)
		multiHeader(e, wire.OpDelete, false)
		e.Ustring("/none")
		e.Int(-1)
		multiHeader(e, wire.OpError, true)
		return wire.OpMultiRead
	},
	"multiRead of a null path": func(e *wire.Encoder) wire.OpCode {
		multiHeader(e, wire.OpGetChildren, false)
		e.Ustring("/zookeeper/config")
		e.Bool(false)
		multiHeader(e, wire.OpGetData, false)
		e.Buffer(nil)
		e.Bool(false)
		multiHeader(e, wire.OpError, true)
		return wire.OpMultiRead
	},
	"multiRead with exists": func(e *wire.Encoder) wire.OpCode {
		multiHeader(e, wire.OpExists, false)
		e.Ustring("/none")
		e.Bool(false)
		multiHeader(e, wire.OpError, true)
		return wire.OpMultiRead
	},
	"sync of what is no UTF-8": func(e *wire.Encoder) wire.OpCode {
		e.Buffer([]byte("/\xff\xfe"))
		return wire.OpSync
	},
	"sync of null": func(e *wire.Encoder) wire.OpCode {
		e.Buffer(nil)
		return wire.OpSync
	},
}

// octets appends bytes that are no record.
func octets(e *wire.Encoder, list ...byte) {
	for _, b := range list {
		e.Bool(true)
		e.Bytes()[len(e.Bytes())-1] = b
	}
}
