package zoocfg

// Severity is how much a finding matters.
type Severity uint8

// The severities, the worst last.
const (
	// Note is worth knowing and needs no mend.
	Note Severity = iota
	// Warning works today, and hurts later or under load.
	Warning
	// Error keeps a server from starting, from serving, or from keeping its data.
	Error
)

// String is "note", "warning" or "error".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return "note"
}

// MarshalText is String, for JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is something wrong, or about to be, with a configuration or with what it
// needs on this machine.
type Finding struct {
	// Severity is how bad it is.
	Severity Severity `json:"severity"`
	// File is where it stands, as the caller named it; empty for what stands in none.
	File string `json:"file,omitempty"`
	// Line counts from 1; 0 for what has no line, as a key that is missing.
	Line int `json:"line,omitempty"`
	// Key is the key that it is about, empty for none.
	Key string `json:"key,omitempty"`
	// Rule names the kind of finding, as in "inline-comment"; it does not change from
	// release to release.
	Rule string `json:"rule"`
	// What is what was found, Effect what will happen because of it, Mend what to do
	// about it: a sentence each, without a full stop at the end. They hold text of the
	// file as it stands there: clean it before a terminal sees it.
	What   string `json:"what"`
	Effect string `json:"effect,omitempty"`
	Mend   string `json:"mend,omitempty"`
}
