package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// The sentences about what no step of a recipe tells. Who asks for one sets its time.

func troubleNote(worker int, format string, args ...any) Note {
	return Note{Worker: worker, Kind: NoteTrouble, Text: fmt.Sprintf(format, args...)}
}

func doneNote(worker int, format string, args ...any) Note {
	return Note{Worker: worker, Kind: NoteLab, Text: fmt.Sprintf(format, args...)}
}

// releasedNote is of a release, and who is woken by it.
func releasedNote(worker int, node string, told []int) Note {
	n := Note{Worker: worker, Kind: NoteStep}
	switch told = slices.Sorted(slices.Values(told)); len(told) {
	case 0:
		n.Text = fmt.Sprintf("worker %d deleted %s: nobody watches it, nobody is told", worker, ShortName(node))
	case 1:
		n.Text = fmt.Sprintf("worker %d deleted %s: worker %d is told, and nobody else", worker, ShortName(node), told[0])
	default:
		n.Text = fmt.Sprintf("worker %d deleted %s: %s are told", worker, ShortName(node), manyWorkers(told))
	}
	return n
}

// manyWorkers names several, in order: "workers 1, 2 and 5", and of many their number.
func manyWorkers(all []int) string {
	const named = 6
	if len(all) == 1 {
		return fmt.Sprintf("worker %d", all[0])
	}
	if len(all) > named {
		return fmt.Sprintf("%d workers", len(all))
	}
	var names []string
	for _, n := range all[:len(all)-1] {
		names = append(names, fmt.Sprint(n))
	}
	return fmt.Sprintf("workers %s and %d", strings.Join(names, ", "), all[len(all)-1])
}

func addedNote(worker int) Note {
	return doneNote(worker, "worker %d joins, on a session of its own", worker)
}

// killedNote is of a worker whose session was closed.
func killedNote(worker int, node string, persistent bool) Note {
	switch {
	case node == "":
		return doneNote(worker, "worker %d stops and closes its session", worker)
	case persistent:
		return doneNote(worker, "worker %d stops and closes its session: %s stays, it is persistent", worker, ShortName(node))
	}
	return doneNote(worker, "worker %d stops and closes its session: %s goes at once", worker, ShortName(node))
}

// crashedNote is of one whose program has gone without a word.
func crashedNote(worker int, node string, until time.Time, persistent bool) Note {
	switch {
	case node == "":
		return doneNote(worker, "worker %d crashes; the servers end its session by %s", worker, clockText(until))
	case persistent:
		return doneNote(worker, "worker %d crashes; %s stays for ever, it is persistent", worker, ShortName(node))
	}
	return doneNote(worker, "worker %d crashes; %s stays until its session ends, by %s", worker, ShortName(node), clockText(until))
}

// expiredNote is of a session that the servers have ended.
func expiredNote(worker int, node string, persistent bool) Note {
	switch {
	case node == "":
		return troubleNote(worker, "the servers ended the session of worker %d", worker)
	case persistent:
		return troubleNote(worker, "the servers ended the session of worker %d, and %s stays: nobody will delete it", worker, ShortName(node))
	}
	return troubleNote(worker, "the servers ended the session of worker %d and deleted %s", worker, ShortName(node))
}

func frozenNote(worker int, holds bool) Note {
	if holds {
		return doneNote(worker, "worker %d freezes, as in a long pause of the garbage collector, and believes that it has the lock", worker)
	}
	return doneNote(worker, "worker %d freezes, as in a long pause of the garbage collector", worker)
}

func thawedNote(worker int, holds bool) Note {
	if holds {
		return doneNote(worker, "worker %d wakes up, knows of nothing, and writes", worker)
	}
	return doneNote(worker, "worker %d wakes up", worker)
}

// endedNote is of a worker that gets to hear that its session is over.
func endedNote(worker int) Note {
	return troubleNote(worker, "worker %d learns only now that its session is over, and opens another", worker)
}

// twoHoldersNote is of more that believe to hold than the recipe lets in.
func twoHoldersNote(believe []int, turn int) Note {
	believe = slices.Sorted(slices.Values(believe))
	if turn == 0 {
		return troubleNote(0, "%s believe that they have the lock", manyWorkers(believe))
	}
	return troubleNote(turn, "%s believe that they have the lock; it is the turn of worker %d", manyWorkers(believe), turn)
}

// refusedNote is of a write that came with an old token.
func refusedNote(w Write, greatest int64) Note {
	return troubleNote(w.Worker, "the store refuses what worker %d writes: its token %s is older than %s", w.Worker, tokenText(w.Token), tokenText(greatest))
}

// lostNote is of a write over one that the writer had not read.
func lostNote(w Write, over int) Note {
	if over == 0 || over == w.Worker {
		return troubleNote(w.Worker, "worker %d writes %d over what it has not read: an update is lost", w.Worker, w.Value)
	}
	return troubleNote(w.Worker, "worker %d writes %d over what worker %d wrote: an update is lost", w.Worker, w.Value, over)
}

// believedNote is of a worker of Naive that takes nothing for no.
func believedNote(worker int, node string) Note {
	return troubleNote(worker, "worker %d takes nothing for no and goes away; %s stays, and nobody will delete it", worker, ShortName(node))
}

func clockText(t time.Time) string { return t.Format("15:04:05") }

// suspendedNote is of a worker whose connection is lost.
func suspendedNote(worker int, until time.Time) Note {
	return troubleNote(worker, "worker %d has no connection; its session lives until %s, and longer where a new leader is elected", worker, clockText(until))
}

// resumedNote is of one that is back in time.
func resumedNote(worker int, server, node string) Note {
	n := Note{Worker: worker, Kind: NoteStep, Text: fmt.Sprintf("worker %d is connected again, to %s: its session lives", worker, safetext.Clean(server))}
	if node != "" {
		n.Text += ", and so does " + ShortName(node)
	}
	return n
}

// overNote is of one that is told that its session has ended.
func overNote(worker int) Note {
	return troubleNote(worker, "worker %d is told that its session has ended: what it had is deleted, and it opens another", worker)
}

// failedNote is of a request that came to nothing.
func failedNote(worker int, what string, err error) Note {
	return troubleNote(worker, "worker %d could not %s, and tries again: %s", worker, what, safetext.CleanLine(err.Error()))
}

// writeText is what a turn is about to write.
func writeText(worker int, mode lockctl.Mode, t *turn) string {
	switch {
	case mode == lockctl.Read:
		return fmt.Sprintf("worker %d has read %d, and is done with it", worker, t.read.value)
	case t.token == 0:
		return fmt.Sprintf("worker %d writes %d to the store", worker, t.read.value+1)
	}
	return fmt.Sprintf("worker %d writes %d to the store, with its token %s", worker, t.read.value+1, tokenText(t.token))
}
