package zkview

// diffLimit is up to how many names a listing may differ from the one before to be told
// as ChildrenNews, each of which costs the goroutine that draws some microseconds.
const diffLimit = 256

// newsKey names what a later piece of news takes the place of.
type newsKey struct {
	kind NewsKind
	path string
}

// outbox holds the news that nobody has taken yet, at most one of a kind for each path.
type outbox struct {
	news []News
	at   map[newsKey]int
	live int
}

func newOutbox() outbox { return outbox{at: map[newsKey]int{}} }

func (o *outbox) empty() bool { return o.live == 0 }

// take returns all news in order.
func (o *outbox) take() []News {
	news := make([]News, 0, o.live)
	for i := range o.news {
		n := &o.news[i]
		if n.Path == "" && n.Kind != ResyncNews {
			continue // a later one took its place
		}
		if n.Kind == ChildrenNews {
			n.Listing = nil
		}
		news = append(news, *n)
	}
	*o = newOutbox()
	return news
}

// put adds news. A ChildrenNews brings the Listing that it leads to.
func (o *outbox) put(n News) {
	key := newsKey{n.Kind, n.Path}
	if n.Kind == ChildrenNews {
		key.kind = ListingNews
	}
	i, waits := o.at[key]
	if !waits {
		o.at[key] = len(o.news)
		o.news = append(o.news, n)
		o.live++
		return
	}
	old := &o.news[i]
	if key.kind == ListingNews {
		// In its old place: a Stat that follows may be of a row that it brings.
		*old = follow(*old, n)
		return
	}
	n.Seen = n.Seen || old.Seen
	if n.Kind == ResyncNews && n.Err == nil {
		n.Err = old.Err
	}
	*old = News{}
	o.at[key] = len(o.news)
	o.news = append(o.news, n)
}

// follow makes one of two pieces of news about the same children.
func follow(old, n News) News {
	if n.Kind == ListingNews {
		return n
	}
	if old.Kind == ListingNews {
		n.Kind, n.Added, n.Removed = ListingNews, nil, nil
		return n
	}
	added, gone := nameSet(old.Added), nameSet(old.Removed)
	move := func(names []string, from, to map[string]struct{}) {
		for _, name := range names {
			if _, ok := from[name]; ok {
				delete(from, name)
			} else {
				to[name] = struct{}{}
			}
		}
	}
	move(n.Removed, added, gone)
	move(n.Added, gone, added)
	if len(added)+len(gone) > diffLimit {
		n.Kind, n.Added, n.Removed = ListingNews, nil, nil
		return n
	}
	n.Added, n.Removed = nameList(added), nameList(gone)
	n.Seen = n.Seen || old.Seen
	return n
}

func nameSet(names []string) map[string]struct{} {
	set := make(map[string]struct{}, len(names))
	for _, n := range names {
		set[n] = struct{}{}
	}
	return set
}

func nameList(set map[string]struct{}) []string {
	es := make([]string, 0, len(set))
	for n := range set {
		es = append(es, n)
	}
	return es
}

// tell hands news to Next; f.mu is held.
func (f *Feed) tell(n News) {
	if f.closed {
		return
	}
	n.Older = f.older
	f.out.put(n)
	if n.Listing != nil && n.Listing.Len() >= longListing && n.Kind == ListingNews {
		f.urgent = true // it was long enough in coming, and comes seldom (see relist)
		signal(f.hurry)
	}
	signal(f.ready)
}
