package distro

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Where Apache publishes ZooKeeper: DefaultMirror has the newest release of each line
// that is maintained, DefaultArchive has all, and DefaultChecksums is the host whose
// checksums count, wherever the files come from.
const (
	DefaultMirror    = "https://dlcdn.apache.org/zookeeper"
	DefaultChecksums = "https://downloads.apache.org/zookeeper"
	DefaultArchive   = "https://archive.apache.org/dist/zookeeper"
)

// The variables of the environment that [NewDownloader] reads.
const (
	EnvMirror    = "ZKDECK_ZOOKEEPER_MIRROR"
	EnvChecksums = "ZKDECK_ZOOKEEPER_CHECKSUMS"
	EnvArchive   = "ZKDECK_ZOOKEEPER_ARCHIVE"
)

// maxArchive bounds an archive, in bytes; those of ZooKeeper have 10 to 40 MB.
const maxArchive = 1 << 30

// stallLimit is how long a server may send nothing before a download is given up.
const stallLimit = 45 * time.Second

// Downloader fetches ZooKeeper from Apache or a mirror, and unpacks it.
type Downloader struct {
	// Mirror, Checksums and Archive are the URLs of folders that have zookeeper-X.Y.Z
	// in them; "" stands for Apache's own. A Mirror or Checksums that is set is asked
	// alone: what is not there is looked for in Archive only if that is set as well.
	Mirror, Checksums, Archive string
	// SHA512 is the checksum to expect, 128 hexadecimal digits or a file that has them;
	// "" has it fetched from Checksums.
	SHA512 string
	// Client does the requests; nil for one that waits for answers with deadlines and
	// goes through the proxy of the environment.
	Client *http.Client
	// Dir is where ZooKeepers are unpacked, a folder each; it is made if needed.
	Dir string
	// Logger is told what is asked of whom, nil for nobody.
	Logger *slog.Logger

	stall time.Duration // 0 for stallLimit
}

// NewDownloader downloads into dir, from where the environment says.
func NewDownloader(dir string, getenv func(string) string) *Downloader {
	return &Downloader{
		Dir: dir, Mirror: getenv(EnvMirror), Checksums: getenv(EnvChecksums), Archive: getenv(EnvArchive),
	}
}

// Progress is how far a download is.
type Progress struct {
	// Step is "wait" (for another download into the same folder), "checksum",
	// "download", "verify" or "unpack", in this order.
	Step string
	// Done and Total are bytes; Total is 0 where it is not known.
	Done, Total int64
	// From is the host that a download comes from, or the file.
	From string
}

// InterruptedError is a download that ended before its end. What came is kept, and the
// next Fetch goes on from there.
type InterruptedError struct {
	// Part is the file that keeps it, Done and Total its bytes; Total is 0 if not known.
	Part        string
	Done, Total int64
	// Err is why: that of the context, of the connection, or of the disk.
	Err error
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("the download ended early: %v; %s kept, and the next one goes on from there", e.Err, e.Kept())
}

// Unwrap returns Err.
func (e *InterruptedError) Unwrap() error { return e.Err }

// Kept says how much is kept, as in "3.1 of 14.2 MB are".
func (e *InterruptedError) Kept() string {
	mb := func(n int64) string { return fmt.Sprintf("%.1f", float64(n)/1e6) }
	if e.Total > 0 {
		return mb(e.Done) + " of " + mb(e.Total) + " MB are"
	}
	return mb(e.Done) + " MB are"
}

