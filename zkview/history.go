package zkview

import (
	"container/list"
	"errors"
	"slices"
	"time"
)

// HistoryKind says what a [HistoryEntry] tells.
type HistoryKind uint8

// The kinds of history entries. HistoryRead is the znode as it was found when we
// began to look, or when the database was replaced by an older one.
const (
	HistoryRead HistoryKind = iota
	HistoryCreated
	HistoryChanged
	HistoryDeleted
	HistoryChildren
)

// String is the kind in words.
func (k HistoryKind) String() string {
	return [...]string{"read", "created", "changed", "deleted", "children changed"}[k]
}

// HistoryEntry is one state of a znode that we saw.
type HistoryEntry struct {
	At   time.Time
	Kind HistoryKind
	// Stat is the znode's in this state; of a deleted one the last that was known.
	Stat Stat
	// Zxid is the transaction that led to this state; 0 of a deletion, for which
	// ZooKeeper does not tell it.
	Zxid int64
	// Missed is how many versions of the data came and went since the entry before:
	// ZooKeeper tells that a znode changed, not how often.
	Missed int
	// Data is the value, if HasData. A value over HeldValue is not kept.
	Data    []byte
	HasData bool
}

// Limits of a History.
const (
	// DefaultHistory is how many bytes a History keeps unless told otherwise.
	DefaultHistory = 16 << 20
	// historyEach is how many entries are kept of one znode.
	historyEach = 500
	// historyCost is about what an entry takes beside its value.
	historyCost = 320
)

// History keeps what a [Feed] tells of znodes: the states that each went through
// while we looked. It is bounded; the oldest entries go first. One goroutine owns it.
type History struct {
	limit, size int
	all         list.List // of *historyItem, oldest first
	paths       map[string]*pathHistory
}

type pathHistory struct {
	items   []*historyItem
	dropped int
	last    Stat
	gone    bool
}

type historyItem struct {
	HistoryEntry
	path  string
	place *list.Element
}

// NewHistory returns an empty history that keeps up to limit bytes, or
// DefaultHistory if limit is not positive.
func NewHistory(limit int) *History {
	if limit <= 0 {
		limit = DefaultHistory
	}
	return &History{limit: limit, paths: map[string]*pathHistory{}}
}

// Of returns what is known of a znode, oldest first. The caller does not change the data.
func (h *History) Of(path string) []HistoryEntry {
	p := h.paths[path]
	if p == nil {
		return nil
	}
	es := make([]HistoryEntry, len(p.items))
	for i, it := range p.items {
		es[i] = it.HistoryEntry
	}
	return es
}

// Dropped is how many older entries of a znode were dropped for want of space.
func (h *History) Dropped(path string) int {
	if p := h.paths[path]; p != nil {
		return p.dropped
	}
	return 0
}

// Add takes news in the order in which a [Feed] hands them out.
func (h *History) Add(n News) {
	switch n.Kind {
	case StatNews, DataNews, ListingNews, ChildrenNews:
	default:
		return
	}
	if n.Err != nil {
		if errors.Is(n.Err, ErrNoNode) {
			h.gone(n)
			return
		}
		if n.Stat == (Stat{}) {
			return
		}
	}
	p := h.paths[n.Path]
	if p == nil {
		p = &pathHistory{}
		h.paths[n.Path] = p
		h.add(p, n, HistoryEntry{Kind: HistoryRead, Zxid: max(n.Stat.Mzxid, n.Stat.Pzxid)})
	} else {
		h.compare(p, n)
	}
	if n.Kind == DataNews && n.Err == nil {
		h.keepData(p, n)
	}
	h.trim(p)
}

// gone notes that a znode that we knew is no more.
func (h *History) gone(n News) {
	p := h.paths[n.Path]
	if p == nil || p.gone {
		return
	}
	n.Stat = p.last
	h.add(p, n, HistoryEntry{Kind: HistoryDeleted})
	p.gone = true
	h.trim(p)
}

// compare notes what has changed since the last Stat.
func (h *History) compare(p *pathHistory, n News) {
	old, now := p.last, n.Stat
	switch {
	case old.Newer(now) && n.Older:
		h.add(p, n, HistoryEntry{Kind: HistoryRead, Zxid: max(now.Mzxid, now.Pzxid)})
		return
	case old.Newer(now):
		return
	case now.Czxid != old.Czxid:
		if !p.gone {
			was := n
			was.Stat = old
			h.add(p, was, HistoryEntry{Kind: HistoryDeleted})
		}
		h.add(p, n, HistoryEntry{Kind: HistoryCreated, Zxid: now.Czxid, Missed: int(now.Version)})
		return
	case p.gone:
		// It was told to be gone by a server that lagged; it is not.
		p.gone = false
	}
	if now.Mzxid != old.Mzxid {
		missed := max(0, int(now.Version-old.Version)-1)
		h.add(p, n, HistoryEntry{Kind: HistoryChanged, Zxid: now.Mzxid, Missed: missed})
	}
	if now.Pzxid != old.Pzxid {
		h.add(p, n, HistoryEntry{Kind: HistoryChildren, Zxid: now.Pzxid})
	}
	p.last = now
}

func (h *History) add(p *pathHistory, n News, e HistoryEntry) {
	e.At, e.Stat = n.At, n.Stat
	p.last, p.gone = n.Stat, false
	it := &historyItem{HistoryEntry: e, path: n.Path}
	it.place = h.all.PushBack(it)
	p.items = append(p.items, it)
	h.size += historyCost + len(n.Path)
}

// keepData puts a value where the history says that it came to be.
func (h *History) keepData(p *pathHistory, n News) {
	if len(n.Data) > HeldValue {
		return
	}
	for _, it := range slices.Backward(p.items) {
		if it.Kind == HistoryDeleted {
			return
		}
		if it.Kind == HistoryChildren || it.Stat.Mzxid != n.Stat.Mzxid {
			continue
		}
		if !it.HasData {
			it.Data, it.HasData = n.Data, true
			h.size += len(n.Data)
		}
		return
	}
}

// trim drops the oldest entries, of p and of all, that are too many.
func (h *History) trim(p *pathHistory) {
	for len(p.items) > historyEach {
		h.drop(p.items[0])
	}
	for h.size > h.limit && h.all.Len() > 1 {
		h.drop(h.all.Front().Value.(*historyItem))
	}
}

// drop forgets an entry, which is the oldest of its path.
func (h *History) drop(it *historyItem) {
	p := h.paths[it.path]
	h.all.Remove(it.place)
	h.size -= historyCost + len(it.path) + len(it.Data)
	p.items = slices.Delete(p.items, 0, 1)
	p.dropped++
	if len(p.items) == 0 {
		delete(h.paths, it.path)
	}
}
