package lab

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"zkdeck/internal/lockview"
	"zkdeck/internal/zktest"
	"zkdeck/lockctl"
	"zkdeck/zkview"
	"zkdeck/zkview/sandbox"
)

// fewWorkers is how many contend at most: the herd is for machines that do nothing else.
const fewWorkers = 5

// playing is a lesson that is given, its times divided by swift, and with few workers.
type playing struct {
	t       *testing.T
	addr    string
	swift   time.Duration
	timeout time.Duration
	runs    []*Run
}

// Each step of each lesson comes to what it is about. That of the leader has its servers
// taken away meanwhile, which is what its second step is about.
func TestLessonsPlay(t *testing.T) {
	all, _ := Lessons("")
	for _, l := range all {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			p := &playing{t: t, swift: 50, timeout: patient}
			if expires(l) {
				p.addr, p.timeout = quick(t), brief
			} else { // a busy machine loses no session, and Naive no answer, after which it stands still
				p.addr = serve(t, sandbox.Options{})
			}
			t.Cleanup(p.close)
			var proxy *zktest.Proxy
			if l.Name == "6-leader" {
				proxy = zktest.NewProxy(t, p.addr)
				p.addr = proxy.Addr()
			}
			for i, s := range l.Steps {
				if proxy != nil && i == 1 {
					proxy.Cut()
				}
				p.step(fmt.Sprintf("step %d, %s", i+1, s.Title), s)
				if proxy != nil && i == 1 {
					proxy.Heal()
				}
			}
		})
	}
}

// expires tells whether a step waits for the end of a session that is not heard.
func expires(l Lesson) bool {
	return slices.ContainsFunc(l.Steps, func(s LessonStep) bool {
		return slices.ContainsFunc(s.Do, func(a Action) bool { return a.Do == "crash" || a.Do == "freeze" })
	})
}

func (p *playing) close() {
	for _, r := range p.runs {
		_ = r.Close()
	}
	p.runs = nil
}

// step begins a step as the screen does, and waits for what it is about.
func (p *playing) step(name string, s LessonStep) {
	began := time.Now()
	if len(s.Lanes) > 0 {
		p.close()
		for i, lane := range s.Lanes {
			o := lane.Options()
			o.Hold, o.Think, o.Pace, o.Base = o.Hold/p.swift, o.Think/p.swift, o.Pace/p.swift, fmt.Sprintf("%s/%d", DefaultBase, i)
			o.Workers = min(o.Workers, fewWorkers)
			o.Open = func(dial Dial) (lockctl.Session, error) {
				return lockview.OpenSession(zkview.Config{Servers: p.addr, Timeout: p.timeout, Dial: dial})
			}
			r, err := Start(p.t.Context(), o)
			if err != nil {
				p.t.Fatalf("%s: %v", name, err)
			}
			p.runs = append(p.runs, r)
		}
	}
	for _, a := range s.Do {
		a.For /= p.swift
		a.Number = min(a.Number, fewWorkers)
		for i, r := range p.runs {
			if a.On(i + 1) {
				p.perform(name, a, r)
			}
		}
	}
	p.until(name, func(all []Snapshot) bool { return s.Until == "" || s.Until.Met(all) })
	p.t.Logf("%s: %s", name, time.Since(began).Round(time.Millisecond))
}

// perform does an action as soon as there is somebody to do it to. A holder is frozen
// while it has its write before it; who is not is thawed, and another one frozen.
func (p *playing) perform(name string, a Action, r *Run) {
	p.until(name+": "+a.String(), func([]Snapshot) bool {
		_, err := a.Perform(r)
		if err != nil && !errors.Is(err, ErrNotYet) {
			p.t.Fatalf("%s: %v", name, err)
		}
		if err != nil || a.Do != "freeze" {
			return err == nil
		}
		s := r.Snapshot()
		for _, w := range s.Workers {
			wrote := func(wr Write) bool { return wr.Worker == w.N && !wr.At.Before(w.Since) }
			switch {
			case !w.Frozen:
			case w.State == Holding && !slices.ContainsFunc(s.Resource.Last, wrote):
				return true
			default:
				_ = r.Thaw(w.N)
			}
		}
		return false
	})
}

// until waits until the lanes are so.
func (p *playing) until(what string, ok func(all []Snapshot) bool) {
	limit := time.After(time.Minute)
	look := time.NewTicker(5 * time.Millisecond) // less often than something changes
	defer look.Stop()
	for {
		all := make([]Snapshot, len(p.runs))
		for i, r := range p.runs {
			all[i] = r.Snapshot()
		}
		if ok(all) {
			return
		}
		select {
		case <-look.C:
		case <-limit:
			for _, s := range all {
				p.t.Error(told(s))
			}
			p.t.Fatalf("%s: not met", what)
		}
	}
}
