package distro

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const someVersion = "3.8.6"

// left is what a folder has in it, without the lock.
func left(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range entries {
		if d.Name() != ".lock" {
			names = append(names, d.Name())
		}
	}
	return names
}

func TestFetch(t *testing.T) {
	s := newSite(t)
	file := archive(t, someVersion)
	s.put(someVersion, file, sumText(file)+"  "+archiveName(someVersion)+"\n")
	d := s.downloader(t)
	var steps []string
	last := map[string]Progress{}
	z, err := d.Fetch(t.Context(), someVersion, func(p Progress) {
		if len(steps) == 0 || steps[len(steps)-1] != p.Step {
			steps = append(steps, p.Step)
		}
		if before, ok := last[p.Step]; ok && before.Done > p.Done {
			t.Errorf("%+v after %+v", p, before)
		}
		last[p.Step] = p
	})
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(d.Dir, "apache-zookeeper-3.8.6-bin")
	if z.Home != home || z.Version != someVersion || z.From != "downloaded" || z.Logging != "logback" || z.CLI != filepath.Join(home, "bin", "zkCli.sh") {
		t.Errorf("%+v", z)
	}
	if !slices.Equal(steps, []string{"checksum", "download", "verify", "unpack"}) {
		t.Error(steps)
	}
	size := int64(len(file))
	if p := last["download"]; p.Done != size || p.Total != size || p.From != host(s.URL) {
		t.Errorf("%+v", p)
	}
	if p := last["verify"]; p.Done != size || p.Total != size {
		t.Errorf("%+v", p)
	}
	if got := left(t, d.Dir); !slices.Equal(got, []string{filepath.Base(home)}) {
		t.Errorf("left over: %q", got)
	}
	info, err := os.Stat(z.CLI)
	if err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("zkCli.sh cannot be run: %v, %v", info, err)
	}

	// It is found by Find, and a second time nothing is asked of anybody.
	e := nowhere(t)
	e.Managed = d.Dir
	found, _, err := e.Find("")
	if err != nil || found[0].Home != home {
		t.Errorf("%+v, %v", found, err)
	}
	s.Close()
	if again, err := d.Fetch(t.Context(), someVersion, nil); err != nil || again.Home != home {
		t.Errorf("%+v, %v", again, err)
	}
	if _, ok := d.Has(someVersion); !ok {
		t.Error("Has does not know it")
	}
	if _, ok := d.Has("../x"); ok {
		t.Error("Has knows what is no version")
	}
}

// TestFetchOld is a version with the names of before 3.5.5.
func TestFetchOld(t *testing.T) {
	s := newSite(t)
	file := tarball(t,
		entry("zookeeper-3.4.14/zookeeper-3.4.14.jar", server(t)), entry("zookeeper-3.4.14/lib/slf4j-api-1.jar", ""),
		entry("zookeeper-3.4.14/build.xml", ""))
	s.put("3.4.14", file, "")
	d := s.downloader(t)
	d.SHA512 = strings.ToUpper(sumText(file))
	z, err := d.Fetch(t.Context(), "3.4.14", nil)
	if err != nil || z.Home != filepath.Join(d.Dir, "zookeeper-3.4.14") || z.NeedsJava() != 8 {
		t.Errorf("%+v, %v", z, err)
	}
}

