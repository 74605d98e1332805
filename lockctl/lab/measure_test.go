package lab

import (
	"encoding/json"
	"testing"
	"time"

	"zkdeck/internal/zktest"
)

// What a hand-off costs does not grow with who waits where each watches the one before it,
// and does where all watch the parent: counted on the wire, on the sandbox and on a real
// server, with as many hand-offs as the queue is long.
func TestHerdIsCounted(t *testing.T) {
	t.Parallel()
	for name, addr := range map[string]string{"sandbox": zktest.Shared(t), "real": zktest.SharedReal(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := zktest.RootOn(t, addr) + "/lab"
			wakes := map[Recipe]float64{}
			for _, recipe := range []Recipe{Fair, Naive} {
				const n = 8
				r := start(t, addr, Options{Recipe: recipe, Workers: n, Hold: time.Hour, Base: base})
				r.until("all are in the queue", func(s Snapshot) bool {
					watch := 0
					for _, w := range s.Workers {
						if len(w.Watches) > 0 {
							watch++
						}
					}
					return len(s.in(Holding)) == 1 && len(s.Queue) == n && watch >= n-1
				})
				// Each has one turn, and does not come back. From here on there are releases only.
				r.Reset()
				before := r.Snapshot().Counters.Handoffs
				r.SetTimes(0, time.Hour)
				s := r.until("all have had a turn", func(s Snapshot) bool {
					return s.Counters.Handoffs == before+n-1 && len(s.Queue) == 0 && len(s.in(Thinking)) == n
				})
				wakes[recipe] = s.Counters.WakeupsPerHandoff
				t.Logf("%s: %.2f wake-ups and %.2f requests per hand-off", recipe, s.Counters.WakeupsPerHandoff, s.Counters.RequestsPerHandoff)
				if c := s.Counters; recipe == Fair && c.Wakeups != n-1 || c.HandoffMicros == nil || c.HandoffMicros.P50 > c.HandoffMicros.P99 || c.LostUpdates != 0 {
					t.Errorf("%s", told(s))
				}
				_ = r.Close()
			}
			if wakes[Naive] < 3*wakes[Fair] {
				t.Errorf("wake-ups per hand-off: %v", wakes)
			}
		})
	}
}

// The counters as JSON are what a program reads.
func TestCountersAsJSON(t *testing.T) {
	for want, c := range map[string]Counters{
		`{"recipe":"fair","workers":2,"seconds":1.5,"handoffs":3,"wakeupsPerHandoff":1,"requestsPerHandoff":4,"handoffMicros":{"p50":7,"p99":9},"fairness":1,"lostUpdates":0}`: {
			Recipe: Fair, Workers: 2, Seconds: 1.5, Handoffs: 3, WakeupsPerHandoff: 1, RequestsPerHandoff: 4, HandoffMicros: &Micros{7, 9}, Fairness: 1, Wakeups: 3,
		},
		`{"recipe":"no-lock","workers":0,"seconds":0,"handoffs":0,"wakeupsPerHandoff":0,"requestsPerHandoff":0,"handoffMicros":null,"fairness":0,"lostUpdates":2}`: {
			Recipe: NoLock, LostUpdates: 2,
		},
	} {
		if got, err := json.Marshal(c); err != nil || string(got) != want {
			t.Errorf("%s, not %s: %v", got, want, err)
		}
	}
}
