package ensemble

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"zkdeck/config/ensemble/distro"
)

// archive is where the class-data archive of this Java with these jars is, or will
// be; "" where this Java can make none. Java refuses one that was made by another
// Java or of other jars, so the name is made of both.
func (s *Store) archive(java distro.Java, jars []string) string {
	if java.Major < 13 || s.Cache == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, java.Version)
	for _, file := range append([]string{java.Path}, jars...) {
		info, err := os.Stat(file)
		if err != nil {
			return "" // nothing to start, as the preflight will say
		}
		fmt.Fprintln(h, file, info.Size(), info.ModTime().UnixNano())
	}
	return filepath.Join(s.Cache, "class-data", fmt.Sprintf("%x.jsa", h.Sum(nil)[:8]))
}
