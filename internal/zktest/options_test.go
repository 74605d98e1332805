package zktest

import (
	"strings"
	"testing"
)

// What is meant for one server of an ensemble stands in its zoo.cfg alone, and last.
func TestOptionsOfOneServer(t *testing.T) {
	s := newSettings([]Option{ConfigOf(2, "maxClientCnxns=2"), AdminServer(2), Config("tickTime=100")})
	const own = "\nadmin.enableServer=true\nadmin.serverAddress=127.0.0.1\nadmin.serverPort=8\nmaxClientCnxns=2\n"
	for id, want := range map[int]bool{1: false, 2: true} {
		cfg := s.zooCfg(id, "/data", 7, 8, nil)
		if strings.HasSuffix(cfg, "\ntickTime=100"+own) != want || strings.Contains(cfg, "serverPort") != want {
			t.Errorf("server %d:\n%s", id, cfg)
		}
	}
}
