//go:build unix

package ensemble

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// epochs writes what a server's disk tells of the leaders that it has followed.
func epochs(t *testing.T, e *Ensemble, epochs map[int]int) {
	t.Helper()
	plan := e.Plan()
	for id, epoch := range epochs {
		dir := filepath.Join(plan.DataDir(id), "version-2")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"currentEpoch": fmt.Sprint(epoch), "acceptedEpoch": fmt.Sprint(epoch), fmt.Sprintf("snapshot.%d00000000", epoch): ""} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// While no server runs a change is written, and the next is refused until a majority
// has followed a leader since: where two on top of each other could lose data.
func TestChangesWhileNothingRuns(t *testing.T) {
	e := newEnsemble(t, newStore(t), Wish{Servers: 1})
	add := func(want string) {
		t.Helper()
		_, err := e.Add(t.Context(), AddWish{}, nil)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Fatalf("got %v, want %q", err, want)
		}
	}
	voters := func(change bool, want ...int) {
		t.Helper()
		if plan := e.Plan(); !slices.Equal(plan.voterIDs(), want) || change != (plan.Change != nil) {
			t.Fatalf("%v, %+v; want %v", plan.voterIDs(), plan.Change, want)
		}
	}
	add("") // nothing was ever written: nothing can be lost
	voters(false, 1, 2)
	epochs(t, e, map[int]int{1: 3, 2: 3})
	add("") // what two of two have is on a majority of three
	voters(false, 1, 2, 3)
	add("") // what two of three have is on none of four
	voters(true, 1, 2, 3, 4)
	add("start it once")
	epochs(t, e, map[int]int{1: 4, 4: 4})
	add("start it once")
	epochs(t, e, map[int]int{2: 4})
	add("")
	voters(false, 1, 2, 3, 4, 5)
	if err := e.Remove(t.Context(), 5, nil); err != nil {
		t.Fatal(err)
	}
	voters(true, 1, 2, 3, 4)
	plan := e.Plan()
	if _, err := os.Stat(plan.ServerDir(5)); err != nil {
		t.Errorf("the data of a server is deleted before the others are known to have it: %v", err)
	}
	if text := read(t, plan.ConfigFile(1)); strings.Contains(text, "server.5") {
		t.Errorf("server 1 still lists server 5:\n%s", text)
	}
	epochs(t, e, map[int]int{1: 5, 2: 5, 3: 5})
	if err := e.Remove(t.Context(), 4, nil); err != nil {
		t.Fatal(err)
	}
	voters(false, 1, 2, 3)
	for _, id := range []int{4, 5} {
		if _, err := os.Stat(plan.ServerDir(id)); !os.IsNotExist(err) {
			t.Errorf("something is left of server %d: %v", id, err)
		}
	}
}

func TestTheLastServerStays(t *testing.T) {
	e := newEnsemble(t, newStore(t), Wish{Servers: 1, Observers: 1})
	if err := e.Remove(t.Context(), 1, nil); err == nil || !strings.Contains(err.Error(), "the last voter") {
		t.Errorf("got %v", err)
	}
	epochs(t, e, map[int]int{1: 1})
	if err := e.Wipe(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "all that there is") {
		t.Errorf("got %v", err)
	}
	if err := e.Remove(t.Context(), 2, nil); err != nil {
		t.Error(err)
	}
	if err := e.Remove(t.Context(), 7, nil); err == nil || !strings.Contains(err.Error(), "no server 7") {
		t.Errorf("got %v", err)
	}
}

// A folder of a server that holds what is not ours is not deleted, and the server is
// not removed before somebody has looked.
func TestWhatIsNotOursStays(t *testing.T) {
	e := newEnsemble(t, newStore(t), Wish{Servers: 3})
	plan := e.Plan()
	notes := filepath.Join(plan.ServerDir(3), "notes.txt")
	if err := os.WriteFile(notes, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := e.Remove(t.Context(), 3, nil); err == nil || !strings.Contains(err.Error(), notes) {
		t.Errorf("got %v", err)
	}
	if plan := e.Plan(); len(plan.Members) != 3 {
		t.Errorf("%+v", plan.Members)
	}
}

// A server that somebody else runs on the data, as systemd might, cannot be told of a
// change, and goes on with the list that it has.
func TestServersThatAreNotOursAreLeftAlone(t *testing.T) {
	t.Parallel() // it waits, and does nothing
	e := newEnsemble(t, newStore(t), Wish{Servers: 2})
	plan := e.Plan()
	lock, err := lockData(t.Context(), plan.DataDir(2))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := e.Add(t.Context(), AddWish{}, nil); err == nil || !strings.Contains(err.Error(), "did not start") {
		t.Errorf("got %v", err)
	}
	if now := e.Plan(); !slices.Equal(now.Members, plan.Members) {
		t.Errorf("%+v", now.Members)
	}
}
