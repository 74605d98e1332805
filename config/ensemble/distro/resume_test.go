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
	"testing"
	"time"
)

// interrupted begins a download and ends it when about half has come.
func interrupted(t *testing.T, s *site, d *Downloader) *InterruptedError {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := d.Fetch(ctx, someVersion, func(p Progress) {
		if p.Step == "download" && p.Done > 0 {
			cancel()
		}
	})
	var early *InterruptedError
	if !errors.As(err, &early) || !errors.Is(err, context.Canceled) || early.Done == 0 {
		t.Fatalf("%v", err)
	}
	if info, err := os.Stat(early.Part); err != nil || info.Size() != early.Done {
		t.Fatalf("the part has %v, and %d was told: %v", info, early.Done, err)
	}
	s.requests(someVersion)
	return early
}

// halfThenWait sends the first half of an archive and then nothing, until the client
// goes away.
func halfThenWait(file []byte, etag string) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, ".tar.gz") {
			return false
		}
		if etag != "" {
			w.Header().Set("ETag", etag)
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(file)))
		_, _ = w.Write(file[:len(file)/2])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		return true
	}
}

func TestResume(t *testing.T) {
	file := archive(t, someVersion)
	rest := fmt.Sprintf("bytes=%d-", len(file)/2)
	half := rest + ` "one"` // and the validator that it is asked under
	republished := archive(t, someVersion, entry(folderName(someVersion)+"/docs/new", "x"))
	for _, c := range []struct {
		name string
		// then changes the site or the folder after the interruption.
		then  func(s *site, d *Downloader, early *InterruptedError)
		asked []string
	}{
		{"the rest only", func(*site, *Downloader, *InterruptedError) {}, []string{half}},
		{"another etag", func(s *site, _ *Downloader, _ *InterruptedError) { s.etag = `"two"` }, []string{half}},
		{"no etag", func(s *site, _ *Downloader, e *InterruptedError) {
			s.etag = ""
			replace(t, e.Part+".json", `"etag":"\"one\"",`, "")
		}, []string{rest}},
		{"a weak etag", func(s *site, _ *Downloader, e *InterruptedError) {
			replace(t, e.Part+".json", `"etag":"\"one\"",`, `"etag":"W/\"one\"","modified":"Mon, 23 Nov 2026 06:00:00 GMT",`)
			s.etag = ""
		}, []string{rest + " Mon, 23 Nov 2026 06:00:00 GMT"}},
		{"republished", func(s *site, _ *Downloader, _ *InterruptedError) {
			s.put(someVersion, republished, sumText(republished))
			s.etag = `"two"`
		}, []string{""}},
		{"no ranges", func(s *site, _ *Downloader, _ *InterruptedError) {
			s.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, ".tar.gz") {
					_, _ = w.Write(file)
				}
				return strings.HasSuffix(r.URL.Path, ".tar.gz")
			}
		}, []string{half}},
		{"ranges from elsewhere", func(s *site, _ *Downloader, _ *InterruptedError) {
			s.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Range") == "" {
					return false
				}
				w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-9/%d", len(file)))
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(file[:10])
				return true
			}
		}, []string{half, ""}},
		{"another length", func(s *site, _ *Downloader, _ *InterruptedError) {
			s.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Range") == "" {
					return false
				}
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", len(file)/2, len(file), len(file)+1))
				w.WriteHeader(http.StatusPartialContent)
				return true
			}
		}, []string{half, ""}},
		{"no such range", func(s *site, _ *Downloader, _ *InterruptedError) {
			s.handle = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Range") == "" {
					return false
				}
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return true
			}
		}, []string{half, ""}},
		{"another mirror", func(s *site, d *Downloader, _ *InterruptedError) {
			s.files["/other"+archivePath(someVersion)] = file
			d.Mirror = s.URL + "/other/zookeeper"
		}, nil},
		{"a damaged half", func(_ *site, _ *Downloader, e *InterruptedError) {
			overwrite(t, e.Part, strings.Repeat("x", 100))
		}, []string{half, ""}},
		{"a note of nonsense", func(_ *site, _ *Downloader, e *InterruptedError) {
			write(t, e.Part+".json", "{")
		}, []string{""}},
		{"no note", func(_ *site, _ *Downloader, e *InterruptedError) {
			if err := os.Remove(e.Part + ".json"); err != nil {
				t.Fatal(err)
			}
		}, []string{""}},
		{"all of it, killed before it was unpacked", func(_ *site, _ *Downloader, e *InterruptedError) {
			write(t, e.Part, string(file))
		}, nil},
		{"all of it, damaged", func(_ *site, _ *Downloader, e *InterruptedError) {
			write(t, e.Part, strings.Repeat("x", len(file)))
		}, []string{""}},
		{"more than all of it", func(_ *site, _ *Downloader, e *InterruptedError) {
			write(t, e.Part, string(file)+"more")
		}, []string{""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			s.put(someVersion, file, sumText(file))
			d := s.downloader(t)
			s.set(halfThenWait(file, s.etag))
			early := interrupted(t, s, d)
			if early.Done != int64(len(file)/2) || early.Total != int64(len(file)) || !strings.Contains(early.Error(), "goes on from there") {
				t.Errorf("%+v: %v", early, early)
			}
			s.set(nil)
			c.then(s, d, early)
			if _, err := d.Fetch(t.Context(), someVersion, nil); err != nil {
				t.Fatal(err)
			}
			if got := s.requests(someVersion); !slices.Equal(got, c.asked) {
				t.Errorf("asked for %q, want %q", got, c.asked)
			}
			if got := left(t, d.Dir); !slices.Equal(got, []string{folderName(someVersion)}) {
				t.Errorf("left over: %q", got)
			}
		})
	}
}

