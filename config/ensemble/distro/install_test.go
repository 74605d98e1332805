package distro

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestInstall is an archive that was brought along, on a machine without a network.
func TestInstall(t *testing.T) {
	away := newSite(t)
	away.Close()
	good := archive(t, someVersion)
	fresh := func() (*Downloader, string) {
		d := away.downloader(t)
		path := filepath.Join(t.TempDir(), archiveName(someVersion))
		write(t, path, string(good))
		return d, path
	}
	check := func(d *Downloader, path string) {
		t.Helper()
		z, err := d.Install(t.Context(), path, nil)
		if err != nil || z.Home != filepath.Join(d.Dir, folderName(someVersion)) || z.From != "downloaded" {
			t.Errorf("%+v, %v", z, err)
		}
		if got := left(t, d.Dir); !slices.Equal(got, []string{folderName(someVersion)}) {
			t.Errorf("left over: %q", got)
		}
		if !isFile(path) {
			t.Error("the file is gone")
		}
	}
	d, path := fresh()
	write(t, path+".sha512", sumText(good)+" *"+archiveName(someVersion)+"\n")
	check(d, path)
	check(d, path) // again

	d, path = fresh()
	d.SHA512 = sumText(good)
	renamed := filepath.Join(filepath.Dir(path), "zk.tgz")
	if err := os.Rename(path, renamed); err != nil {
		t.Fatal(err)
	}
	check(d, renamed)

	d, path = fresh()
	d.SHA512 = filepath.Join(t.TempDir(), "sums")
	write(t, d.SHA512, strings.Repeat("f", 128)+"  other\n"+sumText(good)+"  "+archiveName(someVersion))
	check(d, path)

	// With a network the checksum is fetched by the name of the file.
	s := newSite(t)
	s.put(someVersion, nil, sumText(good))
	_, path = fresh()
	check(s.downloader(t), path)
}

func TestInstallRefuses(t *testing.T) {
	away := newSite(t)
	away.Close()
	good := archive(t, someVersion)
	dir := t.TempDir()
	path := filepath.Join(dir, archiveName(someVersion))
	write(t, path, string(good))
	write(t, filepath.Join(dir, "zk.tar.gz"), string(good))
	evil := tarball(t, entry("../evil", "x"))
	write(t, filepath.Join(dir, "evil.tar.gz"), string(evil))
	for _, c := range []struct{ name, file, sum, want string }{
		{"no checksum to be had", path, "", "give the checksum with --sha512"},
		{"a name that tells nothing", filepath.Join(dir, "zk.tar.gz"), "", "its name is none of Apache's"},
		{"another checksum", path, sumText([]byte("x")), "is not what was published"},
		{"a checksum that is none", path, "abc", "neither 128 hexadecimal digits nor a file"},
		{"a checksum file that is none", path, path, "holds no SHA-512"},
		{"a folder", dir, sumText(good), "is no file"},
		{"nothing", filepath.Join(dir, "gone"), sumText(good), "no such file"},
		{"hostile", filepath.Join(dir, "evil.tar.gz"), sumText(evil), "leads out of"},
	} {
		d := away.downloader(t)
		d.SHA512 = c.sum
		if _, err := d.Install(t.Context(), c.file, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := left(t, d.Dir); len(got) != 0 {
			t.Errorf("%s: left over: %q", c.name, got)
		}
	}
	if isFile(filepath.Join(dir, "..", "evil")) {
		t.Error("it escaped")
	}
	d := away.downloader(t)
	d.SHA512 = sumText([]byte("x"))
	var wrong *MismatchError
	if _, err := d.Install(t.Context(), path, nil); !errors.As(err, &wrong) || wrong.File != path {
		t.Error(err)
	}
}
