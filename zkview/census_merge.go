package zkview

import (
	"slices"
	"time"
)

// complete reports whether every server of the cluster that is known of answered a
// word in full.
func (c *Census) complete(word string) bool {
	if len(c.Servers) == 0 || len(c.Unasked) > 0 {
		return false
	}
	for i := range c.Servers {
		if !c.Servers[i].answered(word) {
			return false
		}
	}
	return true
}

// Addresses are the clients of all servers, by session; all tells that every server
// said which are its. A session that several servers name has moved: the latest
// connection counts.
func (c *Census) Addresses() (addresses map[int64]string, all bool) {
	addresses = map[int64]string{}
	since := map[int64]time.Time{}
	for i := range c.Servers {
		for session, to := range c.Servers[i].Connections {
			if _, have := addresses[session]; have && !to.Since.After(since[session]) {
				continue
			}
			addresses[session], since[session] = to.Address, to.Since
		}
	}
	return addresses, c.complete("cons")
}

// Sessions are all sessions of the cluster that live: those of its leader or, where
// that did not say, of servers that had caught up with what we had seen, and those with
// a connection. Nil: not known.
//
// A leader may leave out sessions that it has just heard of: ExpiryQueue.dump takes the
// times at which sessions end first, and who is moved to a later one meanwhile is in
// none. So one answer that lacks a session is no proof.
func (c *Census) Sessions() map[int64]bool {
	leads := func(a *ServerAnswer) bool { return a.Mode == "leader" || a.Mode == "standalone" }
	follows := func(a *ServerAnswer) bool {
		return (a.Mode == "follower" || a.Mode == "observer") && a.Zxid >= c.Zxid
	}
	for _, right := range []func(*ServerAnswer) bool{leads, follows} {
		var all map[int64]bool
		for i := range c.Servers {
			a := &c.Servers[i]
			if a.Sessions == nil || !right(a) {
				continue
			}
			if all == nil {
				all = map[int64]bool{}
			}
			for session := range a.Sessions {
				all[session] = true
			}
		}
		if all != nil {
			for i := range c.Servers {
				for session := range c.Servers[i].Connections {
					all[session] = true
				}
			}
			return all
		}
	}
	return nil
}

// Watches are the data watches on all servers, by path; all tells that every server
// told its.
func (c *Census) Watches() (watches map[string][]int64, all bool) {
	for i := range c.Servers {
		for path, sessions := range c.Servers[i].Watches {
			if watches == nil {
				watches = map[string][]int64{}
			}
			have := watches[path]
			if have == nil {
				watches[path] = sessions
				continue
			}
			have = slices.Concat(have, sessions)
			slices.Sort(have)
			watches[path] = slices.Compact(have)
		}
	}
	return watches, c.complete("wchp") && c.askedWatches()
}

// askedWatches reports whether watches were asked for at all.
func (c *Census) askedWatches() bool {
	return !slices.ContainsFunc(c.Servers, func(a ServerAnswer) bool { return a.Watches == nil })
}
