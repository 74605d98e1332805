package zkview

import "time"

// NewsKind says what a piece of [News] is about.
type NewsKind uint8

// The kinds of news. A StatNews with Err matching ErrNoNode tells that the znode
// is gone.
const (
	// StatNews carries Stat, or Err.
	StatNews NewsKind = iota
	// ListingNews carries a whole prepared Listing and Stat, or Err.
	ListingNews
	// ChildrenNews carries what changed in a listing that was handed out before:
	// Added and Removed names, and Stat.
	ChildrenNews
	// DataNews carries Data and Stat, or Err.
	DataNews
	// ProgressNews tells how far a big read has come: Got of Size bytes.
	ProgressNews
	// ResyncNews has no path: the connection was re-established, what is shown is
	// being read again, and changes in between may have been missed by watches. Err
	// says what became of the session before, if this is another.
	ResyncNews
)

// News is one fact that a [Feed] learned about a znode. Facts about a path come
// in the order in which they became true; a late one is dropped before it gets
// here.
type News struct {
	Kind NewsKind
	Path string
	At   time.Time

	Stat Stat
	Err  error // nil, or why the znode could not be read; an *OpError

	Listing        *Listing
	Added, Removed []string

	Data []byte

	Got, Size int64

	// Seen tells that a watch caused this news: somebody changed the znode while
	// we looked. It is false for the first reading of what came into view.
	Seen bool

	// Older tells that the database was replaced by an older one since the feed began:
	// what the news says is true even if its transactions are older than known ones.
	Older bool
}
