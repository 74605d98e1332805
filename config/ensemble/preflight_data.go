package ensemble

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"zkdeck/config/zoocfg"
)

// checkData looks at the data of a server that is there already.
func checkData(p *Plan, m Member) []zoocfg.Finding {
	var found []zoocfg.Finding
	if _, err := os.Stat(p.ServerDir(m.ID)); errors.Is(err, fs.ErrNotExist) {
		return nil // not written yet
	}
	if f, bad := checkMyID(p, m); bad {
		found = append(found, f)
	}
	version2 := filepath.Join(p.DataDir(m.ID), "version-2")
	if f, bad := checkHistory(p, m, version2); bad {
		found = append(found, f)
	}
	if f, bad := checkEpochs(m, version2); bad {
		found = append(found, f)
	}
	return found
}

// plainNumber is what ZooKeeper takes for a server's id: Long.parseLong of the first
// line of myid (QuorumPeerConfig.setupMyId), so no blanks, and no mark before it.
var plainNumber = regexp.MustCompile(`^[0-9]+$`)

func checkMyID(p *Plan, m Member) (zoocfg.Finding, bool) {
	path := filepath.Join(p.DataDir(m.ID), "myid")
	f := zoocfg.Finding{
		Severity: zoocfg.Error, File: path, Line: 1, Rule: "myid",
		Effect: "the server ends with exit code 2, or takes itself for another one",
		Mend:   fmt.Sprintf("write the number %d into it, and nothing else: echo %d >%s", m.ID, m.ID, quote(path)),
	}
	text, err := os.ReadFile(path)
	if err != nil {
		f.Line = 0
		f.What = fmt.Sprintf("the file that tells server %d its id cannot be read: %v", m.ID, err)
		return f, true
	}
	line, _, _ := strings.Cut(string(text), "\n")
	line = strings.TrimSuffix(line, "\r")
	if id, err := strconv.Atoi(line); err == nil && plainNumber.MatchString(line) && id == m.ID {
		return f, false
	}
	f.What = fmt.Sprintf("the file that tells server %d its id begins with the line %q", m.ID, shorten(line))
	return f, true
}

// shorten keeps what a file says from filling a screen.
func shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// checkHistory looks for logs of transactions without the snapshot that they begin
// from, and for empty ones.
func checkHistory(p *Plan, m Member, version2 string) (zoocfg.Finding, bool) {
	entries, err := os.ReadDir(version2)
	if err != nil {
		return zoocfg.Finding{}, false // no data yet
	}
	var logs, snapshots int
	for _, entry := range entries {
		switch info, err := entry.Info(); {
		case strings.HasPrefix(entry.Name(), "snapshot."):
			snapshots++
		case strings.HasPrefix(entry.Name(), "log."):
			logs++
			if err == nil && info.Size() == 0 {
				return zoocfg.Finding{
					Severity: zoocfg.Error, File: filepath.Join(version2, entry.Name()), Rule: "log-empty",
					What:   fmt.Sprintf("a transaction log of server %d is empty: %s", m.ID, entry.Name()),
					Effect: "the server ends with exit code 1: EOFException",
					Mend:   "remove that file; if the other servers have the data, wiping this one is as good",
				}, true
			}
		}
	}
	if logs > 0 && snapshots == 0 && !p.trustsEmpty() {
		return zoocfg.Finding{
			Severity: zoocfg.Error, File: version2, Rule: "no-snapshot",
			What:   fmt.Sprintf("server %d has transaction logs and no snapshot that they begin from", m.ID),
			Effect: "the server ends with exit code 1: no snapshot found, but there are log entries",
			Mend:   "put the snapshots back; if the other servers have the data, wipe this one; or, if the logs are known to be complete, give Java -Dzookeeper.snapshot.trust.empty=true",
		}, true
	}
	return zoocfg.Finding{}, false
}

// checkEpochs compares the epochs that a server has accepted and has been part of.
func checkEpochs(m Member, version2 string) (zoocfg.Finding, bool) {
	accepted, okA := readEpoch(filepath.Join(version2, "acceptedEpoch"))
	current, okC := readEpoch(filepath.Join(version2, "currentEpoch"))
	if !okA || !okC || accepted >= current {
		return zoocfg.Finding{}, false
	}
	return zoocfg.Finding{
		Severity: zoocfg.Error, File: filepath.Join(version2, "acceptedEpoch"), Line: 1, Rule: "epochs",
		What:   fmt.Sprintf("server %d has accepted epoch %d and been part of epoch %d, which cannot be", m.ID, accepted, current),
		Effect: "the server ends with exit code 1: the accepted epoch is less than the current epoch",
		Mend:   "somebody has edited or copied these files: put both back, or wipe the server if the others have the data",
	}, true
}

func readEpoch(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	line, _, _ := strings.Cut(string(text), "\n")
	epoch, err := strconv.ParseInt(strings.TrimSuffix(line, "\r"), 10, 64)
	return epoch, err == nil
}

// trustsEmpty tells that the servers take logs without a snapshot for complete.
func (p *Plan) trustsEmpty() bool {
	const key = "snapshot.trust.empty"
	return slices.Contains(p.Extra, Setting{Key: key, Value: "true"}) || slices.Contains(p.JVM, "-Dzookeeper."+key+"=true")
}
