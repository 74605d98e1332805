package lab

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"zkdeck/internal/safetext"
	"zkdeck/lockctl"
)

// Why of the steps that recipes of this package tell, beside lockctl's own.
const (
	whyAll      = "all wait for it"
	whyGone     = "it is gone" // as lockctl says it
	whyChildren = "the children have changed"
	whyParent   = "the parent"
	whyNothing  = "acquire returned nothing"
	whyStale    = "a wake-up from before the wait"
	whyLeft     = "try leaves its znode"
	whyBusy     = "another holds"
)

// guid is what makes names unique: Curator's, go-zookeeper's, kazoo's, the document's.
var (
	guid    = regexp.MustCompile(`^(_c_)?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}-?`)
	anyGUID = regexp.MustCompile(`(_c_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-`)
)

// ShortName is a znode's name for people: the guid goes, and lock-0000000007 stays. It is
// safe to print.
func ShortName(node string) string {
	short := node[len(guid.FindString(node)):]
	return safetext.Clean(cmp.Or(short, node))
}

// teller makes sentences about one worker.
type teller struct {
	worker int
	names  func(node string) int // whose a znode is, 0: not known
}

func (t teller) who() string { return fmt.Sprintf("worker %d", t.worker) }

// znode is one with its worker.
func (t teller) znode(node string) string {
	if n := t.names(node); n != 0 {
		return fmt.Sprintf("%s (worker %d)", ShortName(node), n)
	}
	return ShortName(node)
}

// noteOf is a step as a sentence, and false for one that there is nothing to say about.
// Names tells whose a znode is, 0 where that is not known.
func noteOf(worker int, s lockctl.Step, names func(node string) int) (Note, bool) {
	t := teller{worker, names}
	n := Note{At: s.At, Worker: worker, Kind: NoteStep}
	switch s.Kind {
	case lockctl.StepLook:
		if s.Why == "" {
			return n, false
		}
		n.Text = fmt.Sprintf("%s looks at the queue: %s", t.who(), s.Why)
	case lockctl.StepCreate:
		n.Text = fmt.Sprintf("%s created %s", t.who(), ShortName(s.Node))
	case lockctl.StepList:
		n.Text = t.listed(s)
	case lockctl.StepWatch:
		n.Text = t.watches(s)
	case lockctl.StepWake:
		n.Kind, n.Text = NoteWake, t.woken(s)
	case lockctl.StepGranted:
		n.Kind, n.Text = t.granted(s)
	case lockctl.StepCancelled:
		n.Kind, n.Text = t.cancelled(s)
	case lockctl.StepReleased:
		n.Text = fmt.Sprintf("%s deleted %s", t.who(), ShortName(s.Node))
	default:
		n.Kind, n.Text = t.doubt(s)
	}
	return n, n.Text != ""
}

// listed says where the worker stands.
func (t teller) listed(s lockctl.Step) string {
	switch {
	case s.Why != "":
		return fmt.Sprintf("%s lists the places: %s", t.who(), s.Why)
	case s.Node == "":
		return fmt.Sprintf("%s lists the children; it has no znode there", t.who())
	case strings.HasPrefix(ShortName(s.Node), "lease-"):
		return fmt.Sprintf("%s lists the places: there is one for it", t.who())
	case s.Position == 0:
		return fmt.Sprintf("%s lists the queue: %s is not in it", t.who(), ShortName(s.Node))
	case s.Of == 1:
		return fmt.Sprintf("%s lists the queue: it is alone", t.who())
	case s.Position == 1:
		return fmt.Sprintf("%s lists the queue: it is first of %d", t.who(), s.Of)
	case s.Before == "": // a reader
		return fmt.Sprintf("%s lists the queue: no writer is before it", t.who())
	}
	return fmt.Sprintf("%s lists the queue: place %d of %d", t.who(), s.Position, s.Of)
}

// watches says what the worker is to be told of.
func (t teller) watches(s lockctl.Step) string {
	switch s.Why {
	case "":
		return fmt.Sprintf("%s is before it; %s watches that one", t.znode(s.Before), t.who())
	case whyParent:
		return fmt.Sprintf("%s waits; it watches the parent, as everyone does", t.who())
	case whyAll:
		return fmt.Sprintf("%s is there; %s watches it, as all who wait do", t.znode(s.Before), t.who())
	}
	return fmt.Sprintf("%s watches %s", t.who(), s.Why)
}

