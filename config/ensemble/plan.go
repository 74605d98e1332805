package ensemble

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"zkdeck/config/ensemble/distro"
)

// MaxServers is how many voting servers an ensemble may have here, MaxObservers how
// many observers.
const (
	MaxServers   = 9
	MaxObservers = 9
)

// Host is where every server listens.
const Host = "127.0.0.1"

// Plan is all that is decided about an ensemble before anything is written. It is
// kept as JSON in the ensemble's folder.
type Plan struct {
	// Name is the ensemble's name, and that of its folder.
	Name string `json:"name"`
	// Dir is the ensemble's folder, absolute.
	Dir string `json:"dir"`
	// Temp tells that the folder is to go when the ensemble is taken down.
	Temp bool `json:"temp,omitempty"`
	// Members are the servers, in the order of their ids.
	Members []Member `json:"members"`
	// Tick is tickTime, in whole milliseconds; InitLimit and SyncLimit are in ticks.
	Tick      time.Duration `json:"tick"`
	InitLimit int           `json:"initLimit"`
	SyncLimit int           `json:"syncLimit"`
	// HeapMB bounds a server's Java heap, in mebibytes.
	HeapMB int `json:"heapMB"`
	// Extra are further lines of every zoo.cfg, in order, laid over what we write.
	Extra []Setting `json:"extra,omitempty"`
	// JVM are further Java arguments of every server.
	JVM []string `json:"jvm,omitempty"`
	// Java and ZooKeeper are what the servers run on.
	Java      distro.Java      `json:"java"`
	ZooKeeper distro.ZooKeeper `json:"zookeeper"`
	// Archive is the class-data archive that makes Java start quicker, in the folder of
	// what can be made again; empty for none. It need not be there.
	Archive string `json:"archive,omitempty"`
	// Created is when the ensemble was written.
	Created time.Time `json:"created"`
	// Change is a change of the members that was begun and not seen to its end, nil for
	// none. Servers may be started and stopped meanwhile; the next change ends it first.
	Change *Change `json:"change,omitempty"`
}

// Change is a member that is being added or removed. Members and every zoo.cfg are as
// they will be after it; servers that were not restarted yet run as they were before.
type Change struct {
	// Member is the server, and Remove tells that it is going.
	Member Member `json:"member"`
	Remove bool   `json:"remove,omitempty"`
	// Before are the ids of the voters before the change. Alone tells that the one
	// server there was ran standalone.
	Before []int `json:"before"`
	Alone  bool  `json:"alone,omitempty"`
	// Old are the processes that ran when the files changed: they know the list of
	// before.
	Old []OldProcess `json:"old,omitempty"`
	// Epoch is the highest that any server had when the files changed, where none ran;
	// -1 where some did.
	Epoch int64 `json:"epoch"`
}

// OldProcess is a server's process at the time of a change.
type OldProcess struct {
	ID      int       `json:"id"`
	Pid     int       `json:"pid"`
	Started time.Time `json:"started"`
}

// Setting is a key of zoo.cfg and its value.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Member is a server of an ensemble.
type Member struct {
	// ID is the server's myid.
	ID int `json:"id"`
	// Observer tells that it follows without a vote.
	Observer bool `json:"observer,omitempty"`
	// Client, Quorum and Election are its ports on 127.0.0.1; Admin is that of its
	// AdminServer, 0 for none.
	Client   int `json:"client"`
	Quorum   int `json:"quorum"`
	Election int `json:"election"`
	Admin    int `json:"admin,omitempty"`
}

// Addr is the host and port that clients connect to.
func (m Member) Addr() string { return Host + ":" + strconv.Itoa(m.Client) }

// Voters is how many members vote.
func (p *Plan) Voters() int {
	n := 0
	for _, m := range p.Members {
		if !m.Observer {
			n++
		}
	}
	return n
}

// Quorum is how many voters must be there for the ensemble to serve.
func (p *Plan) Quorum() int { return p.Voters()/2 + 1 }

// Member returns the member with this id.
func (p *Plan) Member(id int) (Member, bool) {
	for _, m := range p.Members {
		if m.ID == id {
			return m, true
		}
	}
	return Member{}, false
}

// Connect is the connect string: every member's address, observers last.
func (p *Plan) Connect() string {
	var voters, observers []string
	for _, m := range p.Members {
		if m.Observer {
			observers = append(observers, m.Addr())
		} else {
			voters = append(voters, m.Addr())
		}
	}
	return strings.Join(append(voters, observers...), ",")
}

// ServerDir is the folder of a server.
func (p *Plan) ServerDir(id int) string { return filepath.Join(p.Dir, fmt.Sprintf("server%d", id)) }

// DataDir is the dataDir of a server; myid and version-2 are in it.
func (p *Plan) DataDir(id int) string { return filepath.Join(p.ServerDir(id), "data") }

// ConfigFile is the zoo.cfg of a server.
func (p *Plan) ConfigFile(id int) string { return filepath.Join(p.ServerDir(id), "zoo.cfg") }

// LogFile is the file that a server's log is appended to.
func (p *Plan) LogFile(id int) string { return filepath.Join(p.ServerDir(id), "server.log") }
