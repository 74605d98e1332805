package zkview

// Wants is what a screen shows and a [Feed] is to keep fresh.
type Wants struct {
	// Stats are the znodes in view, whose Stat is shown.
	Stats []string
	// Children are the expanded znodes, "/" among them.
	Children []string
	// Data is the znode whose value is shown, empty for none. A value of more than
	// DataLimit bytes is read only after [Feed.Open]; 0 means the default of 256 KiB.
	Data      string
	DataLimit int64
}
