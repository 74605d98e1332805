package zoocfg

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// MyID is the file myid of a server.
type MyID struct {
	// Path is where it is looked for: in dataDir.
	Path string
	// ID is what it holds; 0 where Err is not nil.
	ID int
	// Text is its first line, as ZooKeeper reads it.
	Text string
	// Err says why there is no ID: [fs.ErrNotExist] where there is no such file,
	// [ErrNoID] where its first line is no number.
	Err error
}

// ErrNoID is the error of a myid file whose first line is no number.
var ErrNoID = errors.New("its first line is no number")

// Load reads a zoo.cfg, the file that its dynamicConfigFile names, and the myid file in
// its dataDir. That one of these two cannot be read is told in the Config; the error is
// about the file itself.
func Load(path string) (*Config, error) {
	c, err := load(path)
	if err != nil {
		return nil, err
	}
	if name, ok := c.Get("dynamicConfigFile"); ok {
		c.Dynamic, c.DynamicErr = load(c.beside(name))
	}
	if dir, ok := c.Get("dataDir"); ok && filepath.IsAbs(dir) {
		c.MyID = ReadMyID(dir)
	}
	return c, nil
}

// load reads and parses one file.
func load(path string) (*Config, error) {
	text, err := readSmall(path, Limit+1)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	c, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	if c.Path, err = filepath.Abs(path); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return c, nil
}

// readSmall reads at most so many bytes of a file; anything but a file is an error, so
// that a pipe does not hold us up.
func readSmall(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, most))
}

// beside is where a file is that a zoo.cfg names. ZooKeeper takes a relative name from
// the folder that it was started in, which nobody can know: what is found there, or
// else beside the zoo.cfg, is it.
func (c *Config) beside(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	if _, err := os.Stat(name); err == nil {
		return name
	}
	return filepath.Join(filepath.Dir(c.Path), name)
}

// myidMost is how much of a myid file is read, in bytes.
const myidMost = 4096

// ReadMyID reads the myid file in a data folder, as ZooKeeper does: its first line, all
// of it, is the number.
func ReadMyID(dataDir string) *MyID {
	m := &MyID{Path: filepath.Join(dataDir, "myid")}
	text, err := readSmall(m.Path, myidMost)
	if err != nil {
		m.Err = err
		return m
	}
	m.Text = string(text)
	if i := strings.IndexAny(m.Text, "\r\n"); i >= 0 {
		m.Text = m.Text[:i]
	}
	id, err := strconv.ParseInt(m.Text, 10, strconv.IntSize)
	if err != nil {
		m.Err = ErrNoID
		return m
	}
	m.ID = int(id)
	return m
}
