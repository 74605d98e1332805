package zkview

import (
	"testing"
	"time"
)

// The values that an ActivityLog keeps are bounded, and those of the newest are there.
func TestActivityLogLetsGoOfValues(t *testing.T) {
	const n = 2000
	log := NewActivityLog(n / 2)
	value := func() []byte { return make([]byte, HeldAction) }
	action := func(seq uint64) Action {
		c := Change{Kind: DataChanged, Path: "/a", At: time.Unix(int64(seq), 0)}
		return Action{Seq: seq, Change: c, Data: value(), HasData: true, Before: value(), HasBefore: true}
	}
	check := func(when string) {
		t.Helper()
		kept := 0
		for i := range log.Len() {
			x := log.At(i)
			kept += valueBytes(&x)
			if x.HasData == (x.Note == noValue) || x.HasData != x.HasBefore {
				t.Fatalf("%s: of %d there is data %v, before %v and the note %q", when, x.Seq, x.HasData, x.HasBefore, x.Note)
			}
		}
		if kept > logValues || kept != log.bytes {
			t.Fatalf("%s: %d bytes are kept, %d counted, %d allowed", when, kept, log.bytes, logValues)
		}
		if x := log.At(log.Len() - 1); !x.HasData {
			t.Fatalf("%s: the newest value is let go", when)
		}
	}
	for seq := uint64(1); seq <= n; seq++ {
		bare := action(seq)
		bare.Data, bare.HasData, bare.Before, bare.HasBefore = nil, false, nil, false
		if seq%3 == 0 { // read at once
			bare = action(seq)
		}
		log.Add([]Action{bare})
	}
	for seq := uint64(1); seq <= n; seq++ { // read later
		log.Add([]Action{action(seq)})
	}
	log.Add([]Action{action(n)})
	check("at the end")
	log.Add([]Action{action(n/2 + 1)})
	if x := log.At(0); x.Seq != n/2+1 || x.HasData {
		t.Errorf("the oldest, %d, has its value again: %v", x.Seq, x.HasData)
	}
}