// Fetch downloads this version, as "3.8.6", and unpacks it below Dir; one that is there
// already is returned at once. It blocks until all is done or ctx ends, tells progress
// (nil for nobody) from its own goroutine, goes on with a download that was
// interrupted, and accepts only an archive whose SHA-512 is the one that Checksums
// tells. Of several at once, in whatever processes, one works and the others wait.
// Nothing half unpacked is ever seen in Dir. Early ends are *[InterruptedError].
func (d *Downloader) Fetch(ctx context.Context, version string, progress func(Progress)) (ZooKeeper, error) {
	if version == "" || versionIn(version) != version {
		return ZooKeeper{}, inputError("%q is no version of ZooKeeper; one looks like %s", version, builtinStable)
	}
	if err := d.check(); err != nil {
		return ZooKeeper{}, err
	}
	if z, ok := d.have(version); ok {
		return z, nil
	}
	s, err := d.begin(ctx, progress)
	if err != nil {
		return ZooKeeper{}, err
	}
	defer s.end()
	if z, ok := d.have(version); ok {
		return z, nil // another one was quicker
	}
	want, err := s.checksum(ctx, version)
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("looking for the checksum of ZooKeeper %s: %w", version, err)
	}
	part, err := s.download(ctx, version, want)
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("downloading ZooKeeper %s: %w", version, err)
	}
	defer part.close()
	z, err := s.install(ctx, part.file, part.size, version)
	if ctx.Err() != nil && err != nil {
		err = part.giveUp(ctx.Err())
	}
	if err != nil {
		return ZooKeeper{}, fmt.Errorf("unpacking ZooKeeper %s: %w", version, err)
	}
	part.remove()
	return z, nil
}

// Has returns the download of this version that is in Dir, if there is one that can be
// used.
func (d *Downloader) Has(version string) (ZooKeeper, bool) {
	if version == "" || versionIn(version) != version {
		return ZooKeeper{}, false
	}
	return d.have(version)
}

// have is the ZooKeeper of this version in Dir, if it can be used.
func (d *Downloader) have(version string) (ZooKeeper, bool) {
	e := Env{GOOS: runtime.GOOS}
	z, err := e.layout(filepath.Join(d.Dir, folderName(version)))
	if err != nil {
		return ZooKeeper{}, false
	}
	z.From = "downloaded"
	return z, true
}

// check refuses what is no URL before anything is asked or written.
func (d *Downloader) check() error {
	for _, base := range []string{d.Mirror, d.Checksums, d.Archive} {
		if base == "" {
			continue
		}
		u, err := url.Parse(base)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return inputError("%q is no URL of a mirror; one looks like %s", base, DefaultMirror)
		}
	}
	return nil
}

// folderName is the folder that a version's archive has its files in, and archiveName
// the archive: before 3.5.5 there was one for sources and classes together.
func folderName(version string) string {
	if compareVersions(version, "3.5.5") < 0 {
		return "zookeeper-" + version
	}
	return "apache-zookeeper-" + version + "-bin"
}

func archiveName(version string) string { return folderName(version) + ".tar.gz" }

// bases are the URLs to look below: own, or what stands for it, then the archive.
func (d *Downloader) bases(own, standard string) []string {
	var bases []string
	if own == "" {
		bases = []string{standard, cmp.Or(d.Archive, DefaultArchive)}
	} else {
		own = strings.TrimRight(own, "/")
		bases = []string{own}
		if !strings.HasSuffix(own, "/zookeeper") {
			bases = append(bases, own+"/zookeeper") // the mirror of all of Apache was named
		}
		if d.Archive != "" {
			bases = append(bases, d.Archive)
		}
	}
	for i := range bases {
		bases[i] = strings.TrimRight(bases[i], "/")
	}
	return bases
}

func (d *Downloader) log() *slog.Logger {
	if d.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Logger
}

// session is one use of Dir, which no other has meanwhile.
type session struct {
	*Downloader
	web    *web
	tell   func(Progress)
	unlock func()
}

// begin makes Dir, waits until nobody else works in it, and clears away what an
// earlier one that was killed had half unpacked.
func (d *Downloader) begin(ctx context.Context, progress func(Progress)) (*session, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	if d.Dir == "" {
		return nil, errors.New("there is no folder to unpack ZooKeeper in: HOME and XDG_DATA_HOME are not set")
	}
	if err := os.MkdirAll(d.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for ZooKeeper: %w", err)
	}
	unlock, err := lockDir(ctx, d.Dir, func() { progress(Progress{Step: "wait"}) })
	if err != nil {
		return nil, err
	}
	s := &session{Downloader: d, web: d.newWeb(), tell: progress, unlock: unlock}
	for _, left := range globIn(d.Dir, unpackPrefix+"*") {
		if err := os.RemoveAll(left); err != nil {
			d.log().Warn("clearing away what was half unpacked", "folder", left, "error", err)
		}
	}
	return s, nil
}

func (s *session) end() {
	s.web.close()
	s.unlock()
}
