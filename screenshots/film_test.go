package screenshots

import (
	"testing"
	"time"

	"zkdeck/screenshots/ink"
	"zkdeck/zkview/sandbox"
)

// filmHeight is how many rows the moving picture has.
const filmHeight = 30

// film is the moving picture: what the screen shows at chosen moments, one after the
// other. It is no recording, which would be another each time.
type film struct {
	frames []ink.Timed
	poster int
}

// shot adds what the screen shows when it stands still.
func (f *film) shot(s *stage, d time.Duration) {
	s.t.Helper()
	f.add(s.still(), d)
}

func (f *film) add(frame ink.Frame, d time.Duration) {
	f.frames = append(f.frames, ink.Timed{Frame: frame, For: d})
}

// takeFilm makes the moving picture.
func takeFilm(t *testing.T, bin string) {
	var f film
	for _, scene := range []struct {
		name string
		play func(f *film, s *stage)
	}{{"tree", filmTree}, {"locks", filmLocks}, {"lab", filmLab}, {"ensemble", filmEnsemble}} {
		t.Run(scene.name, func(t *testing.T) { scene.play(&f, newStage(t, bin, "dark")) })
	}
	if t.Failed() {
		return
	}
	svg, err := ink.Animated(f.frames, ink.Options{
		Theme: ink.Dark(), Title: "zkdeck", Poster: f.poster,
		About: "A tree of znodes that changes by itself; a lock that goes from hand to hand; the lock lab; an ensemble whose leader is killed",
	})
	if err != nil {
		t.Fatal(err)
	}
	save(t, filmName, svg)
}

const filmName = "zkdeck.svg"

// filmTree watches a broker go and come back, and another become the controller.
func filmTree(f *film, s *stage) {
	w := s.inTree(filmHeight, "/kafka/controller")
	s.see("● broker 2")
	f.shot(s, 1600*time.Millisecond)
	w.leave("10.30.0.2")
	s.redraw()
	f.shot(s, 1500*time.Millisecond)
	s.step(2500 * time.Millisecond)
	w.put("10.30.0.3", "/kafka/controller", `{"version":2,"brokerid":3,"timestamp":"1773740463000","kraftControllerEpoch":-1}`, sandbox.Ephemeral)
	w.set("10.30.0.3", "/kafka/controller_epoch", "2")
	s.see("● broker 3")
	s.redraw()
	f.shot(s, 1600*time.Millisecond)
	s.step(2500 * time.Millisecond)
	w.put("10.30.0.2", "/kafka/brokers/ids/2", broker(2, s.clock.now()), sandbox.Ephemeral)
	s.redraw()
	f.shot(s, 1200*time.Millisecond)
	s.step(3 * time.Second)
	f.shot(s, 600*time.Millisecond)
}

// filmLocks opens a lock and watches it change hands.
func filmLocks(f *film, s *stage) {
	w := s.inLocks(filmHeight)
	f.shot(s, 1800*time.Millisecond)
	s.choose("down", "invoice-run")
	f.shot(s, 500*time.Millisecond)
	s.keys("enter")
	for _, seconds := range []int{5, 8, 7, 6, 8} {
		s.step(time.Duration(seconds) * time.Second)
		f.shot(s, 500*time.Millisecond)
		w.pass(invoices)
		s.redraw()
		f.shot(s, 500*time.Millisecond)
	}
	s.step(6 * time.Second)
	f.poster = len(f.frames)
	f.shot(s, 1500*time.Millisecond)
}

// filmLab lets the workers of two recipes go on, one request after the other.
func filmLab(f *film, s *stage) {
	s.inTree(filmHeight, "/")
	s.inLab()
	s.steps(labSteps - 3)
	for range 4 {
		f.shot(s, 900*time.Millisecond)
		s.steps(1)
	}
	f.frames[len(f.frames)-1].For = 1800 * time.Millisecond
}

// filmEnsemble kills the leader of three real servers.
func filmEnsemble(f *film, s *stage) {
	e := newEnsemble(s)
	e.board(filmHeight)
	s.clock.stop()
	f.shot(s, 1800*time.Millisecond)
	s.clock.run(s.t)
	e.killLeader()
	f.shot(s, 3500*time.Millisecond)
}
