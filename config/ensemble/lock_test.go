package ensemble

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// Environment variables that make the test binary another zkdeck.
const (
	otherVar = "ZKDECK_TEST_OTHER" // what it does: "lock", "start", "ask"
	dataVar  = "ZKDECK_TEST_DATA"
	nameVar  = "ZKDECK_TEST_NAME"
)

// TestOther is no test: it is what another zkdeck does, started by a test.
func TestOther(t *testing.T) {
	what := os.Getenv(otherVar)
	if what == "" {
		t.Skip("it is started by other tests")
	}
	if what == "ask" {
		text, err := ask(t.Context(), os.Getenv(nameVar), "srvr")
		fmt.Println(text, err)
		return
	}
	e, err := NewStore(os.Getenv(dataVar), testCache).Open(os.Getenv(nameVar))
	if err != nil {
		t.Fatal(err)
	}
	switch what {
	case "lock":
		err = e.locked(t.Context(), func() error {
			fmt.Println("has it")
			_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
			return nil
		})
	case "start":
		fmt.Println("has it")
		err = e.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// other starts another zkdeck and waits until it has begun. What it is told on its
// input, or the end of that, lets it go on.
func other(t *testing.T, e *Ensemble, what string) (*exec.Cmd, func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestOther$")
	cmd.Env = append(os.Environ(), otherVar+"="+what, dataVar+"="+e.store.Data, nameVar+"="+e.Name())
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := func() {
		in.Close()
		_ = cmd.Wait()
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		end()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "has it\n" {
		t.Fatalf("the other one says %q, %v", line, err)
	}
	return cmd, end
}

func TestTwoProcesses(t *testing.T) {
	s := newStore(t)
	s.turn = 50 * time.Millisecond
	e := newFake(t, s, Wish{Servers: 1})
	cmd, end := other(t, e, "lock")
	var busy *BusyError
	if err := e.Start(t.Context()); !errors.As(err, &busy) || busy.Pid != cmd.Process.Pid || time.Since(busy.Since) > time.Hour {
		t.Errorf("starting meanwhile: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.turn = 0 // its time is over as well
	if err := e.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("stopping meanwhile, cancelled: %v", err)
	}
	end()
	s.turn = time.Minute
	start(t, e)
	cmd, _ = other(t, e, "lock")
	if err := cmd.Process.Kill(); err != nil { // its lock goes with it
		t.Fatal(err)
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// Another one waits for the lock of an ensemble while that is removed.
func TestLockOfWhatIsRemoved(t *testing.T) {
	s := newStore(t)
	e := newFake(t, s, Wish{Servers: 1})
	late, err := s.Open(e.Name())
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error)
	err = e.locked(t.Context(), func() error {
		go func() { waiting <- late.Start(t.Context()) }()
		return e.remove()
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; !errors.Is(err, ErrNoEnsemble) {
		t.Errorf("the one that waited: %v", err)
	}
}
