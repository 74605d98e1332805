package sandbox

import (
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"zkdeck/zkview/wire"
)

// release is the version that a server acts like.
type release struct {
	name  string // "3.8.0"
	minor int    // 8
}

var releaseForm = regexp.MustCompile(`^3\.(\d{1,2})\.\d{1,3}$`)

// oldest is the first version whose protocol we know.
const oldest = 4

func parseRelease(name string) (release, error) {
	m := releaseForm.FindStringSubmatch(name)
	if m == nil {
		return release{}, fmt.Errorf("%q is no version of ZooKeeper: give one like 3.8.0 or 3.4.14", name)
	}
	minor, err := strconv.Atoi(m[1])
	if err != nil || minor < oldest {
		return release{}, fmt.Errorf("version %s is too old: the sandbox acts like 3.%d and later", name, oldest)
	}
	return release{name, minor}, nil
}

// opSince is the version 3.x from which on servers know an operation. What is not
// listed, none knows (Request.isValid).
var opSince = map[wire.OpCode]int{
	wire.OpCreate: 0, wire.OpDelete: 0, wire.OpExists: 0, wire.OpGetData: 0, wire.OpSetData: 0,
	wire.OpGetACL: 0, wire.OpSetACL: 0, wire.OpGetChildren: 0, wire.OpSync: 0, wire.OpPing: 0,
	wire.OpGetChildren2: 0, wire.OpCheck: 0, wire.OpMulti: 0, wire.OpSetWatches: 0, wire.OpAuth: 0,
	wire.OpSASL: 0, wire.OpCreateSession: 0, wire.OpCloseSession: 0,
	wire.OpCreate2: 5, wire.OpReconfig: 5, wire.OpCheckWatches: 5, wire.OpRemoveWatches: 5,
	wire.OpCreateContainer: 5, wire.OpDeleteContainer: 5, wire.OpCreateTTL: 5,
	wire.OpMultiRead: 6, wire.OpGetEphemerals: 6, wire.OpGetAllChildrenNumber: 6,
	wire.OpSetWatches2: 6, wire.OpAddWatch: 6,
	wire.OpWhoAmI: 7,
}

func (r release) knows(op wire.OpCode) bool {
	since, ok := opSince[op]
	return ok && r.minor >= since
}

// String is the full version as srvr, mntr and envi tell it. It says what we are
// where the real one has the revision, which parsers pass over; the form of the
// date changed with 3.7.
func (r release) String() string {
	form := "2006-01-02 15:04 MST"
	if r.minor < 7 {
		form = "01/02/2006 15:04 GMT"
	}
	return r.name + "-zkdeck-sandbox, built on " + buildTime().Format(form)
}

// buildTime is when this program was made: the time of its revision, or else of its
// file.
var buildTime = sync.OnceValue(func() time.Time {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if t, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil {
				return t.UTC()
			}
		}
	}
	if name, err := os.Executable(); err == nil {
		if file, err := os.Stat(name); err == nil {
			return file.ModTime().UTC()
		}
	}
	return time.Unix(0, 0).UTC()
})