// TestFetchRefuses is what must not be unpacked, and leaves nothing behind.
func TestFetchRefuses(t *testing.T) {
	good := archive(t, someVersion)
	other := archive(t, "3.8.5")
	source := tarball(t, entry("apache-zookeeper-3.8.6/pom.xml", ""), entry("apache-zookeeper-3.8.6/zookeeper-server/x.java", ""))
	two := tarball(t, entry("a/x", ""), entry("b/x", ""))
	for _, c := range []struct {
		name string
		file []byte
		sum  string
		want string
	}{
		{"wrong hash", good, sumText([]byte("x")), "is not what was published"},
		{"changed", append(slices.Clone(good[:len(good)-1]), good[len(good)-1]+1), sumText(good), "is not what was published"},
		{"an error page", []byte("<html>please log in</html>"), sumText(good), "is not what was published"},
		{"no hash", good, "<html>not found</html>", "holds no SHA-512"},
		{"cut off", good[:len(good)/2], sumText(good[:len(good)/2]), "damaged or cut off"},
		{"no archive", []byte("hello"), sumText([]byte("hello")), "it is no tar.gz"},
		{"empty", nil, sumText(nil), "tar.gz"},
		{"another version", other, sumText(other), `it holds ZooKeeper "3.8.5", not "3.8.6"`},
		{"source", source, sumText(source), "the source archive"},
		{"two folders", two, sumText(two), "one folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			s.put(someVersion, c.file, c.sum)
			d := s.downloader(t)
			_, err := d.Fetch(t.Context(), someVersion, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
			for _, name := range left(t, d.Dir) {
				if !strings.Contains(name, ".part") {
					t.Errorf("left over: %s", name)
				}
			}
			// What was wrong is not held against what is right later.
			s.put(someVersion, good, sumText(good))
			if _, err := d.Fetch(t.Context(), someVersion, nil); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
	var wrong *MismatchError
	s := newSite(t)
	s.put(someVersion, good, sumText([]byte("x")))
	d := s.downloader(t)
	if _, err := d.Fetch(t.Context(), someVersion, nil); !errors.As(err, &wrong) || wrong.Got != sumText(good) || len(left(t, d.Dir)) != 0 {
		t.Errorf("%v, left %q", err, left(t, d.Dir))
	}
}

func TestFetchBadInput(t *testing.T) {
	s := newSite(t)
	for _, version := range []string{"", "../../etc", "3.8", "3.8.6-bin", "3.8.6/..", "latest", "3.8.6\n"} {
		if _, err := s.downloader(t).Fetch(t.Context(), version, nil); err == nil || !strings.Contains(err.Error(), "is no version of ZooKeeper") {
			t.Errorf("%q: %v", version, err)
		}
	}
	for _, mirror := range []string{"file:///etc", "mirror.example", "ftp://x", "http://", "::"} {
		d := &Downloader{Mirror: mirror, Dir: t.TempDir()}
		if _, err := d.Fetch(t.Context(), someVersion, nil); err == nil || !strings.Contains(err.Error(), "no URL of a mirror") {
			t.Errorf("%q: %v", mirror, err)
		}
	}
	d := s.downloader(t)
	d.SHA512 = "not a checksum"
	if _, err := d.Fetch(t.Context(), someVersion, nil); err == nil || !strings.Contains(err.Error(), "neither 128 hexadecimal digits nor a file") {
		t.Error(err)
	}
	d = s.downloader(t)
	write(t, filepath.Join(d.Dir, "file"), "")
	d.Dir = filepath.Join(d.Dir, "file", "below")
	if _, err := d.Fetch(t.Context(), someVersion, nil); err == nil || !strings.Contains(err.Error(), "making the folder for ZooKeeper") {
		t.Error(err)
	}
	d.Dir = ""
	if _, err := d.Fetch(t.Context(), someVersion, nil); err == nil {
		t.Error("without a folder")
	}
}

func TestNotThere(t *testing.T) {
	mirror, sums, old := newSite(t), newSite(t), newSite(t)
	file := archive(t, "3.6.4")
	d := &Downloader{Mirror: mirror.URL + "/zookeeper/", Checksums: sums.URL + "/zookeeper", Archive: old.URL + "/zookeeper/", Dir: t.TempDir()}
	_, err := d.Fetch(t.Context(), "3.6.4", nil)
	if err == nil || !strings.Contains(err.Error(), "there is no such release") || !strings.Contains(err.Error(), "--list") {
		t.Error(err)
	}
	sums.put("3.6.4", nil, sumText(file))
	_, err = d.Fetch(t.Context(), "3.6.4", nil)
	if err == nil || !strings.Contains(err.Error(), "there is no such archive") || len(left(t, d.Dir)) != 0 {
		t.Errorf("%v, left %q", err, left(t, d.Dir))
	}
	// Only the archive has it, and its checksum.
	sums.files = map[string][]byte{}
	old.put("3.6.4", file, sumText(file)+" *"+archiveName("3.6.4"))
	if _, err = d.Fetch(t.Context(), "3.6.4", nil); err != nil {
		t.Error(err)
	}
	if got := mirror.requests("3.6.4"); len(got) == 0 {
		t.Error("the mirror was not asked first")
	}
	// The checksum of the checksum host counts, not that of the mirror.
	evil := append(slices.Clone(file), 0)
	mirror.put("3.6.3", evil, sumText(evil))
	sums.put("3.6.3", nil, sumText(file))
	var wrong *MismatchError
	if _, err = d.Fetch(t.Context(), "3.6.3", nil); !errors.As(err, &wrong) || wrong.From != host(sums.URL) {
		t.Error(err)
	}
}

// TestOtherServers are a mirror that is down, and one that was named without the last
// part of its path.
func TestOtherServers(t *testing.T) {
	down, good := newSite(t), newSite(t)
	file := archive(t, someVersion)
	good.put(someVersion, file, sumText(file))
	down.set(func(w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return true
	})
	d := good.downloader(t)
	d.Mirror, d.Archive = down.URL, d.Mirror
	if _, err := d.Fetch(t.Context(), someVersion, nil); err != nil {
		t.Error(err)
	}
	d = good.downloader(t)
	d.Mirror = good.URL
	if _, err := d.Fetch(t.Context(), someVersion, nil); err != nil {
		t.Error(err)
	}
	d = good.downloader(t)
	d.Mirror = down.URL
	if _, err := d.Fetch(t.Context(), someVersion, nil); err == nil || !strings.Contains(err.Error(), "503 Service Unavailable") || strings.Contains(err.Error(), "no such archive") {
		t.Error(err)
	}
	down.Close()
	d.Checksums = down.URL
	if _, err := d.Fetch(t.Context(), someVersion, nil); err == nil || !strings.Contains(err.Error(), "refused") || !strings.Contains(err.Error(), "--sha512") {
		t.Error(err)
	}
}

func TestRedirect(t *testing.T) {
	s := newSite(t)
	file := archive(t, someVersion)
	s.put(someVersion, file, sumText(file))
	s.set(func(w http.ResponseWriter, r *http.Request) bool {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/chooser"); ok {
			http.Redirect(w, r, rest, http.StatusFound)
		}
		return strings.HasPrefix(r.URL.Path, "/chooser")
	})
	d := s.downloader(t)
	d.Mirror = s.URL + "/chooser/zookeeper"
	if _, err := d.Fetch(t.Context(), someVersion, nil); err != nil {
		t.Error(err)
	}
	from, _ := http.NewRequest(http.MethodGet, "https://a", nil)
	to, _ := http.NewRequest(http.MethodGet, "http://a", nil)
	if redirect(to, []*http.Request{from}) == nil || redirect(from, []*http.Request{to}) != nil || redirect(from, make([]*http.Request, 10)) == nil {
		t.Error("redirects")
	}
}

// TestTwoAtOnce is two downloads into one folder: one works, the other waits and is
// given what the first one brought.
func TestTwoAtOnce(t *testing.T) {
	s := newSite(t)
	file := archive(t, someVersion)
	s.put(someVersion, file, sumText(file))
	d := s.downloader(t)
	hold, waiting := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.set(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, ".tar.gz") {
			<-hold
		}
		return false
	})
	var all sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		all.Go(func() {
			other := *d
			_, errs[i] = other.Fetch(t.Context(), someVersion, func(p Progress) {
				if p.Step == "wait" {
					once.Do(func() { close(waiting) })
				}
			})
		})
	}
	<-waiting
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Fetch(ctx, someVersion, nil); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "another zkdeck") {
		t.Errorf("giving up while waiting: %v", err)
	}
	close(hold)
	all.Wait()
	if errs[0] != nil || errs[1] != nil {
		t.Error(errs)
	}
	if got := s.requests(someVersion); len(got) != 1 {
		t.Errorf("the archive was asked for %d times", len(got))
	}
}

