package ensemble

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"zkdeck/config/zoocfg"
)

// smallDisk mounts a disk of its own for a test, which takes root.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no disk of its own for this test: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all room on a disk, and returns what gives it back.
func fill(t *testing.T, dir string) func() {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4096, 1} {
		b := make([]byte, size)
		for err = nil; err == nil; {
			_, err = f.Write(b)
		}
		if !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
	}
	return func() { remove(t, f.Name()) }
}

func TestDiskFull(t *testing.T) {
	disk := smallDisk(t, "20m")
	s := newStore(t)
	e := newFake(t, s, Wish{Servers: 1, Dir: filepath.Join(disk, "e")})
	mustFind(t, e, zoocfg.Warning, "disk-low")
	start(t, e)
	free := fill(t, disk)
	// How it ends is known though nothing can be written any more.
	shell := waiter(t, e)
	if err := e.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, shell) // while it is there the end may still be noted
	if p := processOf(t, e, 1); p.End == nil || p.End.Code != 137 {
		t.Errorf("%+v, %+v", p, p.End)
	}
	var pre *PreflightError
	if err := e.Start(t.Context()); !errors.As(err, &pre) || pre.Findings[0].Rule != "disk-full" {
		t.Errorf("starting with a full disk: %v", err)
	}
	plan := e.Plan()
	if err := e.launch(t.Context(), &plan, plan.Members[0]); err == nil || !strings.Contains(err.Error(), "writing ") {
		t.Errorf("without a look: %v", err)
	}
	if p := processOf(t, e, 1); p.Alive {
		t.Errorf("%+v", p)
	}
	if err := e.change(t.Context(), func(p *Plan) error { p.Tick *= 2; return nil }); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("changing it: %v", err)
	}
	if after := e.Plan(); after.Tick != plan.Tick || !strings.Contains(read(t, plan.ConfigFile(1)), "tickTime=2000") {
		t.Error("it was half changed")
	}
	if p := fakePlan(t, s, Wish{Name: "more", Servers: 1, Dir: filepath.Join(disk, "more")}, idle); p != nil {
		if _, err := s.Create(t.Context(), p); !errors.Is(err, unix.ENOSPC) {
			t.Errorf("creating another: %v", err)
		}
		if _, err := s.Open("more"); !errors.Is(err, ErrNoEnsemble) {
			t.Errorf("half of another is there: %v", err)
		}
	}
	free()
	start(t, e)
}

func TestFolderThatCannotBeWrittenTo(t *testing.T) {
	disk := smallDisk(t, "100m")
	s := newStore(t)
	e := newFake(t, s, Wish{Servers: 1, Dir: filepath.Join(disk, "e")})
	p := fakePlan(t, s, Wish{Name: "more", Servers: 1, Dir: filepath.Join(disk, "more")}, idle)
	if err := unix.Mount("", disk, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Skipf("it stays one that can be written to: %v", err)
	}
	plan := e.Plan()
	for what, p := range map[string]*Plan{"there": &plan, "planned": p} {
		if found := findings(s, t, p); len(found) == 0 || found[0].Rule != "not-writable" || found[0].Severity != zoocfg.Error {
			t.Errorf("%s: %+v", what, found)
		}
	}
	if err := e.Start(t.Context()); !errors.Is(err, unix.EROFS) {
		t.Errorf("starting: %v", err)
	}
	if _, err := s.Create(t.Context(), p); !errors.Is(err, unix.EROFS) {
		t.Errorf("creating another: %v", err)
	}
	if err := unix.Mount("", disk, "", unix.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	start(t, e)
}
