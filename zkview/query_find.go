package zkview

import (
	"context"
	"strings"
	"time"
)

// Find walks root and all below it and hands what q matches to found, in batches that
// found may keep, in the order of the walk: nearer to the root first. A znode that
// cannot be read is matched by its name alone and counted in Unread. The walk brings
// Stat and data where q needs them, or o asks for them.
//
// Find blocks like [Session.Walk] and ends for the same reasons.
func (s *Session) Find(ctx context.Context, root string, q Query, o WalkOptions, found func([]Hit) error) (WalkProgress, error) {
	stat, data := q.Needs()
	o.Stat, o.Data = o.Stat || stat, o.Data || data
	now := time.Now()
	return s.Walk(ctx, root, o, func(batch []Znode) error {
		var hits []Hit
		for i := range batch {
			h, ok := q.Match(batch[i], now)
			if !ok {
				continue
			}
			h.Path = strings.Clone(h.Path) // it may be a part of a long reply
			hits = append(hits, h)
		}
		if hits == nil {
			return nil
		}
		return found(hits)
	})
}
