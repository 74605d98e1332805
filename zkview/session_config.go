package zkview

import "slices"

// Config is what the session was opened with, and the identities that were added since:
// with it another session of the same rights can be opened. It does not block. Its
// secrets are not for printing.
func (s *Session) Config() Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	cfg := s.cfg
	cfg.Auth = slices.Clone(s.auth)
	return cfg
}
