package bench

import (
	"testing"
	"time"

	"zkdeck/internal/zktest/seed"
)

const (
	// calm is how long a screen is left alone before it counts as idle: what came into
	// view has been read, and what left it was given up.
	calm = 4 * time.Second
	// idling is how long it is watched. Both together stay below a minute, at which
	// the age of the connection on screen changes.
	idling = 10 * time.Second
)

// idle measures what two screens cost on which nothing changes: at the root, and
// with the wide parent open.
func idle(b *testing.B, w *world) {
	type screen struct {
		name string
		*relay
		*run
		bytes         int64
		cpu           time.Duration
		pings, others int
	}
	screens := []*screen{{name: "at the root", relay: newRelay(b, w.addr)}, {name: "312,763 expanded", relay: newRelay(b, w.addr)}}
	screens[0].run = w.start(b, w.ours, screens[0].addr())
	screens[0].WaitForText(connected)
	screens[1].run = w.opened(b, screens[1].addr(), widePath, seed.WideName(0))
	bare := w.start(b, w.bare)
	defer bare.end()
	bare.WaitForText(bareFrameHas)
	<-time.After(calm)
	bareCPU := bare.cpu()
	for _, s := range screens {
		s.bytes, s.cpu = s.Written(), s.run.cpu()
		s.pings, s.others = s.counted()
	}
	<-time.After(idling)
	barePercent := 100 * float64(bare.cpu()-bareCPU) / float64(idling)
	for _, s := range screens {
		bytes, cpu := s.Written()-s.bytes, s.run.cpu()-s.cpu
		pings, others := s.counted()
		pings, others = pings-s.pings, others-s.others
		percent := 100 * float64(cpu) / float64(idling)
		say("idle, %-16s %.2f %% of a core, %d bytes, %d pings, %d other requests in %v", s.name, percent, bytes, pings, others, idling)
		w.add(
			figure{what: "idle " + s.name + ", processor", ours: percent, unit: "%", floor: barePercent, floorIs: "bare program", budget: 2},
			figure{what: "idle " + s.name + ", bytes", ours: float64(bytes), unit: "B"},
			figure{what: "idle " + s.name + ", requests but pings", ours: float64(others), unit: "requests"},
		)
		s.run.end()
	}
}
