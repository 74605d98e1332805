package distro

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a folder on a disk of its own, of this many bytes; a test that may not
// mount one is skipped.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestDiskFull runs out of disk while it downloads, and while it unpacks: both are
// told, and nothing half unpacked stays.
func TestDiskFull(t *testing.T) {
	noise := make([]byte, 300<<10)
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(noise)
	file := archive(t, someVersion, entry(folderName(someVersion)+"/docs/noise", string(noise)))
	s := newSite(t)
	s.put(someVersion, file, sumText(file))
	part := []string{archiveName(someVersion) + ".part", archiveName(someVersion) + ".part.json"}
	for size, doing := range map[string]string{"200k": "downloading ZooKeeper", "500k": "unpacking ZooKeeper"} {
		d := s.downloader(t)
		d.Dir = smallDisk(t, size)
		_, err := d.Fetch(t.Context(), someVersion, nil)
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), doing) || !strings.Contains(err.Error(), "no space left on device") {
			t.Errorf("%s: %v", size, err)
		}
		if got := left(t, d.Dir); !slices.Equal(got, part) {
			t.Errorf("%s: left over: %q", size, got)
		}
	}
}
