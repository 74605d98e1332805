//go:build interop

package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"zkdeck/lockctl"
)

// holders is a program that takes locks with a library and keeps them until told.
type holders struct {
	t    *testing.T
	name string
	in   io.Writer
	out  *bufio.Scanner
	errs errorLines
}

// claim is what a client says of itself.
type claim struct {
	Name, Mode, Session string
	Holds               *bool   // nil: of several locks it has some
	Identity            *string // nil: it says nothing of it
	Node                *string // its znode; nil: its library does not tell
	Before              *string // whom its library says to be waiting for; nil: it does not tell
}

// claims is what all clients of a program say, once they are as they were asked to be.
type claims struct {
	Who   []claim
	Order []string // the queue as the library lists it, or its readers: znodes or identities
}

func startHolders(t *testing.T, name, program string, args ...string) *holders {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	h := &holders{t: t, name: name}
	cmd.Stderr = &h.errs
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
	t.Cleanup(func() {
		_ = in.Close()
		for h.out.Scan() { // to its end
		}
		if err := cmd.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("%s: %v\n%s", name, err, &h.errs)
		}
	})
	h.in, h.out = in, bufio.NewScanner(out)
	return h
}

// kazooHolders is a Python with kazoo and the naive lock.
func kazooHolders(t *testing.T, addr string) *holders {
	t.Helper()
	return startHolders(t, "kazoo", kazoo(t), "testdata/kazoo_locks.py", addr)
}

// javaHolders is a Java with Curator and ZooKeeper's recipes.
func javaHolders(t *testing.T, addr string) *holders {
	t.Helper()
	return startHolders(t, "java", javaProgram(t), javaArgs(t, "CuratorLocks", addr)...)
}

// do gives a command and returns the answer to it.
func (h *holders) do(format string, args ...any) claims {
	h.t.Helper()
	command := fmt.Sprintf(format, args...)
	if _, err := fmt.Fprintln(h.in, command); err != nil {
		h.t.Fatalf("%s: %s: %v\n%s", h.name, command, err, &h.errs)
	}
	var c claims
	if !h.out.Scan() {
		h.t.Fatalf("%s: %s: no answer\n%s", h.name, command, &h.errs)
	}
	if err := json.Unmarshal(h.out.Bytes(), &c); err != nil {
		h.t.Fatalf("%s: %s: %v: %s", h.name, command, err, h.out.Bytes())
	}
	return c
}

// session is the id in the claim.
func (c claim) session() int64 {
	id, _ := strconv.ParseUint(strings.TrimPrefix(c.Session, "0x"), 16, 64)
	return int64(id)
}

// nobody is the name of who is no client of ours.
const nobody = "?"

// by is the client whose contender it is: of several of one session the one with its
// mode. Its name is nobody if none claims it.
func (c claims) by(k lockctl.Contender) claim {
	var own []claim
	for _, w := range c.Who {
		if w.session() == k.Session {
			own = append(own, w)
		}
	}
	if i := slices.IndexFunc(own, func(w claim) bool { return len(own) == 1 || w.Mode == string(k.Mode) }); i >= 0 {
		return own[i]
	}
	return claim{Name: nobody}
}

// sessionText writes an id as a claim has it.
func sessionText(id int64) string { return "0x" + strconv.FormatUint(uint64(id), 16) }
