package lab

import (
	"strings"
	"testing"
	"time"

	"zkdeck/lockctl"
)

const uuid = "0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f-"

// The commentary, as a trainer reads it to a room.
func TestNotes(t *testing.T) {
	whose := func(node string) int {
		switch ShortName(node) {
		case "lock-0000000006", "lock_id_0000000006":
			return 1
		case "lock":
			return 2
		}
		return 0
	}
	own, before := uuid+"lock-0000000007", uuid+"lock-0000000006"
	until := time.Date(2026, 1, 2, 10, 20, 30, 0, time.UTC)
	for _, c := range []struct {
		s    lockctl.Step
		want string
	}{
		{lockctl.Step{Kind: lockctl.StepLook}, ""},
		{lockctl.Step{Kind: lockctl.StepLook, Why: "there is no such directory"}, "step: worker 3 looks at the queue: there is no such directory"},
		{lockctl.Step{Kind: lockctl.StepCreate, Node: own}, "step: worker 3 created lock-0000000007"},
		{lockctl.Step{Kind: lockctl.StepList, Node: own, Position: 1, Of: 1}, "step: worker 3 lists the queue: it is alone"},
		{lockctl.Step{Kind: lockctl.StepList, Node: own, Position: 1, Of: 4}, "step: worker 3 lists the queue: it is first of 4"},
		{lockctl.Step{Kind: lockctl.StepList, Node: own, Position: 3, Of: 4, Before: before}, "step: worker 3 lists the queue: place 3 of 4"},
		{lockctl.Step{Kind: lockctl.StepList, Node: uuid + "read-0000000002", Position: 3, Of: 4}, "step: worker 3 lists the queue: no writer is before it"},
		{lockctl.Step{Kind: lockctl.StepList, Of: 4}, "step: worker 3 lists the children; it has no znode there"},
		{lockctl.Step{Kind: lockctl.StepList, Node: own, Of: 4}, "step: worker 3 lists the queue: lock-0000000007 is not in it"},
		{lockctl.Step{Kind: lockctl.StepList, Node: "_c_" + uuid + "lease-0000000004", Position: 1, Of: 2}, "step: worker 3 lists the places: there is one for it"},
		{lockctl.Step{Kind: lockctl.StepList, Node: "_c_" + uuid + "lease-0000000004", Position: 1, Of: 3, Why: "2 of 2 places are taken"}, "step: worker 3 lists the places: 2 of 2 places are taken"},
		{lockctl.Step{Kind: lockctl.StepWatch, Node: own, Before: before}, "step: lock-0000000006 (worker 1) is before it; worker 3 watches that one"},
		{lockctl.Step{Kind: lockctl.StepWatch, Node: own, Before: uuid + "lock-0000000005"}, "step: lock-0000000005 is before it; worker 3 watches that one"},
		{lockctl.Step{Kind: lockctl.StepWatch, Node: "lock_id_0000000007", Why: whyParent}, "step: worker 3 waits; it watches the parent, as everyone does"},
		{lockctl.Step{Kind: lockctl.StepWatch, Before: singleNode, Why: whyAll}, "step: lock (worker 2) is there; worker 3 watches it, as all who wait do"},
		{lockctl.Step{Kind: lockctl.StepWatch, Why: "all places"}, "step: worker 3 watches all places"},
		{lockctl.Step{Kind: lockctl.StepWake, Node: own, Before: before, Why: "it is gone"}, "wake: worker 3 is told: lock-0000000006 (worker 1) is gone"},
		{lockctl.Step{Kind: lockctl.StepWake, Node: own, Before: before, Why: "it was written to"}, "wake: worker 3 is told of lock-0000000006 (worker 1): it was written to"},
		{lockctl.Step{Kind: lockctl.StepWake, Node: own, Before: before, Why: "there is another connection"}, "wake: worker 3 is told: there is another connection"},
		{lockctl.Step{Kind: lockctl.StepWake, Node: "_c_" + uuid + "lease-0000000004", Why: "the queue has changed"}, "wake: worker 3 is told: the places have changed"},
		{lockctl.Step{Kind: lockctl.StepWake, Why: whyChildren}, "wake: worker 3 is told: the children have changed"},
		{lockctl.Step{Kind: lockctl.StepGranted, Node: own, Token: 0x1f}, "grant: worker 3 has the lock; its token is 0x1f"},
		{lockctl.Step{Kind: lockctl.StepGranted, Node: uuid + "read-0000000002", Token: 0x1f}, "grant: worker 3 may read; its token is 0x1f"},
		{lockctl.Step{Kind: lockctl.StepGranted, Node: uuid + "write-0000000002", Token: 0x1f}, "grant: worker 3 may write, alone; its token is 0x1f"},
		{lockctl.Step{Kind: lockctl.StepGranted, Node: "_c_" + uuid + "lease-0000000004", Token: 0x1f}, "grant: worker 3 has a place and leaves the queue; its token is 0x1f"},
		{lockctl.Step{Kind: lockctl.StepGranted, Why: whyNothing}, "trouble: worker 3's turn has come, but acquire returns nothing, which reads as no"},
		{lockctl.Step{Kind: lockctl.StepGranted, Why: whyStale}, "trouble: a wake-up from before ends worker 3's wait at once: it is not first"},
		{lockctl.Step{Kind: lockctl.StepCancelled, Node: "lock_id_0000000007", Why: whyLeft}, "trouble: worker 3 tries and is told no, but lock_id_0000000007 stays in the queue"},
		{lockctl.Step{Kind: lockctl.StepCancelled, Before: before, Why: whyBusy}, "step: worker 3 tries: lock-0000000006 (worker 1) is there; it goes away and leaves nothing"},
		{lockctl.Step{Kind: lockctl.StepCancelled, Why: whyBusy}, "step: worker 3 tries: another holds; it goes away and leaves nothing"},
		{lockctl.Step{Kind: lockctl.StepCancelled, Node: own, Why: "take /a: context canceled, at place 2 of 2"}, "step: worker 3 waits no longer"},
		{lockctl.Step{Kind: lockctl.StepCancelled, Node: own, Why: "take /a: it is odd, behind " + before}, "trouble: worker 3 waits no longer: take /a: it is odd, behind lock-0000000006"},
		{lockctl.Step{Kind: lockctl.StepReleased, Node: own}, "step: worker 3 deleted lock-0000000007"},
		{lockctl.Step{Kind: lockctl.StepRecover}, "trouble: no answer came to worker 3: it looks for a znode of its own"},
		{lockctl.Step{Kind: lockctl.StepRequeue, Why: "our znode was deleted by somebody else"}, "trouble: worker 3 queues anew: our znode was deleted by somebody else"},
		{lockctl.Step{Kind: lockctl.StepSuspended, Node: own, Until: until}, "trouble: worker 3 has no connection; the lock is its own until 10:20:30 at the latest"},
		{lockctl.Step{Kind: lockctl.StepResumed, Node: own}, "step: worker 3 is connected again and lock-0000000007 is still there: it keeps the lock"},
		{lockctl.Step{Kind: lockctl.StepRevoke, Why: "unlock"}, "step: somebody asks worker 3 to let go: unlock"},
		{lockctl.Step{Kind: lockctl.StepLost, Node: own, Why: "the session has ended"}, "trouble: worker 3 has lost the lock: the session has ended"},
		{lockctl.Step{Kind: "dance"}, ""},
	} {
		c.s.At = until
		n, ok := noteOf(3, c.s, whose)
		got := ""
		if ok {
			got = string(n.Kind) + ": " + n.Text
		}
		if got != c.want || ok && (n.Worker != 3 || !n.At.Equal(until)) {
			t.Errorf("%+v:\n%s, want\n%s", c.s, got, c.want)
		}
	}
}

