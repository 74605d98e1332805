//go:build unix

package ensemble

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Real servers, in a folder whose name every layer between us and Java could spoil,
// started by the script in part.
func TestRealServers(t *testing.T) {
	s := storeIn(filepath.Join(t.TempDir(), "a b's dätä #1 %41 $x"), testCache)
	e := newEnsemble(t, s, Wish{Servers: 1, Observers: 1, Admin: true, Extra: []Setting{{"maxClientCnxns", "7"}, {"snapshot.trust.empty", "false"}}})
	start(t, e, 1)
	if out, err := run(t, e, "/bin/sh", "start.sh"); err != nil || !strings.Contains(out, "server 1 runs already") || !strings.Contains(out, "server 2 runs, pid ") {
		t.Fatalf("start.sh: %s, %v", out, err)
	}
	status := await(t, e)
	if status.Servers[0].State != Leader || status.Servers[1].State != Observer {
		t.Errorf("%+v", status.Servers)
	}
	plan := e.Plan()
	for _, m := range plan.Members {
		if !inUse(t.Context(), m.Admin) {
			t.Errorf("server %d: nobody listens on its admin port %d", m.ID, m.Admin)
		}
		if _, err := os.Stat(filepath.Join(plan.DataDir(m.ID), "version-2")); err != nil {
			t.Errorf("server %d: its data is elsewhere: %v", m.ID, err)
		}
		if found := findings(s, t, &plan); len(found) > 0 {
			t.Errorf("of servers that run: %+v", found)
		}
	}
	// A look at a server must not fill its log.
	before := strings.Count(read(t, plan.LogFile(1)), "\n")
	for range 20 {
		if _, err := e.Status(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if text := read(t, plan.LogFile(1)); strings.Count(text, "\n") > before+5 || strings.Contains(text, "Processing srvr command") {
		t.Errorf("20 looks at it are %d lines in its log", strings.Count(text, "\n")-before)
	}
	if err := e.Pause(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, e, "/bin/sh", "stop.sh"); err != nil || strings.Count(out, "has stopped") != 2 || strings.Contains(out, "killing") {
		t.Errorf("stop.sh of a paused one: %s, %v", out, err)
	}
	for _, m := range plan.Members {
		endNoted(t, e, m.ID)
		if p := processOf(t, e, m.ID); p.End == nil || p.End.Code != 143 {
			t.Errorf("server %d: %+v", m.ID, p.End)
		}
	}
}

// The first clean stop leaves an archive of classes, which the next start uses, and
// which is not named before it is there.
func TestClassDataArchive(t *testing.T) {
	s := newStore(t)
	s.Cache = t.TempDir()
	e := newEnsemble(t, s, Wish{Servers: 1})
	plan := e.Plan()
	if plan.Archive == "" {
		t.Skipf("Java %s makes no archive", plan.Java.Version)
	}
	arguments := func() string {
		seen, _ := look(processOf(t, e, 1).Pid)
		return strings.Join(seen.arguments(), "\n")
	}
	named := "\n-XX:SharedArchiveFile=" + plan.Archive + "\n"
	start(t, e)
	await(t, e)
	if plan.Java.Major < 19 && strings.Contains(arguments(), named) {
		t.Error("an archive that is not there was named")
	}
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(plan.Archive), "*"))
	if err != nil || !slices.Equal(files, []string{plan.Archive}) {
		t.Fatalf("after the first stop there is %v, %v", files, err)
	}
	start(t, e)
	await(t, e)
	if !strings.Contains(arguments(), named) {
		t.Errorf("the archive is not used:\n%s", arguments())
	}
	// A damaged one costs time, and nothing else.
	if err := e.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(plan.Archive, 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, plan.Archive, "this is none")
	start(t, e)
	await(t, e)
}
