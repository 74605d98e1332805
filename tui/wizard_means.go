package tui

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"zkdeck/config/ensemble"
	"zkdeck/config/zoocfg"
	"zkdeck/internal/safetext"
)

const (
	maxServersAsked   = ensemble.MaxServers
	maxObserversAsked = ensemble.MaxObservers
)

// fewMB is about what a server takes that holds little, in MB.
const fewMB = 65

// warning is a sentence that something is better otherwise.
func warning(format string, args ...any) remark {
	return remark{levelWarn, fmt.Sprintf(format, args...)}
}

// meansServers says what a number of voters can bear.
func meansServers(w *wizard) []remark {
	n := w.a.voters()
	quorum := n/2 + 1
	switch {
	case n < 1 || n > maxServersAsked:
		return nil
	case n == 1:
		return []remark{saying("1 server is enough to work with. It elects nobody, and nothing serves while it is down.")}
	case n == 2:
		return []remark{
			saying("2 servers: both must be up."),
			warning("Either of the two stops all of it when it fails, so 2 are less safe than 1. With 3, one may fail."),
		}
	case n%2 == 0:
		return []remark{
			saying("%d servers: %d of them must be up, so %s may fail.", n, quorum, count(n-quorum, "1", "server", "servers")),
			warning("An even number is allowed and gains nothing: with %d as many may fail, and there is a vote less to wait for.", n-1),
		}
	}
	return []remark{saying("%d servers: %d of them must be up, so %s may fail.", n, quorum, count(n-quorum, "1", "server", "servers"))}
}

// count is a number with its noun.
func count(n int, one, singular, plural string) string {
	if n == 1 {
		return one + " " + singular
	}
	return fmt.Sprint(n) + " " + plural
}

func meansObservers(w *wizard) []remark {
	voters, n := w.a.voters(), w.a.watchers()
	switch {
	case n == 0:
		return []remark{saying("Without observers, all servers vote.")}
	case n == 1:
		return []remark{saying("Server %d will be an observer; the quorum stays %d of %d.", voters+1, voters/2+1, voters)}
	case n > maxObserversAsked:
		return nil
	}
	if n == 2 {
		return []remark{saying("Servers %d and %d will be observers; the quorum stays %d of %d.", voters+1, voters+2, voters/2+1, voters)}
	}
	return []remark{saying("Servers %d to %d will be observers; the quorum stays %d of %d.", voters+1, voters+n, voters/2+1, voters)}
}

func meansPort(w *wizard) []remark {
	if strings.TrimSpace(w.a.port) == "" {
		return []remark{saying("Free ones are found.")}
	}
	if w.a.port == w.a.givenPort {
		return []remark{saying("Clients find server 1 on %s, server 2 on the next one, and so on. They and the other ports were free a moment ago, and lie below those that the system hands out to others.", shortName(w.a.port))}
	}
	n, base := w.a.voters()+w.a.watchers(), number(w.a.port)
	if base < minPort || base > maxPort {
		return nil
	}
	per := "three ports"
	last := base + 3*n - 1
	if w.a.admin == adminOn {
		per, last = "four ports", last+n
	}
	return []remark{saying("%s from %d to %d, %s each; clients find server 1 on %d and server 2 on %d.", count(n, "1", "server", "servers"), base, last, per, base, base+3)}
}

func meansWhere(w *wizard) []remark {
	switch w.a.where {
	case whereTemp:
		return []remark{saying("In the system's folder for temporary files. Taking the ensemble down deletes it, and so may a reboot.")}
	case whereFolder:
		return []remark{saying("The next question asks for it.")}
	}
	if w.found.plan == nil {
		return nil
	}
	return []remark{saying("%s, until it is deleted.", safetext.Clean(filepath.Join(filepath.Dir(w.found.plan.Dir), w.a.name)))}
}

// inTicks is the sum behind a limit, as in "10 × 2 s = 20 s".
func inTicks(name, limit string, a *wizardAnswers) string {
	return fmt.Sprintf("%s %d × %s = %s", name, number(limit), inSeconds(a.tickTime()), inSeconds(a.ticks(limit)))
}

