//go:build unix

package ensemble

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"

	"zkdeck/internal/zktest"
)

// From one server with data to four and back to three, the leader gone, while a client
// writes: no write that it was told of is lost, on any server.
func TestMembersComeAndGoWhileClientsWrite(t *testing.T) {
	e := newEnsemble(t, newStore(t), Wish{Servers: 1})
	start(t, e)
	await(t, e)
	first := e.Plan().Members[0].Client
	var all []string
	for i := range 4 { // where the others will be
		all = append(all, fmt.Sprintf("%s:%d", Host, first+3*i))
	}
	w := newWriter(t, strings.Join(all, ","))
	w.longest(t)
	after := func(what string, err error, voters ...int) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		gap := w.longest(t)
		t.Logf("%s: the longest time without a write was %v", what, gap.Round(1e6))
		plan, status := e.Plan(), await(t, e)
		if plan.Change != nil || !slices.Equal(plan.voterIDs(), voters) || !status.Quorum || status.Up != len(voters) {
			t.Fatalf("%s: %+v, %+v", what, plan, status)
		}
		for _, m := range plan.Members {
			w.check(t, m)
		}
	}
	add := func(what string, voters ...int) {
		t.Helper()
		m, err := e.Add(t.Context(), AddWish{}, nil)
		after(what, err, voters...)
		plan := e.Plan()
		if got, _ := plan.Member(m.ID); got != m {
			t.Fatalf("%s: it is said to be %+v, and is %+v", what, m, got)
		}
	}
	add("1 to 2", 1, 2)
	add("2 to 3", 1, 2, 3)
	add("3 to 4", 1, 2, 3, 4)
	status := await(t, e)
	leader, _ := status.Leader()
	err := e.Remove(t.Context(), leader.ID, nil)
	after("4 to 3, without the leader", err, without([]int{1, 2, 3, 4}, leader.ID)...)
	if _, err := os.Stat(leader.Dir); !os.IsNotExist(err) {
		t.Errorf("the folder of the server that left is there: %v", err)
	}
	w.end()
	importCopy(t, e, w)
}

// importCopy imports an ensemble from its own files, with the data, which is refused
// while one of its servers runs, and looks for all that was written.
func importCopy(t *testing.T, e *Ensemble, w *writer) {
	t.Helper()
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	plan := e.Plan()
	var files []string
	for _, m := range plan.Members {
		files = append(files, plan.ConfigFile(m.ID))
	}
	s := newStore(t)
	p, found, err := s.Import(t.Context(), ImportWish{Files: files, Name: "copy"})
	if err != nil || !slices.Equal(p.Members, plan.Members) {
		t.Fatalf("%v, %v", err, found)
	}
	c, err := s.Create(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { killAll(t, c) })
	start(t, e, plan.Members[1].ID)
	if err := c.CopyData(t.Context(), files, nil); err == nil || !strings.Contains(err.Error(), "runs, pid") {
		t.Fatalf("from under a server that runs: %v", err)
	}
	if err := e.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.CopyData(t.Context(), files, nil); err != nil {
		t.Fatal(err)
	}
	start(t, c)
	await(t, c)
	for _, m := range p.Members {
		w.check(t, m)
	}
}

