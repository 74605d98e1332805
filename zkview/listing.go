package zkview

// Listing is the set of children of one znode, prepared (sorted, keyed) so that
// a [Tree] can take it over at once however long it is.
type Listing struct{ names []string }

// Len is the number of children.
func (l *Listing) Len() int { return len(l.names) }
