package distro

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestHostile are archives with the right checksum and evil contents: each is refused,
// and nothing of it is anywhere afterwards.
func TestHostile(t *testing.T) {
	dir := t.TempDir() // nothing may appear in here but what is put there
	outside := filepath.Join(dir, "outside")
	write(t, outside, "mine")
	top := folderName(someVersion) + "/"
	for _, c := range []struct {
		name    string
		entries []tar.Header
		want    string
	}{
		{"..", []tar.Header{entry("../evil", "x")}, "leads out"},
		{".. below", []tar.Header{entry(top+"../../evil", "x")}, "leads out"},
		{".. that comes back", []tar.Header{entry(top+"a/../../"+top+"x", "x")}, "leads out"},
		{"absolute", []tar.Header{entry(dir+"/evil", "x")}, "leads out"},
		{"absolute folder", []tar.Header{{Name: dir + "/evil/", Typeflag: tar.TypeDir}}, "leads out"},
		{"backslash", []tar.Header{entry(`..\evil`, "x")}, "no name"},
		{"symlink out", []tar.Header{{Name: top + "l", Typeflag: tar.TypeSymlink, Linkname: "../../../evil"}}, "symbolic link"},
		{"absolute symlink", []tar.Header{{Name: top + "l", Typeflag: tar.TypeSymlink, Linkname: outside}}, "symbolic link"},
		{"through a symlink", []tar.Header{
			{Name: top + "l", Typeflag: tar.TypeSymlink, Linkname: dir}, entry(top+"l/evil", "x"),
		}, "symbolic link"},
		{"symlink through a symlink", []tar.Header{
			{Name: top + "a", Typeflag: tar.TypeSymlink, Linkname: "."}, {Name: top + "b", Typeflag: tar.TypeSymlink, Linkname: "a/../../.."},
		}, "symbolic link"},
		{"symlink to the folder above, through one to its own", []tar.Header{
			{Name: top + "a", Typeflag: tar.TypeSymlink, Linkname: "."}, {Name: top + "b", Typeflag: tar.TypeSymlink, Linkname: "a/../lib"},
		}, "symbolic link"},
		{"hard link out", []tar.Header{{Name: top + "l", Typeflag: tar.TypeLink, Linkname: "../../outside"}}, "hard link"},
		{"absolute hard link", []tar.Header{{Name: top + "l", Typeflag: tar.TypeLink, Linkname: outside}}, "hard link"},
		{"hard link to nothing", []tar.Header{{Name: top + "l", Typeflag: tar.TypeLink, Linkname: top + "none"}}, "hard link"},
		{"hard link to a link", []tar.Header{
			{Name: top + "s", Typeflag: tar.TypeSymlink, Linkname: "bin/zkCli.sh"}, {Name: top + "l", Typeflag: tar.TypeLink, Linkname: top + "s"},
		}, "hard link"},
		{"device", []tar.Header{{Name: top + "null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3}}, "neither a file nor a folder"},
		{"block device", []tar.Header{{Name: top + "sda", Typeflag: tar.TypeBlock, Devmajor: 8}}, "neither a file nor a folder"},
		{"pipe", []tar.Header{{Name: top + "pipe", Typeflag: tar.TypeFifo}}, "neither a file nor a folder"},
		{"twice", []tar.Header{entry(top+"a", "x"), entry(top+"a", "y")}, "is there twice"},
		{"a file for a folder", []tar.Header{entry(top+"a", "x"), entry(top+"a/b", "y")}, "writing what was unpacked"},
		{"a file beside", []tar.Header{entry("evil", "x")}, "one folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			file := archive(t, someVersion, c.entries...)
			s.put(someVersion, file, sumText(file))
			d := s.downloader(t)
			d.Dir = filepath.Join(dir, "data", "zookeeper")
			_, err := d.Fetch(t.Context(), someVersion, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			if strings.ContainsAny(err.Error(), "\x00\x1b") {
				t.Errorf("%q", err)
			}
			for where, want := range map[string][]string{
				dir: {"data", "outside"}, filepath.Join(dir, "data"): {"zookeeper"},
				d.Dir: {archiveName(someVersion) + ".part", archiveName(someVersion) + ".part.json"},
			} {
				if got := left(t, where); !slices.Equal(got, want) {
					t.Errorf("%s has %q", where, got)
				}
			}
			if text, err := os.ReadFile(outside); err != nil || string(text) != "mine" {
				t.Errorf("outside: %q, %v", text, err)
			}
			if err := os.RemoveAll(d.Dir); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestUnpackKeeps is what an honest archive may have besides files and folders, and
// what is taken off its modes.
func TestUnpackKeeps(t *testing.T) {
	dir := t.TempDir()
	file := tarball(t,
		tar.Header{Name: "./", Typeflag: tar.TypeDir},
		tar.Header{Name: "./top/", Typeflag: tar.TypeDir, Mode: 0o500},
		tar.Header{Name: "top/run", Mode: 0o6777, PAXRecords: map[string]string{"text": "run"}},
		tar.Header{Name: "top/read", Mode: 0o4600, PAXRecords: map[string]string{"text": "read"}},
		tar.Header{Name: "top/link", Typeflag: tar.TypeSymlink, Linkname: "run"},
		tar.Header{Name: "top/hard", Typeflag: tar.TypeLink, Linkname: "./top/read"},
	)
	if err := unpack(t.Context(), bytes.NewReader(file), dir, bounds{maxFiles, maxUnpacked}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"run": "run", "read": "read", "link": "run", "hard": "read"} {
		if got, err := os.ReadFile(filepath.Join(dir, "top", name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, want := range map[string]os.FileMode{"run": 0o700, "read": 0o600} {
		info, err := os.Stat(filepath.Join(dir, "top", name))
		if err != nil || info.Mode()&os.ModePerm&0o700 != want || info.Mode()&(os.ModeSetuid|os.ModeSetgid|0o022) != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// TestBombs are archives that swell.
func TestBombs(t *testing.T) {
	many := make([]tar.Header, 0, 30)
	for i := range cap(many) {
		many = append(many, entry("top/"+strings.Repeat("x", i+1), ""))
	}
	big := strings.Repeat("\x00", 1<<20)
	for name, file := range map[string][]byte{
		"files": tarball(t, many...),
		"bytes": tarball(t, entry("top/a", big), entry("top/b", big)),
		"one":   tarball(t, entry("top/a", big+big+"more")),
	} {
		dir := t.TempDir()
		err := unpack(t.Context(), bytes.NewReader(file), dir, bounds{20, 2<<20 - 1})
		if err == nil || !strings.Contains(err.Error(), "than any ZooKeeper") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A header that promises much and brings little is refused by its promise.
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "top/huge", Typeflag: tar.TypeReg, Size: maxUnpacked + 1}); err != nil {
		t.Fatal(err)
	}
	if err := unpack(t.Context(), gzipped(t, b.Bytes()), t.TempDir(), bounds{maxFiles, maxUnpacked}); err == nil || !strings.Contains(err.Error(), "than any ZooKeeper") {
		t.Error(err)
	}
}

// TestCutAnywhere cuts an archive off at many places; it never panics, and is never
// taken for whole.
func TestCutAnywhere(t *testing.T) {
	files := []tar.Header{{Name: "top/", Typeflag: tar.TypeDir}, entry("top/a", strings.Repeat("some words ", 400)), entry("top/b", "x")}
	file := tarball(t, files...)
	for n := 0; n < len(file)-8; n += 7 { // the last 8 bytes are gzip's checksum, read only at the very end
		if err := unpack(t.Context(), bytes.NewReader(file[:n]), t.TempDir(), bounds{maxFiles, maxUnpacked}); err == nil {
			t.Errorf("cut at %d of %d: no error", n, len(file))
		}
	}
	for n := range len(file) / 3 {
		bad := slices.Clone(file)
		bad[n*3] ^= 0x55
		var hostile *hostileError
		if err := unpack(t.Context(), bytes.NewReader(bad), t.TempDir(), bounds{100, 1 << 20}); errors.As(err, &hostile) && hostile.name == "" {
			t.Errorf("%v", err)
		}
	}
}
