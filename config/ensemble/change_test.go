package ensemble

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestChange(t *testing.T) {
	s := newStore(t)
	e := newFake(t, s, Wish{Servers: 1, Observers: 1})
	before := e.Plan()
	write(t, before.ConfigFile(1), read(t, before.ConfigFile(1))+"\nsnapCount=7\n")
	if err := e.change(t.Context(), func(p *Plan) error { p.HeapMB = 64; return nil }); err != nil {
		t.Fatal(err)
	}
	if text := read(t, before.ConfigFile(1)); !strings.HasSuffix(text, "snapCount=7") {
		t.Error("what a person has edited is gone, though nothing in it changed")
	}
	if text := read(t, before.scriptFile()); !strings.Contains(text, "-Xmx64m") {
		t.Error("the script was not written anew")
	}
	err := e.change(t.Context(), func(p *Plan) error {
		p.Members = append(p.Members, Member{ID: 3, Client: 1, Quorum: 2, Election: 3})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range e.Plan().Members {
		if text := read(t, before.ConfigFile(m.ID)); !strings.Contains(text, "server.3=127.0.0.1:2:3") || strings.Contains(text, "snapCount") {
			t.Errorf("the zoo.cfg of server %d:\n%s", m.ID, text)
		}
	}
	if text := read(t, before.ConfigFile(1)+editedMark); !strings.HasSuffix(text, "snapCount=7") {
		t.Error("what a person has edited was not kept")
	}
	if id := read(t, filepath.Join(before.DataDir(3), "myid")); id != "3" {
		t.Errorf("the new myid is %q", id)
	}
	other, err := s.Open(e.Name())
	if err != nil || len(other.Plan().Members) != 3 {
		t.Errorf("opened again: %+v, %v", other, err)
	}
	refused := errors.New("no")
	if err := e.change(t.Context(), func(*Plan) error { return refused }); !errors.Is(err, refused) {
		t.Error(err)
	}
	if err := e.change(t.Context(), func(p *Plan) error { p.Members = nil; return nil }); err == nil {
		t.Error("a plan without servers was taken")
	}
	if len(e.Plan().Members) != 3 {
		t.Error("a change that was refused has changed something")
	}
}

// A change that is cut short after its first step, as by SIGKILL, is finished by
// whatever is done next.
func TestChangeCutShort(t *testing.T) {
	s := newStore(t)
	e := newFake(t, s, Wish{Servers: 1})
	next := e.Plan()
	next.Tick *= 2
	text, err := next.encode()
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(e.Dir(), nextFile), text)
	start(t, e)
	if e.Plan().Tick != next.Tick || !strings.Contains(read(t, next.ConfigFile(1)), "tickTime=4000") {
		t.Errorf("it was not finished: %+v", e.Plan())
	}
	if _, err := os.Stat(filepath.Join(e.Dir(), nextFile)); err == nil {
		t.Error("its mark is still there")
	}
	write(t, filepath.Join(e.Dir(), nextFile), `{"cut`)
	if err := e.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), nextFile) {
		t.Errorf("with a damaged one: %v", err)
	}
	if err := os.Remove(filepath.Join(e.Dir(), nextFile)); err != nil {
		t.Fatal(err)
	}
}

// Changes through two handles, as two goroutines or two programs have them, do not
// lose each other.
func TestChangesAtOnce(t *testing.T) {
	s := newStore(t)
	e := newFake(t, s, Wish{Servers: 1})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			other, err := s.Open(e.Name())
			if err == nil {
				err = other.change(t.Context(), func(p *Plan) error { p.HeapMB++; return nil })
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := e.Reload(); err != nil || e.Plan().HeapMB != 256+4 {
		t.Errorf("%d, %v", e.Plan().HeapMB, err)
	}
}