func replace(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %s: %s, %v", path, old, text, err)
	}
	write(t, path, strings.Replace(string(text), old, new, 1))
}

func overwrite(t *testing.T, path, head string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(head); err != nil {
		t.Fatal(err)
	}
}

// TestBroken is a connection that breaks: it is taken up again at once, and where that
// does not help either, the part stays.
func TestBroken(t *testing.T) {
	file := archive(t, someVersion)
	s := newSite(t)
	s.put(someVersion, file, sumText(file))
	s.set(cutAfter(len(file)/2, file, s.etag))
	d := s.downloader(t)
	if _, err := d.Fetch(t.Context(), someVersion, nil); err != nil {
		t.Error(err)
	}
	if got := s.requests(someVersion); len(got) != 2 || got[0] != "" || got[1] != fmt.Sprintf("bytes=%d- %s", len(file)/2, s.etag) {
		t.Errorf("%q", got)
	}

	// A server that can do neither: no length, no ranges, and an end in the middle.
	s.set(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, ".tar.gz") {
			_, _ = w.Write(file[:len(file)/2])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		return false
	})
	d = s.downloader(t)
	_, err := d.Fetch(t.Context(), someVersion, nil)
	var early *InterruptedError
	if !errors.As(err, &early) || early.Done == 0 || !strings.Contains(err.Error(), "broke off") {
		t.Error(err)
	}
	s.set(nil)
	if _, err = d.Fetch(t.Context(), someVersion, nil); err != nil {
		t.Error(err)
	}
}

// TestSilence is a server that stops sending without an end.
func TestSilence(t *testing.T) {
	file := archive(t, someVersion)
	s := newSite(t)
	s.put(someVersion, file, sumText(file))
	s.set(halfThenWait(file, ""))
	d := s.downloader(t)
	d.stall = 100 * time.Millisecond
	if _, err := d.Fetch(t.Context(), someVersion, nil); err == nil || !strings.Contains(err.Error(), "sent nothing for 100ms") {
		t.Error(err)
	}
	// And one that does not even answer.
	s.set(func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	})
	if _, err := d.Fetch(t.Context(), someVersion, nil); err == nil || !strings.Contains(err.Error(), "sent nothing") && !strings.Contains(err.Error(), "timeout") {
		t.Error(err)
	}
}

// TestCancelUnpack ends a download while it is unpacked.
func TestCancelUnpack(t *testing.T) {
	file := archive(t, someVersion)
	s := newSite(t)
	s.put(someVersion, file, sumText(file))
	for _, step := range []string{"verify", "unpack"} {
		d := s.downloader(t)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := d.Fetch(ctx, someVersion, func(p Progress) {
			if p.Step == step {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", step, err)
		}
		s.requests(someVersion)
		if got := left(t, d.Dir); !slices.Equal(got, []string{archiveName(someVersion) + ".part", archiveName(someVersion) + ".part.json"}) {
			t.Errorf("%s: left over: %q", step, got)
		}
		if _, err := d.Fetch(t.Context(), someVersion, nil); err != nil {
			t.Errorf("%s: %v", step, err)
		}
		if got := s.requests(someVersion); len(got) != 0 {
			t.Errorf("%s: it was fetched again: %q", step, got)
		}
	}
}

// TestPartInTheWay is a folder where the part is to be.
func TestPartInTheWay(t *testing.T) {
	file := archive(t, someVersion)
	s := newSite(t)
	s.put(someVersion, file, sumText(file))
	d := s.downloader(t)
	write(t, filepath.Join(d.Dir, archiveName(someVersion)+".part", "x"), "")
	if _, err := d.Fetch(t.Context(), someVersion, nil); err == nil || !strings.Contains(err.Error(), "making the file of the download") {
		t.Error(err)
	}
}