func meansTick(w *wizard) []remark {
	t := w.a.tickTime()
	if t == 0 {
		return nil
	}
	out := []remark{
		saying("A session may time out after %s at the least and %s at the most: 2 and 20 ticks.", inSeconds(2*t), inSeconds(20*t)),
		saying("%s; %s.", inTicks("initLimit", w.a.init, &w.a), inTicks("syncLimit", w.a.sync, &w.a)),
	}
	if t < 500*time.Millisecond {
		out = append(out, warning("So short a tick makes a pause of Java's look like a failure."))
	}
	return out
}

func meansInit(w *wizard) []remark {
	d := w.a.ticks(w.a.init)
	out := []remark{saying("%s: how long a follower may take to connect to the leader and to copy its data.", inTicks("initLimit", w.a.init, &w.a))}
	if d > 0 && d < 5*time.Second {
		out = append(out, warning("Under 5 s, a server on a busy machine may fail to join, and try again and again."))
	}
	return out
}

func meansSync(w *wizard) []remark {
	d := w.a.ticks(w.a.sync)
	out := []remark{saying("%s: after that long without a word a follower is dropped, and a leader that hangs is given up.", inTicks("syncLimit", w.a.sync, &w.a))}
	if d > 0 && d < 2*time.Second {
		out = append(out, warning("Under 2 s, a pause of Java's can cost an election."))
	}
	return out
}

func meansHeap(w *wizard) []remark {
	n, mb := w.a.voters()+w.a.watchers(), number(w.a.heap)
	if mb == 0 {
		return nil
	}
	out := []remark{saying("%d × %d MB = %d MB at the most; with little data, each takes about %d MB.", n, mb, n*mb, fewMB)}
	if mb < 64 {
		out = append(out, warning("Under 64 MB, a server that is written to in earnest runs out."))
	}
	return out
}

func meansAdmin(w *wizard) []remark {
	if w.a.admin == adminOn {
		return []remark{saying("On 127.0.0.1, each on a port of its own: left to itself, every one of them wants port 8080. It takes about 8 MB more.")}
	}
	return []remark{saying("Off: zkdeck asks the servers in another way.")}
}

func meansExtra(w *wizard) []remark {
	out := make([]remark, 0, 4)
	for _, e := range w.a.extras() {
		if about := zoocfg.Explanation(e.Key); about != "" && len(out) < cap(out) {
			out = append(out, saying("%s: %s", safetext.Clean(e.Key), sentence(about)))
		}
	}
	if len(out) == 0 {
		out = append(out, saying("For instance: maxClientCnxns=100, or autopurge.purgeInterval=24"))
	}
	return out
}

// meansZooKeeper tells the place of what is chosen, and what it runs on.
func meansZooKeeper(w *wizard) []remark {
	var out []remark
	if w.a.zookeeper == otherZooKeeper {
		out = append(out, saying("Download one, install one from a file, or name its folder."))
		for i, r := range w.found.rejected {
			if i < 2 {
				out = append(out, saying("Passed over: %s", safetext.CleanLine(r.String())))
			}
		}
	}
	if z := w.chosen(); z != nil {
		out = append(out, saying("In %s", safetext.Clean(z.Home)))
		if z.Logging == "" {
			out = append(out, warning("It has no logging library, so its servers log nothing."))
		}
	}
	if j := w.javaChosen(); j != nil {
		out = append(out, saying("Java %s, in %s (%s)", safetext.CleanLine(j.Version), safetext.Clean(j.Home), safetext.CleanLine(j.From)))
	}
	return out
}

// meansJava tells the place of what is chosen, and whether it is new enough.
func meansJava(w *wizard) []remark {
	j, z := w.javaChosen(), w.chosen()
	if j == nil {
		return nil
	}
	out := []remark{saying("In %s", safetext.Clean(j.Home))}
	if z != nil && j.Major < z.NeedsJava() {
		out = append(out, warning("ZooKeeper %s needs Java %d or newer.", safetext.CleanLine(z.Version), z.NeedsJava()))
	}
	return out
}
