package zkview

import (
	"context"
	"time"

	"zkdeck/zkview/wire"
)

// A follower answers pings by itself: for as long as it does not notice that its leader
// is gone or stands still (syncLimit ticks), a client hears nothing wrong, while the
// leader, who alone ends sessions, hears nothing of the client. So a session that others
// are to rely on asks what only the leader can answer, by sync, again and again.
//
// That the leader answers is not all. It learns which sessions are alive from the
// followers' replies to its own pings, one each half tick (Leader.lead, LearnerHandler,
// LearnerZooKeeperServer.getTouchSnapshot). Packets of a follower come in order, so what
// the leader knows when it answers a sync is at least as new as what the follower knew
// half a tick before. Hence the moment from which the session's time runs is that of an
// earlier sync that was answered. A tick is half a session's timeout at the most
// (minSessionTimeout), and seldom over 4 s.

// spacing is how much older the sync must be whose sending counts as proof than the one
// whose answer shows that the leader has heard of it.
func spacing(timeout time.Duration) time.Duration { return min(timeout/4, 2*time.Second) }

// proofs is what is known of when the leader last heard of a session.
type proofs struct {
	proven time.Time
	// sent are syncs of this connection that were answered in time and may become the
	// proof, the oldest first.
	sent []time.Time
}

// connected takes in that a connection was made: a session is granted by the leader,
// and who comes back with one is reported to it (Learner.validateSession).
func (p *proofs) connected(asked time.Time) {
	p.proven, p.sent = asked, p.sent[:0]
}

// synced takes in that a sync was answered. Late answers prove nothing: the leader may
// have stood still, and not have asked its followers yet.
func (p *proofs) synced(sent, now time.Time, timeout time.Duration) {
	apart := spacing(timeout)
	if now.Sub(sent) > apart {
		return
	}
	p.sent = append(p.sent, sent)
	for len(p.sent) > 0 && p.sent[0].Add(apart).Compare(sent) <= 0 {
		p.proven, p.sent = p.sent[0], p.sent[1:]
	}
}

// prove asks the leader as long as a connection lasts.
func (s *Session) prove(conn *wire.Conn, timeout time.Duration) {
	beat := time.NewTicker(max(spacing(timeout)/2, time.Millisecond))
	defer beat.Stop()
	for {
		sent := time.Now()
		ctx, cancel := context.WithTimeout(s.ctx, timeout)
		err := conn.Sync(ctx, "/")
		cancel()
		if err == nil {
			s.mu.Lock()
			if s.link.wire == conn {
				s.single.proofs.synced(sent, time.Now(), timeout)
			}
			s.mu.Unlock()
		}
		select {
		case <-beat.C:
		case <-conn.Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}