// What happens at the lab and to the store.
func TestLabNotes(t *testing.T) {
	own := uuid + "lock-0000000007"
	until := time.Date(2026, 1, 2, 10, 20, 30, 0, time.UTC)
	for _, c := range []struct {
		n    Note
		want string
	}{
		{releasedNote(1, own, nil), "worker 1 deleted lock-0000000007: nobody watches it, nobody is told"},
		{releasedNote(1, own, []int{3}), "worker 1 deleted lock-0000000007: worker 3 is told, and nobody else"},
		{releasedNote(1, own, []int{5, 2, 3}), "worker 1 deleted lock-0000000007: workers 2, 3 and 5 are told"},
		{releasedNote(1, own, []int{1, 2, 3, 4, 5, 6, 7}), "worker 1 deleted lock-0000000007: 7 workers are told"},
		{addedNote(2), "worker 2 joins, on a session of its own"},
		{killedNote(2, "", false), "worker 2 stops and closes its session"},
		{killedNote(2, own, false), "worker 2 stops and closes its session: lock-0000000007 goes at once"},
		{killedNote(2, singleNode, true), "worker 2 stops and closes its session: lock stays, it is persistent"},
		{crashedNote(2, "", until, false), "worker 2 crashes; the servers end its session by 10:20:30"},
		{crashedNote(2, own, until, false), "worker 2 crashes; lock-0000000007 stays until its session ends, by 10:20:30"},
		{crashedNote(2, singleNode, until, true), "worker 2 crashes; lock stays for ever, it is persistent"},
		{expiredNote(2, "", false), "the servers ended the session of worker 2"},
		{expiredNote(2, own, false), "the servers ended the session of worker 2 and deleted lock-0000000007"},
		{expiredNote(2, singleNode, true), "the servers ended the session of worker 2, and lock stays: nobody will delete it"},
		{frozenNote(2, false), "worker 2 freezes, as in a long pause of the garbage collector"},
		{frozenNote(2, true), "worker 2 freezes, as in a long pause of the garbage collector, and believes that it has the lock"},
		{thawedNote(2, false), "worker 2 wakes up"},
		{thawedNote(2, true), "worker 2 wakes up, knows of nothing, and writes"},
		{endedNote(2), "worker 2 learns only now that its session is over, and opens another"},
		{twoHoldersNote([]int{4, 2}, 0), "workers 2 and 4 believe that they have the lock"},
		{twoHoldersNote([]int{4, 2}, 4), "workers 2 and 4 believe that they have the lock; it is the turn of worker 4"},
		{refusedNote(Write{Worker: 2, Token: 18}, 31), "the store refuses what worker 2 writes: its token 0x12 is older than 0x1f"},
		{lostNote(Write{Worker: 2, Value: 8}, 1), "worker 2 writes 8 over what worker 1 wrote: an update is lost"},
		{lostNote(Write{Worker: 2, Value: 8}, 0), "worker 2 writes 8 over what it has not read: an update is lost"},
		{believedNote(2, "lock_id_0000000007"), "worker 2 takes nothing for no and goes away; lock_id_0000000007 stays, and nobody will delete it"},
	} {
		if c.n.Text != c.want || c.n.Kind == "" || strings.Contains(c.n.Text, uuid) {
			t.Errorf("%s: %s, want %s", c.n.Kind, c.n.Text, c.want)
		}
	}
}
