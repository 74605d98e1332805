package ensemble

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDownKeeps(t *testing.T) {
	s := newStore(t)
	e := newFake(t, s, Wish{})
	start(t, e, 1, 2)
	if err := e.Pause(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if err := e.Down(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for id := range 3 {
		if p := processOf(t, e, id+1); p.Alive {
			t.Errorf("server %d runs: %+v", id+1, p)
		}
	}
	if _, err := s.Open(e.Name()); err != nil {
		t.Errorf("it was not kept: %v", err)
	}
}

func TestDownPurges(t *testing.T) {
	s := newStore(t)
	e := newFake(t, s, Wish{Dir: filepath.Join(t.TempDir(), "far")})
	start(t, e)
	plan := e.Plan()
	// Data that stays where it was is somebody else's: only the link to it goes.
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(plan.DataDir(1), "version-2")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(elsewhere, "log.1"), "data")
	for _, name := range []string{
		"server1/zoo.cfg.bak", "server1/zoo.cfg.dynamic.100000000", "server1/hs_err_pid12.log", "server1/server.log.1", "server2/data/initialize",
	} {
		write(t, filepath.Join(e.Dir(), name), "x")
	}
	if err := e.Down(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(e.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it was kept: %v", err)
	}
	if read(t, filepath.Join(elsewhere, "log.1")) != "data" {
		t.Error("what a symbolic link led to was touched")
	}
	if _, err := s.Open(e.Name()); !errors.Is(err, ErrNoEnsemble) {
		t.Errorf("it is still known: %v", err)
	}
	if err := e.Start(t.Context()); !errors.Is(err, ErrNoEnsemble) {
		t.Errorf("starting what is gone: %v", err)
	}
}

func TestDownSpares(t *testing.T) {
	for _, name := range []string{"notes.txt", "server1/notes", "server1/data/backup/log.1", "server2/data/version-2/mine", "photos/cat.png", "serverX/zoo.cfg"} {
		t.Run(name, func(t *testing.T) {
			e := newFake(t, newStore(t), Wish{Servers: 2})
			start(t, e, 1)
			path := filepath.Join(e.Dir(), name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, path, "a person's own")
			var foreign *ForeignError
			if err := e.Down(t.Context(), true); !errors.As(err, &foreign) || len(foreign.Paths) != 1 || !strings.HasPrefix(path, foreign.Paths[0]) {
				t.Fatalf("%v", err)
			}
			if processOf(t, e, 1).Alive {
				t.Error("it was not stopped")
			}
			plan := e.Plan()
			read(t, path)
			read(t, plan.ConfigFile(2)) // nothing else went either
		})
	}
}
