package distro

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// listings as Apache's httpd, its archive and nginx write them.
const (
	apacheListing = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN"><html><head><title>Index of /zookeeper</title></head><body><pre>
<img src="/icons/blank.gif" alt="Icon "> <a href="?C=N;O=D">Name</a> <hr><img src="/icons/back.gif"> <a href="/">Parent Directory</a> -
<img src="/icons/folder.gif" alt="[DIR]"> <a href="current/">current/</a>  2026-02-01 10:00    -
<img src="/icons/folder.gif" alt="[DIR]"> <a href="stable/">stable/</a>
<img src="/icons/folder.gif" alt="[DIR]"> <a href="zookeeper-3.8.6/">zookeeper-3.8.6/</a>
<img src="/icons/folder.gif" alt="[DIR]"> <a href="zookeeper-3.9.5/">zookeeper-3.9.5/</a>
<img src="/icons/folder.gif" alt="[DIR]"> <a href="zookeeper-3.10.0-beta/">x</a>
<a href="zookeeper-3.7.x/">x</a> <a href="zookeeper-../">x</a> <a href="zookeeper-3.9.9%2f..%2fetc/">x</a> <a href="%zz">x</a>
zookeeper-3.9.8/ <b href="zookeeper-3.9.7/">x</b>
<a href="KEYS">KEYS</a></pre></body></html>`
	stableListing = `<a href="apache-zookeeper-3.8.6-bin.tar.gz">x</a> <a href="apache-zookeeper-3.8.6-bin.tar.gz.sha512">x</a> <a href="apache-zookeeper-3.8.6.tar.gz">x</a>`
	oldListing    = `<html><A HREF='../'>../</A><a class="x" href='zookeeper-3.4.14/'>x</a><a href=zookeeper-3.8.6/>x</a>
<a href="https://archive.example/dist/zookeeper/zookeeper-3.5.10/">x</a></html>`
)

func TestVersionsListed(t *testing.T) {
	mirror, old := newSite(t), newSite(t)
	mirror.files["/zookeeper/"] = []byte(apacheListing)
	mirror.files["/zookeeper/stable/"] = []byte(stableListing)
	mirror.files["/zookeeper/current/"] = []byte(strings.ReplaceAll(stableListing, "3.8.6", "3.9.5"))
	old.files["/dist/zookeeper/"] = []byte(oldListing)
	d := &Downloader{Mirror: mirror.URL + "/zookeeper/", Archive: old.URL + "/dist/zookeeper", Dir: t.TempDir()}
	tree(t, d.Dir+"/"+folderName("3.8.6"), release(t, "3.8.6")...)
	got, err := d.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m, o := host(mirror.URL), host(old.URL)
	want := []Version{
		{Version: "3.10.0-beta", From: m},
		{Version: "3.9.5", Current: true, From: m},
		{Version: "3.8.6", Stable: true, Here: true, From: m},
		{Version: "3.5.10", Archived: true, From: o},
		{Version: "3.4.14", Archived: true, From: o},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if Stable(got) != "3.8.6" {
		t.Error(Stable(got))
	}
	// A mirror without the two links: the newest release.
	mirror.files = map[string][]byte{"/zookeeper/": []byte(apacheListing)}
	if got, err = d.Versions(t.Context()); err != nil || len(got) != 5 || Stable(got) != "3.9.5" {
		t.Errorf("%+v, %v", got, err)
	}
	// A mirror that is down, and an archive that is not.
	mirror.Close()
	if got, err = d.Versions(t.Context()); err != nil || len(got) != 3 || got[0].Version != "3.8.6" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestVersionsBuiltIn(t *testing.T) {
	s := newSite(t)
	d := s.downloader(t)
	check := func(want string) {
		t.Helper()
		got, err := d.Versions(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
		if len(got) < 3 || got[0].From != BuiltIn || Stable(got) != builtinStable {
			t.Errorf("%+v", got)
		}
	}
	check("404 Not Found")
	s.files["/zookeeper/"] = []byte("<html>please log in</html>")
	check("lists no version of ZooKeeper")
	s.files["/zookeeper/"] = []byte(strings.Repeat("<a href='zookeeper-3.9.1/'>", maxListing/20))
	check("is longer than")
	d.Mirror = "nonsense"
	check("no URL of a mirror")
	d = s.downloader(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := d.Versions(ctx); !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	s.Close()
	check("refused")
	if Stable(nil) != "" {
		t.Error("stable of nothing")
	}
}

func TestNewDownloader(t *testing.T) {
	d := NewDownloader("/x", func(name string) string {
		return "http://" + strings.ToLower(strings.TrimPrefix(name, "ZKDECK_ZOOKEEPER_"))
	})
	if d.Mirror != "http://mirror" || d.Checksums != "http://checksums" || d.Archive != "http://archive" || d.Dir != "/x" {
		t.Errorf("%+v", d)
	}
	d = NewDownloader("/x", func(string) string { return "" })
	if got := d.bases(d.Mirror, DefaultMirror); !slices.Equal(got, []string{DefaultMirror, DefaultArchive}) {
		t.Error(got)
	}
	if got := d.bases(d.Checksums, DefaultChecksums); !slices.Equal(got, []string{DefaultChecksums, DefaultArchive}) {
		t.Error(got)
	}
	d.Mirror = "https://mirror.example/apache"
	if got := d.bases(d.Mirror, DefaultMirror); !slices.Equal(got, []string{"https://mirror.example/apache", "https://mirror.example/apache/zookeeper"}) {
		t.Error(got)
	}
}
