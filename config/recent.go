package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// recentClusters is how many clusters are kept, maxRecent what is read of the
	// file, in bytes, and maxCluster what is written of one: a longer one is left out.
	recentClusters = 20
	maxRecent      = 1 << 20
	maxCluster     = 16 << 10
)

// Recent is a cluster that was used: a profile by its name, or a connect string.
// Nothing secret is in it.
type Recent struct {
	// Profile is the name of a profile; else Servers is a connect string.
	Profile string `json:"profile,omitempty"`
	Servers string `json:"servers,omitempty"`
	// ReadOnly: it was used read-only, which a profile says by itself.
	ReadOnly bool `json:"readonly,omitempty"`
}

// sameAs tells whether both mean one cluster.
func (r Recent) sameAs(other Recent) bool {
	return r.Profile == other.Profile && r.Servers == other.Servers
}

// whole tells whether it names one cluster, and what writes it writes a line that is
// read again.
func (r Recent) whole() bool {
	return (r.Profile == "") != (r.Servers == "") && len(r.Profile)+len(r.Servers) <= maxCluster
}

// ReadRecent returns the clusters of a file that [AddRecent] wrote, the last used
// first; none where there is no file. Lines that are no clusters are left out, so
// that a damaged file costs what is damaged.
func ReadRecent(path string) ([]Recent, error) {
	text, err := readKept(path, maxRecent)
	if err != nil {
		return nil, fmt.Errorf("reading what was used last: %w", err)
	}
	var list []Recent
	for line := range bytes.Lines(text) {
		var r Recent
		if json.Unmarshal(line, &r) == nil && r.whole() && !slices.ContainsFunc(list, r.sameAs) && len(list) < recentClusters {
			list = append(list, r)
		}
	}
	return list, nil
}

// AddRecent puts a cluster first among those of the file, of which the last 20 are
// kept. The file is replaced whole or not at all, and readable by its owner only. Of
// two processes that write at the same moment the later wins.
func AddRecent(path string, r Recent) error {
	if !r.whole() {
		return nil
	}
	list, err := ReadRecent(path)
	if err != nil {
		return err // what cannot be read is not written over
	}
	if len(list) > 0 && list[0] == r {
		return nil
	}
	list = append([]Recent{r}, slices.DeleteFunc(list, r.sameAs)...)
	var text strings.Builder
	enc := json.NewEncoder(&text)
	for _, r := range list[:min(len(list), recentClusters)] {
		if err := enc.Encode(r); err != nil {
			return fmt.Errorf("writing what was used last: %w", err)
		}
	}
	if err := replaceFile(path, text.String()); err != nil {
		return fmt.Errorf("writing what was used last: %w", err)
	}
	return nil
}

// replaceFile writes a file that only its owner can read beside its place and then
// puts it there, so that it is whole whoever reads or writes at the same time.
func replaceFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // fails once it is renamed
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// readKept returns what stands in a file of ours, at most limit bytes; nothing where
// there is no file.
func readKept(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, limit))
}