// TestHalfUnpacked is what a program that was killed left behind.
func TestHalfUnpacked(t *testing.T) {
	s := newSite(t)
	file := archive(t, someVersion)
	s.put(someVersion, file, sumText(file))
	d := s.downloader(t)
	tree(t, d.Dir, unpackPrefix+"123/new/apache-zookeeper-3.8.6-bin/lib/x.jar", "", folderName(someVersion)+"/lib/zookeeper-3.8.6.jar", "half")
	if _, ok := d.Has(someVersion); ok {
		t.Error("half of one counts")
	}
	z, err := d.Fetch(t.Context(), someVersion, nil)
	if err != nil || z.Version != someVersion {
		t.Fatalf("%+v, %v", z, err)
	}
	if got := left(t, d.Dir); !slices.Equal(got, []string{folderName(someVersion)}) {
		t.Errorf("left over: %q", got)
	}
}

func TestParseSum(t *testing.T) {
	const name = "apache-zookeeper-3.8.6-bin.tar.gz"
	want := strings.Repeat("0123456789abcdef", 8)
	upper := strings.ToUpper(want)
	var gpg strings.Builder
	fmt.Fprintf(&gpg, "%s: ", name)
	for i := 0; i < len(upper); i += 8 {
		fmt.Fprintf(&gpg, "%s ", upper[i:i+8])
		if i%32 == 24 {
			gpg.WriteString("\n   ")
		}
	}
	for _, text := range []string{
		want, want + "\n", upper + "  " + name + "\r\n", want + " *" + name, want + "  ./dist/" + name, gpg.String(),
		"SHA512 (" + name + ") = " + want, strings.Repeat("f", 128) + "  other.tar.gz\n" + want + "  " + name, want + "  renamed.tar.gz",
	} {
		if got, err := parseSum(text, name); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", want[1:], want + "0", want + want, "other.tar.gz: " + want[:100], "<html>" + want + "</html>",
		strings.Repeat("f", 128) + "  a\n" + strings.Repeat("e", 128) + "  b", name + ": " + want[:127] + "g",
	} {
		if got, err := parseSum(text, name); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}
