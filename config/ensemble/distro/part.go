package distro

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// part is the file of a download that is under way, and what is known of it.
type part struct {
	file *os.File
	size int64
	// resumed tells that some of it came with an earlier request.
	resumed bool
	// of is kept beside the file.
	of origin
}

// origin is where the bytes of a part came from.
type origin struct {
	URL string `json:"url"`
	// ETag and Modified are the validators of RFC 9110, 8.8.
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	Total    int64  `json:"total"`
	// SHA512 is what the whole is expected to have.
	SHA512 sum `json:"sha512"`
}

// openPart opens or makes the part of an archive. One that cannot be gone on with,
// because nothing tells what it is of or another checksum is expected, is emptied.
func openPart(dir, archive string, want sum) (*part, error) {
	f, err := os.OpenFile(filepath.Join(dir, archive+".part"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("making the file of the download: %w", err)
	}
	p := &part{file: f, of: origin{SHA512: want}}
	info, err := f.Stat()
	if err != nil {
		p.close()
		return nil, err
	}
	var of origin
	text, err := os.ReadFile(p.note())
	if err == nil && json.Unmarshal(text, &of) == nil && of.SHA512 == want && info.Size() > 0 && info.Size() <= of.Total {
		p.of, p.size, p.resumed = of, info.Size(), true
		return p, nil
	}
	if err := p.restart(origin{SHA512: want}); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *part) note() string { return p.file.Name() + ".json" }

// complete tells that there is nothing more to fetch.
func (p *part) complete() bool { return p.size > 0 && p.size == p.of.Total }

// restart empties the part, and notes where the next bytes come from.
func (p *part) restart(of origin) error {
	of.SHA512 = p.of.SHA512
	p.of, p.size, p.resumed = of, 0, false
	if err := p.file.Truncate(0); err != nil {
		return fmt.Errorf("emptying %s: %w", p.file.Name(), err)
	}
	text, err := json.Marshal(of)
	if err != nil {
		return err
	}
	if err := os.WriteFile(p.note(), text, 0o644); err != nil {
		return fmt.Errorf("noting where a download comes from: %w", err)
	}
	return nil
}

// ask are the headers that ask for what is missing, none for all of it.
func (p *part) ask(address string) map[string]string {
	if p.size == 0 || p.of.Total == 0 {
		return nil
	}
	h := map[string]string{"Range": fmt.Sprintf("bytes=%d-", p.size)}
	if address == p.of.URL { // the validators of another server mean nothing
		switch {
		case p.of.ETag != "" && !strings.HasPrefix(p.of.ETag, "W/"):
			h["If-Range"] = p.of.ETag
		case p.of.Modified != "":
			h["If-Range"] = p.of.Modified
		}
	}
	return h
}

// errOther tells that a server's file is not the one that the part is of.
var errOther = errors.New("the file has changed since")

// accept makes the part ready for the body of an answer. It returns errOther where
// all must be asked for anew, and io.EOF where nothing is missing.
func (p *part) accept(address string, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		if resp.ContentLength > maxArchive {
			return fmt.Errorf("%s has %d bytes, which is no archive of ZooKeeper", address, resp.ContentLength)
		}
		return p.restart(origin{
			URL: address, ETag: resp.Header.Get("ETag"), Modified: resp.Header.Get("Last-Modified"),
			Total: max(resp.ContentLength, 0),
		})
	case http.StatusPartialContent:
		var first, last, total int64
		n, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total)
		if err != nil || n != 3 || p.size == 0 || first != p.size || total != p.of.Total {
			return errOther
		}
		return nil
	case http.StatusRequestedRangeNotSatisfiable:
		if p.size == 0 {
			return &statusError{address, resp.StatusCode}
		}
		if p.complete() && resp.Header.Get("Content-Range") == fmt.Sprintf("bytes */%d", p.size) {
			return io.EOF
		}
		return errOther
	}
	return &statusError{address, resp.StatusCode}
}

// write appends to the part.
func (p *part) write(b []byte) error {
	n, err := p.file.WriteAt(b, p.size)
	p.size += int64(n)
	if err != nil {
		return &writeError{err}
	}
	return nil
}

// writeError is the disk's, not the network's: no other server helps.
type writeError struct{ err error }

func (e *writeError) Error() string { return fmt.Sprintf("writing it down: %v", e.err) }
func (e *writeError) Unwrap() error { return e.err }

func (p *part) close() { _ = p.file.Close() }

// remove deletes the part once it is unpacked, or is known to be of no use.
func (p *part) remove() {
	p.close()
	_ = os.Remove(p.file.Name())
	_ = os.Remove(p.note())
}
