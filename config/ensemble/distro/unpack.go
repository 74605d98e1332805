package distro

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Bounds of what an archive may unpack to; ZooKeeper's have about 1,500 files and 60 MB
// at most. A small file that swells to fill the disk ends there.
const (
	maxFiles    = 20000
	maxUnpacked = 1 << 30
)

// bounds are those of one unpacking.
type bounds struct {
	files int
	bytes int64
}

// unpackPrefix begins the name of a folder that is being filled.
const unpackPrefix = ".unpack-"

// hostileError is an archive with an entry that no honest one has.
type hostileError struct{ name, what string }

func (e *hostileError) Error() string {
	return fmt.Sprintf("the archive is unsafe: its entry %q %s; nothing of it was kept", e.name, e.what)
}

// unpack writes the entries of a tar.gz below dir, which is empty: folders, files and
// links that stay inside. What would be written anywhere else, and whatever is neither,
// is an error. The files belong to the person who unpacks, and nothing is set-uid.
func unpack(ctx context.Context, r io.Reader, dir string, b bounds) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("it is no tar.gz: %w", err)
	}
	entries := tar.NewReader(z)
	for {
		h, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the archive is damaged or cut off: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if b.files--; b.files < 0 {
			return errors.New("the archive is unsafe: it has more files than any ZooKeeper; nothing of it was kept")
		}
		if h.Size > b.bytes {
			return errors.New("the archive is unsafe: it unpacks to more than any ZooKeeper; nothing of it was kept")
		}
		b.bytes -= h.Size
		if err := unpackEntry(root, h, entries); err != nil {
			return err
		}
	}
}

func unpackEntry(root *os.Root, h *tar.Header, body io.Reader) error {
	name, err := inside(h.Name)
	if err != nil {
		return err
	}
	if name == "." {
		return nil
	}
	if h.Typeflag == tar.TypeDir {
		return onDisk(root.MkdirAll(name, 0o755))
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return onDisk(err)
	}
	switch h.Typeflag {
	case tar.TypeReg:
		return unpackFile(root, name, h, body)
	case tar.TypeSymlink:
		// Without ".." a link leads below its own folder, whatever other links there are.
		if !filepath.IsLocal(filepath.FromSlash(h.Linkname)) || strings.Contains(h.Linkname, "..") || strings.Contains(h.Linkname, "\\") {
			return &hostileError{h.Name, fmt.Sprintf("is a symbolic link to %q, which may lead out of its folder", h.Linkname)}
		}
		return taken(h, root.Symlink(filepath.FromSlash(h.Linkname), name))
	case tar.TypeLink:
		target, err := inside(h.Linkname)
		if err != nil {
			return &hostileError{h.Name, fmt.Sprintf("is a hard link to %q, out of its folder", h.Linkname)}
		}
		if info, err := root.Lstat(target); err != nil || !info.Mode().IsRegular() {
			return &hostileError{h.Name, fmt.Sprintf("is a hard link to %q, which is no file of it", h.Linkname)}
		}
		return taken(h, root.Link(target, name))
	}
	return &hostileError{h.Name, fmt.Sprintf("is neither a file nor a folder (tar type %q)", h.Typeflag)}
}

// inside is the name of an entry as a path below the folder that is unpacked into.
func inside(name string) (string, error) {
	clean := path.Clean(name)
	local := filepath.FromSlash(clean)
	switch {
	case name == "" || strings.ContainsRune(name, 0) || strings.Contains(name, "\\"):
		return "", &hostileError{name, "has no name that a file can have everywhere"}
	case path.IsAbs(name) || !filepath.IsLocal(local):
		return "", &hostileError{name, "leads out of the folder"}
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "", &hostileError{name, "leads out of a folder"}
		}
	}
	return local, nil
}

func unpackFile(root *os.Root, name string, h *tar.Header, body io.Reader) error {
	mode := fs.FileMode(0o644)
	if h.Mode&0o111 != 0 {
		mode = 0o755
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return taken(h, err)
	}
	w := &diskWriter{f: f}
	_, err = io.CopyBuffer(w, body, make([]byte, copySize))
	if err != nil && w.err == nil {
		err = fmt.Errorf("the archive is damaged or cut off in %q: %w", h.Name, err)
	}
	if err == nil && strings.HasSuffix(name, ".jar") {
		err = onDisk(f.Sync()) // what is in place after a power cut must be whole
	}
	if closed := f.Close(); err == nil {
		err = onDisk(closed)
	}
	return err
}

// diskWriter tells errors of the disk from those of the archive.
type diskWriter struct {
	f   *os.File
	err error
}

func (w *diskWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if err != nil {
		w.err = onDisk(err)
	}
	return n, w.err
}

func onDisk(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("writing what was unpacked: %w", err)
}

// taken says what it means that a name is there already.
func taken(h *tar.Header, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return &hostileError{h.Name, "is there twice, or is another one's on this system"}
	}
	return onDisk(err)
}