// What Add is there to keep from happening: three servers at once, those without data
// first.
func TestThreeServersAtOnceLoseData(t *testing.T) {
	e := newEnsemble(t, newStore(t), Wish{Servers: 1})
	start(t, e)
	await(t, e)
	base := e.Plan().Members[0].Client
	createNode(t, e, 1, "/precious")
	addOverTakenPort(t, e)
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := e.change(t.Context(), func(p *Plan) error {
		p.Members = append(p.Members, Member{ID: 2, Client: base + 3, Quorum: base + 4, Election: base + 5}, Member{ID: 3, Client: base + 6, Quorum: base + 7, Election: base + 8})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	start(t, e, 2, 3)
	await(t, e)
	start(t, e, 1)
	await(t, e)
	for id := 1; id <= 3; id++ {
		if exists(t, e, id, "/precious") {
			t.Errorf("server %d has kept the data; does ZooKeeper do that now?", id)
		}
	}
}

// createNode makes a znode on a server.
func createNode(t *testing.T, e *Ensemble, id int, path string) {
	t.Helper()
	plan := e.Plan()
	m, _ := plan.Member(id)
	if _, err := zktest.Connect(t, m.Addr()).Create(path, nil, 0, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatalf("%s on server %d: %v", path, id, err)
	}
}

// exists reports whether a server has a znode.
func exists(t *testing.T, e *Ensemble, id int, path string) bool {
	t.Helper()
	plan := e.Plan()
	m, _ := plan.Member(id)
	conn := zktest.Connect(t, m.Addr())
	_, err := conn.Sync("/")
	there, _, err2 := conn.Exists(path)
	if err != nil || err2 != nil {
		t.Fatalf("%s on server %d: %v, %v", path, id, err, err2)
	}
	return there
}

// pidsOf are the processes of the servers.
func pidsOf(t *testing.T, e *Ensemble) string {
	t.Helper()
	all, err := e.rollout(nil).processes()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(all)
}

// addOverTakenPort adds a server whose port somebody takes at the last moment, and
// looks whether all is as it was before.
func addOverTakenPort(t *testing.T, e *Ensemble) {
	t.Helper()
	before, pids := e.Plan(), pidsOf(t, e)
	var took net.Listener
	_, err := e.Add(t.Context(), AddWish{}, func(string) {
		plan := e.Plan()
		if n := len(plan.Members); n > len(before.Members) && took == nil {
			took, _ = net.Listen("tcp", plan.Members[n-1].Addr())
		}
	})
	if took != nil {
		took.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "port") {
		t.Errorf("got %v", err)
	}
	unchanged(t, e, before, pids)
}

// unchanged looks whether an ensemble is as it was before a change.
func unchanged(t *testing.T, e *Ensemble, before Plan, pids string) {
	t.Helper()
	plan := e.Plan()
	if !slices.Equal(plan.Members, before.Members) || plan.Change != nil {
		t.Fatalf("it is no more as it was: %+v", plan)
	}
	if got := pidsOf(t, e); got != pids {
		t.Errorf("servers were started again: %s, before %s", got, pids)
	}
	id := before.Members[len(before.Members)-1].ID + 1
	if _, err := os.Stat(before.ServerDir(id)); !os.IsNotExist(err) {
		t.Errorf("something is left of server %d: %v", id, err)
	}
	if text := read(t, before.ConfigFile(1)); strings.Contains(text, fmt.Sprintf("server.%d", id)) {
		t.Errorf("server 1 is told of server %d:\n%s", id, text)
	}
}

// All that may go wrong in a change of members, on two servers that become three.
func TestChangesThatFail(t *testing.T) {
	e := newEnsemble(t, newStore(t), Wish{Servers: 2})
	start(t, e)
	await(t, e)
	createNode(t, e, 1, "/precious")
	before, pids := e.Plan(), pidsOf(t, e)

	t.Run("the port is taken meanwhile", func(t *testing.T) { addOverTakenPort(t, e) })
	t.Run("given up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := e.Add(ctx, AddWish{}, func(string) { cancel() }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		unchanged(t, e, before, pids)
	})
	t.Run("one is paused", func(t *testing.T) {
		if err := e.Pause(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Add(t.Context(), AddWish{}, nil); err == nil || !strings.Contains(err.Error(), "resume or stop it first") {
			t.Errorf("got %v", err)
		}
		if err := e.Resume(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		await(t, e)
		unchanged(t, e, before, pids)
	})
	t.Run("the files cannot be written", func(t *testing.T) {
		script := filepath.Join(e.Dir(), "start.sh")
		text := read(t, script)
		if err := os.Remove(script); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(script, "in the way"), 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Add(t.Context(), AddWish{}, nil); err == nil {
			t.Error("it was added")
		}
		if err := os.RemoveAll(script); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		unchanged(t, e, before, pids)
	})
	t.Run("cut short in the middle", func(t *testing.T) {
		// As after a SIGKILL: the new server runs, the others are stopped to be started
		// again together, and nobody is left to do that.
		r := e.rollout(nil)
		err := e.locked(t.Context(), func() error {
			m, err := r.newMember(t.Context(), AddWish{})
			if err != nil {
				return err
			}
			old, err := r.processes()
			if err != nil {
				return err
			}
			if err := r.begin(m, false, old); err != nil {
				return err
			}
			if err := r.restart(t.Context(), []int{m.ID}); err != nil {
				return err
			}
			return r.stopLocked(t.Context(), "restart", 1, 2)
		})
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.Add(t.Context(), AddWish{Observer: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		plan, status := e.Plan(), await(t, e)
		if plan.Change != nil || !slices.Equal(plan.voterIDs(), []int{1, 2, 3}) || len(plan.Members) != 4 || status.Up != 3 {
			t.Fatalf("%+v, %+v", plan, status)
		}
		for _, m := range plan.Members {
			if !exists(t, e, m.ID, "/precious") {
				t.Errorf("server %d has lost the data", m.ID)
			}
		}
		pids := pidsOf(t, e)
		if err := e.Remove(t.Context(), m.ID, nil); err != nil {
			t.Fatal(err)
		}
		if got := pidsOf(t, e); !strings.HasPrefix(pids, strings.TrimSuffix(got, "]")) {
			t.Errorf("without an observer the others were started again: %s, before %s", got, pids)
		}
	})
	t.Run("wipe and quorum", func(t *testing.T) {
		refused := func(err error, says string) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("got %v, want %q", err, says)
			}
		}
		refused(e.Wipe(t.Context(), 3), "stop it first")
		if err := e.Stop(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		refused(e.Remove(t.Context(), 2, nil), "start more of them first")
		_, err := e.Add(t.Context(), AddWish{}, nil)
		refused(err, "needs 3 of 4 voters, and 2 serve: start server 3 first")
		if err := e.Wipe(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		plan := e.Plan()
		if hasData(plan.DataDir(3)) {
			t.Error("its data is there")
		}
		if err := e.Wipe(t.Context(), 3); err != nil {
			t.Errorf("there is nothing to delete: %v", err)
		}
		start(t, e, 3)
		await(t, e)
		if !exists(t, e, 3, "/precious") {
			t.Error("server 3 did not get the data from the others")
		}
		if err := e.Stop(t.Context(), 1, 3); err != nil {
			t.Fatal(err)
		}
		refused(e.Wipe(t.Context(), 3), "start more first")
		_, err = e.Add(t.Context(), AddWish{}, nil)
		refused(err, "does not serve")
	})
}
