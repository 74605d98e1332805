package ensemble

import (
	"errors"
	"testing"
	"time"
)

func TestStartAndStop(t *testing.T) {
	e := newFake(t, newStore(t), Wish{})
	start(t, e)
	for _, m := range e.Plan().Members {
		if p := processOf(t, e, m.ID); !p.Alive || p.Pid == 0 || !p.Ever || p.End != nil || p.Asked != nil {
			t.Errorf("server %d: %+v", m.ID, p)
		}
	}
	// While a program takes the place of another its memory cannot be told.
	eventually(t, "its memory is known", func() bool { return processOf(t, e, 2).RSS > 0 })
	before := processOf(t, e, 2)
	start(t, e) // what runs is left alone
	if p := processOf(t, e, 2); p.Pid != before.Pid || !p.Started.Equal(before.Started) {
		t.Errorf("server 2 was %+v and is %+v", before, p)
	}
	if err := e.Stop(t.Context(), 1, 3); err != nil {
		t.Fatal(err)
	}
	for _, id := range []int{1, 3} {
		p := processOf(t, e, id)
		if p.Alive || p.End == nil || p.End.Code != 143 || p.End.Signal != "SIGTERM" || p.End.At.Before(p.Started) || p.Asked == nil || p.Asked.Word != "stop" {
			t.Errorf("server %d: %+v, %+v", id, p, p.End)
		}
	}
	if !processOf(t, e, 2).Alive {
		t.Error("server 2 was stopped too")
	}
	var not *NotRunningError
	if err := e.Stop(t.Context(), 1, 2); !errors.As(err, &not) || len(not.IDs) != 1 || not.IDs[0] != 1 {
		t.Errorf("stopping what does not run: %v", err)
	}
	if processOf(t, e, 2).Alive {
		t.Error("server 2 was not stopped")
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Errorf("stopping all where none runs: %v", err)
	}
}

func TestKill(t *testing.T) {
	e := newFake(t, newStore(t), Wish{Servers: 1})
	start(t, e)
	if err := e.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := processOf(t, e, 1)
	if p.Alive || p.End == nil || p.End.Code != 137 || p.End.Signal != "SIGKILL" || p.Asked == nil || p.Asked.Word != "kill" {
		t.Errorf("%+v, %+v, %+v", p, p.End, p.Asked)
	}
	start(t, e)
	if p := processOf(t, e, 1); !p.Alive || p.End != nil || p.Asked != nil {
		t.Errorf("after another start: %+v", p)
	}
}

func TestPauseAndResume(t *testing.T) {
	e := newFake(t, newStore(t), Wish{})
	start(t, e)
	if err := e.Pause(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if p := processOf(t, e, 2); !p.Alive || !p.Stopped || p.Asked == nil || p.Asked.Word != "pause" {
		t.Errorf("paused: %+v", p)
	}
	if processOf(t, e, 1).Stopped {
		t.Error("server 1 was paused too")
	}
	if err := e.Resume(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if p := processOf(t, e, 2); !p.Alive || p.Stopped {
		t.Errorf("resumed: %+v", p)
	}
}

func TestStopPaused(t *testing.T) {
	e := newFake(t, newStore(t), Wish{Servers: 1})
	start(t, e)
	if err := e.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p := processOf(t, e, 1); p.Alive || p.End == nil || p.End.Signal != "SIGTERM" {
		t.Errorf("%+v, %+v", p, p.End)
	}
}

func TestStopStubborn(t *testing.T) {
	s := newStore(t)
	s.patience = 50 * time.Millisecond
	e := create(t, s, fakePlan(t, s, Wish{Servers: 1}, stubborn))
	start(t, e)
	awaitProgram(t, e, 1) // which heeds no SIGTERM
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p := processOf(t, e, 1); p.Alive || p.End == nil || p.End.Signal != "SIGKILL" || p.Asked == nil || p.Asked.Word != "stop" {
		t.Errorf("%+v, %+v", p, p.End)
	}
}

func TestRestart(t *testing.T) {
	e := newFake(t, newStore(t), Wish{})
	start(t, e, 1)
	before := processOf(t, e, 1).Pid
	if err := e.Restart(t.Context(), 1, 2); err != nil {
		t.Fatal(err)
	}
	one, two, three := processOf(t, e, 1), processOf(t, e, 2), processOf(t, e, 3)
	if !one.Alive || one.Pid == before || !two.Alive || three.Ever {
		t.Errorf("%+v, %+v, %+v", one, two, three)
	}
	if err := e.Restart(t.Context(), 4); err == nil {
		t.Error("a server that is not there was restarted")
	}
}
