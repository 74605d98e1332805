//go:build interop

package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"
)

// feed is a program that prints a line of JSON for each thing that happens.
type feed[T any] struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	errs errorLines
	read chan struct{} // closed when all output has been read

	mu    sync.Mutex
	items []T
	news  chan struct{} // signalled when there are more, or on standard error
}

// errorLines is what a program says on standard error, while it runs.
type errorLines struct {
	mu   sync.Mutex
	text bytes.Buffer
	news chan<- struct{} // signalled when there is more; nil: nobody is
}

func (e *errorLines) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n, err := e.text.Write(p)
	select {
	case e.news <- struct{}{}:
	default:
	}
	return n, err
}

func (e *errorLines) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text.String()
}

// startFeed runs a program until the test ends.
func startFeed[T any](t *testing.T, program string, args ...string) *feed[T] {
	t.Helper()
	f := &feed[T]{t: t, cmd: exec.CommandContext(t.Context(), program, args...), read: make(chan struct{}), news: make(chan struct{}, 1)}
	f.errs.news = f.news
	f.cmd.Stderr = &f.errs
	in, err := f.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	f.in = in
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go f.take(out)
	t.Cleanup(func() {
		_ = f.cmd.Process.Kill() // if it has not ended by itself
		<-f.read
		_ = f.cmd.Wait()
	})
	return f
}

func (f *feed[T]) take(out io.Reader) {
	defer close(f.read)
	for s := bufio.NewScanner(out); s.Scan(); {
		var item T
		if err := json.Unmarshal(s.Bytes(), &item); err != nil {
			f.t.Errorf("%s printed %q: %v", f.cmd.Path, s.Text(), err)
			continue
		}
		f.mu.Lock()
		f.items = append(f.items, item)
		f.mu.Unlock()
		select {
		case f.news <- struct{}{}:
		default:
		}
	}
}

// all is what has been printed so far.
func (f *feed[T]) all() []T {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clip(f.items)
}

// until waits until what was printed is as it should be.
func (f *feed[T]) until(what string, is func(all []T) bool) {
	f.t.Helper()
	for end := time.After(patience); !is(f.all()); {
		select {
		case <-f.news:
		case <-f.read:
			if !is(f.all()) {
				f.t.Fatalf("%s ended before %s:\n%s", f.cmd.Path, what, &f.errs)
			}
		case <-end:
			f.t.Fatalf("waited in vain for %s of %s:\n%s", what, f.cmd.Path, &f.errs)
		}
	}
}

// say gives a line to the program.
func (f *feed[T]) say(line string) {
	f.t.Helper()
	if _, err := io.WriteString(f.in, line+"\n"); err != nil {
		f.t.Fatalf("%s: %v\n%s", f.cmd.Path, err, &f.errs)
	}
}

// ended waits until the program has ended by itself.
func (f *feed[T]) ended() {
	f.t.Helper()
	select {
	case <-f.read:
	case <-time.After(patience):
		f.t.Fatalf("%s does not end:\n%s", f.cmd.Path, &f.errs)
	}
	if err := f.cmd.Wait(); err != nil {
		f.t.Fatalf("%s: %v\n%s", f.cmd.Path, err, &f.errs)
	}
}
