package lab

import "time"

// writesKept is how many writes a [Resource] shows.
const writesKept = 8

// store is the resource: a number that each turn reads, works with, and writes one more
// of. Run.mu guards it.
type store struct {
	Resource
	version int64 // counts writes for ever
	writer  int   // who wrote last
}

// reading is what a turn has read.
type reading struct {
	value, version int64
}

// read reads it. Each request to it carries its token: who reads with a greater one has
// later writes with smaller ones refused.
func (s *store) read(token int64) reading {
	s.Token = max(s.Token, token)
	return reading{s.Value, s.version}
}

// write writes one more than was read, and returns the write and who was written before.
// A token is checked where fenced; 0 is none.
func (s *store) write(worker int, from reading, token int64, fenced bool, at time.Time) (w Write, over int) {
	w = Write{Worker: worker, Value: from.value + 1, Token: token, At: at}
	over = s.writer
	switch {
	case fenced && token != 0 && token < s.Token:
		w.Refused = true
		s.Refused++
	default:
		w.Lost = s.version != from.version
		if w.Lost {
			s.Lost++
		}
		s.Value, s.Token, s.writer = w.Value, max(s.Token, token), worker
		s.Writes++
		s.version++
	}
	last := append([]Write(nil), s.Last[max(0, len(s.Last)-writesKept+1):]...) // snapshots have the old one
	s.Last = append(last, w)
	return w, over
}

// reset counts from zero. What is stored stays.
func (s *store) reset() {
	s.Writes, s.Lost, s.Refused, s.Last = 0, 0, 0, nil
}
