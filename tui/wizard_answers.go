package tui

import (
	"strconv"
	"strings"
	"time"

	"zkdeck/config/ensemble"
)

// Where the folder is to be.
const (
	whereKept   = "kept"
	whereTemp   = "temp"
	whereFolder = "folder"
)

// How the servers are to be started.
const (
	startTogether = "together"
	startInTurn   = "in turn"
	startNot      = "not"
)

// AdminServer, as the question has it.
const (
	adminOff = "off"
	adminOn  = "on"
)

// wizardAnswers are what was answered, as it was typed or chosen.
type wizardAnswers struct {
	servers, observers, name, port string
	where, dir                     string
	tick, init, sync               string
	heap, admin, extra             string
	zookeeper, java                string // the places of what was chosen of what was found
	start                          string
	givenName, givenPort           string // what name and port were set to before anybody typed
}

// defaultAnswers are those of somebody who only presses enter.
func defaultAnswers() wizardAnswers {
	return wizardAnswers{
		servers: "3", observers: "0", where: whereKept,
		tick: "2000", init: "10", sync: "5", heap: "256", admin: adminOff, start: startTogether,
	}
}

// voters and watchers are how many servers vote and how many do not.
func (a *wizardAnswers) voters() int   { return number(a.servers) }
func (a *wizardAnswers) watchers() int { return number(a.observers) }

// tickTime is the length of a tick.
func (a *wizardAnswers) tickTime() time.Duration {
	return time.Duration(min(number(a.tick), maxTick)) * time.Millisecond
}

// wish is what the answers ask for. A port that nobody touched is left open, so that
// others are taken where these have gone meanwhile.
func (a *wizardAnswers) wish(f *wizardFound) ensemble.Wish {
	w := ensemble.Wish{
		Name: strings.TrimSpace(a.name), Servers: a.voters(), Observers: a.watchers(),
		Tick: a.tickTime(), InitLimit: number(a.init), SyncLimit: number(a.sync), HeapMB: number(a.heap),
		Admin: a.admin == adminOn, Temp: a.where == whereTemp,
	}
	if strings.TrimSpace(a.port) != a.givenPort {
		w.BasePort = number(a.port)
	}
	if a.where == whereFolder {
		w.Dir = expandHome(strings.TrimSpace(a.dir))
	}
	w.Extra, _ = parseExtra(a.extra) // what is none was refused by its field
	for i := range f.zookeepers {
		if f.zookeepers[i].Home == a.zookeeper {
			w.Distro = &f.zookeepers[i]
		}
	}
	if f.java != nil && a.java != f.java.Path { // else that which suits the ZooKeeper
		w.Java = a.java
	}
	return w
}

// ticks is what a limit in ticks is in seconds.
func (a *wizardAnswers) ticks(limit string) time.Duration {
	return time.Duration(min(number(limit), maxLimit)) * a.tickTime()
}

// inSeconds is a duration as people say it: 0.5 s, 20 s, 90 s.
func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64) + " s"
}

// extras is how many further settings there are.
func (a *wizardAnswers) extras() []ensemble.Setting {
	out, _ := parseExtra(a.extra) // while it is typed it may be none yet
	return out
}
