package ensemble

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dustin/go-humanize"

	"zkdeck/config/zoocfg"
)

const (
	// A server writes a log of transactions in steps of 64 MB, most of it a hole at
	// first, and a snapshot now and then. Below leastFree it would not get far.
	leastFree  = 16 << 20
	littleFree = 256 << 20
)

// checkFolders looks whether the servers can write where they will, each by itself.
func checkFolders(p *Plan, down []Member) []zoocfg.Finding {
	var found []zoocfg.Finding
	for _, m := range down {
		for _, dir := range []string{p.ServerDir(m.ID), p.DataDir(m.ID)} {
			if f, bad := checkWritable(m, dir); bad {
				found = append(found, f)
				break
			}
		}
	}
	found = append(found, checkSpace(p, down)...)
	return append(found, checkShared(p, down)...)
}

// checkWritable tries to write into a folder, or into the nearest one above it that
// is there.
func checkWritable(m Member, dir string) (zoocfg.Finding, bool) {
	f := zoocfg.Finding{
		Severity: zoocfg.Error, File: dir, Rule: "not-writable",
		Effect: "the server would end with exit code 3: unable to create or to access its data directory",
		Mend:   "make the folder one that you may write to, or plan the ensemble in another",
	}
	there := existing(dir)
	info, err := os.Stat(there)
	if err == nil && !info.IsDir() {
		f.What = fmt.Sprintf("the folder %s of server %d cannot be: %s is a file", dir, m.ID, there)
		return f, true
	}
	if err == nil {
		var probe *os.File
		if probe, err = os.CreateTemp(there, ".zkdeck-probe-*"); err == nil {
			_, err = probe.WriteString("x")
			err = errors.Join(err, probe.Close(), os.Remove(probe.Name()))
		}
	}
	if err == nil {
		return f, false
	}
	f.What = fmt.Sprintf("nothing can be written into the folder %s of server %d: %v", dir, m.ID, err)
	if isFull(err) {
		f.Rule, f.Effect, f.Mend = "disk-full", "the server would end with exit code 1: no space left on device", "make room on that disk"
	}
	return f, true
}

// existing is the path, or the nearest folder above it that is there.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path
		}
		parent := filepath.Dir(path)
		if parent == path {
			return path
		}
		path = parent
	}
}

// checkSpace looks for room on the disks of the data folders, each disk once.
func checkSpace(p *Plan, down []Member) []zoocfg.Finding {
	var found []zoocfg.Finding
	told := make(map[string]bool)
	for _, m := range down {
		dir := existing(p.DataDir(m.ID))
		free, disk, err := freeSpace(dir)
		if err != nil || free >= littleFree || told[disk] {
			continue // what cannot be known keeps nobody from starting
		}
		told[disk] = true
		f := zoocfg.Finding{
			Severity: zoocfg.Warning, File: p.DataDir(m.ID), Rule: "disk-low",
			What:   fmt.Sprintf("only %s are free on the disk of %s", humanize.IBytes(free), dir),
			Effect: "when the disk is full the servers on it end with exit code 1",
			Mend:   "make room on that disk, or plan the ensemble on another",
		}
		if free < leastFree {
			f.Severity, f.Rule = zoocfg.Error, "disk-full"
		}
		found = append(found, f)
	}
	return found
}

// checkShared looks for data folders that two servers would share. ZooKeeper itself
// has no lock there: both would write into the same files.
func checkShared(p *Plan, down []Member) []zoocfg.Finding {
	var found []zoocfg.Finding
	owners := make(map[string]int)
	for _, m := range p.Members {
		real, err := realPath(p.DataDir(m.ID))
		if err != nil {
			continue
		}
		if other, taken := owners[real]; taken {
			found = append(found, zoocfg.Finding{
				Severity: zoocfg.Error, File: p.ConfigFile(m.ID), Key: "dataDir", Rule: "data-shared",
				What:   fmt.Sprintf("the servers %d and %d have one data folder, %s", other, m.ID, real),
				Effect: "both would write into the same files and destroy them",
				Mend:   "give each its own folder",
			})
		}
		owners[real] = m.ID
	}
	for _, m := range down {
		if !held(filepath.Join(p.DataDir(m.ID), dataLock)) {
			continue
		}
		found = append(found, zoocfg.Finding{
			Severity: zoocfg.Error, File: p.ConfigFile(m.ID), Key: "dataDir", Rule: "data-in-use",
			What:   fmt.Sprintf("another server runs on the data folder of server %d, %s", m.ID, p.DataDir(m.ID)),
			Effect: "both would write into the same files and destroy them",
			Mend:   "stop that one first; `zkdeck ensemble ls` lists servers that belong to no ensemble",
		})
	}
	return found
}

// held reports whether somebody has the lock of a file.
func held(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(lockFile(f), errLocked)
}
