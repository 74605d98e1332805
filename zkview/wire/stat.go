package wire

// Stat is the jute record Stat, the metadata of a znode.
type Stat struct {
	Czxid, Mzxid, Pzxid         int64
	CtimeMS, MtimeMS            int64
	Version, Cversion, Aversion int32
	EphemeralOwner              int64
	DataLength, NumChildren     int32
}

// statSize is the length of a Stat record.
const statSize = 68

// Stat reads a Stat record.
func (d *Decoder) Stat() Stat {
	if len(d.buf) < statSize {
		d.take(statSize) // fails, and says how many bytes there were
		return Stat{}
	}
	return Stat{
		Czxid: d.Long(), Mzxid: d.Long(), CtimeMS: d.Long(), MtimeMS: d.Long(),
		Version: d.Int(), Cversion: d.Int(), Aversion: d.Int(), EphemeralOwner: d.Long(),
		DataLength: d.Int(), NumChildren: d.Int(), Pzxid: d.Long(),
	}
}

// Stat appends a Stat record, as a server does.
func (e *Encoder) Stat(s Stat) {
	e.Long(s.Czxid)
	e.Long(s.Mzxid)
	e.Long(s.CtimeMS)
	e.Long(s.MtimeMS)
	e.Int(s.Version)
	e.Int(s.Cversion)
	e.Int(s.Aversion)
	e.Long(s.EphemeralOwner)
	e.Int(s.DataLength)
	e.Int(s.NumChildren)
	e.Long(s.Pzxid)
}
