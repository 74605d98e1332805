package zkview

import (
	"errors"
	"fmt"
	"time"
)

// Conflict says what becomes of a znode that exists already where one is to be
// put, and differs from it.
type Conflict uint8

// What an import or a copy does about conflicts.
const (
	// ConflictFail, the default, changes nothing at all if there is any conflict.
	ConflictFail Conflict = iota
	// ConflictSkip leaves what is there as it is.
	ConflictSkip
	// ConflictOverwrite replaces data and ACL, guarded by the versions that the plan
	// saw. What a znode is (a container, ephemeral …) cannot be changed.
	ConflictOverwrite
)

var conflictNames = []string{"fail", "skip", "overwrite"}

// String is the word for c on the command line: fail, skip or overwrite.
func (c Conflict) String() string {
	if int(c) < len(conflictNames) {
		return conflictNames[c]
	}
	return fmt.Sprintf("conflict %d", uint8(c))
}

// ParseConflict reads fail, skip or overwrite.
func ParseConflict(word string) (Conflict, error) {
	for i, name := range conflictNames {
		if word == name {
			return Conflict(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not one of fail, skip and overwrite", word)
}

// The reasons for which a whole transfer is refused before anything is changed,
// to be tested with errors.Is.
var (
	// ErrConflict: znodes are in the way, and conflicts fail.
	ErrConflict = errors.New("znodes that differ are there already")
	// ErrWithin: source and target lie within each other, or are the same.
	ErrWithin = errors.New("source and target are within each other")
	// ErrSystem: / and what belongs to ZooKeeper itself, /zookeeper, is neither
	// deleted nor written.
	ErrSystem = errors.New("it belongs to ZooKeeper itself")
	// ErrIncomplete: a move whose source cannot be copied whole.
	ErrIncomplete = errors.New("not all of the source can be moved")
	// ErrUsed: a plan or a removal that was carried out already.
	ErrUsed = errors.New("this plan was carried out already; plan again")
)

// TransferPhase is what a long operation is doing.
type TransferPhase uint8

// The phases, in their order. Not every operation has all of them.
const (
	PhaseReading   TransferPhase = iota // the source is read, or what is to be deleted counted
	PhaseComparing                      // the source is compared with what is at the target
	PhaseWriting                        // znodes are created and overwritten
	PhaseVerifying                      // the source of a move is read again
	PhaseDeleting                       // znodes are deleted
)

// String is a word for a screen: "reading" …
func (p TransferPhase) String() string {
	switch p {
	case PhaseComparing:
		return "comparing"
	case PhaseWriting:
		return "writing"
	case PhaseVerifying:
		return "verifying"
	case PhaseDeleting:
		return "deleting"
	default:
		return "reading"
	}
}

// TransferProgress tells how far a long operation has come.
type TransferProgress struct {
	Phase TransferPhase
	// Done znodes of Total are behind us in this phase; Total is 0 as long as nobody
	// knows.
	Done, Total int64
	Bytes       int64 // of data in the znodes done
	Elapsed     time.Duration
	// Waiting says why nothing moves at the moment; mostly empty.
	Waiting string
}

// Rate is the number of znodes done a second.
func (p TransferProgress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Done) / p.Elapsed.Seconds()
}

// Note is something to tell about one znode.
type Note struct {
	Path string
	Err  error
}

// MaxNotes is how many notes a report holds; the rest is a number.
const MaxNotes = 100

// notes collects notes up to a bound.
type notes struct {
	list []Note
	more int64
}

func (n *notes) add(path string, err error) {
	if len(n.list) >= MaxNotes {
		n.more++
		return
	}
	n.list = append(n.list, Note{path, bareError(err)})
}

// bareError is the reason in an *OpError that is told beside its path.
func bareError(err error) error {
	var op *OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// TransferReport tells what an import, a copy or a move has done, also when it
// ended with an error. Every znode of the source is counted once among the first
// group.
type TransferReport struct {
	Created     int64
	Overwritten int64
	Same        int64 // there already, alike
	Skipped     int64 // there already, different, and left so
	LeftOut     int64 // ephemerals, and what was not readable in the source
	Refused     int64 // no server would take them, or zkdeck does not write there
	Failed      int64 // the notes say why
	// Unknown were sent, no answer came, and it could not be found out what became
	// of them. NotAttempted were never sent.
	Unknown, NotAttempted int64

	// Parents of the target that were missing and were created.
	Parents int64
	Bytes   int64 // of data that was written
	// Of a move: znodes of the source that were Deleted, and Kept because they had
	// changed meanwhile or were not copied; Undecided is the unknown of the deletion.
	Deleted, Kept, Undecided int64

	Notes     []Note
	MoreNotes int64 // beyond those in Notes
	Elapsed   time.Duration
}

// Complete reports whether all that the plan meant to do was done.
func (r TransferReport) Complete() bool {
	return r.Failed == 0 && r.Unknown == 0 && r.NotAttempted == 0 && r.Kept == 0 && r.Undecided == 0
}

// pace limits how often progress is told.
type pace struct {
	tell  func(TransferProgress)
	began time.Time
	last  time.Time
}

const paceEvery = 100 * time.Millisecond

func newPace(tell func(TransferProgress)) *pace {
	return &pace{tell: tell, began: time.Now()}
}

// say tells p, if it is time to or now is set.
func (p *pace) say(now bool, progress TransferProgress) {
	if p.tell == nil {
		return
	}
	at := time.Now()
	if !now && at.Sub(p.last) < paceEvery {
		return
	}
	p.last = at
	progress.Elapsed = at.Sub(p.began)
	p.tell(progress)
}

// system reports whether a path belongs to ZooKeeper itself: /zookeeper holds
// quotas and the configuration of the ensemble. Below a chroot it is a name like
// any other.
func (s *Session) system(path string) bool {
	abs := s.servers.abs(path)
	return abs == systemPath || within(abs, systemPath)
}

const systemPath = "/zookeeper"

// within reports whether path lies below root.
func within(path, root string) bool {
	if root == "/" {
		return path != "/"
	}
	return len(path) > len(root) && path[:len(root)] == root && path[len(root)] == '/'
}

// relative is path as seen from root, "/" for root itself; absolute is its
// opposite.
func relative(path, root string) string {
	switch {
	case path == root:
		return "/"
	case root == "/":
		return path
	default:
		return path[len(root):]
	}
}

func absolute(rel, root string) string {
	switch {
	case rel == "/":
		return root
	case root == "/":
		return rel
	default:
		return root + rel
	}
}
