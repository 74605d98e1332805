package tui

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"zkdeck/config/ensemble"
	"zkdeck/config/ensemble/distro"
	"zkdeck/config/zoocfg"
)

// stepsOfFields are the questions that the fields of a wish come from.
var stepsOfFields = map[string]stepID{
	"Name": stepName, "Servers": stepServers, "Observers": stepObservers, "BasePort": stepPort, "Dir": stepDir, "Temp": stepWhere,
	"Tick": stepTick, "InitLimit": stepInit, "SyncLimit": stepSync, "HeapMB": stepHeap, "Admin": stepAdmin, "Extra": stepExtra,
	"Java": stepJava, "ZooKeeper": stepZooKeeper, "Distro": stepZooKeeper,
}

// stepOfError is the question that mends why there is no plan.
func (w *wizard) stepOfError(err error) stepID {
	var wish *ensemble.WishError
	var missing *distro.MissingError
	switch {
	case errors.As(err, &wish):
		if id, ok := stepsOfFields[wish.Field]; ok {
			return w.shown(id)
		}
	case errors.As(err, &missing):
		return stepZooKeeper
	}
	return w.shown(stepDir)
}

// stepsOfKeys are the questions that keys of zoo.cfg come from.
var stepsOfKeys = map[string]stepID{
	"tickTime": stepTick, "initLimit": stepInit, "syncLimit": stepSync, "dataDir": stepDir, "clientPort": stepPort,
	"admin.serverPort": stepPort, "admin.enableServer": stepAdmin,
}

// stepOfFinding is the question that mends a finding.
func (w *wizard) stepOfFinding(f *zoocfg.Finding) stepID {
	for _, e := range w.a.extras() {
		if e.Key == f.Key {
			return stepExtra
		}
	}
	if id, ok := stepsOfKeys[f.Key]; ok {
		return w.shown(id)
	}
	switch {
	case strings.HasPrefix(f.Key, "server."), strings.Contains(f.Rule, "port"):
		return stepPort
	case strings.Contains(f.Rule, "java"):
		return w.shown(stepJava)
	case strings.Contains(f.Rule, "jar"):
		return stepZooKeeper
	case strings.Contains(f.Rule, "heap"), strings.Contains(f.Rule, "memory"):
		return stepHeap
	}
	return w.shown(stepDir)
}

// shown is a step, or where its question does not come up the one that decides that.
func (w *wizard) shown(id stepID) stepID {
	switch {
	case id == stepDir && w.a.where != whereFolder:
		return stepWhere
	case id == stepJava && len(w.found.javas) < 2:
		return stepZooKeeper
	}
	return id
}

// checkMirror refuses what is no address of a mirror; nothing is Apache's own.
func checkMirror(text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return errors.New("type an address that begins with https://, or nothing")
	}
	return nil
}

// checkArchive refuses a file that cannot be an archive of ZooKeeper.
func checkArchive(text string) error {
	if err := checkThere(text); err != nil {
		return err
	}
	name := filepath.Base(strings.TrimSpace(text))
	if !strings.HasSuffix(name, ".tar.gz") && !strings.HasSuffix(name, ".tgz") {
		return fmt.Errorf("%q is no .tar.gz", asTyped(name))
	}
	return nil
}

// versionNote says what is special about a version that can be downloaded.
func versionNote(v distro.Version) string {
	var notes []string
	if v.Stable {
		notes = append(notes, "stable")
	}
	if v.Current {
		notes = append(notes, "the newest line")
	}
	if v.Archived {
		notes = append(notes, "from the archive")
	}
	if v.Here {
		notes = append(notes, "downloaded already")
	}
	return strings.Join(notes, ", ")
}
