package zkview

import "time"

type History struct{}
type HistoryEntry struct {
	Seq     uint64
	At      time.Time
	Kind    SawKind
	Stat    Stat
	Data    []byte
	HasData bool
}
type SawKind uint8

const (
	SawCreated SawKind = iota
	SawChanged
	SawDeleted
	SawChildren
)

func (k SawKind) String() string { return "" }

func NewHistory(n int) *History               { return nil }
func (h *History) Add(n News)                 {}
func (h *History) Of(p string) []HistoryEntry { return nil }
