package distro

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// site is a web server with files, which can misbehave.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string][]byte // by path
	etag  string            // of every file, "" for none
	asked []string          // "PATH RANGE IF-RANGE"

	// handle stands before the files; true if it has answered.
	handle func(w http.ResponseWriter, r *http.Request) bool
}

func newSite(t *testing.T) *site {
	s := &site{files: map[string][]byte{}, etag: `"one"`}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")+" "+r.Header.Get("If-Range")))
		file, ok := s.files[r.URL.Path]
		etag, handle := s.etag, s.handle
		s.mu.Unlock()
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Errorf("%s may come packed, which is not what its checksum is of", r.URL)
		}
		if handle != nil && handle(w, r) {
			return
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		if etag != "" {
			w.Header().Set("ETag", etag)
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(file)))
	}))
	t.Cleanup(s.Close)
	return s
}

// put serves an archive of a version, and its checksum if sum is not "".
func (s *site) put(version string, archive []byte, sum string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[archivePath(version)] = archive
	if sum != "" {
		s.files[archivePath(version)+".sha512"] = []byte(sum)
	}
}

func archivePath(version string) string {
	return "/zookeeper/zookeeper-" + version + "/" + archiveName(version)
}

func (s *site) set(handle func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handle = handle
}

// requests are those for an archive since the last call, without their paths.
func (s *site) requests(version string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ranges []string
	for _, a := range s.asked {
		if path, r, _ := strings.Cut(a, " "); path == archivePath(version) {
			ranges = append(ranges, r)
		}
	}
	s.asked = nil
	return ranges
}

// downloader asks this site for everything.
func (s *site) downloader(t *testing.T) *Downloader {
	base := s.URL + "/zookeeper"
	return &Downloader{Mirror: base, Checksums: base, Dir: t.TempDir()}
}

// cutAfter answers a request for an archive with its first n bytes, and then breaks
// the connection.
func cutAfter(n int, file []byte, etag string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, ".tar.gz") {
			return false
		}
		var from int
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil {
			return false
		}
		w.Header().Set("ETag", etag)
		w.Header().Set("Content-Length", fmt.Sprint(len(file)))
		_, _ = w.Write(file[:n])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}
