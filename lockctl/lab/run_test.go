package lab

import (
	"slices"
	"testing"

	"zkdeck/internal/zktest"
)

// Each recipe lets workers in one after the other, or together where it does, and what was
// made is gone in the end.
func TestEachRecipe(t *testing.T) {
	for _, recipe := range Recipes() {
		t.Run(string(recipe), func(t *testing.T) {
			t.Parallel()
			addr, base := shared(t)
			r := start(t, addr, Options{Recipe: recipe, Base: base})
			s := r.until("30 turns", func(s Snapshot) bool { return s.Counters.Handoffs >= 30 })
			c := s.Counters
			if s.State != Running || s.Dir != base+"/"+string(recipe) || s.Server != addr || len(s.Workers) != 5 || c.Workers != 5 || c.Recipe != recipe || c.Seconds <= 0 {
				t.Errorf("%s", told(s))
			}
			if recipe != NoLock && (c.LostUpdates != 0 || c.Requests == 0 || s.Resource.Refused != 0 && recipe != Naive) {
				t.Errorf("%s", told(s))
			}
			if recipe != NoLock && recipe != Naive && c.TwoHolders != 0 {
				t.Errorf("%d times two held: %s", c.TwoHolders, told(s))
			}
			if recipe == NoLock && (c.Requests != 0 || c.HandoffMicros != nil) {
				t.Errorf("nobody asks, and there were %d requests, and hand-offs: %v", c.Requests, c.HandoffMicros)
			}
			_ = r.Close()
			if s := r.Snapshot(); s.State != Ended || s.Err != nil || len(s.in(Gone)) != 5 {
				t.Errorf("closed: %s", told(s))
			}
			conn := zktest.Connect(t, addr)
			if there, _, err := conn.Exists(s.Dir); err != nil || there {
				t.Errorf("%s is there: %v %v", s.Dir, there, err)
			}
		})
	}
}

// What cannot be is refused.
func TestOptions(t *testing.T) {
	open := opener("127.0.0.1:1", patient)
	for _, o := range []Options{
		{},
		{Open: open, Recipe: "none"},
		{Open: open, Workers: MaxWorkers + 1},
		{Open: open, Workers: -1},
		{Open: open, Hold: -1},
		{Open: open, Base: "lab"},
		{Open: open, Base: "/"},
		{Open: open, Slots: -1},
	} {
		if r, err := Start(t.Context(), o); err == nil {
			_ = r.Close()
			t.Errorf("%+v is taken", o)
		}
	}
	if !slices.Contains(Recipes(), Fair) {
		t.Error("no recipe")
	}
}
