package ensemble

import "time"

// State is what a server does.
type State string

// The states of a server.
const (
	// Starting: its process is there and serves nothing yet.
	Starting State = "starting"
	// Electing: it looks for a leader, or has none with a quorum behind it.
	Electing State = "electing"
	// Leader, Follower, Observer and Standalone are the roles of a server that serves.
	Leader     State = "leader"
	Follower   State = "follower"
	Observer   State = "observer"
	Standalone State = "standalone"
	// ReadOnly: it has no quorum and serves reads to those who asked for that.
	ReadOnly State = "read-only"
	// Hung: its process is there and answers nothing; ServerStatus.Paused tells that
	// somebody has stopped it with SIGSTOP.
	Hung State = "hung"
	// Exited: no process; ServerStatus.Exit says how that came about, nil for a server
	// that was never started.
	Exited State = "exited"
)

// Serves reports whether a server in this state takes reads and writes.
func (s State) Serves() bool {
	return s == Leader || s == Follower || s == Observer || s == Standalone
}

// Status is what an ensemble looks like at one time.
type Status struct {
	Name    string `json:"name"`
	Connect string `json:"connect"`
	// Quorum tells whether the ensemble takes writes.
	Quorum bool `json:"quorum"`
	// Need is how many voters must be up for that, Up how many are part of it, Voters how many there are.
	Need    int            `json:"need"`
	Up      int            `json:"up"`
	Voters  int            `json:"voters"`
	Servers []ServerStatus `json:"servers"`
	// At is when it was looked.
	At time.Time `json:"at"`
}

// Leader returns the leader, or the standalone server of an ensemble of one, and
// whether there is one. Of two that take themselves for the leader, as after a pause,
// it is that of the newer epoch.
func (s *Status) Leader() (ServerStatus, bool) {
	var leader ServerStatus
	ok := false
	for _, v := range s.Servers {
		if v.State == Leader && (!ok || v.Epoch > leader.Epoch) || v.State == Standalone && len(s.Servers) == 1 {
			leader, ok = v, true
		}
	}
	return leader, ok
}

// ServerStatus is what a server looks like at one time. What a server that does not
// serve cannot tell is zero.
type ServerStatus struct {
	ID    int   `json:"id"`
	State State `json:"state"`
	// Observer tells that it has no vote, in whatever State it is.
	Observer bool `json:"observer,omitempty"`
	// Paused tells that the process was stopped with SIGSTOP, or by job control.
	Paused bool `json:"paused,omitempty"`
	Pid    int  `json:"pid"`
	// Client, Quorum, Election and Admin are its ports, Admin 0 for none.
	Client   int    `json:"client"`
	Quorum   int    `json:"quorum"`
	Election int    `json:"election"`
	Admin    int    `json:"admin,omitempty"`
	Version  string `json:"version"`
	// Zxid is the last one that it has, as "0x300000007"; Epoch its upper half.
	Zxid  string `json:"zxid"`
	Epoch int64  `json:"epoch,omitempty"`
	Dir   string `json:"dir"`
	// Started is when its process began.
	Started time.Time `json:"started,omitzero"`
	// Conns is how many connections it has besides ours; RSS its memory, in bytes.
	Conns int   `json:"conns"`
	RSS   int64 `json:"rss,omitempty"`
	// LastLog is the last line of its log that says something, as it stands there:
	// clean it before a terminal sees it.
	LastLog string `json:"lastLog,omitempty"`
	// Trouble says why it does not serve though it runs, empty where nothing is known.
	Trouble string `json:"trouble,omitempty"`
	// Exit is how its last process ended, nil while it runs or if it never did.
	Exit *Exit `json:"exit"`
}

// Exit is how a server's process ended.
type Exit struct {
	// Code is the exit code, 128 and the signal's number where one ended it; -1 where
	// nobody saw it end.
	Code int `json:"code"`
	// Signal is its name, as "SIGKILL", empty where none ended it.
	Signal string `json:"signal,omitempty"`
	// At is when, or about when.
	At time.Time `json:"at,omitzero"`
	// ByUs tells that it was stopped or killed on request.
	ByUs bool `json:"byUs,omitempty"`
	// Line is the line of its log that explains it, as it stands there.
	Line string `json:"line,omitempty"`
	// Why says in plain words what happened, Mend what to do about it.
	Why  string `json:"why,omitempty"`
	Mend string `json:"mend,omitempty"`
}

// Event is something that happened to an ensemble while somebody watched.
type Event struct {
	At time.Time `json:"at"`
	// Kind is what happened: "started", "exited", "killed", "stopped", "paused",
	// "resumed", "serving", "leader", "quorum-lost", "quorum-back", "added", "removed",
	// "wiped", "failed".
	Kind string `json:"kind"`
	// Server is the id of the server that it happened to, 0 for the ensemble.
	Server int `json:"server,omitempty"`
	// Epoch is that of a new leader.
	Epoch int64 `json:"epoch,omitempty"`
	// Took is how long it took since Since, an event before it: for a new leader, since
	// the old one was lost.
	Took time.Duration `json:"took,omitempty"`
	// Text is a plain sentence, as "server 2 became leader, epoch 3, 0.41 s after server
	// 3 was killed".
	Text string `json:"text"`
}