// woken says what the worker was told.
func (t teller) woken(s lockctl.Step) string {
	switch {
	case s.Why == whyGone && s.Before != "":
		return fmt.Sprintf("%s is told: %s is gone", t.who(), t.znode(s.Before))
	case s.Before != "" && strings.HasPrefix(s.Why, "it "):
		return fmt.Sprintf("%s is told of %s: %s", t.who(), t.znode(s.Before), s.Why)
	}
	if s.Before == "" && strings.HasPrefix(ShortName(s.Node), "lease-") {
		return fmt.Sprintf("%s is told: the places have changed", t.who())
	}
	return fmt.Sprintf("%s is told: %s", t.who(), s.Why)
}

// granted says what the worker has got, or takes itself to have.
func (t teller) granted(s lockctl.Step) (NoteKind, string) {
	switch s.Why {
	case whyNothing:
		return NoteTrouble, fmt.Sprintf("%s's turn has come, but acquire returns nothing, which reads as no", t.who())
	case whyStale:
		return NoteTrouble, fmt.Sprintf("a wake-up from before ends %s's wait at once: it is not first", t.who())
	}
	short := ShortName(s.Node)
	switch {
	case strings.HasPrefix(short, "read-"):
		return NoteGrant, fmt.Sprintf("%s may read; its token is %s", t.who(), tokenText(s.Token))
	case strings.HasPrefix(short, "write-"):
		return NoteGrant, fmt.Sprintf("%s may write, alone; its token is %s", t.who(), tokenText(s.Token))
	case strings.HasPrefix(short, "lease-"):
		return NoteGrant, fmt.Sprintf("%s has a place and leaves the queue; its token is %s", t.who(), tokenText(s.Token))
	}
	return NoteGrant, fmt.Sprintf("%s has the lock; its token is %s", t.who(), tokenText(s.Token))
}

// cancelled says why the worker does not wait, or not any more.
func (t teller) cancelled(s lockctl.Step) (NoteKind, string) {
	switch s.Why {
	case whyLeft:
		return NoteTrouble, fmt.Sprintf("%s tries and is told no, but %s stays in the queue", t.who(), ShortName(s.Node))
	case whyBusy:
		if s.Before == "" {
			return NoteStep, fmt.Sprintf("%s tries: another holds; it goes away and leaves nothing", t.who())
		}
		return NoteStep, fmt.Sprintf("%s tries: %s is there; it goes away and leaves nothing", t.who(), t.znode(s.Before))
	}
	for _, over := range []error{context.Canceled, lockctl.ErrEnded} {
		if strings.Contains(s.Why, over.Error()) {
			return NoteStep, fmt.Sprintf("%s waits no longer", t.who())
		}
	}
	return NoteTrouble, fmt.Sprintf("%s waits no longer: %s", t.who(), anyGUID.ReplaceAllString(s.Why, ""))
}

// doubt says what goes wrong on the way, or did not.
func (t teller) doubt(s lockctl.Step) (NoteKind, string) {
	switch s.Kind {
	case lockctl.StepRecover:
		return NoteTrouble, fmt.Sprintf("no answer came to %s: it looks for a znode of its own", t.who())
	case lockctl.StepRequeue:
		return NoteTrouble, fmt.Sprintf("%s queues anew: %s", t.who(), s.Why)
	case lockctl.StepSuspended:
		return NoteTrouble, fmt.Sprintf("%s has no connection; the lock is its own until %s at the latest", t.who(), s.Until.Format("15:04:05"))
	case lockctl.StepResumed:
		return NoteStep, fmt.Sprintf("%s is connected again and %s is still there: it keeps the lock", t.who(), ShortName(s.Node))
	case lockctl.StepRevoke:
		return NoteStep, fmt.Sprintf("somebody asks %s to let go: %s", t.who(), s.Why)
	case lockctl.StepLost:
		return NoteTrouble, fmt.Sprintf("%s has lost the lock: %s", t.who(), s.Why)
	default:
		return NoteStep, ""
	}
}

// tokenText is a token as ZooKeeper's tools write a zxid.
func tokenText(token int64) string { return fmt.Sprintf("0x%x", uint64(token)) }
