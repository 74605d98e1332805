package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const (
	// rootedClusters is of how many clusters roots are kept, maxRoots how many of each,
	// maxRooted what is written of one, and maxLockRoots what is read of the file, both
	// in bytes.
	rootedClusters = 100
	maxRoots       = 100
	maxRooted      = 64 << 10
	maxLockRoots   = 8 << 20
)

// lockRoots is a line of the file: below which paths locks are searched on a cluster.
type lockRoots struct {
	// Cluster is the name of a profile, or a connect string.
	Cluster string   `json:"cluster"`
	Roots   []string `json:"roots"`
}

// whole tells whether it can have been written by [WriteLockRoots].
func (l lockRoots) whole() bool {
	if l.Cluster == "" || len(l.Roots) == 0 || len(l.Roots) > maxRoots {
		return false
	}
	size := len(l.Cluster)
	for _, r := range l.Roots {
		if !strings.HasPrefix(r, "/") {
			return false
		}
		size += len(r)
	}
	return size <= maxRooted
}

// ReadLockRoots returns below which paths locks are searched on a cluster, which is
// the name of a profile or a connect string; none means all of it. Lines that say
// nothing are left out, so that a damaged file costs what is damaged.
func ReadLockRoots(path, cluster string) ([]string, error) {
	all, err := readLockRoots(path)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, func(l lockRoots) bool { return l.Cluster == cluster }); i >= 0 {
		return all[i].Roots, nil
	}
	return nil, nil
}

func readLockRoots(path string) ([]lockRoots, error) {
	text, err := readKept(path, maxLockRoots)
	if err != nil {
		return nil, fmt.Errorf("reading where locks are searched: %w", err)
	}
	var all []lockRoots
	for line := range bytes.Lines(text) {
		var l lockRoots
		if json.Unmarshal(line, &l) == nil && l.whole() && len(all) < rootedClusters &&
			!slices.ContainsFunc(all, func(o lockRoots) bool { return o.Cluster == l.Cluster }) {
			all = append(all, l)
		}
	}
	return all, nil
}

// WriteLockRoots remembers below which paths locks are searched on a cluster; no
// roots forget it. Of the last 100 clusters they are kept. The file is replaced whole
// or not at all, and readable by its owner only. Of two processes that write at the
// same moment the later wins.
func WriteLockRoots(path, cluster string, roots []string) error {
	all, err := readLockRoots(path)
	if err != nil {
		return err // what cannot be read is not written over
	}
	all = slices.DeleteFunc(all, func(l lockRoots) bool { return l.Cluster == cluster })
	if one := (lockRoots{cluster, roots}); len(roots) > 0 {
		if !one.whole() {
			return fmt.Errorf("remembering where locks are searched: %d paths are too many, or too long", len(roots))
		}
		all = append([]lockRoots{one}, all...)
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	for _, l := range all[:min(len(all), rootedClusters)] {
		if err := enc.Encode(l); err != nil {
			return fmt.Errorf("remembering where locks are searched: %w", err)
		}
	}
	if err := replaceFile(path, text.String()); err != nil {
		return fmt.Errorf("remembering where locks are searched: %w", err)
	}
	return nil
}
