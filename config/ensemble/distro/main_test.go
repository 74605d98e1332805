package distro

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// write makes a file and the folders above it.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// class is the beginning of a class file for a major version of Java.
func class(java int) string { return "\xca\xfe\xba\xbe\x00\x00\x00" + string(rune(java+44)) + "rest" }

// jar is a zip of these entries, name and text in turn.
func jar(t *testing.T, entries ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// server is a jar of a ZooKeeper server that says nothing of itself.
func server(t *testing.T) string { return jar(t, mainClass, class(8)) }

// tree writes files below a folder, name and text in turn.
func tree(t *testing.T, dir string, files ...string) {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		write(t, filepath.Join(dir, files[i]), files[i+1])
	}
}

// release are the files of Apache's tarball of a version, below its folder.
func release(t *testing.T, version string) []string {
	return []string{
		"bin/zkCli.sh", "#!/bin/sh\n", "bin/zkServer.sh", "#!/bin/sh\n", "conf/zoo_sample.cfg", "tickTime=2000\n",
		"lib/zookeeper-" + version + ".jar", server(t), "lib/zookeeper-jute-" + version + ".jar", "jute",
		"lib/slf4j-api-1.7.30.jar", "api", "lib/logback-classic-1.2.10.jar", "classic", "lib/logback-core-1.2.10.jar", "core",
		"lib/netty-all.jar", "netty", "docs/index.html", strings.Repeat("words\n", 40000),
	}
}

// tarball is a tar.gz of these entries.
func tarball(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, h := range entries {
		text := h.PAXRecords["text"]
		h.PAXRecords = nil
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		h.Size = int64(len(text))
		if h.Mode == 0 {
			h.Mode = 0o755
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// entry is a file of a tarball.
func entry(name, text string) tar.Header {
	return tar.Header{Name: name, PAXRecords: map[string]string{"text": text}}
}

// archive is Apache's tar.gz of a version, and further entries.
func archive(t *testing.T, version string, more ...tar.Header) []byte {
	t.Helper()
	files := release(t, version)
	top := folderName(version) + "/"
	entries := []tar.Header{{Name: top, Typeflag: tar.TypeDir}}
	for i := 0; i < len(files); i += 2 {
		entries = append(entries, entry(top+files[i], files[i+1]))
	}
	return tarball(t, append(entries, more...)...)
}

func sumText(b []byte) string {
	h := sha512.Sum512(b)
	return hex.EncodeToString(h[:])
}

// gzipped is a reader of packed bytes.
func gzipped(t *testing.T, text []byte) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}
