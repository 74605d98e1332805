package cli

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"zkdeck/config/ensemble/distro"
)

// TestDownloadScripts runs `zkdeck ensemble download` against a mirror of its own.
func TestDownloadScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:  filepath.Join("testdata", "script", "download"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			m := newMirror(false)
			env.Defer(m.Close)
			for _, v := range mirrorEnv(m, env.WorkDir) {
				name, value, _ := strings.Cut(v, "=")
				env.Setenv(name, value)
			}
			env.Setenv("MIRROR", m.URL)
			archive := m.archive("3.8.6")
			env.Setenv("SUM", fmt.Sprintf("%x", sha512.Sum512(archive)))
			return os.WriteFile(filepath.Join(env.WorkDir, "apache-zookeeper-3.8.6-bin.tar.gz"), archive, 0o644)
		},
	})
}

// TestDownloadUsage is what means nothing together, which is found before anything is
// asked or written.
func TestDownloadUsage(t *testing.T) {
	for _, args := range []string{
		"3.8.6 3.9.5", "--list 3.8.6", "--list --file x", "--list --sha512 x", "--file x 3.8.6", "--sha512 x", "--file=", "--mirror=", "3.8.6 --sha512=",
	} {
		cmd := ensembleDownloadCommand(&flags{})
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(strings.Fields(args))
		var wrong *usageError
		if err := cmd.Execute(); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// mirrorEnv is the environment of a zkdeck that downloads from a mirror and has its
// folders below home.
func mirrorEnv(m *mirror, home string) []string {
	env := []string{
		"HOME=" + home, "GORACE=" + noPause, "TERM=xterm-256color", distro.EnvMirror + "=" + m.URL + "/zookeeper",
		distro.EnvChecksums + "=" + m.URL + "/zookeeper", distro.EnvArchive + "=" + m.URL + "/old",
	}
	for _, folder := range []string{"CONFIG", "STATE", "DATA", "CACHE"} {
		env = append(env, "XDG_"+folder+"_HOME="+filepath.Join(home, strings.ToLower(folder)))
	}
	return env
}

// mirror is a web server with ZooKeepers that are none, of 400 kB each:
// 3.9.5 and 3.8.6 below /zookeeper, 3.6.4 below /old, and 3.7.0 with a wrong checksum.
type mirror struct {
	*httptest.Server
	// slow holds back the second half of an archive, but not the rest of one that is
	// gone on with, until the client goes away.
	slow bool

	mu   sync.Mutex
	made map[string][]byte
}

func newMirror(slow bool) *mirror {
	m := &mirror{slow: slow, made: map[string][]byte{}}
	list := func(base string, versions ...string) string {
		var b strings.Builder
		for _, v := range versions {
			fmt.Fprintf(&b, "<a href=\"%s%s\">x</a>\n", base, v)
		}
		return b.String()
	}
	pages := map[string]string{
		"/zookeeper/": list("zookeeper-", "3.8.6/", "3.9.5/"), "/zookeeper/stable/": list("apache-zookeeper-", "3.8.6-bin.tar.gz"),
		"/zookeeper/current/": list("apache-zookeeper-", "3.9.5-bin.tar.gz"), "/old/": list("zookeeper-", "3.6.4/", "3.8.6/"),
	}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if page, ok := pages[r.URL.Path]; ok {
			fmt.Fprint(w, page)
			return
		}
		var base, version string
		path := strings.NewReplacer("/zookeeper-", " ", "/apache-zookeeper-", " ", "-bin.tar.gz", " ").Replace(r.URL.Path)
		_, err := fmt.Sscan(path, &base, &version)
		there := base == "/zookeeper" && strings.Contains("3.9.5 3.8.6 3.7.0", version) || base == "/old" && version == "3.6.4"
		if err != nil || !there {
			http.NotFound(w, r)
			return
		}
		m.serve(w, r, version)
	}))
	return m
}

func (m *mirror) serve(w http.ResponseWriter, r *http.Request, version string) {
	archive := m.archive(version)
	if strings.HasSuffix(r.URL.Path, ".sha512") {
		if version == "3.7.0" {
			archive = nil
		}
		fmt.Fprintf(w, "%x  apache-zookeeper-%s-bin.tar.gz\n", sha512.Sum512(archive), version)
		return
	}
	w.Header().Set("ETag", `"`+version+`"`)
	if m.slow && r.Header.Get("Range") == "" {
		w.Header().Set("Content-Length", fmt.Sprint(len(archive)))
		_, _ = w.Write(archive[:len(archive)/2])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(archive))
}

// archive is laid out as Apache's, with a jar that only looks like ZooKeeper's.
func (m *mirror) archive(version string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.made[version] == nil {
		m.made[version] = fakeRelease(version)
	}
	return m.made[version]
}

func fakeRelease(version string) []byte {
	var jar bytes.Buffer
	z := zip.NewWriter(&jar)
	class, _ := z.Create("org/apache/zookeeper/server/quorum/QuorumPeerMain.class")
	_, _ = class.Write([]byte("\xca\xfe\xba\xbe\x00\x00\x00\x34"))
	_ = z.Close()
	filler := make([]byte, 400_000)
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(filler)

	var b bytes.Buffer
	packed := gzip.NewWriter(&b)
	w := tar.NewWriter(packed)
	for _, f := range [][2]string{
		{"lib/zookeeper-" + version + ".jar", jar.String()},
		{"lib/zookeeper-jute-" + version + ".jar", ""},
		{"lib/slf4j-api-1.7.30.jar", ""},
		{"lib/logback-classic-1.2.10.jar", ""},
		{"bin/zkCli.sh", "#!/bin/sh\n"},
		{"docs/x", string(filler)},
	} {
		_ = w.WriteHeader(&tar.Header{Name: "apache-zookeeper-" + version + "-bin/" + f[0], Mode: 0o755, Size: int64(len(f[1]))})
		_, _ = w.Write([]byte(f[1]))
	}
	_ = w.Close()
	_ = packed.Close()
	return b.Bytes()
}
