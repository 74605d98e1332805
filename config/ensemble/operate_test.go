package ensemble

import "testing"

func TestStartAndStop(t *testing.T) {
	e := newEnsemble(t, newStore(t), Wish{})
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range e.Plan().Members {
		if p, err := e.process(m.ID); err != nil || !p.Alive || p.Pid == 0 || p.RSS == 0 {
			t.Errorf("server %d: %+v, %v", m.ID, p, err)
		}
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range e.Plan().Members {
		p, err := e.process(m.ID)
		if err != nil || p.Alive || p.End == nil || p.End.Code != 143 || p.End.Signal != "SIGTERM" || p.Asked == nil || p.Asked.Word != "stop" {
			t.Errorf("server %d: %+v, %+v, %v", m.ID, p, p.End, err)
		}
	}
}
