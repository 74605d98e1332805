package zktest

import (
	"fmt"
	"iter"
	"strings"
	"time"
)

// Option changes how servers are started.
type Option func(*settings)

// settings is what options change.
type settings struct {
	tick time.Duration
	jvm  []string        // after the standard flags; of a flag given twice, Java takes the last
	cfg  []string        // after the standard lines; of a key given twice, zoo.cfg takes the last
	data iter.Seq[Znode] // what is there from the beginning; nil: nothing

	own   map[int][]string // after those, for one server alone, by ID
	admin int              // the server whose AdminServer is on, 0 for none
}

func newSettings(opts []Option) *settings {
	s := &settings{tick: 500 * time.Millisecond}
	for _, o := range opts {
		o(s)
	}
	return s
}

// TickTime sets the length of a tick; without it a tick takes 500 ms. Sessions
// live at least two ticks, and an expired one is noticed on a tick.
func TickTime(d time.Duration) Option {
	return func(s *settings) { s.tick = d }
}

// JVM adds arguments to the Java command line, such as
// "-Dzookeeper.extendedTypesEnabled=false" or "-Xmx2g".
func JVM(args ...string) Option {
	return func(s *settings) { s.jvm = append(s.jvm, args...) }
}

// Config adds lines to zoo.cfg, such as "maxClientCnxns=2" or
// "minSessionTimeout=4000". They win over the lines that are there already.
func Config(lines ...string) Option {
	return func(s *settings) { s.cfg = append(s.cfg, lines...) }
}

// ConfigOf adds lines to the zoo.cfg of one server of an ensemble, by its ID. They win
// over those of all.
func ConfigOf(id int, lines ...string) Option {
	return func(s *settings) {
		if s.own == nil {
			s.own = map[int][]string{}
		}
		s.own[id] = append(s.own[id], lines...)
	}
}

// AdminServer turns on the AdminServer of one server, by its ID. It listens on
// [Ensemble.AdminPort].
func AdminServer(id int) Option {
	return func(s *settings) { s.admin = id }
}

// EnforceQuota makes the servers refuse writes over a hard quota, which a server
// only logs otherwise (3.7 and later).
func EnforceQuota() Option {
	return JVM("-Dzookeeper.enforceQuota=true")
}

// ReadOnlyMode lets a server that has lost its quorum serve read-only clients.
// It turns local sessions on too: without them a server accepts no read-only
// session.
func ReadOnlyMode() Option {
	return func(s *settings) {
		JVM("-Dreadonlymode.enabled=true")(s)
		Config("localSessionsEnabled=true", "localSessionsUpgradingEnabled=true")(s)
	}
}

// zooCfg renders the zoo.cfg of a server with these settings; members are the
// server lines of an ensemble, empty for a standalone server.
func (s *settings) zooCfg(id int, dataDir string, clientPort, adminPort int, members []string) string {
	lines := []string{
		fmt.Sprintf("tickTime=%d", s.tick.Milliseconds()),
		"initLimit=40",
		"syncLimit=10",
		"dataDir=" + dataDir,
		fmt.Sprintf("clientPort=%d", clientPort),
		"clientPortAddress=127.0.0.1",
		"admin.enableServer=false",
		"4lw.commands.whitelist=*",
		"extendedTypesEnabled=true",
		"maxClientCnxns=0",
		// The default of 20 ticks would shorten the sessions that tests ask for.
		"maxSessionTimeout=60000",
	}
	lines = append(lines, members...)
	lines = append(lines, s.cfg...)
	if id == s.admin {
		lines = append(lines, "admin.enableServer=true", "admin.serverAddress=127.0.0.1", fmt.Sprintf("admin.serverPort=%d", adminPort))
	}
	lines = append(lines, s.own[id]...)
	return strings.Join(lines, "\n") + "\n"
}
